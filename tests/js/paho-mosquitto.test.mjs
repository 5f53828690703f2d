// The same programs on Paho and on ours against a real Mosquitto: the same callbacks, with the same arguments, in the
// same order. What is deliberately different (paho-differences.mjs) is left out by name.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import * as wasmqtt from '../../js/index.js'
import { startMosquitto } from './brokers.mjs'
import { loadPaho } from './paho-oracle.mjs'
import { shown } from './paho-transcript.mjs'
import { Inbox, unique } from './scenarios.mjs'

/** A program's view of the broker: clients whose callbacks are written down. */
class Visit {
  constructor(api, broker) {
    this.api = api
    this.broker = broker
    /** @type {string[]} */
    this.lines = []
    this.happened = new Inbox()
    this.top = unique('paho')
    /** @type {any[]} */
    this.clients = []
  }

  /** @param {string} name @param {(line: string) => boolean} [wanted] */
  callback(name, wanted = () => true) {
    return (...args) => {
      const line = `${name} ${args.map(shown).join(', ')}`
        .replaceAll(this.top, 'TOP')
        .replaceAll(this.broker.url, 'URL')
      if (!wanted(line)) return
      this.lines.push(line)
      this.happened.put(line)
    }
  }

  /** Waits for so many more callbacks. @param {number} count @param {string} what */
  async wait(count, what) {
    return this.happened.take(count, what)
  }

  /** @param {string} [clientId] */
  client(clientId = unique('c').replaceAll('/', '')) {
    const client = new this.api.Client(this.broker.url, clientId)
    for (const name of ['onConnected', 'onConnectionLost', 'onMessageArrived', 'onMessageDelivered'])
      client[name] = this.callback(name)
    this.clients.push(client)
    return client
  }

  /** @param {object} [options] */
  async connected(options = {}, client = this.client()) {
    const { userName, password } = this.broker
    const onSuccess = this.callback('onSuccess')
    client.connect({ userName, password, mqttVersion: 4, onSuccess, onFailure: this.callback('onFailure'), ...options })
    await this.wait(2, 'the connection')
    return client
  }

  async subscribed(client, filter, qos = 2) {
    client.subscribe(filter, {
      qos,
      onSuccess: this.callback('subscribed'),
      onFailure: this.callback('not subscribed'),
    })
    await this.wait(1, 'SUBACK')
  }

  message(payload, destinationName, more = {}) {
    return Object.assign(new this.api.Message(payload), { destinationName, ...more })
  }

  leave() {
    for (const client of this.clients) if (client.isConnected()) client.disconnect()
  }
}

