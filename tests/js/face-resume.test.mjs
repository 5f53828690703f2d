// What comes back with a connection: subscriptions with their handlers and loops, messages on their way and their
// promises; and what does not, because it was asked on the old connection alone.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connAck5, packet, sized, string, watch } from './host.mjs'
import { accept, drops, reconnecting } from './reconnecting.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

/** The connection is lost and comes back. Gives what the client sends on it, behind CONNECT. */
async function back(host, connAck) {
  await drops(host)
  return accept(host, connAck)
}

/** Subscribes, and the server grants QoS 0 for each filter. */
async function subscribed(host, client, filter, options) {
  const done = client.subscribe(filter, options)
  await host.turn()
  const [bytes] = host.socket.take()
  host.socket.receive(packet('90', `${bytes.slice(4, 8)}${'00'.repeat([].concat(filter).length)}`))
  return done
}

describe('subscriptions', () => {
  test('are asked for again in one packet where the server has no session, and their handlers go on', async () => {
    const { host, client } = await reconnecting()
    const got = []
    await subscribed(host, client, 'a/#', { qos: 1, onMessage: (message) => got.push(message.topic) })
    await subscribed(host, client, ['b', 'c'], { qos: 2 })
    const left = client.unsubscribe('c')
    await host.turn()
    host.socket.receive('b0020001')
    await left
    assert.deepEqual(await back(host), [packet('82', `0001 ${string('a/#')} 01 ${string('b')} 02`)])
    host.socket.receive('9004 0001 0102' + publish('30', 'a/1', ''))
    assert.deepEqual(got, ['a/1'])
    assert.deepEqual(await back(host), [packet('82', `0001 ${string('a/#')} 01 ${string('b')} 02`)], 'a second time')
  })

  test('are not asked for again where the server has the session', async () => {
    const { host, client } = await reconnecting({ cleanSession: false })
    const got = []
    await subscribed(host, client, 'a', { onMessage: (message) => got.push(message.topic) })
    assert.deepEqual(await back(host, '20020100'), [])
    host.socket.receive(publish('30', 'a', ''))
    assert.deepEqual(got, ['a'])
    assert.equal(client.sessionPresent, true)
  })

  test('keep the options and properties of MQTT 5', async () => {
    const { host, client } = await reconnecting({ mqttVersion: 5 })
    const properties = { subscriptionIdentifier: 7 }
    const done = client.subscribe('a', { qos: 1, noLocal: true, retainHandling: 2, properties })
    await host.turn()
    const [first] = host.socket.take()
    host.socket.receive(packet('90', '0001 00 01'))
    await done
    assert.deepEqual(await back(host, connAck5()), [first])
  })

  test('that the server refuses now are warned of, end their loops, and are not asked for any more', async () => {
    const { host, client, told } = await reconnecting()
    const got = []
    await subscribed(host, client, ['a', 'b'], { onMessage: (message) => got.push(message.topic) })
    const loop = watch(client.messages('c').next())
    await host.turn()
    host.socket.take()
    host.socket.receive('9003 0001 00')
    await back(host)
    host.socket.receive('9005 0001 80 00 80' + publish('30', 'a', '') + publish('30', 'b', ''))
    await host.turn()
    const warnings = told.filter(({ name }) => name === 'warning')
    assert.deepEqual(warnings.map(({ code }) => code), [103, 103])
    assert.match(warnings[0].message, /: a$/)
    assert.deepEqual(got, ['b'], 'the handler of the refused filter is gone')
    assert.deepEqual([loop.state, loop.error?.code, loop.error?.reasonCode], ['rejected', 103, 0x80])
    assert.deepEqual(await back(host), [packet('82', `0001 ${string('b')} 00`)])
  })

  test('that the server had not granted yet are not asked for again; those it had not ended yet are', async () => {
    const { host, client } = await reconnecting()
    await subscribed(host, client, 'a')
    const answers = [client.unsubscribe('a', { timeout: 60 }), client.subscribe('b', { timeout: 60 })].map(watch)
    await host.turn()
    host.socket.drop(1012)
    await host.turn()
    for (const { error } of answers) assert.deepEqual([error?.code, error?.closeCode], [8, 1012])
    assert.equal(host.timers.length, 1, 'only the attempt has a time-out')
    assert.throws(() => client.subscribe('c'), { code: 11 })
    assert.throws(() => client.unsubscribe('a'), { code: 11 })
    const sent = (await accept(host)).join('')
    assert.equal(sent.slice(0, 4) + sent.slice(8), '8206' + `${string('a')}00`, 'whatever its packet identifier')
  })
})

