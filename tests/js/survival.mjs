// What must survive every fault of a network: 1,000 messages with QoS 2 each way at the same time, none lost, none
// twice, and in order. One exchange, and the faults that it goes through. Nothing here is a bound by the clock.

import assert from 'node:assert/strict'
import { Client } from 'wasmqtt'
import { Tally, none, startCounter, startSource, until } from './counter.mjs'
import { startProxy } from './proxy.mjs'
import { unique } from './scenarios.mjs'

/** Messages each way. */
export const count = 1000

/** With so many messages pending, publishing waits until half of them are done. */
const most = 100

/**
 * A Mosquitto 2.0.11 that restarts delivers again what waited in its queue for a session, so that in its restarts all
 * that it has not delivered must be in flight.
 */
const noQueue = 10

/** @typedef {import('./proxy.mjs').Faults} Faults */

/**
 * @typedef {object} Sides
 * @property {any} broker
 * @property {any} proxy
 * @property {Client} client
 * @property {any} counter of what the client publishes
 * @property {any} source of what it receives
 * @property {Tally} received
 * @property {string} up the topic of what the client publishes
 * @property {string} down the topic of what it receives
 */

/**
 * A fault with its title.
 * @typedef {object} Trial
 * @property {() => (n: number) => Faults | undefined} [plan] what happens to the n-th connection after the first
 * @property {(sides: Sides, reach: (share: number) => Promise<void>) => Promise<void>} [strike] what is done meanwhile;
 *   `reach` waits until so much of the whole has come, from 0 to 1
 * @property {object} [options] for connect()
 * @property {number} [lead] how far publishing may be ahead of the other side
 * @property {number} connections how many there are at least, so that the faults have really struck
 */

