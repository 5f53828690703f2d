/**
 * From `connect` to the end: the state, the attempts, the store that the session goes on from, sleep and network, and who
 * is told. When to try, and what of, is decided in the core.
 */

import { ask, asks, connectProperties, given, referredTo, secret } from './attempt.js'
import { Authentication } from './authentication.js'
import { MqttError, invalidState } from './errors.js'
import { Link } from './link.js'
import { shown } from './options.js'
import { LOST, endingOf, errorOf, failureOf, thrown } from './outcome.js'
import { Waiter } from './pending.js'
import { Persistence } from './persistence.js'
import { decodeProperties, encodeProperties } from './properties.js'

const RECORD_DAMAGED = 51

/** Reason codes by which a server sends a client on (OASIS 5.0, section 4.11). */
const USE_ANOTHER_SERVER = 0x9c
const SERVER_MOVED = 0x9d

/** How long a server may take to answer the closing handshake before `disconnect()` settles, in milliseconds. */
const CLOSING = 2000

export class Connection {
  /**
   * @param {import('./client.js').Client} client
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   */
  constructor(client, platform, holder) {
    this.client = client
    this.platform = platform
    this.holder = holder
    this.link = new Link(platform, {
      handleMessage: (message) => client._subscribing.handleMessage(message),
      handleEvent: (event) => client._handle(event),
      handlePumped: () => client._publishing.handlePumped(),
      prepare: (host, present) => this.prepare(host, present),
      protocols: (version) => this.options.protocols || [version === 3 ? 'mqttv3.1' : 'mqtt'],
      parameters: () => this.options.socket || {},
    })
    this.authentication = new Authentication(platform, holder, this.link, (error) => this.giveUp(error))
    /** @type {'disconnected' | 'connecting' | 'connected' | 'reconnecting'} */
    this.state = 'disconnected'
    /** `disconnect` waits for what is in flight. */
    this.draining = false
    /** @type {any} */
    this.options = {}
    /** Where the last attempt went. @type {string} */
    this.uri = client._at.uri
    /** Where the server has sent us on to, for the attempts to come. @type {string[]} */
    this.referred = []
    /** The one of them that the present attempt goes to. @type {string | undefined} */
    this.reference = undefined
    /** The store that failed: the session goes on in memory without it. @type {object | null} */
    this.failedStore = null
    /** Who waits for the first connection. @type {Waiter | null} */
    this.waiter = null
    /** Who waits for a sign of life. @type {Waiter[]} */
    this.probes = []
    /** Ends the watch over sleep and network. */
    this.unwatch = () => {}
    /** The store is given back. @type {Promise<any> | null} */
    this.storeClosed = null
  }

  // What the program wants.

  /** @param {Record<string, any>} options checked @param {Waiter} waiter */
  connect(options, waiter) {
    this.options = options
    this.state = 'connecting'
    this.waiter = waiter
    this.referred = []
    this.reference = undefined
    this.unwatch = this.platform.watch((network) => this.link.wake(network))
    this.client._updateOffline()
    const present = () => this.waiter === waiter
    const failed = (/** @type {any} */ error) => present() && this.fail(thrown(error))
    const start = (/** @type {import('./core.js').Core} */ core) => {
      if (!present()) return
      try {
        if (this.storeClosed !== null) return void this.storeClosed.then(() => start(core))
        const records = this.load(core)
        if (Array.isArray(records)) this.start(core, records)
        else records.then((loaded) => present() && this.start(core, loaded)).catch(failed)
      } catch (error) {
        failed(error)
      }
    }
    const ready = this.holder.ready
    if (ready) start(ready)
    else this.holder.open(options, (error) => this.client._warn(error)).then(start, failed)
  }

  /** @param {{ reasonCode?: number, properties?: Record<string, any> }} options @returns {Promise<void>} */
  disconnect(options) {
    const { link, platform } = this
    const active = link.core !== null && link.core.active ? link.core : null
    if (active !== null) active.disconnect(options.reasonCode || 0, encodeProperties(options.properties), link.now())
    const closed = new Promise((resolve) => {
      if (link.socket === null) return resolve(undefined)
      const timer = platform.setTimer(() => resolve(undefined), CLOSING)
      link.onClosed.push(() => {
        platform.clearTimer(timer)
        resolve(undefined)
      })
    })
    if (active !== null) link.pump()
    else this.fail(new MqttError(0))
    return Promise.all([closed, this.storeClosed]).then(() => {})
  }

  /** Disconnects when nothing is pending, or after so many seconds. @param {number} seconds @param {object} options */
  drain(seconds, options) {
    const { platform } = this
    this.draining = true
    const waiter = this.client._publishing.drained(0)
    const timer = platform.setTimer(() => waiter.succeed(undefined), seconds * 1000)
    waiter.finally(() => platform.clearTimer(timer))
    return waiter.promise.then(
      () => {
        if (!this.draining) return
        // What MQTT does not allow is refused, and the connection goes on.
        this.draining = false
        return this.disconnect(options)
      },
      // It has ended without us.
      () => {},
    )
  }

