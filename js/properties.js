/**
 * The properties of MQTT 5 between readable names and their wire encoding (OASIS 5.0, section 2.2.2). Which of them a
 * packet may carry, and in what range, is the core's business.
 */

import { MqttError } from './errors.js'
import { decodeUtf8, utf8Bytes } from './utf8.js'

/** Name, identifier, kind of value. @type {[string, number, 'byte' | 'two' | 'four' | 'variable' | 'string' | 'binary' | 'pair'][]} */
const TABLE = [
  ['payloadFormatIndicator', 0x01, 'byte'],
  ['messageExpiryInterval', 0x02, 'four'],
  ['contentType', 0x03, 'string'],
  ['responseTopic', 0x08, 'string'],
  ['correlationData', 0x09, 'binary'],
  ['subscriptionIdentifier', 0x0b, 'variable'],
  ['sessionExpiryInterval', 0x11, 'four'],
  ['assignedClientIdentifier', 0x12, 'string'],
  ['serverKeepAlive', 0x13, 'two'],
  ['authenticationMethod', 0x15, 'string'],
  ['authenticationData', 0x16, 'binary'],
  ['requestProblemInformation', 0x17, 'byte'],
  ['willDelayInterval', 0x18, 'four'],
  ['requestResponseInformation', 0x19, 'byte'],
  ['responseInformation', 0x1a, 'string'],
  ['serverReference', 0x1c, 'string'],
  ['reasonString', 0x1f, 'string'],
  ['receiveMaximum', 0x21, 'two'],
  ['topicAliasMaximum', 0x22, 'two'],
  ['topicAlias', 0x23, 'two'],
  ['maximumQoS', 0x24, 'byte'],
  ['retainAvailable', 0x25, 'byte'],
  ['userProperties', 0x26, 'pair'],
  ['maximumPacketSize', 0x27, 'four'],
  ['wildcardSubscriptionAvailable', 0x28, 'byte'],
  ['subscriptionIdentifierAvailable', 0x29, 'byte'],
  ['sharedSubscriptionAvailable', 0x2a, 'byte'],
]

const BY_NAME = Object.fromEntries(TABLE.map((row) => [row[0], row]))
const BY_ID = Object.fromEntries(TABLE.map((row) => [row[1], row]))
/** Bytes that hold 0 or 1 and read as booleans. */
const NUMBERS = ['payloadFormatIndicator', 'maximumQoS']

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
    const row = BY_NAME[name]
    if (!row) throw new MqttError(13, [name, 'properties (a name that MQTT 5 does not have)'])
    const values = row[2] === 'pair' ? pairs(value) : row[2] === 'variable' && Array.isArray(value) ? value : [value]
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
  /** @type {[string, string][]} */
  const list = []
  for (const key of Object.keys(value)) for (const one of [].concat(value[key])) list.push([key, one])
  return list
}

/** @param {[string, number, string]} row @param {any} value @param {number[]} out */
function encodeValue([name, , kind], value, out) {
  switch (kind) {
    case 'string':
      return pushBinary(text(value, name), out)
    case 'pair':
      if (!Array.isArray(value) || value.length !== 2) throw refused(value, name)
      pushBinary(text(value[0], name), out)
      return pushBinary(text(value[1], name), out)
    case 'binary':
      return pushBinary(typeof value === 'string' ? utf8Bytes(value) : bytesOf(value, name), out)
    default:
      return pushNumber(Number(value), kind, name, out)
  }
}

/** @param {any} value @param {string} name */
function text(value, name) {
  if (typeof value !== 'string') throw refused(value, name)
  return utf8Bytes(value)
}

/** @param {any} value @param {string} name */
function bytesOf(value, name) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (Object.prototype.toString.call(value) === '[object ArrayBuffer]') return new Uint8Array(value)
  throw refused(value, name)
}

/** @param {Uint8Array} bytes @param {number[]} out */
function pushBinary(bytes, out) {
  if (bytes.length > 0xffff) throw new MqttError(32, 'A string or binary value must not be longer than 65535 bytes.')
  out.push(bytes.length >> 8, bytes.length & 0xff)
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i])
}

/** @param {number} value @param {string} kind @param {string} name @param {number[]} out */
function pushNumber(value, kind, name, out) {
  const most = kind === 'byte' ? 0xff : kind === 'two' ? 0xffff : kind === 'four' ? 0xffffffff : 268435455
  if (!(Number.isInteger(value) && value >= 0 && value <= most)) throw refused(value, name)
  if (kind === 'variable') {
    for (; value >= 0x80; value = Math.floor(value / 128)) out.push((value & 0x7f) | 0x80)
    out.push(value)
    return
  }
  if (kind === 'four') out.push(value >>> 24, (value >>> 16) & 0xff)
  if (kind !== 'byte') out.push((value >>> 8) & 0xff)
  out.push(value & 0xff)
}

/** @param {unknown} value @param {string} name */
const refused = (value, name) => new MqttError(13, [typeof value === 'object' ? 'object' : value, 'properties.' + name])

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
    const [name, , kind] = BY_ID[section[at++]]
    if (kind === 'pair') (properties[name] = properties[name] || []).push([string(), string()])
    else if (kind === 'variable') {
      let value = 0
      for (let scale = 1, more = true; more; scale *= 128) {
        const byte = section[at++]
        value += (byte & 0x7f) * scale
        more = byte >= 0x80
      }
      ;(properties[name] = properties[name] || []).push(value)
    } else if (kind === 'string') properties[name] = string()
    else if (kind === 'binary') properties[name] = binary().slice()
    else {
      const value = number(kind === 'byte' ? 1 : kind === 'two' ? 2 : 4)
      properties[name] = kind === 'byte' && NUMBERS.indexOf(name) < 0 ? value === 1 : value
    }
  }
  return properties
}
