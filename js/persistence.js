/**
 * Between what the core wants kept and the store that keeps it: hands changes on in order, waits for a slow store, and
 * decides what may stay in one that fails. Never throws nor rejects for a write; knows no MQTT: keys and values are the
 * core's own.
 */

import { MqttError } from './errors.js'

/**
 * A record to be put or, with null, to be deleted. The key '' deletes all records. Nobody changes a value afterwards.
 * @typedef {{ key: string, value: Uint8Array | null }} Change
 *
 * Where records are kept. It answers undefined when that is done, or promises it, and throws or rejects when it fails.
 * `load` takes the exclusive right to the session `name` and fails with code 52 where somebody else has it; `close`
 * gives it back. A store that has `write` gets all changes of a turn at once, '' first if at all; if what it has called
 * written turns out not to be, it calls `failed`. One that has `settled` promises there when what it has called written
 * outlives a crash too; it never rejects.
 * @typedef {{
 *   load(name: string): Iterable<[string, Uint8Array]> | PromiseLike<Iterable<[string, Uint8Array]>>,
 *   put(key: string, value: Uint8Array): void | PromiseLike<void>,
 *   delete(key: string): void | PromiseLike<void>,
 *   clear(): void | PromiseLike<void>,
 *   write?(changes: Change[], failed: (error: unknown) => void): void | PromiseLike<void>,
 *   settled?(): PromiseLike<void>,
 *   close?(): void | PromiseLike<void>,
 * }} Store
 */

const STORE_FAILED = 50
const STORE_IN_USE = 52

/** Milliseconds. A store that has not answered twice as long has failed. */
const PATIENCE = 2500

// What is still asked of the store: everything; deletions; nothing.
const WHOLE = 0
const DELETIONS = 1
const NOTHING = 2

/**
 * Adds changes to those that wait: the last word on a key counts.
 * @param {Map<string, Uint8Array | null>} waiting
 * @param {Change[]} changes
 */
export function merge(waiting, changes) {
  for (const { key, value } of changes) {
    if (key === '') waiting.clear()
    waiting.set(key, value)
  }
}

/** @param {any} answer @returns {answer is PromiseLike<any>} */
const isPromise = (answer) => answer != null && typeof answer.then === 'function'

export class Persistence {
  /**
   * @param {Store} store
   * @param {(error: MqttError) => void} warn told once, when the store fails
   * @param {Pick<import('./platform/contract.js').Platform, 'setTimer' | 'clearTimer'>} timers
   */
  constructor(store, warn, timers) {
    this._store = store
    this._warn = warn
    this._timers = timers
    this._asked = NOTHING
    this._held = false
    /** Given back before it was there. */
    this._closed = false
    /** What may be in the store. @type {Set<string>} */
    this._keys = new Set()
    /** @type {Map<string, Uint8Array | null>} */
    this._waiting = new Map()
    /** Ends with `load`. @type {Promise<any> | null} */
    this._loading = null
    /** Ends with what the store is writing. @type {Promise<any> | null} */
    this._writing = null
    /** Ends with what waits for that. @type {Promise<any> | null} */
    this._next = null
  }

  /**
   * The records of a session; none if the store fails, and then nothing more is asked of it.
   * @param {string} name
   * @returns {[string, Uint8Array][] | Promise<[string, Uint8Array][]>} at once where the store does it at once
   * @throws code 52, or rejects with it
   */
  load(name) {
    const loaded = (/** @type {Iterable<[string, Uint8Array]>} */ entries) => {
      if (this._closed) {
        this._release()
        return []
      }
      const records = [...entries]
      if (!records.every(([, value]) => ArrayBuffer.isView(value))) throw new TypeError('a record is not a Uint8Array')
      this._keys = new Set(records.map(([key]) => key))
      this._asked = WHOLE
      this._held = true
      return records
    }
    const failed = (/** @type {any} */ error) => {
      if (error && error.code === STORE_IN_USE) throw error instanceof MqttError ? error : new MqttError(STORE_IN_USE)
      this._release()
      this._tell(error)
      return []
    }
    this._closed = false
    try {
      const answer = this._store.load(name)
      if (!isPromise(answer)) return loaded(answer)
      const records = this._within(answer).then(loaded).catch(failed)
      const ended = () => void (this._loading = null)
      this._loading = records.then(ended, ended)
      return records
    } catch (error) {
      return failed(error)
    }
  }

  /** Does the store have everything? */
  get whole() {
    return this._asked === WHOLE
  }

  /**
   * Whoever sends what depends on the changes waits for the promise.
   * @param {Change[]} changes
   * @returns {Promise<any> | null} null when they are written or given up; a promise of that, which never rejects
   */
  write(changes) {
    merge(this._waiting, changes)
    if (this._writing === null) return this._begin() || this._settled()
    if (this._next === null) this._next = this._writing.then(() => this._begin() || this._settled())
    return this._next
  }

