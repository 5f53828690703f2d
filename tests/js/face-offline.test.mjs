// Publishing without a connection: what may wait, for how long, in which order it leaves, and what becomes of the rest.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, string, watch } from './host.mjs'
import { accept, collect, connecting, drops, reconnecting } from './reconnecting.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

/** Clients without a connection: brought to a moment of connecting or reconnecting. */
const moments = {
  'while the core is being loaded': async (options) => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    const told = collect(client)
    client.connect({ mqttVersion: 4, ...options }).catch(() => {})
    return { host, client, told }
  },
  'while the first socket opens': connecting,
  'while it waits to reconnect': async (options) => {
    const all = await reconnecting(options)
    await drops(all.host)
    all.host.socket.drop()
    await all.host.turn()
    return all
  },
  'while the socket of a reconnect opens': async (options) => {
    const all = await reconnecting(options)
    await drops(all.host)
    return all
  },
  'before the CONNACK of a reconnect': async (options) => {
    const all = await reconnecting(options)
    await drops(all.host)
    all.host.socket.open()
    return all
  },
}

/** The server accepts, now or when it is time for the next attempt; what it was sent behind CONNECT. */
async function connects(host, client) {
  await host.turn()
  for (let n = 0; n < 20 && (host.sockets.length === 0 || host.socket.closed); n++) await host.pass(100)
  const sent = await accept(host)
  assert.equal(client.state, 'connected')
  return sent.join('')
}

/** What a call that is refused at once or later comes to. */
function result(call) {
  try {
    return watch(call())
  } catch (error) {
    return { state: 'rejected', error }
  }
}

const codes = (seen) => seen.map(({ state, error }) => error?.code ?? state)

for (const [moment, reach] of Object.entries(moments)) {
  describe(moment, () => {
    test('messages wait, leave in order, and settle once', async () => {
      const { host, client } = await reach({ offline: { qos0: true } })
      const delivered = []
      client.onMessageDelivered = (message) => delivered.push(message.payloadString)
      const seen = [client.publish('a', '1', 1), client.publish('a', '2', 0), client.publish('a', '3', 2)].map(watch)
      client.send('a', '4', 1)
      client.send('a', '5')
      await host.turn()
      assert.equal(client.pending, 5)
      assert.deepEqual(codes(seen), ['pending', 'pending', 'pending'])
      const expected = [['32', '0001 31'], ['30', '32'], ['34', '0002 33'], ['32', '0003 34'], ['30', '35']]
      assert.equal(await connects(host, client), expected.map(([first, rest]) => publish(first, 'a', rest)).join(''))
      assert.deepEqual(codes(seen), ['pending', 'fulfilled', 'pending'])
      host.socket.receive('40020001 50020002 70020002 40020003')
      await host.turn()
      assert.deepEqual(codes(seen), ['fulfilled', 'fulfilled', 'fulfilled'])
      assert.deepEqual([client.pending, delivered], [0, ['2', '5', '1', '3', '4']])
    })

    test('they are as they were when they were published', async () => {
      const { host, client } = await reach({ offline: { qos0: true } })
      const bytes = new Uint8Array([0x31])
      const message = new host.Message(bytes)
      message.destinationName = 'a'
      client.send(message)
      bytes[0] = 0x39
      message.destinationName = 'b'
      message.qos = 1
      assert.equal(await connects(host, client), publish('30', 'a', '31'))
    })

    test('without `offline` they are refused', async () => {
      const { client } = await reach({})
      for (const qos of [0, 1]) assert.throws(() => client.publish('a', '1', qos), { code: 11 })
      assert.throws(() => client.send('a', '1', 1), { code: 11 })
      assert.equal(client.pending, 0)
    })

    test('QoS 0 waits only where the program says so', async () => {
      const { host, client } = await reach({ offline: true })
      const seen = [0, 1].map((qos) => result(() => client.publish('a', '1', qos)))
      assert.equal(await connects(host, client), publish('32', 'a', '0001 31'))
      assert.deepEqual(codes(seen), [11, 'pending'])
    })

    for (const [overflow, expected, sent] of [
      ['reject', ['pending', 'pending', 18, 18], ['1', '2']],
      ['drop-oldest', [28, 28, 'pending', 'pending'], ['3', '4']],
      ['drop-newest', ['pending', 'pending', 28, 28], ['1', '2']],
    ]) {
      for (const bound of [{ maxMessages: 2 }, { maxBytes: 2 * 8 }]) {
        test(`no more than ${JSON.stringify(bound)} wait: ${overflow}`, async () => {
          const { host, client } = await reach({ offline: { ...bound, overflow } })
          const seen = ['1', '2', '3', '4'].map((text) => result(() => client.publish('a', text, 1)))
          await host.turn()
          assert.deepEqual(codes(seen), expected)
          const packets = sent.map((text, n) => publish('32', 'a', `000${n + 1} 3${text}`))
          assert.equal(await connects(host, client), packets.join(''))
        })
      }
    }

    test('what send has queued and the queue drops is told by onWarning', async () => {
      const { host, client } = await reach({ offline: { maxMessages: 1, overflow: 'drop-oldest' } })
      const warnings = []
      client.onWarning = ({ code }) => warnings.push(code)
      for (const text of ['1', '2', '3']) client.send('a', text, 1)
      await host.turn()
      assert.deepEqual(warnings, [28, 28])
      assert.equal(await connects(host, client), publish('32', 'a', '0001 33'))
    })

    test('they wait no longer than maxAge', async () => {
      // The next attempt comes behind the end of the first one and before that of the second.
      const { host, client } = await reach({ offline: { maxAge: 0.4 }, reconnect: { minDelay: 0.5, jitter: 0 } })
      const first = watch(client.publish('a', '1', 1))
      await host.turn()
      await host.pass(300)
      const second = watch(client.publish('a', '2', 1))
      await host.pass(99)
      assert.equal(first.state, 'pending')
      await host.pass(1)
      assert.deepEqual(codes([first, second]), [29, 'pending'])
      assert.equal(await connects(host, client), publish('32', 'a', '0001 32'))
    })

    test('they fail when the program disconnects', async () => {
      const { host, client } = await reach({ offline: true })
      const seen = watch(client.publish('a', '1', 1))
      client.disconnect()
      await host.turn()
      assert.deepEqual([codes([seen]), client.pending], [[22], 0])
      assert.throws(() => client.publish('a', '2', 1), { code: 11 })
    })
  })
}

