/**
 * The Rust core, as JavaScript objects: commands go in here, with their strings and bytes; what follows from them is read
 * by batch.js. No other file touches WebAssembly memory. Knows no socket, no timer and no host.
 *
 * The other side of this boundary is src/ffi; its comments say what each number means.
 */

import { kept, readBatch } from './batch.js'
import { MqttError } from './errors.js'
import { decodeUtf8, encodeUtf8 } from './utf8.js'

const ABSENT = 0xffffffff
const TRAPPED = 101

/** Scratch space kept for the next call, in bytes. */
const KEPT = 64 * 1024
/** Scratch space above this is given back when a smaller call comes. */
const LARGE = 1024 * 1024

/** What a Remaining Length can say, in bytes (OASIS 5.0, section 1.5.5). */
const LONGEST_PACKET = 0xfffffff

/**
 * @typedef {{ topic: string, payload: Uint8Array | string, qos: number, retained: boolean, properties: Uint8Array | null }} Will
 *
 * @typedef {{ versions: number[], hosts: number, clientId: string, cleanStart: boolean, keepAlive: number, timeout: number,
 *   userName: string | null, password: string | Uint8Array | null, will: Will | null, properties: Uint8Array | null,
 *   autoAck: boolean, batch: boolean, maxInflight: number, seed: number, reconnect: Reconnect | null,
 *   followServerReference: boolean, persist: boolean, offline: Offline | null, asks: boolean }} ConnectOptions
 *
 * Times in milliseconds, jitter in percent.
 * @typedef {{ minDelay: number, maxDelay: number, jitter: number, maxAttempts: number, initial: boolean,
 *   giveUpOn: number[] | null }} Reconnect
 * @typedef {{ maxMessages: number, maxBytes: number, maxAge: number, overflow: number, qos0: boolean }} Offline
 *
 * Who drives a client: hears of a trap, after which the client has something to tell although nobody called, and of a message
 * that its program acknowledges.
 * @typedef {{ handleTrapped(): void, acknowledge(core: CoreClient, id: number, reasonCode: number): void }} Owner
 */

/** @param {Offline | null} offline */
const offlineFlags = (offline) => (offline === null ? 0 : 1 | (offline.overflow << 1) | (offline.qos0 ? 1 << 3 : 0))

/** @param {Offline | null} offline */
const offlineNumbers = (offline) => (offline === null ? [0, 0, 0] : [offline.maxMessages, offline.maxBytes, offline.maxAge])

/** Writes a string or bytes and gives the length. @param {string | Uint8Array} value @param {Uint8Array} into @param {number} at */
function write(value, into, at) {
  if (typeof value === 'string') return encodeUtf8(value, into, at)
  into.set(value, at)
  return value.length
}

/** One WebAssembly instance. Several clients live in it; a trap retires it with all of them. */
export class Core {
  /**
   * @param {any} exports of wasmqtt.wasm
   * @param {(error: unknown) => void} report gets the engine's own words about a trap
   */
  constructor(exports, report) {
    this.exports = exports
    this.report = report
    /** It trapped: its memory is not to be trusted any more. */
    this.retired = false
    /** @type {Set<CoreClient>} */
    this.clients = new Set()
    /** By code, as they are asked for. @type {Record<number, string>} */
    this.reasonNames = {}
    /** Strings of the topics that the core has numbered. @type {string[]} */
    this.topics = []
    /** By the same numbers: ids of the handlers that match. @type {(number[] | null)[]} */
    this.routes = []
    this.space = 0
    this.at = 0
    /** The memory of wasm2js leaves the old buffer as it was. The tag, because a host's class has a name of its own. */
    this.detaches = Object.prototype.toString.call(exports.memory) === '[object WebAssembly.Memory]'
    /** The whole memory. @type {Uint8Array} */
    this.bytes = new Uint8Array(0)
    /** Where the arguments of calls are written. @type {Uint8Array | null} */
    this.scratch = null
    /** The topic that stands at its beginning, if one does: those of a turn are often the same. @type {string | null} */
    this.topic = null
    this.topicLength = 0
    /** @type {Uint32Array} */
    this.words = new Uint32Array(0)
  }

  /** @param {Owner} owner */
  createClient(owner) {
    const client = new CoreClient(this, this.call('client_new'), owner)
    this.clients.add(client)
    return client
  }

  /** The sentence for an error code, or ''. @param {number} code */
  errorText(code) {
    return this.text(this.attempt('error_text', code))
  }

