// Every promise of the face settles, whatever happens to the connection, and none that nobody awaits ends a program.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clientFor } from '../../js/api.js'
import { Host, connAck5, string, watch } from './host.mjs'

const reauthentication = {
  options: { mqttVersion: 5, properties: { authenticationMethod: 'm' } },
  connAck: connAck5(`15 ${string('m')}`),
}

/** What waits for the server on a live connection. */
const waits = {
  subscribe: (client, more) => client.subscribe('a', more),
  unsubscribe: (client, more) => client.unsubscribe('a', more),
  'publish with QoS 1': (client, more) => client.publish('a', 'b', { qos: 1, ...more }),
  'publish with QoS 2': (client, more) => client.publish('a', 'b', { qos: 2, ...more }),
  reauthenticate: (client) => client.reauthenticate({}),
}

/** What can befall it, and the code that tells. */
const ends = {
  'the socket closes': [8, (host) => host.socket.drop()],
  'the socket fails': [7, (host) => host.socket.fail('broken')],
  'the server breaks the protocol': [61, (host) => host.socket.receive('0000')],
  'the server says DISCONNECT': [21, (host) => host.socket.receive('e0 01 8b')],
  'the server falls silent': [4, (host) => host.pass(90_000)],
  'the program disconnects': [22, (host, client) => void client.disconnect()],
  'the core traps': [
    101,
    (host) => {
      host.exports.handle_input = () => {
        throw new WebAssembly.RuntimeError('unreachable')
      }
      host.socket.receive('d000')
    },
  ],
}

for (const [what, begin] of Object.entries(waits)) {
  describe(`${what} settles when`, () => {
    for (const [cause, [code, end]] of Object.entries(ends)) {
      test(cause, async () => {
        const host = new Host()
        const client = await host.connected(reauthentication.options, { connAck: reauthentication.connAck })
        const seen = watch(begin(client))
        await host.turn()
        assert.equal(seen.state, 'pending')
        await end(host, client)
        await host.turn()
        assert.equal(seen.state, 'rejected')
        assert.equal(seen.error.code, code)
        assert.equal(seen.error.name, 'MqttError')
        assert.ok(seen.error.message.length > 10, 'no sentence')
        assert.equal(client.isConnected(), false)
      })
    }
  })
}

for (const [what, begin] of Object.entries(waits).filter(([what]) => what !== 'reauthenticate')) {
  test(`${what} can be aborted, before and meanwhile`, async () => {
    const host = new Host()
    const client = await host.connected()
    const before = watch(begin(client, { signal: AbortSignal.abort('why') }))
    const controller = new AbortController()
    await host.turn()
    assert.deepEqual([before.error.name, before.error.code, before.error.cause], ['AbortError', 100, 'why'])
    assert.deepEqual(host.socket.take(), [], 'what was aborted before it began was sent')
    const meanwhile = watch(begin(client, { signal: controller.signal }))
    await host.turn()
    assert.equal(meanwhile.state, 'pending')
    controller.abort()
    await host.turn()
    assert.equal(meanwhile.error.name, 'AbortError')
    assert.equal(client.isConnected(), true)
  })
}

test('an abort after the answer changes nothing, and nobody listens to the signal any more', async () => {
  const host = new Host()
  const client = await host.connected()
  const listeners = new Set()
  const signal = {
    aborted: false,
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
  }
  const done = client.subscribe('a', { signal })
  assert.equal(listeners.size, 1)
  host.socket.receive('90 03 0001 00')
  await done
  assert.throws(() => client.publish('#', 'b', { qos: 1, signal }), { code: 30 })
  assert.equal(listeners.size, 0)
})

test('subscribe and unsubscribe have a time-out of their own, in seconds', async () => {
  const host = new Host()
  const client = await host.connected()
  const failures = []
  const onFailure = ({ errorCode, errorMessage, invocationContext }) =>
    failures.push([errorCode, errorMessage, invocationContext])
  const seen = [
    watch(client.subscribe('a', { timeout: 2, onFailure, invocationContext: { of: 1 } })),
    watch(client.unsubscribe('a', { timeout: 2.5, onFailure })),
  ]
  await host.pass(1999)
  assert.deepEqual(failures, [])
  await host.pass(501)
  assert.deepEqual(failures, [
    [2, 'AMQJS0002E Subscribe timed out.', { of: 1 }],
    [3, 'AMQJS0003E Unsubscribe timed out.', undefined],
  ])
  assert.deepEqual(
    seen.map(({ error }) => error.code),
    [2, 3],
  )
  host.socket.receive('90 03 0001 00 b0 02 0002')
  assert.equal(client.isConnected(), true, 'an answer that comes late is harmless')
  assert.equal(host.timers.length, 1, 'a timer was left behind')
})

