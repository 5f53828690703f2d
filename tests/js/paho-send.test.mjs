// `send` and `publish` as Paho has them, onMessageDelivered and onMessageArrived with their arguments and their time.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host } from './host.mjs'

async function connected(options = {}) {
  const host = new Host()
  const client = await host.connected(options)
  host.socket.take()
  const delivered = []
  client.onMessageDelivered = (...args) => delivered.push(...args)
  const sent = async () => {
    await host.turn()
    return host.socket.take().join('')
  }
  return { host, client, delivered, sent, socket: host.socket }
}

for (const method of ['send', 'publish']) {
  describe(`${method} sends`, () => {
    /** @type {[string, (host: any) => any[], string][]} */
    const forms = [
      ['a topic and a text', () => ['a', 'x'], '3004 0001 61 78'],
      ['a topic, a text and a QoS', () => ['a', 'x', 1], '3206 0001 61 0001 78'],
      ['a topic, a text, a QoS and retained', () => ['a', 'x', 2, true], '3506 0001 61 0001 78'],
      ['retained without a QoS', () => ['a', 'x', undefined, true], '3104 0001 61 78'],
      ['more arguments than it knows', () => ['a', 'x', 0, false, 9], '3004 0001 61 78'],
      ['no payload', () => ['a', ''], '3003 0001 61'],
      ['text beyond ASCII', () => ['日本', 'ü€🎈'], '3011 0006 e697a5e69cac c3bc e282ac f09f8e88'],
      ['an ArrayBuffer', () => ['a', Uint8Array.of(1, 2).buffer], '3005 0001 61 0102'],
      [
        'the part of a buffer that a view shows',
        () => ['a', Uint8Array.of(9, 1, 2, 9).subarray(1, 3)],
        '3005 0001 61 0102',
      ],
      ['a view of another kind', () => ['a', new Int8Array([-1])], '3004 0001 61 ff'],
      ['a DataView', () => ['a', new DataView(Uint8Array.of(9, 1, 2).buffer, 1)], '3005 0001 61 0102'],
      [
        'a Message',
        (host) => [Object.assign(new host.Message('x'), { destinationName: 'a', qos: 1, retained: true })],
        '3306 0001 61 0001 78',
      ],
      [
        'a Message by its other name',
        (host) => [Object.assign(new host.Message('x'), { topic: 'a' })],
        '3004 0001 61 78',
      ],
    ]
    for (const [name, args, packet] of forms) {
      test(name, async () => {
        const { host, client, sent } = await connected()
        client[method](...args(host))
        assert.equal(await sent(), packet.replaceAll(' ', ''))
      })
    }
  })

  describe(`${method} throws, and sends nothing, for`, () => {
    const topic = /A topic name must have 1 to 65535 bytes/
    const invalid = (shown, name) => `AMQJS0013E Invalid argument ${shown} for ${name}.`
    /** @type {[string, (host: any) => any[], string | RegExp][]} */
    const wrong = [
      ['nothing', () => [], 'Invalid argument.length'],
      ['a number', () => [5], 'Invalid argument:number'],
      ['undefined', () => [undefined], 'Invalid argument.length'],
      ['null', () => [null], 'Invalid argument:object'],
      [
        'what only looks like a Message',
        () => [{ destinationName: 'a', payloadString: 'x' }],
        'Invalid argument:object',
      ],
      ['a topic alone', () => ['a'], invalid('undefined', 'newPayload')],
      ['a Message without a topic', (host) => [new host.Message('x')], invalid('undefined', 'Message.destinationName')],
      ['a number as payload', () => ['a', 5], invalid('5', 'newPayload')],
      ['no payload at all', () => ['a', undefined], invalid('undefined', 'newPayload')],
      ['null as payload', () => ['a', null], invalid('null', 'newPayload')],
      ['an object as payload', () => ['a', {}], invalid('[object Object]', 'newPayload')],
      ['a number as topic', () => [5, 'x'], invalid('5', 'newDestinationName')],
      ['a QoS of 3', () => ['a', 'x', 3], 'Invalid argument:3'],
      ['a QoS in quotes', () => ['a', 'x', '1'], 'Invalid argument:1'],
      ['a QoS of null', () => ['a', 'x', null], 'Invalid argument:null'],
      ['retained as a number', () => ['a', 'x', 0, 1], invalid('1', 'newRetained')],
      ['an empty topic', () => ['', 'x'], topic],
      ['a topic with a wildcard', () => ['a/#', 'x'], topic],
      ['a topic with U+0000', () => ['a\0', 'x'], /U\+0000/],
      ['a topic of 65536 bytes', () => ['x'.repeat(65536), 'x'], topic],
      ['half a surrogate pair', () => ['a', '\ud800'], 'AMQJS0017E Malformed Unicode string:55296 NaN.'],
    ]
    for (const [name, args, message] of wrong) {
      test(name, async () => {
        const { host, client, sent, delivered } = await connected()
        assert.throws(() => client[method](...args(host)), { name: 'MqttError', message })
        assert.deepEqual([await sent(), delivered], ['', []])
      })
    }
  })

  test(`${method} without a connection throws, before, between and after connections`, async () => {
    const host = new Host()
    const client = new host.Client('ws://h/p', 'me')
    const refused = { code: 11, message: 'AMQJS0011E Invalid state not connected.' }
    assert.throws(() => client[method]('a', 'x'), refused)
    await host.connected({}, { client })
    host.socket.drop()
    assert.throws(() => client[method]('a', 'x', 1), refused)
    await host.connected({}, { client })
    client.disconnect()
    assert.throws(() => client[method]('a', 'x'), refused)
  })

  test(`onMessageDelivered after ${method}: QoS 0 when sent, QoS 1 at PUBACK, QoS 2 at PUBCOMP; with the very message`, async () => {
    const { host, client, sent, delivered, socket } = await connected()
    const messages = [0, 1, 2].map((qos) => Object.assign(new host.Message('x'), { destinationName: 'a', qos }))
    for (const message of messages) client[method](message)
    assert.deepEqual(delivered, [])
    assert.equal(await sent(), '300400016178 3206000161000178 3406000161000278'.replaceAll(' ', ''))
    assert.deepEqual(
      delivered.map((one) => messages.indexOf(one)),
      [0],
    )
    socket.receive('5002 0002')
    assert.equal(await sent(), '62020002')
    assert.equal(delivered.length, 1)
    socket.receive('7002 0002')
    assert.deepEqual(
      delivered.map((one) => messages.indexOf(one)),
      [0, 2],
    )
    socket.receive('4002 0001 4002 0001')
    assert.deepEqual(
      delivered.map((one) => messages.indexOf(one)),
      [0, 2, 1],
    )
  })
}

