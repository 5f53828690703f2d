/**
 * The client that programs see: Paho's surface and its promises. Drives the core (core.js) and the platform's socket
 * and timer; knows no memory, no host, and nothing of MQTT's bytes.
 */

import { Authentication } from './authentication.js'
import { Link } from './link.js'
import { MqttError, aborted, invalidArgument, invalidState } from './errors.js'
import { Message } from './message.js'
import { callback, clientArguments, connectOptions, messageOf, shown, subscribeOptions, unsubscribeOptions } from './options.js'
import { FAILURE, LOST, endingOf, errorOf, failureOf, publishRefused, reasonOf, subscribeRefused, thrown } from './outcome.js'
import { Waiter, take } from './pending.js'
import { bytesOf, decodeProperties, encodeProperties } from './properties.js'
import { Routes } from './routes.js'
import { MessageStream } from './stream.js'
import { Trace } from './trace.js'

const SUBSCRIBE_TIMED_OUT = 2
const UNSUBSCRIBE_TIMED_OUT = 3

/** The functions of a program that a client calls. */
export const CALLBACKS = ['onConnected', 'onConnectionLost', 'onMessageDelivered', 'onMessageArrived']

/** How long a server may take to answer the closing handshake before `disconnect()` settles, in milliseconds. */
const CLOSING = 2000