/** Numbers below a limit, the same every time. @param {number} state */
export function series(state) {
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A point on the line after the upgrade. @param {(below: number) => number} random @param {number} bytes at most */
const anywhere = (random, bytes) => ({ [random(2) ? 'up' : 'down']: random(bytes), after: /** @type {const} */ ('upgrade') })

/** Faults that strike before there is a connection. @type {Faults[]} */
const handshakes = [
  { reset: { up: 0 } },
  { reset: { up: 60 } },
  { reset: { down: 1 } },
  { reset: { up: 0, after: 'upgrade' } },
  { reset: { up: 20, after: 'upgrade' } },
  { reset: { down: 1, after: 'upgrade' } },
  { cut: { down: 100 } },
  { cut: { down: 5, after: 'upgrade' } },
]

/** Faults that leave the line up. @type {Faults[]} */
const halfOpen = [
  { freeze: { up: 0 } },
  { freeze: { down: 50 } },
  { freeze: { down: 0, after: 'upgrade' } },
  { freeze: { up: 900, after: 'upgrade' } },
  { freeze: { down: 1500, after: 'upgrade' } },
]

/** @type {Record<string, Trial>} */
export const trials = {
  'cuts at any byte, either way': {
    plan: () => {
      const random = series(7)
      return (n) => (n < 50 ? { cut: anywhere(random, 2000) } : undefined)
    },
    connections: 52,
  },

  'a cut at each byte of CONNACK and of the first messages after it': {
    plan: () => (n) => (n < 60 ? { cut: { down: n, after: 'upgrade' } } : undefined),
    options: { reconnect: { minDelay: 0.02, maxDelay: 0.1 } },
    connections: 62,
  },

  'resets in the handshake': {
    plan: () => {
      const random = series(11)
      // Every third connection comes about, and is reset too.
      return (n) => {
        if (n >= 4 * handshakes.length) return
        return n % 3 === 2 ? { reset: anywhere(random, 6000) } : handshakes[n % handshakes.length]
      }
    },
    connections: 4 * handshakes.length + 2,
  },

  'lines that fall silent and stay up': {
    plan: () => (n) => halfOpen[n],
    options: { keepAliveInterval: 1, timeout: 1 },
    connections: halfOpen.length + 2,
  },

  'lines that stall, for a while and for too long': {
    plan: () => {
      const random = series(13)
      const short = () => ({ ...anywhere(random, 40_000), ms: 20 + random(200) })
      // What a stalled line still holds reaches the broker when its successor is up.
      return (n) => ({ stall: n < 3 ? { ...anywhere(random, 3000), ms: 2500 } : Array.from({ length: 12 }, short) })
    },
    options: { keepAliveInterval: 1, timeout: 1 },
    connections: 5,
  },

  'slow lines that are cut': {
    plan: () => {
      const random = series(17)
      return (n) => ({ slow: 30_000, ...(n < 12 ? { cut: anywhere(random, 8000) } : {}) })
    },
    connections: 14,
  },

  'a broker that restarts and has saved the sessions': {
    async strike({ broker }, reach) {
      for (let restart = 1; restart <= 6; restart++) {
        await reach(restart / 8)
        await broker.restart()
      }
    },
    lead: noQueue,
    connections: 8,
  },

  'all of it at once': {
    plan: () => {
      const random = series(19)
      const faults = [
        () => ({ cut: anywhere(random, 4000) }),
        () => ({ reset: anywhere(random, 4000) }),
        () => handshakes[random(handshakes.length)],
        () => ({ slow: 50_000, cut: anywhere(random, 8000) }),
        () => ({ stall: { ...anywhere(random, 1000), ms: random(300) }, cut: anywhere(random, 8000) }),
        () => halfOpen[random(halfOpen.length)],
      ]
      return (n) => (n < 40 ? faults[random(n % 8 === 7 ? 6 : 5)]() : undefined)
    },
    async strike({ broker, proxy }, reach) {
      await reach(0.2)
      await broker.restart()
      await reach(0.4)
      proxy.refuse()
      proxy.cut()
      await proxy.back()
      await reach(0.6)
      await broker.restart()
    },
    options: { keepAliveInterval: 1, timeout: 1 },
    lead: noQueue,
    connections: 15,
  },
}

/**
 * How a client connects that is to survive.
 * @param {any} broker
 * @param {number} version
 */
export const options = (broker, version) => ({
  mqttVersion: version,
  userName: broker.userName,
  password: broker.password,
  cleanSession: false,
  reconnect: { minDelay: 0.05, maxDelay: 0.5 },
  offline: { maxMessages: 2 * count },
  // Mosquitto 2.0.11 stalls for good when a client before MQTT 5 has more in flight both ways.
  ...(version === 5 ? {} : { maxInflight: 20 }),
})

/** What keeps this process alive, in words. */
const alive = () => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').sort().join()

/**
 * A client on a line through the proxy, subscribed with QoS 2, and the other side; ended when `run` is.
 * @param {any} broker
 * @param {object} connect options
 * @param {(sides: Sides) => Promise<void>} run
 */
export async function together(broker, connect, run) {
  const before = alive()
  const [up, down] = [unique('up'), unique('down')]
  const proxy = await startProxy(broker.port)
  const counter = await startCounter(broker, up)
  const source = await startSource(broker)
  const received = new Tally()
  const client = new Client(`ws://127.0.0.1:${proxy.port}/mqtt`, unique('survivor').replaceAll('/', ''))
  client.onMessageArrived = (message) => received.put(message.payloadString)
  const sides = { broker, proxy, client, counter, source, received, up, down }
  try {
    await client.connect(connect)
    await client.subscribe(down, { qos: 2 })
    await run(sides)
    assert.equal(client.pending, 0)
  } finally {
    if (client.state !== 'disconnected') await client.disconnect()
    await broker.start()
    await Promise.all([counter.close(), source.close(), proxy.close()])
  }
  await until(() => alive() === before, () => `an end with ${before}, not ${alive()}`)
}

/**
 * Publishes one more each way than was to come, because what comes twice comes before what is sent last, and says
 * whether all has come once and in order.
 * @param {Sides} sides
 */
async function settle({ client, counter, source, received, up, down }) {
  await Promise.all([source.publish(down, count, count + 1), client.publish(up, String(count), { qos: 2 })])
  for (const [way, tally] of Object.entries({ up: counter.tally, down: received })) {
    await tally.reach(count + 1)
    assert.deepEqual(tally.faults(count + 1), none, way)
    assert.deepEqual(tally.payloads.map(Number), [...tally.payloads.keys()], `the order ${way}`)
  }
}

/**
 * Messages up and down through the faults of a trial.
 * @param {any} broker
 * @param {number} version
 * @param {Trial} trial
 */
export function exchange(broker, version, trial) {
  const { plan = () => () => undefined, strike, options: more, lead = count, connections } = trial
  return together(broker, { ...options(broker, version), ...more }, async (sides) => {
    const { proxy, client, counter, source, received, up, down } = sides
    let delivered = 0
    client.onMessageDelivered = () => delivered++
    const faults = plan()
    proxy.plan = (n) => faults(n - 1)
    proxy.cut()
    const reach = (/** @type {number} */ share) => {
      const come = () => counter.tally.payloads.length + received.payloads.length
      return until(() => come() >= share * 2 * count, () => `${share} of all messages, ${come()} came`, 60_000)
    }
    const [fulfilled] = await Promise.all([
      publishAll(client, up, counter.tally, lead),
      publishDown(source, down, received, lead),
      strike?.(sides, reach),
    ])
    await settle(sides)
    assert.deepEqual(fulfilled, Array(count).fill(1), 'how often each promise was fulfilled')
    assert.equal(delivered, count + 1)
    assert.ok(proxy.lines.length >= connections, `there were ${proxy.lines.length} connections`)
  })
}

/**
 * The broker forgets all sessions, five times, while messages of ours wait for their acknowledgement. That it loses
 * what it had taken and not passed on is not for a client to heal: when it dies, all of that has arrived.
 * @param {any} broker
 * @param {number} version
 */
export function forgotten(broker, version) {
  return together(broker, options(broker, version), async (sides) => {
    const { proxy, client, counter, source, received, up, down } = sides
    const part = count / 5
    const late = 30
    const publish = (/** @type {number} */ from, /** @type {number} */ to) =>
      Promise.all(Array.from({ length: to - from }, (_, n) => client.publish(up, String(from + n), { qos: 2 })))
    for (let end = part; end <= count; end += part) {
      const all = [source.publish(down, end - part, end), publish(end - part, end - late), received.reach(end)]
      await Promise.all([...all, counter.tally.reach(end - late)])
      proxy.refuse()
      proxy.stall()
      const settled = publish(end - late, end)
      // At the end of the turn they are in flight.
      await Promise.resolve()
      proxy.cut()
      await broker.restart({ forget: true })
      await until(() => counter.sessionsLost === end / part && counter.subscribed, 'the subscription of the counter')
      await proxy.back()
      // The client has subscribed again before it publishes.
      await Promise.all([settled, counter.tally.reach(end)])
      assert.equal(client.sessionPresent, false)
    }
    await settle(sides)
  })
}

/**
 * Publishes everything, a part at a time, whatever the state of the connection.
 * @param {Client} client
 * @param {string} topic
 * @param {Tally} come
 * @param {number} lead
 * @returns {Promise<number[]>} how often each promise was fulfilled
 */
async function publishAll(client, topic, come, lead) {
  const fulfilled = Array(count).fill(0)
  const promises = []
  for (let one = 0; one < count; one++) {
    await come.reach(one - lead)
    promises.push(client.publish(topic, String(one), { qos: 2 }).then(() => fulfilled[one]++))
    if (client.pending >= most) await client.drained(most / 2)
  }
  await Promise.all(promises)
  return fulfilled
}

/** The same from the other side. @param {any} source @param {string} topic @param {Tally} come @param {number} lead */
async function publishDown(source, topic, come, lead) {
  for (let from = 0; from < count; from += lead) {
    await come.reach(from)
    await source.publish(topic, from, Math.min(count, from + lead))
  }
}
