// `subscribe` and `unsubscribe` as Paho has them: packets, callbacks with their arguments, errors, time-outs.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host } from './host.mjs'

/** A connected client that wrote down its callbacks; what CONNECT said is taken. */
async function connected(options = {}) {
  const host = new Host()
  const client = await host.connected(options)
  host.socket.take()
  const seen = []
  const callbacks = (context) => ({
    ...(context ? { invocationContext: context } : {}),
    onSuccess: (...args) => seen.push(['onSuccess', ...args]),
    onFailure: (...args) => seen.push(['onFailure', ...args]),
  })
  return { host, client, seen, callbacks, socket: host.socket }
}

test('a filter is subscribed to with QoS 0 or the QoS of the options', async () => {
  const { host, client, socket } = await connected()
  client.subscribe('a')
  client.subscribe('a', null)
  client.subscribe('a/+', { qos: 2 })
  await host.turn()
  assert.deepEqual(socket.take(), [
    '8206 0001 0001 61 00 8206 0002 0001 61 00 8208 0003 0003 612f2b 02'.replaceAll(' ', ''),
  ])
})

test('a list of filters shares one QoS and one packet', async () => {
  const { host, client, socket } = await connected()
  client.subscribe(['a', '#'], { qos: 1 })
  await host.turn()
  assert.deepEqual(socket.take(), ['820a00010001610100012301'])
})

test('onSuccess has the invocationContext and grantedQos, a Uint8Array with one code for each filter', async () => {
  const { client, seen, callbacks, socket } = await connected()
  const context = { mine: 1 }
  client.subscribe(['a', 'b', 'c'], { qos: 2, ...callbacks(context) })
  assert.deepEqual(seen, [])
  socket.receive('9005 0001 02 00 01')
  assert.equal(seen.length, 1)
  const [name, answer] = seen[0]
  assert.equal(name, 'onSuccess')
  assert.equal(answer.invocationContext, context)
  assert.deepEqual(answer.grantedQos, Uint8Array.of(2, 0, 1))
})

test('onFailure has errorCode, a Uint8Array of all codes, when the server refuses any filter', async () => {
  for (const codes of [[0x80], [0x80, 0], [0, 0x80]]) {
    const { client, seen, callbacks, socket } = await connected()
    client.subscribe(
      codes.map((_, at) => `${at}`),
      callbacks({ mine: 2 }),
    )
    socket.receive(Uint8Array.from([0x90, codes.length + 2, 0, 1, ...codes]))
    assert.equal(seen.length, 1)
    const [name, failure] = seen[0]
    assert.equal(name, 'onFailure')
    assert.deepEqual([failure.invocationContext, failure.errorCode], [{ mine: 2 }, Uint8Array.from(codes)])
    assert.match(failure.errorMessage, /refused a topic filter/)
  }
})

test('unsubscribe sends one packet for a filter or a list, and onSuccess has the invocationContext', async () => {
  const { host, client, seen, callbacks, socket } = await connected()
  const context = { mine: 3 }
  client.unsubscribe('a', callbacks(context))
  await host.turn()
  assert.deepEqual(socket.take(), ['a2050001000161'])
  socket.receive('b002 0001')
  assert.equal(seen[0][0], 'onSuccess')
  assert.equal(seen[0][1].invocationContext, context)
  client.unsubscribe(['a', 'b/#'], callbacks())
  await host.turn()
  assert.deepEqual(socket.take(), ['a20a00010001610003622f23'])
  socket.receive('b002 0001')
  assert.deepEqual([seen.length, seen[1][0], seen[1][1].invocationContext], [2, 'onSuccess', undefined])
})

