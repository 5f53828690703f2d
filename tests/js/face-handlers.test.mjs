// Subscriptions and who gets their messages: a handler for each filter, onMessageArrived beside them, what the server
// refused, what is subscribed to again.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string, watch } from './host.mjs'

const message = (topic, payload) => packet('30', `${string(topic)} ${Buffer.from(payload).toString('hex')}`)

/** A connected client whose SUBSCRIBEs and UNSUBSCRIBEs the test answers, and a list that handlers write to. */
async function connected(options = {}) {
  const host = new Host()
  const client = await host.connected(options)
  const got = []
  const to = (name) => (one) => got.push(`${name} ${one.topic} ${one.payloadString}`)
  /** Answers the last SUBSCRIBE or UNSUBSCRIBE. */
  const answer = async (codes = '') => {
    await host.turn()
    const sent = host.socket.take().at(-1)
    const id = sent.replace(/^..([89a-f].)*../, '').slice(0, 4)
    if (sent.startsWith('82')) host.socket.receive(packet('90', id + (options.mqttVersion === 5 ? '00' : '') + codes))
    else host.socket.receive(packet('b0', id + (options.mqttVersion === 5 ? '00' + codes : '')))
    await host.turn()
  }
  return { host, client, got, to, answer }
}

describe('subscribe', () => {
  test('sends each filter with its own options and gives the codes in order', async () => {
    const { host, client } = await connected({ mqttVersion: 5 })
    const seen = watch(
      client.subscribe(
        [
          'a',
          { filter: 'b/#', qos: 2, retainHandling: 2 },
          { filter: '+', noLocal: true, retainAsPublished: true, qos: 0 },
        ],
        { qos: 1 },
      ),
    )
    await host.turn()
    assert.deepEqual(host.socket.take(), [
      packet('82', `0001 00 ${string('a')} 01 ${string('b/#')} 22 ${string('+')} 0c`),
    ])
    host.socket.receive(packet('90', '0001 00 01 00 02'))
    await host.turn()
    assert.deepEqual(seen.value.grantedQos, Uint8Array.of(1, 0, 2))
  })

  test('takes a filter as text or as an object', async () => {
    const { host, client } = await connected()
    client.subscribe('a', { qos: 1 })
    client.subscribe({ filter: 'a', qos: 1 })
    await host.turn()
    assert.deepEqual(host.socket.take(), [
      `${packet('82', `0001 ${string('a')} 01`)}${packet('82', `0002 ${string('a')} 01`)}`,
    ])
  })

  test('rejects when the server refuses one of several, and says which', async () => {
    const { client, answer } = await connected({ mqttVersion: 5 })
    const failures = []
    const seen = watch(client.subscribe(['a', 'b', 'c'], { onFailure: (failure) => failures.push(failure) }))
    await answer('01 87 97')
    assert.equal(seen.error.code, 27)
    assert.deepEqual(seen.error.reasonCodes, Uint8Array.of(1, 0x87, 0x97))
    assert.deepEqual([seen.error.reasonCode, seen.error.reasonName], [0x87, 'Not authorized'])
    assert.match(seen.error.message, /refused a topic filter.*Not authorized/)
    assert.deepEqual(failures[0].errorCode, Uint8Array.of(1, 0x87, 0x97))
    assert.equal(client.isConnected(), true)
  })

  test('rejects on 0x80 before MQTT 5', async () => {
    const { client, answer } = await connected()
    const seen = watch(client.subscribe('a'))
    await answer('80')
    assert.deepEqual([seen.error.code, seen.error.reasonCode, seen.error.reasonName], [27, 0x80, 'Unspecified error'])
  })

  test('refuses what is no filter or no option, in words', async () => {
    const { host, client } = await connected()
    for (const filter of [
      undefined,
      null,
      7,
      {},
      [],
      [7],
      [{}],
      [{ filter: 7 }],
      '',
      'a#',
      '#/a',
      'a+',
      '\0',
      'x'.repeat(65536),
      '\ud800',
    ]) {
      assert.throws(
        () => client.subscribe(filter),
        ({ name, message: text }) => name === 'MqttError' && text.length > 10,
        String(filter),
      )
    }
    for (const options of [
      { qos: 3 },
      { qos: '1' },
      { onMessage: 1 },
      { retainHandling: 3 },
      { timeout: -1 },
      { QoS: 1 },
    ]) {
      assert.throws(() => client.subscribe('a', options), { name: 'MqttError' })
    }
    await host.turn()
    assert.deepEqual(host.socket.take(), [])
  })
})

