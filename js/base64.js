/**
 * Base64 in a few lines: mini-program hosts have no atob and no btoa. Strict: only what `toBase64` gives is taken.
 */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Two digits for each twelve bits, made when first needed. @type {string[]} */
const PAIRS = []

/** What a digit stands for, by its character code. @type {number[]} */
const VALUES = []
for (let value = 0; value < 64; value++) VALUES[DIGITS.charCodeAt(value)] = value

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  if (PAIRS.length === 0) for (const first of DIGITS) for (const second of DIGITS) PAIRS.push(first + second)
  // Joined at the end: without a compiler, as on iOS, a long text that grows bit by bit takes twice the time.
  const pairs = []
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]
    pairs.push(PAIRS[three >> 12], PAIRS[three & 0xfff])
  }
  const text = pairs.join('')
  const missing = (3 - (bytes.length % 3)) % 3
  return text.slice(0, text.length - missing) + '=='.slice(0, missing)
}

/** @param {string} text padded @returns {Uint8Array<ArrayBuffer> | null} null for what is not base64 */
export function fromBase64(text) {
  const { length } = text
  const missing = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const digits = text.slice(0, length - missing) + 'AA'.slice(0, missing)
  const bytes = new Uint8Array((length / 4) * 3 - missing)
  let three = 0
  for (let at = 0, end = 0; at < length; at += 4) {
    // Not by shifts: what is no digit, or not there, makes it NaN.
    const high = VALUES[digits.charCodeAt(at)] * 64 + VALUES[digits.charCodeAt(at + 1)]
    const low = VALUES[digits.charCodeAt(at + 2)] * 64 + VALUES[digits.charCodeAt(at + 3)]
    three = high * 4096 + low
    if (!(three >= 0)) return null
    // An array takes nothing beyond its end.
    bytes[end++] = three >> 16
    bytes[end++] = three >> 8
    bytes[end++] = three
  }
  // Bits that belong to no byte are zero.
  return three & ((1 << (8 * missing)) - 1) ? null : bytes
}
