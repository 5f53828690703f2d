// What a client does with a real broker, step by step, as functions that run under Node and in a page alike: they use
// the public API and the language, nothing else. Each throws when something is not as it must be.

/**
 * @typedef {object} Place
 * @property {typeof import('../../js/index.js')} wasmqtt
 * @property {string} url of the broker
 * @property {string} weakUrl the same through a line that cut() and freeze() spoil
 * @property {() => Promise<void> | void} cut
 * @property {() => Promise<void> | void} freeze
 * @property {string} userName
 * @property {string} password
 * @property {3 | 4 | 5} version
 */

let names = 0
/** A name that no other test uses. */
export const unique = (/** @type {string} */ text) => `${text}/${Date.now().toString(36)}/${++names}`

/** @param {unknown} actual @param {unknown} expected @param {string} what */
export function same(actual, expected, what) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b?.slice(0, 300)}, got ${a?.slice(0, 300)}`)
}

/** @param {unknown} condition @param {string} what */
export function sure(condition, what) {
  if (!condition) throw new Error(what)
}

/** Messages that came and have not been taken; a wait for more fails after a while and says what it waited for. */
export class Inbox {
  constructor(patience = 30_000) {
    this.patience = patience
    /** @type {any[]} */ this.items = []
    /** @type {(() => void) | null} */ this.wake = null
    this.put = (/** @type {any} */ item) => {
      this.items.push(item)
      this.wake?.()
    }
  }

  /** @param {number} count @param {string} what */
  async take(count, what) {
    const end = Date.now() + this.patience
    while (this.items.length < count) {
      await new Promise((resolve, reject) => {
        const late = () => reject(new Error(`waited for ${what}: ${this.items.length} of ${count} came`))
        const timer = setTimeout(late, Math.max(0, end - Date.now()))
        this.wake = () => {
          clearTimeout(timer)
          resolve(undefined)
        }
      })
    }
    this.wake = null
    return this.items.splice(0, count)
  }
}

/**
 * A connected client with this place's user.
 * @param {Place} place
 * @param {object} [options]
 * @param {string} [url]
 * @returns {Promise<any>}
 */
export function enter(place, options = {}, url = place.url) {
  const { wasmqtt, userName, password, version } = place
  return wasmqtt.connect(url, { mqttVersion: version, userName, password, ...options })
}

/** Sends a last message and takes what came before it: the proof that nothing else did. */
async function before(client, topic, inbox, what) {
  await client.publish(topic, 'marker', { qos: 1 })
  const got = []
  for (;;) {
    const [message] = await inbox.take(1, `the marker after ${what}`)
    if (message.payloadString === 'marker') return got
    got.push(message)
  }
}

/** Publishes a retained message, and waits until the broker has passed it on: aedes acknowledges it before it does. */
async function retain(client, topic, text) {
  const inbox = new Inbox()
  await client.subscribe(topic, { qos: 1, onMessage: inbox.put })
  await client.publish(topic, text, { qos: 1, retained: true })
  await inbox.take(1, `the retained message ${text}`)
  await client.unsubscribe(topic)
}

/** Bytes that look like nothing and are the same every time. @param {number} length */
export function noise(length) {
  const bytes = new Uint8Array(length)
  let state = 0x9e3779b9
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export const equalBytes = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at])

/** @type {Record<string, { versions?: number[], run(place: Place): Promise<void> }>} */
export const scenarios = {
  'connects with the version asked for': {
    async run(place) {
      const client = await enter(place)
      same(client.isConnected(), true, 'isConnected')
      same(client.mqttVersion, place.version, 'the version in use')
      same(client.sessionPresent, false, 'session present')
      await client.disconnect()
      same(client.isConnected(), false, 'isConnected afterwards')
    },
  },

  'a wrong password is refused with its reason': {
    async run(place) {
      const codes = place.version === 5 ? [0x86, 0x87] : [4, 5]
      for (const wrong of [{ password: 'guess' }, { userName: 'mallory' }, { userName: undefined, password: undefined }]) {
        const error = await enter(place, wrong).then(
          () => null,
          (/** @type {any} */ reason) => reason,
        )
        sure(error, 'a wrong login was accepted')
        same(error.code, 6, 'error code')
        sure(codes.includes(error.reasonCode), `reason code ${error.reasonCode} for a wrong login`)
        sure(!error.message.includes('guess'), 'the password is in the error')
      }
    },
  },

  'every QoS goes round, in order and once': {
    async run(place) {
      const topic = unique('一/テスト/ключ/ü')
      const client = await enter(place)
      for (const qos of [0, 1, 2]) {
        const inbox = new Inbox()
        const { grantedQos } = await client.subscribe(topic, { qos, onMessage: inbox.put })
        same([...grantedQos], [qos], 'granted QoS')
        const sent = Array.from({ length: 60 }, (_, number) => `第${number}条 🎈`)
        // Mosquitto 2.0.11 stops for good when a client before MQTT 5 has more than its 20 of QoS 2 in flight both ways.
        const burst = qos === 2 && place.version < 5 ? 20 : sent.length
        for (let at = 0; at < sent.length; at += burst) {
          await Promise.all(sent.slice(at, at + burst).map((text) => client.publish(topic, text, { qos })))
        }
        const got = await inbox.take(sent.length, `messages of QoS ${qos}`)
        same(
          got.map((message) => message.payloadString),
          sent,
          `payloads of QoS ${qos}`,
        )
        same(
          got.map((message) => message.destinationName),
          sent.map(() => topic),
          'topics',
        )
        same(
          got.map((message) => message.qos),
          sent.map(() => qos),
          'QoS received',
        )
        same(
          got.map((message) => message.retained),
          sent.map(() => false),
          'retained',
        )
        await client.unsubscribe(topic)
      }
      await client.disconnect()
    },
  },

  'binary payloads arrive as they are': {
    async run(place) {
      const topic = unique('binary')
      const client = await enter(place)
      const inbox = new Inbox()
      await client.subscribe(topic, { qos: 1, onMessage: inbox.put })
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const wide = new Uint16Array([0xfffe, 0x0080, 0xd800])
      await client.publish(topic, all, { qos: 1 })
      await client.publish(topic, all.subarray(100, 200), { qos: 1 })
      await client.publish(topic, wide, { qos: 1 })
      await client.publish(topic, new DataView(all.buffer, 3, 5), { qos: 1 })
      await client.publish(topic, new ArrayBuffer(0), { qos: 1 })
      const got = (await inbox.take(5, 'binary messages')).map((message) => [...message.payloadBytes])
      same(got, [[...all], [...all.subarray(100, 200)], [...new Uint8Array(wide.buffer)], [3, 4, 5, 6, 7], []], 'payloads')
      await client.disconnect()
    },
  },

  'a payload of 1 MiB goes round at every QoS': {
    async run(place) {
      const topic = unique('large')
      const payload = noise(1 << 20)
      const client = await enter(place)
      const inbox = new Inbox(60_000)
      await client.subscribe(topic, { qos: 2, onMessage: inbox.put })
      for (const qos of [0, 1, 2]) {
        await client.publish(topic, payload, { qos })
        const [message] = await inbox.take(1, `1 MiB of QoS ${qos}`)
        same(message.qos, qos, 'QoS')
        sure(equalBytes(message.payloadBytes, payload), `the bytes of 1 MiB at QoS ${qos} differ`)
      }
      await client.disconnect()
    },
  },

  'a retained message greets who comes later, until it is cleared': {
    async run(place) {
      const topic = unique('retained')
      const sender = await enter(place)
      await retain(sender, topic, 'kept')
      const second = await enter(place)
      const inbox = new Inbox()
      await second.subscribe(topic, { qos: 1, onMessage: inbox.put })
      const [message] = await inbox.take(1, 'the retained message')
      same([message.payloadString, message.retained], ['kept', true], 'the retained message')
      await sender.publish(topic, '', { qos: 1, retained: true })
      const [empty] = await inbox.take(1, 'the clearing message')
      same([empty.payloadString, empty.retained], ['', false], 'the clearing message')
      await second.unsubscribe(topic)
      await second.subscribe(topic, { qos: 1, onMessage: inbox.put })
      same(await before(sender, topic, inbox, 'clearing'), [], 'messages after clearing')
      await Promise.all([sender.disconnect(), second.disconnect()])
    },
  },

  'the will is sent when the line is cut, and not after a goodbye': {
    async run(place) {
      const topic = unique('will')
      const inbox = new Inbox()
      const watcher = await enter(place)
      await watcher.subscribe(topic, { qos: 1, onMessage: inbox.put })
      const willMessage = new place.wasmqtt.Message('走了')
      willMessage.destinationName = topic
      willMessage.qos = 1

      const polite = await enter(place, { willMessage })
      await polite.disconnect()
      same(await before(watcher, topic, inbox, 'a goodbye'), [], 'wills after a goodbye')

      const lost = new Inbox()
      const unlucky = await enter(place, { willMessage }, place.weakUrl)
      unlucky.onConnectionLost = lost.put
      await place.cut()
      const [will] = await inbox.take(1, 'the will')
      same([will.payloadString, will.qos, will.retained], ['走了', 1, false], 'the will')
      const [loss] = await lost.take(1, 'onConnectionLost')
      sure(loss.errorCode !== 0, 'a cut line was reported as wanted')
      await watcher.disconnect()
    },
  },

  'the will waits for its delay': {
    versions: [5],
    async run(place) {
      const topic = unique('delayed')
      const inbox = new Inbox()
      const watcher = await enter(place)
      await watcher.subscribe(topic, { qos: 1, onMessage: inbox.put })
      const willMessage = new place.wasmqtt.Message('later')
      willMessage.destinationName = topic
      willMessage.properties = { willDelayInterval: 2 }
      // The will is due at the end of the session too, so that the session must outlive the delay.
      await enter(place, { willMessage, properties: { sessionExpiryInterval: 60 } }, place.weakUrl)
      const cutAt = Date.now()
      await place.cut()
      await inbox.take(1, 'the delayed will')
      const waited = Date.now() - cutAt
      // Mosquitto counts in whole seconds.
      sure(waited >= 900, `the will came after ${waited} ms`)
      await watcher.disconnect()
    },
  },

  'a frozen line is noticed on both sides': {
    async run(place) {
      const topic = unique('frozen')
      const inbox = new Inbox()
      const watcher = await enter(place)
      await watcher.subscribe(topic, { qos: 0, onMessage: inbox.put })
      const willMessage = new place.wasmqtt.Message('silent')
      willMessage.destinationName = topic
      const lost = new Inbox()
      const unlucky = await enter(place, { willMessage, keepAliveInterval: 1 }, place.weakUrl)
      unlucky.onConnectionLost = lost.put
      await place.freeze()
      const [loss] = await lost.take(1, 'onConnectionLost on a frozen line')
      sure(loss.errorCode !== 0, 'a frozen line was reported as wanted')
      const [will] = await inbox.take(1, 'the will of a silent client')
      same(will.payloadString, 'silent', 'the will')
      await watcher.disconnect()
    },
  },

  'a session is resumed with its subscriptions and what came meanwhile': {
    async run(place) {
      const topic = unique('session')
      const clientId = `s${Date.now().toString(36)}${++names}`.slice(0, 23)
      const kept = {
        clientId,
        cleanSession: false,
        ...(place.version === 5 ? { properties: { sessionExpiryInterval: 120 } } : {}),
      }
      const first = await enter(place, kept)
      same(first.sessionPresent, false, 'session present at first')
      await first.subscribe(topic, { qos: 2 })
      await first.disconnect()

      const sender = await enter(place)
      for (const qos of [1, 2]) await sender.publish(topic, `missed ${qos}`, { qos })
      await sender.disconnect()

      const inbox = new Inbox()
      const again = new place.wasmqtt.Client(place.url, clientId)
      again.onMessageArrived = inbox.put
      const { clientId: _, ...options } = kept
      await again.connect({ ...options, mqttVersion: place.version, userName: place.userName, password: place.password })
      // CONNACK of MQTT 3.1 does not tell.
      same(again.sessionPresent, place.version > 3, 'session present')
      const got = await inbox.take(2, 'what came meanwhile')
      same(
        // Order is promised within one QoS only [MQTT-4.6.0-6].
        got.map((message) => [message.payloadString, message.qos]).sort(),
        [
          ['missed 1', 1],
          ['missed 2', 2],
        ],
        'what came meanwhile',
      )
      await again.disconnect()

      const clean = await enter(place, { clientId })
      same(clean.sessionPresent, false, 'session present after a clean start')
      await clean.disconnect()
    },
  },

  'unsubscribing ends it': {
    async run(place) {
      const client = await enter(place)
      const [left, stays] = [unique('left'), unique('stays')]
      const inbox = new Inbox()
      await client.subscribe([left, stays], { qos: 1, onMessage: inbox.put })
      await client.unsubscribe(left)
      await client.publish(left, 'unwanted', { qos: 1 })
      same(await before(client, stays, inbox, 'unsubscribing'), [], 'messages after unsubscribing')
      await client.disconnect()
    },
  },

  'several filters, each with its own QoS and handler': {
    async run(place) {
      const top = unique('several')
      const client = await enter(place)
      const inbox = new Inbox()
      const result = await client.subscribe([
        { filter: `${top}/+/a`, qos: 0 },
        { filter: `${top}/#`, qos: 2 },
      ])
      same([...result.grantedQos], [0, 2], 'granted QoS')
      const only = new Inbox()
      await client.subscribe(`${top}/x/b`, { qos: 1, onMessage: only.put })
      client.onMessageArrived = inbox.put
      await client.publish(`${top}/x/b`, 'to both', { qos: 1 })
      const [message] = await only.take(1, 'the handler of one filter')
      same(message.payloadString, 'to both', 'payload')
      await inbox.take(1, 'onMessageArrived')
      await client.disconnect()
    },
  },

  'messages() yields and unsubscribes when left': {
    async run(place) {
      const topic = unique('iterated')
      const client = await enter(place)
      const other = await enter(place)
      const iterator = client.messages(topic, { qos: 1 })[Symbol.asyncIterator]()
      await retain(other, topic, 'one')
      same((await iterator.next()).value.payloadString, 'one', 'the first message')
      await other.publish(topic, 'two', { qos: 1 })
      same((await iterator.next()).value.payloadString, 'two', 'the second message')
      await iterator.return()
      await other.publish(topic, '', { qos: 1, retained: true })
      await Promise.all([client.disconnect(), other.disconnect()])
    },
  },

  'a message that is not acknowledged comes again': {
    async run(place) {
      const topic = unique('manual')
      const clientId = `m${Date.now().toString(36)}${++names}`.slice(0, 23)
      const kept = {
        clientId,
        autoAck: false,
        cleanSession: false,
        ...(place.version === 5 ? { properties: { sessionExpiryInterval: 120 } } : {}),
      }
      const inbox = new Inbox()
      const first = await enter(place, kept, place.weakUrl)
      const lost = new Inbox()
      first.onConnectionLost = lost.put
      await first.subscribe(topic, { qos: 1, onMessage: inbox.put })
      const sender = await enter(place)
      await sender.publish(topic, 'handled', { qos: 1 })
      await sender.publish(topic, 'not handled', { qos: 1 })
      const [handled, dropped] = await inbox.take(2, 'two messages')
      handled.ack()
      same(dropped.payloadString, 'not handled', 'the second message')
      // The answer to a SUBSCRIBE comes after the broker has read the acknowledgement.
      await first.subscribe(`${topic}/other`, { qos: 0 })
      await place.cut()
      await lost.take(1, 'onConnectionLost')

      const again = new Inbox()
      const second = new place.wasmqtt.Client(place.url, clientId)
      second.onMessageArrived = again.put
      // With the session expiry again: aedes takes a CONNECT without one for a clean start.
      const { properties } = kept
      await second.connect({
        cleanSession: false,
        mqttVersion: place.version,
        userName: place.userName,
        password: place.password,
        properties,
      })
      const [message] = await again.take(1, 'the message again')
      same(message.payloadString, 'not handled', 'what came again')
      await second.disconnect()
      await sender.disconnect()
      await (await enter(place, { clientId })).disconnect()
    },
  },

  'a program for Paho works': {
    versions: [3, 4],
    async run(place) {
      const topic = unique('paho')
      const { hostname, port } = new URL(place.url)
      const client = new place.wasmqtt.Client(hostname, Number(port), '/mqtt', `p${++names}`)
      const arrived = new Inbox()
      const delivered = new Inbox()
      const ended = new Inbox()
      client.onMessageArrived = arrived.put
      client.onMessageDelivered = delivered.put
      client.onConnectionLost = ended.put
      await new Promise((resolve, reject) => {
        client.connect({
          userName: place.userName,
          password: place.password,
          mqttVersion: place.version,
          onSuccess: resolve,
          onFailure: (/** @type {any} */ failure) => reject(new Error(failure.errorMessage)),
        })
      })
      const granted = await new Promise((resolve, reject) =>
        client.subscribe(topic, { qos: 1, invocationContext: { mine: 1 }, onSuccess: resolve, onFailure: reject }),
      )
      same([granted.invocationContext, [...granted.grantedQos]], [{ mine: 1 }, [1]], 'onSuccess of subscribe')
      const message = new place.wasmqtt.Message('你好')
      message.destinationName = topic
      message.qos = 1
      same(client.send(message), undefined, 'what send returns')
      const [got] = await arrived.take(1, 'onMessageArrived')
      same([got.payloadString, got.destinationName], ['你好', topic], 'the message')
      sure((await delivered.take(1, 'onMessageDelivered'))[0] === message, 'onMessageDelivered has another message')
      client.disconnect()
      same((await ended.take(1, 'onConnectionLost'))[0].errorCode, 0, 'the end')
    },
  },

  "'auto' takes the newest version": {
    versions: [5],
    async run(place) {
      const client = await enter(place, { mqttVersion: 'auto' })
      same(client.mqttVersion, 5, 'the version in use')
      await client.disconnect()
    },
  },

  'an empty client identifier is assigned one': {
    versions: [5],
    async run(place) {
      const client = new place.wasmqtt.Client(place.url, '')
      await client.connect({ mqttVersion: 5, userName: place.userName, password: place.password })
      sure(client.clientId.length > 0, 'no client identifier was assigned')
      await client.disconnect()
    },
  },

  'properties travel with a message': {
    versions: [5],
    async run(place) {
      const topic = unique('properties')
      const client = await enter(place)
      const inbox = new Inbox()
      await client.subscribe(topic, { qos: 1, properties: { subscriptionIdentifier: 77 }, onMessage: inbox.put })
      const properties = {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 3600,
        contentType: 'text/plain; 中文',
        responseTopic: `${topic}/answer`,
        correlationData: new Uint8Array([0, 1, 255]),
        userProperties: [
          ['a', '1'],
          ['a', '2'],
          ['名', '值'],
        ],
      }
      await client.publish(topic, 'with', { qos: 1, properties })
      const [message] = await inbox.take(1, 'the message')
      const got = message.properties
      same(got.contentType, properties.contentType, 'content type')
      same(got.responseTopic, properties.responseTopic, 'response topic')
      same([...got.correlationData], [0, 1, 255], 'correlation data')
      same(got.payloadFormatIndicator, 1, 'payload format')
      sure(got.messageExpiryInterval > 3500 && got.messageExpiryInterval <= 3600, `expiry ${got.messageExpiryInterval}`)
      same(got.userProperties, properties.userProperties, 'user properties')
      same([got.subscriptionIdentifiers ?? got.subscriptionIdentifier].flat(), [77], 'subscription identifier')
      await client.disconnect()
    },
  },

  'No Local and Retain Handling are honoured': {
    versions: [5],
    async run(place) {
      const topic = unique('options')
      const client = await enter(place)
      const other = await enter(place)
      await retain(other, topic, 'old')
      const inbox = new Inbox()
      await client.subscribe(topic, { qos: 1, noLocal: true, retainHandling: 2, onMessage: inbox.put })
      await client.publish(topic, 'own', { qos: 1 })
      same(await before(other, topic, inbox, 'own messages'), [], 'messages before the marker')
      await other.publish(topic, '', { qos: 1, retained: true })
      await Promise.all([client.disconnect(), other.disconnect()])
    },
  },

  'a burst on one topic goes through with topic aliases': {
    versions: [5],
    async run(place) {
      const topic = unique(`alias/${'long/'.repeat(20)}`)
      const client = await enter(place)
      sure(client.serverProperties.topicAliasMaximum > 0, 'this broker takes no topic aliases')
      const inbox = new Inbox()
      await client.subscribe(`${topic}/#`, { qos: 1, onMessage: inbox.put })
      const sent = Array.from({ length: 300 }, (_, number) => [`${topic}/${number % 20}`, `${number}`, number % 2])
      await Promise.all(sent.map(([to, payload, qos]) => client.publish(to, payload, { qos })))
      const got = await inbox.take(sent.length, 'the burst')
      // Order is promised for each topic.
      for (let number = 0; number < 20; number++) {
        const name = `${topic}/${number}`
        const arrived = got.filter((message) => message.destinationName === name).map((message) => message.payloadString)
        same(
          arrived,
          sent.filter(([to]) => to === name).map(([, payload]) => payload),
          name,
        )
      }
      await client.disconnect()
    },
  },
}

/** Only where the broker has shared subscriptions. */
export const sharedSubscription = {
  'a shared subscription divides the messages': {
    versions: [4, 5],
    async run(/** @type {Place} */ place) {
      const topic = unique('shared')
      const workers = await Promise.all([enter(place), enter(place)])
      const inboxes = workers.map(() => new Inbox())
      const all = new Inbox()
      await Promise.all(
        workers.map((worker, at) =>
          worker.subscribe(`$share/工人/${topic}`, {
            qos: 1,
            onMessage(/** @type {any} */ message) {
              inboxes[at].put(message)
              all.put(message)
            },
          }),
        ),
      )
      const sender = await enter(place)
      const sent = Array.from({ length: 40 }, (_, number) => String(number))
      for (const text of sent) await sender.publish(topic, text, { qos: 1 })
      const got = await all.take(sent.length, 'the shared messages')
      same(got.map((message) => message.payloadString).sort(), [...sent].sort(), 'each message once')
      for (const inbox of inboxes) sure(inbox.items.length > 0, 'one worker got nothing')
      await Promise.all([...workers, sender].map((client) => client.disconnect()))
    },
  },
}