describe('a handler', () => {
  test('gets what matches its filter, before onMessageArrived', async () => {
    const { host, client, got, to, answer } = await connected()
    client.onMessageArrived = to('all')
    client.subscribe('a/+', { onMessage: to('one') })
    await answer('00')
    host.socket.receive(message('a/b', '1') + message('b', '2') + message('a/b/c', '3'))
    assert.deepEqual(got, ['one a/b 1', 'all a/b 1', 'all b 2', 'all a/b/c 3'])
  })

  test('serves all filters of one call, or one filter alone', async () => {
    const { host, client, got, to, answer } = await connected()
    client.subscribe(['a', 'b', { filter: 'c', onMessage: to('c') }], { onMessage: to('rest') })
    await answer('00 00 00')
    host.socket.receive(message('a', '1') + message('b', '2') + message('c', '3'))
    assert.deepEqual(got, ['rest a 1', 'rest b 2', 'c c 3'])
  })

  test('is called once for each filter that matches', async () => {
    const { host, client, got, to, answer } = await connected()
    for (const filter of ['a/#', 'a/+', '#', 'a/b', '$share/g/a/b', 'x']) {
      client.subscribe(filter, { onMessage: to(filter) })
      await answer('00')
    }
    host.socket.receive(message('a/b', '1'))
    assert.deepEqual(got.sort(), ['# a/b 1', '$share/g/a/b a/b 1', 'a/# a/b 1', 'a/+ a/b 1', 'a/b a/b 1'])
  })

  test('gets what arrives before SUBACK', async () => {
    const { host, client, got, to } = await connected()
    client.subscribe('a', { onMessage: to('one') })
    await host.turn()
    host.socket.receive(message('a', 'early'))
    assert.deepEqual(got, ['one a early'])
  })

  test('is replaced by the next subscription of its filter, and stays where that one has none', async () => {
    const { host, client, got, to, answer } = await connected()
    for (const options of [{ onMessage: to('old') }, { onMessage: to('new') }, {}]) {
      client.subscribe('a', options)
      await answer('00')
      host.socket.receive(message('a', '1'))
    }
    assert.deepEqual(got, ['old a 1', 'new a 1', 'new a 1'])
  })

  test('of before stays where the server refused the new one, and goes where there was none', async () => {
    const { host, client, got, to, answer } = await connected()
    client.subscribe('a', { onMessage: to('old') })
    await answer('00')
    client.subscribe(['a', 'b', 'c'], { onMessage: to('new') })
    await answer('80 80 00')
    host.socket.receive(message('a', '1') + message('b', '2') + message('c', '3'))
    assert.deepEqual(got, ['old a 1', 'new c 3'])
  })

  test('is gone after unsubscribe, not before', async () => {
    const { host, client, got, to, answer } = await connected()
    client.subscribe(['a', 'b'], { onMessage: to('one') })
    await answer('00 00')
    client.unsubscribe('a')
    await host.turn()
    host.socket.receive(message('a', 'last'))
    await answer()
    host.socket.receive(message('a', 'late') + message('b', 'stays'))
    assert.deepEqual(got, ['one a last', 'one b stays'])
  })

  test('of a subscription made while UNSUBACK is awaited stays', async () => {
    const { host, client, got, to, answer } = await connected()
    client.subscribe('a', { onMessage: to('old') })
    await answer('00')
    client.unsubscribe('a')
    client.subscribe('a', { onMessage: to('new') })
    await host.turn()
    host.socket.receive('b0 02 0001 90 03 0002 00')
    host.socket.receive(message('a', '1'))
    assert.deepEqual(got, ['new a 1'])
  })

  test('goes where the server agrees to unsubscribe, and stays where it does not', async () => {
    const { host, client, got, to, answer } = await connected({ mqttVersion: 5 })
    client.subscribe(['a', 'b'], { onMessage: to('one') })
    await answer('00 00')
    const seen = watch(client.unsubscribe(['a', 'b']))
    await answer('00 87')
    assert.deepEqual(seen.error.reasonCodes, Uint8Array.of(0, 0x87))
    const publish = (topic) => packet('30', `${string(topic)} 00`)
    host.socket.receive(publish('a') + publish('b'))
    assert.deepEqual(got, ['one b '])
  })

  test('that unsubscribes or subscribes while it is called disturbs no other', async () => {
    const { host, client, got, to, answer } = await connected()
    client.subscribe('a', {
      onMessage: () => {
        got.push('first')
        client.unsubscribe('b')
        client.subscribe('c', { onMessage: to('c') })
        client.publish('d', 'from within')
      },
    })
    await answer('00')
    client.subscribe('b', { onMessage: to('b') })
    await answer('00')
    host.socket.receive(message('a', '1') + message('b', '2') + message('c', '3'))
    assert.deepEqual(got, ['first', 'b b 2'])
    await host.turn()
    assert.match(host.socket.take().join(''), /a2.*82.*66726f6d2077697468696e/)
    host.socket.receive(message('c', '4'))
    assert.equal(got.at(-1), 'c c 4')
  })

  test('that comes or goes counts from the next message on, also of a topic that came before', async () => {
    const { host, client, got, to, answer } = await connected()
    const { socket } = host
    const other = await host.connected()
    const both = (payload) => {
      host.socket.receive(message('a/b', payload))
      socket.receive(message('a/b', payload))
    }
    client.onMessageArrived = to('mine')
    other.onMessageArrived = to('other')
    both('1')
    other.subscribe('a/b', { onMessage: to('handler') })
    await answer('00')
    both('2')
    both('3')
    other.unsubscribe('a/b')
    await answer()
    both('4')
    const heard = ['other 1', 'mine 1', 'handler 2', 'other 2', 'mine 2', 'handler 3', 'other 3', 'mine 3', 'other 4', 'mine 4']
    assert.deepEqual(got, heard.map((one) => one.replace(' ', ' a/b ')))
  })

  test('does not get what another client of the same page subscribed to', async () => {
    const host = new Host()
    const got = []
    const clients = []
    for (const name of ['x', 'y']) {
      clients.push(await host.connected({}, { client: new host.Client('ws://server/mqtt', name) }))
      clients.at(-1).subscribe('a', { onMessage: () => got.push(name) })
      await host.turn()
    }
    host.sockets[1].receive(message('a', '1'))
    assert.deepEqual(got, ['y'])
  })
})

