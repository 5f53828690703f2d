/**
 * A store in IndexedDB, for pages and workers: a database a session, and all changes of a turn in one transaction. Where
 * there is a localStorage, small changes stand there first, because it alone writes before the call returns: a page that
 * is closed loses nothing. But a page that crashes may lose what localStorage had taken, so that nothing is sent before
 * the database has it. Never gives a session to two pages.
 */

import { MqttError } from '../errors.js'
import { merge } from '../persistence.js'

/**
 * @typedef {import('../persistence.js').Change} Change
 *
 * What goes into one transaction: changes up to a number, records among them or deletions only.
 * @typedef {{
 *   changes: Map<string, Uint8Array | null>,
 *   put: boolean,
 *   sequence: number,
 *   failure: unknown,
 *   done: Promise<void>,
 * }} Group
 *
 * In the database: whose it is, and the number of the last changes with a record that it has.
 * @typedef {{ owner: string, sequence: number }} Mark
 */

const UNSUPPORTED = 10
const STORE_IN_USE = 52

const PREFIX = 'wasmqtt:'
const RECORDS = 'records'
/** The key of the mark: before those of all records. */
const MARK = '-'
/** Bytes of values: localStorage holds little, and the page waits for it. */
const JOURNAL_LIMIT = 64 * 1024
/** Milliseconds: the page before a reload may still have the lock. */
const LOCK_PATIENCE = 500

/** @implements {Required<import('../persistence.js').Store>} */
export class IndexedDBStore {
  constructor() {
    this._name = ''
    this._taken = false
    /** @type {IDBDatabase | null} */
    this._database = null
    /** @type {(() => Promise<void>) | null} */
    this._unlock = null
    this._owner = ''
    this._sequence = 0
    /** The first item of the journal that may be there. */
    this._first = 1
    /** What waits for the transaction before it. @type {Group | null} */
    this._group = null
    /** Ends with all that was asked before; never rejects. @type {Promise<any>} */
    this._last = Promise.resolve()
  }

  /** @param {string} name @returns {Promise<[string, Uint8Array][]>} */
  load(name) {
    if (this._taken) return Promise.reject(new MqttError(STORE_IN_USE))
    this._taken = true
    const loaded = this._last
      .then(() => this._load(PREFIX + name))
      .catch(async (error) => {
        await this._release()
        this._taken = false
        throw error
      })
    this._last = loaded.catch(() => {})
    return loaded
  }

  /** @param {string} key @param {Uint8Array} value */
  put(key, value) {
    return this.write([{ key, value }])
  }

  /** @param {string} key */
  delete(key) {
    return this.write([{ key, value: null }])
  }

  clear() {
    return this.write([{ key: '', value: null }])
  }

  /**
   * Without somebody to hear of a late failure nothing counts as written before the database has it.
   * @param {Change[]} changes
   * @param {(error: unknown) => void} [failed]
   * @returns {Promise<void> | undefined}
   */
  write(changes, failed) {
    const group = this._group || (this._group = this._open())
    merge(group.changes, changes)
    if (changes.some(({ value }) => value !== null)) group.put = true
    group.sequence = ++this._sequence
    if (failed === undefined || !writeItem(this._name, this._owner, group.sequence, changes)) return group.done
    group.done.catch(failed)
  }

  /** All that was asked before is in the database, or has failed. @returns {Promise<void>} */
  settled() {
    return this._last
  }

  /** Gives the session back when everything is written. @returns {Promise<void>} */
  close() {
    this._taken = false
    return (this._last = this._last.then(() => this._release()))
  }

  /** @param {string} name @returns {Promise<[string, Uint8Array][]>} */
  async _load(name) {
    this._unlock = await lock(name)
    const database = (this._database = await open(name))
    /** @type {Map<string, any>} */
    const records = new Map()
    /** @type {string[]} */
    let items = []
    await transact(database, (store, mark) => {
      const keys = store.getAllKeys()
      const values = store.getAll()
      values.onsuccess = () => {
        keys.result.forEach((key, i) => records.set(String(key), values.result[i]))
        records.delete(MARK)
        const journal = readItems(name, mark)
        items = journal.items
        for (const [key, value] of journal.changes) {
          if (key === '') records.clear()
          else if (value === null) records.delete(key)
          else records.set(key, value)
        }
        this._sequence = journal.sequence
        // The lock makes sure that the owner before is gone: its mark will do, and a full database can still be read.
        const kept = this._unlock !== null && mark !== undefined
        this._owner = kept ? mark.owner : Date.now().toString(36) + Math.random().toString(36).slice(2)
        apply(store, journal.changes, kept ? null : { owner: this._owner, sequence: this._sequence })
      }
    })
    for (const item of items) removeItem(item)
    this._name = name
    this._first = this._sequence + 1
    return [...records]
  }

  /** @returns {Group} */
  _open() {
    /** @type {Group} */
    const group = {
      changes: new Map(),
      put: false,
      sequence: 0,
      failure: null,
      done: this._last.then(() => this._commit(group)),
    }
    this._last = group.done.catch(() => {})
    return group
  }

