// What an MQTT 5 server allows: its limits refuse with stable codes and cost nothing else; its quota makes messages wait;
// topic aliases are used both ways.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, sized, string, watch } from './host.mjs'

async function limited(connAck, options = {}) {
  const host = new Host()
  const client = await host.connected({ mqttVersion: 5, ...options }, { connAck: connAck5(connAck) })
  return { host, client }
}

describe('a limit of the server refuses at once and costs nothing:', () => {
  const cases = [
    [
      35,
      'Maximum QoS',
      '24 01',
      (client) => client.publish('a', 'b', { qos: 2 }),
      (client) => client.publish('a', 'b', { qos: 1 }),
    ],
    [
      35,
      'Maximum QoS 0',
      '24 00',
      (client) => client.publish('a', 'b', { qos: 1 }),
      (client) => client.publish('a', 'b'),
    ],
    [
      36,
      'Retain Available',
      '25 00',
      (client) => client.publish('a', 'b', 0, true),
      (client) => client.publish('a', 'b'),
    ],
    [
      37,
      'Wildcard Subscription Available',
      '28 00',
      (client) => client.subscribe('a/+'),
      (client) => client.subscribe('a'),
    ],
    [
      38,
      'Shared Subscription Available',
      '2a 00',
      (client) => client.subscribe('$share/g/a'),
      (client) => client.subscribe('a'),
    ],
    [
      39,
      'Subscription Identifier Available',
      '29 00',
      (client) => client.subscribe('a', { properties: { subscriptionIdentifier: 1 } }),
      (client) => client.subscribe('a'),
    ],
    [
      34,
      'Maximum Packet Size',
      '27 00000014',
      (client) => client.publish('a', 'x'.repeat(20)),
      (client) => client.publish('a', 'x'),
    ],
    [
      34,
      'Maximum Packet Size',
      '27 00000014',
      (client) => client.subscribe('x'.repeat(20)),
      (client) => client.subscribe('a'),
    ],
    [
      34,
      'Maximum Packet Size',
      '27 00000014',
      (client) => client.unsubscribe('x'.repeat(20)),
      (client) => client.unsubscribe('a'),
    ],
    [
      34,
      'Maximum Packet Size',
      '27 00000014',
      (client) => client.publish('a', 'x'.repeat(20), { qos: 1 }),
      (client) => client.publish('a', 'x', { qos: 1 }),
    ],
  ]
  for (const [code, name, connAck, refused, taken] of cases) {
    test(`${name} by ${code}, ${refused.toString().replace(/^.*client\./, '')}`, async () => {
      const { host, client } = await limited(connAck)
      assert.throws(
        () => refused(client),
        (error) =>
          error.code === code &&
          error.name === 'MqttError' &&
          error.message.toLowerCase().includes(name.split(' ')[0].toLowerCase()),
      )
      await host.turn()
      assert.deepEqual([host.socket.take(), client.isConnected(), host.reported], [[], true, []])
      taken(client)
      await host.turn()
      assert.equal(host.socket.take().length, 1)
    })
  }

  test('a payload that no MQTT packet can carry, before any memory is asked for', async () => {
    const { host, client } = await limited('')
    const { buffer } = host.exports.memory
    const before = buffer.byteLength
    assert.throws(() => client.publish('a', new Uint8Array(2 ** 28)), { code: 34 })
    assert.throws(() => client.publish('a', 'x'.repeat(2 ** 28)), { code: 34 })
    assert.equal(host.exports.memory.buffer.byteLength, before)
    assert.equal(client.isConnected(), true)
  })

  test('a maximum that the client set itself ends the connection when the server passes it', async () => {
    const { host, client } = await limited('', { properties: { maximumPacketSize: 20 } })
    const lost = []
    client.onConnectionLost = ({ errorCode, reasonCode }) => lost.push([errorCode, reasonCode])
    host.socket.receive(packet('30', `${string('a')} 00 ${'00'.repeat(20)}`))
    assert.deepEqual(lost, [[88, 0x95]])
    assert.deepEqual(host.socket.take(), ['e00195'])
  })
})

