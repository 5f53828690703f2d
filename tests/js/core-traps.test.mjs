// A trap is a fault of ours. Whichever call it strikes, it surfaces as one lost connection for every client of the
// instance, everything settles, and a new connection gets a new instance.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, sized, string, watch } from './host.mjs'

/** What makes the face call an export of the core, on a connected client. */
const strikes = {
  handle_input: ({ host }) => host.socket.receive('d000'),
  handle_timeout: ({ host }) => host.pass(60_000),
  handle_close: ({ host }) => host.socket.drop(),
  poll: ({ client }) => {
    client.publish('a', 'b')
  },
  publish: ({ client }) => assert.throws(() => client.publish('a', 'b'), { code: 101 }),
  subscribe: ({ client }) => assert.throws(() => client.subscribe('a'), { code: 101 }),
  unsubscribe: ({ client }) => assert.throws(() => client.unsubscribe('a'), { code: 101 }),
  route: ({ client }) => assert.throws(() => client.subscribe('new', { onMessage: () => {} }), { code: 101 }),
  unroute: async ({ host, client }) => {
    client.unsubscribe('old')
    await host.turn()
    host.socket.receive('b0 04 0002 00 00')
  },
  acknowledge: ({ host, client }) => {
    client.onMessageArrived = (message) => assert.throws(() => message.ack(), { code: 101 })
    host.socket.receive(packet('32', `${string('a')} 0009 00`))
  },
  authenticate: ({ client }) => assert.throws(() => client.reauthenticate(), { code: 101 }),
  disconnect: ({ client }) => assert.throws(() => client.disconnect(), { code: 101 }),
  reserve: ({ client }) => assert.throws(() => client.publish('a', new Uint8Array(100_000)), { code: 101 }),
  reason_name: ({ host }) => host.socket.receive(packet('e0', '8b')),
  error_text: ({ host }) => host.socket.receive('0000'),
  client_free: ({ host }) => host.socket.drop(),
}

/** Calls of which the face never hears the end of a live connection as such: that connection had ended before. */
const afterwards = ['reason_name', 'error_text', 'client_free']

for (const [name, strike] of Object.entries(strikes)) {
  test(`in ${name}`, async () => {
    const host = new Host()
    const told = []
    const method = `15 ${string('m')}`
    const connect = async (client) => {
      const options = { mqttVersion: 5, properties: { authenticationMethod: 'm' }, autoAck: false }
      await host.connected(options, { client, connAck: connAck5(method) })
      return { client, end: host.socket }
    }
    const clients = []
    for (const id of ['other', 'me']) clients.push(await connect(new host.Client('ws://server/mqtt', id)))
    clients.forEach(({ client }, at) => {
      client.onConnectionLost = ({ errorCode, errorMessage }) => told.push([at, errorCode, errorMessage.length > 0])
    })
    const { client } = clients[1]
    const old = client.subscribe('old', { onMessage: () => {} })
    await host.turn()
    host.socket.receive(packet('90', `0001 ${sized('')} 00`))
    await old
    const waits = clients.map((one) => watch(one.client.publish('a', 'b', { qos: 1 })))
    await host.turn()
    const { loads } = host
    host.exports[name] = () => {
      throw new WebAssembly.RuntimeError(`unreachable in ${name}`)
    }
    await strike({ host, client })
    await host.turn()
    await host.pass(3000)
    assert.deepEqual(told.map(([at]) => at).sort(), [0, 1], 'each client hears of one lost connection')
    for (const [at, code] of told) if (at === 0 || !afterwards.includes(name)) assert.equal(code, 101)
    assert.deepEqual(
      waits.map(({ state }) => state),
      ['rejected', 'rejected'],
    )
    for (const one of clients) {
      assert.equal(one.client.isConnected(), false)
      assert.equal(one.end.closed, true)
    }
    assert.deepEqual(
      host.reported.map(({ message }) => message),
      [`unreachable in ${name}`],
    )
    assert.equal(host.timers.length, 0)
    for (const one of clients) await connect(one.client)
    assert.equal(host.loads, loads + 1)
    client.publish('a', 'b')
    await host.turn()
    assert.equal(host.socket.take().length, 1)
  })
}

describe('while connecting', () => {
  for (const [name, steps] of Object.entries({
    client_new: [],
    connect: [],
    handle_open: ['open'],
    handle_input: ['open', 'connAck'],
    unroute: ['open', 'connAck'],
  })) {
    test(`in ${name}: the attempt fails and the next one works`, async () => {
      const host = new Host()
      // An instance that is loaded, and a client with a session and a route.
      const client = await host.connected({ cleanSession: false })
      client.subscribe('a', { onMessage: () => {} })
      await host.turn()
      host.socket.receive('9003000100')
      host.socket.drop()
      const fresh = name === 'client_new' ? new host.Client('ws://server/mqtt', 'me') : client
      assert.ok(name in host.exports)
      host.exports[name] = () => {
        throw new WebAssembly.RuntimeError('unreachable')
      }
      const failures = []
      const lost = []
      fresh.onConnectionLost = ({ errorCode }) => lost.push(errorCode)
      // A new session takes the routes of the old one back.
      const cleanSession = name === 'unroute'
      const seen = watch(
        fresh.connect({ mqttVersion: 4, cleanSession, onFailure: ({ errorCode }) => failures.push(errorCode) }),
      )
      await host.turn()
      for (const step of steps) step === 'open' ? host.socket.open() : host.socket.receive('20020000')
      await host.turn()
      assert.notEqual(seen.state, 'pending')
      // The route is taken back when the connection is up already.
      assert.deepEqual([failures, lost], name === 'unroute' ? [[], [101]] : [[101], []])
      assert.equal(fresh.isConnected(), false)
      await host.connected({}, { client: fresh })
      assert.equal(host.loads, 2)
    })
  }
})

test('a client without a connection does not hear of it', async () => {
  const host = new Host()
  const client = await host.connected()
  const idle = await host.connected({ cleanSession: false }, { client: new host.Client('ws://server/mqtt', 'idle') })
  host.socket.drop()
  const told = []
  idle.onConnectionLost = () => told.push('idle')
  client.onConnectionLost = () => told.push('client')
  host.exports.handle_input = () => {
    throw new WebAssembly.RuntimeError('unreachable')
  }
  host.sockets[0].receive('d000')
  await host.turn()
  assert.deepEqual(told, ['client'])
  await host.connected({}, { client: idle })
})

test('a trap within a handler of another client ends both, in order', async () => {
  const host = new Host()
  const one = await host.connected({}, { client: new host.Client('ws://server/mqtt', 'one') })
  const two = await host.connected({}, { client: new host.Client('ws://server/mqtt', 'two') })
  const told = []
  one.onConnectionLost = ({ errorCode }) => told.push(`one ${errorCode}`)
  two.onConnectionLost = ({ errorCode }) => told.push(`two ${errorCode}`)
  one.onMessageArrived = ({ payloadString }) => {
    told.push(payloadString)
    if (payloadString !== '1') return
    host.exports.publish = () => {
      throw new WebAssembly.RuntimeError('unreachable')
    }
    assert.throws(() => two.publish('a', 'b'), { code: 101 })
  }
  host.sockets[0].receive('3004 0001 61 31 3004 0001 61 32')
  await host.turn()
  assert.deepEqual(told, ['1', '2', 'one 101', 'two 101'])
})
