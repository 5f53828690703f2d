/**
 * What the core has to say, out of its memory: records of numbers and what they point to become changes, bytes to send
 * and events, everything copied before it is handed on; but for what is sent at once, where that is wanted.
 *
 * The other side of this boundary is src/ffi/batch.rs; its comments say what each number means.
 */

import { Message } from './message.js'
import { decodeUtf8 } from './utf8.js'

const ABSENT = 0xffffffff
const RECORD = 12
const FRESH = 1 << 5
const MATCHED = 1 << 6

const TRANSMIT = 1
const OPEN = 2
const CLOSE = 3
const CONNECTED = 4
const FAILED = 5
const LOST = 6
const MESSAGE = 7
const DELIVERED = 8
const SUBSCRIBED = 9
const UNSUBSCRIBED = 10
const AUTH = 11
const RECONNECTING = 12
const UNDELIVERED = 13
const RESUBSCRIBED = 14
const ALIVE = 15
const PERSIST = 16

/** What a change does to the store. */
const CLEAR = 0
const PUT = 2

const LONGEST_TIMER = 0x7fffffff

/**
 * What is to be done now, in this order: write all `changes`, send all `sends`, then act on `events`.
 * @typedef {{ changes: import('./persistence.js').Change[], sends: (ArrayBuffer | Uint8Array)[],
 *   events: (Message | CoreEvent)[], timeout: number }} Batch a Uint8Array stands in the core's memory
 *
 * @typedef {{ kind: 'open', host: number, version: number }
 *   | { kind: 'close' }
 *   | { kind: 'connected', host: number, version: number, sessionPresent: boolean, reconnected: boolean, reasonCode: number,
 *       properties: Uint8Array | null }
 *   | { kind: 'failed', code: number, reasonCode: number, properties: Uint8Array | null }
 *   | { kind: 'lost', code: number, reasonCode: number, properties: Uint8Array | null, reconnecting: boolean }
 *   | { kind: 'reconnecting', code: number, reasonCode: number, properties: Uint8Array | null, attempt: number, delay: number }
 *   | { kind: 'undelivered', ticket: number, code: number }
 *   | { kind: 'resubscribed', codes: Uint8Array, filters: string[] }
 *   | { kind: 'alive' }
 *   | { kind: 'delivered', ticket: number, reasonCode: number, properties: Uint8Array | null }
 *   | { kind: 'subscribed' | 'unsubscribed', ticket: number, codes: Uint8Array, properties: Uint8Array | null }
 *   | { kind: 'auth', reasonCode: number, properties: Uint8Array | null }} CoreEvent
 */

/** @typedef {import('./core.js').CoreClient} CoreClient */
/** @typedef {import('./core.js').Core} Core */

/**
 * Adds to a batch.
 * @param {CoreClient} client it hears of its connection here
 * @param {number} at address of what the core has written
 * @param {ArrayBuffer | null} input the WebSocket message that it may point into
 * @param {Batch} batch
 * @param {boolean} inPlace what is to be sent is not copied: it is gone with the next call
 */
export function readBatch(client, at, input, batch, inPlace) {
  const { core } = client
  core.refresh()
  const { words } = core
  const head = (at >>> 0) >> 2
  batch.timeout = words[head + 1] === ABSENT ? -1 : Math.min(words[head + 1], LONGEST_TIMER)
  let record = words[head + 2] >> 2
  for (let left = words[head]; left > 0; left--, record += RECORD) {
    if (words[record] === TRANSMIT) batch.sends.push(readSend(core, words[record + 4], words[record + 5], inPlace))
    else if (words[record] === PERSIST) batch.changes.push(readChange(core, record))
    else batch.events.push(words[record] === MESSAGE ? readMessage(client, record, input) : readEvent(client, record))
  }
}

/** @param {Core} core @param {number} at @param {number} length @param {boolean} inPlace */
function readSend(core, at, length, inPlace) {
  return inPlace ? core.bytes.subarray(at, at + length) : copy(core, at, length)
}

