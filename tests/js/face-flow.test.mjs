// Flow control: how many messages may be on their way in either direction, and how a program knows.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, string, watch } from './host.mjs'
import { accept, drops, reconnecting } from './reconnecting.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

async function connected(options, more) {
  const host = new Host()
  return { host, client: await host.connected(options, more) }
}

/** The payloads of what the client has sent, in order. */
const payloads = (host) => host.socket.take().join('').match(/(?<=3[20]..000161(0...)?3)\d/g) ?? []

describe('no more messages are in flight than', () => {
  const limits = {
    maxInflight: [{ maxInflight: 2 }, undefined],
    "the server's Receive Maximum": [{ mqttVersion: 5 }, connAck5('21 0002')],
    'the lower of both': [{ mqttVersion: 5, maxInflight: 2 }, connAck5('21 0009')],
  }
  for (const [name, [options, connAck]] of Object.entries(limits)) {
    test(name, async () => {
      const { host, client } = await connected(options, { connAck })
      const props = options.mqttVersion === 5 ? '00' : ''
      const seen = ['1', '2', '3', '4', '5'].map((text) => watch(client.publish('a', text, text === '2' ? 2 : 1)))
      await host.turn()
      const sent = (n, text, first = '32') => publish(first, 'a', `${n}${props}3${text}`)
      assert.equal(host.socket.take().join(''), sent('0001', 1) + sent('0002', 2, '34'))
      assert.equal(client.pending, 5)
      host.socket.receive('50020002')
      await host.turn()
      assert.deepEqual(host.socket.take(), ['62020002'], 'PUBREC ends nothing')
      host.socket.receive('40020001')
      await host.turn()
      assert.equal(host.socket.take().join(''), sent('0001', 3))
      host.socket.receive('70020002 40020001')
      await host.turn()
      assert.match(host.socket.take().join(''), /34.*35$/)
      assert.deepEqual(seen.map(({ state }) => state === 'fulfilled'), [true, true, true, false, false])
      assert.equal(client.pending, 2)
    })
  }

  test('after a reconnect, too', async () => {
    const { host, client } = await reconnecting({ maxInflight: 2, cleanSession: false })
    for (const text of ['1', '2', '3']) client.send('a', text, 1)
    await host.turn()
    await drops(host)
    assert.deepEqual(await accept(host, '20020100'), [publish('3a', 'a', '0001 31') + publish('3a', 'a', '0002 32')])
    host.socket.receive('40020001')
    assert.deepEqual(host.socket.take(), [publish('32', 'a', '0001 33')])
  })

  test('a number from 1 to 65535', async () => {
    const host = new Host()
    for (const maxInflight of [0, -1, 65536, Number.NaN]) {
      assert.throws(() => new host.Client('ws://server/mqtt', 'me').connect({ maxInflight }), { code: 13 })
    }
  })
})

test('QoS 0 needs no quota', async () => {
  const { host, client } = await connected({ maxInflight: 1 })
  client.send('a', '1', 1)
  client.send('a', '2', 1)
  client.send('a', '3')
  await host.turn()
  assert.deepEqual(payloads(host), ['1', '3'])
})

describe('drained()', () => {
  test('settles at once when nothing is pending', async () => {
    const { client } = await connected()
    await client.drained()
  })

  test('settles when no more than so many are pending', async () => {
    const { host, client } = await connected({ maxInflight: 2 })
    for (let n = 0; n < 4; n++) client.send('a', '1', 1)
    const order = []
    const waits = [0, 2, 3].map((most) => watch(client.drained(most).then(() => order.push(most))))
    await host.turn()
    assert.deepEqual(order, [])
    for (const [id, expected] of [['0001', [3]], ['0002', [3, 2]], ['0001', [3, 2]], ['0002', [3, 2, 0]]]) {
      host.socket.receive(`4002${id}`)
      await host.turn()
      assert.deepEqual(order, expected)
    }
    assert.ok(waits.every(({ state }) => state === 'fulfilled'))
  })

  test('waits through a reconnect, and fails when there is none', async () => {
    const { host, client } = await reconnecting({ cleanSession: false, reconnect: { maxAttempts: 1 } })
    client.send('a', '1', 1)
    await host.turn()
    const seen = watch(client.drained())
    await drops(host)
    await accept(host, '20020100')
    assert.equal(seen.state, 'pending')
    await host.pass(60_000)
    host.socket.receive('40020001')
    await host.turn()
    assert.equal(seen.state, 'fulfilled')
    client.send('a', '2', 1)
    const second = watch(client.drained())
    await host.turn()
    await drops(host)
    host.socket.drop(1001)
    await host.turn()
    assert.deepEqual([second.error?.code, second.error?.closeCode], [8, 1001])
  })

  test('makes a loop that publishes as fast as the server takes it', async () => {
    const { host, client } = await connected({ maxInflight: 10 })
    let most = 0
    const done = watch(
      (async () => {
        for (let n = 0; n < 50; n++) {
          client.send('a', `${n}`, 1)
          most = Math.max(most, client.pending)
          await client.drained(9)
        }
      })(),
    )
    for (let round = 0; done.state === 'pending' && round < 100; round++) {
      await host.turn()
      for (const [, id] of host.socket.take().join('').matchAll(/32..000161(0...)/g)) host.socket.receive(`4002${id}`)
    }
    assert.deepEqual([done.state, most], ['fulfilled', 10])
  })
})

describe('while the socket holds much back', () => {
  test('messages with QoS 0 are pending, and leave when it has drained', async () => {
    const { host, client } = await connected()
    host.socket.bufferedAmount = 2_000_000
    const [first, second, drained] = [client.publish('a', '1'), client.publish('a', '2'), client.drained()].map(watch)
    await host.pass(100)
    assert.deepEqual([first.state, drained.state, client.pending, payloads(host)], ['pending', 'pending', 2, []])
    host.socket.bufferedAmount = 1000
    await host.pass(4)
    assert.deepEqual(payloads(host), ['1', '2'])
    assert.deepEqual([first.state, second.state, drained.state, client.pending], ['fulfilled', 'fulfilled', 'fulfilled', 0])
    assert.equal(host.timers.length, 1, 'only keep alive has a timer')
  })

  test('order is kept with what is published meanwhile', async () => {
    const { host, client } = await connected()
    host.socket.bufferedAmount = 2_000_000
    client.send('a', '1')
    await host.turn()
    client.send('a', '2', 1)
    host.socket.bufferedAmount = 0
    client.send('a', '3')
    await host.pass(4)
    assert.deepEqual(payloads(host), ['1', '2', '3'])
  })

  test('nothing of it leaves on the next connection but what is in flight', async () => {
    const { host, client } = await reconnecting({ cleanSession: false })
    host.socket.bufferedAmount = 2_000_000
    const lost = watch(client.publish('a', '1'))
    client.send('a', '2', 1)
    await host.pass(40)
    host.socket.drop()
    await host.turn()
    assert.deepEqual(await accept(host, '20020100'), [publish('3a', 'a', '0001 32')])
    assert.equal(lost.error?.code, 8)
  })
})
