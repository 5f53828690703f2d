/**
 * The WebAssembly instance that the clients of one api object share: made at the first connect, replaced when it trapped.
 */

import { Core } from './core.js'

export class CoreHolder {
  /** @param {() => Promise<any>} load gives the exports of a new instance */
  constructor(load) {
    this.load = load
    /** @type {Core | null} */
    this.core = null
    /** @type {Promise<Core> | null} */
    this.loading = null
  }

  /** The core if it is there and sound. */
  get ready() {
    return this.core !== null && !this.core.retired ? this.core : null
  }

  /** @returns {Promise<Core>} */
  open() {
    if (this.ready) return Promise.resolve(this.ready)
    if (this.loading === null) {
      this.loading = this.load().then(
        (exports) => {
          this.loading = null
          return (this.core = new Core(exports))
        },
        (error) => {
          this.loading = null
          throw error
        },
      )
    }
    return this.loading
  }
}
