// A host without network and without clock, for tests of the face: the test is the server, byte by byte, and time passes
// when the test says so. It is a platform like js/platform/web.js, so that the client under test is the real one, with
// the real core behind it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFor } from '../../js/api.js'
import { root } from '../../scripts/tools.mjs'
import { Clock } from './clock.mjs'

const module = new WebAssembly.Module(readFileSync(join(root, 'pkg/wasmqtt.wasm')))

/** Bytes of hexadecimal digits; white space is for the reader. @param {string} text */
export const hex = (text) =>
  Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (two) => Number.parseInt(two, 16))

/** Bytes as hexadecimal digits. @param {Uint8Array} bytes */
export const toHex = (bytes) => Buffer.from(bytes).toString('hex')

/** A string as MQTT writes it, as hexadecimal digits. @param {string} text */
export function string(text) {
  const bytes = Buffer.from(text)
  return bytes.length.toString(16).padStart(4, '0') + toHex(bytes)
}

/** Digits behind their length as a variable byte integer: a property section, or what follows a packet's first byte. @param {string} text */
export function sized(text) {
  const digits = text.replaceAll(/\s/g, '')
  let length = digits.length / 2
  let size = ''
  do {
    size += ((length & 127) | (length > 127 ? 128 : 0)).toString(16).padStart(2, '0')
    length >>= 7
  } while (length > 0)
  return size + digits
}

/** A packet in hexadecimal digits. @param {string} first its first byte @param {string} rest */
export const packet = (first, rest) => first + sized(rest)

/** A CONNACK of MQTT 5 with these properties, in hexadecimal digits. @param {string} [properties] @param {string} [reason] */
export const connAck5 = (properties = '', reason = '00') => `20${sized(`00 ${reason} ${sized(properties)}`)}`

/** Remembers what a promise comes to; `state` is 'pending' until then. @param {Promise<any>} promise */
export function watch(promise) {
  /** @type {{ state: string, value?: any, error?: any }} */
  const seen = { state: 'pending' }
  promise.then(
    (value) => Object.assign(seen, { state: 'fulfilled', value }),
    (error) => Object.assign(seen, { state: 'rejected', error }),
  )
  return seen
}

/** A WebSocket of which the test is the other end. */
class ServerEnd {
  constructor(url, protocols, handlers) {
    this.url = url
    this.protocols = protocols
    this.handlers = handlers
    /** What the client sent, a string of hexadecimal digits for each WebSocket message. @type {string[]} */
    this.sent = []
    /** Did the client close it? */
    this.closed = false
    /** What the browser would say is not sent yet; the test may raise it. */
    this.bufferedAmount = 0
  }

  /** Takes what the client sent since the last time. */
  take() {
    return this.sent.splice(0)
  }

  /** The socket is open: CONNECT leaves. */
  open() {
    this.handlers.onOpen()
    return this.take()
  }

  /** One WebSocket message for the client. @param {string | Uint8Array} data hexadecimal digits or bytes */
  receive(data) {
    const bytes = typeof data === 'string' ? hex(data) : data
    this.handlers.onMessage(bytes.slice().buffer)
  }

  /** @param {string} text */
  fail(text) {
    this.handlers.onError(text)
  }

  drop(code = 1006, reason = '') {
    this.handlers.onClose(code, reason)
  }
}

export class Host extends Clock {
  constructor() {
    super()
    /** One for each attempt to connect. @type {ServerEnd[]} */
    this.sockets = []
    /** What programs' own functions threw. @type {any[]} */
    this.reported = []
    /** Who wants to know of sleep and network. @type {Set<(network: boolean) => void>} */
    this.watchers = new Set()
    /** How often the core was loaded. */
    this.loads = 0
    /** The exports of the last core, for tests that break it. @type {any} */
    this.exports = null
    /** Do the sockets copy what they are given, as those of browsers do? Those of mini-programs do not. */
    this.copies = true
    /** Set to an error to make opening a socket throw. @type {Error | null} */
    this.refuses = null
    Object.assign(this, clientFor(this.platform()))
  }

  /** @returns {import('../../js/platform/contract.js').Platform} */
  platform() {
    return {
      use: () => {},
      loadCore: async () => {
        this.loads++
        // A plain object, so that a test can put a function of its own in the place of an export.
        this.exports = { ...new WebAssembly.Instance(module, {}).exports }
        return this.exports
      },
      openSocket: (url, protocols, handlers) => {
        if (this.refuses) throw this.refuses
        const end = new ServerEnd(url, protocols, handlers)
        this.sockets.push(end)
        return {
          send: (data) => {
            if (!(data instanceof ArrayBuffer || (this.copies && data instanceof Uint8Array))) throw new Error('only an ArrayBuffer of its own may be sent')
            if (end.closed) throw new Error('sent on a closed socket')
            end.sent.push(toHex(new Uint8Array(data)))
          },
          close: () => {
            end.closed = true
          },
          get bufferedAmount() {
            return end.bufferedAmount
          },
          copies: this.copies,
        }
      },
      now: () => this.time,
      setTimer: (run, delay) => this.setTimer(run, delay),
      clearTimer: (timer) => this.clearTimer(timer),
      watch: (wake) => {
        this.watchers.add(wake)
        return () => this.watchers.delete(wake)
      },
      defer: (run) => queueMicrotask(run),
      report: (error) => this.reported.push(error),
    }
  }

  /** The socket of the newest attempt. */
  get socket() {
    return this.sockets.at(-1)
  }

  /** The device was asleep, or the network may have changed. @param {boolean} network */
  async wake(network) {
    for (const wake of this.watchers) wake(network)
    await this.turn()
  }

  /**
   * A connected client.
   * @param {Record<string, any>} [options] of connect
   * @param {{ connAck?: string, client?: any }} [more] connAck: what the server answers
   */
  async connected(options = {}, { connAck, client = new this.Client('ws://server/mqtt', 'me') } = {}) {
    const before = this.sockets.length
    const done = client.connect({ mqttVersion: 4, ...options })
    while (this.sockets.length === before) await this.turn()
    this.socket.open()
    this.socket.receive(connAck ?? ((options.mqttVersion ?? 4) === 5 ? '2003000000' : '20020000'))
    await done
    return client
  }
}
