// Loops over messages set the pace: what a loop takes is acknowledged when it is done with it, whatever the connection
// does meanwhile and however the loop ends.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, string, watch } from './host.mjs'
import { accept, drops, reconnecting } from './reconnecting.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

/** Messages with QoS 1: the packet identifier is the payload too. */
const messages = (topic, ...ids) => ids.map((id) => publish('32', topic, `000${id} 3${id}`)).join('')

/** PUBACKs. */
const acks = (...ids) => ids.map((id) => `4002000${id}`).join('')

const sent = (host) => host.socket.take().join('')

/** What was sent, without UNSUBSCRIBE. */
const acknowledged = (host) => sent(host).replace(/a205....000161/, '')

/** A loop that goes on when `go()` is called; its body may do more with each message. */
function loop(stream, body = () => {}) {
  const all = { got: [], go: () => {}, done: null }
  all.done = watch(
    (async () => {
      for await (const message of stream) {
        all.got.push(message.payloadString)
        await new Promise((resolve) => (all.go = resolve))
        if (body(message) === 'break') break
      }
    })(),
  )
  return all
}

/** A client with a loop that has subscribed to `filter`. */
async function looping(filter = 'a', options = {}, more = {}) {
  const all = await reconnecting({ reconnect: false, ...options }, more)
  const one = loop(all.client.messages(filter, { qos: 1 }), more.body)
  await subscribes(all.host)
  return Object.assign(one, all)
}

/** The server answers the newest SUBSCRIBE. */
async function subscribes(host, code = '01') {
  await host.turn()
  const [id] = sent(host).match(/(?<=82..)..../)
  host.socket.receive(packet('90', `${id}${code}`))
  await host.turn()
}

async function step(host, one) {
  one.go()
  await host.turn()
}

test('a message is acknowledged when the loop comes for the next one', async () => {
  const all = await looping()
  const { host } = all
  host.socket.receive(messages('a', 1, 2))
  await host.turn()
  assert.equal(sent(host), '')
  await step(host, all)
  assert.equal(sent(host), acks(1))
  await step(host, all)
  assert.equal(sent(host), acks(2))
})

test('a slow loop stops the server at our Receive Maximum, and the connection stays alive', async () => {
  const properties = { receiveMaximum: 2 }
  const host = new Host()
  const client = await host.connected({ mqttVersion: 5, keepAliveInterval: 10, properties }, { connAck: connAck5() })
  const one = loop(client.messages('a', { qos: 1 }))
  await host.turn()
  host.socket.take()
  host.socket.receive(packet('90', '0001 00 01'))
  const message = (id) => publish('32', 'a', `000${id} 00 3${id}`)
  host.socket.receive(message(1) + message(2))
  for (let n = 0; n < 20; n++) {
    await host.pass(10_000)
    assert.equal(sent(host), 'c000', 'nothing but PINGREQ')
    host.socket.receive('d000')
  }
  await step(host, one)
  assert.equal(sent(host), acks(1))
  host.socket.receive(message(3))
  await step(host, one)
  await step(host, one)
  assert.deepEqual([one.got, sent(host), client.state], [['1', '2', '3'], acks(2) + acks(3), 'connected'])
})

test('QoS 2 waits in the same way', async () => {
  const all = await looping()
  const { host } = all
  host.socket.receive(publish('34', 'a', '0001 31'))
  await host.turn()
  assert.equal(sent(host), '')
  await step(host, all)
  assert.equal(sent(host), '50020001')
  host.socket.receive('62020001')
  await host.turn()
  assert.equal(sent(host), '70020001')
})

test('of several readers that wait, each has come for the next message', async () => {
  const { host, client } = await reconnecting({ reconnect: false })
  const stream = client.messages('a', { qos: 1 })
  const readers = [1, 2, 3].map(() => watch(stream.next()))
  await subscribes(host)
  host.socket.receive(messages('a', 1, 2))
  await host.turn()
  assert.deepEqual([readers.map(({ state }) => state), sent(host)], [['fulfilled', 'fulfilled', 'pending'], acks(1)])
  host.socket.receive(messages('a', 3))
  await host.turn()
  assert.equal(sent(host), acks(2))
  stream.return()
  await host.turn()
  assert.equal(acknowledged(host), acks(3))
})

describe('beside a loop', () => {
  test('what only a handler gets is acknowledged at once, but in order', async () => {
    const all = await looping()
    const { host, client } = all
    const got = []
    client.subscribe('b', { qos: 1, onMessage: (message) => got.push(message.payloadString) })
    await subscribes(host)
    host.socket.receive(messages('b', 1))
    await host.turn()
    assert.equal(sent(host), acks(1))
    host.socket.receive(messages('a', 2) + messages('b', 3))
    await host.turn()
    assert.deepEqual([got, sent(host)], [['1', '3'], ''], 'acknowledgements leave in the order of arrival [MQTT-4.6.0-2]')
    await step(host, all)
    assert.equal(sent(host), acks(2, 3))
  })

  test('a handler of the same filter gets the message at once, and the loop acknowledges it', async () => {
    const all = await looping()
    const { host, client } = all
    const got = []
    client.subscribe('a', { qos: 1, onMessage: (message) => got.push(message.payloadString) })
    await subscribes(host)
    host.socket.receive(messages('a', 1))
    await host.turn()
    assert.deepEqual([got, all.got, sent(host)], [['1'], ['1'], ''])
    await step(host, all)
    assert.equal(sent(host), acks(1))
  })

  test('another loop on the filter acknowledges with it, when both are done', async () => {
    const all = await looping()
    const { host, client } = all
    const other = loop(client.messages('+', { qos: 1 }))
    await subscribes(host)
    host.socket.receive(messages('a', 1))
    await host.turn()
    await step(host, other)
    assert.equal(sent(host), '')
    await step(host, all)
    assert.deepEqual([all.got, other.got, sent(host)], [['1'], ['1'], acks(1)])
  })

  test('a program that acknowledges itself goes on doing so', async () => {
    const all = await looping('a', { autoAck: false }, { body: (message) => message.ack() })
    const { host } = all
    host.socket.receive(messages('a', 1) + messages('b', 2))
    await host.turn()
    assert.equal(sent(host), '')
    await step(host, all)
    assert.equal(sent(host), acks(1), 'nobody has acknowledged the other one')
  })
})