describe('handlers come back with the connection', () => {
  const again = async (host, connAck) => {
    host.socket.drop()
    // The longest wait before a second try.
    await host.pass(1000)
    host.socket.open()
    host.socket.receive(connAck)
    await host.turn()
    return host.socket.take()
  }

  test('of a session that the server kept, and of one that it lost: that is asked for its subscriptions again', async () => {
    const { host, client, got, to, answer } = await connected({ cleanSession: false, reconnect: true })
    client.subscribe(['a', { filter: 'b', qos: 2 }], { qos: 1, onMessage: to('one') })
    await answer('01 02')
    assert.deepEqual(await again(host, '20020100'), [])
    host.socket.receive(message('a', '1'))
    assert.deepEqual(await again(host, '20020000'), [packet('82', `0001 ${string('a')} 01 ${string('b')} 02`)])
    host.socket.receive(message('b', '2'))
    assert.deepEqual(got, ['one a 1', 'one b 2'])
  })

  test('of a clean session too, once the server has granted them', async () => {
    const { host, client, got, to, answer } = await connected({ reconnect: true })
    client.subscribe(['granted', 'refused'], { onMessage: to('one') }).catch(() => {})
    await answer('00 80')
    assert.deepEqual(await again(host, '20020000'), [packet('82', `0001 ${string('granted')} 00`)])
    host.socket.receive(message('granted', '1') + message('refused', '2'))
    assert.deepEqual(got, ['one granted 1'])
  })

  test('but not that of a filter that the server now refuses: onWarning says so', async () => {
    const { host, client, got, to, answer } = await connected({ mqttVersion: 5, reconnect: true })
    const warnings = []
    client.onWarning = ({ code, message: text, reasonCode, reasonName }) => warnings.push([code, text, reasonCode, reasonName])
    client.subscribe(['a', 'b'], { onMessage: to('one') })
    await answer('00 00')
    await again(host, '2003000000')
    host.socket.receive(packet('90', '0001 00 00 87'))
    host.socket.receive(packet('30', `${string('a')} 00 31`) + packet('30', `${string('b')} 00 32`))
    assert.deepEqual(got, ['one a 1'])
    assert.deepEqual(warnings, [
      [103, 'The server refused a topic filter that was subscribed again: b', 0x87, 'Not authorized'],
    ])
    assert.deepEqual(await again(host, '2003000000'), [packet('82', `0001 00 ${string('a')} 00`)])
  })

  test('when the program connects again and keeps the session, but not after a new one', async () => {
    const { host, client, got, to, answer } = await connected({ cleanSession: false })
    client.subscribe('a', { onMessage: to('one') })
    await answer('00')
    for (const connAck of ['20020100', '20020000']) {
      host.socket.drop()
      await host.connected({ cleanSession: false }, { client, connAck })
      host.socket.receive(message('a', connAck))
    }
    host.socket.drop()
    await host.connected({ cleanSession: true }, { client })
    host.socket.receive(message('a', 'new'))
    assert.deepEqual(got, ['one a 20020100', 'one a 20020000'])
  })
})

