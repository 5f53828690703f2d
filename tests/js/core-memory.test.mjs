// The boundary's memory: it grows with what crosses and its buffer is replaced, scratch space is given back, topics are
// numbered and numbers are used again, and clients that share it never meet.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Core } from '../../js/core.js'
import { Host, packet, string, toHex, watch } from './host.mjs'

/** Bytes that tell where they stand. */
const pattern = (length, seed) => Uint8Array.from({ length }, (_, at) => (at * 31 + seed + (at >> 8)) & 255)

const topicBytes = Uint8Array.of(0, 1, 0x61)

/** A PUBLISH of QoS 0 with this payload. */
function publish(payload) {
  const length = payload.length + 3
  const header = [0x30]
  for (let rest = length; ; rest >>= 7) {
    header.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  const whole = new Uint8Array(header.length + length)
  whole.set(header)
  whole.set(topicBytes, header.length)
  whole.set(payload, header.length + 3)
  return whole
}

const same = (a, b) => Buffer.compare(a, b) === 0

describe('memory grows', () => {
  test('with what is sent, several megabytes in one message and in many', async () => {
    const host = new Host()
    const client = await host.connected()
    const { buffer } = host.exports.memory
    for (const size of [100, 5_000_000, 300, 9_000_000, 70_000]) {
      const payload = pattern(size, size)
      client.publish('a', payload)
      await host.turn()
      assert.equal(host.socket.take().join(''), toHex(publish(payload)), `${size} bytes`)
    }
    assert.notEqual(host.exports.memory.buffer, buffer, 'this test needs memory that grew')
    for (let n = 0; n < 3; n++) for (let part = 0; part < 50; part++) client.publish('a', pattern(100_000, part))
    await host.turn()
    const sent = host.socket.take()
    assert.equal(sent.length, 150)
    assert.ok(sent.every((digits, at) => digits === toHex(publish(pattern(100_000, at % 50)))))
    assert.equal(client.isConnected(), true)
  })

  test('with what is received, whole or in pieces', async () => {
    const host = new Host()
    const client = await host.connected()
    const messages = []
    client.onMessageArrived = (message) => messages.push(message)
    const { buffer } = host.exports.memory
    const sizes = [10, 4_000_000, 200, 8_000_000, 5]
    for (const size of sizes) host.socket.receive(publish(pattern(size, size)))
    assert.notEqual(host.exports.memory.buffer, buffer, 'this test needs memory that grew')
    for (const size of sizes) {
      const whole = publish(pattern(size, size))
      for (let at = 0; at < whole.length; at += 1_000_003) host.socket.receive(whole.slice(at, at + 1_000_003))
    }
    assert.equal(messages.length, 10)
    messages.forEach((message, at) =>
      assert.ok(same(message.payloadBytes, pattern(sizes[at % 5], sizes[at % 5])), `message ${at}`),
    )
  })

  test('with text of every width', async () => {
    const host = new Host()
    const client = await host.connected()
    for (const text of ['a', 'ü', '中', '😀'].map((one) => one.repeat(400_000))) {
      client.publish('a', text)
      await host.turn()
      assert.equal(host.socket.take().join(''), toHex(publish(new Uint8Array(Buffer.from(text)))))
    }
  })

  test('during a call, with the old buffer left attached as in wasm2js', async () => {
    const host = new Host()
    const client = await host.connected()
    const { memory } = host.exports
    // wasm2js answers growth with a new ArrayBuffer and a copy; the old one stays readable and wrong.
    let copy = memory.buffer
    const fake = {
      get buffer() {
        return copy
      },
    }
    const exports = { ...host.exports }
    for (const [name, run] of Object.entries(exports)) {
      if (typeof run !== 'function') continue
      exports[name] = (...args) => {
        new Uint8Array(memory.buffer, 0, copy.byteLength).set(new Uint8Array(copy))
        const answer = run(...args)
        copy = memory.buffer.slice(0)
        return answer
      }
    }
    const core = new Core({ ...exports, memory: fake }, assert.fail)
    const one = core.createClient({ handleTrapped() {}, acknowledge() {} })
    one.connect(
      {
        ...{
          versions: [4],
          hosts: 1,
          clientId: 'me',
          cleanStart: true,
          keepAlive: 0,
          timeout: 0,
          userName: null,
          password: null,
        },
        ...{ will: null, properties: null, autoAck: true, batch: true, maxInflight: 65_535, seed: 1 },
        ...{ reconnect: null, followServerReference: false, persist: false, offline: null, asks: false },
      },
      0,
    )
    one.poll(0, false)
    one.handleOpen(0)
    assert.equal(toHex(new Uint8Array(one.poll(0, false).sends[0])).slice(-4), toHex(Buffer.from('me')))
    one.handleInput(Uint8Array.of(0x20, 2, 0, 0).buffer, 0)
    assert.equal(one.poll(0, false).events[0].kind, 'connected')
    const payload = pattern(3_000_000, 1)
    one.publish('a', payload, 0, false, null, 0)
    assert.ok(same(new Uint8Array(one.poll(0, false).sends[0]), publish(payload)))
    const whole = publish(pattern(5_000_000, 2))
    for (const half of [whole.slice(0, 2_000_000), whole.slice(2_000_000)]) one.handleInput(half.buffer, 0)
    assert.ok(same(one.poll(0, false).events[0].payloadBytes, pattern(5_000_000, 2)))
    assert.equal(client.isConnected(), true)
  })

  test('and is used again: the thousandth large message needs no more than the tenth', async () => {
    const host = new Host()
    const client = await host.connected()
    const round = async () => {
      client.publish('a', new Uint8Array(2_000_000))
      host.socket.receive(publish(new Uint8Array(1_500_000)))
      await host.turn()
      host.socket.take()
    }
    for (let n = 0; n < 10; n++) await round()
    const { byteLength } = host.exports.memory.buffer
    for (let n = 0; n < 50; n++) await round()
    assert.equal(host.exports.memory.buffer.byteLength, byteLength)
  })
})

describe('topics', () => {
  const receive = async (topics, rounds) => {
    const host = new Host()
    const client = await host.connected()
    const got = []
    client.onMessageArrived = (message) => got.push(message.topic)
    const frames = []
    for (let at = 0; at < topics.length; at += 100) {
      frames.push(
        topics
          .slice(at, at + 100)
          .map((topic) => packet('30', string(topic)))
          .join(''),
      )
    }
    for (let round = 0; round < rounds; round++) {
      got.length = 0
      for (const frame of frames) host.socket.receive(frame)
      assert.deepEqual(got, topics)
    }
  }

  test('beyond the 4,096 that are kept are told all the same', () =>
    receive(
      Array.from({ length: 10_000 }, (_, n) => `sensors/${n}/状态`),
      2,
    ))

  test('above 256 bytes are told all the same', () =>
    receive(
      [255, 256, 257, 300, 1000, 65_535].flatMap((length) => ['a', 'b'].map((one) => one.repeat(length))),
      3,
    ))

  test('repeat within a frame and across frames', () =>
    receive(
      Array.from({ length: 1000 }, (_, n) => `t/${n % 7}`),
      3,
    ))

  test('are strings of their own: one client knows what another has seen', async () => {
    const host = new Host()
    const got = []
    for (const name of ['x', 'y']) {
      const client = await host.connected({}, { client: new host.Client('ws://server/mqtt', name) })
      client.onMessageArrived = (message) => got.push(`${name} ${message.topic}`)
    }
    for (const end of host.sockets) end.receive(packet('30', string('shared')) + packet('30', string('shared')))
    assert.deepEqual(got, ['x shared', 'x shared', 'y shared', 'y shared'])
  })
})

describe('a topic that was written for the last message is written again when something else was', () => {
  const one = (topic, text) => packet('30', string(topic) + Buffer.from(text).toString('hex'))
  const other = { send: (client) => client.send('other', 'x'), sent: one('other', 'x') }
  /** What may happen between two messages of one topic. */
  const between = {
    nothing: { sent: '' },
    'another topic': other,
    'a longer topic that begins alike': { send: (client) => client.send('topics', 'x'), sent: one('topics', 'x') },
    'a topic that is refused half way': {
      send: (client) => assert.throws(() => client.send('other\ud800', 'x'), { code: 17 }),
      sent: '',
    },
    'a payload that is refused half way': {
      send: (client) => assert.throws(() => client.send('topic', 'x\ud800'), { code: 17 }),
      sent: '',
    },
    'a topic that the core refuses': {
      send: (client) => assert.throws(() => client.send('topic/#', 'x'), { code: 30 }),
      sent: '',
    },
    'a message that the scratch space grows for': {
      send: (client) => client.send('topic', 'y'.repeat(70_000)),
      sent: one('topic', 'y'.repeat(70_000)),
    },
    'one after which it is given back': {
      send: (client) => ['y'.repeat(2_000_000), 'x'].forEach((payload) => client.send('topic', payload)),
      sent: one('topic', 'y'.repeat(2_000_000)) + one('topic', 'x'),
    },
    'a frame of the server': { send: (_, host) => host.socket.receive(one('incoming', 'z'.repeat(50))), sent: '' },
    'a handler': { send: (client) => void client.subscribe('handled', { onMessage() {} }), sent: packet('82', `0001 ${string('handled')} 00`) },
    'another client': {
      send: async (_, host) => {
        const second = new host.Client('ws://server/mqtt', 'you')
        second.connect({ mqttVersion: 4 })
        await host.turn()
        host.sockets.at(-1).open()
      },
      sent: '',
    },
  }
  for (const [what, { send = () => {}, sent }] of Object.entries(between)) {
    test(what, async () => {
      const host = new Host()
      const client = await host.connected()
      const { socket } = host
      client.send('topic', '1')
      await send(client, host)
      client.send('topic', '2')
      await host.turn()
      assert.equal(socket.take().join(''), (one('topic', '1') + sent + one('topic', '2')).replaceAll(' ', ''))
    })
  }
})

describe('clients of one instance never meet', () => {
  for (const count of [2, 20]) {
    test(`${count} of them, each with its own subscriptions, messages, timers and end`, async () => {
      const host = new Host()
      const got = []
      const clients = []
      for (let n = 0; n < count; n++) {
        const client = await host.connected(
          { keepAliveInterval: 10 + n },
          { client: new host.Client('ws://server/mqtt', `c${n}`) },
        )
        client.onMessageArrived = (message) => got.push(`${n} ${message.payloadString}`)
        client.onConnectionLost = ({ errorCode }) => got.push(`${n} lost ${errorCode}`)
        clients.push({ client, end: host.socket })
      }
      assert.equal(host.loads, 1)
      const waits = clients.map(({ client }, n) => watch(client.publish('t', `from ${n}`, { qos: 1 })))
      await host.turn()
      clients.forEach(({ end }, n) =>
        assert.deepEqual(end.take(), [packet('32', `${string('t')} 0001 ${toHex(Buffer.from(`from ${n}`))}`)]),
      )
      // In reverse, with a packet of each cut in two around the others.
      for (const { end } of clients) end.receive(packet('30', `${string('t')} 31 32`).slice(0, 10))
      for (const { end } of [...clients].reverse()) end.receive(packet('30', `${string('t')} 31 32`).slice(10))
      assert.deepEqual(
        got,
        clients.map((_, n) => `${count - 1 - n} 12`),
      )
      clients[0].end.receive('40020001')
      await host.turn()
      assert.deepEqual(
        waits.map(({ state }) => state),
        clients.map((_, n) => (n === 0 ? 'fulfilled' : 'pending')),
      )
      got.length = 0
      clients[1].end.drop()
      await host.pass(10_000)
      assert.deepEqual(got, ['1 lost 8'])
      assert.deepEqual(clients[0].end.take(), ['c000'])
      assert.deepEqual(clients.at(-1).end.take(), [])
      const newcomer = await host.connected({}, { client: new host.Client('ws://server/mqtt', 'new') })
      newcomer.onMessageArrived = (message) => got.push(`new ${message.payloadString}`)
      host.socket.receive(packet('30', `${string('t')} 33`))
      assert.deepEqual(got, ['1 lost 8', 'new 3'])
    })
  }

  test('two copies of the api have an instance each', async () => {
    const [one, two] = [new Host(), new Host()]
    await one.connected()
    await two.connected()
    assert.notEqual(one.exports.memory, two.exports.memory)
  })
})
