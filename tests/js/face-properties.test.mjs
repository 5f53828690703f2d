// The properties of MQTT 5 by their names, in and out of every packet, and what happens to wrong ones.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeProperties, encodeProperties } from '../../js/properties.js'
import { Host, connAck5, hex, packet, sized, string, toHex, watch } from './host.mjs'

const bytes = (...numbers) => Uint8Array.from(numbers)

/** Name, value, encoding: the 27 of OASIS 5.0, table 2-4. */
const all = [
  ['payloadFormatIndicator', 1, '01 01'],
  ['messageExpiryInterval', 4294967295, '02 ffffffff'],
  ['contentType', '文/本', `03 ${string('文/本')}`],
  ['responseTopic', 'a/b', `08 ${string('a/b')}`],
  ['correlationData', bytes(0, 255), '09 0002 00ff'],
  ['subscriptionIdentifier', [1, 127, 128, 16384, 268435455], '0b 01 0b 7f 0b 8001 0b 808001 0b ffffff7f'],
  ['sessionExpiryInterval', 60, '11 0000003c'],
  ['assignedClientIdentifier', 'c1', `12 ${string('c1')}`],
  ['serverKeepAlive', 300, '13 012c'],
  ['authenticationMethod', 'SCRAM', `15 ${string('SCRAM')}`],
  ['authenticationData', bytes(), '16 0000'],
  ['requestProblemInformation', false, '17 00'],
  ['willDelayInterval', 5, '18 00000005'],
  ['requestResponseInformation', true, '19 01'],
  ['responseInformation', 'i', `1a ${string('i')}`],
  ['serverReference', 's', `1c ${string('s')}`],
  ['reasonString', 'r', `1f ${string('r')}`],
  ['receiveMaximum', 65535, '21 ffff'],
  ['topicAliasMaximum', 0, '22 0000'],
  ['topicAlias', 1, '23 0001'],
  ['maximumQoS', 1, '24 01'],
  ['retainAvailable', false, '25 00'],
  [
    'userProperties',
    [
      ['a', '1'],
      ['a', '2'],
      ['', ''],
    ],
    `26 ${string('a')} ${string('1')} 26 ${string('a')} ${string('2')} 26 0000 0000`,
  ],
  ['maximumPacketSize', 1, '27 00000001'],
  ['wildcardSubscriptionAvailable', true, '28 01'],
  ['subscriptionIdentifierAvailable', false, '29 00'],
  ['sharedSubscriptionAvailable', true, '2a 01'],
]

const plain = (text) => text.replaceAll(' ', '')

test('there are 27', () => {
  assert.equal(new Set(all.map(([name]) => name)).size, 27)
})

for (const [name, value, encoding] of all) {
  test(`${name} is written and read`, () => {
    assert.equal(toHex(encodeProperties({ [name]: value })), plain(encoding))
    assert.deepEqual(decodeProperties(hex(encoding)), { [name]: value })
  })
}

test('all of them at once keep their order', () => {
  const section = encodeProperties(Object.fromEntries(all.map(([name, value]) => [name, value])))
  assert.equal(toHex(section), plain(all.map(([, , encoding]) => encoding).join('')))
  assert.deepEqual(
    Object.keys(decodeProperties(section)),
    all.map(([name]) => name),
  )
})

test('user properties may be an object, binary data any kind of bytes or text', () => {
  const list = encodeProperties({
    userProperties: [
      ['a', '1'],
      ['a', '2'],
      ['b', '3'],
    ],
  })
  assert.deepEqual(encodeProperties({ userProperties: { a: ['1', '2'], b: '3' } }), list)
  const data = new Uint8Array([9, 1, 2, 9]).subarray(1, 3)
  for (const correlationData of [data, data.slice().buffer, new DataView(data.buffer, 1, 2), '\u0001\u0002']) {
    assert.equal(toHex(encodeProperties({ correlationData })), '0900020102')
  }
})

test('what is read does not hold on to the packet', () => {
  const { correlationData } = decodeProperties(hex('09 0001 07'))
  assert.equal(correlationData.buffer.byteLength, 1)
})

test('absent ones are left out', () => {
  assert.equal(encodeProperties({ contentType: undefined }), null)
  assert.equal(encodeProperties({}), null)
  assert.equal(encodeProperties(undefined), null)
  assert.deepEqual(decodeProperties(null), {})
})

