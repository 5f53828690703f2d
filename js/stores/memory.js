/**
 * A store in memory, for one client: what it holds lives as long as the object does, so that the next client of the
 * same program can go on. Never writes anything to the device.
 */

import { MqttError } from '../errors.js'

const STORE_IN_USE = 52

/** @implements {Omit<Required<import('../persistence.js').Store>, 'write' | 'settled'>} */
export class MemoryStore {
  constructor() {
    /** @type {Map<string, Uint8Array>} */
    this._records = new Map()
    this._taken = false
  }

  load() {
    if (this._taken) throw new MqttError(STORE_IN_USE)
    this._taken = true
    return [...this._records]
  }

  /** @param {string} key @param {Uint8Array} value */
  put(key, value) {
    this._records.set(key, value)
  }

  /** @param {string} key */
  delete(key) {
    this._records.delete(key)
  }

  clear() {
    this._records.clear()
  }

  close() {
    this._taken = false
  }
}
