// What wasmqtt must reach, as ratios of what one run has measured. It measures nothing.

/**
 * @typedef {(work: string, client: string) => number | undefined} Median of a work for a client, if there is one
 * @typedef {{ title: string, wanted: string, found: number | undefined, reached: boolean | undefined }} Verdict reached:
 *   undefined where a figure is missing
 */

/** By version of the protocol: our client, MQTT.js's. */
const versions = [
  { ours: 'wasmqtt-4', theirs: 'mqtt-4' },
  { ours: 'wasmqtt-5', theirs: 'mqtt-5' },
]

/** The worse of both versions. @param {(one: typeof versions[0]) => (number | undefined)} figure @param {boolean} more */
function worse(figure, more) {
  const figures = versions.map(figure)
  if (figures.some((one) => one === undefined || Number.isNaN(one))) return undefined
  return more ? Math.min(.../** @type {number[]} */ (figures)) : Math.max(.../** @type {number[]} */ (figures))
}

/** @param {number | undefined} a @param {number | undefined} b */
const ratio = (a, b) => (a === undefined || b === undefined ? undefined : a / b)

/** @param {Median} median @returns {Verdict[]} */
export function verdicts(median) {
  /** @type {Verdict[]} */
  const all = []
  const judge = (/** @type {string} */ title, /** @type {number | undefined} */ found, /** @type {number} */ limit, /** @type {boolean} */ more, unit = '×') => {
    const reached = found === undefined ? undefined : more ? found >= limit : found <= limit
    all.push({ title, wanted: `${more ? '≥' : '≤'} ${limit} ${unit}`, found, reached })
  }
  /** Ours to another's, more being better. */
  const atLeast = (/** @type {string} */ work, /** @type {string} */ title, /** @type {number} */ limit, /** @type {string} */ other, /** @type {string} */ named) =>
    judge(`${title}, to ${named}`, worse(({ ours, theirs }) => ratio(median(work, ours), median(work, other || theirs)), true), limit, true)

  const bare = ['bare', 'the bare socket']
  const mqtt = ['', 'MQTT.js']
  const paho = ['paho', 'Paho']
  const wanted = /** @type {[string, string, [number, string[]][]][]} */ ([
    ['receive-0-single', 'receive QoS 0, one a frame', [[0.95, bare]]],
    ['receive-0', 'receive QoS 0, 50 a frame', [[0.75, bare], [7, mqtt], [1.7, paho]]],
    ['receive-1', 'receive QoS 1', [[0.7, bare], [2, mqtt]]],
    ['publish-0-burst', 'publish QoS 0, bursts', [[0.8, bare], [1.3, mqtt], [15, paho]]],
    ['publish-1-10000', 'publish QoS 1, 10,000 in flight', [[5, mqtt], [40, paho]]],
    ['receive-256k', 'receive 256 KiB', [[0.9, bare]]],
    ['receive-4m', 'receive 4 MiB', [[0.9, bare]]],
    ['publish-256k', 'publish 256 KiB', [[0.9, bare]]],
    ['publish-4m', 'publish 4 MiB', [[0.9, bare]]],
    ['receive-1m-split', 'receive 1 MiB in 1,400-byte frames', [[20, paho]]],
  ])
  for (const [work, title, limits] of wanted) for (const [limit, [other, named]] of limits) atLeast(work, title, limit, other, named)

  // Cheaper it may become: with few in flight the round trip is the cost, for the bare socket too.
  const dearer = (/** @type {string} */ ours) => {
    const rates = [1, 100, 10_000, 60_000].map((inFlight) => median(`publish-1-${inFlight}`, ours) ?? NaN)
    return Math.max(...rates) / rates[3]
  }
  judge('publish QoS 1: 60,000 in flight to the cheapest of 1 to 60,000, cost', worse(({ ours }) => dearer(ours), false), 1.5, false)
  judge('1,400-byte frames: 1 MiB to 4 MiB, in MiB/s', worse(({ ours }) => ratio(median('receive-1m-split', ours), median('receive-4m-split', ours)), false), 1.3, false)
  judge('round trip, idle, median, to the bare socket', worse(({ ours }) => ratio(median('round-trip-idle-50', ours), median('round-trip-idle-50', 'bare')), false), 1.1, false)
  judge('heap per QoS 0 message received', worse(({ ours }) => median('heap-receive-0', ours), false), 400, false, 'bytes')
  judge('heap per QoS 0 message published', worse(({ ours }) => median('heap-publish-0', ours), false), 150, false, 'bytes')
  judge('10 handlers to 10,000, in messages/s', worse(({ ours }) => ratio(median('handlers-10', ours), median('handlers-10000', ours)), false), 2, false)
  judge('start, import to CONNACK, to MQTT.js', worse(({ ours, theirs }) => ratio(median('start', ours), median('start', theirs)), false), 0.5, false)
  judge('retained per further idle client', worse(({ ours }) => median('retained-each', ours), false), 20, false, 'kB')
  return all
}

/** @param {import('./sizes.mjs').Size[]} sizes @returns {Verdict[]} */
export function sizeVerdicts(sizes) {
  const judge = (/** @type {string} */ title, /** @type {string} */ label, /** @type {string} */ part, /** @type {'gzip' | 'brotli'} */ how, /** @type {number} */ limit) => {
    const size = sizes.find((one) => one.label === label && one.part === part)
    const found = size && size[how] / 1000
    return { title, wanted: `≤ ${limit} kB`, found, reached: found === undefined ? undefined : found <= limit }
  }
  return [
    judge('web entry, everything included, brotli', 'wasmqtt, one file', 'all', 'brotli', 24),
    judge('wasm alone, brotli', 'wasmqtt/slim', 'wasm', 'brotli', 16),
    judge('WeChat package without fallback, as shipped (gzip, wasm as .br)', 'wasmqtt, WeChat package', 'all', 'gzip', 48),
  ]
}
