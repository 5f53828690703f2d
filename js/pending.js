/**
 * What a program waits for: promises and callbacks by the core's ticket. Each settles once, whatever happens.
 */

export class Pending {
  constructor() {
    /** @type {Map<number, Waiter>} */
    this.byTicket = new Map()
  }

  /** @param {number} ticket @param {Waiter} waiter */
  add(ticket, waiter) {
    this.byTicket.set(ticket, waiter)
  }

  /** Takes out the waiter of a ticket. @param {number} ticket */
  take(ticket) {
    const waiter = this.byTicket.get(ticket)
    this.byTicket.delete(ticket)
    return waiter
  }

  /** Takes out all. */
  takeAll() {
    const all = Array.from(this.byTicket.values())
    this.byTicket.clear()
    return all
  }
}

/** One promise with what belongs to it. */
export class Waiter {
  /**
   * @param {{ succeed?: (value: any) => void, fail?: (error: Error) => void, signal?: AbortSignal, message?: any }} [more]
   */
  constructor(more = {}) {
    this.settled = false
    this.more = more
    /** @type {() => void} */
    this.cleanup = () => {}
    /** @type {Promise<any>} */
    this.promise = new Promise((resolve, reject) => {
      this.resolve_ = resolve
      this.reject_ = reject
    })
    // A promise that nobody awaits must not end a program; the failure is told by the callbacks too.
    this.promise.catch(() => {})
  }

  /** @param {any} value */
  succeed(value) {
    if (this.settled) return
    this.settled = true
    this.cleanup()
    if (this.more.succeed) this.more.succeed(value)
    if (this.resolve_) this.resolve_(value)
  }

  /** @param {Error} error */
  fail(error) {
    if (this.settled) return
    this.settled = true
    this.cleanup()
    if (this.more.fail) this.more.fail(error)
    if (this.reject_) this.reject_(error)
  }
}
