// `connect` on its way: the callbacks with their arguments, time-outs, the fall back to MQTT 3.1, lists of hosts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Host } from './host.mjs'
import { Transcript, transcriptOf } from './paho-transcript.mjs'

const refused = (code, words) => `AMQJS0006E Bad Connack return code:${code} Connection Refused: ${words}.`

/** What a program sees of an attempt, by its callbacks alone. @param {any} options @param {(host: Host) => Promise<void>} server */
async function outcome(options, server, args = ['ws://h/mqtt', 'me']) {
  const host = new Host()
  const client = new host.Client(...args)
  const seen = []
  for (const name of ['onConnected', 'onConnectionLost']) client[name] = (...rest) => seen.push([name, ...rest])
  for (const name of ['onSuccess', 'onFailure']) options[name] = (...rest) => seen.push([name, ...rest])
  await new Transcript(host).connecting(client, options)
  await server(host)
  return { host, client, seen }
}

const answers = (connAck) => async (host) => {
  host.socket.open()
  host.socket.receive(connAck)
}

test('onSuccess has the invocationContext alone, then comes onConnected(false, uri)', async () => {
  const invocationContext = { mine: 1 }
  const { client, seen } = await outcome({ invocationContext }, answers('20020000'))
  assert.deepEqual(seen, [
    ['onSuccess', { invocationContext }],
    ['onConnected', false, 'ws://h/mqtt'],
  ])
  assert.equal(seen[0][1].invocationContext, invocationContext)
  assert.equal(client.isConnected(), true)
})

test('the client is connected when onSuccess runs', async () => {
  const host = new Host()
  const client = new host.Client('ws://h/mqtt', 'me')
  const states = []
  client.onConnected = () => states.push(client.isConnected())
  await new Transcript(host).connecting(client, {
    onSuccess() {
      states.push(client.isConnected())
      client.send('a', 'b')
    },
  })
  assert.equal(client.isConnected(), false)
  host.socket.open()
  host.socket.receive('20020000')
  await host.turn()
  assert.deepEqual(states, [true, true])
  assert.deepEqual(host.socket.take(), ['300400016162'])
})

for (const [code, words] of /** @type {[number, string][]} */ ([
  [1, 'unacceptable protocol version'],
  [2, 'identifier rejected'],
  [3, 'server unavailable'],
  [4, 'bad user name or password'],
  [5, 'not authorized'],
])) {
  test(`a refusal with ${code} is onFailure with code 6 and the words of Paho`, async () => {
    const invocationContext = { mine: code }
    const { client, seen, host } = await outcome({ mqttVersion: 4, invocationContext }, answers(`2002000${code}`))
    assert.equal(seen.length, 1)
    const [name, failure] = seen[0]
    assert.equal(name, 'onFailure')
    assert.equal(failure.invocationContext, invocationContext)
    assert.deepEqual([failure.errorCode, failure.errorMessage, failure.reasonCode], [6, refused(code, words), code])
    assert.deepEqual([client.isConnected(), host.sockets.length, host.socket.closed], [false, 1, true])
  })
}

test('a wrong password is not tried again with 3.1', async () => {
  for (const code of [2, 3, 4, 5]) {
    const { seen, host } = await outcome({}, answers(`2002000${code}`))
    assert.deepEqual([seen[0][0], host.sockets.length], ['onFailure', 1])
  }
})

for (const [how, fail] of /** @type {[string, (host: Host) => Promise<void>][]} */ ([
  ['refuses the version', answers('20020001')],
  [
    'hangs up on CONNECT',
    async (host) => {
      host.socket.open()
      host.socket.drop()
    },
  ],
])) {
  test(`a server that ${how} is asked with 3.1`, async () => {
    const { seen, host, client } = await outcome({}, fail)
    assert.deepEqual(seen, [])
    assert.deepEqual(
      host.sockets.map(({ protocols }) => protocols),
      [['mqtt'], ['mqttv3.1']],
    )
    assert.equal(host.socket.open().join('').slice(4, 22), '00064d514973647003')
    host.socket.receive('20020000')
    assert.equal(seen[0][0], 'onSuccess')
    assert.equal(client.mqttVersion, 3)
  })

  test(`with a version asked for, a server that ${how} is a failure`, async () => {
    const { seen, host } = await outcome({ mqttVersion: 4 }, fail)
    assert.deepEqual([seen[0][0], host.sockets.length], ['onFailure', 1])
  })
}

test('a failure of both versions tells of the last', async () => {
  const { seen, host } = await outcome({}, answers('20020001'))
  await answers('20020005')(host)
  assert.deepEqual(
    seen.map(([, { errorMessage }]) => errorMessage),
    [refused(5, 'not authorized')],
  )
})

test('the time-out covers the opening of the socket and CONNACK, and is 30 s', async () => {
  for (const [options, milliseconds] of /** @type {[any, number][]} */ ([
    [{}, 30_000],
    [{ timeout: 0 }, 30_000],
    [{ timeout: 1.5 }, 1500],
  ])) {
    for (const opens of [false, true]) {
      const { seen, host } = await outcome({ ...options, mqttVersion: 4 }, async (fake) => {
        await fake.pass(milliseconds - 1)
        if (opens) fake.socket.open()
      })
      assert.deepEqual(seen, [])
      await host.pass(1)
      assert.deepEqual(seen, [
        ['onFailure', { invocationContext: undefined, errorCode: 1, errorMessage: 'AMQJSC0001E Connect timed out.' }],
      ])
      assert.equal(host.socket.closed, true)
    }
  }
})

