/**
 * A store in the key-value storage of a mini-program's host, which is synchronous, takes text only, little by the key, and
 * milliseconds by the call: a turn is one call as a rule. What is written is there before `write` returns, and a program
 * that is killed between any two calls leaves each turn whole or not at all. Never touches a key that is not the session's.
 *
 * A session is a row of segments, of which the newer overrule the older. A segment is a text, `[m7:AQID,r1:,m5]`: the
 * records m7 and r1 in base64, and that m5 is deleted. It stands in the key `wasmqtt:<name>:<number>`, and in those of the
 * next numbers where it is long. Only its beginning is '[', and what is behind ']' does not count: a segment that lacks a
 * part is none, and one that is given a short text in its first key has it at once.
 *
 * A turn goes into the newest segment while that is short, else it begins a new one. The others stay as they are; one goes
 * when it is the oldest and none of its records counts any more, so that nothing older comes back without it. Where too
 * much in the storage does not count, the records of the oldest that do are written to the newest.
 */

import { fromBase64, toBase64 } from '../base64.js'
import { MqttError } from '../errors.js'

/**
 * A record as ':' and base64, or '' where it is deleted, by its key.
 * @typedef {Map<string, string>} Entries
 *
 * `entries` are what counts: a record that a newer segment overrules is '' here, whatever the storage has. `length` is that
 * of the text in the storage.
 * @typedef {{ first: number, parts: number, length: number, entries: Entries }} Segment
 *
 * @typedef {import('../persistence.js').Change} Change
 * @typedef {import('../platform/contract.js').KeyValue} KeyValue
 */

const STORE_IN_USE = 52

/** Characters in a key: Alipay takes 200 KB, and may count an escaped form. */
const PART = 180000
/** Characters that are written once more with a turn, rather than begin another key. */
const SHORT = 4096
/** Characters that a key costs beside its text. */
const KEY = 1024
/** Characters that may stand there without need, besides as many as the records have. */
const SLACK = 65536

/** Sessions in use. A mini-program is one JavaScript context: this is what Web Locks are to pages. @type {Set<string>} */
const taken = new Set()

/** @implements {Omit<Required<import('../persistence.js').Store>, 'settled'>} */
export class StorageStore {
  /** @param {KeyValue} storage */
  constructor(storage) {
    this._storage = storage
    this._name = ''
    /** @type {Log | null} */
    this._log = null
  }

  /** @param {string} name @returns {[string, Uint8Array][]} no bytes where a record is damaged */
  load(name) {
    if (this._log !== null || taken.has(name)) throw new MqttError(STORE_IN_USE)
    const log = new Log(this._storage, `wasmqtt:${name}:`)
    taken.add(name)
    this._name = name
    this._log = log
    return log.records()
  }

  /** @param {string} key @param {Uint8Array} value */
  put(key, value) {
    this.write([{ key, value }])
  }

  /** @param {string} key */
  delete(key) {
    this.write([{ key, value: null }])
  }

  clear() {
    this.write([{ key: '', value: null }])
  }

  /** @param {Change[]} changes */
  write(changes) {
    /** @type {Log} */ (this._log).write(changes)
  }

  close() {
    if (this._log !== null) taken.delete(this._name)
    this._log = null
  }
}

class Log {
  /** @param {KeyValue} storage @param {string} prefix of its keys */
  constructor(storage, prefix) {
    this._storage = storage
    this._prefix = prefix
    /** Oldest first. @type {Segment[]} */
    this._segments = []
    /** A write has failed, and whoever asked for it knows. */
    this._failed = false
    const numbers = storage
      .keys()
      .map((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : ''))
      .filter((number) => /^[1-9]\d{0,14}$/.test(number))
      .map(Number)
      .sort((a, b) => a - b)
    let text = ''
    let segment = empty(0)
    for (const number of numbers) {
      const part = String(storage.get(prefix + number))
      if (part[0] === '[' || number !== segment.first + segment.parts) {
        segment = empty(number)
        text = ''
        this._segments.push(segment)
      }
      text += part
      segment.parts++
      segment.length = text.length
      if (part.includes(']')) this._hold(this._segments.slice(0, -1), segment, entriesOf(text))
    }
  }

  /** @returns {[string, Uint8Array][]} */
  records() {
    /** @type {[string, Uint8Array][]} */
    const records = []
    for (const { entries } of this._segments) {
      for (const [key, text] of entries) if (text) records.push([key, fromBase64(text.slice(1)) || new Uint8Array(0)])
    }
    return records
  }