describe('a message on its way', () => {
  test('is sent again as a duplicate to a server that has the session; its promise settles once', async () => {
    const { host, client } = await reconnecting({ cleanSession: false })
    const delivered = []
    client.onMessageDelivered = (message) => delivered.push(message.destinationName)
    const [once, twice] = [client.publish('a', '1', 1), client.publish('b', '2', 2)].map(watch)
    await host.turn()
    assert.deepEqual([once.state, twice.state, client.pending], ['pending', 'pending', 2])
    const sent = await back(host, '20020100')
    assert.deepEqual(sent, [publish('3a', 'a', '0001 31') + publish('3c', 'b', '0002 32')])
    assert.deepEqual([once.state, twice.state], ['pending', 'pending'])
    host.socket.receive('4002 0001 5002 0002')
    await host.turn()
    assert.deepEqual([once.value.reasonCode, twice.state, host.socket.take()], [0, 'pending', ['62020002']])
    assert.deepEqual(await back(host, '20020100'), ['62020002'], 'a PUBREL is sent again')
    host.socket.receive('7002 0002')
    await host.turn()
    assert.deepEqual([twice.value.reasonCode, client.pending, delivered], [0, 0, ['a', 'b']])
  })

  test('is published anew, behind the subscriptions, to a server that has no session', async () => {
    const { host, client } = await reconnecting()
    await subscribed(host, client, 's')
    const seen = watch(client.publish('a', '1', 1))
    await host.turn()
    const [subscribe, again] = (await back(host)).join('').split(/(?=32)/)
    assert.equal(subscribe, packet('82', `0002 ${string('s')} 00`))
    assert.equal(again, publish('32', 'a', '0001 31'))
    host.socket.receive('9003 0002 00 4002 0001')
    await host.turn()
    assert.equal(seen.state, 'fulfilled')
  })

  test('keeps its promise through many attempts, and fails with the cause when they are given up', async () => {
    const { host, client } = await reconnecting({ reconnect: { maxAttempts: 3 } })
    const seen = watch(client.publish('a', '1', 1))
    await drops(host, 3)
    assert.equal(seen.state, 'pending')
    host.socket.drop(1001)
    await host.turn()
    assert.deepEqual([seen.error?.code, seen.error?.closeCode, client.pending], [8, 1001, 0])
  })

  test('that had not left with QoS 0 fails: nobody can know', async () => {
    const { host, client } = await reconnecting()
    host.socket.bufferedAmount = 10_000_000
    const seen = watch(client.publish('a', '1'))
    await host.turn()
    assert.deepEqual(await back(host), [])
    assert.deepEqual([seen.error?.code, client.pending], [8, 0])
  })

  test('keeps its order among the others', async () => {
    const { host, client } = await reconnecting({ cleanSession: false, offline: true })
    for (const text of ['1', '2']) client.send('a', text, 1)
    await host.turn()
    await drops(host)
    for (const text of ['3', '4']) client.send('a', text, 1)
    const sent = (await accept(host, '20020100')).join('')
    assert.equal(sent, ['1', '2', '3', '4'].map((n) => publish(n < 3 ? '3a' : '32', 'a', `000${n} 3${n}`)).join(''))
  })
})

test('MQTT 5 asks for a new session once, and then comes back to it', async () => {
  const { host } = await reconnecting({ mqttVersion: 5, properties: { sessionExpiryInterval: 60 } })
  await drops(host)
  const flags = (connect) => Number.parseInt(connect.slice(18, 20), 16)
  assert.equal(flags(host.socket.open()[0]), 0, 'Clean Start')
  host.socket.receive(`20${sized('01 00 00')}`)
  await drops(host)
  assert.equal(flags(host.socket.open()[0]), 0)
})

test('an acknowledgement of an old connection does not acknowledge on the new one', async () => {
  const { host, client } = await reconnecting({ autoAck: false, cleanSession: false })
  const messages = []
  client.onMessageArrived = (message) => messages.push(message)
  host.socket.receive(publish('32', 'a', '0007 31'))
  await back(host, '20020100')
  messages[0].ack()
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
  host.socket.receive(publish('3a', 'a', '0007 31'))
  messages[1].ack()
  await host.turn()
  assert.deepEqual(host.socket.take(), ['40020007'])
})

test('a QoS 2 message that was received is not told again after the connection came back', async () => {
  const { host, client } = await reconnecting({ cleanSession: false })
  const got = []
  client.onMessageArrived = (message) => got.push(message.payloadString)
  host.socket.receive(publish('34', 'a', '0007 31'))
  await back(host, '20020100')
  host.socket.receive(publish('3c', 'a', '0007 31'))
  assert.deepEqual([got, host.socket.take()], [['1'], ['50020007']])
  host.socket.receive('62020007' + publish('34', 'a', '0007 32'))
  assert.deepEqual([got, host.socket.take()], [['1', '2'], ['70020007' + '50020007']])
})