describe('what a loop had taken is acknowledged when it ends', () => {
  const endings = {
    'by break': { body: () => 'break', end: () => {} },
    'by an exception': {
      body: () => {
        throw new Error('mine')
      },
      end: () => {},
    },
    'because the program unsubscribes': {
      end: async ({ host, client }) => {
        client.unsubscribe('a')
        await host.turn()
        sent(host)
        host.socket.receive('b0020001')
        await host.turn()
        assert.equal(sent(host), '', 'the loop goes through what has come')
      },
    },
  }
  for (const [name, { body, end }] of Object.entries(endings)) {
    test(name, async () => {
      const all = await looping('a', {}, { body })
      const { host } = all
      host.socket.receive(messages('a', 1, 2, 3))
      await host.turn()
      await end(all)
      for (let n = 0; n < 4; n++) await step(host, all)
      assert.equal(acknowledged(host), acks(1, 2, 3))
      host.socket.receive(messages('c', 4))
      await host.turn()
      assert.equal(acknowledged(host), acks(4), 'and later messages need no loop')
    })
  }

  test('because the server refuses one of its filters', async () => {
    const { host, client } = await reconnecting({ reconnect: false })
    const one = loop(client.messages(['a', 'b'], { qos: 1 }))
    await host.turn()
    host.socket.take()
    host.socket.receive(messages('a', 1) + '9004 0001 01 80')
    await host.turn()
    assert.deepEqual([one.got, one.done.error?.code], [[], 27])
    host.socket.receive(messages('c', 2))
    await host.turn()
    assert.equal(acknowledged(host), acks(1, 2))
  })

  test('because it is aborted before SUBACK', async () => {
    const { host, client } = await reconnecting({ reconnect: false })
    const controller = new AbortController()
    const one = loop(client.messages('a', { qos: 1, signal: controller.signal }))
    await host.turn()
    host.socket.take()
    host.socket.receive(messages('a', 1))
    controller.abort()
    await host.turn()
    assert.deepEqual([one.done.error?.name, acknowledged(host)], ['AbortError', acks(1)])
  })
})

describe('when the connection comes back in the middle of a loop', () => {
  test('a server with the session sends again what was not acknowledged; nothing is given twice but that', async () => {
    const all = await looping('a', { reconnect: true, cleanSession: false })
    const { host } = all
    host.socket.receive(messages('a', 1, 2, 3))
    await host.turn()
    await step(host, all)
    await drops(host)
    assert.deepEqual(await accept(host, '20020100'), [])
    host.socket.receive(['2', '3'].map((id) => publish('3a', 'a', `000${id} 3${id}`)).join(''))
    for (let n = 0; n < 3; n++) await step(host, all)
    assert.deepEqual(all.got, ['1', '2', '2', '3'], 'the loop was at 2 when the connection went')
    assert.equal(sent(host), acks(2, 3))
    assert.equal(all.done.state, 'pending')
  })

  test('a server without the session gets the SUBSCRIBE, and the loop keeps what had come', async () => {
    const all = await looping('a', { reconnect: true })
    const { host } = all
    host.socket.receive(messages('a', 1, 2) + publish('30', 'a', '39'))
    await host.turn()
    await drops(host)
    assert.match((await accept(host)).join(''), /^8206....00016101$/)
    host.socket.receive('9003 0001 01' + messages('a', 1))
    await host.turn()
    for (let n = 0; n < 4; n++) await step(host, all)
    assert.deepEqual(all.got, ['1', '2', '9', '1'])
    assert.equal(sent(host), acks(1), 'only what this connection brought')
  })

  test('the loop ends by the error when it does not come back', async () => {
    const all = await looping('a', { reconnect: { maxAttempts: 1 } })
    const { host } = all
    host.socket.receive(messages('a', 1, 2))
    await drops(host)
    host.socket.drop(1001)
    for (let n = 0; n < 3; n++) await step(host, all)
    assert.deepEqual([all.got, all.done.error?.code, all.done.error?.closeCode], [['1', '2'], 8, 1001])
  })

  test('a loop that waits for its SUBACK ends by the error, as subscribe() does', async () => {
    const { host, client } = await reconnecting()
    const one = loop(client.messages('a'))
    await host.turn()
    host.socket.drop()
    await host.turn()
    assert.equal(one.done.error?.code, 8)
    assert.deepEqual(await accept(host), [])
  })
})
