/**
 * UTF-8 by the host's own TextEncoder and TextDecoder, where it has them and they can be as strict as we are. They are looked
 * for when a text is first long enough for them. The build for mini-programs has none of it: no host of theirs has either.
 */

/** Once somebody has asked; null: they are not there. @type {{ encoder: TextEncoder, decoder: TextDecoder } | null | undefined} */
let codec

function find() {
  // `isWellFormed` finds what TextEncoder would replace in silence.
  const strict = typeof TextEncoder === 'function' && typeof TextDecoder === 'function' && 'isWellFormed' in String.prototype
  return strict ? { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) } : null
}

/** Writes `text` into `bytes` at `at` and gives the number written; -1: not here. @param {string} text @param {Uint8Array} bytes @param {number} at */
export function hostEncode(text, bytes, at) {
  if (codec === undefined) codec = find()
  if (codec === null || !(/** @type {any} */ (text).isWellFormed())) return -1
  return codec.encoder.encodeInto(text, bytes.subarray(at)).written
}

/** The string in `bytes` from `from` to `to`; null: not here. @param {Uint8Array} bytes @param {number} from @param {number} to */
export function hostDecode(bytes, from, to) {
  if (codec === undefined) codec = find()
  if (codec === null) return null
  try {
    return codec.decoder.decode(bytes.subarray(from, to))
  } catch (error) {
    // Our own loop says what is wrong.
    return null
  }
}
