/**
 * A store in the key-value storage of a mini-program's host, which is synchronous, takes text only, little by the key, and
 * milliseconds by the call. A turn of changes is one call to it in the usual case. What is written is there before the call
 * returns, and a program that is killed between any two calls leaves each turn whole or not at all. Never touches keys of
 * the program's own.
 *
 * The records stand in a row of segments. One is the text `[m7:AQID,r1:,m5]`: m7 and r1 with their values in base64; the m5
 * of an older segment does not count any more. It is one key, `wasmqtt:<name>:<number>`, and the numbers behind it where
 * it is long. Only its beginning is '[', and what stands behind ']' does not count: a segment without one of its parts is
 * none, and one that gets a short text in its first key has it at once.
 *
 * The newest segment is written anew with each turn while it is short. Any other is as it was written until it goes, the
 * oldest first, because it may hide records of older ones. It can go when it has no record that counts, and it is copied
 * to the newest when too much stands there that does not count.
 */

import { fromBase64, toBase64 } from '../base64.js'
import { MqttError } from '../errors.js'

/**
 * `entries` have what counts by its key: `m7:AQID`, or `m5` where something older may still be there. `size` is of its text
 * in the storage, `live` of the records in it, in characters.
 * @typedef {{ first: number, parts: number, size: number, live: number, entries: Map<string, string> }} Segment
 */

const STORE_IN_USE = 52

const PREFIX = 'wasmqtt:'
/** Characters of a key's text: Alipay takes 200 KB, and may count an escaped form. */
const PART = 180000
/** Characters that are written again and again rather than put into one more key. */
const SHORT = 4096
/** Characters that may stand there in vain, beside as many as count. */
const SLACK = 65536

/** The sessions in use. A mini-program is one JavaScript context: this is what Web Locks are to pages. @type {Set<string>} */
const taken = new Set()

/** @implements {Omit<Required<import('../persistence.js').Store>, 'settled'>} */
export class StorageStore {
  /** @param {import('../platform/contract.js').KeyValue} storage */
  constructor(storage) {
    this._storage = storage
    /** Of the session's keys; '' when it is closed. */
    this._prefix = ''
    /** Oldest first. @type {Segment[]} */
    this._segments = []
    /** Where the record of a key is. @type {Map<string, Segment>} */
    this._homes = new Map()
    /** A number that no key had since the session was loaded. */
    this._next = 1
    /** Somebody was told that nothing is kept any more. */
    this._failed = false
  }

