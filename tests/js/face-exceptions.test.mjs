// A program's own exceptions stay its own: whatever it throws in a callback or handler, at once or later, is reported
// and costs neither the connection, nor the other handlers, nor a promise.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, watch } from './host.mjs'

/** Two ways to fail. Each counts that it was called. */
const ways = {
  'at once': (calls, name) => () => {
    calls.push(name)
    throw new Error(name)
  },
  later: (calls, name) => async () => {
    calls.push(name)
    throw new Error(name)
  },
}

for (const [way, failing] of Object.entries(ways)) {
  describe(`what is thrown ${way} is reported and costs nothing else, in`, () => {
    /** Runs a program in which everything that is the program's own fails. */
    const run = async (program, options = {}) => {
      const host = new Host()
      const calls = []
      const fail = (name) => failing(calls, name)
      const client = new host.Client('ws://server/mqtt', 'me')
      for (const name of ['onConnected', 'onConnectionLost', 'onMessageDelivered', 'onMessageArrived'])
        client[name] = fail(name)
      const seen = watch(
        client.connect({ mqttVersion: 4, onSuccess: fail('onSuccess'), onFailure: fail('onFailure'), ...options }),
      )
      await host.turn()
      host.socket.open()
      await program({ host, client, calls, fail, seen })
      await host.turn()
      assert.deepEqual(host.reported.map(({ message }) => message).sort(), [...calls].sort())
      return { host, client, calls, seen }
    }

    test('connect: onSuccess and onConnected', async () => {
      const { client, calls, seen } = await run(({ host }) => host.socket.receive('20020000'))
      assert.deepEqual([calls, seen.state, client.isConnected()], [['onSuccess', 'onConnected'], 'fulfilled', true])
    })

    test('connect: onFailure', async () => {
      const { calls, seen } = await run(({ host }) => host.socket.receive('20020005'))
      assert.deepEqual([calls, seen.error.code], [['onFailure'], 6])
    })

    test('subscribe and unsubscribe: onSuccess and onFailure', async () => {
      const waits = []
      const { client, calls } = await run(async ({ host, client, fail }) => {
        host.socket.receive('20020000')
        waits.push(watch(client.subscribe('a', { onSuccess: fail('subscribed'), onFailure: fail('no') })))
        waits.push(watch(client.subscribe('b', { onSuccess: fail('no'), onFailure: fail('refused') })))
        waits.push(watch(client.unsubscribe('c', { onSuccess: fail('unsubscribed') })))
        await host.turn()
        host.socket.receive('9003000100 9003000280 b0020003')
      })
      assert.deepEqual(calls, ['onSuccess', 'onConnected', 'subscribed', 'refused', 'unsubscribed'])
      assert.deepEqual(
        waits.map(({ state }) => state),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.equal(client.isConnected(), true)
    })

    test('handlers and onMessageArrived, for every message of a frame', async () => {
      const { host, client, calls } = await run(async ({ host, client, fail }) => {
        host.socket.receive('20020000')
        client.subscribe(['a', '+'], { onMessage: fail('handler') })
        await host.turn()
        host.socket.receive('90040001 0000')
        host.socket.take()
        host.socket.receive('3003 0001 61 3205 0001 61 0001 3003 0001 62')
      })
      assert.deepEqual(calls.slice(2), [
        ...['handler', 'handler', 'onMessageArrived'],
        ...['handler', 'handler', 'onMessageArrived'],
        ...['handler', 'onMessageArrived'],
      ])
      assert.deepEqual(host.socket.take(), ['40020001'])
      assert.equal(client.isConnected(), true)
    })

    test('onMessageDelivered, for every QoS', async () => {
      const waits = []
      const { calls } = await run(async ({ host, client }) => {
        host.socket.receive('20020000')
        for (const qos of [0, 1]) waits.push(watch(client.publish('a', 'b', { qos })))
        await host.turn()
        host.socket.receive('40020001')
      })
      assert.deepEqual(calls.slice(2), ['onMessageDelivered', 'onMessageDelivered'])
      assert.deepEqual(
        waits.map(({ state }) => state),
        ['fulfilled', 'fulfilled'],
      )
    })

    test('onConnectionLost, and a new connection works', async () => {
      const { host, client, calls } = await run(({ host }) => {
        host.socket.receive('20020000')
        host.socket.drop()
      })
      assert.equal(calls.at(-1), 'onConnectionLost')
      await host.connected({}, { client })
      assert.equal(client.isConnected(), true)
    })

    test('trace, for every line', async () => {
      const { client, seen } = await run(({ host, client, calls, fail }) => {
        client.trace = fail('trace')
        host.socket.receive('20020000')
        client.publish('a', 'b')
        client.disconnect()
        assert.ok(calls.filter((name) => name === 'trace').length >= 3)
      })
      assert.deepEqual([seen.state, client.isConnected()], ['fulfilled', false])
    })
  })
}

test('a thenable that throws when it is asked is reported too', async () => {
  const host = new Host()
  const client = await host.connected()
  client.onMessageArrived = () => ({
    get then() {
      throw new Error('thorny')
    },
  })
  host.socket.receive('3003 0001 61')
  assert.deepEqual(
    host.reported.map(({ message }) => message),
    ['thorny'],
  )
})
