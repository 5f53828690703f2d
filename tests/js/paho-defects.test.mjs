// The sixteen defects of Paho 1.1.0 that were reproduced, each by what is right now.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Host } from './host.mjs'
import { packets } from './paho-transcript.mjs'

async function connected(options = {}) {
  const host = new Host()
  const client = await host.connected(options)
  host.socket.take()
  return { host, client, socket: host.socket }
}

/** Connects the client again to a server that kept its session, or did not. */
async function again(host, client, options, connAck = '20020100') {
  await host.connected(options, { client, connAck })
  await host.turn()
  return host.socket.take().join('')
}

test('1: what is sent again has DUP', async () => {
  const kept = { cleanSession: false }
  const { host, client, socket } = await connected(kept)
  client.send('a', 'x', 1)
  client.send('b', 'y', 2)
  await host.turn()
  assert.equal(socket.take().join(''), '32060001610001783406000162000279')
  socket.drop()
  assert.equal(await again(host, client, kept), '3a060001610001783c06000162000279')
})

test('2: packet identifiers run from 1 to 65535, never 0, and what finds none waits for one', async () => {
  const { host, client, socket } = await connected({ batch: false })
  for (let n = 0; n < 65_537; n++) client.send('a', '', 1)
  await host.turn()
  const ids = socket.take().map((packet) => Number.parseInt(packet.slice(-4), 16))
  assert.equal(ids.length, 65_535)
  assert.equal(new Set(ids).size, 65_535)
  assert.deepEqual([Math.min(...ids.slice(0, 9)), ids.at(-1), ids.indexOf(0)], [1, 65_535, -1])
  socket.receive('4002 1234')
  await host.turn()
  assert.deepEqual(socket.take(), ['32050001611234'])
})

test('3: half a packet of a lost connection does not reach the next one', async () => {
  const { host, client, socket } = await connected()
  const told = []
  client.onMessageArrived = ({ payloadString }) => told.push(payloadString)
  socket.receive('3009 0001 61 68 61')
  socket.drop()
  await host.connected({}, { client })
  host.socket.receive('3004 0001 61 78')
  assert.deepEqual(told, ['x'])
})

test('4: disconnect() stops reconnecting at any of its moments, and connect() works after it', async () => {
  const moments = {
    'the server hangs up': () => {},
    'the socket of the first try is being opened': (host) => host.pass(0),
    'CONNECT has left': async (host) => {
      await host.pass(0)
      host.socket.open()
    },
    'the second try waits': async (host) => {
      await host.pass(0)
      host.socket.drop()
    },
  }
  for (const [when, until] of Object.entries(moments)) {
    const { host, client, socket } = await connected({ reconnect: true })
    const lost = []
    client.onConnectionLost = ({ errorCode, reconnect }) => lost.push([errorCode, reconnect])
    socket.drop()
    await until(host)
    assert.equal(client.state, 'reconnecting', when)
    const { length } = host.sockets
    await Promise.all([client.disconnect(), host.pass(3_600_000)])
    assert.deepEqual(lost, [[8, true], [0, false]], when)
    assert.equal(host.sockets.length, length, when)
    await host.connected({ reconnect: true }, { client })
    assert.equal(client.isConnected(), true, when)
  }
})

test('5: messages of every QoS that were published without a connection are delivered, also in a clean session', async () => {
  const { host, client, socket } = await connected({ reconnect: true })
  client.disconnectedPublishing = true
  const told = []
  client.onMessageDelivered = ({ payloadString }) => told.push(payloadString)
  const unacknowledged = client.publish('a', '1', 1)
  await host.turn()
  socket.drop()
  const offline = ['0', '1', '2'].map((payload, qos) => client.publish('b', payload, qos))
  await host.pass(0)
  host.socket.open()
  host.socket.receive('20020000')
  await host.turn()
  assert.equal(host.socket.take().join(''), '320600016100013130040001623032060001620002313406000162000332')
  host.socket.receive('4002 0001 4002 0002 5002 0003 7002 0003')
  await Promise.all([unacknowledged, ...offline])
  assert.deepEqual(told, ['0', '1', '1', '2'])
})