test('QoS 0 settles when the bytes are handed to the socket, QoS 1 at PUBACK, QoS 2 at PUBCOMP', async () => {
  const host = new Host()
  const client = await host.connected()
  host.socket.bufferedAmount = 2_000_000
  const seen = [0, 1, 2].map((qos) => watch(client.publish('a', 'b', { qos })))
  const states = () => seen.map(({ state }) => state)
  await host.turn()
  assert.deepEqual(states(), ['pending', 'pending', 'pending'])
  host.socket.bufferedAmount = 0
  await host.pass(20)
  assert.deepEqual(states(), ['fulfilled', 'pending', 'pending'])
  host.socket.receive('40 02 0001')
  await host.turn()
  assert.deepEqual(states(), ['fulfilled', 'fulfilled', 'pending'])
  host.socket.receive('50 02 0002')
  await host.turn()
  assert.equal(seen[2].state, 'pending')
  host.socket.receive('70 02 0002')
  await host.turn()
  assert.equal(seen[2].state, 'fulfilled')
})

test('a QoS 0 message that was never handed over is told as lost, with the cause', async () => {
  const host = new Host()
  const client = await host.connected()
  host.socket.bufferedAmount = 2_000_000
  const seen = watch(client.publish('a', 'b'))
  await host.turn()
  host.socket.drop(1006)
  await host.turn()
  assert.equal(seen.error.code, 8)
})

test('a message with QoS 1 waits for a connection of its session again, its promise does not', async () => {
  const host = new Host()
  const client = await host.connected({ cleanSession: false })
  const delivered = []
  client.onMessageDelivered = (message) => delivered.push(message.payloadString)
  const seen = watch(client.publish('a', 'b', { qos: 1 }))
  await host.turn()
  host.socket.drop()
  await host.turn()
  assert.equal(seen.error.code, 8)
  await host.connected({ cleanSession: false }, { client, connAck: '20020100' })
  await host.turn()
  assert.deepEqual(host.socket.take(), ['3a06 0001 61 0001 62'.replaceAll(' ', '')])
  host.socket.receive('40 02 0001')
  assert.deepEqual(delivered, ['b'])
})

test('what nobody awaits ends no program, whichever way it fails', async () => {
  const host = new Host()
  const unhandled = []
  const listen = (error) => unhandled.push(error)
  process.on('unhandledRejection', listen)
  const client = await host.connected(reauthentication.options, { connAck: reauthentication.connAck })
  for (const begin of Object.values(waits)) begin(client)
  client
    .messages('x')
    .next()
    .catch(() => {})
  host.socket.drop()
  client.connect({ signal: AbortSignal.abort() })
  host.refuses = new Error('no')
  client.connect()
  await host.turn()
  host.refuses = null
  client.connect()
  client.disconnect()
  await host.turn()
  process.off('unhandledRejection', listen)
  assert.deepEqual(unhandled, [])
})