  /** @returns {Promise<any> | null} */
  _settled() {
    if (this._asked === NOTHING || !this._store.settled) return null
    // In a store that does not answer nothing more will be found.
    return this._within(this._store.settled()).catch(() => {})
  }

  /**
   * Gives the store back when what was asked before is done.
   * @returns {Promise<any> | null} never rejects
   */
  close() {
    this._closed = true
    if (!this._held) return this._loading
    this._held = false
    const end = () => {
      this._asked = NOTHING
      return this._release()
    }
    const last = this._next || this._writing
    return last === null ? end() : last.then(end)
  }

  /** @returns {Promise<any> | null} */
  _begin() {
    this._next = null
    const changes = Array.from(this._waiting, ([key, value]) => ({ key, value }))
    this._waiting = new Map()
    const done = this._hand(changes)
    this._writing =
      done &&
      done.then(() => {
        if (this._next === null) this._writing = null
      })
    return this._writing
  }

  /** @param {Change[]} changes @returns {Promise<any> | null} */
  _hand(changes) {
    const whole = this._store.write !== undefined
    // A store without `write` may do one thing while it does another, but nothing must overtake a clear.
    const after = !whole && changes.length > 0 && changes[0].key === '' ? changes.splice(1) : []
    /** @type {Promise<any>[]} */
    const answers = []
    for (const given of whole ? [changes] : changes.map((change) => [change])) {
      const group = this._possible(given)
      if (group.length === 0) continue
      const asked = this._asked
      const done = () => this._done(group)
      const failed = (/** @type {unknown} */ error) => void after.unshift(...this._failed(asked, group, error))
      try {
        const answer = this._ask(group, (error) => void this.write(this._failed(asked, group, error)))
        if (isPromise(answer)) answers.push(this._within(answer).then(done, failed))
        else done()
      } catch (error) {
        failed(error)
      }
    }
    const rest = () => (after.length > 0 ? this._hand(after) : null)
    return answers.length > 0 ? Promise.all(answers).then(rest) : rest()
  }

  /**
   * What may still be asked. After a failure no record is put; but one that would be replaced must go, as it is not true
   * any more: it would bring a message back after a restart.
   * @param {Change[]} changes
   * @returns {Change[]}
   */
  _possible(changes) {
    if (this._asked === WHOLE) return changes
    if (this._asked === NOTHING) return []
    return changes.filter(({ key }) => key === '' || this._keys.has(key)).map(({ key }) => ({ key, value: null }))
  }

  /** @param {Change[]} group of one change, unless the store has `write` @param {(error: unknown) => void} failed */
  _ask(group, failed) {
    const store = this._store
    if (store.write) return store.write(group, failed)
    const [{ key, value }] = group
    return key === '' ? store.clear() : value === null ? store.delete(key) : store.put(key, value)
  }

  /** @param {Change[]} group */
  _done(group) {
    for (const { key, value } of group) {
      if (key === '') this._keys.clear()
      else if (value === null) this._keys.delete(key)
      else this._keys.add(key)
    }
  }

  /**
   * @param {number} asked what was asked of the store when it was given the group
   * @param {Change[]} group
   * @param {unknown} error
   * @returns {Change[]} what is to be done once more, as deletions
   */
  _failed(asked, group, error) {
    if (asked !== WHOLE) {
      this._asked = NOTHING
      return []
    }
    if (this._asked === WHOLE) {
      this._asked = DELETIONS
      this._tell(error)
    }
    // Nobody knows how much of it was done.
    for (const { key } of group) this._keys.add(key)
    return group
  }

  /** @param {unknown} cause */
  _tell(cause) {
    const error = new MqttError(STORE_FAILED)
    error.cause = cause
    this._warn(error)
  }

  /**
   * What the store answers, in time. Of the two halves of its patience a page that was frozen loses only one.
   * @template T @param {PromiseLike<T>} answer @returns {Promise<T>}
   */
  _within(answer) {
    return new Promise((resolve, reject) => {
      const { setTimer, clearTimer } = this._timers
      let timer = setTimer(() => {
        timer = setTimer(() => reject(new Error('The store does not answer.')), PATIENCE)
      }, PATIENCE)
      const stop = () => clearTimer(timer)
      answer.then(resolve, reject)
      answer.then(stop, stop)
    })
  }

  /** @returns {Promise<any> | null} */
  _release() {
    try {
      const answer = this._store.close && this._store.close()
      // There is nothing that could be done about a store that does not close.
      return isPromise(answer) ? this._within(answer).catch(() => {}) : null
    } catch (_) {
      return null
    }
  }
}