  /**
   * A deletion needs room for its key, unless the record is in the newest segment. Where there is none it fails. Asked for
   * again, it is done by removing the record's segment and all before it: the program has been told by then that messages
   * are in memory only, and to forget one is better than to send one again that has arrived.
   * @param {Change[]} changes with keys of letters and digits
   */
  write(changes) {
    const entries = this._entries(changes)
    try {
      this._add(entries)
    } catch (error) {
      if (!this._failed || [...entries.values()].some(Boolean)) {
        this._failed = true
        throw error
      }
      for (const key of entries.keys()) while (this._segments.some((segment) => segment.entries.get(key))) this._drop()
    }
    this._tidy()
  }

  /** The last word on each key. @param {Change[]} changes */
  _entries(changes) {
    /** @type {Entries} */
    const all = new Map()
    for (const { key, value } of changes) {
      if (key === '') for (const { entries } of this._segments) for (const each of entries.keys()) all.set(each, '')
      else all.set(key, value === null ? '' : ':' + toBase64(value))
    }
    return all
  }

  /** All of it or, with an error, nothing. @param {Entries} added */
  _add(added) {
    let older = this._segments.slice(0, -1)
    const newest = this._segments[older.length]
    let segment = newest || empty(1)
    let entries = merged(older, segment.entries, added)
    if (newest && textOf(entries).length > SHORT) {
      older = this._segments
      segment = empty(newest.first + newest.parts)
      entries = merged(older, segment.entries, added)
    }
    try {
      this._set(segment, textOf(entries))
    } catch (error) {
      // Nobody knows how much of it was done.
      this._set(segment, textOf(segment.entries))
      throw error
    }
    this._hold(older, segment, entries)
  }

  /**
   * The newest segment has these entries, and nothing older counts for their keys.
   * @param {Segment[]} older @param {Segment} segment @param {Entries} entries
   */
  _hold(older, segment, entries) {
    for (const { entries: old } of older) for (const key of entries.keys()) if (old.has(key)) old.set(key, '')
    segment.entries = entries
    this._segments = segment.parts > 0 ? [...older, segment] : older
  }

  /** Removes what does not count, as far as there is need and room. */
  _tidy() {
    try {
      for (let n = this._segments.length; n >= 0; n--) {
        while (this._segments.length > 0 && live(this._segments[0]) === 0) this._drop()
        let excess = -SLACK
        for (const segment of this._segments) excess += segment.length + KEY * segment.parts - 2 * live(segment)
        if (excess <= 0) return
        this._add(new Map([...this._segments[0].entries].filter(([, text]) => text)))
      }
    } catch (_) {
      // All that is there is true, and the next turn tries again.
    }
  }

  /** Removes the oldest segment. */
  _drop() {
    this._set(this._segments[0], '')
    this._segments.shift()
  }

  /** One call decides: the last one of a text that is long, else the first. @param {Segment} segment @param {string} text */
  _set(segment, text) {
    const { first, parts: before } = segment
    const parts = Math.ceil(text.length / PART)
    // Until it is done any of them may be there.
    segment.parts = Math.max(before, parts)
    for (let n = 0; n < parts; n++) this._storage.set(this._prefix + (first + n), text.slice(n * PART, (n + 1) * PART))
    for (let n = parts; n < before; n++) this._storage.remove(this._prefix + (first + n))
    segment.parts = parts
    segment.length = text.length
  }
}

/** @param {number} first @returns {Segment} */
const empty = (first) => ({ first, parts: 0, length: 0, entries: new Map() })

/** Characters of the records that count. @param {Segment} segment */
function live({ entries }) {
  let sum = 0
  for (const [key, text] of entries) if (text) sum += key.length + text.length + 1
  return sum
}

/**
 * What a segment has with what is added. A deletion needs no entry where no older segment has the key.
 * @param {Segment[]} older @param {Entries} entries @param {Entries} added
 */
function merged(older, entries, added) {
  const all = new Map([...entries, ...added])
  for (const [key, text] of all) if (!text && !older.some((segment) => segment.entries.has(key))) all.delete(key)
  return all
}

/** @param {Entries} entries */
const textOf = (entries) => (entries.size > 0 ? `[${Array.from(entries, ([key, text]) => key + text)}]` : '')

/** None of what is no segment. @param {string} text @returns {Entries} */
function entriesOf(text) {
  const end = text.indexOf(']')
  const parts = text[0] === '[' && end > 0 ? text.slice(1, end).split(',') : []
  return new Map(parts.map((part) => {
    const [key] = part.split(':')
    return [key, part.slice(key.length)]
  }))
}
