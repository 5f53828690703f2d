// Writes bytes as a JavaScript module that holds them as text. Base64 costs a third, and compressed twice as much as
// the bytes themselves, because it hides their pattern. Here the 88 most frequent bytes are one character each and the
// others two, all plain ASCII: raw 4 % more than the bytes, compressed the same. It knows nothing of WebAssembly.

/** Printable characters that need no escape in a string or a page: 90 of them. */
const alphabet = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter((one) => !'"\'<\\`'.includes(one))
const singles = alphabet.length - 2

/**
 * The text of bytes, and the bytes that have one character, most frequent first.
 * @param {Uint8Array} bytes
 */
export function textOf(bytes) {
  const counts = new Uint32Array(256)
  for (const byte of bytes) counts[byte]++
  const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b)
  const frequent = order.slice(0, singles)
  const rest = order.slice(singles).sort((a, b) => a - b)
  const written = new Array(256)
  frequent.forEach((byte, at) => (written[byte] = alphabet[at]))
  rest.forEach((byte, at) => (written[byte] = alphabet[singles + Math.floor(at / singles)] + alphabet[at % singles]))
  return { text: Array.from(bytes, (byte) => written[byte]).join(''), frequent }
}

/**
 * A module that exports `wasmBytes()`. It needs only what every host has: neither atob nor Buffer.
 * @param {Uint8Array} bytes
 */
export function moduleOf(bytes) {
  const { text, frequent } = textOf(bytes)
  return `
const text = ${JSON.stringify(text)}
const frequent = ${JSON.stringify(frequent)}
export function wasmBytes() {
  const order = frequent.slice()
  for (let byte = 0; byte < 256; byte++) if (frequent.indexOf(byte) < 0) order.push(byte)
  const value = []
  for (let code = 32, at = 0; code < 127; code++) {
    if (code !== 34 && code !== 39 && code !== 60 && code !== 92 && code !== 96) value[code] = at++
  }
  const bytes = new Uint8Array(${bytes.length})
  for (let i = 0, at = 0; at < bytes.length; at++) {
    let one = value[text.charCodeAt(i++)]
    if (one >= ${singles}) one = (one - ${singles - 1}) * ${singles} + value[text.charCodeAt(i++)]
    bytes[at] = order[one]
  }
  return bytes
}
`
}