  /** Asks the server for a sign of life now, or tries to connect now. @returns {Promise<void>} */
  probe() {
    if (this.state === 'disconnected') throw invalidState('not connecting or connected')
    const waiter = new Waiter()
    this.probes.push(waiter)
    this.link.wake(false)
    return waiter.promise
  }

  // Making it.

  /** @private What the store has, for a core that knows nothing yet. @param {import('./core.js').Core} core */
  load(core) {
    const { link, options } = this
    const { store } = options
    // A session in memory cannot be put into a store that may have another one.
    const another = store && store !== this.failedStore
    if (link.core !== null && (link.core.core !== core || another)) this.release()
    if (!store || link.core !== null) return []
    // Later, because a program's own function must not run between what is written and what is sent.
    const warn = (/** @type {MqttError} */ error) => this.platform.defer(() => this.client._warn(error))
    link.persistence = new Persistence(store, warn, this.platform)
    return link.persistence.load(`${this.client._at.clientId}@${options.uris[0].replace(/[?#].*|[^/@]*@/g, '')}`)
  }

  /** @private @param {import('./core.js').Core} core @param {[string, Uint8Array][]} records */
  start(core, records) {
    const { client, link, options: o } = this
    if (link.core === null) {
      link.core = core.createClient(link)
      client._subscribing.routes.attach(link.core)
    }
    const damaged = this.restore(link.core, records)
    const version = o.mqttVersion
    const will = o.willMessage
    client._subscribing.autoAck = o.autoAck !== false
    link.core.connect(
      {
        versions: version === 'auto' ? [5, 4] : version ? [version] : [4, 3],
        hosts: o.uris.length,
        clientId: client._at.clientId,
        cleanStart: !this.keepsSession,
        keepAlive: o.keepAliveInterval === undefined ? 60 : Math.ceil(o.keepAliveInterval),
        timeout: (o.timeout || 30) * 1000,
        userName: o.userName === undefined || asks(o) ? null : o.userName,
        password: asks(o) ? null : secret(o.password),
        will: will
          ? { topic: will.destinationName, payload: will.payloadBytes, qos: will.qos, retained: will.retained, properties: encodeProperties(will.properties) }
          : null,
        properties: connectProperties(given(o.properties), this.asksToKeep),
        autoAck: client._subscribing.coreAcks,
        batch: o.batch !== false,
        maxInflight: o.maxInflight || 0xffff,
        seed: Math.floor(Math.random() * 0x100000000),
        reconnect: o.reconnect,
        followServerReference: o.followServerReference === true,
        persist: o.store !== undefined,
        offline: client._publishing.offline,
        asks: asks(o),
      },
      link.now(),
    )
    // The core has it now, and a client that somebody logs shall not show it.
    if (!asks(o)) delete o.password
    if (damaged.length > 0) this.drop(damaged)
    client._publishing.handleLoaded(client._callbacks.onMessageDelivered !== null)
    link.pump()
  }

  /** @private @param {import('./core.js').CoreClient} core @param {[string, Uint8Array][]} records @returns those that are damaged */
  restore(core, records) {
    return records.filter(([key, record]) => {
      try {
        core.restore(key, record)
        return false
      } catch (error) {
        if (core.core.retired) throw error
        return true
      }
    })
  }

  /** @private @param {[string, Uint8Array][]} damaged */
  drop(damaged) {
    const { persistence } = this.link
    if (persistence !== null) persistence.write(damaged.map(([key]) => ({ key, value: null })))
    for (const _ of damaged) this.client._warn(errorOf(this.holder, RECORD_DAMAGED))
  }

  /**
   * @private The address of an attempt; the core gets what the program gives for it.
   * @param {number} host @param {() => boolean} present
   * @returns {string | Promise<string>}
   */
  prepare(host, present) {
    const { options } = this
    const { core } = this.link
    const { reference } = this
    this.uri = reference || options.uris[host]
    if (core === null || !asks(options)) return this.uri
    return ask(options, core, this.asksToKeep, present).then((url) => {
      if (url !== undefined && reference === undefined) this.uri = url
      return this.uri
    })
  }

  /** @private The session shall outlive its connection. MQTT 5's name of the option wins. */
  get keepsSession() {
    const { cleanStart, cleanSession } = this.options
    return (cleanStart === undefined ? cleanSession : cleanStart) === false
  }

  /** @private MQTT 5 asks for that by a property. */
  get asksToKeep() {
    const { mqttVersion } = this.options
    return this.keepsSession && (mqttVersion === 5 || mqttVersion === 'auto')
  }

  // What the core tells.

