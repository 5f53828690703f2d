// User names, passwords, authentication data and tokens in addresses never stand in an error or a trace line.

import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { Host, connAck5, packet, sized, string, watch } from './host.mjs'

const secrets = ['HANNAH', 'SWORDFISH', 'TOKEN42', 'PROOF77']

/** Everything a program could put into a log about an error, and what it could find there. */
function clean(said, about) {
  const text = inspect(said, { depth: 6 }) + String(said?.message) + String(said?.errorMessage)
  for (const secret of secrets) assert.ok(!text.includes(secret), `${about}: ${text}`)
}

const credentials = {
  userName: 'HANNAH',
  password: 'SWORDFISH',
  mqttVersion: 5,
  uris: ['wss://HANNAH:SWORDFISH@server/mqtt?token=TOKEN42'],
  properties: { authenticationMethod: 'm', authenticationData: 'PROOF77' },
}

/** A client whose trace is written down. */
function traced(host) {
  const client = new host.Client('ws://server/mqtt', 'me')
  const lines = []
  client.trace = (line) => lines.push(line)
  client.startTrace()
  return { client, lines }
}

for (const [cause, end] of Object.entries({
  'a refusal': (host) => host.socket.receive(connAck5('', '86')),
  'a time-out': (host) => host.pass(30_000),
  'a broken socket': (host) => host.socket.fail("WebSocket connection to 'wss://server/mqtt?token=TOKEN42' failed"),
  'a closed socket': (host) => host.socket.drop(),
  'a broken server': (host) => host.socket.receive('0000'),
  'a failing authenticate': (host) => host.socket.receive(packet('f0', `18 ${sized(`15 ${string('m')}`)}`)),
})) {
  test(`not after ${cause}`, async () => {
    const host = new Host()
    const { client, lines } = traced(host)
    const failures = []
    const seen = watch(client.connect({ ...credentials, onFailure: (failure) => failures.push(failure) }))
    await host.turn()
    assert.match(host.socket.open()[0], new RegExp(string('SWORDFISH')))
    await end(host)
    await host.turn()
    assert.equal(seen.state, 'rejected')
    clean(seen.error, 'error')
    clean(failures, 'onFailure')
    clean(lines, 'trace')
    clean(client.getTraceLog(), 'trace log')
    assert.ok(lines.length >= 2)
  })
}

test('not when the socket cannot be opened, whatever the host says', async () => {
  const host = new Host()
  const { client } = traced(host)
  for (const text of [
    "Failed to construct 'WebSocket': The URL 'wss://server/mqtt?token=TOKEN42' is invalid.",
    'Invalid URL: wss://HANNAH:SWORDFISH@server/mqtt?a=b&token=TOKEN42#PROOF77',
  ]) {
    host.refuses = new SyntaxError(text)
    const seen = watch(client.connect(credentials))
    await host.turn()
    assert.equal(seen.error.code, 7)
    clean(seen.error, 'error')
    assert.match(seen.error.message, /wss:\/\/server\/mqtt/)
  }
})

test('not when an address or an option is refused', () => {
  const host = new Host()
  const attempts = [
    () => new host.Client('wss://HANNAH:SWORDFISH@server', 'me'),
    () => new host.Client('wss://HANNAH:SWORD/SWORDFISH@server/mqtt?token=TOKEN42', 'me'),
    () => new host.Client('nonsense?token=TOKEN42', 'me'),
    () => new host.Client('HANNAH:SWORDFISH@server', 'me'),
    ...[
      { ...credentials, uris: ['wss://HANNAH:SWORDFISH@server'] },
      { ...credentials, uris: 'wss://HANNAH:SWORDFISH@server/?TOKEN42' },
      { ...credentials, uris: undefined, hosts: 'wss://HANNAH:SWORDFISH@server/' },
      {
        ...credentials,
        uris: undefined,
        hosts: ['wss://server/', 'wss:/HANNAH:SWORDFISH@server/?TOKEN42'],
        ports: [1, 2],
      },
      { password: 'SWORDFISH', mqttVersion: 4 },
      { ...credentials, userName: ['HANNAH'] },
      { ...credentials, password: ['SWORDFISH'] },
    ].map((options) => () => new host.Client('wss://server/mqtt', 'me').connect(options)),
  ]
  for (const attempt of attempts) {
    let thrown
    try {
      attempt()
    } catch (error) {
      thrown = error
    }
    assert.equal(thrown?.name, 'MqttError', `attempt ${attempts.indexOf(attempt)}`)
    clean(thrown, `attempt ${attempts.indexOf(attempt)}`)
  }
})

test('not when a property is refused', async () => {
  const host = new Host()
  for (const properties of [
    { authenticationMethod: 'm', authenticationData: ['PROOF77'] },
    { authenticationMethod: 'm', userProperties: [['token', 'TOKEN42', 'PROOF77']] },
    { authenticationMethod: 'm', userProperties: 'TOKEN42' },
    { authenticationMethod: 'm', receiveMaximum: 'TOKEN42' },
  ]) {
    const seen = watch(new host.Client('ws://server/mqtt', 'me').connect({ ...credentials, properties }))
    await host.turn()
    assert.equal(seen.error.code, 13)
    clean(seen.error, inspect(properties))
  }
})

test('not in the trace of a whole session', async () => {
  const host = new Host()
  const { client, lines } = traced(host)
  client.connect({ ...credentials, properties: {} })
  await host.turn()
  host.socket.open()
  host.socket.receive(connAck5())
  client.subscribe('a', { properties: { userProperties: { token: 'TOKEN42' } } })
  client.publish('a', 'SWORDFISH', { properties: { userProperties: { token: 'TOKEN42' } } })
  client.unsubscribe('a')
  client.disconnect()
  assert.ok(lines.length > 5)
  clean(lines, 'trace')
  clean(client.getTraceLog(), 'trace log')
})

test('not in a client that is logged', async () => {
  const host = new Host()
  const client = await host.connected({ userName: 'user', password: 'SWORDFISH' })
  clean(client, 'the client')
  assert.ok(!JSON.stringify(client._connection.options).includes('SWORDFISH'))
})