test('thousands of filters are told apart', async () => {
  const { host, client, got, answer } = await connected()
  const filters = Array.from({ length: 3000 }, (_, n) => `t/${n}/+`)
  client.subscribe(filters, { onMessage: (one) => got.push(one.topic) })
  await answer('00'.repeat(3000))
  host.socket.receive(filters.map((_, n) => message(`t/${n}/x`, '')).join(''))
  assert.deepEqual(
    got,
    filters.map((_, n) => `t/${n}/x`),
  )
  client.unsubscribe(filters)
  await answer()
  host.socket.receive(message('t/7/x', ''))
  assert.equal(got.length, 3000)
})

test('a filter of more levels than the core matches is refused before it is sent, and only with a handler', async () => {
  const host = new Host()
  const client = await host.connected({ cleanSession: false })
  const deep = '/'.repeat(300)
  assert.throws(() => client.subscribe(['a', deep], { onMessage: () => {} }), { code: 31 })
  await assert.rejects(client.messages(deep).next(), { code: 31 })
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
  const plain = client.subscribe(deep)
  await host.turn()
  host.socket.receive('90 03 0001 00')
  await plain
  // Nothing of it stands in the way of the next connection.
  host.socket.drop()
  await host.connected({ cleanSession: false }, { client, connAck: '20020100' })
  assert.equal(client.isConnected(), true)
})

test('a subscription without a handler costs the core no matching', async () => {
  const host = new Host()
  const client = await host.connected()
  const { route, unroute } = host.exports
  const calls = []
  host.exports.route = (...args) => (calls.push('route'), route(...args))
  host.exports.unroute = (...args) => (calls.push('unroute'), unroute(...args))
  client.subscribe('a')
  assert.deepEqual(calls, [])
  client.subscribe('a', { onMessage: () => {} })
  client.subscribe('a', { onMessage: () => {} })
  client.subscribe('b')
  const done = client.unsubscribe(['a', 'b'])
  await host.turn()
  for (const id of [1, 2, 3, 4]) host.socket.receive(`90 03 000${id} 00`)
  host.socket.receive('b0 02 0005')
  await done
  assert.deepEqual(calls, ['route', 'unroute'])
})