test('a client that does not even try to connect takes nothing', () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  client.disconnectedPublishing = true
  assert.throws(() => client.publish('a', '1', 1), { code: 11 })
})

test('what waits fails with the cause when no connection comes', async () => {
  const { host, client } = await connecting({ offline: true })
  const seen = watch(client.publish('a', '1', 1))
  await accept(host, '20020005')
  assert.deepEqual(codes([seen]), [6])
  assert.equal(client.pending, 0)
})

test('what the server does not take fails when it has said so', async () => {
  const { host, client } = await connecting({ mqttVersion: 5, offline: true })
  const seen = [client.publish('a', '1', 2), client.publish('a', '2', 1, true), client.publish('a', '3', 1)].map(watch)
  const sent = await accept(host, connAck5('24 01 25 00'))
  assert.deepEqual([codes(seen), seen.slice(0, 2).map(({ error }) => error.reasonCode)], [[26, 26, 'pending'], [0x9b, 0x9a]])
  assert.match(sent.join(''), /^32.*33$/)
})

test('messages keep their properties, and lose them where the server knows none', async () => {
  for (const [version, connAck] of [[5, connAck5()], [4, '20020000']]) {
    const { host, client } = await connecting({ mqttVersion: 'auto', offline: true })
    client.send('a', '1', { qos: 1, properties: { contentType: 'x' } })
    if (version === 4) await accept(host, '20020001')
    const sent = (await accept(host, connAck)).join('')
    assert.equal(sent, publish('32', 'a', version === 5 ? `0001 04 03 ${string('x')} 31` : '0001 31'))
  }
})

describe("with Paho's names", () => {
  for (const when of ['before connect()', 'while it reconnects']) {
    test(`set ${when}`, async () => {
      const host = new Host()
      const client = new host.Client('ws://server/mqtt', 'me')
      const allow = () => {
        client.disconnectedPublishing = true
        client.disconnectedBufferSize = 2
      }
      if (when === 'before connect()') allow()
      await host.connected({ reconnect: true }, { client })
      await drops(host)
      if (when === 'while it reconnects') {
        assert.throws(() => client.send('a', '0'), { code: 11 })
        allow()
      }
      client.send('a', '1')
      client.send('a', '2', 1)
      const full = { code: 18, message: 'AMQJS0018E Message buffer is full, maximum buffer size: 2.' }
      assert.throws(() => client.send('a', '3'), full)
      client.disconnectedBufferSize = 3
      client.send('a', '3')
      client.disconnectedPublishing = false
      assert.throws(() => client.send('a', '4'), { code: 11 })
      const sent = (await accept(host)).join('')
      assert.equal(sent, publish('30', 'a', '31') + publish('32', 'a', '0001 32') + publish('30', 'a', '33'))
    })
  }

  test('`offline` goes before them', async () => {
    const { host, client } = await reconnecting({ offline: { maxMessages: 1 } })
    client.disconnectedPublishing = true
    await drops(host)
    client.send('a', '1', 1)
    assert.throws(() => client.send('a', '2', 1), { code: 18, message: /maximum buffer size: 1\./ })
    assert.throws(() => client.send('a', '2'), { code: 11 })
  })
})