describe('is refused by name:', () => {
  const wrong = {
    'a name that MQTT does not have': { contenttype: 'x' },
    'a name that every object has': { constructor: 1 },
    'text for a number': { messageExpiryInterval: '60' },
    'nothing for a number': { messageExpiryInterval: null },
    'a fraction': { messageExpiryInterval: 1.5 },
    'a number below 0': { messageExpiryInterval: -1 },
    'a number too large for four bytes': { messageExpiryInterval: 2 ** 32 },
    'a number too large for two bytes': { receiveMaximum: 65536 },
    'a boolean for a number': { receiveMaximum: true },
    'a flag of 2': { requestProblemInformation: 2 },
    'a subscription identifier too large': { subscriptionIdentifier: 268435456 },
    'a number for text': { contentType: 5 },
    'bytes for text': { contentType: bytes(1) },
    'a number for bytes': { correlationData: 5 },
    'an array for bytes': { correlationData: [1, 2] },
    'text for user properties': { userProperties: 'abc' },
    'nothing for user properties': { userProperties: null },
    'a user property of one': { userProperties: [['a']] },
    'a user property that is a number': { userProperties: { a: 1 } },
  }
  for (const [what, properties] of Object.entries(wrong)) {
    test(what, () => {
      const [name] = Object.keys(properties)
      assert.throws(
        () => encodeProperties(properties),
        ({ code, message }) => code === 13 && message.includes(name),
      )
    })
  }

  test('text that is too long, and half a surrogate pair', () => {
    assert.throws(() => encodeProperties({ contentType: 'x'.repeat(65536) }), { code: 32 })
    assert.equal(encodeProperties({ contentType: 'x'.repeat(65535) }).length, 65538)
    assert.throws(() => encodeProperties({ contentType: '\ud800' }), { code: 17 })
  })
})