for (const [method, code, errorMessage, answer] of /** @type {[string, number, string, string][]} */ ([
  ['subscribe', 2, 'AMQJS0002E Subscribe timed out.', '9003 0001 00'],
  ['unsubscribe', 3, 'AMQJS0003E Unsubscribe timed out.', 'b002 0001'],
])) {
  test(`${method} without an answer ends with code ${code} when its timeout is over; the answer is ignored then`, async () => {
    const { host, client, seen, callbacks, socket } = await connected()
    client[method]('a', { timeout: 2, ...callbacks({ mine: 4 }) })
    await host.pass(1999)
    assert.deepEqual(seen, [])
    await host.pass(1)
    assert.deepEqual(seen, [['onFailure', { invocationContext: { mine: 4 }, errorCode: code, errorMessage }]])
    socket.receive(answer)
    assert.equal(seen.length, 1)
    assert.equal(client.isConnected(), true)
  })

  test(`${method} with an answer in time leaves no timer behind`, async () => {
    const { host, client, seen, callbacks, socket } = await connected({ keepAliveInterval: 0 })
    client[method]('a', { timeout: 2, ...callbacks() })
    socket.receive(answer)
    assert.deepEqual([seen.length, seen[0][0], host.timers.length], [1, 'onSuccess', 0])
    await host.pass(10_000)
    assert.equal(seen.length, 1)
  })

  test(`${method} without a timeout waits as long as the connection lasts, and fails with it`, async () => {
    const { host, client, seen, callbacks, socket } = await connected({ keepAliveInterval: 0 })
    client[method]('a', callbacks({ mine: 5 }))
    await host.pass(3_600_000)
    assert.deepEqual(seen, [])
    socket.drop()
    assert.equal(seen.length, 1)
    const [name, { invocationContext, errorCode, errorMessage: words }] = seen[0]
    assert.deepEqual(
      [name, invocationContext, errorCode, words],
      ['onFailure', { mine: 5 }, 8, 'AMQJS0008I Socket closed.'],
    )
  })

  test(`a timeout of ${method} needs no onFailure`, async () => {
    const { host, client } = await connected()
    const settled = client[method]('a', { timeout: 1 })
    await host.pass(1000)
    await assert.rejects(settled, { code, message: errorMessage })
  })

  test(`${method} is refused without a connection, when its arguments are good`, () => {
    const host = new Host()
    const client = new host.Client('ws://h/p', 'me')
    assert.throws(() => client[method](5), { message: 'Invalid argument:5' })
    assert.throws(() => client[method]('a'), { code: 11, message: 'AMQJS0011E Invalid state not connected.' })
  })
}

describe('subscribe throws, and sends nothing, for', () => {
  const filter = /A topic filter must have 1 to 65535 bytes/
  /** @type {[any[], string | RegExp][]} */
  const wrong = [
    [[5], 'Invalid argument:5'],
    [[undefined], 'Invalid argument:undefined'],
    [[null], 'Invalid argument:null'],
    [[{}], 'Invalid argument:[object Object]'],
    [[['a', 5]], 'Invalid argument:5'],
    [[[]], /at least one topic filter/],
    [[''], filter],
    [['a#'], filter],
    [['a/#/b'], filter],
    [['a+'], filter],
    [['a\0'], /U\+0000/],
    [['x'.repeat(65536)], filter],
    [['a', { qos: 3 }], 'AMQJS0013E Invalid argument 3 for subscribeOptions.qos.'],
    [['a', { qos: -1 }], 'AMQJS0013E Invalid argument -1 for subscribeOptions.qos.'],
    [['a', { qos: '1' }], 'AMQJS0012E Invalid type string for qos.'],
    [['a', { invocationContext: 5 }], 'AMQJS0012E Invalid type number for invocationContext.'],
    [['a', { onSuccess: {} }], 'AMQJS0012E Invalid type object for onSuccess.'],
    [['a', { onFailure: 'f' }], 'AMQJS0012E Invalid type string for onFailure.'],
    [['a', { timeout: '1' }], 'AMQJS0012E Invalid type string for timeout.'],
    [['a', { timeout: -1 }], 'AMQJS0013E Invalid argument -1 for subscribeOptions.timeout.'],
    [
      ['a', { foo: 1 }],
      /^Unknown property, foo\. Valid properties are: qos invocationContext onSuccess onFailure timeout /,
    ],
  ]
  for (const [args, message] of wrong) {
    test(JSON.stringify(args).slice(0, 60), async () => {
      const { host, client, socket } = await connected()
      assert.throws(() => client.subscribe(...args), { name: 'MqttError', message })
      await host.turn()
      assert.deepEqual(socket.take(), [])
    })
  }
})

describe('unsubscribe throws, and sends nothing, for', () => {
  /** @type {[any[], string | RegExp][]} */
  const wrong = [
    [[5], 'Invalid argument:5'],
    [[undefined], 'Invalid argument:undefined'],
    [[['a', null]], 'Invalid argument:null'],
    [[[]], /at least one topic filter/],
    [['a#'], /A topic filter must have/],
    [['a', { timeout: 'x' }], 'AMQJS0012E Invalid type string for timeout.'],
    [['a', { timeout: NaN }], 'AMQJS0013E Invalid argument NaN for unsubscribeOptions.timeout.'],
    [
      ['a', { qos: 1 }],
      /^Unknown property, qos\. Valid properties are: invocationContext onSuccess onFailure timeout /,
    ],
  ]
  for (const [args, message] of wrong) {
    test(JSON.stringify(args).slice(0, 60), async () => {
      const { host, client, socket } = await connected()
      assert.throws(() => client.unsubscribe(...args), { name: 'MqttError', message })
      await host.turn()
      assert.deepEqual(socket.take(), [])
    })
  }
})
