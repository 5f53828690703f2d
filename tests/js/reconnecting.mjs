// What tests of a client that comes back by itself share: a connected client and its story, lost connections, and the
// proof that it is all over. Decides nothing about what is right.

import assert from 'node:assert/strict'
import { Host } from './host.mjs'

/**
 * A connected client of which everything that is told is collected.
 * @param {Record<string, any>} [options] of connect
 * @param {object} [more] as `Host.connected` takes it
 */
export async function reconnecting(options, more) {
  const host = new Host()
  const client = await host.connected({ reconnect: true, ...options }, more)
  return { host, client, told: collect(client) }
}

/** A client that has called connect(), of which everything that is told is collected; `done` is connect's promise. */
export async function connecting(options, host = new Host()) {
  const client = new host.Client('ws://server/mqtt', 'me')
  const told = collect(client)
  const done = client.connect({ mqttVersion: 4, ...options })
  done.catch(() => {})
  await host.turn()
  return { host, client, told, done }
}

/** What a client tells from now on, with the state that it tells it in. */
export function collect(client) {
  const told = []
  const seen = (name) => (what) => told.push({ name, state: client.state, ...what })
  client.onConnectionLost = seen('lost')
  client.onReconnecting = seen('reconnecting')
  client.onConnected = (reconnected, uri) => seen('connected')({ reconnected, uri })
  client.onWarning = ({ code, message }) => seen('warning')({ code, message })
  return told
}

/** What was told, in a word each, with the state. */
export const names = (told) => told.map(({ name, state }) => `${name} ${state}`)

/** The newest socket opens and the server accepts. Gives what the client sends. */
export async function accept(host, connAck = '20020000') {
  host.socket.open()
  host.socket.receive(connAck)
  await host.turn()
  return host.socket.take()
}

/** The newest socket drops, and the next one, so many times. Gives the milliseconds until each new attempt. */
export async function drops(host, count = 1) {
  const waits = []
  for (let n = 0; n < count; n++) {
    const before = host.sockets.length
    const since = host.time
    host.socket.drop()
    await host.turn()
    while (host.sockets.length === before) {
      assert.equal(host.timers.length, 1, 'one timer waits for the next attempt')
      await host.pass(host.timers[0].at - host.time)
    }
    waits.push(host.time - since)
  }
  return waits
}

/** Nothing is left that could happen. */
export function assertOver(host, client) {
  assert.equal(client.state, 'disconnected')
  assert.deepEqual({ timers: host.timers.length, watchers: host.watchers.size }, { timers: 0, watchers: 0 })
  assert.ok(host.sockets.every(({ closed }) => closed), 'a socket is left open')
}
