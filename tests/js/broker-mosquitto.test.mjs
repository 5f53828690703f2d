// The client against Debian's Mosquitto, run with the example configuration: passwords, WebSocket, TLS, restarts.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client, connect } from 'wasmqtt'
import { startMosquitto } from './brokers.mjs'
import { runScenarios } from './place.mjs'
import { Inbox, scenarios, sharedSubscription } from './scenarios.mjs'

runScenarios('mosquitto', startMosquitto, { ...scenarios, ...sharedSubscription })

describe('mosquitto restarts', () => {
  let broker
  before(async () => {
    broker = await startMosquitto()
  })
  after(() => broker?.close())

  for (const mqttVersion of /** @type {const} */ ([4, 5])) {
    test(`a session survives it with what it missed, version ${mqttVersion}`, async () => {
      const { url, userName, password } = broker
      const login = { mqttVersion, userName, password }
      const kept = {
        ...login,
        clientId: `restart${mqttVersion}`,
        cleanSession: false,
        ...(mqttVersion === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}),
      }
      const first = await connect(url, kept)
      await first.subscribe('restart/#', { qos: 1 })
      await first.disconnect()
      const sender = await connect(url, login)
      await sender.publish('restart/x', 'before', { qos: 1 })
      const cut = new Inbox()
      sender.onConnectionLost = cut.put
      await broker.restart()
      const [loss] = await cut.take(1, 'onConnectionLost at the restart')
      assert.notEqual(loss.errorCode, 0)

      const inbox = new Inbox()
      const { clientId, ...options } = kept
      const second = new Client(url, clientId)
      second.onMessageArrived = inbox.put
      await second.connect(options)
      assert.equal(second.sessionPresent, true)
      const [message] = await inbox.take(1, 'the message from before the restart')
      assert.equal(message.payloadString, 'before')
      await second.disconnect()
    })
  }
})

describe('mosquitto over TLS', () => {
  let broker
  before(async () => {
    broker = await startMosquitto()
  })
  after(() => broker?.close())

  // Node reads further authorities at its start only, so each test has a Node of its own.
  async function tlsClient(env) {
    const child = spawn(process.execPath, [fileURLToPath(new URL('tls-client.mjs', import.meta.url)), broker.tlsUrl], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const [code] = await once(child, 'close')
    return { code, output }
  }

  test('messages go round where the authority is known', async () => {
    const { code, output } = await tlsClient({ NODE_EXTRA_CA_CERTS: broker.ca })
    assert.equal(code, 0, output)
    assert.match(output, /3: round\n4: round\n5: round\n/)
  })

  test('an unknown authority is refused in words', async () => {
    const { code, output } = await tlsClient({})
    assert.equal(code, 3, output)
    assert.match(output, /refused with code 7/)
  })
})
