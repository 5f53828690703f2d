// Payloads between bytes and what a person types or reads: text, JSON, hex, Base64, and a search that decodes nothing.
// It knows no page and no connection.

import { EntryError } from './words.js'

/** As much of a payload as a row can show. */
const PREVIEW_BYTES = 256

/**
 * What was typed, as a payload.
 * @param {'text' | 'json' | 'hex' | 'base64'} kind
 * @param {string} input
 * @returns {string | Uint8Array}
 */
export function payloadOf(kind, input) {
  if (kind === 'json') {
    try {
      JSON.parse(input)
    } catch (error) {
      throw new EntryError('bad-json', { detail: /** @type {Error} */ (error).message })
    }
    // Sent as it was typed: parsing and printing it again would spoil long numbers.
    return input
  }
  if (kind === 'hex') return bytesOfHex(input)
  if (kind === 'base64') {
    try {
      const binary = atob(input.replace(/\s+/g, '').replace(/-/g, '+').replace(/_/g, '/'))
      return Uint8Array.from(binary, (unit) => unit.charCodeAt(0))
    } catch {
      throw new EntryError('bad-base64')
    }
  }
  return input
}

/** @param {string} input as people paste it: with blanks, commas, colons, 0x */
export function bytesOfHex(input) {
  const digits = input.replace(/0x|[\s,:;-]/gi, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new EntryError('bad-hex')
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

/** @param {Uint8Array} bytes @param {string} [between] */
export function hexOf(bytes, between = ' ') {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(between)
}

/**
 * The beginning of a payload in one line, read no further than it is shown.
 * @param {Uint8Array} bytes
 * @returns {{ text: string, isText: boolean }}
 */
export function preview(bytes) {
  const cut = bytes.length > PREVIEW_BYTES
  try {
    // With `stream`, a character that the cut goes through is no error.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, PREVIEW_BYTES), { stream: cut })
    if (!text.includes('\0')) return { text: text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '·'), isText: true }
  } catch {
    // Not text.
  }
  return { text: hexOf(bytes.subarray(0, 48)), isText: false }
}

/**
 * A dump in the usual three columns.
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} to
 * @param {number} columns bytes a line
 */
export function hexDump(bytes, from, to, columns) {
  const lines = []
  for (let at = from; at < to; at += columns) {
    const line = bytes.subarray(at, Math.min(at + columns, to))
    const characters = Array.from(line, (byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hexOf(line).padEnd(columns * 3 - 1)}  ${characters}`)
  }
  return lines.join('\n')
}

/** Of A to Z the small letter, of every other byte itself. @param {number} byte */
const folded = (byte) => (byte > 0x40 && byte < 0x5b ? byte | 0x20 : byte)

/** @param {string} text as it is looked for: UTF-8, A to Z made small */
export function needleOf(text) {
  return new TextEncoder().encode(text).map(folded)
}

/**
 * Do the bytes have the needle in them, whether A to Z are large or small? Works on bytes, so that twenty thousand
 * payloads can be searched without making a string of any.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} needle of `needleOf`
 */
export function contains(bytes, needle) {
  const last = bytes.length - needle.length
  for (let at = 0; at <= last; at++) {
    let n = 0
    while (n < needle.length && folded(bytes[at + n]) === needle[n]) n++
    if (n === needle.length) return true
  }
  return false
}

/** A number that JavaScript cannot hold, kept as it was written: identifiers of 64 bits are common in payloads. */
export class ExactNumber {
  /** @param {string} source */
  constructor(source) {
    this.source = source
  }
}

/**
 * JSON with its long numbers intact, where the browser tells their source.
 * @param {string} text
 */
export function parseJson(text) {
  const reviver = (/** @type {string} */ _key, /** @type {any} */ value, /** @type {any} */ context) => {
    const source = context?.source
    const spoilt = typeof value === 'number' && /^-?\d{16,}$/.test(source) && String(value) !== source
    return spoilt ? new ExactNumber(source) : value
  }
  // TypeScript does not know the third argument yet.
  return JSON.parse(text, /** @type {any} */ (reviver))
}

/** A size in bytes as people read it. @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
