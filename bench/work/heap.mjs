// What a message costs the JavaScript heap. The young generation is made so large that nothing is collected meanwhile
// (options of V8, see hosts), so that the growth of the heap is all that was allocated, exactly. ArrayBuffers are beside
// the heap and not in it.

import { arrived, measured, open } from '../measure.mjs'

const TOPIC = 'bench/00000/value'
const PAYLOAD = 'abcdefghijklmnop'.repeat(4)
/** Messages in one frame. */
const FRAME = 50
const COUNT = { test: FRAME, quick: 2000, full: 5000 }

/** @param {any} bench @param {(count: number) => Promise<any>} run */
async function allocated(bench, run) {
  const count = COUNT[bench.place.effort]
  // Twice before: compiling allocates too.
  await run(count)
  await run(count)
  await bench.place.collect()
  // A little after it: what the collection has thrown away with the rest, code too, comes back once and not with each message.
  await run(Math.max(count / 10, FRAME))
  const before = await bench.place.heap()
  await run(count)
  const after = await bench.place.heap()
  if (bench.place.effort !== 'test' && after < before) throw new Error('something was collected meanwhile')
  return { value: (after - before) / count, messages: count }
}

/** @param {{ name: string, title: string, qos: number }} what */
const receive = ({ name, title, qos }) => ({
  name,
  group: 'heap',
  title,
  unit: 'bytes',
  more: false,
  needs: '',
  async run(bench) {
    const { connection, tally, order } = await open(bench)
    await connection.subscribe('bench/#', qos)
    let acknowledged = 0
    const result = await allocated(bench, async (count) => {
      const all = tally.until(count)
      await order('stream', { count, size: 64, qos, perFrame: FRAME })
      await bench.within(all)
      acknowledged += qos > 0 ? count : 0
      await bench.until(async () => (await order('counts')).acknowledged === acknowledged)
    })
    await connection.close()
    return result
  },
})

/** @param {{ name: string, title: string, qos: number }} what */
const publish = ({ name, title, qos }) => ({
  name,
  group: 'heap',
  title,
  unit: 'bytes',
  more: false,
  needs: qos === 0 ? 'publish0' : '',
  async run(bench) {
    const { connection } = await open(bench)
    const result = await allocated(bench, (count) => {
      if (qos === 0) {
        for (let n = 0; n < count; n++) connection.publish(TOPIC, PAYLOAD, 0)
        return bench.within(arrived(connection))
      }
      return bench.within(
        new Promise((resolve) => {
          let left = count
          const done = () => --left === 0 && resolve(undefined)
          for (let n = 0; n < count; n++) connection.publishAcked(TOPIC, PAYLOAD, qos, done)
        }),
      )
    })
    await connection.close()
    return result
  },
})

/** How often the collector runs, with a heap of the usual size. */
const collections = {
  name: 'collections',
  group: 'tasks',
  title: 'collections per 100,000 messages received, 50 a frame',
  unit: 'collections',
  more: false,
  needs: '',
  async run(bench) {
    const { collections, messages } = await fullRate(bench)
    return { value: (collections / messages) * 100_000, messages }
  },
}

/** The longest time that a page cannot answer its user. */
const longest = {
  name: 'longest-task',
  group: 'tasks',
  title: 'longest task while receiving at full rate',
  unit: 'ms',
  more: false,
  needs: '',
  host: 'chromium',
  async run(bench) {
    const { longest, messages } = await fullRate(bench)
    return { value: longest, messages }
  },
}

/** @param {any} bench @returns {Promise<{ collections: number, longest: number, messages: number }>} */
function fullRate(bench) {
  return (bench.shared.fullRate ??= (async () => {
    const { connection, tally, order } = await open(bench)
    await connection.subscribe('bench/#', 0)
    let traced = null
    const { messages } = await measured(bench, { least: 5000, most: 500_000, unit: FRAME }, async (count) => {
      const all = tally.until(count)
      await bench.place.traceStart()
      await order('stream', { count, size: 64, perFrame: FRAME })
      await bench.within(all)
      traced = await bench.place.traceStop()
      return tally.rate
    })
    await connection.close()
    return { .../** @type {any} */ (traced), messages }
  })())
}

export default [
  receive({ name: 'heap-receive-0', title: 'heap per message received, QoS 0, 50 a frame', qos: 0 }),
  receive({ name: 'heap-receive-1', title: 'heap per message received, QoS 1, 50 a frame', qos: 1 }),
  publish({ name: 'heap-publish-0', title: 'heap per message published, QoS 0, a burst', qos: 0 }),
  publish({ name: 'heap-publish-1', title: 'heap per message published, QoS 1', qos: 1 }),
  collections,
  longest,
]