  /** @param {any} event */
  handleConnected(event) {
    const { client, waiter, uri } = this
    this.state = 'connected'
    client.sessionPresent = event.sessionPresent
    client.mqttVersion = event.version
    client.serverProperties = decodeProperties(event.properties)
    const assigned = client.serverProperties.assignedClientIdentifier
    if (assigned !== undefined) client._at.clientId = assigned
    client._subscribing.handleConnected(event.sessionPresent, !event.reconnected && !this.keepsSession)
    client._log('Client.connected', shown(uri), event.version)
    this.referred = []
    this.waiter = null
    if (waiter !== null) {
      waiter.succeed({ sessionPresent: event.sessionPresent, mqttVersion: event.version, properties: client.serverProperties, uri })
    }
    this.handleAlive()
    // Those who were told may have ended it.
    if (this.state === 'connected') client._call(client._callbacks.onConnected, event.reconnected, uri)
  }

  /** The server has given a sign of life. */
  handleAlive() {
    for (const waiter of this.probes.splice(0)) waiter.succeed(undefined)
  }

  /** @param {any} event */
  handleLost(event) {
    const { client, holder } = this
    const error = endingOf(holder, event, this.link)
    const lost = error.code === 0 ? errorOf(holder, LOST) : error
    if (event.reconnecting) {
      this.state = 'reconnecting'
      this.refer(error)
    } else this.end(error)
    client._log('Client.connectionLost', error.message)
    client._subscribing.handleLost(lost)
    this.link.handOver(lost)
    this.authentication.handleLost(lost)
    this.tellLost(error, event.reconnecting)
  }

  /** AUTH. @param {any} event */
  handleAuth(event) {
    this.authentication.handleAuth(event, this.options.authenticate)
  }

  /** No connection came about, or none came back. @param {any} event */
  handleFailed(event) {
    this.fail(endingOf(this.holder, event, this.link))
  }

  /** @private There is no connection, and none is tried any more. @param {MqttError} error */
  fail(error) {
    const { client, waiter } = this
    const wasUp = this.state === 'reconnecting'
    this.waiter = null
    this.end(error)
    client._log('Client.connect failed', error.message)
    if (waiter !== null) waiter.fail(error)
    if (wasUp) this.tellLost(error, false)
  }

  /** @private @param {MqttError} error @param {boolean} reconnect */
  tellLost(error, reconnect) {
    const { client, uri } = this
    client._call(client._callbacks.onConnectionLost, { ...failureOf(error), reconnect, uri })
  }

  /** @param {any} event */
  handleReconnecting(event) {
    const { client } = this
    const error = endingOf(this.holder, event, this.link)
    this.refer(error)
    this.reference = this.referred.shift()
    client._log('Client.reconnecting', event.attempt, event.delay)
    const { attempt, delay } = event
    client._call(client._callbacks.onReconnecting, { ...failureOf(error), attempt, delay: delay / 1000 })
  }

  /** @private The next attempts go where the server sends us on to, if we may. @param {any} error */
  refer({ reasonCode, properties = {} }) {
    if (!this.options.followServerReference || (reasonCode !== USE_ANOTHER_SERVER && reasonCode !== SERVER_MOVED)) return
    const uris = referredTo(properties.serverReference || '', this.uri)
    if (uris.length === 0) return
    this.referred = uris
    if (reasonCode === SERVER_MOVED) this.options.uris = this.options.uris.map((/** @type {string} */ _, /** @type {number} */ n) => uris[n % uris.length])
  }

  /** @private The program cannot or will not answer the server. @param {any} error */
  giveUp(error) {
    if (this.waiter !== null) this.waiter.fail(thrown(error))
    if (this.state !== 'disconnected') this.disconnect({})
  }

  /** @private Everybody who waits is told. @param {MqttError} error */
  end(error) {
    const { client, link } = this
    const { persistence } = link
    const stored = persistence !== null && persistence.whole
    const lost = error.code === 0 ? errorOf(this.holder, LOST) : error
    this.state = 'disconnected'
    this.draining = false
    this.unwatch()
    this.unwatch = () => {}
    if (persistence !== null) {
      if (!this.keepsSession) persistence.write([{ key: '', value: null }])
      this.failedStore = stored ? null : this.options.store
      const closed = (this.storeClosed = persistence.close())
      if (closed !== null) closed.then(() => (this.storeClosed = null))
      link.persistence = null
    }
    // A session that ends with its connection leaves nothing behind in the core, nor does one that goes on from a store.
    if (!this.keepsSession || stored) this.release()
    client._publishing.handleEnded(lost)
    for (const waiter of this.probes.splice(0)) waiter.fail(lost)
    client._subscribing.handleEnded(error.code === 0 ? null : lost)
  }

  /** @private */
  release() {
    if (this.link.core !== null) this.link.core.free()
    this.link.core = null
    this.client._subscribing.routes.detach()
  }
}
