// What works are made of: a connection with its tally, and how many messages to measure with. It chooses a number by the
// speed that it finds, so that slow and fast clients take about as long.

import { Tally } from './tally.mjs'

/** Milliseconds that one measurement shall take; a test takes the least there is. */
const BUDGET = { test: 0, quick: 60, full: 500 }

let connected = 0

/**
 * A connection of a client. What fails on it later, fails the work.
 * @param {any} bench @param {{ text?: boolean, each?: boolean, handlers?: boolean }} [options]
 */
export async function open(bench, options = {}) {
  const { place, client, module } = bench
  const clientId = `bench${place.id}x${++connected}`
  const tally = new Tally()
  const connection = await client.connect(module, { url: `${place.ws}/mqtt`, clientId, tally, failed: bench.failed, ...options })
  return { connection, tally, clientId, order: (/** @type {string} */ name, /** @type {any} */ given = null) => place.order(name, clientId, given) }
}

/**
 * Measures with `least` messages, which warms up too, then with as many as the budget allows. The last time counts.
 * @param {any} bench
 * @param {{ least: number, most: number, unit?: number }} counts unit: a multiple of this
 * @param {(count: number) => Promise<number>} run gives messages a second
 */
export async function measured(bench, { least, most, unit = 1 }, run) {
  const budget = BUDGET[bench.place.effort]
  const whole = (/** @type {number} */ count) => Math.max(1, Math.round(count / unit)) * unit
  let count = bench.place.effort === 'test' ? whole(Math.min(least, 100)) : whole(least)
  // The first figures are of cold code: on until one has taken about as long as it shall.
  for (let tries = 0; ; tries++) {
    const before = await bench.place.busy()
    const rate = await run(count)
    const busy = (await bench.place.busy()) - before
    const took = (count / rate) * 1000
    const enough = tries === 0 ? budget * 5 : budget * 0.6
    if (took >= enough || tries === 5 || (tries > 0 && count === whole(most))) return { value: rate, messages: count, busy: busy / count }
    count = whole(Math.min(most, Math.max(least, (rate * budget) / 1000)))
  }
}

/**
 * All that was published before has arrived: one message with QoS 1 behind it is acknowledged.
 * @param {any} connection @returns {Promise<void>}
 */
export const arrived = (connection) => new Promise((resolve) => mark(connection, resolve))

/** The same with a callback: one and the same for marks that are on their way together. @param {any} connection @param {() => void} done */
export function mark(connection, done) {
  if (connection.mark) connection.mark('bench/mark', done)
  else connection.publishAcked('bench/mark', 'x', 1, done)
}

/**
 * Begins so many things, `most` of them at a time, and ends with the last.
 * @param {number} count @param {number} most @param {(done: () => void) => void} begin `done` is one and the same for all
 * @returns {Promise<void>}
 */
export function inTurn(count, most, begin) {
  return new Promise((resolve) => {
    let left = count
    let toCome = count
    const next = () => {
      left--
      begin(done)
    }
    const done = () => {
      toCome--
      if (left > 0) next()
      else if (toCome === 0) resolve(undefined)
    }
    for (let n = 0; n < most && left > 0; n++) next()
  })
}

/** @param {string} what @param {number} found @param {number} expected */
export function expect(what, found, expected) {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`)
}
