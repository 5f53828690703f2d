// Where connections differ from those of Paho: how they are made, how they end. paho-differences.mjs says how to read this.

import { MqttError } from '../../js/errors.js'

const FULL = 'throws AMQJS0018E Message buffer is full, maximum buffer size: 2.'

/** @type {import('./paho-differences.mjs').Difference[]} */
export const connection = [
  {
    difference: 'Without any WebSocket',
    paho: { says: '`new Client` throws', does: ['throws AMQJS0010E WebSocket is not supported by this browser.'] },
    wasmqtt: {
      says: '`connect` fails',
      does: [
        'goes through',
        'connect onFailure { errorCode: 10, errorMessage: "AMQJS0010E WebSocket is not supported by this browser." }',
      ],
    },
    why: 'Node looks for the `ws` package first, when connecting',
    async program(t) {
      const { host } = t
      if (host.global) host.global.WebSocket = null
      else host.refuses = new MqttError(10, ['WebSocket'])
      t.attempt(() => t.client().connect({ mqttVersion: 4, ...t.callbacks('connect') }))
    },
  },
  {
    difference: 'A refused login',
    paho: {
      says: 'is tried again with MQTT 3.1 unless a version is given',
      does: [
        'opens ws://server/mqtt mqtt',
        '> 100e00044d5154540402003c00026d65',
        'opens ws://server/mqtt mqttv3.1',
        'closes',
        '> 101000064d51497364700302003c00026d65',
        'connect onFailure { errorCode: 6, errorMessage: "AMQJS0006E Bad Connack return code:4 Connection Refused: bad user name or password." }',
        'closes',
      ],
    },
    wasmqtt: {
      says: 'is reported; 3.1 is tried when the server refuses the version or hangs up on it',
      does: [
        'opens ws://server/mqtt mqtt',
        '> 100e00044d5154540402003c00026d65',
        'connect onFailure { errorCode: 6, errorMessage: "AMQJS0006E Bad Connack return code:4 Connection Refused: bad user name or password." }',
        'closes',
      ],
    },
    why: 'a wrong password costs one connection, not two',
    async program(t) {
      await t.connecting(t.client())
      await t.opens()
      await t.receives('20020004')
      if (t.host.socket.closed) return
      await t.opens()
      await t.receives('20020004')
    },
  },
  {
    difference: 'A server that does not answer',
    paho: {
      says: 'costs the time-out twice, once with 3.1.1 and once with 3.1',
      does: [
        'opens ws://server/mqtt mqtt',
        'opens ws://server/mqtt mqttv3.1',
        'after 5 s',
        'connect onFailure { errorCode: 1, errorMessage: "AMQJSC0001E Connect timed out." }',
      ],
    },
    wasmqtt: {
      says: 'costs it once',
      does: [
        'opens ws://server/mqtt mqtt',
        'connect onFailure { errorCode: 1, errorMessage: "AMQJSC0001E Connect timed out." }',
        'after 5 s',
      ],
    },
    why: 'silence says nothing about versions',
    async program(t) {
      await t.connecting(t.client(), { timeout: 5 })
      await t.pass(5)
      t.write('after 5 s')
      await t.pass(5)
    },
  },
  {
    difference: 'The version in a list of hosts',
    paho: {
      says: 'every host with 3.1.1, then every host with 3.1',
      does: ['opens ws://a/x mqtt', '> 100e00044d5154540402003c00026d65', 'opens ws://b/x mqtt', 'closes'],
    },
    wasmqtt: {
      says: 'each host with the versions it may know',
      does: ['opens ws://a/x mqtt', '> 100e00044d5154540402003c00026d65', 'opens ws://a/x mqttv3.1', 'closes'],
    },
    why: 'the first host that works is found sooner',
    async program(t) {
      await t.connecting(t.client(), { hosts: ['ws://a/x', 'ws://b/x'] })
      await t.opens()
      await t.receives('20020001')
    },
  },
  {
    difference: '`client.uri` with a list of hosts',
    paho: { says: 'becomes the last address made from `hosts` and `ports`', does: ['uri: "ws://b:2/p"'] },
    wasmqtt: {
      says: 'stays; `onConnected` and `onConnectionLost` tell where the connection goes',
      does: ['uri: "ws://h:80/p"'],
    },
    why: 'a read-only property should not change',
    async program(t) {
      const client = t.client('h', 80, '/p', 'me')
      await t.connecting(client, { hosts: ['a', 'b'], ports: [1, 2] })
      t.forget()
      t.shows('uri', client.uri)
    },
  },
  {
    difference: 'The socket of an attempt that is given up',
    paho: { says: 'is left as it is and may still open', does: ['closed: false'] },
    wasmqtt: { says: 'is closed', does: ['closed: true'] },
    why: 'hosts allow few sockets at a time',
    async program(t) {
      await t.connecting(t.client(), { mqttVersion: 4, timeout: 1 })
      await t.pass(1)
      t.forget()
      t.shows('closed', t.host.socket.closed)
    },
  },
  {
    difference: '`disconnect()` while connecting',
    paho: {
      says: 'waits for the connection, then ends it',
      does: [
        'then',
        '> 100e00044d5154540402003c00026d65',
        'connect onSuccess {}',
        'onConnected false, "ws://server/mqtt"',
        '> e000',
        'onConnectionLost { errorCode: 0, errorMessage: "AMQJSC0000I OK.", uri: "ws://server/mqtt" }',
        'closes',
      ],
    },
    wasmqtt: {
      says: 'gives up at once: `onFailure` with code 0',
      does: ['connect onFailure { errorCode: 0, errorMessage: "AMQJSC0000I OK." }', 'then'],
    },
    why: 'a connection that hangs can be left',
    async program(t) {
      const client = t.client()
      await t.connecting(client, { mqttVersion: 4 })
      t.forget()
      client.disconnect()
      await t.settle()
      t.write('then')
      if (t.host.socket.closed) return
      await t.opens()
      await t.receives('20020000')
    },
  },
  {
    difference: 'A dead connection',
    paho: {
      says: 'is noticed after twice the keep alive, and never while the program publishes',
      does: [
        '> c000',
        'after 15 s',
        'onConnectionLost { errorCode: 4, errorMessage: "AMQJS0004E Ping timed out.", uri: "ws://server/mqtt" }',
        'closes',
        'still connected after publishing for 30 s: true',
      ],
    },
    wasmqtt: {
      says: 'after one and a half times the keep alive, always',
      does: [
        '> c000',
        'onConnectionLost { errorCode: 4, errorMessage: "AMQJS0004E Ping timed out.", uri: "ws://server/mqtt" }',
        'closes',
        'after 15 s',
        'still connected after publishing for 30 s: false',
      ],
    },
    why: 'publishing into the void helps nobody',
    async program(t) {
      await t.unseen(() => t.connected({ keepAliveInterval: 10 }))
      await t.pass(15)
      t.write('after 15 s')
      await t.pass(5)
      await t
        .unseen(async () => {
          const busy = await t.connected({ keepAliveInterval: 10 })
          for (let second = 0; second < 30 && busy.isConnected(); second++) {
            busy.send('a', 'x')
            await t.pass(1)
          }
          return busy.isConnected()
        })
        .then((connected) => t.shows('still connected after publishing for 30 s', connected))
    },
  },
  {
    difference: 'A server that breaks the protocol',
    paho: {
      says: 'code 5 or 16, or an exception that nobody catches',
      does: [
        'onConnectionLost { errorCode: 16, errorMessage: "AMQJS0016E Invalid MQTT message type 15.", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
        'onConnectionLost { errorCode: 16, errorMessage: "AMQJS0016E Invalid MQTT message type 14.", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
        'onConnectionLost { errorCode: 5, errorMessage: "AMQJS0005E Internal error. Error Message: AMQJS0009E Malformed UTF data:ff -8 ., Stack trace: No Error Stack Available", uri: "ws://server/mqtt" }',
        'throws a TypeError',
        'closes',
        'onConnectionLost { errorCode: 5, errorMessage: "AMQJS0005E Internal error. Error Message: Invalid argument:3, Stack trace: No Error Stack Available", uri: "ws://server/mqtt" }',
        'throws a TypeError',
        'closes',
      ],
    },
    wasmqtt: {
      says: 'the connection is lost with a code from 60 to 92 that says what was wrong; 21 for a DISCONNECT',
      does: [
        'onConnectionLost { errorCode: 61, errorMessage: "Malformed packet from the server: a packet type that a server must not send.", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
        'onConnectionLost { errorCode: 21, errorMessage: "The server ended the connection; see the reason code.", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
        'onConnectionLost { errorCode: 66, errorMessage: "Malformed packet from the server: a string that is not UTF-8 or has U+0000.", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
        'onConnectionLost { errorCode: 63, errorMessage: "Malformed packet from the server: QoS 3, or DUP with QoS 0.", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
      ],
    },
    why: 'it can be reported to whoever runs the server',
    async program(t) {
      for (const packet of ['f000', 'e000', '3004 0001 ff 78', '3706 0001 61 0005 78']) {
        await t.unseen(() => t.connected())
        t.attempt(() => t.host.socket.receive(packet))
        await t.settle()
      }
    },
  },
  {
    difference: 'A CONNACK with a code that MQTT 3 does not have',
    paho: {
      says: 'code 6, `undefined`',
      does: [
        'connect onFailure { errorCode: 6, errorMessage: "AMQJS0006E Bad Connack return code:6 undefined." }',
        'closes',
      ],
    },
    wasmqtt: {
      says: 'code 69, a malformed packet',
      does: [
        'connect onFailure { errorCode: 69, errorMessage: "Malformed packet from the server: a reason code that is not legal for this packet." }',
        'closes',
      ],
    },
    why: 'as for any other malformed packet',
    async program(t) {
      await t.connecting(t.client(), { mqttVersion: 4 })
      await t.opens()
      t.forget()
      await t.receives('20020006')
    },
  },
  {
    difference: 'A socket error',
    paho: {
      says: '`AMQJS0007E Socket error:undefined.`',
      does: [
        'onConnectionLost { errorCode: 7, errorMessage: "AMQJS0007E Socket error:undefined.", uri: "ws://server/mqtt" }',
        'closes',
      ],
    },
    wasmqtt: {
      says: 'with what the platform says about it',
      does: [
        'onConnectionLost { errorCode: 7, errorMessage: "AMQJS0007E Socket error:certificate expired.", uri: "ws://server/mqtt" }',
        'closes',
      ],
    },
    why: 'the cause is wanted',
    async program(t) {
      await t.unseen(() => t.connected())
      t.host.socket.fail('certificate expired')
      await t.settle()
    },
  },
  {
    difference: '`reconnect` in `onConnectionLost`',
    paho: {
      says: 'the option as it was given, or `undefined`',
      does: ['reconnect undefined', 'closes', '> e000', 'reconnect true', 'closes', 'tries: 0'],
    },
    wasmqtt: {
      says: '`true` when the client tries again by itself, else `false`',
      does: ['reconnect false', 'closes', '> e000', 'reconnect false', 'closes', 'tries: 0'],
    },
    why: 'it says what will happen, not what was asked for',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      client.onConnectionLost = (loss) => t.write(`reconnect ${loss.reconnect}`)
      await t.drops()
      await t.unseen(() => t.connected({ reconnect: true }, client))
      client.disconnect()
      await t.settle()
      const { length } = t.host.sockets
      await t.pass(60)
      t.shows('tries', t.host.sockets.length - length)
    },
  },
  {
    difference: 'When `reconnect: true` tries',
    paho: {
      says: 'at once, then after the connect time-out and 2, 4, 8 … 128 s',
      does: ['tries at 0, 32, 66, 104 s'],
    },
    wasmqtt: {
      says: 'at once, then at random within 1, 2, 4 … 60 s; at once, too, when the network or the page comes back',
      does: ['tries at 0 s and within 1, 2, 4 s of the one before'],
    },
    why: 'a time-out that follows a refused socket helps nobody; chance keeps a thousand clients from coming at the same moment',
    async program(t) {
      await t.unseen(() => t.connected({ reconnect: true }))
      const { host } = t
      const tries = []
      const start = host.time
      while (tries.length < 4 && host.time < start + 200_000) {
        const before = host.sockets.length
        host.socket.drop()
        while (host.sockets.length === before && host.time < start + 200_000) await host.pass(100)
        tries.push(host.time - start)
      }
      t.forget()
      const waits = tries.map((at, n) => at - (tries[n - 1] ?? 0))
      const soon = [0, 1000, 2000, 4000].every((longest, n) => waits[n] <= longest)
      const seconds = tries.map((at) => Math.floor(at / 1000)).join(', ')
      t.write(soon ? 'tries at 0 s and within 1, 2, 4 s of the one before' : `tries at ${seconds} s`)
    },
  },
  {
    difference: 'The list of hosts when reconnecting',
    paho: { says: 'only the first of it', does: ['ws://a/x', 'ws://a/x', 'ws://a/x'] },
    wasmqtt: { says: 'the next one at each try', does: ['ws://b/x', 'ws://a/x', 'ws://b/x'] },
    why: 'a list is there for the case that one fails',
    async program(t) {
      const { host } = t
      await t.unseen(() => t.connected({ hosts: ['ws://a/x', 'ws://b/x'], reconnect: true, timeout: 1 }))
      const first = host.sockets.length
      for (let n = 0; n < 3; n++) {
        const before = host.sockets.length
        host.socket.drop()
        for (let tenths = 0; host.sockets.length === before && tenths < 600; tenths++) await host.pass(100)
      }
      t.forget()
      for (const { url } of host.sockets.slice(first, first + 3)) t.write(url)
    },
  },
  {
    difference: 'Subscriptions after a reconnect',
    paho: {
      says: 'are gone, unless the server kept the session',
      does: ['connect onSuccess {}', 'onConnected true, "ws://server/mqtt"'],
    },
    wasmqtt: {
      says: 'are made again by the client where the server has no session',
      does: ['> 8206000100016101', 'onConnected true, "ws://server/mqtt"'],
    },
    why: 'a connection without them is of no use',
    async program(t) {
      const client = await t.unseen(() => t.connected({ reconnect: true }))
      await t.unseen(async () => {
        client.subscribe('a', { qos: 1 })
        await t.settle()
        await t.receives('9003 0001 01')
      })
      await t.reconnected()
    },
  },
  {
    difference: '`onSuccess` of `connect`',
    paho: {
      says: 'is called again after every reconnect',
      does: ['connect onSuccess {}', 'onConnected true, "ws://server/mqtt"'],
    },
    wasmqtt: {
      says: 'is called once; `onConnected` tells of every connection',
      does: ['onConnected true, "ws://server/mqtt"'],
    },
    why: 'every call has one outcome, and what is subscribed there comes back by itself',
    async program(t) {
      const client = t.client()
      await t.unseen(() => t.connected({ reconnect: true }, client))
      await t.reconnected()
    },
  },
  {
    difference: '`disconnect()` while reconnecting',
    paho: { says: 'throws a `TypeError`, and reconnecting goes on', does: ['throws a TypeError', 'goes on: true'] },
    wasmqtt: {
      says: 'ends it: `onConnectionLost` with code 0',
      does: [
        'onConnectionLost { errorCode: 0, errorMessage: "AMQJSC0000I OK.", uri: "ws://server/mqtt" }',
        'goes through',
        'goes on: false',
      ],
    },
    why: 'the program decides',
    async program(t) {
      const client = await t.unseen(() => t.connected({ reconnect: true }))
      await t.unseen(async () => {
        t.host.socket.drop()
        await t.pass(0)
      })
      t.attempt(() => client.disconnect())
      await t.settle()
      const { length } = t.host.sockets
      await t.unseen(() => t.pass(600))
      t.shows('goes on', t.host.sockets.length > length)
    },
  },
  {
    difference: '`disconnectedPublishing` in a clean session',
    paho: {
      says: 'delivers messages of QoS 0 and drops those of QoS 1 and 2 without a word',
      does: [
        'onMessageDelivered a qos 0 30',
        '> 300400016130',
        'connect onSuccess {}',
        'onConnected true, "ws://server/mqtt"',
      ],
    },
    wasmqtt: {
      says: 'delivers all of them',
      does: [
        '> 300400016130',
        '> 3206000161000131',
        '> 3406000161000232',
        'onConnected true, "ws://server/mqtt"',
        'onMessageDelivered a qos 0 30',
      ],
    },
    why: 'what was accepted is delivered, or its failure is told',
    async program(t) {
      const client = await t.unseen(() => t.connected({ reconnect: true }))
      client.disconnectedPublishing = true
      await t.reconnected('20020000', () => [0, 1, 2].forEach((qos) => client.send('a', String(qos), qos)))
    },
  },
  {
    difference: '`disconnectedBufferSize`',
    paho: {
      says: 'lets one message more in than it says',
      does: ['goes through', 'goes through', 'goes through', FULL],
    },
    wasmqtt: { says: 'is the most messages that may wait', does: ['goes through', 'goes through', FULL, FULL] },
    why: 'it says what it does',
    async program(t) {
      const client = await t.unseen(() => t.connected({ reconnect: true }))
      client.disconnectedPublishing = true
      client.disconnectedBufferSize = 2
      await t.unseen(async () => {
        t.host.socket.drop()
        await t.pass(0)
      })
      for (let n = 0; n < 4; n++) t.attempt(() => client.send('a', 'x', 1))
    },
  },
]
