// Connections of the face, with the test as the server: nothing is left behind, nothing is told twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Host } from './host.mjs'

test('a message in the same frame as others is told in order, also when a callback disconnects', async () => {
  const host = new Host()
  const client = await host.connected()
  const told = []
  client.onMessageArrived = (message) => {
    told.push(message.payloadString)
    if (told.length === 1) client.disconnect()
  }
  client.onConnectionLost = ({ errorCode }) => told.push(`lost ${errorCode}`)
  host.socket.receive('3004 0001 61 31 3004 0001 61 32 3004 0001 61 33')
  assert.deepEqual(told, ['1', '2', '3', 'lost 0'])
  assert.equal(host.socket.take().at(-1), 'e000')
  assert.equal(host.socket.closed, true)
})

test('a DISCONNECT leaves with all that stands before it, however full the socket is', async () => {
  const host = new Host()
  const client = await host.connected()
  host.socket.bufferedAmount = 10_000_000
  const published = client.publish('t', 'x')
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
  client.disconnect()
  assert.deepEqual(host.socket.take(), ['3004000174 78'.replace(' ', ''), 'e000'])
  assert.equal((await published).reasonCode, 0)
})

test('a clean session leaves nothing behind in the core, a kept one does', async () => {
  const host = new Host()
  let freed = 0
  const client = await host.connected()
  const { client_free } = host.exports
  host.exports.client_free = (...args) => {
    freed++
    return client_free(...args)
  }
  client.disconnect()
  assert.equal(freed, 1)
  const kept = await host.connected({ cleanSession: false })
  host.socket.drop()
  assert.equal(kept.isConnected(), false)
  assert.equal(freed, 1)
})

test('handlers do not outlive the subscription of a session that the server has not kept', async () => {
  const host = new Host()
  const client = await host.connected()
  const got = []
  for (const round of [1, 2]) {
    client.subscribe('a', { onMessage: () => got.push(round) })
    host.socket.receive('90 03 0001 00')
    host.socket.receive('3003 0001 61')
    client.disconnect()
    await host.connected({}, { client })
  }
  assert.deepEqual(got, [1, 2])
})

test('a trap is one lost connection with a clear error, and a new connection works', async () => {
  const host = new Host()
  const client = await host.connected()
  const lost = []
  client.onConnectionLost = (loss) => lost.push(loss)
  host.exports.handle_input = () => {
    throw new WebAssembly.RuntimeError('unreachable')
  }
  host.socket.receive('d000')
  await host.turn()
  assert.equal(lost.length, 1)
  assert.equal(lost[0].errorCode, 101)
  assert.match(lost[0].errorMessage, /please report/)
  assert.equal(host.sockets[0].closed, true)
  assert.match(String(host.reported[0]), /unreachable/)
  await host.connected({}, { client })
  assert.equal(host.loads, 2)
  assert.equal(client.isConnected(), true)
})

test('callbacks given to connect() get what comes with CONNACK', async () => {
  const host = new Host()
  const told = []
  const done = host.connect('ws://server', {
    mqttVersion: 4,
    clientId: 'me',
    cleanSession: false,
    onConnected: () => told.push('connected'),
    onMessageArrived: (message) => told.push(message.payloadString),
    onConnectionLost: ({ errorCode }) => told.push(errorCode),
  })
  while (host.sockets.length === 0) await host.turn()
  host.socket.open()
  host.socket.receive('20020100 3005 0001 61 6869')
  const client = await done
  client.disconnect()
  assert.deepEqual(told, ['connected', 'hi', 0])
  await assert.rejects(host.connect('ws://server', { onMessageArrived: 5 }), { code: 12 })
})
