// Acknowledging by hand, with MQTT 3.1.1 and 5: order, repetition, reconnection, reason codes.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string } from './host.mjs'

for (const version of [4, 5]) {
  const publish = (id, qos, payload = '') =>
    packet(qos === 2 ? '34' : '32', `${string('a')} 000${id} ${version === 5 ? '00' : ''} ${payload}`)

  /** A client that acknowledges by hand, and its messages. */
  const connected = async (options = {}) => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: version, autoAck: false, ...options })
    const messages = []
    client.onMessageArrived = (message) => messages.push(message)
    return { host, client, messages }
  }

  describe(`by hand, MQTT ${version === 5 ? '5' : '3.1.1'}`, () => {
    test('nothing is acknowledged until the program does', async () => {
      const { host, messages } = await connected()
      host.socket.receive(publish(1, 1) + publish(2, 2))
      await host.turn()
      assert.deepEqual(host.socket.take(), [])
      messages[0].ack()
      messages[1].ack()
      await host.turn()
      assert.deepEqual(host.socket.take(), ['4002000150020002'])
      host.socket.receive('62020002')
      assert.deepEqual(host.socket.take(), ['70020002'])
    })

    test('acknowledgements leave in the order of arrival, however they are given [MQTT-4.6.0-2]', async () => {
      const { host, messages } = await connected()
      host.socket.receive(publish(1, 1) + publish(2, 1) + publish(3, 1))
      messages[2].ack()
      messages[1].ack()
      await host.turn()
      assert.deepEqual(host.socket.take(), [])
      messages[0].ack()
      await host.turn()
      assert.deepEqual(host.socket.take(), ['400200014002000240020003'])
    })

    test('a second time does nothing, nor for QoS 0', async () => {
      const { host, messages } = await connected()
      host.socket.receive(publish(1, 1) + packet('30', `${string('a')} ${version === 5 ? '00' : ''}`))
      messages[0].ack()
      messages[0].ack()
      messages[1].ack()
      await host.turn()
      assert.deepEqual(host.socket.take(), ['40020001'])
    })

    test('from within the handler it leaves in the same turn', async () => {
      const { host, client } = await connected()
      client.onMessageArrived = (message) => message.ack()
      host.socket.receive(publish(1, 1))
      await host.turn()
      assert.deepEqual(host.socket.take(), ['40020001'])
    })

    test('after the connection it is void, and reaches no new message of the same number', async () => {
      for (const cleanSession of [true, false]) {
        const { host, client, messages } = await connected({ cleanSession })
        host.socket.receive(publish(1, 1) + publish(2, 1))
        host.socket.drop()
        messages[0].ack()
        const kept = version === 5 ? '2003010000' : '20020100'
        await host.connected(
          { mqttVersion: version, autoAck: false, cleanSession },
          { client, connAck: cleanSession ? undefined : kept },
        )
        host.socket.receive(publish(2, 1))
        messages[0].ack()
        messages[1].ack()
        await host.turn()
        assert.deepEqual(host.socket.take(), [], `cleanSession ${cleanSession}`)
        messages[2].ack()
        await host.turn()
        assert.deepEqual(host.socket.take(), ['40020002'])
      }
    })

    test('a message that was not acknowledged is delivered again in a kept session', async () => {
      const { host, client, messages } = await connected({ cleanSession: false })
      host.socket.receive(publish(1, 2, '31'))
      host.socket.drop()
      await host.connected(
        { mqttVersion: version, autoAck: false, cleanSession: false },
        { client, connAck: version === 5 ? '2003010000' : '20020100' },
      )
      host.socket.receive(publish(1, 2, '31').replace(/^34/, '3c'))
      assert.deepEqual(
        messages.map(({ payloadString, duplicate }) => [payloadString, duplicate]),
        [
          ['1', false],
          ['1', true],
        ],
      )
    })
  })

  test(`without autoAck: false everything is acknowledged at once, and ack() does nothing, MQTT ${version}`, async () => {
    const { host, messages } = await connected({ autoAck: true })
    host.socket.receive(publish(1, 1) + publish(2, 2))
    assert.deepEqual(host.socket.take(), ['4002000150020002'])
    messages[0].ack()
    messages[1].ack(0x80)
    await host.turn()
    assert.deepEqual(host.socket.take(), [])
  })
}

describe('a reason code', () => {
  const arrive = async (version) => {
    const host = new Host()
    const client = await host.connected({ mqttVersion: version, autoAck: false })
    let message
    client.onMessageArrived = (one) => (message = one)
    host.socket.receive(packet('34', `${string('a')} 0001 ${version === 5 ? '00' : ''}`))
    return { host, client, message }
  }

  test('refuses a message with MQTT 5, and frees its number', async () => {
    const { host, message } = await arrive(5)
    message.ack(0x97)
    await host.turn()
    assert.deepEqual(host.socket.take(), [packet('50', '0001 97')])
    host.socket.receive(packet('34', `${string('a')} 0001 00`))
    await host.turn()
    assert.deepEqual(host.socket.take(), [], 'the same number is a new message')
  })

  test('that is not legal throws and leaves the message to be acknowledged', async () => {
    const { host, client, message } = await arrive(5)
    for (const code of [1, 0x92, 300]) assert.throws(() => message.ack(code), { code: 49 })
    message.ack(0x10)
    await host.turn()
    assert.deepEqual(host.socket.take(), [packet('50', '0001 10')])
    assert.equal(client.isConnected(), true)
  })

  test('needs MQTT 5', async () => {
    const { host, message } = await arrive(4)
    assert.throws(() => message.ack(0x80), { code: 40 })
    message.ack()
    await host.turn()
    assert.deepEqual(host.socket.take(), ['50020001'])
  })
})
