/**
 * UTF-8, strict both ways: in a few lines, because mini-program hosts have no TextEncoder and no TextDecoder, and for long
 * texts by the host's own codec where there is one.
 */

import { MqttError } from './errors.js'
import { hostDecode, hostEncode } from './host-utf8.js'

/** Characters that `String.fromCharCode` takes at once. */
const CHUNK = 4096

/** From so many units to write, and so many bytes to read, a call into the host costs less than our own loop and its garbage. */
const LONG_TEXT = 256
const LONG_BYTES = 64

/**
 * Writes `text` into `bytes` at `at`, which needs room for three bytes a UTF-16 unit, and gives the number written.
 * @param {string} text
 * @param {Uint8Array} bytes
 * @param {number} at
 */
export function encodeUtf8(text, bytes, at) {
  const length = text.length
  const written = length < LONG_TEXT ? -1 : hostEncode(text, bytes, at)
  if (written >= 0) return written
  let end = at
  for (let i = 0; i < length; i++) {
    let unit = text.charCodeAt(i)
    if (unit < 0x80) {
      bytes[end++] = unit
      continue
    }
    if (unit < 0x800) {
      bytes[end++] = 0xc0 | (unit >> 6)
    } else {
      if (unit >= 0xd800 && unit < 0xe000) {
        const low = text.charCodeAt(i + 1)
        if (unit >= 0xdc00 || !(low >= 0xdc00 && low < 0xe000)) {
          throw new MqttError(17, [unit, low])
        }
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
        i++
        bytes[end++] = 0xf0 | (unit >> 18)
        bytes[end++] = 0x80 | ((unit >> 12) & 0x3f)
      } else {
        bytes[end++] = 0xe0 | (unit >> 12)
      }
      bytes[end++] = 0x80 | ((unit >> 6) & 0x3f)
    }
    bytes[end++] = 0x80 | (unit & 0x3f)
  }
  return end - at
}

/**
 * The bytes of `text`.
 * @param {string} text
 */
export function utf8Bytes(text) {
  const bytes = new Uint8Array(text.length * 3)
  return bytes.slice(0, encodeUtf8(text, bytes, 0))
}

/**
 * The string in `bytes` from `from` to `to`.
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} to
 * @returns {string}
 */
export function decodeUtf8(bytes, from, to) {
  const whole = to - from < LONG_BYTES ? null : hostDecode(bytes, from, to)
  if (whole !== null) return whole
  let text = ''
  let at = from
  /** @type {number[]} */
  const units = []
  while (at < to) {
    const first = bytes[at]
    let length = 1
    let point = first
    if (first >= 0x80) {
      // The ranges of the Unicode standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
      length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
      const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
      const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
      let valid = length > 0 && at + length <= to && bytes[at + 1] >= least && bytes[at + 1] <= most
      point = first & (0x7f >> length)
      for (let n = 1; valid && n < length; n++) {
        const next = bytes[at + n]
        valid = (next & 0xc0) === 0x80
        point = (point << 6) | (next & 0x3f)
      }
      if (!valid) {
        throw new MqttError(9, [first, bytes[at + 1] || 0, bytes[at + 2] || 0].map((byte) => byte.toString(16)))
      }
    }
    if (point < 0x10000) units.push(point)
    else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
    at += length
    if (units.length >= CHUNK) text += String.fromCharCode.apply(null, units.splice(0))
  }
  return text + String.fromCharCode.apply(null, units)
}