  /** @param {string} name @returns {[string, Uint8Array][]} empty bytes where a record is damaged */
  load(name) {
    const prefix = PREFIX + name + ':'
    if (this._prefix !== '' || taken.has(prefix)) throw new MqttError(STORE_IN_USE)
    this._segments = []
    this._homes = new Map()
    this._next = 1
    this._failed = false
    for (const { first, texts } of found(this._storage, prefix)) {
      const text = texts.join('')
      const entries = entriesOf(text)
      const segment = { first, parts: texts.length, size: text.length, live: 0, entries }
      this._segments.push(segment)
      this._hold(segment, entries, entries)
      this._next = first + texts.length
    }
    this._prefix = prefix
    taken.add(prefix)
    this._tidy()
    return Array.from(this._homes, ([key, { entries }]) => {
      const text = /** @type {string} */ (entries.get(key))
      return [key, fromBase64(text.slice(key.length + 1)) || new Uint8Array(0)]
    })
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

  /**
   * A deletion may need room where it hides a record. When it fails, and is asked for once more, the record goes with all
   * that is older: nothing is promised by then, and to forget a message is better than to send one that is done.
   * @param {import('../persistence.js').Change[]} changes keys have no comma, colon or bracket
   */
  write(changes) {
    const entries = this._entries(changes)
    if (entries.size === 0) return
    try {
      this._add(entries)
    } catch (error) {
      if (!this._failed || [...entries].some(isRecord)) {
        this._failed = true
        throw error
      }
      for (const key of entries.keys()) while (this._homes.has(key)) this._drop()
    }
    this._tidy()
  }

  close() {
    taken.delete(this._prefix)
    this._prefix = ''
  }

  /** Changes as entries, the last word on each key; without deletions of what is not there. @param {import('../persistence.js').Change[]} changes */
  _entries(changes) {
    /** @type {Map<string, string>} */
    const entries = new Map()
    for (const { key, value } of changes) {
      if (key === '') {
        entries.clear()
        for (const each of this._homes.keys()) entries.set(each, each)
      } else if (value !== null) entries.set(key, key + ':' + toBase64(value))
      else if (this._homes.has(key)) entries.set(key, key)
      else entries.delete(key)
    }
    return entries
  }

  /** All of them, or none and an error. @param {Map<string, string>} changes */
  _add(changes) {
    let older = this._segments.slice(0, -1)
    let segment = this._segments[older.length] || empty(this._next)
    let entries = merged(segment.entries, changes, older)
    if (textOf(entries).length > SHORT) {
      older = this._segments
      segment = empty(this._next)
      entries = merged(segment.entries, changes, older)
    }
    try {
      this._set(segment, textOf(entries))
    } catch (error) {
      // Nobody knows how much of it was done.
      this._set(segment, textOf(segment.entries))
      throw error
    }
    this._segments = [...older, segment]
    this._hold(segment, entries, changes)
  }

  /**
   * The newest segment has other entries now, by these changes.
   * @param {Segment} segment @param {Map<string, string>} entries @param {Map<string, string>} changes
   */
  _hold(segment, entries, changes) {
    for (const change of changes) {
      const [key] = change
      const home = this._homes.get(key)
      if (home !== undefined && home !== segment) {
        home.live -= /** @type {string} */ (home.entries.get(key)).length
        home.entries.set(key, key)
      }
      if (isRecord(change)) this._homes.set(key, segment)
      else this._homes.delete(key)
    }
    segment.entries = entries
    segment.live = 0
    for (const entry of entries) if (isRecord(entry)) segment.live += entry[1].length
  }

  /** Removes what does not count, as far as there are room and need for it. What fails is tried again with the next turn. */
  _tidy() {
    const sum = (/** @type {'size' | 'live'} */ what) => this._segments.reduce((all, segment) => all + segment[what], 0)
    const trim = () => {
      while (this._segments.length > 0 && this._segments[0].live === 0) this._drop()
    }
    try {
      trim()
      while (sum('size') > 2 * sum('live') + SLACK) {
        this._add(new Map([...this._segments[0].entries].filter(isRecord)))
        trim()
      }
    } catch (_) {
      // There is more than it needs in the storage, and all of it is true.
    }
  }

  /** Removes the oldest segment with everything in it. */
  _drop() {
    const [oldest] = this._segments
    this._set(oldest, '')
    this._segments.shift()
    for (const key of oldest.entries.keys()) if (this._homes.get(key) === oldest) this._homes.delete(key)
  }

  /** The first part counts: with it a segment is gone, or has its short text. @param {Segment} segment @param {string} text */
  _set(segment, text) {
    const { first, parts: before } = segment
    const parts = Math.ceil(text.length / PART)
    this._next = Math.max(this._next, first + parts)
    // Also if it fails on the way.
    segment.parts = Math.max(before, parts)
    for (let n = 0; n < parts; n++) this._storage.set(this._prefix + (first + n), text.slice(n * PART, (n + 1) * PART))
    for (let n = parts; n < before; n++) this._storage.remove(this._prefix + (first + n))
    segment.parts = parts
    segment.size = text.length
  }
}

/** @param {number} first @returns {Segment} */
const empty = (first) => ({ first, parts: 0, size: 0, live: 0, entries: new Map() })

/** Not a deletion. @param {[string, string]} entry */
const isRecord = ([key, text]) => text !== key

/**
 * What a segment has after changes. Deletions that hide nothing are left out.
 * @param {Map<string, string>} entries @param {Map<string, string>} changes @param {Segment[]} older
 */
function merged(entries, changes, older) {
  const all = new Map([...entries, ...changes])
  for (const entry of all) {
    const [key] = entry
    if (!isRecord(entry) && !older.some((segment) => segment.entries.has(key))) all.delete(key)
  }
  return all
}

/** @param {Map<string, string>} entries */
const textOf = (entries) => (entries.size === 0 ? '' : `[${[...entries.values()].join()}]`)

/** None of what is no segment. @param {string} text @returns {Map<string, string>} */
function entriesOf(text) {
  const end = text.indexOf(']')
  const entries = text[0] === '[' && end > 0 ? text.slice(1, end).split(',') : []
  return new Map(entries.map((entry) => [entry.split(':')[0], entry]))
}

/**
 * The texts of a session, those that may be of one segment together.
 * @param {import('../platform/contract.js').KeyValue} storage
 * @param {string} prefix
 */
function found(storage, prefix) {
  const numbers = storage
    .keys()
    .filter((key) => key.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(key.slice(prefix.length)))
    .map((key) => Number(key.slice(prefix.length)))
    .sort((a, b) => a - b)
  /** @type {{ first: number, texts: string[] }[]} */
  const all = []
  for (const number of numbers) {
    const text = String(storage.get(prefix + number))
    const last = all[all.length - 1]
    if (last && text[0] !== '[' && number === last.first + last.texts.length) last.texts.push(text)
    else all.push({ first: number, texts: [text] })
  }
  return all
}
