/**
 * The WebAssembly instance that the clients of one api object share: made at the first connect, replaced when it trapped.
 */

import { Core } from './core.js'

export class CoreHolder {
  /** @param {import('./platform/contract.js').Platform} platform */
  constructor(platform) {
    this.platform = platform
    /** @type {Core | null} */
    this.core = null
    /** @type {Promise<Core> | null} */
    this.loading = null
  }

  /** The core if it is there and sound. */
  get ready() {
    return this.core !== null && !this.core.retired ? this.core : null
  }

  /** The sentence for an error code of the core, or ''. @param {number} code */
  errorText(code) {
    return this.core === null ? '' : this.core.errorText(code)
  }

  /** The standard's name of a reason code, or ''. @param {number} reasonCode */
  reasonName(reasonCode) {
    return this.core === null ? '' : this.core.reasonName(reasonCode)
  }

  /** @param {{ wasmPath?: string }} options @param {(error: import('./errors.js').MqttError) => void} warn as for the platform @returns {Promise<Core>} */
  open(options, warn) {
    if (this.ready) return Promise.resolve(this.ready)
    if (this.loading === null) {
      this.loading = this.platform.loadCore(options, warn).then(
        (exports) => {
          this.loading = null
          return (this.core = new Core(exports, this.platform.report))
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
