/**
 * What a program may pass in: the arguments of `new Client` and `publish`, and the options of every other method.
 * Checked as Paho checks them, in Paho's words; nothing that was passed in is ever changed.
 */

import { MqttError, hidden, invalidArgument, invalidType } from './errors.js'
import { Message } from './message.js'
import { bytesOf } from './properties.js'

const URI = /^(?:wss?|wxs|alis):\/\/(?:[^/?#@]*@)?(?:\[([^\]]+)\]|([^/:?#@]+))(?::(\d+))?(\/.*)$/

// Named, because each stands many times in what ships.
const NUMBER = 'number'
const STRING = 'string'
const BOOLEAN = 'boolean'
const OBJECT = 'object'
const FUNCTION = 'function'

const CONNECT = {
  timeout: NUMBER,
  userName: 'string|function',
  password: 'string|binary|function',
  willMessage: OBJECT,
  keepAliveInterval: NUMBER,
  cleanSession: BOOLEAN,
  useSSL: BOOLEAN,
  invocationContext: OBJECT,
  onSuccess: FUNCTION,
  onFailure: FUNCTION,
  hosts: OBJECT,
  ports: OBJECT,
  reconnect: 'boolean|object',
  mqttVersion: 'number|auto',
  mqttVersionExplicit: BOOLEAN,
  uris: OBJECT,
  cleanStart: BOOLEAN,
  properties: 'object|function',
  url: 'string|function',
  followServerReference: BOOLEAN,
  offline: 'boolean|object',
  store: OBJECT,
  maxInflight: NUMBER,
  autoAck: BOOLEAN,
  authenticate: FUNCTION,
  protocols: OBJECT,
  batch: BOOLEAN,
  signal: OBJECT,
  platform: STRING,
  wasmPath: STRING,
  socket: OBJECT,
}

const RECONNECT = {
  minDelay: NUMBER,
  maxDelay: NUMBER,
  jitter: NUMBER,
  maxAttempts: NUMBER,
  giveUpOn: OBJECT,
  initial: BOOLEAN,
}
const OFFLINE = { maxMessages: NUMBER, maxBytes: NUMBER, maxAge: NUMBER, overflow: STRING, qos0: BOOLEAN }
const OVERFLOW = ['reject', 'drop-oldest', 'drop-newest']
const ANSWER = { invocationContext: OBJECT, onSuccess: FUNCTION, onFailure: FUNCTION, timeout: NUMBER }
const OF_FILTER = { noLocal: BOOLEAN, retainAsPublished: BOOLEAN, retainHandling: NUMBER }
const SUBSCRIBE = { qos: NUMBER, ...ANSWER, ...OF_FILTER, properties: OBJECT, onMessage: FUNCTION, signal: OBJECT }
const FILTER = { filter: STRING, qos: NUMBER, ...OF_FILTER, onMessage: FUNCTION }
const UNSUBSCRIBE = { ...ANSWER, properties: OBJECT, signal: OBJECT }
const PUBLISH = { qos: NUMBER, retained: BOOLEAN, properties: OBJECT, signal: OBJECT }

/** Seconds, as milliseconds no more than a timer takes. */
const LONGEST = 2147483

const CLIENT_ID_NEEDED = 45

/** In the place of one that a function gives. */
export const NO_ADDRESS = 'ws://-/'

/** An address as it may appear in an error or a trace. @param {unknown} uri */
export const shown = (uri) => hidden(String(uri))

/**
 * Holds every own key against its type. A key whose value is undefined counts as absent, and so do options that are null.
 * @param {Record<string, any> | null} options
 * @param {Record<string, string>} types
 * @returns {Record<string, any>} a copy without the absent keys
 */
function checked(options, types) {
  /** @type {Record<string, any>} */
  const copy = {}
  for (const key of Object.keys(options || copy)) {
    const value = /** @type {any} */ (options)[key]
    const type = types[key]
    if (type === undefined) {
      throw new MqttError(12, `Unknown property, ${key}. Valid properties are: ${Object.keys(types).join(' ')}`)
    }
    if (value === undefined) continue
    const fits =
      type.split('|').indexOf(typeof value) >= 0 ||
      (type.indexOf('binary') >= 0 && bytesOf(value) !== null) ||
      (type === 'number|auto' && value === 'auto')
    if (!fits) throw new MqttError(12, [typeof value, key])
    copy[key] = value
  }
  return copy
}

/**
 * The arguments of `new Client(host, port, path, clientId)` and its shorter forms.
 * @param {any[]} args
 */
export function clientArguments(args) {
  let [host, port, path, clientId] = args
  if (typeof host !== 'string') throw new MqttError(12, [typeof host, 'host'])
  let uri
  if (args.length === 2) {
    clientId = port
    uri = host
    const match = URI.exec(uri)
    if (!match) throw invalidArgument(shown(host), 'host')
    host = match[1] || match[2]
    port = match[3] === undefined ? NaN : Number(match[3])
    path = match[4]
  } else {
    if (args.length === 3) {
      clientId = path
      path = '/mqtt'
    }
    if (typeof port !== 'number' || port < 0) throw new MqttError(12, [typeof port, 'port'])
    if (typeof path !== 'string') throw new MqttError(12, [typeof path, 'path'])
    uri = address(host, port, path)
  }
  if (typeof clientId !== 'string' || clientId.length > 65535) throw invalidArgument(clientId, 'clientId')
  return { host, port, path, uri, clientId }
}

/** @param {string} host @param {number} port @param {string} path */
function address(host, port, path) {
  const bracketed = host.indexOf(':') >= 0 && host[0] !== '[' ? `[${host}]` : host
  return `ws://${bracketed}:${port}${path}`
}

/**
 * @param {Record<string, any>} options
 * @param {{ uri: string, path: string, clientId: string }} client
 * @returns {Record<string, any> & { uris: string[] }}
 */
export function connectOptions(options, client) {
  const o = checked(options, CONNECT)
  if (typeof o.mqttVersion === 'number' && [3, 4, 5].indexOf(o.mqttVersion) < 0) {
    throw invalidArgument(o.mqttVersion, 'connectOptions.mqttVersion')
  }
  if (o.password !== undefined && o.userName === undefined && o.mqttVersion !== 5 && o.mqttVersion !== 'auto') {
    throw new MqttError(13, ['(hidden)', 'connectOptions.password'])
  }
  if (o.willMessage) {
    if (!(o.willMessage instanceof Message)) throw invalidType(o.willMessage, 'connectOptions.willMessage')
    if (typeof o.willMessage.destinationName !== 'string') {
      throw new MqttError(12, [typeof o.willMessage.destinationName, 'connectOptions.willMessage.destinationName'])
    }
  }
  inRange(o, 'connectOptions', { keepAliveInterval: 65535, timeout: LONGEST, maxInflight: 65535 })
  if (o.maxInflight < 1) throw invalidArgument(o.maxInflight, 'connectOptions.maxInflight')
  if (typeof o.url === 'string') {
    if (!URI.test(o.url)) throw invalidArgument(shown(o.url), 'connectOptions.url')
    o.uris = [o.url]
    delete o.hosts
    delete o.url
  }
  if (o.store) {
    if (typeof o.store.load !== FUNCTION) throw invalidType(o.store, 'connectOptions.store')
    if (client.clientId === '') throw new MqttError(CLIENT_ID_NEEDED)
    // What is stored is to be found again.
    if (o.cleanStart === undefined && o.cleanSession === undefined) o.cleanStart = false
  }
  return { ...o, uris: uris(o, client), reconnect: reconnectOptions(o.reconnect), offline: offlineOptions(o.offline) }
}

/**
 * @param {any} given
 * @returns {import('./core.js').Reconnect | null}
 */
function reconnectOptions(given) {
  if (!given) return null
  const o = checked(given === true ? {} : given, RECONNECT)
  inRange(o, 'connectOptions.reconnect', { minDelay: LONGEST, maxDelay: LONGEST, jitter: 1, maxAttempts: Infinity })
  const { minDelay = 1, maxDelay = 60, jitter = 1, maxAttempts = Infinity, giveUpOn = null, initial = false } = o
  if (giveUpOn !== null && !(Array.isArray(giveUpOn) && giveUpOn.every((code) => code >= 0 && code <= 255))) {
    throw invalidArgument(giveUpOn, 'connectOptions.reconnect.giveUpOn')
  }
  return {
    minDelay: minDelay * 1000,
    maxDelay: Math.max(minDelay, maxDelay) * 1000,
    jitter: jitter * 100,
    maxAttempts: maxAttempts === Infinity ? 0 : Math.max(1, maxAttempts),
    giveUpOn,
    initial,
  }
}

/**
 * @param {any} given
 * @returns {import('./core.js').Offline | null}
 */
function offlineOptions(given) {
  if (!given) return null
  const o = checked(given === true ? {} : given, OFFLINE)
  inRange(o, 'connectOptions.offline', { maxMessages: LONGEST, maxBytes: 0xffffffff, maxAge: LONGEST })
  const { maxMessages = 1000, maxBytes = 4194304, maxAge = 0, overflow = OVERFLOW[0], qos0 = false } = o
  if (OVERFLOW.indexOf(overflow) < 0) throw invalidArgument(overflow, 'connectOptions.offline.overflow')
  return { maxMessages, maxBytes, maxAge: maxAge * 1000, overflow: OVERFLOW.indexOf(overflow), qos0 }
}

/** Numbers from 0 on. @param {Record<string, any>} o @param {string} name @param {Record<string, number>} most by key */
function inRange(o, name, most) {
  for (const key of Object.keys(most)) {
    if (o[key] !== undefined && !(o[key] >= 0 && o[key] <= most[key])) throw invalidArgument(o[key], `${name}.${key}`)
  }
}

/** @param {Record<string, any>} o @param {{ uri: string, path: string }} client @returns {string[]} */
function uris(o, client) {
  const secure = (/** @type {string} */ uri) => (o.useSSL ? uri.replace(/^[^:]+/, 'wss') : uri)
  if (!o.hosts) {
    if (!o.uris) return [secure(client.uri)]
    if (!Array.isArray(o.uris) || o.uris.length < 1) throw invalidArgument(shown(o.uris), 'connectOptions.uris')
    o.uris.forEach((uri, i) => {
      if (typeof uri !== 'string') throw new MqttError(12, [typeof uri, `connectOptions.uris[${i}]`])
      if (!URI.test(uri)) throw invalidArgument(shown(uri), `connectOptions.uris[${i}]`)
    })
    return o.uris.map(secure)
  }
  if (!Array.isArray(o.hosts) || o.hosts.length < 1) throw invalidArgument(shown(o.hosts), 'connectOptions.hosts')
  const full = o.hosts.map((host, i) => {
    if (typeof host !== 'string') throw new MqttError(12, [typeof host, `connectOptions.hosts[${i}]`])
    return URI.test(host)
  })
  full.forEach((one, i) => {
    if (one !== full[0]) throw invalidArgument(shown(o.hosts[i]), `connectOptions.hosts[${i}]`)
  })
  if (full[0]) return o.hosts.map(secure)
  if (!Array.isArray(o.ports) || o.ports.length !== o.hosts.length) throw invalidArgument(o.ports, 'connectOptions.ports')
  o.ports.forEach((port, i) => {
    if (typeof port !== 'number' || port < 0) throw new MqttError(12, [typeof port, `connectOptions.ports[${i}]`])
  })
  return o.hosts.map((host, i) => secure(address(host, o.ports[i], client.path)))
}

/**
 * @param {any} filter
 * @param {Record<string, any>} options
 * @returns {{ filters: [string, number, Function | undefined][], options: Record<string, any> }} each filter with its
 *   options byte and its handler
 */
export function subscribeOptions(filter, options) {
  const o = checked(options, SUBSCRIBE)
  const list = Array.isArray(filter) ? filter : [filter]
  const filters = list.map((one) => {
    const own = { ...o, ...(typeof one === 'object' && one !== null ? checked(one, FILTER) : { filter: one }) }
    if (typeof own.filter !== 'string') throw new MqttError(13, 'Invalid argument:' + one)
    const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0 } = own
    if ([0, 1, 2].indexOf(qos) < 0) throw invalidArgument(qos, 'subscribeOptions.qos')
    if ([0, 1, 2].indexOf(retainHandling) < 0) throw invalidArgument(retainHandling, 'subscribeOptions.retainHandling')
    const byte = qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4)
    return /** @type {[string, number, Function | undefined]} */ ([own.filter, byte, own.onMessage])
  })
  checkTimeout(o, 'subscribeOptions')
  return { filters, options: o }
}

