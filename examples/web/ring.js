// The messages that are kept: a ring bounded in number and in bytes, frozen copies of it, and the search through it.
// It never decodes a payload and knows no page.

import { contains, needleOf } from './payload.js'

const CAPACITY = 20_000
/** Large payloads fill a browser's memory long before twenty thousand of them have come. */
const MOST_BYTES = 64 * 1024 * 1024
/** How long one step of the search may take, in milliseconds: a frame has 16. */
const STEP = 4

/**
 * @typedef {{
 *   number: number, at: number, message: any, size: number, colour: number,
 *   preview: { text: string, isText: boolean } | null,
 * }} Row at: milliseconds since 1970; size: bytes; preview: made when the row is seen first
 */
/** @typedef {{ readonly first: number, readonly next: number, get(number: number): Row }} Rows */

export class Ring {
  constructor(capacity = CAPACITY, mostBytes = MOST_BYTES) {
    this.capacity = capacity
    this.mostBytes = mostBytes
    /** @type {Row[]} */ this.slots = []
    this.bytes = 0
    /** The number of the oldest row that is kept. */
    this.first = 0
    /** The number that the next row gets, which is how many have come. */
    this.next = 0
  }

  clear() {
    this.slots = []
    this.bytes = this.first = this.next = 0
  }

  /**
   * @param {any} message
   * @param {number} colour
   */
  push(message, colour) {
    const size = message.payloadBytes.length
    if (this.next - this.first === this.capacity) this.dropFirst()
    const row = { number: this.next, at: Date.now(), message, size, colour, preview: null }
    this.slots[this.next++ % this.capacity] = row
    this.bytes += size
    while (this.bytes > this.mostBytes && this.next - this.first > 1) this.dropFirst()
  }

  dropFirst() {
    this.bytes -= this.get(this.first).size
    // Emptied, or a few large payloads would stay until the ring comes round.
    this.slots[this.first++ % this.capacity] = /** @type {any} */ (undefined)
  }

  /** @param {number} number */
  get(number) {
    return this.slots[number % this.capacity]
  }

  /** The rows as they are now, whatever comes. @returns {Rows} */
  freeze() {
    const { first, next } = this
    const rows = Array.from({ length: next - first }, (_, n) => this.get(first + n))
    return { first, next, get: (number) => rows[number - first] }
  }
}

/** All rows, or those with some text in topic or payload, found a few milliseconds at a time. */
export class Selection {
  /**
   * @param {Rows} rows
   * @param {string} text
   */
  constructor(rows, text) {
    this.rows = rows
    this.text = text.toLowerCase()
    this.needle = needleOf(text)
    this.at = rows.first
    /** @type {number[]} */ this.found = []
    /** Of `found`, how many the ring has dropped since. */
    this.gone = 0
  }

  /** Looks at what is new. @returns {boolean} all has been looked at */
  advance() {
    const { rows } = this
    if (this.text === '') return true
    while (this.gone < this.found.length && this.found[this.gone] < rows.first) this.gone++
    // Seldom, because what stays has to be moved.
    if (this.gone > 4096) {
      this.found.splice(0, this.gone)
      this.gone = 0
    }
    if (this.at < rows.first) this.at = rows.first
    const until = performance.now() + STEP
    while (this.at < rows.next) {
      const row = rows.get(this.at)
      if (row.message.topic.toLowerCase().includes(this.text) || contains(row.message.payloadBytes, this.needle)) this.found.push(this.at)
      // The clock costs more than a short payload.
      if ((++this.at & 63) === 0 && performance.now() > until) return false
    }
    return true
  }

  get length() {
    return this.text === '' ? this.rows.next - this.rows.first : this.found.length - this.gone
  }

  /** @param {number} index @returns {Row} */
  row(index) {
    return this.rows.get(this.text === '' ? this.rows.first + index : this.found[this.gone + index])
  }

  /** Where a row stands now, or -1. @param {Row} row */
  indexOf(row) {
    if (row.number < this.rows.first || row.number >= this.rows.next || this.rows.get(row.number) !== row) return -1
    if (this.text === '') return row.number - this.rows.first
    const index = this.found.indexOf(row.number, this.gone)
    return index < 0 ? -1 : index - this.gone
  }
}
