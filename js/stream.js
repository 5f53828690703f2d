/**
 * `for await (const message of client.messages(filter))`: subscribes at the first turn, unsubscribes when the loop is
 * left (unless somebody else wants the filter), ends when the program disconnects, throws when the connection is lost.
 */

import { aborted } from './errors.js'

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
    this.deafen = () => {}
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next() {
    if (this.subscribed === null && !this.ended) this.subscribed = this.subscribe()
    await this.subscribed
    if (this.messages.length > 0) return { done: false, value: this.messages.shift() }
    if (this.error !== null) {
      const error = this.error
      this.error = null
      throw error
    }
    if (this.ended) return { done: true, value: undefined }
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }))
  }

  async return() {
    this.end(null)
    this.messages.length = 0
    await this.leave()
    return { done: true, value: undefined }
  }

  /** @private Takes back what nobody else wants. */
  async leave() {
    const { client } = this
    const unwanted = this.filters().filter((filter) => client._routes.removeStream(filter, this))
    try {
      if (unwanted.length > 0 && client.isConnected()) await client.unsubscribe(unwanted)
    } catch (error) {
      // Where the connection goes meanwhile, the subscription goes with it.
    }
  }

  /** @private */
  async subscribe() {
    const { client } = this
    client._streams.add(this)
    try {
      await client._subscribe(this.subscription, (/** @type {string} */ filter) => {
        client._routes.addStream(filter, this)
        return (/** @type {any} */ error) => error.reasonCodes && client._routes.removeStream(filter, this)
      })
      this.listen()
    } catch (error) {
      // The program disconnected: an end like any other.
      if (this.ended && this.error === null) return
      this.error = null
      this.end(null)
      // The server may have granted some of the filters, or may be about to.
      this.leave()
      throw error
    }
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
    const reader = this.readers.shift()
    if (reader) reader.resolve({ done: false, value: message })
    else if (!this.ended) this.messages.push(message)
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
    this.client._streams.delete(this)
    const readers = this.readers.splice(0)
    if (error !== null && readers.length === 0) this.error = error
    for (const reader of readers) error === null ? reader.resolve({ done: true, value: undefined }) : reader.reject(error)
  }
}