/**
 * The message in Paho's arguments: itself, or topic, payload, then qos and retained or an object of options. What is
 * `undefined` counts as absent: to count arguments would make an object of them, for every message.
 * @param {any} topic @param {any} payload @param {any} third @param {any} retained
 */
export function messageOf(topic, payload, third, retained) {
  if (payload === undefined && typeof topic !== 'string') {
    if (topic === undefined) throw new MqttError(13, 'Invalid argument.length')
    return topic
  }
  const message = new Message(payload)
  message.destinationName = topic
  if (typeof third !== 'object' || third === null) {
    if (third !== undefined) message.qos = third
    if (retained !== undefined) message.retained = retained
    return message
  }
  const options = checked(third, PUBLISH)
  if (options.qos !== undefined) message.qos = options.qos
  if (options.retained !== undefined) message.retained = options.retained
  if (options.properties !== undefined) message.properties = options.properties
  return message
}

/** @param {any} filter @param {Record<string, any>} options */
export function unsubscribeOptions(filter, options) {
  const o = checked(options, UNSUBSCRIBE)
  const filters = Array.isArray(filter) ? filter : [filter]
  for (const one of filters) if (typeof one !== 'string') throw new MqttError(13, 'Invalid argument:' + one)
  checkTimeout(o, 'unsubscribeOptions')
  return { filters: /** @type {string[]} */ (filters), options: o }
}

/** @param {Record<string, any>} o @param {string} name */
function checkTimeout(o, name) {
  if (o.timeout !== undefined && !(o.timeout >= 0)) throw invalidArgument(o.timeout, name + '.timeout')
}

/** @param {string} name @param {any} value @returns {Function} */
export function callback(name, value) {
  if (typeof value !== 'function') throw new MqttError(12, [typeof value, name])
  return value
}