  /** @param {Group} group */
  async _commit(group) {
    if (group.failure !== null) throw group.failure
    this._group = null
    try {
      if (this._database === null) throw new Error('The store is closed.')
      await transact(this._database, (store, mark) => {
        if (mark === undefined || mark.owner !== this._owner) throw new MqttError(STORE_IN_USE)
        // Deletions need no mark, as they may be done twice; and without it they need no room in a full database.
        apply(store, group.changes, group.put ? { owner: this._owner, sequence: group.sequence } : null)
      })
    } catch (error) {
      this._fail(error)
      throw error
    }
    while (this._first <= group.sequence) removeItem(itemKey(this._name, this._owner, this._first++))
  }

  /** What waits stands upon what failed, and fails with it. @param {unknown} error */
  _fail(error) {
    if (this._group !== null) this._group.failure = error
    this._group = null
  }

  /** @returns {Promise<void>} */
  async _release() {
    if (this._database !== null) this._database.close()
    this._database = null
    if (this._unlock !== null) await this._unlock()
    this._unlock = null
  }
}

/**
 * The exclusive right to a name, and how to give it back. Where there are no locks the mark alone has to do.
 * @param {string} name
 * @returns {Promise<(() => Promise<void>) | null>}
 */
function lock(name) {
  if (typeof navigator === 'undefined' || !navigator.locks) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), LOCK_PATIENCE)
    /** @type {Promise<any>} */
    const released = navigator.locks
      .request(name, { signal: patience.signal }, () => {
        clearTimeout(timer)
        return new Promise((/** @type {(value?: any) => void} */ release) =>
          resolve(() => {
            release()
            return released
          }),
        )
      })
      .catch((error) => reject(patience.signal.aborted ? new MqttError(STORE_IN_USE) : error))
  })
}

/** @param {string} name @returns {Promise<IDBDatabase>} */
function open(name) {
  return new Promise((resolve, reject) => {
    if (typeof indexedDB === 'undefined') throw new MqttError(UNSUPPORTED, ['IndexedDB'])
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      // Whoever deletes the database shall not wait for this page; what is written afterwards fails.
      database.onversionchange = () => database.close()
      resolve(database)
    }
  })
}

/**
 * One transaction, to its end.
 * @param {IDBDatabase} database
 * @param {(records: IDBObjectStore, mark: Mark | undefined) => void} act
 * @returns {Promise<void>}
 */
function transact(database, act) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'strict' })
    const records = transaction.objectStore(RECORDS)
    /** @type {unknown} */
    let failure = null
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(failure || transaction.error || new Error('The transaction was aborted.'))
    const mark = records.get(MARK)
    mark.onsuccess = () => {
      try {
        act(records, mark.result)
      } catch (error) {
        failure = error
        transaction.abort()
      }
    }
  })
}

/** @param {IDBObjectStore} records @param {Map<string, Uint8Array | null>} changes @param {Mark | null} mark */
function apply(records, changes, mark) {
  for (const [key, value] of changes) {
    if (key === '') records.delete(IDBKeyRange.lowerBound(MARK, true))
    else if (value === null) records.delete(key)
    // A view is stored with the whole of its buffer.
    else records.put(value.slice(), key)
  }
  if (mark !== null) records.put(mark, MARK)
}

/** @param {string} name @param {string} owner @param {number} sequence */
const itemKey = (name, owner, sequence) => `${name}:${owner}:${sequence}`

/**
 * @param {string} name
 * @param {string} owner
 * @param {number} sequence
 * @param {Change[]} changes
 * @returns {boolean} false where it cannot be
 */
function writeItem(name, owner, sequence, changes) {
  let size = 0
  for (const { value } of changes) size += value === null ? 0 : value.length
  if (size > JOURNAL_LIMIT) return false
  try {
    const item = JSON.stringify(changes.map(({ key, value }) => [key, value && toText(value)]))
    localStorage.setItem(itemKey(name, owner, sequence), item)
    return true
  } catch (_) {
    return false
  }
}

/** @param {string} key */
function removeItem(key) {
  try {
    localStorage.removeItem(key)
  } catch (_) {
    // What cannot be removed was never written.
  }
}

/**
 * What the journal has beyond the database, the keys of all its items in order, and where it goes on.
 * @param {string} name
 * @param {Mark | undefined} mark of the database
 */
function readItems(name, mark = { owner: '', sequence: 0 }) {
  /** @type {Map<string, Uint8Array | null>} */
  const changes = new Map()
  /** @type {{ key: string, owner: string, number: number }[]} */
  const items = []
  let sequence = mark.sequence
  try {
    for (const key of Object.keys(localStorage)) {
      const [, its, owner, number] = /^([^]*):(\w+):(\d+)$/.exec(key) || []
      if (its === name) items.push({ key, owner, number: Number(number) })
    }
    items.sort((a, b) => a.number - b.number)
    for (const { key, owner, number } of items) {
      // Other owners had lost the session when they wrote.
      if (owner !== mark.owner || number <= sequence) continue
      merge(changes, fromItem(localStorage.getItem(key) || ''))
      sequence = number
    }
  } catch (_) {
    // Without localStorage there is no journal.
  }
  return { changes, items: items.map(({ key }) => key), sequence }
}

/** The changes of an item; none of one that is damaged. @param {string} text @returns {Change[]} */
function fromItem(text) {
  try {
    return JSON.parse(text).map((/** @type {[string, string | null]} */ [key, value]) => ({
      key,
      value: value === null ? null : Uint8Array.from(atob(value), (one) => one.charCodeAt(0)),
    }))
  } catch (_) {
    return []
  }
}

/** Bytes as base64. @param {Uint8Array} bytes */
function toText(bytes) {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
