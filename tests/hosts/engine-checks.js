// What must be true of the package in any engine, a name and a function each: from the first byte to lost connections,
// kept sessions, growing memory and servers that send rubbish. Each gets a device of its own and throws when it is not so.

import { hex, textOf, utf8 } from './engine-broker.js'
import { additions, present, touched } from './engine-scope.js'

const ADDRESS = 'wss://broker.example/mqtt'
const TOPICS = ['plain/text', '房间/厨房/温度', 'emoji/😀/👩‍👩‍👧']
const TEXTS = ['hello', '你好，世界', '🚀 launched 😀', 'é ÿ € \u{10ffff} \u0800']

/** How many messages the check of growing memory sends each way, and their size. */
export const GROWTH = { messages: 400, bytes: 10000 }

function equal(found, wanted, what) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (one !== other) throw new Error(`${what}: ${one}, not ${other}`)
}

function must(condition, what) {
  if (!condition) throw new Error(what)
}

/** Bytes whose places tell: they repeat after a prime number of them, which no block or page of a memory is long. */
const noise = new Uint8Array(17 * 65521)
for (let at = 0, state = 1; at < 65521; at++) noise[at] = (state = (state * 48271) % 2147483647) >> 8
for (let copy = 1; copy < 17; copy++) noise.copyWithin(copy * 65521, 0, 65521)

/** Other bytes for each seed. @param {number} seed @param {number} length */
const bytesOf = (seed, length) => noise.slice(seed, seed + length)

