// For tests of the store over a mini-program's key-value storage: a strict stand-in of that storage, what the next process
// finds in it, and turns of changes from a seed, so that a failure comes again. Decides nothing about what is right.

import assert from 'node:assert/strict'
import { StorageStore } from '../../js/stores/storage.js'

export const NAME = 'me@wss://host/a:1'
export const PREFIX = `wasmqtt:${NAME}:`

/** @typedef {import('../../js/persistence.js').Change} Change */
/** @typedef {Map<string, Uint8Array>} Records */

/** A host's storage with the limits of the strictest one. */
export class Storage {
  /** @type {string[]} */
  calls = []
  /** What a program that is killed after one of the calls leaves. @type {Map<string, string>[]} */
  snapshots = []
  limit = 10 * 1024 * 1024
  /** Does this call fail? @param {string} _what @param {number} _count of the call */
  fails = (_what, _count) => false
  /** What fails is done all the same. */
  late = false

  /** @param {Map<string, string>} [texts] */
  constructor(texts = new Map()) {
    this.texts = texts
  }

  get size() {
    return [...this.texts].reduce((sum, [key, text]) => sum + key.length + text.length, 0)
  }

  /** Like WeChat: '' is what is missing. @param {string} key */
  get(key) {
    return this.texts.get(key) ?? ''
  }

  keys() {
    return [...this.texts.keys()].reverse()
  }

  /** @param {string} key @param {string} text */
  set(key, text) {
    assert.equal(typeof text, 'string')
    assert.ok(JSON.stringify(text).replaceAll('/', '\\/').length < 200 * 1024)
    this.#operate('set', () => {
      const old = this.texts.get(key)
      const size = this.size + text.length + (old === undefined ? key.length : -old.length)
      if (size > this.limit) throw new Error('setStorageSync:fail exceed the maximum size')
      this.texts.set(key, text)
    })
  }

  /** @param {string} key */
  remove(key) {
    this.#operate('remove', () => this.texts.delete(key))
  }

  /** @param {string} what @param {() => void} act */
  #operate(what, act) {
    this.calls.push(what)
    const fails = this.fails(what, this.calls.length)
    if (!fails || this.late) act()
    this.snapshots.push(new Map(this.texts))
    if (fails) throw new Error(`no ${what}`)
  }
}

/**
 * What the next process finds, under another name, since this one is not really dead.
 * @param {Map<string, string>} texts
 * @returns {Records}
 */
export function found(texts) {
  const copy = new Map()
  for (const [key, text] of texts) if (key.startsWith(PREFIX)) copy.set(`wasmqtt:next:${key.slice(PREFIX.length)}`, text)
  const store = new StorageStore(new Storage(copy))
  const records = new Map(store.load('next'))
  store.close()
  return records
}

/** The keys of what it finds. @param {Storage} storage */
export const foundKeys = (storage) => [...found(storage.texts).keys()].sort().join()

/**
 * A process with a store that is loaded, for as long as `use` takes.
 * @param {(storage: Storage, store: StorageStore) => void} use
 */
export function using(use, storage = new Storage()) {
  const store = new StorageStore(storage)
  store.load(NAME)
  try {
    use(storage, store)
  } finally {
    store.close()
  }
}

/** Bytes that look random, of this length; two are alike only with the same stamp. */
function value(length, stamp) {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (stamp = (stamp * 48271 + 11) % 2147483647)
  return bytes
}

export const put = (key, length, stamp = 1) => ({ key, value: value(length, stamp) })
export const gone = (/** @type {string} */ key) => ({ key, value: null })
export const everything = gone('')

/** @param {Records} a @param {Records} b */
export const same = (a, b) =>
  a.size === b.size && [...a].every(([key, bytes]) => b.has(key) && Buffer.compare(bytes, b.get(key)) === 0)

/** Numbers from 0 to `below`, the same in each run. @param {number} seed */
export function generator(seed) {
  let state = seed * 7919 + 1
  return (/** @type {number} */ below) => (state = (state * 48271) % 2147483647) % below
}

/**
 * A turn such as nobody would think of.
 * @param {(below: number) => number} random @param {Records} truth @param {number[]} sizes
 * @returns {Change[]}
 */
function turnOf(random, truth, sizes) {
  const keys = [...truth.keys()]
  const changes = random(25) === 0 ? [everything] : []
  switch (random(6)) {
    case 0:
      return [...changes, ...keys.filter(() => random(3) === 0).map(gone)]
    case 1:
      return [...changes, ...Array.from({ length: random(50) }, (_, n) => put(`t${n}`, random(12), random(1e6)))]
    case 2:
      return [...changes, ...keys.filter((key) => key[0] === 't').map(gone)]
    default:
      for (let n = random(4); n >= 0; n--) {
        const old = keys.length > 0 && random(2) === 0
        changes.push(old ? gone(keys[random(keys.length)]) : put(`m${random(30)}`, sizes[random(sizes.length)], random(1e6)))
      }
      return changes
  }
}

/**
 * A turn after another, with what is true before and after it.
 * @param {(below: number) => number} random @param {number[]} sizes @param {Records} before
 */
export function turnAfter(before, random, sizes) {
  const changes = turnOf(random, before, sizes)
  const truth = new Map(before)
  for (const { key, value } of changes) {
    if (key === '') truth.clear()
    else if (value === null) truth.delete(key)
    else truth.set(key, value)
  }
  return { changes, before, truth }
}

/** @param {number} seed @param {number[]} sizes @param {number} length */
export function scheduleOf(seed, sizes, length) {
  const random = generator(seed)
  /** @type {Records} */
  let truth = new Map()
  return Array.from({ length }, () => {
    const turn = turnAfter(truth, random, sizes)
    truth = turn.truth
    return turn
  })
}
