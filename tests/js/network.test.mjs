// How soon a client notices: a dead server by keep alive, idle and busy; the network that is back, by what the host tells;
// and how seldom it asks a server that is gone. Through the proxy to a real Mosquitto, by the clock: the bounds are what
// the README promises, and a measurement that a busy machine has spoilt is made once more.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFor } from '../../js/api.js'
import { nodeSocket, webAssemblyCore, webPlatform } from '../../js/platform/web.js'
import { root } from '../../scripts/tools.mjs'
import { startMosquitto } from './brokers.mjs'
import { until } from './counter.mjs'
import { startProxy } from './proxy.mjs'
import { unique } from './scenarios.mjs'

let broker
before(async () => {
  broker = await startMosquitto()
})
after(() => broker?.close())

/** The package, with sleep and network told by the test: Node has no events for them. */
function told() {
  const watchers = new Set()
  const platform = webPlatform(webAssemblyCore(() => readFileSync(join(root, 'pkg/wasmqtt.wasm'))), nodeSocket)
  const watch = (wake) => {
    watchers.add(wake)
    return () => watchers.delete(wake)
  }
  return { ...clientFor({ ...platform, watch }), wake: (network) => watchers.forEach((wake) => wake(network)) }
}

/** Runs with a connected client; once more where the first measurement does not hold. */
async function measured(options, run) {
  for (let time = 1; ; time++) {
    const proxy = await startProxy(broker.port)
    const { Client, wake } = told()
    const client = new Client(`ws://127.0.0.1:${proxy.port}/mqtt`, unique('n').replaceAll('/', ''))
    const states = []
    client.onConnected = (again) => states.push({ state: again ? 'again' : 'connected', at: performance.now() })
    client.onConnectionLost = ({ errorCode }) => states.push({ state: 'lost', errorCode, at: performance.now() })
    client.onReconnecting = ({ attempt, delay }) => states.push({ state: 'waiting', attempt, delay, at: performance.now() })
    const { userName, password } = broker
    try {
      await client.connect({ mqttVersion: 5, userName, password, reconnect: true, ...options })
      return await run({ client, proxy, wake, states })
    } catch (error) {
      if (time === 2) throw error
    } finally {
      if (client.state !== 'disconnected') await client.disconnect()
      await proxy.close()
    }
  }
}

const seen = (states, state) => states.find((one) => one.state === state)

/** Milliseconds from now until it is noticed. */
async function noticed(states, state) {
  const from = performance.now()
  await until(() => seen(states, state) !== undefined, state)
  return seen(states, state).at - from
}

describe('a dead server is noticed within one and a half times the keep alive', () => {
  test('by an idle client', () =>
    measured({ keepAliveInterval: 2 }, async ({ proxy, states }) => {
      proxy.freeze()
      const took = await noticed(states, 'lost')
      assert.equal(seen(states, 'lost').errorCode, 4)
      assert.ok(took <= 3_300, `${took} ms`)
    }))

  test('by a client that publishes all the time', () =>
    measured({ keepAliveInterval: 2 }, async ({ client, proxy, states }) => {
      const busy = setInterval(() => client.isConnected() && client.send('busy', 'x'.repeat(1000)), 20)
      try {
        proxy.freeze()
        const took = await noticed(states, 'lost')
        assert.ok(took <= 3_300, `${took} ms`)
      } finally {
        clearInterval(busy)
      }
    }))
})

describe('a client is back within a second of the network', () => {
  test('where the old connection is half open', () =>
    measured({}, async ({ proxy, wake, states }) => {
      proxy.away()
      await proxy.back()
      wake(true)
      const took = await noticed(states, 'again')
      assert.ok(took <= 1_000, `${took} ms`)
    }))

  test('where it waits for a later attempt', () =>
    measured({ reconnect: { minDelay: 30, jitter: 0 } }, async ({ proxy, wake, states }) => {
      proxy.refuse()
      proxy.cut()
      await until(() => states.some(({ delay }) => delay === 30), 'a long wait')
      await proxy.back()
      wake(true)
      const took = await noticed(states, 'again')
      assert.ok(took <= 1_000, `${took} ms`)
    }))

  test('where an attempt hangs that began on the old one', () =>
    measured({}, async ({ proxy, wake, states }) => {
      proxy.away()
      wake(true)
      await until(() => seen(states, 'waiting') !== undefined, 'an attempt')
      await until(() => proxy.lines.length > 1, 'a line that hangs')
      const hung = performance.now()
      await until(() => performance.now() - hung > 600, 'some time')
      await proxy.back()
      wake(true)
      const took = await noticed(states, 'again')
      assert.ok(took <= 1_000, `${took} ms`)
    }))
})

test('a server that is gone is asked at once, then after ever longer waits, as told', () =>
  measured({ reconnect: { minDelay: 0.2, maxDelay: 1, jitter: 0 } }, async ({ client, proxy, states }) => {
    proxy.refuse()
    proxy.cut()
    await until(() => states.filter(({ state }) => state === 'waiting').length === 6, 'six attempts')
    const waits = states.filter(({ state }) => state === 'waiting')
    assert.deepEqual(
      waits.map(({ delay }) => delay),
      [0, 0.2, 0.4, 0.8, 1, 1],
    )
    for (let n = 1; n < waits.length; n++) {
      const passed = waits[n].at - waits[n - 1].at
      const told = waits[n - 1].delay * 1000
      assert.ok(passed >= told - 5 && passed <= told + 400, `attempt ${n} after ${passed} ms, ${told} were told`)
    }
    assert.equal(client.state, 'reconnecting')
  }))
