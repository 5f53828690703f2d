// MQTT packets and server-side WebSocket frames as ready-made bytes, for the server and for the bare clients. It encodes
// only what the benchmark sends, and decodes nothing. It runs in Node and in a page.

/** ASCII alone is needed here. @param {string} text */
const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

/** A string with its length before it. @param {string} text */
const string = (text) => [text.length >> 8, text.length & 0xff, ...ascii(text)]

/** @param {number} length */
function remainingLength(length) {
  const bytes = []
  do {
    const more = length >= 128
    bytes.push((length & 127) | (more ? 128 : 0))
    length >>>= 7
  } while (length > 0)
  return bytes
}

/** @param {Uint8Array[]} parts */
export function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** @param {number} first the first byte @param {Uint8Array | number[]} body @param {Uint8Array} [rest] */
function packet(first, body, rest = new Uint8Array(0)) {
  return join([Uint8Array.of(first, ...remainingLength(body.length + rest.length)), Uint8Array.from(body), rest])
}

/** CONNECT with a new session and without a keep alive. @param {string} clientId */
export const connect = (clientId) => packet(0x10, [...string('MQTT'), 4, 2, 0, 0, ...string(clientId)])

/** @param {number} version */
export const connack = (version) => (version === 5 ? Uint8Array.of(0x20, 3, 0, 0, 0) : Uint8Array.of(0x20, 2, 0, 0))

/** @param {number} id packet identifier @param {string} filter @param {number} qos */
export const subscribe = (id, filter, qos) => packet(0x82, [id >> 8, id & 0xff, ...string(filter), qos])

/** @param {number} version @param {number} id @param {number[]} codes */
export const suback = (version, id, codes) => packet(0x90, [id >> 8, id & 0xff, ...(version === 5 ? [0] : []), ...codes])

/** @param {number} version @param {number} id @param {number} filters how many */
export const unsuback = (version, id, filters) =>
  packet(0xb0, [id >> 8, id & 0xff, ...(version === 5 ? new Array(filters + 1).fill(0) : [])])

/** @param {number} version @param {string} topic @param {Uint8Array} payload @param {number} [qos] @param {number} [id] */
export function publish(version, topic, payload, qos = 0, id = 0) {
  const head = [...string(topic), ...(qos > 0 ? [id >> 8, id & 0xff] : []), ...(version === 5 ? [0] : [])]
  return packet(0x30 | (qos << 1), head, payload)
}

/** Printable, so that it is UTF-8 and can be read as text. @param {number} size */
export const payloadOf = (size) => new Uint8Array(size).map((_, n) => 97 + (n % 26))

/** The topic of a stream's message: all of one length, so that the sums can be checked. @param {number} n @param {number} topics */
export const topicOf = (n, topics) => `bench/${String(n % topics).padStart(5, '0')}/value`

/** A binary WebSocket message in one frame, as a server sends it: not masked. @param {Uint8Array} payload */
export function frame(payload) {
  const { length } = payload
  if (length < 126) return join([Uint8Array.of(0x82, length), payload])
  if (length < 65536) return join([Uint8Array.of(0x82, 126, length >> 8, length & 0xff), payload])
  const head = new Uint8Array(10)
  head.set([0x82, 127])
  new DataView(head.buffer).setUint32(6, length)
  return join([head, payload])
}
