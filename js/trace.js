/**
 * Paho's trace: a callback for each line, and a log of the last hundred. Passwords and payloads never enter it.
 */

const KEPT = 100

export class Trace {
  constructor() {
    /** @type {((line: { severity: string, message: string }) => void) | null} */
    this.callback = null
    /** @type {string[] | null} */
    this.lines = null
  }

  start() {
    if (this.lines === null) this.lines = []
  }

  stop() {
    this.lines = null
  }

  /** Is anybody reading? Ask before a line is put together. */
  get active() {
    return this.callback !== null || this.lines !== null
  }

  /** @param {string} message @returns {any} what the callback gave */
  write(message) {
    if (this.lines !== null) {
      this.lines.push(message)
      if (this.lines.length > KEPT) this.lines.shift()
    }
    if (this.callback !== null) return this.callback({ severity: 'Debug', message })
  }
}