/** @param {Uint8Array} one @param {Uint8Array} other */
function same(one, other) {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** A client with a connection. @param {any} device @param {Record<string, any>} options @param {any} [client] */
async function connected(device, options = {}, client = new device.package.Client(ADDRESS, 'me')) {
  client.lost = client.lost || []
  client.warnings = client.warnings || []
  client.onConnectionLost = (loss) => client.lost.push(loss)
  client.onWarning = (warning) => client.warnings.push(warning)
  await client.connect({ mqttVersion: 4, keepAliveInterval: 0, ...options })
  return client
}

/** A check for either version. @param {string} name @param {(device: any, mqttVersion: number) => Promise<void>} run */
const inBoth = (name, run) =>
  [4, 5].map((version) => [`MQTT ${version === 4 ? '3.1.1' : '5.0'}: ${name}`, (device) => run(device, version)])

/** What no server may send, for either version and for one, in hexadecimal digits. */
const MALFORMED = {
  both: [
    ['a packet of the reserved type 0', '00 00'],
    ['a length of five bytes', '30 ff ff ff ff 01'],
    ['a topic that is longer than its packet', '30 03 0009 61'],
    ['a topic with a wildcard', '30 03 0001 23'],
    ['a topic with U+0000', '30 03 0001 00'],
    ['a topic that is no UTF-8', '30 04 0002 c328'],
    ['a topic with a surrogate', '30 05 0003 eda080'],
    ['QoS 3', '36 07 0001 61 0001 0000'],
    ['packet identifier 0', '32 07 0001 61 0000 0000'],
    ['PUBREL with wrong flags', '60 02 0001'],
    ['PINGRESP with a body', 'd0 01 00'],
    ['CONNECT', '10 00'],
    ['a PUBACK of one byte', '40 01 00'],
  ],
  4: [
    ['a second CONNACK', '20 02 0000'],
    ['a DISCONNECT, which no server has', 'e0 00'],
  ],
  5: [
    ['a second CONNACK', '20 03 000000'],
    ['an unknown property', '30 06 0001 61 02 7f00'],
    ['topic alias 0', '30 07 0001 61 03 230000'],
    ['a property that stands there twice', '30 08 0001 61 04 0101 0101'],
    ['properties that are longer than their packet', '30 05 0001 61 09 01'],
  ],
}

/** @type {[string, (device: any) => any][]} */
export const checks = [
  [
    'the scope holds what a device has and nothing else',
    (device) => {
      equal(additions().filter((name) => !device.globals.includes(name)), [], 'beyond a device')
      equal(device.globals.filter((name) => !present(name)), [], 'missing')
    },
  ],

  [
    'index.js and wasm2js.js look for no global when they load',
    (device) => {
      equal(touched(() => device.load()), [], 'index.js')
      equal(touched(() => device.require('./wasm2js.js')), [], 'wasm2js.js')
      equal(touched(() => typeof TextEncoder === 'undefined'), ['TextEncoder'], 'code that does')
      equal(touched(() => setTimeout(() => {}, 0)), ['setTimeout'], 'code that calls one')
    },
  ],

  [
    'it runs the core that it should, without a warning',
    async (device) => {
      const client = await connected(device)
      equal(client.warnings, [], 'warnings')
      equal(device.core, device.wanted, 'the core')
    },
  ],

  ...inBoth('it connects, and ends the connection', async (device, mqttVersion) => {
    const client = new device.package.Client(ADDRESS, 'me')
    const answer = await client.connect({ mqttVersion, keepAliveInterval: 30 })
    equal([answer.mqttVersion, answer.sessionPresent], [mqttVersion, false], 'the answer')
    const { connection } = device.server
    equal([connection.version, connection.clientId, connection.keepAlive], [mqttVersion, 'me', 30], 'CONNECT')
    equal([connection.url, connection.protocols], [ADDRESS, ['mqtt']], 'the socket')
    await client.disconnect()
    must(await device.clock.until(() => connection.closed), 'the socket is closed')
    equal(connection.packets, [0x10, 0xe0], 'what came')
    equal(device.wx.openSockets, 0, 'open sockets')
  }),

  [
    'an error is an MqttError with its code and a sentence',
    async (device) => {
      const { Client, MqttError } = device.package
      const client = new Client(ADDRESS, 'me')
      for (const [run, code] of [
        [() => client.publish('a', 'b'), 11],
        [() => client.connect({ timeout: 'long' }), 12],
        [() => new Client(7, 'me'), 12],
      ]) {
        const error = await new Promise((resolve, reject) => {
          try {
            resolve(Promise.resolve(run()).then(() => reject(new Error('no error')), (failure) => failure))
          } catch (failure) {
            resolve(failure)
          }
        })
        must(error instanceof MqttError && error instanceof Error && error.name === 'MqttError', `${error} is an MqttError`)
        equal(error.code, code, 'code')
        must(/^\w.{15,}\.$/.test(error.message), `a sentence: ${error.message}`)
      }
    },
  ],

  ...inBoth('messages of every QoS go both ways, with topics and payloads in Chinese and emoji', async (device, mqttVersion) => {
    const client = await connected(device, { mqttVersion })
    const { server } = device
    const arrived = []
    const onMessage = (message) => arrived.push(message)
    const answer = await client.subscribe(TOPICS.map((filter) => ({ filter, qos: 2 })), { onMessage })
    equal(Array.from(answer.grantedQos), [2, 2, 2], 'SUBACK')
    equal(server.connection.subscribed, { [TOPICS[0]]: 2, [TOPICS[1]]: 2, [TOPICS[2]]: 2 }, 'SUBSCRIBE')
    const all = []
    for (const topic of TOPICS) for (const text of TEXTS) for (const qos of [0, 1, 2]) all.push({ topic, text, qos })

    const payload = (text, n) => (n % 2 ? text : Uint8Array.from(utf8(text)))
    await Promise.all(all.map(({ topic, text, qos }, n) => client.publish(topic, payload(text, n), { qos })))
    await device.clock.until(() => server.published.length >= all.length)
    const came = server.published.map(({ topic, payload, qos }) => ({ topic, text: textOf(payload), qos }))
    equal(came, all, 'what the server got')

    const ids = all.map(({ topic, text, qos }) => server.connection.publish(topic, utf8(text), qos)).filter((id) => id > 0)
    await device.clock.until(() => server.connection.acknowledged.length >= ids.length)
    equal(arrived.map(({ topic, payloadString, qos }) => ({ topic, text: payloadString, qos })), all, 'what the client got')
    must(arrived.every(({ payloadBytes, payloadString }) => textOf(payloadBytes) === payloadString), 'bytes and text are the same')
    equal(server.connection.acknowledged.sort((a, b) => a - b), ids, 'acknowledged')
    equal(client.pending, 0, 'pending')
  }),

  [
    'MQTT 5.0: properties go both ways',
    async (device) => {
      const client = await connected(device, { mqttVersion: 5 })
      const arrived = []
      await client.subscribe('answers', { onMessage: (message) => arrived.push(message) })
      await client.publish('a', '', { properties: { contentType: '文本', userProperties: { 键: '值😀' } }, qos: 1 })
      // 3 content type, 38 user property
      const sections = '03 0006 e69687e69cac  26 0003 e994ae 0007 e580bcf09f9880'
      equal(Array.from(device.server.published[0].properties), hex(sections), 'what the server got')
      device.server.connection.publish('answers', [], 0, hex(sections))
      await device.clock.until(() => arrived.length > 0)
      const { contentType, userProperties } = arrived[0].properties
      equal([contentType, userProperties], ['文本', [['键', '值😀']]], 'what the client got')
    },
  ],

  ...inBoth('a lost connection comes back, and is subscribed again where the server kept no session', async (device, mqttVersion) => {
    const client = await connected(device, { mqttVersion, reconnect: { minDelay: 1, maxDelay: 5 }, cleanSession: false })
    const { server, clock } = device
    const arrived = []
    await client.subscribe('房间/#', { qos: 1, onMessage: (message) => arrived.push(message.payloadString) })
    for (const forgets of [true, false]) {
      if (forgets) server.sessions = []
      const before = server.connections.length
      server.connection.end(1006)
      must(await clock.until(() => server.connections.length > before && client.isConnected()), 'it is connected again')
      const { connection } = server
      if (forgets) must(await clock.until(() => Object.keys(connection.subscribed).length > 0), 'it is subscribed again')
      connection.publish('房间/一', utf8(forgets ? '新' : '旧'), 1)
      must(await clock.until(() => connection.acknowledged.length > 0), 'a message comes')
      equal(connection.subscribed, forgets ? { '房间/#': 1 } : {}, 'SUBSCRIBE')
    }
    equal(arrived, ['新', '旧'], 'messages')
  }),

  [
    'a server that does not answer is noticed by the keep alive',
    async (device) => {
      const client = await connected(device, { keepAliveInterval: 10 })
      const { server, clock } = device
      must(await clock.until(() => server.connection.packets.includes(0xc0)), 'PINGREQ')
      server.answersPings = false
      must(await clock.until(() => client.lost.length > 0, 60000), 'the loss is told')
      equal(client.lost.map(({ errorCode }) => errorCode), [4], 'errorCode')
    },
  ],

  ...inBoth('a session in StorageStore outlives the program', async (device, mqttVersion) => {
    const { StorageStore } = device.package
    const first = await connected(device, { mqttVersion, store: new StorageStore(), offline: true })
    const { server } = device
    await first.subscribe('给我', { qos: 1, onMessage() {} })
    server.acknowledges = false
    for (const qos of [1, 2]) first.publish('消息', `第${qos}条 😀`, { qos }).catch(() => {})
    await device.clock.until(() => server.published.length === 2)
    server.published = []
    const next = device.restart()
    server.acknowledges = true
    const second = await connected(next, { mqttVersion, store: new next.package.StorageStore() })
    must(second.sessionPresent, 'the server has the session')
    must(await next.clock.until(() => second.pending === 0), 'nothing is pending')
    const came = server.published.map(({ topic, payload, qos, duplicate }) => [topic, textOf(payload), qos, duplicate])
    equal(came, [['消息', '第1条 😀', 1, true], ['消息', '第2条 😀', 2, true]], 'what was sent again')
    equal(second.warnings.concat(first.warnings), [], 'warnings')
  }),

  [
    `${GROWTH.messages} messages of ${GROWTH.bytes} bytes each way are right to the last byte while memory grows`,
    async (device) => {
      const { messages, bytes } = GROWTH
      const client = await connected(device)
      const { server, clock } = device
      const arrived = []
      await client.subscribe('back/#', { qos: 1, onMessage: (message) => arrived.push([message.topic, message.payloadBytes]) })
      server.acknowledges = false
      const before = device.memory()
      const sent = []
      let refused = ''
      for (let n = 0; n < messages; n++) {
        try {
          sent.push(client.publish(`长大/${n}`, bytesOf(n, bytes), { qos: 1 }))
        } catch (error) {
          refused = refused || `${error.message} of message ${n}`
        }
      }
      await clock.until(() => server.published.length === messages, 1000)
      const wrong = Array.from({ length: messages }, (_, n) => server.published[n]).filter(
        (message, n) => !message || message.topic !== `长大/${n}` || !same(message.payload, bytesOf(n, bytes)),
      ).length
      device.note({ wrong, memory: [before, device.memory()] })
      equal([wrong, refused], [0, ''], 'what the server got wrong, and the client refused')
      must(device.memory() > before + messages * bytes, 'memory has grown')
      for (const { id } of server.published) server.connection.send([0x40, 2, id >> 8, id & 255])
      await Promise.all(sent)
      for (let n = 0; n < messages; n++) server.connection.publish(`back/${n}`, bytesOf(n, bytes), 1)
      await clock.until(() => server.connection.acknowledged.length === messages)
      const rightBack = arrived.filter(([topic, payload], n) => topic === `back/${n}` && same(payload, bytesOf(n, bytes))).length
      equal(rightBack, messages, 'what the client got right')
    },
  ],

  [
    'a message of 1 MiB goes each way',
    async (device) => {
      const client = await connected(device, { mqttVersion: 5 })
      const { server, clock } = device
      const arrived = []
      await client.subscribe('大/#', { qos: 2, onMessage: (message) => arrived.push(message.payloadBytes) })
      const payload = bytesOf(1, 1024 * 1024)
      await client.publish('大/去', payload, { qos: 2 })
      must(same(server.published[0].payload, payload), 'the server got it')
      server.connection.publish('大/来', payload, 2)
      must(await clock.until(() => server.connection.acknowledged.length === 1), 'it is acknowledged')
      must(same(arrived[0], payload), 'the client got it')
    },
  ],

  ...inBoth('malformed bytes end the connection with a clear error, and a new one works', async (device, mqttVersion) => {
    const { server, clock } = device
    const client = new device.package.Client(ADDRESS, 'me')
    for (const [what, digits] of MALFORMED.both.concat(MALFORMED[mqttVersion])) {
      await connected(device, { mqttVersion }, client)
      const { connection } = server
      connection.send(hex(digits))
      must(await clock.until(() => client.lost.length > 0 && connection.closed), `it ends: ${what}`)
      const [{ errorCode, errorMessage }] = client.lost.splice(0)
      const clear = errorCode >= 20 && errorCode < 100 && /^\w.{15,}\.$/.test(errorMessage)
      must(clear, `a clear error: ${what}: ${errorCode} ${errorMessage}`)
      must(!client.isConnected(), 'no connection is left')
    }
    await connected(device, { mqttVersion }, client)
    await client.publish('还在', '好', { qos: 2 })
    equal(textOf(server.published[0].payload), '好', 'a message after all that')
  }),
]
