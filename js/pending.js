/**
 * What a program waits for: promises and callbacks by the core's ticket. Each settles once, whatever happens.
 */

import { aborted } from './errors.js'

/**
 * Takes a waiter out.
 * @template T
 * @param {Map<number, T>} waiters
 * @param {number} ticket
 */
export function take(waiters, ticket) {
  const waiter = waiters.get(ticket)
  waiters.delete(ticket)
  return waiter
}

/** What a function gives, promised; what it throws, too. @template T @param {() => T | PromiseLike<T>} run @returns {Promise<T>} */
export const promised = (run) => new Promise((resolve) => resolve(run()))

/**
 * Begins something that an AbortSignal may end.
 * @param {{ defer(run: () => void): void }} platform
 * @param {Waiter} waiter
 * @param {AbortSignal | undefined} signal
 * @param {() => void} begin not called when it is aborted already; nobody listens to the signal when it throws
 * @param {() => void} [stop]
 * @returns {Promise<any>} the waiter's
 */
export function abortable(platform, waiter, signal, begin, stop) {
  if (signal && signal.aborted) platform.defer(() => waiter.fail(aborted(signal)))
  else {
    begin()
    if (signal && !waiter.settled) {
      const abort = () => {
        waiter.fail(aborted(signal))
        if (stop) stop()
      }
      signal.addEventListener('abort', abort)
      waiter.finally(() => signal.removeEventListener('abort', abort))
    }
  }
  return waiter.promise
}

/** One promise with what belongs to it. */
export class Waiter {
  /**
   * @param {{ succeed?: (value: any) => void, fail?: (error: any) => void, message?: any }} [more]
   */
  constructor(more = {}) {
    this.settled = false
    this.more = more
    /** @type {(() => void)[]} */
    this.cleanups = []
    /** @type {Promise<any>} */
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // A promise that nobody awaits must not end a program; the failure is told by the callbacks too.
    this.promise.catch(() => {})
  }

  /** Called when it settles, or is settled already: takes back a timer or a listener. @param {() => void} cleanup */
  finally(cleanup) {
    if (this.settled) cleanup()
    else this.cleanups.push(cleanup)
  }

  /** @param {any} value */
  succeed(value) {
    if (!this.settle()) return
    if (this.more.succeed) this.more.succeed(value)
    if (this.resolve) this.resolve(value)
  }

  /** @param {Error} error */
  fail(error) {
    if (!this.settle()) return
    if (this.more.fail) this.more.fail(error)
    if (this.reject) this.reject(error)
  }

  /** @private */
  settle() {
    if (this.settled) return false
    this.settled = true
    for (const cleanup of this.cleanups) cleanup()
    return true
  }
}
