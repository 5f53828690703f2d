// How packets leave: CONNECT alone, the packets of one turn together, no WebSocket message empty or larger than it must
// be, nothing by a timer, and nothing into a socket that is full.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Host, string } from './host.mjs'

/** Lengths of WebSocket messages, in bytes. */
const lengths = (sent) => sent.map((digits) => digits.length / 2)

const small = `30040001${'61'}${'62'}`

test('CONNECT goes alone and nothing follows it before CONNACK', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const told = []
  client.onConnected = () => {
    told.push('connected')
    client.subscribe('a')
    client.publish('a', 'b')
  }
  client.connect({ mqttVersion: 4 })
  assert.throws(() => client.publish('a', 'b'), { code: 11 })
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
  const sent = host.socket.open()
  assert.deepEqual([sent.length, sent[0].slice(0, 2)], [1, '10'])
  await host.pass(5000)
  assert.deepEqual(host.socket.take(), [])
  host.socket.receive('20020000')
  await host.turn()
  assert.deepEqual(host.socket.take(), [`82060001${string('a')}00${small}`])
})

test('packets of one turn leave as one message at its end, without a timer', async () => {
  const host = new Host()
  const client = await host.connected()
  client.publish('a', 'b')
  client.send('a', 'b')
  client.publish('a', 'b')
  assert.deepEqual(host.socket.take(), [], 'before the end of the turn')
  const timers = host.timers.length
  await host.turn()
  assert.deepEqual(host.socket.take(), [small.repeat(3)])
  assert.equal(host.timers.length, timers)
  await Promise.resolve().then(() => client.publish('a', 'b'))
  await host.turn()
  assert.deepEqual(host.socket.take(), [small])
})

test('what a callback publishes leaves with the answers of its frame or in the same turn', async () => {
  const host = new Host()
  const client = await host.connected()
  client.onMessageArrived = () => client.publish('a', 'b')
  host.socket.receive('3205 0001 61 0001 3205 0001 61 0002')
  assert.deepEqual(host.socket.take(), ['4002000140020002'])
  await host.turn()
  assert.deepEqual(host.socket.take(), [small.repeat(2)])
})

test('no message is over 64 KiB unless a single packet is, and none is empty', async () => {
  const host = new Host()
  const client = await host.connected()
  for (let n = 0; n < 200; n++) client.publish('a', 'x'.repeat(994))
  client.publish('a', new Uint8Array(300_000))
  client.publish('a', 'b')
  await host.turn()
  const sent = host.socket.take()
  const whole = sent.join('')
  assert.deepEqual(lengths(sent), [65_000, 65_000, 65_000, 5000, 300_007, 6])
  assert.equal(whole.length / 2, 200 * 1000 + 300_007 + 6)
})

test('batch: false gives one packet a message', async () => {
  const host = new Host()
  const client = await host.connected({ batch: false })
  client.subscribe('a')
  for (const qos of [0, 1, 2]) client.publish('a', 'b', { qos })
  await host.turn()
  assert.deepEqual(
    host.socket.take().map((digits) => digits.slice(0, 2)),
    ['82', '30', '32', '34'],
  )
  host.socket.receive('3205 0001 61 0001 3405 0001 61 0002 6202 0002')
  assert.deepEqual(host.socket.take(), ['40020001', '50020002', '70020002'])
  client.disconnect()
  assert.deepEqual(host.socket.take(), ['e000'])
})

test('a topic alias never makes an empty message', async () => {
  const host = new Host()
  const client = await host.connected(
    { mqttVersion: 5, batch: false },
    { connAck: '200600 00 03 22 0005'.replaceAll(' ', '') },
  )
  for (let n = 0; n < 5; n++) client.publish('rooms/kitchen', '')
  await host.turn()
  const sent = host.socket.take()
  assert.equal(sent.length, 5)
  assert.ok(lengths(sent).every((length) => length > 0))
})

for (const copies of [true, false]) {
  test(`a socket that is full gets nothing, and everything in order when it has drained; it ${copies ? 'copies' : 'takes buffers of their own'}`, async () => {
    const host = new Host()
    host.copies = copies
    const client = await host.connected()
    host.socket.bufferedAmount = 2 ** 20 + 1
    for (const payload of '123') {
      client.publish('a', payload)
      await host.turn()
    }
    await host.pass(1000)
    assert.deepEqual(host.socket.take(), [])
    host.socket.bufferedAmount = 2 ** 20
    await host.pass(4)
    assert.deepEqual(host.socket.take(), ['300400016131', '300400016132', '300400016133'])
    assert.equal(host.timers.length, 1, 'only keep alive waits')
  })
}

test('what is sent out of the memory of the core is what was published, whatever comes behind it', async () => {
  const host = new Host()
  const client = await host.connected()
  const large = 'x'.repeat(70_000)
  const sent = () => host.socket.take().map((message) => [message.length / 2, message.slice(-2)])
  client.send('a', `${large}1`)
  // Both in one turn, and the core has more to grow for.
  client.send('a', `${large}${large}2`)
  await host.turn()
  assert.deepEqual(sent(), [[70_008, '31'], [140_008, '32']])
  host.socket.bufferedAmount = 2 ** 20 + 1
  client.send('a', `${large}3`)
  await host.turn()
  client.send('a', 'y'.repeat(3_000_000))
  await host.turn()
  host.socket.bufferedAmount = 0
  await host.pass(4)
  assert.deepEqual(sent(), [[70_008, '33'], [3_000_008, '79']])
})

test('a DISCONNECT does not wait for a full socket, nor does what stands before it', async () => {
  const host = new Host()
  const client = await host.connected()
  host.socket.bufferedAmount = 2 ** 30
  client.publish('a', 'b')
  await host.turn()
  client.publish('a', 'b')
  client.disconnect()
  assert.equal(host.socket.take().join(''), `${small}${small}e000`)
})

test('what was held for one connection is never sent on the next', async () => {
  const host = new Host()
  const client = await host.connected()
  host.socket.bufferedAmount = 2 ** 30
  client.publish('a', 'b')
  await host.turn()
  host.socket.drop()
  await host.connected({}, { client })
  await host.pass(1000)
  assert.deepEqual(host.socket.take(), [])
})

test('a ping leaves when nothing was sent for the keep alive, and a timer that fires late does no harm', async () => {
  const host = new Host()
  const client = await host.connected({ keepAliveInterval: 10 })
  await host.pass(9999)
  assert.deepEqual(host.socket.take(), [])
  await host.pass(1)
  assert.deepEqual(host.socket.take(), ['c000'])
  host.socket.receive('d000')
  host.time += 3_600_000
  await host.pass(0)
  assert.equal(client.isConnected(), true, 'a device that slept asks before it gives up')
  assert.deepEqual(host.socket.take(), ['c000'])
  await host.pass(5000)
  assert.equal(client.isConnected(), false)
})

test('keep alive 0 leaves no timer', async () => {
  const host = new Host()
  await host.connected({ keepAliveInterval: 0 })
  assert.equal(host.timers.length, 0)
  await host.pass(86_400_000)
  assert.deepEqual(host.socket.take(), [])
})