/** Paho's client, and what MQTT 5 and promises add. Made by the `Client` of api.js. */
export class Client {
  /**
   * @param {import('./platform/web.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   * @param {any[]} args Paho's constructor arguments
   */
  constructor(platform, holder, args) {
    this._at = clientArguments(args)
    this._platform = platform
    this._holder = holder
    this._trace = new Trace()
    this._link = new Link(platform, {
      handleEvent: (event) => this._handle(event),
      address: (host) => this._options.uris[host],
      protocols: (version) => this._options.protocols || [version === 3 ? 'mqttv3.1' : 'mqtt'],
    })
    /** @type {Record<string, Function | null>} */
    this._callbacks = { onConnected: null, onConnectionLost: null, onMessageDelivered: null, onMessageArrived: null }
    /** @type {'idle' | 'connecting' | 'connected'} */
    this._state = 'idle'
    /** @type {any} */
    this._options = { uris: [this._at.uri] }
    /** Who waits for the answer to what, by the core's ticket. @type {Map<number, Waiter>} */
    this._publishes = new Map()
    /** @type {Map<number, Waiter>} */
    this._subscribes = new Map()
    /** @type {Waiter | null} */
    this._connecting = null
    this._authentication = new Authentication(platform, holder, this._link, (error) => this._giveUp(error))
    this._routes = new Routes()
    /** @type {Set<MessageStream>} */
    this._streams = new Set()
    this.disconnectedPublishing = false
    this.disconnectedBufferSize = 5000
    /** Where the last connection went. */
    this._uri = this._at.uri
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

  isConnected() {
    return this._state === 'connected'
  }

  /** @param {Record<string, any>} [options] */
  connect(options = {}) {
    const checked = connectOptions(options, this._at)
    if (this._state !== 'idle') throw invalidState('already connected')
    this._log('Client.connect', checked.uris.map(shown), checked.mqttVersion)
    const context = { invocationContext: checked.invocationContext }
    const waiter = new Waiter({
      succeed: () => this._call(checked.onSuccess, { ...context }),
      fail: (error) => this._call(checked.onFailure, { ...context, ...failureOf(error) }),
    })
    const start = (/** @type {import('./core.js').Core} */ core) => {
      if (this._connecting !== waiter) return
      try {
        this._start(core)
      } catch (error) {
        this._failed(thrown(error))
      }
    }
    const begin = () => {
      this._options = checked
      this._state = 'connecting'
      this._connecting = waiter
      const ready = this._holder.ready
      if (ready) start(ready)
      else this._holder.open().then(start, (error) => this._connecting === waiter && this._failed(thrown(error)))
    }
    return this._abortable(waiter, checked.signal, begin, () => this._connecting === waiter && this.disconnect())
  }

  /** @private @param {import('./core.js').Core} core */
  _start(core) {
    const o = this._options
    if (this._link.core !== null && this._link.core.core !== core) this._release()
    if (this._link.core === null) {
      this._link.core = core.createClient(() => this._platform.defer(() => this._link.pump()))
      this._routes.attach(this._link.core)
    }
    const version = o.mqttVersion
    const will = o.willMessage
    this._link.core.connect(
      {
        versions: version === 'auto' ? [5, 4] : version ? [version] : [4, 3],
        hosts: o.uris.length,
        clientId: this._at.clientId,
        cleanStart: !this._keepsSession(),
        keepAlive: o.keepAliveInterval === undefined ? 60 : Math.ceil(o.keepAliveInterval),
        timeout: (o.timeout || 30) * 1000,
        userName: o.userName === undefined ? null : o.userName,
        password: typeof o.password === 'string' ? o.password : bytesOf(o.password),
        will: will
          ? { topic: will.destinationName, payload: will.payloadBytes, qos: will.qos, retained: will.retained, properties: encodeProperties(will.properties) }
          : null,
        properties: encodeProperties(o.properties),
        autoAck: o.autoAck !== false,
        batch: o.batch !== false,
      },
      this._platform.now(),
    )
    // The core has it now, and a client that somebody logs shall not show it.
    delete o.password
    this._link.pump()
  }

  /** @private MQTT 5's name of the option wins. */
  _keepsSession() {
    const { cleanStart, cleanSession } = this._options
    return (cleanStart === undefined ? cleanSession : cleanStart) === false
  }

  /** @param {any} filter @param {Record<string, any>} [options] */
  subscribe(filter, options = {}) {
    const checked = subscribeOptions(filter, options)
    return this._subscribe(checked, (one, handler) => this._routes.keep(one, handler))
  }

  /**
   * @private
   * @param {ReturnType<typeof subscribeOptions>} checked
   * @param {(filter: string, handler?: Function) => (error: any) => void} route makes the way for the messages of a
   *   filter; gives what undoes it
   */
  _subscribe({ filters, options: o }, route) {
    const context = { invocationContext: o.invocationContext }
    /** @type {((error: any) => void)[]} */
    const undo = []
    const waiter = new Waiter({
      succeed: (answer) => this._call(o.onSuccess, { ...context, grantedQos: answer.grantedQos, properties: answer.properties }),
      fail: (error) => {
        const { reasonCodes } = error
        undo.forEach((back, at) => (!reasonCodes || reasonCodes[at] >= FAILURE) && back(error))
        this._call(o.onFailure, { ...context, ...failureOf(error) })
      },
    })
    const core = this._connected()
    return this._abortable(waiter, o.signal, () => {
      let ticket
      try {
        for (const [name, , handler] of filters) undo.push(route(name, handler))
        ticket = core.subscribe(filters, encodeProperties(o.properties), this._platform.now())
      } catch (error) {
        for (const back of undo.splice(0)) back(error)
        throw error
      }
      this._log('Client.subscribe', filters.map(([name]) => name))
      this._await(ticket, waiter, o.timeout, SUBSCRIBE_TIMED_OUT)
    })
  }

  /** @param {any} filter @param {Record<string, any>} [options] */
  unsubscribe(filter, options = {}) {
    const { filters, options: o } = unsubscribeOptions(filter, options)
    const context = { invocationContext: o.invocationContext }
    /** @type {(() => void)[]} */
    let removals = []
    const waiter = new Waiter({
      succeed: (answer) => {
        for (const remove of removals) remove()
        this._call(o.onSuccess, { ...context, properties: answer.properties })
      },
      fail: (error) => {
        const { reasonCodes } = error
        removals.forEach((remove, at) => reasonCodes && reasonCodes[at] < FAILURE && remove())
        this._call(o.onFailure, { ...context, ...failureOf(error) })
      },
    })
    const core = this._connected()
    return this._abortable(waiter, o.signal, () => {
      const ticket = core.unsubscribe(filters, encodeProperties(o.properties), this._platform.now())
      this._log('Client.unsubscribe', filters)
      removals = filters.map((one) => this._routes.removal(one))
      this._await(ticket, waiter, o.timeout, UNSUBSCRIBE_TIMED_OUT)
    })
  }

  /** @private @param {number} ticket @param {Waiter} waiter @param {number | undefined} timeout @param {number} code */
  _await(ticket, waiter, timeout, code) {
    this._subscribes.set(ticket, waiter)
    if (timeout) {
      const timer = this._platform.setTimer(() => waiter.fail(new MqttError(code)), timeout * 1000)
      waiter.finally(() => this._platform.clearTimer(timer))
    }
    this._link.flushSoon()
  }

  /**
   * Paho's send: no promise, hence no garbage. `onMessageDelivered` tells of the delivery.
   * @param {...any} args a Message, or topic, payload, qos, retained
   */
  send(...args) {
    this._publish(args.length === 1 ? args[0] : messageOf(args), null)
  }

  /** As `send`, with a promise. @param {...any} args */
  publish(...args) {
    const message = args.length === 1 ? args[0] : messageOf(args)
    const waiter = new Waiter({ message })
    return this._abortable(waiter, Object(args[2]).signal, () => this._publish(message, waiter))
  }

  /** @private @param {any} message @param {Waiter | null} waiter */
  _publish(message, waiter) {
    const topic = message instanceof Message ? message.destinationName : undefined
    if (topic === undefined) {
      if (message instanceof Message || typeof message === 'string') throw invalidArgument(undefined, 'Message.destinationName')
      throw new MqttError(13, 'Invalid argument:' + typeof message)
    }
    const core = this._connected()
    const payload = message._text === null ? message.payloadBytes : message._text
    const properties = message._properties === null ? null : encodeProperties(message._properties)
    const ticket = core.publish(topic, payload, message.qos, message.retained, properties, this._platform.now())
    if (this._trace.active) this._log('Client.send', topic, message.qos)
    if (waiter !== null || this._callbacks.onMessageDelivered !== null) {
      if (ticket > 0) this._publishes.set(ticket, waiter || new Waiter({ message }))
      else this._link.handovers.push((error) => this._handedOver(error, message, waiter))
    }
    this._link.flushSoon()
  }

  /** @private @param {Error | null} error @param {Message} message @param {Waiter | null} waiter */
  _handedOver(error, message, waiter) {
    if (error !== null) {
      if (waiter !== null) waiter.fail(error)
      return
    }
    this._call(this._callbacks.onMessageDelivered, message)
    if (waiter !== null) waiter.succeed(reasonOf(this._holder, 0, null))
  }

  /** Messages of a filter, one after the other. @param {any} filter @param {Record<string, any>} [options] */
  messages(filter, options = {}) {
    return new MessageStream(this, subscribeOptions(filter, options))
  }

  /** @param {{ reasonCode?: number, properties?: Record<string, any> }} [options] */
  disconnect(options = {}) {
    if (this._state === 'idle') throw invalidState('not connecting or connected')
    this._log('Client.disconnect')
    const link = this._link
    const active = link.core !== null && link.core.active ? link.core : null
    if (active !== null) active.disconnect(options.reasonCode || 0, encodeProperties(options.properties), this._platform.now())
    const closed = new Promise((resolve) => {
      if (link.socket === null) return resolve(undefined)
      const timer = this._platform.setTimer(() => resolve(undefined), CLOSING)
      link.onClosed.push(() => {
        this._platform.clearTimer(timer)
        resolve(undefined)
      })
    })
    if (active !== null) link.pump()
    else this._failed(new MqttError(0))
    return closed
  }

  /** Authenticates again on a live connection (MQTT 5). @param {Record<string, any>} [properties] */
  reauthenticate(properties = {}) {
    return this._authentication.again(this._connected(), properties)
  }

  /** @private By a message of ours. @param {import('./core.js').CoreClient} core @param {number} id @param {number} reasonCode */
  _acknowledge(core, id, reasonCode) {
    // After the connection that it came on, the server delivers it again; its number may be another message's by then.
    if (this._state !== 'connected' || this._link.core !== core) return
    core.acknowledge(id, reasonCode, this._platform.now())
    this._link.flushSoon()
  }

  // What the core tells.

  /** @private @param {any} event */
  _handle(event) {
    if (event instanceof Message) return this._arrived(event)
    switch (event.kind) {
      case 'connected':
        return this._handleConnected(event)
      case 'failed':
        return this._failed(endingOf(this._holder, event, this._link))
      case 'lost':
        return this._lost(endingOf(this._holder, event, this._link))
      case 'delivered':
        return this._delivered(event)
      case 'subscribed':
      case 'unsubscribed':
        return this._answered(event)
      case 'auth':
        return this._authentication.handleAuth(event, this._options.authenticate)
    }
  }

  /** @private @param {any} event */
  _handleConnected(event) {
    this._state = 'connected'
    this.sessionPresent = event.sessionPresent
    this.mqttVersion = event.version
    this.serverProperties = decodeProperties(event.properties)
    const assigned = this.serverProperties.assignedClientIdentifier
    if (assigned !== undefined) this._at.clientId = assigned
    // MQTT 3.1 cannot say that it has kept the session.
    if (!event.sessionPresent && !(event.version === 3 && this._keepsSession())) this._routes.clear()
    const uri = (this._uri = this._options.uris[event.host])
    this._log('Client.connected', shown(uri), event.version)
    const waiter = this._connecting
    this._connecting = null
    if (waiter !== null) {
      waiter.succeed({ sessionPresent: event.sessionPresent, mqttVersion: event.version, properties: this.serverProperties, uri })
    }
    this._call(this._callbacks.onConnected, false, uri)
  }

  /** @private @param {any} message */
  _arrived(message) {
    message._client = this
    message._core = this._link.core
    if (message._routes !== null) {
      for (const id of message._routes) {
        const route = this._routes.byId.get(id)
        if (route === undefined) continue
        for (const stream of route.streams) stream.push(message)
        this._call(route.handler, message)
      }
    }
    this._call(this._callbacks.onMessageArrived, message)
  }

  /** @private @param {any} event */
  _delivered({ ticket, reasonCode, properties }) {
    const waiter = take(this._publishes, ticket)
    if (waiter === undefined) return
    const reason = reasonOf(this._holder, reasonCode, properties)
    if (reasonCode >= FAILURE) return waiter.fail(publishRefused(this._holder, reason))
    this._call(this._callbacks.onMessageDelivered, waiter.more.message)
    waiter.succeed(reason)
  }

  /** @private @param {any} event */
  _answered({ ticket, codes, properties }) {
    const waiter = take(this._subscribes, ticket)
    if (waiter === undefined) return
    if (codes.some((/** @type {number} */ code) => code >= FAILURE)) waiter.fail(subscribeRefused(this._holder, codes, properties))
    else waiter.succeed({ grantedQos: codes, reasonCodes: codes, properties: decodeProperties(properties) })
  }

  /** @private @param {MqttError} error */
  _failed(error) {
    this._ended()
    const waiter = this._connecting
    this._connecting = null
    this._log('Client.connect failed', error.message)
    if (waiter !== null) waiter.fail(error)
  }

  /** @private @param {MqttError} error */
  _lost(error) {
    const lost = error.code === 0 ? errorOf(this._holder, LOST) : error
    // What a kept session still delivers is told by onMessageDelivered; its promise is settled now.
    const waiters = Array.from(this._subscribes.values()).concat(Array.from(this._publishes.values()))
    this._subscribes.clear()
    this._ended()
    this._log('Client.connectionLost', error.message)
    for (const waiter of waiters) waiter.fail(lost)
    this._link.handOver(lost)
    this._authentication.handleLost(lost)
    for (const stream of Array.from(this._streams)) stream.handleLost(error.code === 0 ? null : lost)
    this._call(this._callbacks.onConnectionLost, { ...failureOf(error), reconnect: false, uri: this._uri })
  }

  /** @private The program cannot or will not answer the server. @param {any} error */
  _giveUp(error) {
    if (this._connecting !== null) this._connecting.fail(thrown(error))
    if (this._state !== 'idle') this.disconnect()
  }

  /** @private A session that ends with its connection leaves nothing behind in the core. */
  _ended() {
    this._state = 'idle'
    if (!this._keepsSession()) this._release()
  }

  /** @private */
  _release() {
    if (this._link.core !== null) this._link.core.free()
    this._link.core = null
    this._routes.detach()
    this._publishes.clear()
  }

  // Shared.

  /** @private */
  _connected() {
    if (this._state !== 'connected' || this._link.core === null) throw invalidState('not connected')
    return this._link.core
  }

  /**
   * @private
   * @param {Waiter} waiter
   * @param {AbortSignal | undefined} signal
   * @param {() => void} begin not called when it is aborted already; nobody listens to the signal when it throws
   * @param {() => void} [stop]
   * @returns {Promise<any>} the waiter's
   */
  _abortable(waiter, signal, begin, stop) {
    if (signal && signal.aborted) this._platform.defer(() => waiter.fail(aborted(signal)))
    else {
      begin()
      if (signal && !waiter.settled) {
        const abort = () => {
          waiter.fail(aborted(signal))
          if (stop) stop()
        }
        signal.addEventListener('abort', abort)
        waiter.finally(() => signal.removeEventListener('abort', abort))
      }
    }
    return waiter.promise
  }

  /** @private Runs a program's own function; its exceptions are its own. @param {Function | null | undefined} fn @param {...any} args */
  _call(fn, ...args) {
    if (!fn) return
    try {
      const result = fn(...args)
      if (result && typeof result.then === 'function') result.then(undefined, (/** @type {unknown} */ e) => this._platform.report(e))
    } catch (error) {
      this._platform.report(error)
    }
  }

  /** @private @param {...any} words */
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
