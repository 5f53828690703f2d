// The boundary on the way in: a packet may arrive in any split of WebSocket messages, many may share one, and payloads
// are views of what came wherever that is possible.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, hex, packet, sized, string, watch } from './host.mjs'

const user = sized(`26 ${string('k')} ${string('v')}`)
const none = '00'

/** A conversation with everything that a server may send, and what the client tells of it. */
const conversation = [
  packet('30', `${string('a/b')} ${none} 31`),
  packet('3d', `${string('重要')} 0001 ${user} ${'32'.repeat(200)}`),
  packet('30', `${string('a/b')} ${none}`),
  packet('30', `${string('a/b')} ${user}`),
  packet('33', `${string('x'.repeat(300))} 0002 ${none} 33`),
  packet('90', `0001 ${user} 01 87`),
  packet('40', `0002 10 ${user}`),
  packet('50', '0003'),
  packet('70', '0003'),
  packet('62', '0001'),
  'd000',
  packet('30', `${string('a/b')} ${none} 34`),
  packet('e0', `8b ${user}`),
].join('')

/** Plays the conversation in these pieces, and gives everything that the client told and sent. */
async function play(pieces) {
  const host = new Host()
  const client = await host.connected({ mqttVersion: 5 }, { connAck: connAck5() })
  const told = []
  client.onMessageArrived = (message) => {
    const { topic, payloadString, qos, retained, duplicate, properties } = message
    told.push([topic, payloadString, qos, retained, duplicate, properties])
  }
  client.onConnectionLost = ({ errorCode, reasonCode, properties }) =>
    told.push(['lost', errorCode, reasonCode, properties])
  client.onMessageDelivered = (message) => told.push(['delivered', message.payloadString])
  const waits = [
    watch(client.subscribe(['a', 'b'])),
    ...[1, 2].map((qos) => watch(client.publish('t', String(qos), { qos }))),
  ]
  await host.turn()
  host.socket.take()
  for (const piece of pieces) host.socket.receive(piece)
  const sent = host.socket.take().join('')
  await host.turn()
  return { told, sent, waits, reported: host.reported }
}

const expected = await play([conversation])

test('the whole conversation in one frame is told', () => {
  assert.equal(expected.told.length, 9)
  assert.deepEqual(expected.told[1], ['重要', '2'.repeat(200), 2, true, true, { userProperties: [['k', 'v']] }])
  assert.deepEqual(expected.told.at(-1), ['lost', 21, 0x8b, { userProperties: [['k', 'v']] }])
  assert.equal(expected.sent, '50020001400200026202000370020001')
  assert.deepEqual(
    expected.waits.map(({ state }) => state),
    ['rejected', 'fulfilled', 'fulfilled'],
  )
})

test('it is the same in pieces of every size', async () => {
  const bytes = hex(conversation)
  for (let size = 1; size < bytes.length; size++) {
    const pieces = []
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size))
    assert.deepEqual(await play(pieces), expected, `pieces of ${size}`)
  }
})

test('it is the same cut in two at every byte', async () => {
  const bytes = hex(conversation)
  for (let at = 1; at < bytes.length; at++) {
    assert.deepEqual(await play([bytes.slice(0, at), bytes.slice(at)]), expected, `cut at ${at}`)
  }
})

test('it is the same with empty frames in between', async () => {
  const bytes = hex(conversation)
  assert.deepEqual(await play(['', bytes.slice(0, 100), '', '', bytes.slice(100), '']), expected)
})

test('CONNACK may come byte by byte, and with messages behind it', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const got = []
  client.onMessageArrived = (message) => got.push(message.payloadString)
  client.onConnected = () => got.push('connected')
  client.connect({ mqttVersion: 4 })
  await host.turn()
  host.socket.open()
  for (const byte of ['20', '02', '00']) host.socket.receive(byte)
  host.socket.receive('00 3004 0001 61 31 30')
  host.socket.receive('04 0001 61 32')
  assert.deepEqual(got, ['connected', '1', '2'])
})

describe('a payload', () => {
  const receive = async (...frames) => {
    const host = new Host()
    const client = await host.connected()
    const messages = []
    client.onMessageArrived = (message) => messages.push(message)
    const buffers = frames.map((frame) => hex(frame).buffer)
    for (const buffer of buffers) host.socket.handlers.onMessage(buffer)
    return { host, client, messages, buffers }
  }

  test('is a view of the frame that it came in whole', async () => {
    const { messages, buffers } = await receive('3005 0001 61 3132 3005 0001 61 3334')
    assert.equal(messages[0].payloadBytes.buffer, buffers[0])
    assert.equal(messages[1].payloadBytes.buffer, buffers[0])
    assert.deepEqual(
      messages.map(({ payloadBytes }) => [payloadBytes.byteOffset, payloadBytes.length]),
      [
        [5, 2],
        [12, 2],
      ],
    )
    assert.equal(messages[0].payloadBytes, messages[0].payloadBytes)
  })

  test('that was put together belongs to nobody else', async () => {
    const { host, messages } = await receive('3005 0001', '61 3132 3005', '0001 61 3334')
    for (const { payloadBytes } of messages) {
      assert.notEqual(payloadBytes.buffer, host.exports.memory.buffer)
      assert.equal(payloadBytes.buffer.byteLength, 2)
    }
    assert.deepEqual(
      messages.map(({ payloadString }) => payloadString),
      ['12', '34'],
    )
  })

  test('stays what it was when more arrives', async () => {
    const { host, messages } = await receive('3005 0001', '61 3132')
    for (let n = 0; n < 50; n++) host.socket.receive('3005 0001 61 3939')
    host.socket.receive(packet('30', `0001 61 ${'39'.repeat(300_000)}`))
    assert.equal(messages[0].payloadString, '12')
  })

  test('may be empty, whole or in pieces', async () => {
    const { messages } = await receive('3003 0001 61', '30', '03 0001 61')
    assert.deepEqual(
      messages.map(({ payloadBytes, payloadString }) => [payloadBytes.length, payloadString]),
      [
        [0, ''],
        [0, ''],
      ],
    )
  })

  test('that is no UTF-8 is bytes, and throws as text', async () => {
    const { client, messages } = await receive('3005 0001 61 c328')
    assert.deepEqual([...messages[0].payloadBytes], [0xc3, 0x28])
    assert.throws(() => messages[0].payloadString, { code: 9 })
    assert.throws(() => messages[0].json(), { code: 9 })
    assert.equal(client.isConnected(), true)
  })

  test('reads as JSON', async () => {
    const { messages } = await receive('300a 0001 61 7b2261223a317d')
    assert.deepEqual(messages[0].json(), { a: 1 })
  })
})
