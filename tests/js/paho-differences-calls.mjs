// Where the calls of Paho differ: what they take, return and throw. paho-differences.mjs says how to read this.

/** @type {import('./paho-differences.mjs').Difference[]} */
export const calls = [
  {
    difference: 'What methods return',
    paho: { says: 'nothing', does: ['promises: [false,false,false,false,false,false]'] },
    wasmqtt: {
      says: '`connect`, `subscribe`, `unsubscribe`, `publish` and `disconnect` return promises; `send` nothing',
      does: ['promises: [true,true,true,false,true,true]'],
    },
    why: 'callbacks and `await` both work',
    async program(t) {
      const results = await t.unseen(async () => {
        const client = await t.connected()
        return [
          client.subscribe('a'),
          client.unsubscribe('a'),
          client.publish('a', 'b', 1),
          client.send('a', 'b', 1),
          client.disconnect(),
          client.connect(),
        ]
      })
      t.shows(
        'promises',
        results.map((result) => result instanceof Promise),
      )
    },
  },
  {
    difference: 'Thrown errors',
    paho: {
      says: '`Error` with a text; a wrong payload throws a bare string, a missing `clientId` or filter a `TypeError`',
      does: [
        'throws a TypeError',
        'throws a TypeError',
        'throws a TypeError',
        'throws a string, AMQJS0013E Invalid argument 5 for newPayload.',
        'code: undefined',
      ],
    },
    wasmqtt: {
      says: 'always an `Error` with the text of Paho and its number in `code`',
      does: [
        'throws AMQJS0013E Invalid argument undefined for clientId.',
        'throws AMQJS0013E Invalid argument null for clientId.',
        'throws Invalid argument:undefined',
        'throws AMQJS0013E Invalid argument 5 for newPayload.',
        'code: 11',
      ],
    },
    why: 'can be told apart without reading texts',
    async program(t) {
      const client = t.client()
      t.attempt(() => new t.host.Client('h', 1, undefined))
      t.attempt(() => new t.host.Client('h', 1, null))
      t.attempt(() => client.subscribe(undefined))
      t.attempt(() => new t.host.Message(5))
      try {
        client.send('a', 'b')
      } catch (error) {
        t.shows('code', error.code)
      }
    },
  },
  {
    difference: 'An option that is `undefined`',
    paho: {
      says: 'is an error',
      does: [
        'throws Invalid argument:undefined',
        'throws AMQJS0013E Invalid argument undefined for newRetained.',
        'throws AMQJS0013E Invalid argument undefined for Message.destinationName.',
        'throws AMQJS0012E Invalid type undefined for qos.',
      ],
    },
    wasmqtt: {
      says: 'counts as absent; so do the arguments of `send`, whose error names the payload that is missing',
      does: [
        'goes through',
        'goes through',
        'throws AMQJS0013E Invalid argument undefined for newPayload.',
        'goes through',
        '> 300400016162',
        '> 3206000161000162',
        '> 8206000200016100',
        'onMessageDelivered a qos 0 62',
      ],
    },
    why: '`{ userName: config.user }` works',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      t.attempt(() => client.send('a', 'b', undefined))
      t.attempt(() => client.send('a', 'b', 1, undefined))
      t.attempt(() => client.send('a'))
      t.attempt(() => client.subscribe('a', { qos: undefined }))
    },
  },
  {
    difference: 'The options object',
    paho: {
      says: 'is written into, so that using it twice changes the second connection',
      does: ['options: {"keepAliveInterval":60,"mqttVersionExplicit":false,"mqttVersion":4,"cleanSession":true}'],
    },
    wasmqtt: { says: 'is never changed', does: ['options: {}'] },
    why: 'it belongs to the program',
    async program(t) {
      const options = {}
      await t.unseen(() => void t.client().connect(options))
      t.shows('options', options)
    },
  },
  {
    difference: 'An unknown option',
    paho: {
      says: 'the error lists the options of Paho',
      does: [
        'throws Unknown property, foo. Valid properties are: timeout userName password willMessage keepAliveInterval cleanSession useSSL invocationContext onSuccess onFailure hosts ports reconnect mqttVersion mqttVersionExplicit uris',
        'throws Unknown property, foo. Valid properties are: qos invocationContext onSuccess onFailure timeout',
        'throws Unknown property, qos. Valid properties are: invocationContext onSuccess onFailure timeout',
      ],
    },
    wasmqtt: {
      says: 'the list is longer by what MQTT 5 and promises add',
      does: [
        'throws Unknown property, foo. Valid properties are: timeout userName password willMessage keepAliveInterval cleanSession useSSL invocationContext onSuccess onFailure hosts ports reconnect mqttVersion mqttVersionExplicit uris cleanStart properties url followServerReference offline store maxInflight autoAck authenticate protocols batch signal platform wasmPath socket',
        'throws Unknown property, foo. Valid properties are: qos invocationContext onSuccess onFailure timeout noLocal retainAsPublished retainHandling properties onMessage signal',
        'throws Unknown property, qos. Valid properties are: invocationContext onSuccess onFailure timeout properties signal',
      ],
    },
    why: 'there is more',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      t.attempt(() => t.client().connect({ foo: 1 }))
      t.attempt(() => client.subscribe('a', { foo: 1 }))
      t.attempt(() => client.unsubscribe('a', { qos: 1 }))
    },
  },
  {
    difference: 'Secrets in errors',
    paho: {
      says: 'the password, and addresses with their credentials and signatures, are shown',
      does: [
        'throws AMQJS0013E Invalid argument s3cret for connectOptions.password.',
        'throws AMQJS0013E Invalid argument http://user:s3cret@h/p?signature=1 for host.',
      ],
    },
    wasmqtt: {
      says: 'neither is',
      does: [
        'throws AMQJS0013E Invalid argument (hidden) for connectOptions.password.',
        'throws AMQJS0013E Invalid argument http://h/p?… for host.',
      ],
    },
    why: 'errors end up in logs',
    async program(t) {
      t.attempt(() => t.client().connect({ password: 's3cret' }))
      t.attempt(() => t.client('http://user:s3cret@h/p?signature=1', 'me'))
    },
  },
  {
    difference: 'Numbers out of range',
    paho: {
      says: 'a keep alive of -1 or 70000 s, a version 3.5 or a negative time-out goes through',
      does: [
        'opens ws://server/mqtt mqtt',
        'goes through',
        'opens ws://server/mqtt mqtt',
        'goes through',
        'opens ws://server/mqtt mqttv3.1',
        'goes through',
        'opens ws://server/mqtt mqtt',
        'goes through',
      ],
    },
    wasmqtt: {
      says: 'is an error',
      does: [
        'throws AMQJS0013E Invalid argument -1 for connectOptions.keepAliveInterval.',
        'throws AMQJS0013E Invalid argument 70000 for connectOptions.keepAliveInterval.',
        'throws AMQJS0013E Invalid argument 3.5 for connectOptions.mqttVersion.',
        'throws AMQJS0013E Invalid argument -1 for connectOptions.timeout.',
      ],
    },
    why: 'it would make a broken packet',
    async program(t) {
      for (const options of [
        { keepAliveInterval: -1 },
        { keepAliveInterval: 70_000 },
        { mqttVersion: 3.5 },
        { timeout: -1 },
      ]) {
        t.attempt(() => t.client().connect(options))
      }
    },
  },
  {
    difference: '`uris`, and IPv6 in `hosts`',
    paho: {
      says: '`uris` is not checked; an IPv6 host in `hosts` gets a second pair of brackets',
      does: ['opens nonsense mqtt', 'goes through', 'opens ws://[[::1]]:80/mqtt mqtt'],
    },
    wasmqtt: {
      says: '`uris` is checked like `hosts`; an IPv6 host may have its brackets',
      does: [
        'throws AMQJS0013E Invalid argument nonsense for connectOptions.uris[0].',
        'opens ws://[::1]:80/mqtt mqtt',
      ],
    },
    why: 'told at once instead of by a failed connection',
    async program(t) {
      t.attempt(() => t.client().connect({ uris: ['nonsense'] }))
      await t.connecting(t.client(), { hosts: ['[::1]'], ports: [80] })
    },
  },
  {
    difference: 'An address with credentials',
    paho: {
      says: '`client.host` has them',
      does: ['host: "user:s3cret@h"', 'port: 1', 'uri: "ws://user:s3cret@h:1/p"'],
    },
    wasmqtt: {
      says: '`client.host` is the host; `client.uri` is unchanged',
      does: ['host: "h"', 'port: 1', 'uri: "ws://user:s3cret@h:1/p"'],
    },
    why: 'a host name is shown and logged',
    async program(t) {
      const client = t.client('ws://user:s3cret@h:1/p', 'me')
      t.shows('host', client.host)
      t.shows('port', client.port)
      t.shows('uri', client.uri)
    },
  },
  {
    difference: '`timeout` without `onFailure`',
    paho: {
      says: 'is an error',
      does: [
        'throws subscribeOptions.timeout specified with no onFailure callback.',
        'throws unsubscribeOptions.timeout specified with no onFailure callback.',
      ],
    },
    wasmqtt: { says: 'is allowed', does: ['goes through', 'goes through', '> 8206000100016100', '> a2050002000161'] },
    why: 'the promise tells',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      t.attempt(() => client.subscribe('a', { timeout: 1 }))
      t.attempt(() => client.unsubscribe('a', { timeout: 1 }))
    },
  },
  {
    difference: 'Topics',
    paho: {
      says: 'no check: an empty or malformed topic makes an illegal packet',
      does: [
        '> 32080003612f23000178',
        'goes through',
        '> 32050000000278',
        'goes through',
        '> 820700030002612300',
        'goes through',
        '> 82020004',
        'goes through',
        '> 82050005000000',
        'goes through',
      ],
    },
    wasmqtt: {
      says: 'an error says what is wrong',
      does: [
        'throws A topic name must have 1 to 65535 bytes and no wildcard, no U+0000.',
        'throws A topic name must have 1 to 65535 bytes and no wildcard, no U+0000.',
        'throws A topic filter must have 1 to 65535 bytes, # alone in the last level, + alone in its level, no U+0000.',
        'throws A subscription needs at least one topic filter.',
        'throws Invalid argument:5',
      ],
    },
    why: 'servers close the connection on them',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      t.attempt(() => client.send('a/#', 'x', 1))
      t.attempt(() => client.send('', 'x', 1))
      t.attempt(() => client.subscribe('a#'))
      t.attempt(() => client.subscribe([]))
      t.attempt(() => client.subscribe([5]))
    },
  },
  {
    difference: 'Binary payloads',
    paho: {
      says: '`payloadBytes` is the object given, `payloadString` of an ArrayBuffer is empty, DataViews are refused',
      does: [
        'payloadBytes: "ArrayBuffer"',
        'payloadString: ""',
        'of Uint16Array: "Uint16Array"',
        'throws a string, AMQJS0013E Invalid argument [object DataView] for newPayload.',
      ],
    },
    wasmqtt: {
      says: '`payloadBytes` is always a Uint8Array, `payloadString` its text, every view is taken',
      does: ['payloadBytes: "Uint8Array"', 'payloadString: "hi"', 'of Uint16Array: "Uint8Array"', 'goes through'],
    },
    why: 'one type to deal with',
    async program(t) {
      const { buffer } = Uint8Array.from([0x68, 0x69])
      const message = new t.host.Message(buffer)
      t.shows('payloadBytes', message.payloadBytes.constructor.name)
      t.shows('payloadString', message.payloadString)
      t.shows('of Uint16Array', new t.host.Message(new Uint16Array(buffer)).payloadBytes.constructor.name)
      t.attempt(() => new t.host.Message(new DataView(buffer)))
    },
  },
  {
    difference: '`topic` and `duplicate` of a message',
    paho: {
      says: 'take anything; `duplicate` of a new message is sent',
      does: ['goes through', 'duplicate: 1', '> 3a06000161000178'],
    },
    wasmqtt: {
      says: '`topic` is checked like `destinationName`, `duplicate` is a boolean and tells of received messages',
      does: ['throws AMQJS0013E Invalid argument 5 for newDestinationName.', 'duplicate: true', '> 3206000161000178'],
    },
    why: 'DUP is for packets that are sent again',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      const message = new t.host.Message('x')
      t.attempt(() => (message.topic = 5))
      message.destinationName = 'a'
      message.duplicate = 1
      t.shows('duplicate', message.duplicate)
      message.qos = 1
      client.send(message)
      await t.settle()
    },
  },
  {
    difference: 'A message as JSON',
    paho: {
      says: 'has `payloadBytes` and `topic` too',
      does: ['destinationName duplicate payloadBytes payloadString qos retained topic'],
    },
    wasmqtt: {
      says: 'has `payloadString`, `destinationName`, `qos`, `retained`, `duplicate`',
      does: ['destinationName duplicate payloadString qos retained'],
    },
    why: 'the same is not said twice',
    async program(t) {
      const message = new t.host.Message('x')
      message.destinationName = 'a'
      t.write(
        Object.keys(JSON.parse(JSON.stringify(message)))
          .sort()
          .join(' '),
      )
    },
  },
  {
    difference: 'Tracing',
    paho: {
      says: 'every argument as JSON, payloads too; `getTraceLog` gives the live array',
      does: ['> 320c000161000170726976617465', 'the payload is there: true', 'the same array: true'],
    },
    wasmqtt: {
      says: 'a short line for each thing done, no payload; `getTraceLog` gives a copy',
      does: ['the payload is there: false', 'the same array: false', '> 320c000161000170726976617465'],
    },
    why: 'logs are read by people, and sent around',
    async program(t) {
      const client = await t.unseen(() => t.connected())
      const traced = []
      client.trace = ({ severity, message }) => traced.push(`${severity} ${message}`)
      client.startTrace()
      client.send('a', 'private', 1)
      t.shows('the payload is there', traced.join('').includes('private'))
      t.shows('the same array', client.getTraceLog() === client.getTraceLog())
    },
  },
]