describe('on a packet', () => {
  const properties = { userProperties: { k: 'v' } }
  const section = sized(`26 ${string('k')} ${string('v')}`)

  test('CONNECT and its will carry them, and CONNACK brings them', async () => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    const willMessage = new host.Message('gone')
    willMessage.destinationName = 'will'
    willMessage.properties = { willDelayInterval: 5, contentType: 'c' }
    const seen = watch(
      client.connect({
        mqttVersion: 5,
        willMessage,
        properties: { sessionExpiryInterval: 9, ...properties },
        keepAliveInterval: 1,
      }),
    )
    await host.turn()
    const will = sized(`18 00000005 03 ${string('c')}`) + string('will') + string('gone')
    assert.deepEqual(host.socket.open(), [
      plain(
        packet(
          '10',
          `${string('MQTT')} 05 06 0001 ${sized(`11 00000009 ${section.slice(2)}`)} ${string('me')} ${will}`,
        ),
      ),
    ])
    host.socket.receive(
      connAck5(
        `21 0005 24 01 25 00 27 00010000 22 0003 28 00 29 01 2a 00 13 0002 1a ${string('info')} ${section.slice(2)}`,
      ),
    )
    await host.turn()
    const said = {
      receiveMaximum: 5,
      maximumQoS: 1,
      retainAvailable: false,
      maximumPacketSize: 65536,
      topicAliasMaximum: 3,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifierAvailable: true,
      sharedSubscriptionAvailable: false,
      serverKeepAlive: 2,
      responseInformation: 'info',
      userProperties: [['k', 'v']],
    }
    assert.deepEqual(client.serverProperties, said)
    assert.deepEqual(seen.value.properties, said)
    await host.pass(2000)
    assert.deepEqual(host.socket.take(), ['c000'], "the server's keep alive of 2 s counts [MQTT-3.1.2-21]")
  })

  test('SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK', async () => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: 5 })
    const answers = []
    const onSuccess = (answer) => answers.push(answer)
    const seen = watch(client.subscribe('a', { properties: { subscriptionIdentifier: 200, ...properties }, onSuccess }))
    await host.turn()
    assert.deepEqual(host.socket.take(), [
      packet('82', `0001 ${sized(`0b c801 ${section.slice(2)}`)} ${string('a')} 00`),
    ])
    host.socket.receive(packet('90', `0001 ${sized(`1f ${string('fine')}`)} 00`))
    await host.turn()
    assert.deepEqual(seen.value, { grantedQos: bytes(0), reasonCodes: bytes(0), properties: { reasonString: 'fine' } })
    const gone = watch(client.unsubscribe('a', { properties, onSuccess }))
    await host.turn()
    assert.deepEqual(host.socket.take(), [packet('a2', `0001 ${section} ${string('a')}`)])
    host.socket.receive(packet('b0', `0001 ${section} 11`))
    await host.turn()
    assert.deepEqual(gone.value, {
      grantedQos: bytes(0x11),
      reasonCodes: bytes(0x11),
      properties: { userProperties: [['k', 'v']] },
    })
    assert.deepEqual(
      answers.map((answer) => answer.properties),
      [{ reasonString: 'fine' }, { userProperties: [['k', 'v']] }],
    )
  })

  test('PUBLISH out and its acknowledgements in', async () => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: 5 })
    const seen = [1, 2].map((qos) =>
      watch(client.publish('a', 'b', { qos, properties: { messageExpiryInterval: 3, ...properties } })),
    )
    await host.turn()
    const sent = sized(`02 00000003 ${section.slice(2)}`)
    assert.deepEqual(host.socket.take(), [
      packet('32', `${string('a')} 0001 ${sent} 62`) + packet('34', `${string('a')} 0002 ${sent} 62`),
    ])
    host.socket.receive(packet('40', `0001 10 ${section}`))
    host.socket.receive('50 02 0002')
    host.socket.receive(packet('70', `0002 00 ${section}`))
    await host.turn()
    assert.deepEqual(seen[0].value, {
      reasonCode: 0x10,
      reasonName: 'No matching subscribers',
      properties: { userProperties: [['k', 'v']] },
    })
    assert.deepEqual(seen[1].value, {
      reasonCode: 0,
      reasonName: 'Success',
      properties: { userProperties: [['k', 'v']] },
    })
  })

  test('a message that is refused rejects with reason, name and properties', async () => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: 5 })
    const delivered = []
    client.onMessageDelivered = (message) => delivered.push(message)
    const seen = [1, 2].map((qos) => watch(client.publish('a', 'b', { qos })))
    await host.turn()
    host.socket.receive(packet('40', `0001 97 ${sized(`1f ${string('enough')}`)}`))
    host.socket.receive(packet('50', '0002 87'))
    await host.turn()
    assert.equal(seen[0].error.message, 'The server refused the message; see the reason code. Quota exceeded.')
    assert.deepEqual([seen[0].error.code, seen[0].error.reasonCode], [26, 0x97])
    assert.deepEqual(seen[0].error.properties, { reasonString: 'enough' })
    assert.deepEqual([seen[1].error.reasonCode, seen[1].error.reasonName], [0x87, 'Not authorized'])
    assert.deepEqual(delivered, [])
    assert.equal(client.isConnected(), true)
  })

  for (const heard of [true, false]) {
    test(`a message of send that is refused is told by onWarning, where deliveries are ${heard ? '' : 'not '}heard of`, async () => {
      const host = new Host()
      const client = await host.connected({ mqttVersion: 5 })
      const [delivered, warnings] = [[], []]
      if (heard) client.onMessageDelivered = (message) => delivered.push(message.payloadString)
      client.onWarning = (warning) => warnings.push(warning)
      for (const text of ['1', '2']) client.send('a', text, 1)
      await host.turn()
      host.socket.receive(packet('40', `0001 97 ${sized(`1f ${string('enough')}`)}`))
      host.socket.receive(packet('40', '0002'))
      const seen = warnings.map(({ code, reasonCode, properties }) => [code, reasonCode, properties.reasonString])
      assert.deepEqual(seen, [[26, 0x97, 'enough']])
      assert.deepEqual(delivered, heard ? ['2'] : [])
    })
  }

  test('PUBLISH in', async () => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: 5 })
    const got = []
    client.onMessageArrived = (message) => got.push(message)
    host.socket.receive(
      packet(
        '30',
        `${string('a')} ${sized(`01 01 0b 05 0b 8001 08 ${string('r')} 09 0001 07 ${section.slice(2)}`)} 62`,
      ),
    )
    host.socket.receive(packet('30', `${string('a')} 00`))
    assert.deepEqual(got[0].properties, {
      payloadFormatIndicator: 1,
      subscriptionIdentifier: [5, 128],
      responseTopic: 'r',
      correlationData: bytes(7),
      userProperties: [['k', 'v']],
    })
    assert.equal(got[0].properties, got[0].properties, 'they are read once')
    assert.deepEqual([got[1].properties, got[1].payloadString], [{}, ''])
  })

  test('one that may not stand there is refused and costs nothing', async () => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: 5 })
    assert.throws(() => client.publish('a', 'b', { properties: { receiveMaximum: 1 } }), { code: 41 })
    assert.throws(() => client.publish('a', 'b', { properties: { topicAlias: 1 } }), { code: 41 })
    assert.throws(() => client.publish('a', 'b', { properties: { responseTopic: 'a/#' } }), { code: 41 })
    assert.throws(() => client.publish('a', 'b', { properties: { payloadFormatIndicator: 2 } }), { code: 41 })
    assert.throws(() => client.subscribe('a', { properties: { subscriptionIdentifier: 0 } }), { code: 41 })
    assert.throws(() => client.subscribe('a', { properties: { subscriptionIdentifier: [1, 2] } }), { code: 41 })
    assert.throws(() => client.subscribe('a', { properties: { contentType: 'x' } }), { code: 41 })
    assert.throws(() => client.unsubscribe('a', { properties: { subscriptionIdentifier: 1 } }), { code: 41 })
    await host.turn()
    assert.deepEqual([host.socket.take(), client.isConnected()], [[], true])
  })

  test('MQTT 3.1.1 has none', async () => {
    const host = new Host()
    const client = await host.connected()
    assert.throws(() => client.publish('a', 'b', { properties }), { code: 40 })
    assert.throws(() => client.subscribe('a', { properties }), { code: 40 })
    assert.throws(() => client.unsubscribe('a', { properties }), { code: 40 })
    assert.throws(() => client.disconnect({ properties }), { code: 40 })
    client.publish('a', 'b', { properties: {} })
    await host.turn()
    assert.deepEqual(host.socket.take(), ['30040001 61 62'.replaceAll(' ', '')])
  })

  test('an assigned client identifier is told, and used the next time', async () => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', '')
    await host.connected({ mqttVersion: 5 }, { client, connAck: connAck5(`12 ${string('given')}`) })
    assert.equal(client.clientId, 'given')
    client.disconnect()
    client.connect({ mqttVersion: 5, cleanSession: false })
    await host.turn()
    assert.ok(host.socket.open()[0].endsWith(string('given')))
  })
})