/** @type {Record<string, (v: Visit) => Promise<void>>} */
const programs = {
  'connecting with 3.1.1 and leaving': async (v) => {
    const client = await v.connected({ mqttVersion: 4, invocationContext: { a: 1 } })
    client.disconnect()
    await v.wait(1, 'onConnectionLost')
  },

  'connecting with 3.1 and leaving': async (v) => {
    const client = await v.connected({ mqttVersion: 3, keepAliveInterval: 5 })
    client.disconnect()
    await v.wait(1, 'onConnectionLost')
  },

  'a wrong password, a wrong user, nobody': async (v) => {
    for (const login of [{ userName: 'alice', password: 'guess' }, { userName: 'mallory', password: 'x' }, {}]) {
      v.client().connect({ ...login, mqttVersion: 4, onFailure: v.callback('onFailure') })
      await v.wait(1, 'the refusal')
    }
  },

  'subscribing to one and to many, and unsubscribing': async (v) => {
    const client = await v.connected()
    await v.subscribed(client, `${v.top}/a`, 1)
    await v.subscribed(client, [`${v.top}/b/#`, `${v.top}/+`], 2)
    client.unsubscribe([`${v.top}/a`, `${v.top}/+`], {
      invocationContext: { u: 1 },
      onSuccess: v.callback('unsubscribed'),
    })
    await v.wait(1, 'UNSUBACK')
    client.send(`${v.top}/a`, 'unwanted', 1)
    client.send(`${v.top}/b/c`, 'wanted', 1)
    await v.wait(3, 'two deliveries and a message')
  },

  'publishing QoS 0 to oneself': async (v) => {
    const client = await v.connected()
    await v.subscribed(client, v.top)
    client.send(v.top, 'ü€🎈')
    await v.wait(2, 'the delivery and the message')
    client.publish(v.top, new Uint8Array([0, 255]), 0, false)
    await v.wait(2, 'the delivery and the message')
  },

  'publishing QoS 1 to another client': async (v) => {
    const receiver = await v.connected()
    await v.subscribed(receiver, v.top)
    const sender = await v.connected()
    for (const payload of ['one', 'two', '']) {
      sender.onMessageDelivered = () => {}
      sender.send(v.top, payload, 1)
      await v.wait(1, 'the message')
    }
  },

  'publishing QoS 2 to another client': async (v) => {
    const receiver = await v.connected()
    await v.subscribed(receiver, v.top)
    const sender = await v.connected()
    sender.onMessageDelivered = () => {}
    for (const payload of ['one', 'two']) {
      sender.send(v.message(payload, v.top, { qos: 2 }))
      await v.wait(1, 'the message')
    }
  },

  'deliveries of QoS 1 and 2': async (v) => {
    const client = await v.connected()
    for (const qos of [1, 2, 1, 2]) {
      client.send(v.top, `QoS ${qos}`, qos)
      await v.wait(1, 'the delivery')
    }
  },

  'a retained message, and one that takes it away': async (v) => {
    const sender = await v.connected()
    sender.send(v.message('kept', v.top, { qos: 1, retained: true }))
    await v.wait(1, 'the delivery')
    const reader = v.client()
    await v.connected({}, reader)
    reader.subscribe(v.top, { qos: 1 })
    await v.wait(1, 'the retained message')
    // The delivery is told on another connection than the message, in no order.
    sender.onMessageDelivered = () => {}
    sender.send(v.top, '', 1, true)
    await v.wait(1, 'the message')
    const late = await v.connected()
    await v.subscribed(late, v.top)
    late.send(v.top, 'the first that it gets')
    await v.wait(3, 'the delivery and two messages')
  },

  'a will, when another client takes the identifier': async (v) => {
    const watcher = await v.connected()
    await v.subscribed(watcher, v.top)
    const willMessage = v.message('gone', v.top, { qos: 1 })
    const clientId = unique('will').replaceAll('/', '')
    await v.connected({ willMessage }, v.client(clientId))
    const second = new v.api.Client(v.broker.url, clientId)
    second.connect({ userName: v.broker.userName, password: v.broker.password, mqttVersion: 4 })
    v.clients.push(second)
    await v.wait(2, 'the loss and the will')
    // Two connections tell of them, in no order.
    v.lines.sort()
  },

  'no will after a disconnect': async (v) => {
    const watcher = await v.connected()
    await v.subscribed(watcher, v.top)
    const leaver = await v.connected({ willMessage: v.message('gone', v.top) })
    leaver.disconnect()
    await v.wait(1, 'onConnectionLost')
    watcher.send(v.top, 'marker')
    await v.wait(2, 'the delivery and the marker')
  },

  'a list of hosts of which the first is dead': async (v) => {
    const hosts = ['ws://127.0.0.1:1/mqtt', v.broker.url]
    const client = await v.connected({ hosts })
    client.disconnect()
    await v.wait(1, 'onConnectionLost')
  },

  'a session that is kept': async (v) => {
    const client = await v.connected({ cleanSession: false })
    await v.subscribed(client, v.top)
    client.disconnect()
    await v.wait(1, 'onConnectionLost')
    const sender = await v.connected()
    sender.send(v.top, 'missed', 1)
    await v.wait(1, 'the delivery')
    const { userName, password } = v.broker
    client.connect({ userName, password, mqttVersion: 4, cleanSession: false })
    await v.wait(2, 'onConnected and the message')
    client.disconnect()
    await v.wait(1, 'onConnectionLost')
    client.connect({ userName, password, mqttVersion: 4 })
    await v.wait(1, 'onConnected')
  },

  'a message of 200 kB': async (v) => {
    const client = await v.connected()
    await v.subscribed(client, v.top)
    const arrived = new Inbox()
    client.onMessageArrived = ({ payloadString }) => arrived.put(payloadString)
    client.onMessageDelivered = () => {}
    client.send(v.top, '0123456789'.repeat(20_000), 1)
    const [text] = await arrived.take(1, 'the message')
    v.lines.push(`${text.length} ${text.slice(-12)}`)
  },
}

describe('against Mosquitto, the same on Paho and on ours:', () => {
  let broker
  before(async () => {
    broker = await startMosquitto()
  })
  after(() => broker?.close())

  const paho = loadPaho({ WebSocket })
  for (const [name, program] of Object.entries(programs)) {
    test(name, async () => {
      const seen = []
      for (const api of [paho, wasmqtt]) {
        const visit = new Visit(api, broker)
        try {
          await program(visit)
        } finally {
          visit.leave()
        }
        seen.push(visit.lines)
      }
      assert.deepEqual(seen[1], seen[0])
      assert.ok(seen[0].length > 0, 'the program saw nothing')
    })
  }
})
