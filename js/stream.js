/**
 * `for await (const message of client.messages(filter))`: subscribes at the first turn, unsubscribes when the loop is
 * left, ends when the program disconnects, throws when the connection is lost.
 */

export class MessageStream {
  /** @param {any} client @param {any} filter @param {Record<string, any>} options */
  constructor(client, filter, options) {
    this.client = client
    this.filter = filter
    this.options = options
    /** @type {any[]} */
    this.messages = []
    /** @type {{ resolve: (result: any) => void, reject: (error: Error) => void }[]} */
    this.readers = []
    /** @type {Error | null} */
    this.error = null
    this.ended = false
    /** @type {Promise<any> | null} */
    this.subscribed = null
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async next() {
    if (this.subscribed === null) {
      this.client._streams.add(this)
      const onMessage = (/** @type {any} */ message) => this.push(message)
      this.subscribed = this.client.subscribe(this.filter, { ...this.options, onMessage })
      try {
        await this.subscribed
      } catch (error) {
        this.end(null)
        throw error
      }
    }
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
    const wasOpen = !this.ended && this.subscribed !== null
    this.end(null)
    this.messages.length = 0
    if (wasOpen && this.client.isConnected()) await this.client.unsubscribe(this.filter).catch(() => {})
    return { done: true, value: undefined }
  }

  /** @param {any} message */
  push(message) {
    const reader = this.readers.shift()
    if (reader) reader.resolve({ done: false, value: message })
    else if (!this.ended) this.messages.push(message)
  }

  /** @param {Error | null} error null: as wanted */
  end(error) {
    if (this.ended) return
    this.ended = true
    this.client._streams.delete(this)
    const readers = this.readers.splice(0)
    if (error !== null && readers.length === 0) this.error = error
    for (const reader of readers) error === null ? reader.resolve({ done: true, value: undefined }) : reader.reject(error)
  }
}
