// How much goes in and out, and how long a round trip takes: a minute of seconds. It counts what it is told; it sends
// nothing and draws nothing.

export const SECONDS = 60
/** Round trips that a second keeps: more would not change its median. */
const KEPT = 256
/** Seconds that the numbers in words are of. */
const RECENT = 10

/** @typedef {{ in: number, out: number, trips: number[], seen: number, p50: number }} Second p50: milliseconds, or NaN */

export class Meter {
  /** @param {number} now in milliseconds */
  constructor(now) {
    /** The whole minute, the oldest first. @type {Second[]} */
    this.seconds = Array.from({ length: SECONDS }, empty)
    this.current = empty()
    this.began = now
  }

  received() {
    this.current.in++
  }

  sent() {
    this.current.out++
  }

  /** @param {number} ms */
  trip(ms) {
    const { current } = this
    current.seen++
    if (current.trips.length < KEPT) current.trips.push(ms)
    else {
      // Each of the second's round trips stays with the same chance.
      const at = Math.floor(Math.random() * current.seen)
      if (at < KEPT) current.trips[at] = ms
    }
  }

  /** Closes the seconds that have passed: more than one, where the browser kept the page asleep. @param {number} now */
  advance(now) {
    const passed = Math.floor((now - this.began) / 1000)
    if (passed <= 0) return
    this.began += passed * 1000
    this.current.p50 = percentile(this.current.trips, 0.5)
    this.seconds.push(this.current, ...Array.from({ length: Math.min(passed - 1, SECONDS) }, empty))
    this.seconds.splice(0, this.seconds.length - SECONDS)
    this.current = empty()
  }

  /** The last whole second. */
  get last() {
    return this.seconds[SECONDS - 1]
  }

  /** Of the round trips of late. @param {number} part 0.5 for the median @returns {number} milliseconds, or NaN */
  recent(part) {
    return percentile([...this.seconds.slice(-RECENT), this.current].flatMap((second) => second.trips), part)
  }
}

/** @returns {Second} */
const empty = () => ({ in: 0, out: 0, trips: [], seen: 0, p50: NaN })

/** @param {number[]} values @param {number} part */
function percentile(values, part) {
  if (values.length === 0) return NaN
  const sorted = values.slice().sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}
