// How connections end, and what the program hears of it: the server's reasons, its own, and the socket's.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, sized, string, watch } from './host.mjs'

/** A client whose onConnectionLost is collected. */
async function connected(options, more) {
  const host = new Host()
  const client = await host.connected(options, more)
  const lost = []
  client.onConnectionLost = (loss) => lost.push(loss)
  return { host, client, lost }
}

test("a server's DISCONNECT is told with reason, name, reason string and server reference", async () => {
  const { host, client, lost } = await connected({ mqttVersion: 5 })
  const properties = sized(`1f ${string('moving house')} 1c ${string('other:1883')} 26 ${string('a')} ${string('b')}`)
  host.socket.receive(packet('e0', `9d ${properties}`))
  assert.equal(lost.length, 1)
  assert.equal(lost[0].errorCode, 21)
  assert.equal(lost[0].errorMessage, 'The server ended the connection; see the reason code. Server moved.')
  assert.equal(lost[0].reasonCode, 0x9d)
  assert.equal(lost[0].reasonName, 'Server moved')
  assert.deepEqual(lost[0].properties, {
    reasonString: 'moving house',
    serverReference: 'other:1883',
    userProperties: [['a', 'b']],
  })
  assert.equal(lost[0].reconnect, false)
  assert.equal(lost[0].uri, 'ws://server/mqtt')
  assert.equal(host.socket.closed, true)
  assert.equal(client.isConnected(), false)
  assert.deepEqual(host.socket.take(), [], 'a DISCONNECT was answered [MQTT-3.14.4-3]')
})

test('a DISCONNECT before MQTT 5, which brokers send all the same, is an end like any other', async () => {
  const { host, lost } = await connected()
  host.socket.receive('e000')
  assert.deepEqual(
    lost.map(({ errorCode }) => errorCode),
    [21],
  )
})

test('a refusal by CONNACK is told with its name and properties', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const failures = []
  const seen = watch(client.connect({ mqttVersion: 5, onFailure: (failure) => failures.push(failure) }))
  await host.turn()
  host.socket.open()
  host.socket.receive(connAck5(`1f ${string('out of order')} 1c ${string('b')}`, '9c'))
  await host.turn()
  assert.equal(seen.error.code, 6)
  assert.equal(seen.error.reasonName, 'Use another server')
  assert.deepEqual(seen.error.properties, { reasonString: 'out of order', serverReference: 'b' })
  assert.deepEqual(failures[0].properties, seen.error.properties)
  assert.equal(failures[0].reasonCode, 0x9c)
  assert.equal(seen.error.message, 'AMQJS0006E Bad Connack return code:156 Connection Refused: Use another server.')
})

for (const [reason, text] of [
  [1, 'unacceptable protocol version'],
  [2, 'identifier rejected'],
  [3, 'server unavailable'],
  [4, 'bad user name or password'],
  [5, 'not authorized'],
]) {
  test(`CONNACK ${reason} before MQTT 5 is told in Paho's words`, async () => {
    const host = new Host()
    const seen = watch(new host.Client('ws://server/mqtt', 'me').connect({ mqttVersion: 4 }))
    await host.turn()
    host.socket.open()
    host.socket.receive(`2002000${reason}`)
    await host.turn()
    assert.equal(seen.error.message, `AMQJS0006E Bad Connack return code:${reason} Connection Refused: ${text}.`)
  })
}

test('disconnect says why: the will is published all the same, the session kept for longer', async () => {
  const { host, client, lost } = await connected({ mqttVersion: 5, properties: { sessionExpiryInterval: 10 } })
  client.disconnect({ reasonCode: 4, properties: { sessionExpiryInterval: 20, reasonString: 'bye' } })
  assert.deepEqual(host.socket.take(), [packet('e0', `04 ${sized(`11 00000014 1f ${string('bye')}`)}`)])
  assert.deepEqual([lost.length, lost[0].errorCode], [1, 0])
  assert.equal(host.socket.closed, true)
})

test('a DISCONNECT that says nothing is two bytes', async () => {
  const { host, client } = await connected({ mqttVersion: 5 })
  client.disconnect()
  assert.deepEqual(host.socket.take(), ['e000'])
})