test('6: reconnecting goes round the whole list of hosts, after delays in which no time-out is counted', async () => {
  const { host } = await connected({ hosts: ['ws://a/x', 'ws://b/x', 'ws://c/x'], reconnect: { jitter: 0 } })
  const start = host.time
  const tries = []
  for (let n = 0; n < 7; n++) {
    const before = host.sockets.length
    host.socket.drop()
    while (host.sockets.length === before) await host.pass(1000)
    tries.push([host.socket.url, (host.time - start) / 1000])
  }
  const urls = ['ws://b/x', 'ws://c/x', 'ws://a/x']
  assert.deepEqual(
    tries.map(([url]) => url),
    [...urls, ...urls, urls[0]],
  )
  // At once, then 1, 2, 4, 8, 16 and 32 s after the try before.
  assert.deepEqual(
    tries.map(([, at]) => at),
    [0, 1, 3, 7, 15, 31, 63],
  )
})

test('7: an exception in any callback is reported whole, and costs nothing', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const errors = []
  const fails = (name) => () => {
    const error = new Error(name)
    errors.push(error)
    throw error
  }
  for (const name of ['onConnected', 'onMessageArrived', 'onMessageDelivered', 'onConnectionLost', 'trace'])
    client[name] = fails(name)
  await host.connected({ onSuccess: fails('onSuccess') }, { client })
  client.subscribe('a', { onSuccess: fails('subscribed'), onMessage: fails('onMessage') })
  client.send('a', 'x', 1)
  await host.turn()
  host.socket.receive('9003 0001 00 4002 0002 3206 0001 61 0005 78')
  client.unsubscribe('a', { onSuccess: fails('unsubscribed') })
  await host.turn()
  host.socket.receive('b002 0002')
  assert.equal(client.isConnected(), true)
  client.disconnect()
  assert.deepEqual(host.reported, errors)
  const told = new Set(errors.map(({ message }) => message))
  for (const name of [
    'onConnected',
    'onSuccess',
    'subscribed',
    'onMessage',
    'onMessageArrived',
    'onMessageDelivered',
    'unsubscribed',
    'onConnectionLost',
    'trace',
  ]) {
    assert.ok(told.has(name), name)
  }
})

test('8: callbacks may be async, and their rejections are reported', async () => {
  const { host, client } = await connected()
  let calls = 0
  client.onMessageDelivered = async () => {
    calls++
    throw new Error('late')
  }
  client.onMessageArrived = async () => true
  client.send('a', 'x')
  client.send('a', 'y')
  await host.turn()
  host.socket.receive('3004 0001 61 78')
  await host.turn()
  assert.equal(calls, 2)
  assert.deepEqual(
    host.reported.map(({ message }) => message),
    ['late', 'late'],
  )
  assert.equal(client.isConnected(), true)
})

test('9: an acknowledgement of what nobody sent changes nothing', async () => {
  const { host, client, socket } = await connected()
  const delivered = []
  client.onMessageDelivered = (message) => delivered.push(message)
  socket.receive('4002 0009 7002 0009')
  await host.turn()
  assert.deepEqual([client.isConnected(), delivered.length, socket.take()], [true, 0, []])
})

test('10: malformed UTF-8 in a topic ends the connection in words; in a payload it is the reader that throws', async () => {
  for (const topic of ['ff', 'c080', 'eda080']) {
    const { client, socket } = await connected()
    const lost = []
    client.onConnectionLost = ({ errorCode, errorMessage }) => lost.push([errorCode, errorMessage])
    const length = topic.length / 2
    socket.receive(`30${(length + 2).toString(16).padStart(2, '0')} 00${length.toString(16).padStart(2, '0')} ${topic}`)
    assert.deepEqual(lost, [[66, 'Malformed packet from the server: a string that is not UTF-8 or has U+0000.']])
    assert.equal(socket.closed, true)
  }
  const { host, client, socket } = await connected()
  client.onMessageArrived = (message) => message.payloadString
  socket.receive('3004 0001 61 ff')
  assert.deepEqual(
    host.reported.map(({ code }) => code),
    [9],
  )
  assert.equal(client.isConnected(), true)
})

