// Where messages and subscriptions differ from those of Paho. paho-differences.mjs says how to read this.

/** @type {import('./paho-differences.mjs').Difference[]} */
export const messages = [
  {
    difference: 'Packets of one turn',
    paho: {
      says: 'leave one by one, while the call runs',
      does: [
        '> 3206000161000131',
        '> 3206000161000232',
        'WebSocket messages during the calls and after the turn: [2,2]',
      ],
    },
    wasmqtt: {
      says: 'leave together when the turn ends; the option `batch: false` sends one packet a WebSocket message',
      does: [
        '> 3206000161000131',
        '> 3206000161000232',
        'WebSocket messages during the calls and after the turn: [0,1]',
      ],
    },
    why: 'a message costs a browser as much as a hundred packets',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      client.send('a', '1', 1)
      client.send('a', '2', 1)
      const during = t.host.socket.sent.length
      await t.host.turn()
      t.shows('WebSocket messages during the calls and after the turn', [during, t.host.socket.sent.length])
    },
  },
  {
    difference: '`onMessageDelivered` of QoS 0',
    paho: {
      says: 'runs inside `send`, before anything is sent',
      does: ['onMessageDelivered a qos 0 78', '> 300400016178', 'send returns'],
    },
    wasmqtt: {
      says: 'runs when the socket has been given the message',
      does: ['send returns', '> 300400016178', 'onMessageDelivered a qos 0 78'],
    },
    why: 'it says what has happened',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      client.send('a', 'x')
      t.write('send returns')
    },
  },
  {
    difference: '`onMessageDelivered` set after `send`',
    paho: { says: 'is called', does: ['onMessageDelivered a qos 1 78', 'acknowledged'] },
    wasmqtt: { says: 'is not called for what was sent before', does: ['acknowledged'] },
    why: 'without it, sending keeps nothing in JavaScript',
    async program(t) {
      const client = await t.connected({}, new t.host.Client('ws://server/mqtt', 'me'))
      client.send('a', 'x', 1)
      await t.settle()
      t.forget()
      client.onMessageDelivered = t.callback('onMessageDelivered')
      await t.receives('4002 0001')
      t.write('acknowledged')
    },
  },
  {
    difference: 'Several packets from the server in one WebSocket message',
    paho: {
      says: 'each is acknowledged and told in turn',
      does: ['> 40020005', 'onMessageArrived a qos 1 31', '> 40020006', 'onMessageArrived a qos 1 32'],
    },
    wasmqtt: {
      says: 'all are acknowledged, then all are told, in order',
      does: ['> 40020005', '> 40020006', 'onMessageArrived a qos 1 31', 'onMessageArrived a qos 1 32'],
    },
    why: 'one call into the core for all of them',
    async program(t) {
      await t.unseen(() => t.connected())
      await t.receives('3206 0001 61 0005 31 3206 0001 61 0006 32')
    },
  },
  {
    difference: '`disconnect()` in `onMessageArrived`',
    paho: {
      says: 'the rest of the frame comes after `onConnectionLost`',
      does: [
        '> 40020005',
        'onMessageArrived a qos 1 31',
        '> e000',
        'onConnectionLost { errorCode: 0, errorMessage: "AMQJSC0000I OK.", uri: "ws://server/mqtt" }',
        'onMessageArrived a qos 1 32',
        'closes',
      ],
    },
    wasmqtt: {
      says: 'the rest comes first, `onConnectionLost` last',
      does: [
        '> 40020005',
        '> 40020006',
        'onMessageArrived a qos 1 31',
        '> e000',
        'onMessageArrived a qos 1 32',
        'onConnectionLost { errorCode: 0, errorMessage: "AMQJSC0000I OK.", uri: "ws://server/mqtt" }',
        'closes',
      ],
    },
    why: 'nothing comes after the end',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      client.onMessageArrived = (message) => {
        t.callback('onMessageArrived')(message)
        if (client.isConnected()) client.disconnect()
      }
      await t.receives('3206 0001 61 0005 31 3206 0001 61 0006 32')
    },
  },
  {
    difference: 'A received message of QoS 2',
    paho: {
      says: 'is told when the server releases it (PUBREL); a repeated PUBLISH replaces it',
      does: ['> 50020007', '> 50020007', 'PUBREL', 'onMessageArrived a qos 2 duplicate 31', '> 70020007'],
    },
    wasmqtt: {
      says: 'is told when it comes, once',
      does: ['> 50020007', 'onMessageArrived a qos 2 31', '> 50020007', 'PUBREL', '> 70020007'],
    },
    why: 'a round trip sooner; the standard allows both',
    async program(t) {
      await t.unseen(() => t.connected())
      await t.receives('3406 0001 61 0007 31', '3c06 0001 61 0007 31')
      t.write('PUBREL')
      await t.receives('6202 0007')
    },
  },
  {
    difference: 'A subscription that the server refuses',
    paho: {
      says: '`onFailure` without a text, and only if the first filter is refused',
      does: [
        'subscribe onFailure { errorCode: bytes 80 }',
        '> 820a00010001610000016200',
        'subscribe onSuccess { grantedQos: bytes 0080 }',
      ],
    },
    wasmqtt: {
      says: '`onFailure` with a text if any filter is refused; `errorCode` has the codes of all',
      does: [
        'subscribe onFailure { errorCode: bytes 80, errorMessage: "The server refused a topic filter; see the reason codes. Unspecified error." }',
        '> 820a00010001610000016200',
        'subscribe onFailure { errorCode: bytes 0080, errorMessage: "The server refused a topic filter; see the reason codes. Unspecified error." }',
      ],
    },
    why: 'half a subscription is no success',
    async program(t) {
      const client = await t.connected()
      client.subscribe('a', t.callbacks('subscribe'))
      await t.settle()
      t.forget()
      await t.receives('9003 0001 80')
      client.subscribe(['a', 'b'], t.callbacks('subscribe'))
      await t.settle()
      await t.receives('9004 0001 00 80')
    },
  },
  {
    difference: 'An answer after the time-out',
    paho: {
      says: 'calls `onSuccess` after `onFailure`',
      does: [
        'subscribe onFailure { errorCode: 2, errorMessage: "AMQJS0002E Subscribe timed out." }',
        'subscribe onSuccess { grantedQos: bytes 00 }',
      ],
    },
    wasmqtt: {
      says: 'is ignored',
      does: ['subscribe onFailure { errorCode: 2, errorMessage: "AMQJS0002E Subscribe timed out." }'],
    },
    why: 'every call has one outcome',
    async program(t) {
      const client = await t.connected()
      client.subscribe('a', { timeout: 5, ...t.callbacks('subscribe') })
      await t.settle()
      t.forget()
      await t.pass(5)
      await t.receives('9003 0001 00')
    },
  },
  {
    difference: 'A subscription that the connection takes with it',
    paho: {
      says: 'no callback; with `cleanSession: false` it is sent again',
      does: [
        'onConnectionLost { errorCode: 8, errorMessage: "AMQJS0008I Socket closed.", uri: "ws://server/mqtt" }',
        'closes',
        'opens ws://server/mqtt mqtt',
        '> 100e00044d5154540400003c00026d65',
        '> 8206000100016100',
        'connect onSuccess {}',
        'onConnected false, "ws://server/mqtt"',
      ],
    },
    wasmqtt: {
      says: '`onFailure`; nothing is sent again',
      does: [
        'subscribe onFailure { errorCode: 8, errorMessage: "AMQJS0008I Socket closed." }',
        'onConnectionLost { errorCode: 8, errorMessage: "AMQJS0008I Socket closed.", uri: "ws://server/mqtt" }',
        'closes',
        'opens ws://server/mqtt mqtt',
        '> 100e00044d5154540400003c00026d65',
        'connect onSuccess {}',
        'onConnected false, "ws://server/mqtt"',
      ],
    },
    why: 'every call has an outcome',
    async program(t) {
      const client = await t.connected({ cleanSession: false })
      client.subscribe('a', t.callbacks('subscribe'))
      await t.settle()
      t.forget()
      await t.drops()
      await t.connected({ cleanSession: false }, client)
    },
  },
  {
    difference: 'An exception in a callback of the program',
    paho: {
      says: 'closes the connection with code 5',
      does: [
        'onConnectionLost { errorCode: 5, errorMessage: "AMQJS0005E Internal error. Error Message: mine, Stack trace: No Error Stack Available", uri: "ws://server/mqtt" }',
        'goes through',
        'closes',
        'connected: false',
        'reported: []',
      ],
    },
    wasmqtt: {
      says: 'is reported as any uncaught error is; the connection stays',
      does: ['goes through', 'connected: true', 'reported: ["Error: mine"]'],
    },
    why: 'the broker has done nothing wrong',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      client.onMessageArrived = () => {
        throw new Error('mine')
      }
      t.attempt(() => t.host.socket.receive('3003000161'))
      await t.settle()
      t.shows('connected', client.isConnected())
      t.shows('reported', t.host.reported.map(String))
    },
  },
  {
    difference: 'Messages sent again after a lost connection',
    paho: {
      says: 'without DUP, in their first order, before `onSuccess`',
      does: ['> 3206000161000131', '> 62020002', 'connect onSuccess {}', 'onConnected false, "ws://server/mqtt"'],
    },
    wasmqtt: {
      says: 'with DUP, releases (PUBREL) first',
      does: ['> 62020002', '> 3a06000161000131', 'connect onSuccess {}', 'onConnected false, "ws://server/mqtt"'],
    },
    why: 'the standard asks for DUP',
    async program(t) {
      const client = await t.connected({ cleanSession: false })
      client.send('a', '1', 1)
      client.send('b', '2', 2)
      await t.settle()
      await t.receives('5002 0002')
      await t.drops()
      await t.connecting(client, { mqttVersion: 4, cleanSession: false })
      await t.opens()
      t.forget()
      await t.receives('20020100')
    },
  },
  {
    difference: 'Packet identifiers',
    paho: { says: 'count up past what is in flight', does: ['> 3206000161000333'] },
    wasmqtt: { says: 'the one freed last is used next', does: ['> 3206000161000133'] },
    why: 'constant time, small tables',
    async program(t) {
      const client = await t.connected()
      for (const payload of ['1', '2']) client.send('a', payload, 1)
      await t.settle()
      await t.receives('4002 0001')
      t.forget()
      client.send('a', '3', 1)
      await t.settle()
    },
  },
  {
    difference: 'Messages kept across pages',
    paho: { says: 'QoS 1 and 2 are written to `localStorage`', does: ['stored: ["Sent:server:NaN:me:1"]'] },
    wasmqtt: {
      says: 'are written to the `store` given to `connect`, subscriptions too; without one, nothing is',
      does: ['stored: ["m1"]'],
    },
    why: 'a full or blocked `localStorage` breaks `send` in Paho',
    async program(t) {
      const stored = t.host.storage || new Map()
      const store = { load: () => stored, put: (key) => stored.set(key, ''), delete() {}, clear() {} }
      const client = await t.connected(t.host.storage ? { cleanSession: false } : { store })
      client.send('a', 'x', 1)
      await t.settle()
      t.forget()
      t.shows('stored', [...stored.keys()])
    },
  },
]
