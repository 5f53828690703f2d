// Paho's `new Client` in its three forms, in every error, and the properties of a client.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { webPlatform } from '../../js/platform/web.js'
import { Host } from './host.mjs'

const { Client, Message, connect } = new Host()

const facts = ({ host, port, path, uri, clientId }) => [host, port, path, uri, clientId]

describe('a client is made from', () => {
  /** @type {[any[], any[]][]} */
  const forms = [
    [
      ['h', 80, '/p', 'me'],
      ['h', 80, '/p', 'ws://h:80/p', 'me'],
    ],
    [
      ['h', 80, '/p', 'me', 'a fifth argument'],
      ['h', 80, '/p', 'ws://h:80/p', 'me'],
    ],
    [
      ['h', 0, '', ''],
      ['h', 0, '', 'ws://h:0', ''],
    ],
    [
      ['h', 80, 'me'],
      ['h', 80, '/mqtt', 'ws://h:80/mqtt', 'me'],
    ],
    [
      ['::1', 80, 'me'],
      ['::1', 80, '/mqtt', 'ws://[::1]:80/mqtt', 'me'],
    ],
    [
      ['[::1]', 80, 'me'],
      ['[::1]', 80, '/mqtt', 'ws://[::1]:80/mqtt', 'me'],
    ],
    [
      ['ws://h:99/p/q?r=/s', 'me'],
      ['h', 99, '/p/q?r=/s', 'ws://h:99/p/q?r=/s', 'me'],
    ],
    [
      ['wss://h/', 'me'],
      ['h', NaN, '/', 'wss://h/', 'me'],
    ],
    [
      ['wss://[fe80::1]:8/x', 'me'],
      ['fe80::1', 8, '/x', 'wss://[fe80::1]:8/x', 'me'],
    ],
    [
      ['ws://user:word@h:1/p', 'me'],
      ['h', 1, '/p', 'ws://user:word@h:1/p', 'me'],
    ],
  ]
  for (const [args, expected] of forms) {
    test(JSON.stringify(args), () => assert.deepEqual(facts(new Client(...args)), expected))
  }
})

describe('no client is made from', () => {
  /** @type {[any[], number, string][]} */
  const wrong = [
    [[], 12, 'AMQJS0012E Invalid type undefined for host.'],
    [[null, 1, 'me'], 12, 'AMQJS0012E Invalid type object for host.'],
    [['h'], 12, 'AMQJS0012E Invalid type undefined for port.'],
    [['ws://h:1', 'me'], 13, 'AMQJS0013E Invalid argument ws://h:1 for host.'],
    [['http://h/p', 'me'], 13, 'AMQJS0013E Invalid argument http://h/p for host.'],
    [['h', 'me'], 13, 'AMQJS0013E Invalid argument h for host.'],
    [['h', '80', 'me'], 12, 'AMQJS0012E Invalid type string for port.'],
    [['h', -1, 'me'], 12, 'AMQJS0012E Invalid type number for port.'],
    [['h', 80, 5, 'me'], 12, 'AMQJS0012E Invalid type number for path.'],
    [['h', '80', 5, 5], 12, 'AMQJS0012E Invalid type string for port.'],
    [['h', 80, '/p', undefined], 13, 'AMQJS0013E Invalid argument undefined for clientId.'],
    [['h', 80, '/p', null], 13, 'AMQJS0013E Invalid argument null for clientId.'],
    [['h', 80, '/p', 5], 13, 'AMQJS0013E Invalid argument 5 for clientId.'],
    [['h', 80, 'x'.repeat(65536)], 13, `AMQJS0013E Invalid argument ${'x'.repeat(65536)} for clientId.`],
  ]
  for (const [args, code, message] of wrong) {
    test(JSON.stringify(args).slice(0, 60), () =>
      assert.throws(() => new Client(...args), { name: 'MqttError', code, message }),
    )
  }
})

test('a client has the properties of Paho with their defaults', () => {
  const client = new Client('ws://h/p', 'me')
  for (const name of ['onConnected', 'onConnectionLost', 'onMessageDelivered', 'onMessageArrived', 'trace']) {
    assert.equal(client[name], null, name)
  }
  assert.equal(client.disconnectedPublishing, false)
  assert.equal(client.disconnectedBufferSize, 5000)
  assert.equal(client.isConnected(), false)
  assert.equal(client.getTraceLog(), undefined)
})

test('disconnectedPublishing and disconnectedBufferSize take anything', () => {
  const client = new Client('ws://h/p', 'me')
  for (const value of [true, 'yes', undefined]) {
    client.disconnectedPublishing = value
    client.disconnectedBufferSize = value
    assert.deepEqual([client.disconnectedPublishing, client.disconnectedBufferSize], [value, value])
  }
})

for (const name of ['host', 'port', 'path', 'uri', 'clientId']) {
  test(`${name} is read-only`, () => {
    const client = new Client('h', 80, '/p', 'me')
    const before = client[name]
    assert.throws(() => (client[name] = before), { code: 14, message: 'AMQJS0014E Unsupported operation.' })
    assert.equal(client[name], before)
  })
}

for (const name of ['onConnected', 'onConnectionLost', 'onMessageDelivered', 'onMessageArrived', 'trace']) {
  test(`${name} takes functions and nothing else`, () => {
    const client = new Client('ws://h/p', 'me')
    const mine = () => {}
    client[name] = mine
    assert.equal(client[name], mine)
    const shown = name === 'trace' ? 'onTrace' : name
    for (const value of [null, undefined, 'x', {}, 5]) {
      const message = `AMQJS0012E Invalid type ${typeof value} for ${shown}.`
      assert.throws(() => (client[name] = value), { code: 12, message })
    }
    assert.equal(client[name], mine)
  })
}

test('a client has the methods of Paho', () => {
  const names = [
    'connect',
    'subscribe',
    'unsubscribe',
    'send',
    'publish',
    'disconnect',
    'isConnected',
    'startTrace',
    'stopTrace',
    'getTraceLog',
  ]
  const client = new Client('ws://h/p', 'me')
  assert.deepEqual(
    names.filter((name) => typeof client[name] !== 'function'),
    [],
  )
  assert.ok(client instanceof Client)
  assert.equal(typeof Message, 'function')
  assert.equal(typeof connect, 'function')
})

test('two clients of one program know nothing of each other', () => {
  const [one, two] = [new Client('h', 1, 'a'), new Client('i', 2, 'b')]
  one.onConnected = () => {}
  one.startTrace()
  assert.deepEqual([two.host, two.onConnected, two.getTraceLog()], ['i', null, undefined])
})

test('a place without WebSocket is told of in words', () => {
  const { WebSocket } = globalThis
  Object.assign(globalThis, { WebSocket: null })
  try {
    const platform = webPlatform(() => Promise.reject(new Error('no core is needed')))
    const message = 'AMQJS0010E WebSocket is not supported by this browser.'
    assert.throws(() => platform.openSocket('ws://h/p', ['mqtt'], /** @type {any} */ ({})), { code: 10, message })
  } finally {
    if (WebSocket === undefined) Reflect.deleteProperty(globalThis, 'WebSocket')
    else Object.assign(globalThis, { WebSocket })
  }
})