test('onMessageDelivered has a Message of the arguments that were sent', async () => {
  const { host, client, delivered, socket } = await connected()
  client.send('a', 'x', 1, true)
  await host.turn()
  socket.receive('4002 0001')
  assert.ok(delivered[0] instanceof host.Message)
  const [{ destinationName, payloadString, qos, retained }] = delivered
  assert.deepEqual([destinationName, payloadString, qos, retained], ['a', 'x', 1, true])
})

test('a message that is sent is not changed, and may be sent again', async () => {
  const { host, client, sent } = await connected()
  const message = Object.freeze(Object.assign(new host.Message('x'), { destinationName: 'a' }))
  client.send(message)
  client.send(message)
  assert.equal(await sent(), '300400016178300400016178')
})

test('onMessageArrived has one argument, a Message with all that the packet says', async () => {
  const { host, client, socket } = await connected()
  const calls = []
  client.onMessageArrived = (...args) => calls.push(args)
  socket.receive('3b0a 0003 612f62 0005 78c3bc 3003 0001 63')
  assert.deepEqual(
    calls.map((args) => args.length),
    [1, 1],
  )
  const [[first], [second]] = calls
  assert.ok(first instanceof host.Message)
  assert.deepEqual(
    [
      first.destinationName,
      first.topic,
      first.payloadString,
      first.payloadBytes,
      first.qos,
      first.retained,
      first.duplicate,
    ],
    ['a/b', 'a/b', 'xü', Uint8Array.of(0x78, 0xc3, 0xbc), 1, true, true],
  )
  assert.deepEqual(
    [second.destinationName, second.payloadString, second.qos, second.retained, second.duplicate],
    ['c', '', 0, false, false],
  )
})

test('a message of QoS 1 is acknowledged before it is told', async () => {
  const { client, socket } = await connected()
  const sent = []
  client.onMessageArrived = () => sent.push(...socket.take())
  socket.receive('3206 0001 61 0005 78')
  assert.deepEqual(sent, ['40020005'])
})

test('a message of QoS 2 is told once, however often it comes, and every release is answered', async () => {
  const { host, client, socket } = await connected()
  const told = []
  client.onMessageArrived = (message) => told.push(message.payloadString)
  for (const packet of ['3406 0001 61 0007 78', '3c06 0001 61 0007 78', '6202 0007', '6202 0007'])
    socket.receive(packet)
  await host.turn()
  assert.deepEqual(told, ['x'])
  assert.deepEqual(socket.take(), ['50020007', '50020007', '70020007', '70020007'])
})

test('a message that nobody listens to is acknowledged all the same', async () => {
  const { host, socket } = await connected()
  socket.receive('3206 0001 61 0005 78')
  await host.turn()
  assert.deepEqual(socket.take(), ['40020005'])
})

test('the server that closes is onConnectionLost with code 8, the socket that fails with code 7', async () => {
  for (const [end, errorCode, errorMessage] of /** @type {[(socket: any) => void, number, string][]} */ ([
    [(socket) => socket.drop(1001, 'going away'), 8, 'AMQJS0008I Socket closed.'],
    [(socket) => socket.fail('reset'), 7, 'AMQJS0007E Socket error:reset.'],
  ])) {
    const { client, socket } = await connected()
    const calls = []
    client.onConnectionLost = (...args) => calls.push([client.isConnected(), ...args])
    end(socket)
    assert.equal(calls.length, 1)
    const [[isConnected, loss, more]] = calls
    assert.deepEqual(
      [isConnected, loss.errorCode, loss.errorMessage, loss.reconnect, loss.uri, more],
      [false, errorCode, errorMessage, false, 'ws://server/mqtt', undefined],
    )
  }
})

test('a server that does not answer a ping is onConnectionLost with code 4', async () => {
  const { host, client } = await connected({ keepAliveInterval: 10 })
  const calls = []
  client.onConnectionLost = ({ errorCode, errorMessage }) => calls.push([errorCode, errorMessage])
  await host.pass(10_000)
  assert.deepEqual(host.socket.take(), ['c000'])
  await host.pass(5000)
  assert.deepEqual(calls, [[4, 'AMQJS0004E Ping timed out.']])
})
