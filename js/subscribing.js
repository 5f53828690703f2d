/**
 * What a client is subscribed to and who gets its messages: handlers, loops, `onMessageArrived`. The core matches topics,
 * and asks again for what the server has forgotten.
 */

import { MqttError } from './errors.js'
import { FAILURE, failureOf, subscribeRefused } from './outcome.js'
import { Waiter, abortable, take } from './pending.js'
import { decodeProperties, encodeProperties } from './properties.js'
import { Routes } from './routes.js'

const SUBSCRIBE_TIMED_OUT = 2
const UNSUBSCRIBE_TIMED_OUT = 3
const SUBSCRIPTION_LOST = 103

export class Subscribing {
  /**
   * @param {import('./client.js').Client} client
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} words
   * @param {import('./link.js').Link} link
   */
  constructor(client, platform, words, link) {
    this.client = client
    this.platform = platform
    this.words = words
    this.link = link
    this.routes = new Routes()
    /** @type {Set<import('./stream.js').MessageStream>} */
    this.streams = new Set()
    /** Who waits for the answer to what, by the core's ticket. @type {Map<number, Waiter>} */
    this.waiters = new Map()
    /** The program leaves acknowledging to us. */
    this.autoAck = true
  }

  /**
   * @param {ReturnType<typeof import('./options.js').subscribeOptions>} checked
   * @param {(filter: string, handler?: Function) => (error: any) => void} [route] makes the way for the messages of a
   *   filter; gives what undoes it
   */
  subscribe({ filters, options: o }, route = (filter, handler) => this.routes.keep(filter, handler)) {
    const { client } = this
    const context = { invocationContext: o.invocationContext }
    /** @type {((error: any) => void)[]} */
    const undo = []
    const waiter = new Waiter({
      succeed: (answer) => client._call(o.onSuccess, { ...context, grantedQos: answer.grantedQos, properties: answer.properties }),
      fail: (error) => {
        const { reasonCodes } = error
        undo.forEach((back, at) => (!reasonCodes || reasonCodes[at] >= FAILURE) && back(error))
        client._call(o.onFailure, { ...context, ...failureOf(error) })
      },
    })
    const core = client._connected()
    return abortable(this.platform, waiter, o.signal, () => {
      let ticket
      try {
        for (const [name, , handler] of filters) undo.push(route(name, handler))
        ticket = core.subscribe(filters, encodeProperties(o.properties), this.link.now())
      } catch (error) {
        for (const back of undo.splice(0)) back(error)
        throw error
      }
      client._log('Client.subscribe', filters.map(([name]) => name))
      this.wait(ticket, waiter, o.timeout, SUBSCRIBE_TIMED_OUT)
    })
  }

  /** @param {ReturnType<typeof import('./options.js').unsubscribeOptions>} checked */
  unsubscribe({ filters, options: o }) {
    const { client } = this
    const context = { invocationContext: o.invocationContext }
    /** @type {(() => void)[]} */
    let removals = []
    const waiter = new Waiter({
      succeed: (answer) => {
        for (const remove of removals) remove()
        client._call(o.onSuccess, { ...context, properties: answer.properties })
      },
      fail: (error) => {
        const { reasonCodes } = error
        removals.forEach((remove, at) => reasonCodes && reasonCodes[at] < FAILURE && remove())
        client._call(o.onFailure, { ...context, ...failureOf(error) })
      },
    })
    const core = client._connected()
    return abortable(this.platform, waiter, o.signal, () => {
      const ticket = core.unsubscribe(filters, encodeProperties(o.properties), this.link.now())
      client._log('Client.unsubscribe', filters)
      removals = filters.map((one) => this.routes.removal(one))
      this.wait(ticket, waiter, o.timeout, UNSUBSCRIBE_TIMED_OUT)
    })
  }

  /** @private @param {number} ticket @param {Waiter} waiter @param {number | undefined} timeout @param {number} code */
  wait(ticket, waiter, timeout, code) {
    this.waiters.set(ticket, waiter)
    if (timeout) {
      const timer = this.platform.setTimer(() => waiter.fail(new MqttError(code)), timeout * 1000)
      waiter.finally(() => this.platform.clearTimer(timer))
    }
    this.link.flushSoon()
  }

  // What the core tells.

  /** SUBACK and UNSUBACK. @param {{ ticket: number, codes: Uint8Array, properties: Uint8Array | null }} event */
  handleAnswer({ ticket, codes, properties }) {
    const waiter = take(this.waiters, ticket)
    if (waiter === undefined) return
    if (codes.some((code) => code >= FAILURE)) waiter.fail(subscribeRefused(this.words, codes, properties))
    else waiter.succeed({ grantedQos: codes, reasonCodes: codes, properties: decodeProperties(properties) })
  }

  /** SUBACK to what the core has asked for again. @param {{ filters: string[], codes: Uint8Array }} event */
  handleResubscribed({ filters, codes }) {
    filters.forEach((filter, n) => {
      const reasonCode = codes[n]
      if (reasonCode < FAILURE) return
      const reasonName = this.words.reasonName(reasonCode)
      const error = new MqttError(SUBSCRIPTION_LOST, [filter], { reasonCode, reasonName, filter })
      this.routes.drop(filter, error)
      this.client._warn(error)
    })
  }

  /** @param {any} message */
  handleMessage(message) {
    const { client } = this
    let taken = !this.autoAck
    if (message._routes !== null) {
      for (const id of message._routes) {
        const route = this.routes.byId.get(id)
        if (route === undefined) continue
        for (const stream of route.streams) stream.push(message)
        taken = taken || route.streams.length > 0
        client._tell(route.handler, message)
      }
    }
    client._tell(client._callbacks.onMessageArrived, message)
    // Where the core does not, and no loop will.
    if (!taken) message.ack()
  }

  /**
   * Shall the core acknowledge by itself, before a message is told? Not with loops, which acknowledge what they have taken;
   * nor with a store, where a program that is killed would lose what is recorded and was not told yet.
   */
  get coreAcks() {
    return this.autoAck && this.streams.size === 0 && this.link.persistence === null
  }

  /** A loop begins. @param {import('./stream.js').MessageStream} stream */
  addStream(stream) {
    this.streams.add(stream)
    this.updateAutoAck()
  }

  /** A loop has ended. @param {import('./stream.js').MessageStream} stream */
  removeStream(stream) {
    this.streams.delete(stream)
    this.updateAutoAck()
  }

  /** @private */
  updateAutoAck() {
    if (this.link.core !== null) this.link.core.setAutoAck(this.coreAcks)
  }

  /** CONNACK. @param {boolean} sessionPresent @param {boolean} forgotten a new session was asked for */
  handleConnected(sessionPresent, forgotten) {
    if (forgotten) this.routes.clear()
    if (sessionPresent) for (const stream of this.streams) stream.handleResumed()
  }

  /** What was asked on the connection will not be answered. @param {Error} error */
  handleLost(error) {
    const waiters = Array.from(this.waiters.values())
    this.waiters.clear()
    for (const waiter of waiters) waiter.fail(error)
  }

  /** No connection will come any more. @param {Error | null} error null: as wanted */
  handleEnded(error) {
    for (const stream of Array.from(this.streams)) stream.handleLost(error)
  }
}
