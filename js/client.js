/**
 * The client that programs see: Paho's surface and its promises. Checks what it is given and hands it on to its parts:
 * connection, publishing, subscribing. Knows no memory, no host, and nothing of MQTT's bytes.
 */

import { Connection } from './connection.js'
import { MqttError, invalidState } from './errors.js'
import { callback, clientArguments, connectOptions, messageOf, shown, subscribeOptions, unsubscribeOptions } from './options.js'
import { failureOf } from './outcome.js'
import { Waiter, abortable } from './pending.js'
import { Publishing } from './publishing.js'
import { MessageStream } from './stream.js'
import { Subscribing } from './subscribing.js'
import { Trace } from './trace.js'

/** The functions of a program that a client calls. */
export const CALLBACKS = ['onConnected', 'onConnectionLost', 'onMessageDelivered', 'onMessageArrived', 'onReconnecting', 'onWarning']

/** Paho's client, and what MQTT 5 and promises add. Made by the `Client` of api.js. */
export class Client {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   * @param {any[]} args Paho's constructor arguments
   */
  constructor(platform, holder, args) {
    this._at = clientArguments(args)
    this._platform = platform
    this._trace = new Trace()
    /** @type {Record<string, Function | null>} */
    this._callbacks = {}
    for (const name of CALLBACKS) this._callbacks[name] = null
    this._connection = new Connection(this, platform, holder)
    const { link } = this._connection
    this._publishing = new Publishing(platform, holder, link, {
      delivered: (message) => this._tell(this._callbacks.onMessageDelivered, message),
      failed: (error) => this._warn(error),
    })
    this._subscribing = new Subscribing(this, platform, holder, link)
    this._disconnectedPublishing = false
    this._disconnectedBufferSize = 5000
    /** Did the server keep the session? Of the last CONNACK. */
    this.sessionPresent = false
    /** The protocol version in use: 3, 4 or 5. @type {number | undefined} */
    this.mqttVersion = undefined
    /** What the server said in CONNACK (MQTT 5). @type {Record<string, any>} */
    this.serverProperties = {}
  }

  get trace() {
    return this._trace.callback
  }
  set trace(value) {
    this._trace.callback = /** @type {any} */ (callback('onTrace', value))
  }

  startTrace() {
    this._trace.start()
  }
  stopTrace() {
    this._trace.stop()
  }
  getTraceLog() {
    return this._trace.lines === null ? undefined : this._trace.lines.slice()
  }

  // The connection.

  isConnected() {
    return this.state === 'connected'
  }

  get state() {
    return this._connection.state
  }

  /** @param {Record<string, any>} [options] */
  connect(options = {}) {
    const connection = this._connection
    const checked = connectOptions(options, this._at)
    if (this.state !== 'disconnected') throw invalidState('already connected')
    if (checked.platform) this._platform.use(checked.platform)
    this._log('Client.connect', checked.uris.map(shown), checked.mqttVersion)
    const context = { invocationContext: checked.invocationContext }
    const waiter = new Waiter({
      succeed: () => this._call(checked.onSuccess, { ...context }),
      fail: (error) => this._call(checked.onFailure, { ...context, ...failureOf(error) }),
    })
    const begin = () => connection.connect(checked, waiter)
    return abortable(this._platform, waiter, checked.signal, begin, () => connection.waiter === waiter && this.disconnect())
  }

  /** Is the connection alive? Asks the server now, or tries to connect now. */
  probe() {
    return this._connection.probe()
  }

  /** @param {{ reasonCode?: number, properties?: Record<string, any>, drain?: number }} [options] */
  disconnect(options = {}) {
    if (this.state === 'disconnected') throw invalidState('not connecting or connected')
    this._log('Client.disconnect')
    const { drain = 0 } = options
    if (drain > 0 && !this._connection.draining) return this._connection.drain(drain, options)
    return this._connection.disconnect(options)
  }

  /** Authenticates again on a live connection (MQTT 5). @param {Record<string, any>} [properties] */
  reauthenticate(properties = {}) {
    return this._connection.authentication.again(this._connected(), properties)
  }

  // Subscriptions.

  /** @param {any} filter @param {Record<string, any>} [options] */
  subscribe(filter, options = {}) {
    return this._subscribing.subscribe(subscribeOptions(filter, options))
  }

  /** @param {any} filter @param {Record<string, any>} [options] */
  unsubscribe(filter, options = {}) {
    return this._subscribing.unsubscribe(unsubscribeOptions(filter, options))
  }

