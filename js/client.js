/**
 * The client that programs see: Paho's surface and its promises. Drives the core (core.js) and the platform's socket
 * and timer; knows no memory, no host, and nothing of MQTT's bytes.
 */

import { CoreHolder } from './instance.js'
import { Link } from './link.js'
import { CoreError } from './core.js'
import { MqttError, errorText, invalidArgument, invalidState, refusedText } from './errors.js'
import { Message, payloadBytes } from './message.js'
import { callback, clientArguments, connectOptions, subscribeOptions, unsubscribeOptions } from './options.js'
import { Pending, Waiter } from './pending.js'
import { decodeProperties, encodeProperties } from './properties.js'
import { MessageStream } from './stream.js'
import { Trace } from './trace.js'

const CONTINUE = 0x18
const RE_AUTHENTICATE = 0x19
const FAILURE = 0x80
const LOST = 22

/**
 * The api for one platform: its clients share one WebAssembly instance.
 * @param {import('./platform/web.js').Platform} platform
 */
export function clientFor(platform) {
  const holder = new CoreHolder(() => platform.loadCore())

  class PlatformClient extends Client {
    /** @param {...any} args */
    constructor(...args) {
      super(platform, holder, args)
    }
  }

  /**
   * A connected client with today's defaults.
   * @param {string} url
   * @param {Record<string, any>} [options]
   */
  const connect = (url, options = {}) => {
    const { clientId = randomClientId(), ...rest } = options
    const at = typeof url === 'string' ? url.replace(/^(wss?:\/\/[^/]+)$/, '$1/mqtt') : url
    const client = new PlatformClient(at, clientId)
    return client.connect({ mqttVersion: 'auto', ...rest }).then(() => client)
  }

  return { Client: PlatformClient, Message, connect }
}

/** 23 characters that every server must take [MQTT-3.1.3-5]. Unique is enough: it is no secret. */
function randomClientId() {
  let id = 'w' + Date.now().toString(36)
  while (id.length < 23) id += Math.floor(Math.random() * 36).toString(36)
  return id
}