describe('Receive Maximum', () => {
  const published = (sent) => sent.join('').match(/3[24]0700016100..00../g) ?? []

  test('holds messages back until acknowledgements give room, in order', async () => {
    const { host, client } = await limited('21 0002')
    const seen = Array.from('12345', (payload, at) => watch(client.publish('a', payload, { qos: 1 + (at % 2) })))
    await host.turn()
    assert.deepEqual(
      published(host.socket.take()),
      ['32070001610001 00 31', '34070001610002 00 32'].map((it) => it.replaceAll(' ', '')),
    )
    host.socket.receive('50 02 0002')
    await host.turn()
    assert.deepEqual(host.socket.take(), ['62020002'], 'PUBREC gives no room')
    host.socket.receive('70 02 0002')
    await host.turn()
    assert.equal(published(host.socket.take()).length, 1)
    host.socket.receive('40 02 0001')
    await host.turn()
    assert.equal(published(host.socket.take()).length, 1)
    assert.deepEqual(
      seen.map(({ state }) => state),
      ['fulfilled', 'fulfilled', 'pending', 'pending', 'pending'],
    )
  })

  test('does not hold back QoS 0, subscriptions and acknowledgements', async () => {
    const { host, client } = await limited('21 0001')
    client.publish('a', '1', { qos: 1 })
    client.publish('a', '2', { qos: 1 })
    client.publish('a', '3')
    client.subscribe('b')
    await host.turn()
    const [sent] = host.socket.take()
    assert.equal(published([sent]).length, 1)
    assert.ok(sent.includes('300500016100' + '33') && sent.includes(string('b')))
    host.socket.receive('3207 0001 62 0001 00 31')
    assert.deepEqual(host.socket.take(), ['40020001'])
  })

  test('a refusal gives room too', async () => {
    const { host, client } = await limited('21 0001')
    const seen = watch(client.publish('a', '1', { qos: 2 }))
    client.publish('a', '2', { qos: 2 })
    await host.turn()
    host.socket.take()
    host.socket.receive('50 03 0001 80')
    await host.turn()
    assert.equal(seen.error.reasonCode, 0x80)
    assert.equal(published(host.socket.take()).length, 1)
  })

  test('of our own is what the server may not pass', async () => {
    const { host, client } = await limited('', { properties: { receiveMaximum: 1 }, autoAck: false })
    const lost = []
    client.onConnectionLost = ({ errorCode, reasonCode }) => lost.push([errorCode, reasonCode])
    host.socket.receive('3206 0001 61 0001 00')
    assert.deepEqual(lost, [])
    host.socket.receive('3206 0001 61 0002 00')
    assert.deepEqual(lost, [[89, 0x93]])
  })
})

describe('topic aliases', () => {
  test('stand for a topic after its first message, within what the server allows', async () => {
    const { host, client } = await limited('22 0001')
    for (const payload of '123') client.publish('rooms/kitchen', payload)
    await host.turn()
    const first = packet('30', `${string('rooms/kitchen')} ${sized('23 0001')} 31`)
    assert.deepEqual(host.socket.take(), [
      first + packet('30', `0000 ${sized('23 0001')} 32`) + packet('30', `0000 ${sized('23 0001')} 33`),
    ])
  })

  test('are not used where the server allows none, and are forgotten with the connection', async () => {
    const { host, client } = await limited('')
    client.publish('rooms/kitchen', '1')
    client.publish('rooms/kitchen', '2')
    await host.turn()
    assert.ok(!host.socket.take()[0].includes('230001'))
    client.disconnect()
    await host.connected({ mqttVersion: 5 }, { client, connAck: connAck5('22 0001') })
    client.publish('rooms/kitchen', '1')
    await host.turn()
    assert.ok(host.socket.take()[0].includes(string('rooms/kitchen')))
  })

  for (const [length, one, two] of [
    ['short', 'a', 'b'],
    ['long', 'a/'.repeat(200), 'b/'.repeat(300)],
  ]) {
    test(`of the server are resolved, also when they change within one frame, for ${length} topics`, async () => {
      const { host, client } = await limited('', { properties: { topicAliasMaximum: 2 } })
      const got = []
      client.onMessageArrived = (message) =>
        got.push([message.topic === one ? 'one' : message.topic === two ? 'two' : '?', message.payloadString])
      const set = (topic, payload) => packet('30', `${string(topic)} ${sized('23 0001')} ${payload}`)
      const use = (payload) => packet('30', `0000 ${sized('23 0001')} ${payload}`)
      host.socket.receive(set(one, '31') + use('32') + set(two, '33') + use('34') + set(one, '35') + use('36'))
      assert.equal(got.join(' '), 'one,1 one,2 two,3 two,4 one,5 one,6')
    })
  }

  test('beyond what we allow end the connection', async () => {
    const { host, client } = await limited('', { properties: { topicAliasMaximum: 2 } })
    const lost = []
    client.onConnectionLost = ({ errorCode, reasonCode }) => lost.push([errorCode, reasonCode])
    host.socket.receive(packet('30', `${string('a')} ${sized('23 0003')}`))
    assert.deepEqual(lost, [[87, 0x94]])
  })
})
