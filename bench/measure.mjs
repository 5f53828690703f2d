// What works are made of: a connection with its tally, and how many messages to measure with. It chooses a number by the
// speed that it finds, so that slow and fast clients take about as long.

import { Tally } from './tally.mjs'

/** Milliseconds that one measurement shall take; a test takes the least there is. */
const BUDGET = { test: 0, quick: 60, full: 250 }
/** Measurements of which the best counts. */
export const REPEATS = 3
/** Turns in a round, of clients whose figures are close to each other; others have one. */
export const TURNS = 3

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
 * Measures with `least` messages, which warms up too, then with as many as the budget allows; at last several times, of which
 * the best counts.
 * @param {any} bench
 * @param {{ least: number, most: number, unit?: number }} counts unit: a multiple of this
 * @param {(count: number) => Promise<number>} run gives messages a second
 */
export async function measured(bench, { least, most, unit = 1 }, run) {
  const { effort, busy } = bench.place
  const budget = BUDGET[effort]
  const whole = (/** @type {number} */ count) => Math.max(1, Math.round(count / unit)) * unit
  const once = async (/** @type {number} */ count) => {
    const before = await busy()
    const rate = await run(count)
    return { value: rate, messages: count, busy: ((await busy()) - before) / count }
  }
  let count = effort === 'test' ? whole(Math.min(least, 100)) : whole(least)
  // The first is of cold code: on until one has taken about as long as it shall.
  for (let tries = 0; ; tries++) {
    const result = await once(count)
    const took = (count / result.value) * 1000
    // It has been long enough for what is cold, and for what disturbs it.
    if (took >= budget * 5) return result
    if (tries > 0 && (took >= budget * 0.6 || tries === 5 || count === whole(most))) return best(result, () => once(count))
    count = whole(Math.min(most, Math.max(least, (result.value * budget) / 1000)))
  }
}

/** What else a machine does makes a measurement slower, and never faster. @param {any} first @param {() => Promise<any>} again */
async function best(first, again) {
  let found = first
  for (let n = 1; n < REPEATS; n++) {
    const next = await again()
    if (next.value > found.value) found = next
  }
  return found
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
