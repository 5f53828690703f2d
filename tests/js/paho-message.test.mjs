// Paho's Message: what it is made from, what can be read and set, in every error.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host } from './host.mjs'

const { Message } = new Host()

describe('a message is made from', () => {
  const buffer = Uint8Array.of(9, 0xc3, 0xbc, 9).buffer
  /** @type {[string, any, string, number[]][]} */
  const payloads = [
    ['a text', 'ü', 'ü', [0xc3, 0xbc]],
    ['an empty text', '', '', []],
    ['an ArrayBuffer', buffer.slice(1, 3), 'ü', [0xc3, 0xbc]],
    ['a Uint8Array', new Uint8Array(buffer, 1, 2), 'ü', [0xc3, 0xbc]],
    ['a view of another kind', new Int8Array(buffer, 1, 2), 'ü', [0xc3, 0xbc]],
    ['a DataView', new DataView(buffer, 1, 2), 'ü', [0xc3, 0xbc]],
    ['an empty ArrayBuffer', new ArrayBuffer(0), '', []],
    [
      'a long text beyond the BMP',
      '🎈'.repeat(5000),
      '🎈'.repeat(5000),
      Array.from({ length: 20_000 }, (_, i) => [0xf0, 0x9f, 0x8e, 0x88][i % 4]),
    ],
  ]
  for (const [name, payload, text, bytes] of payloads) {
    test(name, () => {
      const message = new Message(payload)
      assert.equal(message.payloadString, text)
      assert.ok(message.payloadBytes instanceof Uint8Array)
      assert.deepEqual([...message.payloadBytes], bytes)
    })
  }
})

test('no message is made from anything else', () => {
  for (const payload of [undefined, null, 5, true, {}, [1, 2], () => {}, 5n]) {
    const message = `AMQJS0013E Invalid argument ${payload} for newPayload.`
    assert.throws(() => new Message(payload), { name: 'MqttError', code: 13, message })
  }
  assert.throws(() => new Message(Symbol('s')), { name: 'MqttError', code: 13 })
})

test('a new message has the defaults of Paho', () => {
  const { destinationName, topic, qos, retained, duplicate } = new Message('x')
  assert.deepEqual([destinationName, topic, qos, retained, duplicate], [undefined, undefined, 0, false, false])
})

describe('can be set:', () => {
  /** @type {[string, any[], any[], (value: any) => string][]} */
  const setters = [
    [
      'destinationName',
      ['', 'a/b', '日本'],
      [undefined, null, 5, {}],
      (value) => `AMQJS0013E Invalid argument ${value} for newDestinationName.`,
    ],
    ['topic', ['a/b'], [undefined, 5], (value) => `AMQJS0013E Invalid argument ${value} for newDestinationName.`],
    ['qos', [0, 1, 2], [3, -1, '1', null, undefined, 0.5], (value) => `Invalid argument:${value}`],
    [
      'retained',
      [true, false],
      [1, 'true', null, undefined],
      (value) => `AMQJS0013E Invalid argument ${value} for newRetained.`,
    ],
  ]
  for (const [name, good, bad, message] of setters) {
    test(name, () => {
      const one = new Message('x')
      for (const value of good) {
        one[name] = value
        assert.equal(one[name], value)
      }
      const before = one[name]
      for (const value of bad) {
        assert.throws(() => (one[name] = value), { name: 'MqttError', code: 13, message: message(value) })
        assert.equal(one[name], before)
      }
    })
  }

  test('duplicate, to what counts as true or false', () => {
    const message = new Message('x')
    for (const [value, read] of /** @type {[any, boolean][]} */ ([
      [true, true],
      [false, false],
      [1, true],
      [undefined, false],
    ])) {
      message.duplicate = value
      assert.equal(message.duplicate, read)
    }
  })
})

test('topic is another name of destinationName', () => {
  const message = new Message('x')
  message.topic = 'a'
  assert.equal(message.destinationName, 'a')
  message.destinationName = 'b'
  assert.equal(message.topic, 'b')
})

test('flags do not disturb each other', () => {
  const message = new Message('x')
  Object.assign(message, { retained: true, duplicate: true, qos: 2 })
  message.retained = false
  assert.deepEqual([message.retained, message.duplicate, message.qos], [false, true, 2])
})

test('the payload is read-only', () => {
  const message = new Message('x')
  for (const name of ['payloadString', 'payloadBytes']) assert.throws(() => (message[name] = 'y'), TypeError)
  assert.equal(message.payloadString, 'x')
})

test('a payload that is not UTF-8 has bytes, and an error instead of a text', () => {
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
    [0x61, 0xc3],
  ]) {
    const message = new Message(Uint8Array.from(bytes))
    assert.throws(() => message.payloadString, {
      code: 9,
      message: /^AMQJS0009E Malformed UTF data:[0-9a-f]+ [0-9a-f]+ [0-9a-f]+\.$/,
    })
    assert.deepEqual([...message.payloadBytes], bytes)
  }
})

test('a message as JSON is what it says, a received one too, and nothing of its client', async () => {
  const host = new Host()
  const client = await host.connected({ userName: 'u', password: 's3cret' })
  const got = []
  client.onMessageArrived = (message) => got.push(message)
  host.socket.receive('3306 0001 61 0005 78')
  const expected = { payloadString: 'x', destinationName: 'a', qos: 1, retained: true, duplicate: false }
  assert.deepEqual(JSON.parse(JSON.stringify(got)), [expected])
  const sent = Object.assign(new Message('x'), { destinationName: 'a', qos: 1, retained: true })
  assert.deepEqual(JSON.parse(JSON.stringify(sent)), expected)
})

test('a received message keeps its payload when the next one comes', async () => {
  const host = new Host()
  const client = await host.connected()
  const got = []
  client.onMessageArrived = (message) => got.push(message)
  host.socket.receive('3004 0001 61 31')
  host.socket.receive('3004 00')
  host.socket.receive('01 61 32')
  host.socket.receive('3004 0001 61 33')
  assert.deepEqual(
    got.map(({ payloadString }) => payloadString),
    ['1', '2', '3'],
  )
  assert.deepEqual(
    got.map(({ payloadBytes }) => [...payloadBytes]),
    [[0x31], [0x32], [0x33]],
  )
})
