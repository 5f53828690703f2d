// The same programs on Paho and on ours, over a socket of which the test is the server: every packet sent and every
// callback with its arguments must be the same, in the same order. Where they are to differ stands in
// paho-differences.mjs, each with what both do.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { differences } from './paho-differences.mjs'
import { onBoth } from './paho-oracle.mjs'

const onA = (host, qos = 1) => {
  const message = new host.Message('ü€🎈')
  message.destinationName = '日本/a'
  message.qos = qos
  message.retained = true
  return message
}

/** @type {Record<string, (t: import('./paho-transcript.mjs').Transcript) => Promise<void>>} */
const programs = {
  'connecting with nothing asked for, and leaving': async (t) => {
    const client = t.client()
    await t.connecting(client)
    await t.opens()
    await t.receives('20020000')
    t.shows('connected', client.isConnected())
    client.disconnect()
    await t.settle()
    t.shows('connected', client.isConnected())
  },

  'connecting with 3.1 and everything that CONNECT can say': async (t) => {
    const willMessage = onA(t.host, 2)
    const login = { userName: 'ü', password: 'p€', keepAliveInterval: 7, cleanSession: false, willMessage }
    await t.connected({ mqttVersion: 3, invocationContext: { a: 1 }, timeout: 5, ...login })
  },

  'connecting with 3.1.1 and everything that CONNECT can say': async (t) => {
    const willMessage = onA(t.host)
    await t.connected({
      userName: 'u',
      password: '',
      keepAliveInterval: 0,
      cleanSession: true,
      willMessage,
      reconnect: false,
    })
    await t.pass(1000)
  },

  'refused logins': async (t) => {
    for (const code of [1, 2, 3, 4, 5]) {
      await t.connecting(t.client(), { mqttVersion: 4, invocationContext: { code } })
      await t.opens()
      await t.receives(`2002000${code}`)
    }
  },

  'a server that refuses the version is asked with 3.1': async (t) => {
    await t.connecting(t.client())
    await t.opens()
    await t.receives('20020001')
    await t.opens()
    await t.receives('20020000')
  },

  'a server that hangs up on CONNECT is asked with 3.1': async (t) => {
    await t.connecting(t.client())
    await t.opens()
    await t.drops()
    await t.opens()
    await t.receives('20020005')
  },

  'no answer in time, before the socket opens and after': async (t) => {
    await t.connecting(t.client(), { mqttVersion: 4 })
    await t.pass(29.9)
    t.write('still waiting')
    await t.pass(0.1)
    await t.connecting(t.client(), { mqttVersion: 4, timeout: 3 })
    await t.pass(2.9)
    await t.opens()
    await t.pass(0.1)
  },

  'a list of hosts of which the first is dead': async (t) => {
    const client = t.client('h', 80, '/p', 'me')
    await t.connecting(client, { hosts: ['a', 'b', 'c'], ports: [1, 2, 3], mqttVersion: 4 })
    t.host.socket.drop()
    await t.settle()
    await t.opens()
    await t.receives('20020000')
    await t.drops()
  },

  'a list of addresses of which none answers': async (t) => {
    await t.connecting(t.client(), { hosts: ['ws://a/x', 'ws://b:2/y'], mqttVersion: 4, timeout: 2, useSSL: true })
    t.host.socket.drop()
    await t.settle()
    t.host.socket.drop()
    await t.settle()
    await t.connecting(t.client(), { uris: ['ws://a/x', 'ws://b:2/y'], mqttVersion: 4 })
  },

  'subscribing to one filter and to many': async (t) => {
    const client = await t.connected()
    client.subscribe('a', { qos: 1, invocationContext: { x: 1 }, ...t.callbacks('subscribe') })
    await t.settle()
    await t.receives('9003 0001 01')
    client.subscribe(['a', 'b/#', '+'], { qos: 2, ...t.callbacks('subscribe') })
    await t.settle()
    await t.receives('9005 0001 02 00 01')
    client.subscribe('c')
    await t.settle()
    await t.receives('9003 0001 00')
  },

  'unsubscribing from one filter and from many': async (t) => {
    const client = await t.connected()
    client.unsubscribe('a', { invocationContext: { x: 1 }, ...t.callbacks('unsubscribe') })
    await t.settle()
    await t.receives('b002 0001')
    client.unsubscribe(['a', 'b/#'], t.callbacks('unsubscribe'))
    await t.settle()
    await t.receives('b002 0001')
    client.unsubscribe('c')
    await t.settle()
    await t.receives('b002 0001')
  },

  'subscribing and unsubscribing without an answer': async (t) => {
    const client = await t.connected({ keepAliveInterval: 0 })
    client.subscribe('a', { timeout: 5, invocationContext: { s: 1 }, ...t.callbacks('subscribe') })
    await t.settle()
    await t.pass(4.9)
    t.write('still waiting')
    await t.pass(0.1)
    client.unsubscribe('a', { timeout: 0.5, ...t.callbacks('unsubscribe') })
    await t.settle()
    await t.pass(0.5)
  },

  'publishing with QoS 1 and 2, in every form': async (t) => {
    const client = await t.connected()
    client.send('a', 'y', 1, true)
    await t.settle()
    await t.receives('4002 0001')
    client.publish('a', new Uint8Array([1, 2]), 2)
    await t.settle()
    await t.receives('5002 0001', '7002 0001')
    const message = onA(t.host)
    client.send(message)
    await t.settle()
    client.onMessageDelivered = (delivered) => t.shows('the same object', delivered === message)
    await t.receives('4002 0001')
  },

  'publishing with QoS 0, with nobody who wants to know of it': async (t) => {
    const client = new t.host.Client('ws://server/mqtt', 'me')
    await t.connected({}, client)
    client.send('a', 'text')
    client.publish('a', '', 0, true)
    client.send('a', new Float32Array([1]))
    await t.settle()
  },

  'several messages in flight, acknowledged out of order': async (t) => {
    const client = await t.connected()
    for (const [payload, qos] of [
      ['1', 1],
      ['2', 1],
      ['3', 2],
    ])
      client.send('a', payload, qos)
    await t.settle()
    await t.receives('4002 0002', '5002 0003', '4002 0001', '7002 0003')
  },

  'receiving every QoS': async (t) => {
    await t.connected()
    await t.receives('3003 0001 61', '3004 0001 61 78', '3104 0001 61 78', '300a 0006 e697a5e69cac 7879')
    await t.receives('3206 0001 61 0005 78', '3a06 0001 61 0005 78')
    await t.receives('3406 0001 61 0007 78', '6202 0007', '3506 0001 61 0007 79', '6202 0007', '6202 0009')
  },

  'receiving packets that share a message, and packets cut anywhere': async (t) => {
    await t.connected()
    await t.receives(
      '3004 0001 61 78 3205 0001 61',
      '0002 d000 3003 0001 62',
      '34',
      '06',
      '0001',
      '61 00 07 78 62 02 00',
      '07',
    )
  },

  'subscribing and publishing in onMessageArrived': async (t) => {
    const client = await t.connected()
    client.onMessageArrived = (message) => {
      t.callback('onMessageArrived')(message)
      client.subscribe('b', t.callbacks('subscribe'))
      client.send('r', 'x', 1)
    }
    await t.receives('3206 0001 61 0005 78', '9003 0001 00', '4002 0002')
  },

  'the server closes, and the program connects again': async (t) => {
    const client = await t.connected({ reconnect: false })
    await t.drops()
    for (const call of [
      () => client.send('a', 'b'),
      () => client.subscribe('a'),
      () => client.unsubscribe('a'),
      () => client.disconnect(),
    ]) {
      t.attempt(call)
    }
    await t.connected({}, client)
    client.disconnect()
    t.attempt(() => client.disconnect())
  },

  'connecting again in onConnectionLost and in onFailure': async (t) => {
    const client = await t.connected()
    client.onConnectionLost = (loss) => {
      t.callback('onConnectionLost')(loss)
      const onFailure = (failure) => {
        t.callback('onFailure')(failure)
        client.connect({ mqttVersion: 3 })
      }
      client.connect({ mqttVersion: 4, onFailure })
    }
    await t.drops()
    await t.opens()
    await t.receives('20020003')
    await t.opens()
    await t.receives('20020000')
  },

  'keep alive: a ping when nothing was sent': async (t) => {
    const client = await t.connected({ keepAliveInterval: 10 })
    await t.pass(9)
    client.send('a', 'x', 1)
    await t.settle()
    await t.receives('4002 0001')
    await t.pass(9.9)
    t.write('not yet')
    await t.pass(0.1)
    await t.receives('d000')
    await t.pass(10)
  },

  'a kept session sends nothing twice when all was acknowledged': async (t) => {
    const client = await t.connected({ cleanSession: false })
    client.send('a', '1', 1)
    await t.settle()
    await t.receives('4002 0001')
    await t.drops()
    await t.connected({ cleanSession: false }, client, '20020100')
  },

  'two clients that do not meet': async (t) => {
    const [one, two] = [await t.connected(), await t.connected({}, t.client('ws://other/mqtt', 'you'))]
    one.send('a', 'x', 1)
    await t.settle()
    two.send('b', 'y', 1)
    await t.settle()
    one.disconnect()
    t.shows('connected', [one.isConnected(), two.isConnected()])
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

describe('a deliberate difference:', () => {
  for (const { difference, program, paho, wasmqtt } of differences) {
    test(difference, async () => {
      assert.notDeepEqual(paho.does, wasmqtt.does)
      assert.deepEqual(await onBoth(program), { paho: paho.does, wasmqtt: wasmqtt.does })
    })
  }
})
