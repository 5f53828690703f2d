/**
 * `for await (const message of client.messages(filter))`: subscribes at the first turn, unsubscribes when the loop is
 * left (unless somebody else wants the filter), ends when the program disconnects, throws when the connection is lost for
 * good. A message is acknowledged when the loop comes for the next one, so that a slow loop slows the server down.
 *
 * Here, and in all that mini-programs load, no function is async: their older packers make of it what needs a runtime
 * that nobody has.
 */

import { aborted } from './errors.js'
import { promised } from './pending.js'

export class MessageStream {
  /**
   * @param {any} client
   * @param {{ filters: [string, number, any][], options: Record<string, any> }} subscription
   */
  constructor(client, subscription) {
    this.client = client
    this.subscription = subscription
    /** @type {any[]} */
    this.messages = []
    /** @type {{ resolve: (result: any) => void, reject: (error: Error) => void }[]} */
    this.readers = []
    /** @type {Error | null} */
    this.error = null
    this.ended = false
    /** @type {Promise<any> | null} */
    this.subscribed = null
    /** What the loop works on. @type {any} */
    this.taken = null
    this.deafen = () => {}
  }

  [Symbol.asyncIterator]() {
    return this
  }

  /** @returns {Promise<{ done: boolean, value: any }>} */
  next() {
    if (this.subscribed === null && !this.ended) this.subscribed = this.subscribe()
    return Promise.resolve(this.subscribed).then(() => this.take())
  }

  /** @private */
  take() {
    this.acknowledge(this.taken)
    this.taken = null
    if (this.messages.length > 0) return { done: false, value: (this.taken = this.messages.shift()) }
    if (this.error !== null) {
      const error = this.error
      this.error = null
      throw error
    }
    if (this.ended) return { done: true, value: undefined }
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }))
  }

  return() {
    this.end(null)
    this.letGo()
    return this.leave().then(() => ({ done: true, value: undefined }))
  }

  /** @private Acknowledges what nobody will come for: all that came later waits for it. */
  letGo() {
    for (const message of [this.taken].concat(this.messages.splice(0))) this.acknowledge(message)
    this.taken = null
  }

  /** @private What several loops have taken is acknowledged when the last is done with it. @param {any} message */
  acknowledge(message) {
    if (message !== null && message._takers > 0 && --message._takers === 0) message.ack()
  }

  /** The server has the session: it sends again what was not acknowledged. */
  handleResumed() {
    this.messages = this.messages.filter((message) => message.qos === 0)
  }

  /** @private Takes back what nobody else wants. @returns {Promise<any>} never rejects */
  leave() {
    const { client } = this
    const unwanted = this.filters().filter((filter) => client._subscribing.routes.removeStream(filter, this))
    const left = unwanted.length > 0 && client.isConnected()
    // Where the connection goes meanwhile, the subscription goes with it.
    return promised(() => left && client.unsubscribe(unwanted)).catch(() => {})
  }

  /** @private @returns {Promise<any>} */
  subscribe() {
    const { client } = this
    client._subscribing.addStream(this)
    const route = (/** @type {string} */ filter) => {
      client._subscribing.routes.addStream(filter, this)
      return (/** @type {any} */ error) => error.reasonCodes && client._subscribing.routes.removeStream(filter, this)
    }
    const failed = (/** @type {any} */ error) => {
      // The program disconnected: an end like any other.
      if (this.ended && this.error === null) return
      this.error = null
      this.end(null)
      this.letGo()
      // The server may have granted some of the filters, or may be about to.
      this.leave()
      throw error
    }
    return promised(() => client._subscribing.subscribe(this.subscription, route)).then(() => this.listen()).catch(failed)
  }

  /** @private An abort ends a loop that waits for messages, too. */
  listen() {
    const { signal } = this.subscription.options
    if (!signal || this.ended) return
    const abort = () => {
      this.end(aborted(signal))
      this.leave()
    }
    this.deafen = () => signal.removeEventListener('abort', abort)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  }

  /** The names of its topic filters. */
  filters() {
    return this.subscription.filters.map(([filter]) => filter)
  }

  /** @param {any} message */
  push(message) {
    if (this.ended) return
    if (this.client._subscribing.autoAck) message._takers++
    const reader = this.readers.shift()
    if (!reader) return void this.messages.push(message)
    // Who waits has come for the next one, also where another reader has taken the one before.
    this.acknowledge(this.taken)
    reader.resolve({ done: false, value: (this.taken = message) })
  }

  /** The connection is gone; a session that the server keeps must not hold the loop's place. @param {Error | null} error */
  handleLost(error) {
    this.end(error)
    this.leave()
  }

  /** @param {Error | null} error null: as wanted */
  end(error) {
    if (this.ended) return
    this.ended = true
    this.deafen()
    this.client._subscribing.removeStream(this)
    const readers = this.readers.splice(0)
    if (error !== null && readers.length === 0) this.error = error
    for (const reader of readers) error === null ? reader.resolve({ done: true, value: undefined }) : reader.reject(error)
  }
}