/** What is to be sent, for later. @param {ArrayBuffer | Uint8Array} message @returns {ArrayBuffer} */
export function kept(message) {
  if (!(message instanceof Uint8Array)) return message
  const { buffer, byteOffset, length } = message
  return /** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + length)
}

/** @param {CoreClient} client @param {number} record @param {ArrayBuffer | null} input */
function readMessage(client, record, input) {
  const { core } = client
  const { words } = core
  const flags = words[record + 1]
  const number = words[record + 3]
  if ((flags & FRESH) !== 0) {
    core.topics[number] = decodeUtf8(core.bytes, words[record + 4], words[record + 4] + words[record + 5])
  }
  if ((flags & MATCHED) !== 0) {
    const count = words[record + 11]
    const at = words[record + 10] >> 2
    core.routes[number] = count > 0 ? Array.from(words.subarray(at, at + count)) : null
  }
  let payloadAt = words[record + 6]
  const payloadLength = words[record + 7]
  const propertiesLength = words[record + 9]
  const start = payloadAt - propertiesLength
  let buffer = input
  if (buffer !== null && start >= core.at && payloadAt + payloadLength <= core.at + buffer.byteLength) {
    payloadAt -= core.at
  } else {
    // Put together from several WebSocket messages.
    buffer = copy(core, start, propertiesLength + payloadLength)
    payloadAt = propertiesLength
  }
  const topic = core.topics[number]
  return Message.received(client, buffer, payloadAt, payloadLength, propertiesLength, topic, flags, words[record + 2], core.routes[number])
}

/** @param {Core} core @param {number} record @returns {import('./persistence.js').Change} */
function readChange(core, record) {
  const { words } = core
  const does = words[record + 1]
  return {
    key: does === CLEAR ? '' : String.fromCharCode(words[record + 3]) + words[record + 2].toString(36),
    value: does === PUT ? new Uint8Array(copy(core, words[record + 4], words[record + 5])) : null,
  }
}

/** Topic filters in the encoding of SUBSCRIBE. @param {Uint8Array} bytes @param {number} at @param {number} length */
function readFilters(bytes, at, length) {
  const names = []
  for (let next = at; next < at + length; ) {
    const start = next + 2
    const end = start + (bytes[next] << 8) + bytes[next + 1]
    names.push(decodeUtf8(bytes, start, end))
    next = end + 1
  }
  return names
}

/** @param {CoreClient} client @param {number} record @returns {CoreEvent} */
function readEvent(client, record) {
  const { core } = client
  const { words } = core
  const flags = words[record + 1]
  const id = words[record + 2]
  const code = words[record + 3]
  const length = words[record + 9]
  const properties = length > 0 ? new Uint8Array(copy(core, words[record + 8], length)) : null
  switch (words[record]) {
    case OPEN:
      return { kind: 'open', host: id, version: code }
    case CONNECTED:
      client.connected = true
      return {
        kind: 'connected',
        host: id,
        version: code,
        sessionPresent: (flags & 1) !== 0,
        reconnected: (flags & 2) !== 0,
        reasonCode: 0,
        properties,
      }
    case FAILED:
      client.active = client.connected = false
      return { kind: 'failed', code: id, reasonCode: code, properties }
    case LOST:
      client.connected = false
      client.active = flags !== 0
      return { kind: 'lost', code: id, reasonCode: code, properties, reconnecting: flags !== 0 }
    case RECONNECTING:
      return { kind: 'reconnecting', code: id, reasonCode: code, properties, attempt: flags, delay: words[record + 10] }
    case UNDELIVERED:
      return { kind: 'undelivered', ticket: id, code }
    case RESUBSCRIBED:
      return {
        kind: 'resubscribed',
        codes: new Uint8Array(copy(core, words[record + 4], words[record + 5])),
        filters: readFilters(core.bytes, words[record + 6], words[record + 7]),
      }
    case ALIVE:
      return { kind: 'alive' }
    case DELIVERED:
      return { kind: 'delivered', ticket: id, reasonCode: code, properties }
    case SUBSCRIBED:
    case UNSUBSCRIBED:
      return {
        kind: words[record] === SUBSCRIBED ? 'subscribed' : 'unsubscribed',
        ticket: id,
        codes: new Uint8Array(copy(core, words[record + 4], words[record + 5])),
        properties,
      }
    case AUTH:
      return { kind: 'auth', reasonCode: code, properties }
    case CLOSE:
    default:
      return { kind: 'close' }
  }
}

/** @param {Core} core @param {number} at @param {number} length @returns {ArrayBuffer} */
function copy(core, at, length) {
  return core.exports.memory.buffer.slice(at, at + length)
}
