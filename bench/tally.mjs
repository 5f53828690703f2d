// Counts what a client has been told, by the lengths that the program has read, and says when it is all and how long it
// took. It knows no client.

export class Tally {
  constructor() {
    this.count = this.topic = this.payload = 0
    this.first = this.last = this.atFirst = 0
    this.target = Infinity
    /** For each message, by clients that call a function for each. @type {(topic: number, payload: number) => void} */
    this.seen = (topic, payload) => this.add(1, topic, payload)
  }

  /** @param {number} count @param {number} topic letters of all topics @param {number} payload bytes, or letters, of all payloads */
  add(count, topic, payload) {
    this.topic += topic
    this.payload += payload
    if (this.count === 0) {
      this.first = performance.now()
      this.atFirst = count
    }
    this.count += count
    if (this.count < this.target) return
    this.target = Infinity
    this.last = performance.now()
    this.finish()
  }

  /** Begins again; resolves when so many have come. @param {number} target @returns {Promise<void>} */
  until(target) {
    this.count = this.topic = this.payload = 0
    this.target = target
    return new Promise((resolve) => (this.finish = resolve))
  }

  /** Messages a second, from the first to the last. */
  get rate() {
    return ((this.count - this.atFirst) / (this.last - this.first)) * 1000
  }
}