test('each host of a list has the whole time-out', async () => {
  const { seen, host } = await outcome({ hosts: ['ws://a/x', 'ws://b/x'], timeout: 2, mqttVersion: 4 }, (fake) =>
    fake.pass(2000),
  )
  assert.deepEqual([host.sockets.length, host.sockets[0].closed, seen.length], [2, true, 0])
  await host.pass(1999)
  assert.equal(seen.length, 0)
  await host.pass(1)
  assert.deepEqual(
    seen.map(([name, { errorCode }]) => [name, errorCode]),
    [['onFailure', 1]],
  )
})

test('a socket that fails or closes while it opens is a failure with code 7 or 8', async () => {
  const failed = await outcome({}, async (host) => host.socket.fail('no route'))
  assert.deepEqual(
    [failed.seen[0][1].errorCode, failed.seen[0][1].errorMessage],
    [7, 'AMQJS0007E Socket error:no route.'],
  )
  const closed = await outcome({}, async (host) => host.socket.drop())
  assert.deepEqual([closed.seen[0][1].errorCode, closed.seen[0][1].errorMessage], [8, 'AMQJS0008I Socket closed.'])
})

test('hosts are tried in order until one works; onConnected and onConnectionLost say which', async () => {
  const { seen, host, client } = await outcome(
    { hosts: ['a', 'b', 'c'], ports: [1, 2, 3], useSSL: true },
    async (fake) => {
      fake.socket.fail('dead')
      fake.socket.open()
      fake.socket.receive('20020000')
    },
    ['h', 80, '/p', 'me'],
  )
  assert.deepEqual(
    host.sockets.map(({ url }) => url),
    ['wss://a:1/p', 'wss://b:2/p'],
  )
  assert.deepEqual(seen[1], ['onConnected', false, 'wss://b:2/p'])
  host.socket.drop()
  assert.deepEqual(seen[2], [
    'onConnectionLost',
    {
      errorCode: 8,
      errorMessage: 'AMQJS0008I Socket closed.',
      reconnect: false,
      uri: 'wss://b:2/p',
      closeCode: 1006,
      closeReason: '',
    },
  ])
  assert.equal(client.uri, 'ws://h:80/p')
})

test('when no host works, the last failure is told, once', async () => {
  const { seen, host } = await outcome({ hosts: ['a', 'b'], ports: [1, 2], mqttVersion: 4 }, async (fake) => {
    fake.socket.drop()
    fake.socket.fail('dead')
  })
  assert.deepEqual(
    seen.map(([name, { errorCode }]) => [name, errorCode]),
    [['onFailure', 7]],
  )
  assert.equal(host.sockets.length, 2)
})

test('a list of hosts is tried from its beginning by every connect', async () => {
  const options = { hosts: ['ws://a/x', 'ws://b/x'], mqttVersion: 4 }
  const { host, client } = await outcome({ ...options }, async (fake) => {
    fake.socket.fail('dead')
    await answers('20020000')(fake)
    fake.socket.drop()
  })
  client.connect(options)
  await host.turn()
  assert.deepEqual(
    host.sockets.map(({ url }) => url),
    ['ws://a/x', 'ws://b/x', 'ws://a/x'],
  )
})

test('connecting twice is refused while there is a connection or an attempt', async () => {
  const { client, host } = await outcome({}, async () => {})
  const twice = { code: 11, message: 'AMQJS0011E Invalid state already connected.' }
  assert.throws(() => client.connect(), twice)
  await answers('20020000')(host)
  assert.throws(() => client.connect(), twice)
  assert.equal(host.sockets.length, 1)
})

test('the wanted end is onConnectionLost with code 0, inside disconnect()', async () => {
  const { client, host, seen } = await outcome({}, answers('20020000'))
  host.socket.take()
  assert.ok(client.disconnect() instanceof Promise)
  assert.deepEqual(seen[2], [
    'onConnectionLost',
    { errorCode: 0, errorMessage: 'AMQJSC0000I OK.', reconnect: false, uri: 'ws://h/mqtt' },
  ])
  assert.deepEqual([host.socket.take(), host.socket.closed, client.isConnected()], [['e000'], true, false])
  assert.throws(() => client.disconnect(), {
    code: 11,
    message: 'AMQJS0011E Invalid state not connecting or connected.',
  })
})

test('disconnect() while connecting gives up at once, and late events of its socket mean nothing', async () => {
  for (const opens of [false, true]) {
    const { client, host, seen } = await outcome({}, async (fake) => void (opens && fake.socket.open()))
    client.disconnect()
    assert.deepEqual(
      seen.map(([name, { errorCode }]) => [name, errorCode]),
      [['onFailure', 0]],
    )
    assert.equal(host.socket.closed, true)
    host.socket.receive('20020000')
    host.socket.drop()
    await host.pass(60_000)
    assert.deepEqual([seen.length, client.isConnected(), host.sockets.length], [1, false, 1])
  }
})

test('a client connects again as often as it likes, also from its callbacks', async () => {
  const lines = await transcriptOf(new Host(), async (t) => {
    const client = await t.connected()
    client.onConnectionLost = (loss) => {
      t.callback('onConnectionLost')(loss)
      if (loss.errorCode === 8) client.connect({ mqttVersion: 3 })
    }
    await t.drops()
    await t.opens()
    await t.receives('20020000')
    client.disconnect()
  })
  assert.deepEqual(lines.slice(4), [
    'onConnectionLost { errorCode: 8, errorMessage: "AMQJS0008I Socket closed.", uri: "ws://server/mqtt" }',
    'opens ws://server/mqtt mqttv3.1',
    'closes',
    '> 101000064d51497364700302003c00026d65',
    'onConnected false, "ws://server/mqtt"',
    '> e000',
    'onConnectionLost { errorCode: 0, errorMessage: "AMQJSC0000I OK.", uri: "ws://server/mqtt" }',
    'closes',
  ])
})
