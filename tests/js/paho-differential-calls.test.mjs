// The same calls on Paho and on ours: what they take, what they throw, what objects show. No network, hence the short
// programs; paho-differential.test.mjs has the long ones.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { onBoth } from './paho-oracle.mjs'

/** @type {Record<string, (t: import('./paho-transcript.mjs').Transcript) => Promise<void>>} */
const programs = {
  'the three forms of the constructor': async (t) => {
    for (const args of [
      ['h', 80, '/p?q=1', 'me'],
      ['h', 8080, 'me'],
      ['::1', 80, 'me'],
      ['wss://h:1/x', 'me'],
      ['ws://h/', ''],
    ]) {
      const client = t.client(...args)
      t.write([client.host, client.port, client.path, client.uri, client.clientId].join(' '))
      await t.connecting(client, { mqttVersion: 4 })
    }
  },

  'useSSL replaces the scheme': async (t) => {
    await t.connecting(t.client('h', 80, 'me'), { useSSL: true })
    await t.connecting(t.client('wss://h/p', 'me'), { useSSL: false })
  },

  'a program that connects twice': async (t) => {
    const client = t.client()
    await t.connecting(client, { mqttVersion: 4 })
    t.attempt(() => client.connect())
    await t.opens()
    await t.receives('20020000')
    t.attempt(() => client.connect({ onSuccess: 5 }))
    t.attempt(() => client.connect())
  },

  'arguments that are wrong': async (t) => {
    const { Client, Message } = t.host
    const client = await t.connected()
    const other = t.client()
    const noTopic = new Message('x')
    for (const args of [
      [],
      [5],
      ['h'],
      ['h', 'me'],
      ['ws://h', 'me'],
      ['http://h/p', 'me'],
      ['WS://h/p', 'me'],
      ['ws:///p', 'me'],
      ['h', '1', 'me'],
      ['h', -1, 'me'],
      ['h', 1, 5, 'me'],
      ['h', 1, '/p', 5],
      ['h', 1, '/p', {}],
    ]) {
      t.attempt(() => new Client(...args))
    }
    for (const options of [
      { timeout: '1' },
      { userName: {} },
      { userName: null },
      { userName: 'u', password: {} },
      { willMessage: 'w' },
      { willMessage: {} },
      { willMessage: noTopic },
      { keepAliveInterval: '1' },
      { cleanSession: 1 },
      { useSSL: 1 },
      { invocationContext: 'x' },
      { onSuccess: null },
      { onFailure: {} },
      { reconnect: 1 },
      { mqttVersion: 2 },
      { mqttVersion: 6, password: 'x' },
      { mqttVersion: '4' },
      { mqttVersionExplicit: 1 },
      { uris: 'x' },
      { hosts: 'x' },
      { hosts: {} },
      { hosts: [] },
      { hosts: [5] },
      { hosts: ['a'] },
      { hosts: ['a'], ports: {} },
      { hosts: ['a'], ports: [1, 2] },
      { hosts: ['a'], ports: ['1'] },
      { hosts: ['a'], ports: [-1] },
      { hosts: ['ws://a/m', 'b'] },
      { hosts: ['b', 'ws://a/m'] },
    ]) {
      t.attempt(() => other.connect(options))
    }
    for (const args of [
      [5],
      [{}],
      ['a', { qos: 3 }],
      ['a', { qos: '1' }],
      ['a', { invocationContext: 5 }],
      ['a', { onFailure: 5 }],
    ]) {
      t.attempt(() => client.subscribe(...args))
      t.attempt(() => other.subscribe(...args))
    }
    for (const args of [[5], [{}], ['a', { timeout: '1' }], ['a', { onSuccess: {} }]]) {
      t.attempt(() => client.unsubscribe(...args))
      t.attempt(() => other.unsubscribe(...args))
    }
    for (const args of [
      [],
      [5],
      [{}],
      [null],
      [noTopic],
      [5, 'x'],
      ['a', 'x', 3],
      ['a', 'x', '1'],
      ['a', 'x', 0, 1],
      ['a', '\ud800'],
    ]) {
      t.attempt(() => client.send(...args))
      t.attempt(() => client.publish(...args))
    }
    for (const name of ['host', 'port', 'path', 'uri', 'clientId', 'onConnected', 'onMessageArrived', 'trace']) {
      for (const value of [null, undefined, 'x', {}, 5]) t.attempt(() => (client[name] = value))
    }
    for (const [name, value] of [
      ['destinationName', 5],
      ['qos', 3],
      ['qos', null],
      ['retained', 1],
      ['payloadString', 'y'],
    ]) {
      t.attempt(() => (noTopic[name] = value))
    }
  },

  'a new message': async (t) => {
    const message = new t.host.Message('ü')
    const { payloadString, destinationName, topic, qos, retained, duplicate } = message
    t.shows('message', [payloadString, destinationName, topic, qos, retained, duplicate])
    t.shows('payloadBytes', message.payloadBytes)
    Object.assign(message, { topic: 'a', qos: 2, retained: true })
    t.shows('message', message)
    t.shows('bytes as text', new t.host.Message(Uint8Array.of(0xe2, 0x82, 0xac)).payloadString)
  },

  'tracing on and off': async (t) => {
    const client = t.client()
    t.shows('log', client.getTraceLog())
    client.startTrace()
    t.shows('a log', Array.isArray(client.getTraceLog()))
    client.stopTrace()
    t.shows('log', client.getTraceLog())
    const kinds = new Set()
    client.trace = (...args) => kinds.add(args.map(({ severity, message }) => `${severity} ${typeof message}`).join())
    await t.connected({}, client)
    t.shows('what trace gets', [...kinds])
  },
}

describe('the same on Paho and on ours:', () => {
  for (const [name, program] of Object.entries(programs)) {
    test(name, async () => {
      const { paho, wasmqtt } = await onBoth(program)
      assert.deepEqual(wasmqtt, paho)
      assert.ok(paho.length > 1, 'the program did nothing')
    })
  }
})