test('a DISCONNECT that MQTT forbids is refused and the connection stays', async () => {
  const { host, client, lost } = await connected({ mqttVersion: 5 })
  assert.throws(() => client.disconnect({ reasonCode: 1 }), { code: 49 })
  assert.throws(() => client.disconnect({ reasonCode: 300 }), { code: 49 })
  assert.throws(() => client.disconnect({ properties: { receiveMaximum: 1 } }), { code: 41 })
  // Section 3.14.2.2.2: an expiry of 0 in CONNECT can't be raised.
  assert.throws(() => client.disconnect({ properties: { sessionExpiryInterval: 5 } }), { code: 41 })
  assert.deepEqual([client.isConnected(), lost, host.socket.take()], [true, [], []])
})

test('a socket that closes tells its close code and reason', async () => {
  const { host, client, lost } = await connected()
  const waiting = watch(client.publish('a', 'b', { qos: 1 }))
  host.socket.drop(1012, 'service restart')
  await host.turn()
  assert.equal(lost[0].errorCode, 8)
  assert.equal(lost[0].closeCode, 1012)
  assert.equal(lost[0].closeReason, 'service restart')
  assert.equal(waiting.error.closeCode, 1012)
})

test('a socket that fails tells what it says, once', async () => {
  const { host, lost } = await connected()
  host.socket.fail('network changed')
  host.socket.drop(1006)
  assert.deepEqual(
    lost.map(({ errorMessage }) => errorMessage),
    ['AMQJS0007E Socket error:network changed.'],
  )
})

describe('an old socket', () => {
  test('that reports late disturbs no new connection', async () => {
    const { host, client, lost } = await connected()
    const got = []
    client.onMessageArrived = (message) => got.push(message.payloadString)
    client.disconnect()
    await host.connected({}, { client })
    host.sockets[0].receive('3004 0001 61 31')
    host.sockets[0].fail('old')
    host.sockets[0].drop(1006)
    assert.deepEqual([client.isConnected(), got], [true, []])
    host.socket.drop(1001)
    assert.deepEqual(
      lost.map(({ errorCode }) => errorCode),
      [0, 8],
    )
  })

  test('that opens late is not written to', async () => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    client.connect({ mqttVersion: 4, timeout: 1 })
    await host.turn()
    await host.pass(1000)
    host.sockets[0].open()
    assert.deepEqual(host.sockets[0].take(), [])
    assert.equal(host.sockets[0].closed, true)
  })

  test('that fails late does not put its words into the new one', async () => {
    const { host, client, lost } = await connected()
    client.disconnect()
    await host.connected({}, { client })
    const { handlers } = host.socket
    host.sockets[0].fail('old words')
    handlers.onError('new words')
    assert.match(lost[1].errorMessage, /new words/)
  })
})

test('an error in the protocol is told to an MQTT 5 server with its reason code', async () => {
  for (const [bytes, code, reason] of [
    ['2003000000', 83, 0x82],
    ['f001 00', 25, 0x8c],
    ['3004 0001 23 00', 86, 0x90],
    ['40 02 0007', undefined, undefined],
    ['3206 0001 61 0000 00', 67, 0x81],
    ['3007 0001 61 03 23 0001', 87, 0x94],
  ]) {
    const { host, lost } = await connected({ mqttVersion: 5 })
    host.socket.receive(bytes)
    const sent = host.socket.take()
    if (code === undefined) {
      assert.deepEqual([lost, sent], [[], []], 'an acknowledgement of nothing is harmless')
      continue
    }
    assert.deepEqual(
      [lost.map(({ errorCode, reasonCode }) => [errorCode, reasonCode]), sent],
      [[[code, reason]], [`e001${reason.toString(16)}`]],
      bytes,
    )
  }
})

test('onConnected and connect tell CONNACK', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const told = []
  client.onConnected = (...args) => told.push(args)
  const seen = watch(client.connect({ mqttVersion: 4, cleanSession: false }))
  await host.turn()
  host.socket.open()
  host.socket.receive('20020100')
  await host.turn()
  assert.deepEqual(told, [[false, 'ws://server/mqtt']])
  assert.deepEqual(seen.value, { sessionPresent: true, mqttVersion: 4, properties: {}, uri: 'ws://server/mqtt' })
  assert.equal(client.sessionPresent, true)
})
