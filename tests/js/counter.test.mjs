// The other side of delivery tests does what it is trusted with: over restarts of a real Mosquitto it neither loses
// nor doubles anything itself, and against a broker of fixed bytes it does in each step what MQTT says.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { startMosquitto } from './brokers.mjs'
import { Tally, none, startCounter, startSource, until } from './counter.mjs'
import { unique } from './scenarios.mjs'

describe('the tally', () => {
  const tally = new Tally()
  for (const payload of ['0', '2', '1', '2', 'x', '4']) tally.put(payload)

  test('names what is lost, twice and strange', () => {
    assert.deepEqual(tally.faults(5), { lost: ['3'], twice: ['2'], strange: ['x'] })
    assert.deepEqual(tally.faults(0).strange, ['0', '2', '1', 'x', '4'])
  })

  test('waits for all, and says what is missing', async () => {
    await tally.reach(3)
    await assert.rejects(tally.reach(5, 20), /waited for 5 messages, 6 came, without 3$/)
  })
})

describe('with mosquitto', () => {
  let broker
  before(async () => {
    broker = await startMosquitto()
  })
  after(() => broker?.close())

  /** The source and the counter at work, one topic. */
  async function bothSides(run) {
    const topic = unique('numbers')
    const counter = await startCounter(broker, topic)
    const source = await startSource(broker)
    try {
      await run(source, counter, topic)
    } finally {
      await broker.start()
      await Promise.all([source.close(), counter.close()])
    }
  }

  test('3,000 messages come once and in order through ten restarts at any moment', async () => {
    await bothSides(async (source, counter, topic) => {
      const published = source.publish(topic, 0, 3000)
      for (let restart = 1; restart <= 10; restart++) {
        await until(() => counter.tally.payloads.length >= restart * 270, `restart ${restart}`)
        // The moment may be any within the exchange of a message.
        for (let turn = 0; turn < restart; turn++) await new Promise(setImmediate)
        await broker.restart()
      }
      await published
      await source.publish(topic, 3000, 3001)
      await counter.tally.reach(3001)
      assert.deepEqual(counter.tally.faults(3001), none)
      assert.deepEqual(counter.tally.payloads.map(Number), [...counter.tally.payloads.keys()])
      assert.deepEqual([source.connects, counter.connects], [11, 11])
      assert.deepEqual([source.sessionsLost, counter.sessionsLost, source.doubtful.length], [0, 0, 0])
    })
  })

  test('what is published while the counter is away waits for it, past 1,000', async () => {
    await bothSides(async (source, counter, topic) => {
      await counter.close()
      await source.publish(topic, 0, 2500)
      await broker.restart()
      counter.open()
      await counter.tally.reach(2500)
      assert.deepEqual(counter.tally.faults(2500), none)
    })
  })

  test('sessions are gone when the broker forgets, and counting goes on', async () => {
    await bothSides(async (source, counter, topic) => {
      for (let round = 0; round < 3; round++) {
        await source.publish(topic, round * 100, round * 100 + 100)
        await counter.tally.reach(round * 100 + 100)
        // Saved once: to forget, the broker must lose that too.
        await broker.restart()
        await broker.restart({ forget: true })
        await until(() => counter.sessionsLost > round && counter.subscribed, 'the new subscription')
      }
      assert.deepEqual(counter.tally.faults(300), none)
      assert.deepEqual([source.sessionsLost, counter.sessionsLost], [3, 3])
    })
  })

  test('a stopped broker refuses connections until it is started', async () => {
    await broker.stop()
    await broker.stop()
    for (const port of [broker.port, broker.plainPort]) {
      const [error] = await once(connect(port, '127.0.0.1'), 'error')
      assert.equal(error.code, 'ECONNREFUSED')
    }
    await broker.start()
    await broker.start()
    await (await startSource(broker)).close()
  })
})

describe('with a broker of fixed bytes', () => {
  let server
  after(() => server?.close())

  /**
   * Plays connections one after the other: `>` bytes must come, `<` bytes go out, and then the line is cut. CONNECT is
   * read and not compared.
   */
  async function play(start, connections) {
    const heard = []
    let ended = 0
    server = createServer((socket) => {
      const steps = [...(connections[ended] ?? [])]
      let bytes = ''
      const go = () => {
        while (steps.length > 0) {
          const [way, hex] = steps[0].split(' ')
          if (way === '<') socket.write(Buffer.from(hex, 'hex'))
          else if (bytes.length < hex.length) return
          else {
            heard.push(bytes.slice(0, hex.length))
            bytes = bytes.slice(hex.length)
          }
          steps.shift()
        }
        ended++
        socket.destroy()
      }
      socket.on('error', () => {})
      socket.once('data', (connectPacket) => {
        assert.equal(connectPacket[0], 0x10)
        socket.on('data', (chunk) => {
          bytes += chunk.toString('hex')
          go()
        })
        go()
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const peer = await start({ plainPort: server.address().port, userName: 'u', password: 'p' })
    await until(() => ended >= connections.length, () => `the end of the script, at ${ended}: ${heard}`)
    const closed = peer.close()
    server.close()
    await closed
    const expected = connections.flat().filter((step) => step[0] === '>')
    assert.deepEqual(
      heard,
      expected.map((step) => step.slice(2)),
    )
    return peer
  }

  const [newSession, oldSession] = ['< 20020000', '< 20020100']
  const subscribed = ['> 8206000100017402', '< 9003000102']

  test('the counter counts a message once, however often it is sent before PUBREL', async () => {
    const counter = await play((broker) => startCounter(broker, 't'), [
      [newSession, ...subscribed, '< 3406000174000530', '> 50020005'],
      [oldSession, '< 3c06000174000530', '> 50020005', '< 62020005', '> 70020005', '< 62020005', '> 70020005'],
      [oldSession, '< 3406000174000531', '> 50020005'],
    ])
    assert.deepEqual(counter.tally.payloads, ['0', '1'])
    assert.equal(counter.sessionsLost, 0)
  })

  test('the counter takes a packet identifier of a lost session for a new message', async () => {
    const counter = await play((broker) => startCounter(broker, 't'), [
      [newSession, ...subscribed, '< 3406000174000530', '> 50020005'],
      [newSession, ...subscribed, '< 3406000174000531', '> 50020005', '< 62020005', '> 70020005'],
    ])
    assert.deepEqual(counter.tally.payloads, ['0', '1'])
    assert.equal(counter.sessionsLost, 1)
  })

  /** A source that has been told to publish 0 and 1. */
  const busySource = async (broker) => {
    const source = await startSource(broker)
    source.publish('t', 0, 2).catch(() => {})
    return source
  }
  const both = ['> 3406000174000130', '> 3406000174000231']

  test('the source sends again what was not acknowledged, each from where it stood', async () => {
    const source = await play(busySource, [
      [newSession, ...both, '< 50020001', '> 62020001'],
      [oldSession, '> 62020001', '> 3c06000174000231', '< 70020001', '< 50020002', '> 62020002'],
      [oldSession, '> 62020002', '< 70020002'],
    ])
    assert.deepEqual(source.doubtful, [])
  })

  test('in a new session the source publishes anew, and names what it cannot know', async () => {
    const source = await play(busySource, [
      [newSession, ...both, '< 50020001', '> 62020001'],
      [newSession, '> 3406000174000231', '< 50020002', '> 62020002', '< 70020002'],
    ])
    assert.deepEqual(source.doubtful, ['0'])
  })
})
