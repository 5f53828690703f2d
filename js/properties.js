/**
 * The properties of MQTT 5 between readable names and their wire encoding (OASIS 5.0, section 2.2.2). Which of them a
 * packet may carry, and in what range, is the core's business.
 */

import { MqttError } from './errors.js'
import { decodeUtf8, utf8Bytes } from './utf8.js'

/** Kinds of values; numbers are as many bytes. A flag is a byte that reads as a boolean. */
const FLAG = 0
const VARIABLE = 5
const STRING = 6
const BINARY = 7
const PAIR = 8

/** Name, identifier, kind of value. @type {[string, number, number][]} */
const TABLE = [
  ['payloadFormatIndicator', 0x01, 1],
  ['messageExpiryInterval', 0x02, 4],
  ['contentType', 0x03, STRING],
  ['responseTopic', 0x08, STRING],
  ['correlationData', 0x09, BINARY],
  ['subscriptionIdentifier', 0x0b, VARIABLE],
  ['sessionExpiryInterval', 0x11, 4],
  ['assignedClientIdentifier', 0x12, STRING],
  ['serverKeepAlive', 0x13, 2],
  ['authenticationMethod', 0x15, STRING],
  ['authenticationData', 0x16, BINARY],
  ['requestProblemInformation', 0x17, FLAG],
  ['willDelayInterval', 0x18, 4],
  ['requestResponseInformation', 0x19, FLAG],
  ['responseInformation', 0x1a, STRING],
  ['serverReference', 0x1c, STRING],
  ['reasonString', 0x1f, STRING],
  ['receiveMaximum', 0x21, 2],
  ['topicAliasMaximum', 0x22, 2],
  ['topicAlias', 0x23, 2],
  ['maximumQoS', 0x24, 1],
  ['retainAvailable', 0x25, FLAG],
  ['userProperties', 0x26, PAIR],
  ['maximumPacketSize', 0x27, 4],
  ['wildcardSubscriptionAvailable', 0x28, FLAG],
  ['subscriptionIdentifierAvailable', 0x29, FLAG],
  ['sharedSubscriptionAvailable', 0x2a, FLAG],
]

const BY_NAME = new Map(TABLE.map((row) => [row[0], row]))
const BY_ID = new Map(TABLE.map((row) => [row[1], row]))

/**
 * A property section without its length, or null where there is nothing in it.
 * @param {Record<string, any> | null | undefined} properties
 * @returns {Uint8Array | null}
 */
export function encodeProperties(properties) {
  if (properties === null || properties === undefined) return null
  /** @type {number[]} */
  const out = []
  for (const name of Object.keys(properties)) {
    const value = properties[name]
    if (value === undefined) continue
    const row = BY_NAME.get(name)
    if (row === undefined) throw new MqttError(13, [name, 'properties (a name that MQTT 5 does not have)'])
    const values = row[2] === PAIR ? pairs(value) : row[2] === VARIABLE && Array.isArray(value) ? value : [value]
    for (const one of values) {
      out.push(row[1])
      encodeValue(row, one, out)
    }
  }
  return out.length > 0 ? Uint8Array.from(out) : null
}

/** @param {any} value */
function pairs(value) {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) throw refused(typeof value, 'userProperties')
  /** @type {[string, string][]} */
  const list = []
  for (const key of Object.keys(value)) for (const one of [].concat(value[key])) list.push([key, one])
  return list
}

/** @param {[string, number, number]} row @param {any} value @param {number[]} out */
function encodeValue([name, , kind], value, out) {
  if (kind === PAIR) {
    if (!Array.isArray(value) || value.length !== 2) throw refused(typeof value, name)
    pushBinary(text(value[0], name), out)
    pushBinary(text(value[1], name), out)
  } else if (kind === BINARY && typeof value !== 'string') {
    const bytes = bytesOf(value)
    if (bytes === null) throw refused(typeof value, name)
    pushBinary(bytes, out)
  } else if (kind === STRING || kind === BINARY) pushBinary(text(value, name), out)
  else pushNumber(kind === FLAG && typeof value === 'boolean' ? Number(value) : value, kind, name, out)
}

/** @param {any} value @param {string} name */
function text(value, name) {
  if (typeof value !== 'string') throw refused(typeof value, name)
  return utf8Bytes(value)
}

/**
 * Binary data as bytes, not copied.
 * @param {any} value
 * @returns {Uint8Array | null} null when it is none
 */
export function bytesOf(value) {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  // Not instanceof: the buffer may come from another realm.
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]' ? new Uint8Array(value) : null
}

/** @param {Uint8Array} bytes @param {number[]} out */
function pushBinary(bytes, out) {
  if (bytes.length > 0xffff) throw new MqttError(32, 'A string or binary value must not be longer than 65535 bytes.')
  out.push(bytes.length >> 8, bytes.length & 0xff)
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i])
}

/** @param {any} value @param {number} kind @param {string} name @param {number[]} out */
function pushNumber(value, kind, name, out) {
  const most = kind === FLAG ? 1 : kind === VARIABLE ? 0xfffffff : 256 ** kind - 1
  if (!(Number.isInteger(value) && value >= 0 && value <= most)) throw refused(typeof value === 'number' ? value : typeof value, name)
  if (kind === VARIABLE) {
    for (; value >= 0x80; value >>= 7) out.push((value & 0x7f) | 0x80)
    out.push(value)
  } else for (let left = kind || 1; left > 0; left--) out.push((value >>> (left * 8 - 8)) & 0xff)
}

/** Only numbers are shown: the rest may be a secret. @param {unknown} shown @param {string} name */
const refused = (shown, name) => new MqttError(13, [shown, 'properties.' + name])

/**
 * The properties in a section that the core has validated. User properties are a list of [name, value] pairs;
 * subscription identifiers a list of numbers.
 * @param {Uint8Array | null} section
 * @returns {Record<string, any>}
 */
export function decodeProperties(section) {
  /** @type {Record<string, any>} */
  const properties = {}
  if (section === null) return properties
  let at = 0
  const number = (/** @type {number} */ size) => {
    let value = 0
    for (; size > 0; size--) value = value * 256 + section[at++]
    return value
  }
  const binary = () => {
    const length = number(2)
    at += length
    return section.subarray(at - length, at)
  }
  const string = () => {
    const bytes = binary()
    return decodeUtf8(bytes, 0, bytes.length)
  }
  while (at < section.length) {
    const [name, , kind] = /** @type {(typeof TABLE)[0]} */ (BY_ID.get(section[at++]))
    if (kind === PAIR) (properties[name] = properties[name] || []).push([string(), string()])
    else if (kind === VARIABLE) {
      let value = section[at] & 0x7f
      for (let shift = 7; section[at++] >= 0x80; shift += 7) value |= (section[at] & 0x7f) << shift
      ;(properties[name] = properties[name] || []).push(value)
    } else if (kind === STRING) properties[name] = string()
    else if (kind === BINARY) properties[name] = binary().slice()
    else {
      const value = number(kind || 1)
      properties[name] = kind === FLAG ? value === 1 : value
    }
  }
  return properties
}
