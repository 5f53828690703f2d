// The line at the top: the state in words, the time until the next attempt, and how many messages are pending. It reads
// the client a few times a second, changes the page only where something has changed, and decides nothing.

import { element, setText } from './entry.js'

/** Milliseconds between two looks. */
const EVERY = 250

export class Status {
  /** @param {import('./words.js').Words} words */
  constructor(words) {
    this.words = words
    // A live region is read out at each change, so that what ticks stands beside it.
    this.state = element('#state')
    this.next = element('#next')
    this.pending = element('#pending')
    /** @type {any} */ this.client = null
    /** When the next attempt is made; null while none is waited for. @type {number | null} */ this.nextAt = null
    words.listeners.push(() => this.tick())
    setInterval(() => this.tick(), EVERY)
  }

  /** @param {string} state in words @param {any} client whose messages are counted, or null */
  show(state, client) {
    this.client = client
    setText(this.state, state)
    this.tick()
  }

  /** @param {number | null} seconds until the next attempt */
  countDown(seconds) {
    this.nextAt = seconds === null ? null : performance.now() + seconds * 1000
    this.tick()
  }

  /** @private */
  tick() {
    const { words, client, nextAt } = this
    const left = nextAt === null ? 0 : Math.ceil((nextAt - performance.now()) / 1000)
    setText(this.next, nextAt === null ? '' : left > 0 ? words.say('next-in', { n: left }) : words.say('next-now'))
    setText(this.pending, client === null ? '' : words.say('pending', { n: client.pending }))
  }
}