  /** Messages of a filter, one after the other. @param {any} filter @param {Record<string, any>} [options] */
  messages(filter, options = {}) {
    return new MessageStream(this, subscribeOptions(filter, options))
  }

  // Messages of our own.

  /**
   * Paho's send: no promise, hence no garbage. `onMessageDelivered` tells of the delivery.
   * @param {any} message or the topic
   * @param {any} payload
   * @param {any} qos or options
   * @param {any} retained
   */
  send(message, payload, qos, retained) {
    this._publish(messageOf(message, payload, qos, retained), null)
  }

  /** As `send`, with a promise. @param {any} message @param {any} payload @param {any} qos @param {any} retained */
  publish(message, payload, qos, retained) {
    const whole = messageOf(message, payload, qos, retained)
    const waiter = new Waiter({ message: whole })
    return abortable(this._platform, waiter, Object(qos).signal, () => this._publish(whole, waiter))
  }

  /** @private @param {any} message @param {Waiter | null} waiter */
  _publish(message, waiter) {
    const connection = this._connection
    if (connection.draining) throw invalidState('disconnecting')
    this._publishing.publish(message, waiter, this._callbacks.onMessageDelivered !== null, connection.state)
    if (this._trace.active) this._log('Client.send', message.destinationName, message.qos)
  }

  get pending() {
    return this._publishing.pending
  }

  /**
   * Settles when no more than so many messages are pending.
   * @param {number} [most]
   * @returns {Promise<void>}
   */
  drained(most = 0) {
    return this._publishing.drained(most).promise
  }

  get disconnectedPublishing() {
    return this._disconnectedPublishing
  }
  set disconnectedPublishing(allowed) {
    this._disconnectedPublishing = allowed
    this._updateOffline()
  }

  get disconnectedBufferSize() {
    return this._disconnectedBufferSize
  }
  set disconnectedBufferSize(messages) {
    this._disconnectedBufferSize = messages
    this._updateOffline()
  }

  /** Paho's names for what the option `offline` says. */
  _updateOffline() {
    const paho = { maxMessages: this._disconnectedBufferSize, maxBytes: 0xffffffff, maxAge: 0, overflow: 0, qos0: true }
    this._publishing.setOffline(this._connection.options.offline || (this._disconnectedPublishing ? paho : null))
  }

  // Shared by the parts.

  /** @param {any} event */
  _handle(event) {
    switch (event.kind) {
      case 'connected':
        return this._connection.handleConnected(event)
      case 'failed':
        return this._connection.handleFailed(event)
      case 'lost':
        return this._connection.handleLost(event)
      case 'reconnecting':
        return this._connection.handleReconnecting(event)
      case 'alive':
        return this._connection.handleAlive()
      case 'auth':
        return this._connection.handleAuth(event)
      case 'delivered':
        return this._publishing.handleDelivered(event)
      case 'undelivered':
        return this._publishing.handleUndelivered(event)
      case 'subscribed':
      case 'unsubscribed':
        return this._subscribing.handleAnswer(event)
      case 'resubscribed':
        return this._subscribing.handleResubscribed(event)
    }
  }

  _connected() {
    const { link, draining } = this._connection
    if (this.state !== 'connected' || draining || link.core === null) throw invalidState('not connected')
    return link.core
  }

  /** Runs a program's own function; its exceptions are its own. @param {Function | null | undefined} fn @param {...any} args */
  _call(fn, ...args) {
    if (fn) this._tell(() => fn(...args), undefined)
  }

  /** As `_call`, with one argument and without garbage: for what happens with every message. @param {Function | null} fn @param {any} about */
  _tell(fn, about) {
    if (!fn) return
    try {
      const result = fn(about)
      if (result && typeof result.then === 'function') result.then(undefined, (/** @type {unknown} */ e) => this._platform.report(e))
    } catch (error) {
      this._platform.report(error)
    }
  }

  /** @param {MqttError} error */
  _warn(error) {
    this._log('Client.warning', error.message)
    this._call(this._callbacks.onWarning, error)
  }

  /** @param {...any} words */
  _log(...words) {
    if (this._trace.active) this._call(() => this._trace.write(words.map(String).join(' ')))
  }
}

for (const name of ['host', 'port', 'path', 'uri', 'clientId']) {
  Object.defineProperty(Client.prototype, name, {
    get() {
      return this._at[name]
    },
    set() {
      throw new MqttError(14)
    },
  })
}

for (const name of CALLBACKS) {
  Object.defineProperty(Client.prototype, name, {
    get() {
      return this._callbacks[name]
    },
    set(value) {
      this._callbacks[name] = callback(name, value)
    },
  })
}