  /** The standard's name of a reason code, or ''. @param {number} code */
  reasonName(code) {
    // Asked for every acknowledgement, and there are few.
    const known = this.reasonNames[code]
    return known === undefined ? (this.reasonNames[code] = this.text(this.attempt('reason_name', code))) : known
  }

  /**
   * Calls into the core. A trap, which is a bug of ours, ends every client of this instance with a clear error.
   * @param {string} name
   * @param {...number} args
   * @returns {number}
   */
  call(name, ...args) {
    if (this.retired) throw new MqttError(TRAPPED)
    try {
      return this.exports[name](...args)
    } catch (error) {
      this.retire(error)
      throw new MqttError(TRAPPED)
    }
  }

  /**
   * As `call`, where a trap must not keep anybody from going on: every client hears of it by its lost connection.
   * @param {string} name
   * @param {...number} args
   */
  attempt(name, ...args) {
    try {
      return this.call(name, ...args)
    } catch (error) {
      return 0
    }
  }

  /** @param {unknown} error */
  retire(error) {
    if (this.retired) return
    this.retired = true
    this.report(error)
    for (const client of this.clients) client.owner.handleTrapped()
  }

  /** Views of the memory as it is now. Growth replaces its buffer. */
  refresh() {
    // To ask for the buffer is a call into the engine, which a look at the view saves where growth has detached the old one.
    if (this.detaches && this.bytes.length > 0) return
    const { buffer } = this.exports.memory
    if (this.bytes.buffer !== buffer) {
      this.bytes = new Uint8Array(buffer)
      this.words = new Uint32Array(buffer)
      this.scratch = null
    }
  }

  /** Room for so many bytes of arguments. @param {number} length @returns {Uint8Array} to be written before the next call */
  reserve(length) {
    this.topic = null
    return this.room(length)
  }

  /** As `reserve`, for who leaves the topic in its place. @param {number} length */
  room(length) {
    if (length > this.space || (this.space > LARGE && length < KEPT)) {
      this.space = Math.max(length, KEPT)
      this.at = this.call('reserve', this.space) >>> 0
      this.scratch = this.topic = null
    }
    this.refresh()
    return this.scratch || (this.scratch = new Uint8Array(this.bytes.buffer, this.at, this.space))
  }

  /** @param {number} at address of an address and a length, or 0 */
  text(at) {
    if (at === 0) return ''
    this.refresh()
    const word = (at >>> 0) >> 2
    const from = this.words[word]
    return decodeUtf8(this.bytes, from, from + this.words[word + 1])
  }
}

/** One client in a core. */
export class CoreClient {
  /**
   * @param {Core} core
   * @param {number} handle
   * @param {Owner} owner
   */
  constructor(core, handle, owner) {
    this.core = core
    this.handle = handle
    this.owner = owner
    this.active = false
    this.connected = false
    /** What was read out of the core and not polled yet. @type {import('./batch.js').Batch | null} */
    this.batch = null
  }

  // Commands.

  /** @param {ConnectOptions} options @param {number} now */
  connect(options, now) {
    const { core } = this
    const { will, reconnect, offline } = options
    const strings = [
      options.clientId,
      options.userName,
      options.password,
      will && will.topic,
      will && will.payload,
      will && (will.properties || ''),
      options.properties || '',
      reconnect && reconnect.giveUpOn && Uint8Array.from(reconnect.giveUpOn),
    ]
    const flags =
      (options.cleanStart ? 1 : 0) |
      (will && will.retained ? 2 : 0) |
      (will ? will.qos << 2 : 0) |
      (options.autoAck ? 1 << 4 : 0) |
      (options.batch ? 1 << 5 : 0) |
      (reconnect ? 1 << 6 : 0) |
      (reconnect && reconnect.initial ? 1 << 7 : 0) |
      (options.followServerReference ? 1 << 8 : 0) |
      (options.persist ? 1 << 9 : 0) |
      (offlineFlags(offline) << 10) |
      (options.asks ? 1 << 14 : 0)
    const versions = options.versions.reduce((digits, version) => digits * 10 + version, 0)
    const numbers = [options.hosts, options.keepAlive, options.timeout, flags, versions, options.maxInflight, options.seed].concat(
      reconnect ? [reconnect.minDelay, reconnect.maxDelay, reconnect.jitter, reconnect.maxAttempts] : [0, 0, 0, 0],
      offlineNumbers(offline),
    )
    const before = (numbers.length + strings.length) * 4
    const lengths = this.writeAll(strings, before)
    const scratch = /** @type {Uint8Array} */ (core.scratch)
    numbers.concat(lengths).forEach((number, n) => {
      for (let byte = 0; byte < 4; byte++) scratch[n * 4 + byte] = number >>> (byte * 8)
    })
    const answer = core.call('connect', this.handle, now)
    this.check(answer)
    this.active = true
  }