/** Paho's client, and what MQTT 5 and promises add. Made by the `Client` of `clientFor`. */
export class Client {
  /**
   * @param {import('./platform/web.js').Platform} platform
   * @param {CoreHolder} holder
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
    this._publishes = new Pending()
    this._subscribes = new Pending()
    /** @type {Waiter | null} */
    this._connecting = null
    /** @type {Waiter | null} */
    this._authenticating = null
    /** @type {Map<number, { filter: string, onMessage: Function }>} */
    this._routes = new Map()
    this._lastRoute = 0
    /** @type {Set<MessageStream>} */
    this._streams = new Set()
    this.disconnectedPublishing = false
    this.disconnectedBufferSize = 5000
    /** Did the server keep the session? Of the last CONNACK. */
    this.sessionPresent = false
    /** The protocol version in use: 3, 4 or 5. @type {number | undefined} */
    this.mqttVersion = undefined
    /** What the server said in CONNACK (MQTT 5). @type {Record<string, any>} */
    this.serverProperties = {}
  }

  get host() {
    return this._at.host
  }
  set host(_) {
    throw new MqttError(14)
  }
  get port() {
    return this._at.port
  }
  set port(_) {
    throw new MqttError(14)
  }
  get path() {
    return this._at.path
  }
  set path(_) {
    throw new MqttError(14)
  }
  get uri() {
    return this._at.uri
  }
  set uri(_) {
    throw new MqttError(14)
  }
  get clientId() {
    return this._at.clientId
  }
  set clientId(_) {
    throw new MqttError(14)
  }
  get onConnected() {
    return this._callbacks.onConnected
  }
  set onConnected(value) {
    this._callbacks.onConnected = callback('onConnected', value)
  }
  get onConnectionLost() {
    return this._callbacks.onConnectionLost
  }
  set onConnectionLost(value) {
    this._callbacks.onConnectionLost = callback('onConnectionLost', value)
  }
  get onMessageDelivered() {
    return this._callbacks.onMessageDelivered
  }
  set onMessageDelivered(value) {
    this._callbacks.onMessageDelivered = callback('onMessageDelivered', value)
  }
  get onMessageArrived() {
    return this._callbacks.onMessageArrived
  }
  set onMessageArrived(value) {
    this._callbacks.onMessageArrived = callback('onMessageArrived', value)
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
    this._log('Client.connect', checked.uris, checked.mqttVersion)
    const context = { invocationContext: checked.invocationContext }
    const waiter = new Waiter({
      succeed: () => this._call(checked.onSuccess, { ...context }),
      fail: (error) => this._call(checked.onFailure, { ...context, ...failure(error) }),
    })
    this._options = checked
    this._state = 'connecting'
    this._connecting = waiter
    this._abortable(waiter, checked.signal, () => this._state !== 'idle' && this.disconnect())
    const start = (/** @type {import('./core.js').Core} */ core) => {
      if (this._connecting !== waiter) return
      try {
        this._start(core)
      } catch (error) {
        this._failed(this._error(error))
      }
    }
    const ready = this._holder.ready
    if (ready) start(ready)
    else this._holder.open().then(start, (error) => this._connecting === waiter && this._failed(this._error(error)))
    return waiter.promise
  }

  /** @private @param {import('./core.js').Core} core */
  _start(core) {
    const o = this._options
    if (!this._link.core || this._link.core.core !== core) {
      if (this._link.core) this._link.core.free()
      this._link.core = core.createClient(() => this._platform.defer(() => this._link.pump()))
      for (const [id, route] of this._routes) this._link.core.route(route.filter, id)
    }
    const cleanStart = o.cleanStart !== undefined ? o.cleanStart : o.cleanSession !== false
    if (cleanStart) this._publishes.takeAll()
    const version = o.mqttVersion
    const will = o.willMessage
    this._link.core.connect(
      {
        versions: version === 'auto' ? [5, 4] : version ? [version] : [4, 3],
        hosts: o.uris.length,
        clientId: this._at.clientId,
        cleanStart,
        keepAlive: o.keepAliveInterval === undefined ? 60 : Math.ceil(o.keepAliveInterval),
        timeout: (o.timeout || 30) * 1000,
        userName: o.userName === undefined ? null : o.userName,
        password: typeof o.password === 'string' ? o.password : payloadBytes(o.password),
        will: will
          ? { topic: will.destinationName, payload: will.payloadBytes, qos: will.qos, retained: will.retained, properties: encodeProperties(will.properties) }
          : null,
        properties: encodeProperties(o.properties),
        autoAck: o.autoAck !== false,
        batch: o.batch !== false,
      },
      this._platform.now(),
    )
    this._link.pump()
  }

  /** @param {any} filter @param {Record<string, any>} [options] */
  subscribe(filter, options = {}) {
    const { filters, options: o } = subscribeOptions(filter, options)
    const core = this._connected()
    const ticket = core.subscribe(filters, encodeProperties(o.properties), this._platform.now())
    this._log('Client.subscribe', filters.map(([one]) => one))
    const names = filters.map(([one]) => one)
    const ids = o.onMessage ? this._route(names, o.onMessage) : []
    const context = { invocationContext: o.invocationContext }
    const waiter = new Waiter({
      succeed: (answer) => this._call(o.onSuccess, { ...context, grantedQos: answer.grantedQos, properties: answer.properties }),
      fail: (error) => {
        for (const id of ids) this._unroute(id)
        this._call(o.onFailure, { ...context, ...failure(error) })
      },
    })
    return this._await(this._subscribes, ticket, waiter, o, 2)
  }

  /** @param {any} filter @param {Record<string, any>} [options] */
  unsubscribe(filter, options = {}) {
    const { filters, options: o } = unsubscribeOptions(filter, options)
    const core = this._connected()
    const ticket = core.unsubscribe(filters, encodeProperties(o.properties), this._platform.now())
    this._log('Client.unsubscribe', filters)
    const context = { invocationContext: o.invocationContext }
    const waiter = new Waiter({
      succeed: () => {
        for (const [id, route] of Array.from(this._routes)) if (filters.indexOf(route.filter) >= 0) this._unroute(id)
        this._call(o.onSuccess, { ...context })
      },
      fail: (error) => this._call(o.onFailure, { ...context, ...failure(error) }),
    })
    return this._await(this._subscribes, ticket, waiter, o, 3)
  }

  /** @private @param {Pending} pending @param {number} ticket @param {Waiter} waiter @param {any} o @param {number} code */
  _await(pending, ticket, waiter, o, code) {
    pending.add(ticket, waiter)
    this._abortable(waiter, o.signal, () => {})
    if (o.timeout) {
      const timer = this._platform.setTimer(() => waiter.fail(new MqttError(code)), o.timeout * 1000)
      const cleanup = waiter.cleanup
      waiter.cleanup = () => {
        cleanup()
        this._platform.clearTimer(timer)
      }
    }
    this._link.flushSoon()
    return waiter.promise
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
    const options = typeof args[2] === 'object' && args[2] !== null ? args[2] : {}
    this._abortable(waiter, options.signal, () => {})
    this._publish(message, waiter)
    return waiter.promise
  }

  /** @private @param {any} message @param {Waiter | null} waiter */
  _publish(message, waiter) {
    if (!(message instanceof Message)) throw new MqttError(13, 'Invalid argument:' + typeof message)
    const topic = message.destinationName
    if (topic === undefined) throw invalidArgument(undefined, 'Message.destinationName')
    const core = this._connected()
    const payload = message._text === null ? message.payloadBytes : message._text
    const properties = message._properties === null ? null : encodeProperties(message._properties)
    let ticket
    try {
      ticket = core.publish(topic, payload, message.qos, message.retained, properties, this._platform.now())
    } catch (error) {
      throw this._error(error)
    }
    if (this._trace.active) this._log('Client.send', topic, message.qos)
    if (ticket > 0) {
      if (waiter !== null || this._callbacks.onMessageDelivered !== null) {
        this._publishes.add(ticket, waiter || new Waiter({ message }))
      }
    } else if (waiter !== null || this._callbacks.onMessageDelivered !== null) {
      this._link.handovers.push((handed) => this._handedOver(handed, message, waiter))
    }
    this._link.flushSoon()
  }

  /** @private @param {boolean} handed @param {Message} message @param {Waiter | null} waiter */
  _handedOver(handed, message, waiter) {
    if (!handed) {
      if (waiter !== null) waiter.fail(this._error(new CoreError(LOST, '')))
      return
    }
    this._call(this._callbacks.onMessageDelivered, message)
    if (waiter !== null) waiter.succeed({ reasonCode: 0, reasonName: 'Success', properties: {} })
  }

  /** Messages of a filter, one after the other. @param {any} filter @param {Record<string, any>} [options] */
  messages(filter, options = {}) {
    return new MessageStream(this, filter, options)
  }

  /** @param {{ reasonCode?: number, properties?: Record<string, any> }} [options] */
  disconnect(options = {}) {
    if (this._state === 'idle') throw invalidState('not connecting or connected')
    this._log('Client.disconnect')
    const link = this._link
    const socket = link.socket
    const closed = new Promise((resolve) => {
      if (socket === null) return resolve(undefined)
      const timer = this._platform.setTimer(() => resolve(undefined), 2000)
      link.onClosed.push(() => {
        this._platform.clearTimer(timer)
        resolve(undefined)
      })
    })
    if (link.core !== null && link.core.active) {
      try {
        link.core.disconnect(options.reasonCode || 0, encodeProperties(options.properties), this._platform.now())
      } catch (error) {
        throw this._error(error)
      }
      link.pump()
    } else this._failed(new MqttError(0))
    return closed
  }

  /** Authenticates again on a live connection (MQTT 5). @param {Record<string, any>} [properties] */
  reauthenticate(properties = {}) {
    const core = this._connected()
    try {
      core.authenticate(RE_AUTHENTICATE, encodeProperties(properties), this._platform.now())
    } catch (error) {
      throw this._error(error)
    }
    this._authenticating = new Waiter()
    this._link.flushSoon()
    return this._authenticating.promise
  }

  /** @param {number} packetId @param {number} reasonCode */
  acknowledge_(packetId, reasonCode) {
    if (this._state !== 'connected' || this._link.core === null) return
    try {
      this._link.core.acknowledge(packetId, reasonCode, this._platform.now())
    } catch (error) {
      throw this._error(error)
    }
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
        return this._failed(this._ending(event))
      case 'lost':
        return this._lost(this._ending(event))
      case 'delivered':
        return this._delivered(event)
      case 'subscribed':
      case 'unsubscribed':
        return this._answered(event)
      case 'auth':
        return this._authenticate(event)
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
    const uri = this._options.uris[event.host]
    this._log('Client.connected', uri, event.version)
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
    if (message._routes !== null) {
      for (const id of message._routes) {
        const route = this._routes.get(id)
        if (route) this._call(route.onMessage, message)
      }
    }
    this._call(this._callbacks.onMessageArrived, message)
  }

  /** @private @param {any} event */
  _delivered({ ticket, reasonCode, properties }) {
    const waiter = this._publishes.take(ticket)
    if (waiter === undefined) return
    const more = this._reason(reasonCode, properties)
    if (reasonCode >= FAILURE) return waiter.fail(new MqttError(26, this._text(26) + ' ' + more.reasonName, more))
    this._call(this._callbacks.onMessageDelivered, waiter.more.message)
    waiter.succeed(more)
  }

  /** @private @param {any} event */
  _answered({ ticket, codes, properties }) {
    const waiter = this._subscribes.take(ticket)
    if (waiter === undefined) return
    const refused = Array.prototype.find.call(codes, (code) => code >= FAILURE)
    const more = { reasonCodes: codes, properties: decodeProperties(properties) }
    if (refused !== undefined) {
      return waiter.fail(new MqttError(27, `${this._text(27)} ${this._reasonName(refused)}`.trim(), { ...more, ...this._reason(refused, properties) }))
    }
    waiter.succeed({ grantedQos: codes, ...more })
  }

  /** @private @param {any} event */
  _authenticate({ reasonCode, properties }) {
    if (reasonCode !== CONTINUE) {
      const waiter = this._authenticating
      this._authenticating = null
      if (waiter !== null) waiter.succeed(this._reason(reasonCode, properties))
      return
    }
    const { authenticate } = this._options
    const link = this._link
    const socket = link.socket
    Promise.resolve(this._reason(reasonCode, properties))
      .then((challenge) => {
        if (!authenticate) throw new MqttError(25, this._text(25))
        return authenticate(challenge)
      })
      .then((answer) => {
        if (link.socket !== socket || link.core === null) return
        link.core.authenticate(CONTINUE, encodeProperties(answer), this._platform.now())
        link.pump()
      })
      .catch((error) => {
        this._platform.report(error)
        if (link.socket === socket && this._state !== 'idle') this.disconnect()
      })
  }

  /** @private @param {MqttError} error */
  _failed(error) {
    this._state = 'idle'
    const waiter = this._connecting
    this._connecting = null
    this._log('Client.connect failed', error.message)
    if (waiter !== null) waiter.fail(error)
  }

  /** @private @param {MqttError} error */
  _lost(error) {
    this._state = 'idle'
    this._log('Client.connectionLost', error.message)
    const lost = error.code === 0 ? new MqttError(LOST, this._text(LOST)) : error
    for (const waiter of this._subscribes.takeAll()) waiter.fail(lost)
    const kept = this._options.cleanSession === false || this._options.cleanStart === false
    for (const [ticket, waiter] of Array.from(this._publishes.byTicket)) {
      waiter.fail(lost)
      if (!kept) this._publishes.take(ticket)
    }
    if (this._authenticating !== null) this._authenticating.fail(lost)
    this._authenticating = null
    for (const stream of Array.from(this._streams)) stream.end(error.code === 0 ? null : lost)
    this._call(this._callbacks.onConnectionLost, { ...failure(error), reconnect: false, uri: this.uri })
  }

  // Shared.

  /** @private */
  _connected() {
    if (this._state !== 'connected' || this._link.core === null) throw invalidState('not connected')
    return this._link.core
  }

  /** @private @param {string[]} filters @param {Function} onMessage */
  _route(filters, onMessage) {
    return filters.map((filter) => {
      const id = ++this._lastRoute
      this._routes.set(id, { filter, onMessage })
      if (this._link.core) this._link.core.route(filter, id)
      return id
    })
  }

  /** @private @param {number} id */
  _unroute(id) {
    const route = this._routes.get(id)
    if (!route) return
    this._routes.delete(id)
    if (this._link.core && !this._link.core.core.retired) this._link.core.unroute(route.filter, id)
  }

  /** @private @param {Waiter} waiter @param {AbortSignal | undefined} signal @param {() => void} aborted */
  _abortable(waiter, signal, aborted) {
    if (!signal) return
    const abort = () => {
      waiter.fail(new MqttError(100))
      aborted()
    }
    if (signal.aborted) return this._platform.defer(abort)
    signal.addEventListener('abort', abort)
    waiter.cleanup = () => signal.removeEventListener('abort', abort)
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

  /** @private @param {number} code */
  _text(code) {
    const core = this._holder.core
    return errorText(code) || (core ? core.errorText(code) : '')
  }

  /** @private @param {number} reasonCode */
  _reasonName(reasonCode) {
    const core = this._holder.core
    return core ? core.reasonName(reasonCode) : ''
  }

  /** @private @param {number} reasonCode @param {Uint8Array | null} properties */
  _reason(reasonCode, properties) {
    return { reasonCode, reasonName: this._reasonName(reasonCode), properties: decodeProperties(properties) }
  }

  /** @private What the core said as an error of ours. @param {any} error */
  _error(error) {
    if (error instanceof MqttError) return error
    if (error instanceof CoreError) return new MqttError(error.code, error.message || this._text(error.code))
    return new MqttError(5, [error && error.message, error && error.stack])
  }

  /** @private @param {any} event failed or lost */
  _ending({ code, reasonCode, properties }) {
    if (code === 0) return new MqttError(0)
    const more = reasonCode === 0 ? {} : this._reason(reasonCode, properties)
    if (code === 6) return new MqttError(6, refusedText(reasonCode, reasonCode >= FAILURE ? this._reasonName(reasonCode) : ''), more)
    if (code === 7) return new MqttError(7, [this._link.errorText])
    const name = more.reasonName ? ' ' + more.reasonName + '.' : ''
    return new MqttError(code, this._text(code) + name, more)
  }

  /** @private @param {...any} words */
  _log(...words) {
    if (this._trace.active) this._call(() => this._trace.write(words.map(String).join(' ')))
  }
}

/** The message in Paho's arguments: topic, payload, then qos and retained, or an object of options. @param {any[]} args */
function messageOf(args) {
  if (args.length === 0) throw new MqttError(13, 'Invalid argument.length')
  const [topic, payload, third, retained] = args
  const message = new Message(payload)
  message.destinationName = topic
  const options = typeof third === 'object' && third !== null ? third : { qos: third, retained }
  if (options.qos !== undefined) message.qos = options.qos
  if (options.retained !== undefined) message.retained = options.retained
  if (options.properties !== undefined) message.properties = options.properties
  return message
}

/** A failure in the shape of Paho's callbacks. @param {any} error */
function failure(error) {
  const { reasonCode, reasonName, properties, reasonCodes } = error
  const more = reasonCode === undefined ? {} : { reasonCode, reasonName, properties }
  return { errorCode: reasonCodes || error.code, errorMessage: error.message, ...more }
}