describe('connect settles when', () => {
  const attempt = (host, options) => {
    const client = new host.Client('ws://server/mqtt', 'me')
    const failures = []
    const seen = watch(
      client.connect({ onFailure: (failure) => failures.push(failure), invocationContext: host, ...options }),
    )
    return { client, failures, seen }
  }
  const failed = ({ client, failures, seen }, host, code) => {
    assert.equal(seen.state, 'rejected')
    assert.equal(seen.error.code, code)
    assert.equal(failures.length, 1)
    assert.equal(failures[0].errorCode, code)
    assert.equal(failures[0].errorMessage, seen.error.message)
    assert.equal(failures[0].invocationContext, host)
    assert.equal(client.isConnected(), false)
    assert.equal(host.timers.length, 0, 'a timer was left behind')
  }

  test('the socket never opens', async () => {
    const host = new Host()
    const one = attempt(host, { timeout: 7 })
    await host.turn()
    await host.pass(6999)
    assert.equal(one.seen.state, 'pending')
    await host.pass(1)
    failed(one, host, 1)
    assert.equal(host.socket.closed, true)
  })

  test('the server never answers CONNECT', async () => {
    const host = new Host()
    const one = attempt(host, {})
    await host.turn()
    host.socket.open()
    await host.pass(30_000)
    failed(one, host, 1)
    assert.equal(host.socket.closed, true)
  })

  test('no socket can be opened', async () => {
    const host = new Host()
    host.refuses = new Error('the domain is not on the list')
    const one = attempt(host, { mqttVersion: 4 })
    await host.turn()
    failed(one, host, 7)
    assert.match(one.seen.error.message, /the domain is not on the list/)
  })

  test('the socket closes before it opens', async () => {
    const host = new Host()
    const one = attempt(host, { mqttVersion: 4 })
    await host.turn()
    host.socket.drop(1006)
    await host.turn()
    failed(one, host, 8)
  })

  test('the server refuses', async () => {
    const host = new Host()
    const one = attempt(host, { mqttVersion: 4 })
    await host.turn()
    host.socket.open()
    host.socket.receive('20020005')
    await host.turn()
    failed(one, host, 6)
    assert.equal(one.seen.error.message, 'AMQJS0006E Bad Connack return code:5 Connection Refused: not authorized.')
    assert.equal(one.seen.error.reasonCode, 5)
  })

  test('the program disconnects while the core is loaded, while the socket opens, and while CONNACK is awaited', async () => {
    for (const turns of [0, 1, 2]) {
      const host = new Host()
      const one = attempt(host, {})
      if (turns > 0) await host.turn()
      if (turns > 1) host.socket.open()
      const closed = watch(one.client.disconnect())
      await host.turn()
      await host.pass(2000)
      failed(one, host, 0)
      assert.equal(closed.state, 'fulfilled')
    }
  })

  test('it is aborted before and meanwhile', async () => {
    const host = new Host()
    const before = attempt(host, { signal: AbortSignal.abort() })
    await host.turn()
    failed(before, host, 100)
    assert.equal(before.seen.error.name, 'AbortError')
    assert.equal(host.sockets.length, 0)
    const controller = new AbortController()
    const meanwhile = attempt(host, { signal: controller.signal })
    await host.turn()
    controller.abort()
    host.socket.drop()
    await host.turn()
    failed(meanwhile, host, 100)
    assert.equal(host.socket.closed, true)
    await host.connected({}, { client: meanwhile.client })
  })

  test('the core cannot be loaded, and the next attempt loads it again', async () => {
    const host = new Host()
    const platform = host.platform()
    let broken = true
    const { loadCore } = platform
    platform.loadCore = () => (broken ? Promise.reject(new Error('wasm: HTTP 404')) : loadCore())
    const { Client } = clientFor(platform)
    const one = attempt({ Client }, { invocationContext: host })
    await host.turn()
    failed(one, host, 5)
    assert.match(one.seen.error.message, /wasm: HTTP 404/)
    broken = false
    await host.connected({}, { client: one.client })
  })

  test('the core says no to the options', async () => {
    const host = new Host()
    const one = attempt(host, { mqttVersion: 4, properties: { receiveMaximum: 5 } })
    await host.turn()
    failed(one, host, 40)
  })
})

test('disconnect settles when the socket has closed, or two seconds later', async () => {
  const host = new Host()
  const client = await host.connected()
  const prompt = watch(client.disconnect())
  await host.turn()
  assert.equal(prompt.state, 'pending')
  host.socket.drop(1000)
  await host.turn()
  assert.equal(prompt.state, 'fulfilled')
  assert.equal(host.timers.length, 0)
  await host.connected({}, { client })
  const late = watch(client.disconnect())
  host.sockets[0].drop()
  await host.pass(1999)
  assert.equal(late.state, 'pending', 'the end of another socket counted')
  await host.pass(1)
  assert.equal(late.state, 'fulfilled')
  assert.throws(() => client.disconnect(), { code: 11 })
})

test('what cannot begin throws at once and costs nothing', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  for (const begin of Object.values(waits)) assert.throws(() => begin(client), { code: 11, name: 'MqttError' })
  await host.connected({}, { client })
  assert.throws(() => client.connect(), { code: 11 })
  assert.throws(() => client.reauthenticate(), { code: 40 })
  assert.throws(() => client.publish('a/#', ''), { code: 30 })
  assert.throws(() => client.subscribe('a/#/b'), { code: 31 })
  assert.throws(() => client.publish('a', 'b', { retain: true }), { code: 12, message: /Unknown property, retain/ })
  assert.throws(() => client.subscribe([{ filter: 'a', QoS: 1 }]), { code: 12, message: /Unknown property, QoS/ })
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
  assert.equal(client.isConnected(), true)
})

test('the one-line connect gives a connected client or rejects', async () => {
  const host = new Host()
  const good = watch(host.connect('wss://server', { clientId: 'x', mqttVersion: undefined }))
  await host.turn()
  assert.equal(host.socket.url, 'wss://server/mqtt')
  host.socket.open()
  host.socket.receive('2003000000')
  await host.turn()
  assert.equal(good.value.mqttVersion, 5)
  for (const [url, options] of [
    ['http://server', {}],
    [7, {}],
    ['ws://server', { nonsense: 1 }],
  ]) {
    const bad = watch(host.connect(url, options))
    await host.turn()
    assert.equal(bad.state, 'rejected', String(url))
  }
})
