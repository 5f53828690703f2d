/**
 * What a client publishes, from the call until it is settled: which message waits for what, how many do, and who wants to
 * know when they are fewer. The core decides what becomes of a message.
 */

import { MqttError, invalidArgument, invalidState } from './errors.js'
import { Message } from './message.js'
import { FAILURE, errorOf, publishRefused, reasonOf } from './outcome.js'
import { Waiter, take } from './pending.js'
import { encodeProperties } from './properties.js'

const QUEUE_FULL = 18

export class Publishing {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} words
   * @param {import('./link.js').Link} link
   * @param {{ delivered(message: Message): void, failed(error: MqttError): void }} told the program: of what was delivered, and
   *   of what was not where no promise tells
   */
  constructor(platform, words, link, told) {
    this.platform = platform
    this.words = words
    this.link = link
    this.told = told
    /** Who waits for what, by the core's ticket; or the message alone, whose delivery is told. @type {Map<number, Waiter | Message>} */
    this.waiters = new Map()
    /**
     * What was published while the core was being loaded.
     * @type {[Message, Waiter | null, string, string | Uint8Array, number, boolean, Uint8Array | null][]}
     */
    this.early = []
    /** @type {{ most: number, waiter: Waiter }[]} */
    this.drains = []
    /** What may wait for a connection. @type {import('./core.js').Offline | null} */
    this.offline = null
  }

  /**
   * @param {any} message
   * @param {Waiter | null} waiter
   * @param {boolean} told is the program to hear of its delivery?
   * @param {'disconnected' | 'connecting' | 'connected' | 'reconnecting'} state
   */
  publish(message, waiter, told, state) {
    const topic = message instanceof Message ? message.destinationName : undefined
    if (topic === undefined) {
      if (message instanceof Message || typeof message === 'string') throw invalidArgument(undefined, 'Message.destinationName')
      throw new MqttError(13, 'Invalid argument:' + typeof message)
    }
    if (state !== 'connected' && (state === 'disconnected' || this.offline === null)) throw invalidState('not connected')
    const { core } = this.link
    const payload = message._text === null ? message.payloadBytes : message._text
    const properties = message._properties === null ? null : encodeProperties(message._properties)
    if (core !== null && core.active) {
      return this.hand(message, waiter, told, topic, payload, message.qos, message.retained, properties)
    }
    // A copy: the program may change it meanwhile.
    const copy = typeof payload === 'string' ? payload : payload.slice()
    this.early.push([message, waiter, topic, copy, message.qos, message.retained, properties])
  }

  /**
   * @private
   * @param {Message} message @param {Waiter | null} waiter @param {boolean} told
   * @param {string} topic @param {string | Uint8Array} payload @param {number} qos @param {boolean} retained
   * @param {Uint8Array | null} properties
   */
  hand(message, waiter, told, topic, payload, qos, retained, properties) {
    const { core } = this.link
    if (core === null) throw invalidState('not connected')
    let ticket
    try {
      ticket = core.publish(topic, payload, qos, retained, properties, this.link.now())
    } catch (error) {
      const full = /** @type {any} */ (error).code === QUEUE_FULL && this.offline !== null
      throw full ? new MqttError(QUEUE_FULL, [/** @type {any} */ (this.offline).maxMessages]) : error
    }
    if (ticket === 0) this.link.unsent++
    if (waiter !== null || told) {
      if (ticket > 0) this.waiters.set(ticket, waiter || message)
      else this.whenHandedOver(message, waiter)
    }
    this.link.flushSoon()
  }

  /** The core is there now. @param {boolean} told */
  handleLoaded(told) {
    for (const [message, waiter, ...packet] of this.early.splice(0)) {
      try {
        this.hand(message, waiter, told, ...packet)
      } catch (error) {
        if (waiter === null) this.platform.report(error)
        else waiter.fail(/** @type {any} */ (error))
      }
    }
  }

  /** @private @param {Message} message @param {Waiter | null} waiter */
  whenHandedOver(message, waiter) {
    this.link.handovers.push((error) => {
      if (error !== null) {
        if (waiter !== null) waiter.fail(error)
        return
      }
      this.told.delivered(message)
      if (waiter !== null) waiter.succeed(reasonOf(this.words, 0, null))
    })
  }

  /** @param {{ ticket: number, reasonCode: number, properties: Uint8Array | null }} event */
  handleDelivered({ ticket, reasonCode, properties }) {
    const waiter = take(this.waiters, ticket)
    if (reasonCode >= FAILURE) return this.fail(waiter, publishRefused(this.words, reasonOf(this.words, reasonCode, properties)))
    if (waiter instanceof Message) return this.told.delivered(waiter)
    if (waiter === undefined) return
    this.told.delivered(waiter.more.message)
    waiter.succeed(reasonOf(this.words, reasonCode, properties))
  }

  /** @param {{ ticket: number, code: number }} event */
  handleUndelivered({ ticket, code }) {
    this.fail(take(this.waiters, ticket), errorOf(this.words, code))
  }

  /** @private @param {Waiter | Message | undefined} waiter @param {MqttError} error */
  fail(waiter, error) {
    if (waiter instanceof Waiter) waiter.fail(error)
    else this.told.failed(error)
  }

  /** @param {import('./core.js').Offline | null} offline */
  setOffline(offline) {
    this.offline = offline
    if (this.link.core !== null) this.link.core.setOffline(offline)
  }

  /** How many messages are not done: not acknowledged, or with QoS 0 not handed to the socket. */
  get pending() {
    const { core, unsent } = this.link
    return this.early.length + (core === null ? 0 : core.pending() + unsent)
  }

  /** @param {number} most @returns {Waiter} succeeds when no more than so many messages are pending */
  drained(most) {
    const waiter = new Waiter()
    this.drains.push({ most, waiter })
    this.handlePumped()
    return waiter
  }

  handlePumped() {
    if (this.drains.length === 0) return
    const { pending } = this
    const before = this.drains
    this.drains = before.filter(({ most, waiter }) => pending > most && !waiter.settled)
    for (const { most, waiter } of before) if (pending <= most) waiter.succeed(undefined)
  }

  /**
   * There is no connection any more, and none is tried. What a kept session still delivers is told by
   * onMessageDelivered; its promise is settled now.
   * @param {Error} error
   */
  handleEnded(error) {
    const early = this.early.splice(0).map(([, waiter]) => waiter)
    const drains = this.drains.splice(0).map(({ waiter }) => waiter)
    const published = Array.from(this.waiters.values())
    for (const waiter of [...early, ...published, ...drains]) if (waiter instanceof Waiter) waiter.fail(error)
    // The core's session is gone, and its tickets with it.
    if (this.link.core === null) this.waiters.clear()
    this.link.handOver(error)
  }
}