  /**
   * Takes over a record of the store, before `connect`.
   * @param {string} key a letter and a number in base 36
   * @param {Uint8Array} record
   */
  restore(key, record) {
    const [length] = this.writeAll([record])
    const number = parseInt(key.slice(1), 36)
    this.check(this.core.call('restore', this.handle, key.charCodeAt(0), number, length))
  }

  /**
   * For the attempt that `open` told last.
   * @param {string | null} userName @param {string | Uint8Array | null} password @param {Uint8Array | null} properties
   */
  setCredentials(userName, password, properties) {
    const [user, secret, sections] = this.writeAll([userName, password, properties || ''])
    this.check(this.core.call('credentials', this.handle, user, secret, sections))
  }

  /** What may wait for a connection. @param {Offline | null} offline */
  setOffline(offline) {
    this.core.attempt('offline', this.handle, offlineFlags(offline), ...offlineNumbers(offline))
  }

  /** Are messages acknowledged when they are delivered, or by `acknowledge`? @param {boolean} on */
  setAutoAck(on) {
    this.core.attempt('auto_ack', this.handle, on ? 1 : 0)
  }

  /** How many messages the server has not acknowledged yet. */
  pending() {
    return this.core.attempt('pending', this.handle)
  }

  /**
   * @param {string} topic
   * @param {string | Uint8Array} payload
   * @param {number} qos
   * @param {boolean} retained
   * @param {Uint8Array | null} properties
   * @param {number} now
   */
  publish(topic, payload, qos, retained, properties, now) {
    const core = this.core
    // Before room is asked for that there may not be.
    if (payload.length > LONGEST_PACKET) this.check(-34)
    const sections = properties === null ? 0 : properties.length
    const room = typeof payload === 'string' ? payload.length * 3 : payload.length
    const scratch = core.room(topic.length * 3 + room + sections)
    if (core.topic !== topic) {
      core.topic = null
      core.topicLength = encodeUtf8(topic, scratch, 0)
      core.topic = topic
    }
    const { topicLength } = core
    const payloadLength = write(payload, scratch, topicLength)
    if (properties !== null) scratch.set(properties, topicLength + payloadLength)
    const flags = (qos << 1) | (retained ? 1 : 0)
    if (core.retired) core.call('publish')
    let answer
    try {
      answer = core.exports.publish(this.handle, flags, topicLength, payloadLength, sections, now)
    } catch (error) {
      core.retire(error)
      throw new MqttError(TRAPPED)
    }
    return answer < 0 ? this.check(answer) : answer
  }

  /** @param {[string, number, any?][]} filters each with its options byte @param {Uint8Array | null} properties @param {number} now */
  subscribe(filters, properties, now) {
    return this.filters('subscribe', filters, properties, now)
  }

  /** @param {string[]} filters @param {Uint8Array | null} properties @param {number} now */
  unsubscribe(filters, properties, now) {
    return this.filters('unsubscribe', filters.map((filter) => [filter, -1]), properties, now)
  }

  /** @param {number} packetId as the message had it @param {number} reasonCode @param {number} now */
  acknowledge(packetId, reasonCode, now) {
    this.check(this.core.call('acknowledge', this.handle, packetId, reasonCode, now))
  }

  /** @param {number} reasonCode @param {Uint8Array | null} properties @param {number} now */
  authenticate(reasonCode, properties, now) {
    const [length] = this.writeAll([properties || ''])
    this.check(this.core.call('authenticate', this.handle, reasonCode, length, now))
  }

  /** @param {number} reasonCode @param {Uint8Array | null} properties @param {number} now */
  disconnect(reasonCode, properties, now) {
    const [length] = this.writeAll([properties || ''])
    this.check(this.core.call('disconnect', this.handle, reasonCode, length, now))
  }

  /** @param {string} filter @param {number} id */
  route(filter, id) {
    const [length] = this.writeAll([filter])
    this.check(this.core.call('route', this.handle, length, id))
  }

  /** @param {string} filter @param {number} id */
  unroute(filter, id) {
    try {
      const [length] = this.writeAll([filter])
      this.core.call('unroute', this.handle, length, id)
    } catch (error) {
      // It trapped, and the route is gone with the instance.
    }
  }

  // What happened outside.

