/**
 * `for await (const message of client.messages(filter))`: subscribes at the first turn, unsubscribes when the loop is
 * left (unless somebody else wants the filter), ends when the program disconnects, throws when the connection is lost.
 */

export class MessageStream {
  /**
   * @param {any} client
   * @param {{ filters: [string, number][], options: Record<string, any> }} subscription
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
    const { client } = this
    const wasOpen = !this.ended && this.subscribed !== null
    this.end(null)
    this.messages.length = 0
    const unwanted = this.filters().filter((filter) => client._routes.removeStream(filter, this))
    // Where the connection goes meanwhile, the subscription went with it.
    if (wasOpen && unwanted.length > 0 && client.isConnected()) await client.unsubscribe(unwanted).catch(() => {})
    return { done: true, value: undefined }
  }

  /** @private */
  async subscribe() {
    const { client } = this
    client._streams.add(this)
    try {
      await client._subscribe(this.subscription, (/** @type {string} */ filter) => {
        client._routes.addStream(filter, this)
        return () => client._routes.removeStream(filter, this)
      })
    } catch (error) {
      this.end(null)
      throw error
    }
  }

  /** @private */
  filters() {
    return this.subscription.filters.map(([filter]) => filter)
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