test('11: an ArrayBuffer is a payload like any other, as a message and as a will', async () => {
  const host = new Host()
  const willMessage = new host.Message(Uint8Array.of(0x68, 0x69).buffer)
  willMessage.destinationName = 'w'
  assert.equal(willMessage.payloadString, 'hi')
  const client = new host.Client('ws://server/mqtt', 'me')
  client.connect({ willMessage, mqttVersion: 4 })
  await host.turn()
  assert.match(host.socket.open().join(''), /00017700026869$/)
  host.socket.receive('20020000')
  client.send('a', Uint8Array.of(0x68, 0x69).buffer)
  await host.turn()
  assert.deepEqual(host.socket.take(), ['30050001616869'])
})

test('12: of a view its own part is sent', async () => {
  const { host, client, socket } = await connected()
  client.send('a', new Int8Array([0, 1, 2, 3, 4]).subarray(2, 4))
  client.send('a', new Uint16Array([0x1111, 0x2222, 0x3333]).subarray(1, 2))
  await host.turn()
  assert.deepEqual(packets(socket.take().join('')), ['30050001610203', '30050001612222'])
})

test('13: willMessage: null is no will', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  client.connect({ willMessage: null, mqttVersion: 4 })
  await host.turn()
  assert.deepEqual(host.socket.open(), ['100e00044d5154540402003c00026d65'])
})

test('14: nothing that MQTT forbids leaves, and nothing that it forbids comes in', async () => {
  const { host, client, socket } = await connected()
  for (const topic of ['', 'a/+', '#', 'a\0b', 'x'.repeat(70_000)])
    assert.throws(() => client.send(topic, 'x'), { name: 'MqttError' })
  for (const filter of ['', 'a#', 'a\0b', 'x'.repeat(70_000), []])
    assert.throws(() => client.subscribe(filter), { name: 'MqttError' })
  await host.turn()
  assert.deepEqual(socket.take(), [])
  assert.equal(client.isConnected(), true)
  const malformed = {
    'QoS 3': '3606 0001 61 0005 78',
    'reserved flags': '4102 0001',
    'a length of five bytes': '30ffffffff01',
    'identifier 0': '3206 0001 61 0000 78',
  }
  for (const [what, packet] of Object.entries(malformed)) {
    const { client: one, socket: wire } = await connected()
    const codes = []
    one.onConnectionLost = ({ errorCode }) => codes.push(errorCode)
    wire.receive(packet)
    assert.equal(codes.length, 1, what)
    assert.ok(codes[0] >= 60 && codes[0] < 80, what)
  }
})

// Paho takes five minutes to enqueue as many: the limit is far from both.
test('15: sixty thousand messages in flight are acknowledged in constant time each', { timeout: 60_000 }, async () => {
  const { host, client, socket } = await connected()
  let delivered = 0
  client.onMessageDelivered = () => delivered++
  for (let n = 0; n < 60_000; n++) client.send('a', 'x', 1)
  await host.turn()
  const ids = packets(socket.take().join('')).map((packet) => packet.slice(10, 14))
  for (const id of ids.reverse()) socket.receive(`4002${id}`)
  assert.equal(delivered, 60_000)
})

test('16: a storage that is blocked or full breaks nothing: onWarning tells, and session present is told', async () => {
  for (const blocked of ['load', 'put']) {
    const { host, client, socket, warnings } = await withBlocked(blocked)
    assert.equal(client.sessionPresent, false)
    client.send('a', 'x', 2)
    await host.turn()
    assert.deepEqual(socket.take(), ['3406000161000178'])
    assert.deepEqual(warnings, [[50, 'storage is blocked']])
    socket.drop()
    host.socket.open()
    host.socket.receive('20020100')
    await host.turn()
    assert.deepEqual(host.socket.take(), ['3c06000161000178'])
    assert.equal(client.sessionPresent, true)
  }
})

/** A client whose store refuses to do one thing. */
async function withBlocked(blocked) {
  const store = {
    load: () => [],
    put() {},
    delete() {},
    clear() {},
    [blocked]() {
      throw new Error('storage is blocked')
    },
  }
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const warnings = []
  client.onWarning = ({ code, cause }) => warnings.push([code, cause.message])
  await host.connected({ store, reconnect: true }, { client })
  host.socket.take()
  return { host, client, socket: host.socket, warnings }
}