  /** @param {number} now */
  handleOpen(now) {
    this.happened(false, 'handle_open', now)
  }

  /** @param {ArrayBuffer} buffer @param {number} now */
  handleInput(buffer, now) {
    const core = this.core
    if (core.retired) return
    try {
      core.reserve(buffer.byteLength).set(new Uint8Array(buffer))
      this.read(core.exports.handle_input(this.handle, buffer.byteLength, now), buffer, false)
    } catch (error) {
      core.retire(error)
    }
  }

  /** @param {number} code 7: it failed, 8: it closed @param {number} now */
  handleClose(code, now) {
    this.happened(false, 'handle_close', code, now)
  }

  /** @param {number} now */
  handleTimeout(now) {
    this.happened(false, 'handle_timeout', now)
  }

  /** The device was asleep, or the network may have changed. @param {boolean} network @param {number} now */
  handleWake(network, now) {
    this.happened(false, 'handle_wake', network ? 1 : 0, now)
  }

  // What to do now.

  /**
   * Everything since the last poll, copied out of memory.
   * @param {number} now
   * @param {boolean} inPlace but not what is to be sent, which stands there until the next call
   * @returns {import('./batch.js').Batch}
   */
  poll(now, inPlace) {
    if (this.batch === null) this.happened(inPlace, 'poll', now)
    // What is due is done now: a timer may be late where a page is in the background.
    if (this.batch !== null && this.batch.timeout === 0) {
      this.batch.sends = this.batch.sends.map(kept)
      this.happened(false, 'handle_timeout', now)
    }
    const batch = this.batch || { changes: [], sends: [], events: [], timeout: -1 }
    this.batch = null
    if (this.core.retired) this.endTrapped(batch)
    return batch
  }

  free() {
    this.core.clients.delete(this)
    this.core.attempt('client_free', this.handle)
  }

  /** @private @param {boolean} inPlace as for `readBatch` @param {string} name @param {...number} args */
  happened(inPlace, name, ...args) {
    if (this.core.retired) return
    try {
      this.read(this.core.exports[name](this.handle, ...args), null, inPlace)
    } catch (error) {
      this.core.retire(error)
    }
  }

  /** @private The one lost connection that a trap surfaces as. @param {import('./batch.js').Batch} batch */
  endTrapped(batch) {
    if (!this.active) return
    const trapped = { code: TRAPPED, reasonCode: 0, properties: null }
    batch.events.push(this.connected ? { kind: 'lost', ...trapped, reconnecting: false } : { kind: 'failed', ...trapped })
    batch.events.push({ kind: 'close' })
    this.active = this.connected = false
  }

  /** @private @param {number} at address of the batch @param {ArrayBuffer | null} input as for `readBatch` @param {boolean} inPlace */
  read(at, input, inPlace) {
    if (this.batch === null) this.batch = { changes: [], sends: [], events: [], timeout: -1 }
    readBatch(this, at, input, this.batch, inPlace)
  }

  /**
   * @private
   * @param {'subscribe' | 'unsubscribe'} name
   * @param {(string | number)[][]} filters
   * @param {Uint8Array | null} properties
   * @param {number} now
   */
  filters(name, filters, properties, now) {
    const core = this.core
    const sections = properties === null ? 0 : properties.length
    const scratch = core.reserve(filters.reduce((room, [filter]) => room + 3 + String(filter).length * 3, sections))
    let end = 0
    for (const [filter, options] of filters) {
      const length = encodeUtf8(String(filter), scratch, end + 2)
      if (length > 0xffff) this.check(-31)
      scratch[end] = length >> 8
      scratch[end + 1] = length & 0xff
      end += 2 + length
      if (name === 'subscribe') scratch[end++] = Number(options)
    }
    if (properties !== null) scratch.set(properties, end)
    return this.check(core.call(name, this.handle, end, sections, now))
  }

  /**
   * @private
   * Writes values one behind the other; gives their lengths, ABSENT for null.
   * @param {(string | Uint8Array | null | undefined)[]} values
   * @param {number} [before] bytes to be left free in front of them
   */
  writeAll(values, before = 0) {
    const scratch = this.core.reserve(values.reduce((room, value) => room + (value ? value.length * 3 : 0), before))
    let end = before
    return values.map((value) => {
      if (value === null || value === undefined) return ABSENT
      const length = write(value, scratch, end)
      end += length
      return length
    })
  }

  /** @private Throws what the core refused. @param {number} answer */
  check(answer) {
    if (answer < 0) throw new MqttError(-answer, this.core.errorText(-answer))
    return answer
  }
}
