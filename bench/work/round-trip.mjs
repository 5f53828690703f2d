// A message and its way back: published, sent back by the server as it came, told to the program. One at a time; alone on
// the connection, and among 20,000 messages a second.

import { REPEATS, open } from '../measure.mjs'

const TOPIC = 'bench/echo'
const PAYLOAD = 'abcdefghijklmnop'.repeat(4)
const LOAD = 20_000
/** Before it counts: what is compiled late, at so few messages, would be most of it. */
const WARM = { test: 2, quick: 1000, full: 6000 }
/** Of each repeat. */
const TIMES = { test: 5, quick: 100, full: 700 }

/** @param {{ name: string, title: string, quantile: number, load: boolean }} what */
const roundTrip = ({ name, title, quantile, load }) => ({
  name,
  group: 'round-trip',
  title,
  unit: 'µs',
  more: false,
  needs: 'publish0',
  async run(bench) {
    const times = await (bench.shared[load ? 'load' : 'idle'] ??= roundTrips(bench, load))
    return { value: times[Math.min(times.length - 1, Math.floor(times.length * quantile))] * 1000, messages: times.length }
  },
})

/** The best of some times over. @param {any} bench @param {boolean} load @returns {Promise<number[]>} milliseconds, sorted */
async function roundTrips(bench, load) {
  const { connection, tally, order } = await open(bench, { each: true })
  let back = () => {}
  const seen = (/** @type {number} */ topic) => topic === TOPIC.length && back()
  // The client may have taken it already.
  tally.add = (_count, topic) => void seen(topic)
  await connection.subscribe('bench/#', 0)
  await order('echo', true)
  const once = async () => {
    const started = performance.now()
    await bench.within(
      new Promise((resolve) => {
        back = () => resolve(undefined)
        connection.publish(TOPIC, PAYLOAD, 0)
      }),
    )
    return performance.now() - started
  }
  const count = TIMES[bench.place.effort]
  for (let n = 0; n < WARM[bench.place.effort]; n++) await once()
  if (load) await order('stream', { count: 60 * LOAD, size: 64, perFrame: 50, pace: LOAD })
  const all = []
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const times = []
    for (let n = 0; n < count; n++) times.push(await once())
    all.push(times.sort((a, b) => a - b))
  }
  await connection.close()
  const middle = (/** @type {number[]} */ times) => times[times.length >> 1]
  return all.sort((a, b) => middle(a) - middle(b))[0]
}

export default [
  roundTrip({ name: 'round-trip-idle-50', title: 'round trip, idle, median', quantile: 0.5, load: false }),
  roundTrip({ name: 'round-trip-idle-99', title: 'round trip, idle, 99 %', quantile: 0.99, load: false }),
  roundTrip({ name: 'round-trip-load-50', title: 'round trip among 20,000 messages/s, median', quantile: 0.5, load: true }),
  roundTrip({ name: 'round-trip-load-99', title: 'round trip among 20,000 messages/s, 99 %', quantile: 0.99, load: true }),
]
