// Which protocol version a connection speaks: the one that was asked for, or the newest that the server takes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Host, connAck5, watch } from './host.mjs'

/** The attempts of a client, each answered by a step: hexadecimal digits, 'hang up' or 'nothing'. */
async function tries(options, answers) {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const seen = watch(client.connect(options))
  const spoken = []
  for (const answer of answers) {
    await host.turn()
    const [sent] = host.socket.open()
    spoken.push(/^10..0006/.test(sent) ? 3 : Number.parseInt(sent.slice(16, 18), 16))
    if (answer === 'hang up') host.socket.drop(1006)
    else if (answer !== 'nothing') host.socket.receive(answer)
    await host.turn()
  }
  return { host, client, seen, spoken, protocols: host.sockets.map((socket) => socket.protocols.join()) }
}

const accepted = { 5: '2003000000', 4: '20020000' }

for (const [cause, answer] of Object.entries({
  'CONNACK says 0x84': connAck5('', '84'),
  'an old server says 1 in two bytes': '20020001',
  'the server hangs up on CONNECT': 'hang up',
})) {
  test(`'auto' goes on with MQTT 3.1.1 when ${cause}`, async () => {
    const { host, client, seen, spoken } = await tries({ mqttVersion: 'auto' }, [answer, accepted[4]])
    assert.deepEqual(spoken, [5, 4])
    assert.equal(seen.value.mqttVersion, 4)
    assert.equal(client.mqttVersion, 4)
    assert.equal(host.sockets[0].closed, true)
    assert.equal(host.sockets.length, 2)
  })
}

test("'auto' stays with MQTT 5 where the server speaks it", async () => {
  const { seen, spoken, protocols } = await tries({ mqttVersion: 'auto' }, [accepted[5]])
  assert.deepEqual([spoken, protocols, seen.value.mqttVersion], [[5], ['mqtt'], 5])
})

for (const [what, answer, code] of [
  ['a wrong password', connAck5('', '86'), 0x86],
  ['a ban', connAck5('', '8a'), 0x8a],
  ['a server that is busy', connAck5('', '89'), 0x89],
  ['an old server that says 5', '20020005', 5],
]) {
  test(`'auto' does not try another version after ${what}`, async () => {
    const { host, seen, spoken } = await tries({ mqttVersion: 'auto' }, [answer])
    assert.deepEqual([spoken, host.sockets.length], [[5], 1])
    assert.equal(seen.error.code, 6)
    assert.equal(seen.error.reasonCode, code)
  })
}

test('what the last attempt came to is told', async () => {
  const { seen, spoken } = await tries({ mqttVersion: 'auto' }, ['hang up', '20020004'])
  assert.deepEqual([spoken, seen.error.reasonCode], [[5, 4], 4])
  assert.match(seen.error.message, /bad user name or password/)
})

test('without a version MQTT 3.1.1 is tried, then 3.1 by its own sub-protocol, as in Paho', async () => {
  const { seen, spoken, protocols } = await tries({}, ['20020001', accepted[4]])
  assert.deepEqual([spoken, protocols, seen.value.mqttVersion], [[4, 3], ['mqtt', 'mqttv3.1'], 3])
})

test('one version asked for is the only one tried', async () => {
  for (const version of [3, 4, 5]) {
    const { host, seen, spoken } = await tries({ mqttVersion: version }, ['hang up'])
    assert.deepEqual([spoken, host.sockets.length, seen.error.code], [[version], 1, 8])
  }
  const { seen } = await tries({ mqttVersion: 5 }, [connAck5('', '84')])
  assert.equal(seen.error.reasonName, 'Unsupported Protocol Version')
})

test('each address is tried with each version, in order', async () => {
  const uris = ['ws://one/mqtt', 'wss://two/mqtt']
  const { host, seen, spoken } = await tries({ mqttVersion: 'auto', uris }, ['hang up', 'hang up', accepted[5]])
  assert.deepEqual(spoken, [5, 4, 5])
  assert.deepEqual(
    host.sockets.map(({ url }) => url),
    ['ws://one/mqtt', 'ws://one/mqtt', 'wss://two/mqtt'],
  )
  assert.equal(seen.value.uri, 'wss://two/mqtt')
})

test('properties go with MQTT 5 and are left out of the attempt before it', async () => {
  const { client, seen } = await tries({ mqttVersion: 'auto', properties: { receiveMaximum: 7 } }, [
    'hang up',
    accepted[4],
  ])
  assert.equal(seen.state, 'fulfilled')
  assert.throws(() => client.publish('a', 'b', { properties: { contentType: 'x' } }), { code: 40 })
  assert.throws(() => client.subscribe('a', { noLocal: true }), { name: 'MqttError' })
  assert.throws(() => client.disconnect({ reasonCode: 4 }), { code: 40 })
  assert.equal(client.isConnected(), true)
})

test('other sub-protocols can be offered', async () => {
  const { protocols } = await tries({ mqttVersion: 4, protocols: ['mqtt', 'token.abc'] }, [accepted[4]])
  assert.deepEqual(protocols, ['mqtt,token.abc'])
})

test('a version that MQTT does not have is refused', () => {
  const client = new new Host().Client('ws://server/mqtt', 'me')
  for (const mqttVersion of [0, 2, 6, 3.1, '5', 'newest']) {
    assert.throws(
      () => client.connect({ mqttVersion }),
      ({ code }) => code === 12 || code === 13,
    )
  }
})

test('a session that MQTT 3.1 keeps, without being able to say so, keeps its handlers', async () => {
  const host = new Host()
  const options = { mqttVersion: 3, cleanSession: false }
  const client = await host.connected(options)
  const got = []
  client.subscribe('a', { onMessage: (message) => got.push(message.payloadString) })
  host.socket.receive('90 03 0001 00')
  host.socket.drop()
  await host.connected(options, { client })
  host.socket.receive('3004 0001 61 31')
  assert.deepEqual(got, ['1'])
})
