// One client's connection to the server: takes WebSocket frames and MQTT packets apart, however they are cut, counts them,
// and answers as a broker does, with one WebSocket message for whatever arrived together. It routes nothing.

import { connack, frame, join, suback, unsuback } from './packets.mjs'
import { Stream } from './stream.mjs'

const CONNECT = 1
const PUBLISH = 3
const PUBACK = 4
const PUBREC = 5
const PUBREL = 6
const PUBCOMP = 7
const SUBSCRIBE = 8
const UNSUBSCRIBE = 10
const PINGREQ = 12
const DISCONNECT = 14

const LARGEST_ANSWER = 60_000

export class Connection {
  /** @param {import('node:net').Socket} socket @param {(clientId: string) => void} named */
  constructor(socket, named) {
    this.socket = socket
    this.named = named
    this.version = 4
    this.echo = false
    /** @type {Stream | null} */
    this.stream = null
    this.counts = { published: 0, acknowledged: 0, payload: 0, frames: 0 }
    /** Bytes of a WebSocket frame's head that have come so far. @type {Buffer | null} */
    this.head = null
    /** What is left of the present frame, and how it is masked. */
    this.left = 0
    this.opcode = 0
    this.mask = new Uint8Array(4)
    this.phase = 0
    /** The beginning of a packet that is not yet whole, and how many bytes of it can be passed over. */
    this.carry = new Uint8Array(0)
    this.skip = 0
    this.answers = new Uint8Array(LARGEST_ANSWER)
    this.answered = 0
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.handleData(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.stream?.stop())
  }

  /** @param {import('./stream.mjs').Plan} plan */
  send(plan) {
    this.stream?.stop()
    this.stream = new Stream(this.socket, this.version, plan)
  }

  // WebSocket.

  /** @private @param {Buffer} chunk */
  handleData(chunk) {
    let at = 0
    while (at < chunk.length) {
      if (this.left === 0) {
        at = this.handleHead(chunk, at)
        if (this.left === 0) continue
      }
      const end = Math.min(chunk.length, at + this.left)
      this.left -= end - at
      const part = chunk.subarray(at, end)
      if (this.opcode >= 8) this.handleControl()
      else this.handlePayload(part)
      at = end
    }
    this.flush()
  }

  /** @private @returns {number} where the head ends, or the chunk */
  handleHead(chunk, at) {
    const bytes = this.head === null ? chunk.subarray(at) : Buffer.concat([this.head, chunk.subarray(at)])
    const known = this.head === null ? 0 : this.head.length
    const short = bytes.length < 2 ? 0 : bytes[1] & 127
    const size = bytes.length < 2 ? 2 : 6 + (short === 126 ? 2 : short === 127 ? 8 : 0)
    if (bytes.length < size) {
      this.head = Buffer.from(bytes)
      return chunk.length
    }
    this.head = null
    this.opcode = bytes[0] & 15
    this.left = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? bytes.readUInt32BE(6) : short
    this.mask = Uint8Array.from(bytes.subarray(size - 4, size))
    this.phase = 0
    this.counts.frames++
    if (this.opcode >= 8 && this.left === 0) this.handleControl()
    return at + size - known
  }

  /** @private A close is answered by the end of the connection, a pong by nothing; browsers send no ping. */
  handleControl() {
    if (this.opcode === 8) this.socket.end(Buffer.of(0x88, 0))
  }

  // MQTT, out of masked bytes.

  /** @private @param {Buffer} part of a frame's payload */
  handlePayload(part) {
    const { mask, phase } = this
    this.phase = (phase + part.length) & 3
    let at = Math.min(this.skip, part.length)
    this.skip -= at
    while (at < part.length) {
      if (this.carry.length > 0) {
        // Little by little: it is a piece of a few bytes, or a packet that has to be read as a whole.
        const missing = this.missing(this.carry)
        const take = Math.min(missing, part.length - at)
        const more = unmasked(part, at, at + take, mask, phase)
        this.carry = join([this.carry, more])
        at += take
        if (this.missing(this.carry) > 0) continue
        at += this.pass(this.handlePacket(this.carry), part.length - at)
        this.carry = new Uint8Array(0)
        continue
      }
      at = this.walk(part, at, mask, phase)
    }
  }

  /** @private Packets that lie whole in a part, without a copy. @returns {number} where it stopped */
  walk(part, at, mask, phase) {
    for (;;) {
      let next = at
      if (next + 2 > part.length) break
      const first = part[next] ^ mask[(phase + next) & 3]
      next++
      let length = 0
      let shift = 0
      let byte = 128
      for (; byte >= 128 && next < part.length; next++, shift += 7) {
        byte = part[next] ^ mask[(phase + next) & 3]
        length |= (byte & 127) << shift
      }
      if (byte >= 128) break
      const type = first >> 4
      const end = next + length
      if (type === PUBLISH && (first & 6) === 0 && !this.echo) {
        this.counts.published++
        this.counts.payload += length
        if (end > part.length) {
          this.skip = end - part.length
          return part.length
        }
        at = end
        continue
      }
      if (end > part.length) break
      if (type === PUBLISH && !this.echo) {
        const topic = ((part[next] ^ mask[(phase + next) & 3]) << 8) | (part[next + 1] ^ mask[(phase + next + 1) & 3])
        next += 2 + topic
        this.counts.published++
        this.counts.payload += length
        this.answer((first & 6) === 2 ? 0x40 : 0x50, part[next] ^ mask[(phase + next) & 3], part[next + 1] ^ mask[(phase + next + 1) & 3])
      } else if (type >= PUBACK && type <= PUBCOMP) {
        this.handleAcknowledgement(type, part[next] ^ mask[(phase + next) & 3], part[next + 1] ^ mask[(phase + next + 1) & 3])
      } else {
        this.handlePacket(unmasked(part, at, end, mask, phase))
      }
      at = end
      if (at >= part.length) return at
    }
    // The beginning of one more.
    const missing = at < part.length ? this.missing(unmasked(part, at, Math.min(part.length, at + 9), mask, phase)) : 0
    const end = Math.min(part.length, at + 9 + Math.max(0, missing))
    this.carry = unmasked(part, at, end, mask, phase)
    if (this.carry.length > 0 && this.missing(this.carry) === 0) {
      const skip = this.handlePacket(this.carry)
      this.carry = new Uint8Array(0)
      return end + this.pass(skip, part.length - end)
    }
    return end
  }

  /** @private Passes over the rest of a packet. @param {number} bytes @param {number} here how many of them are at hand */
  pass(bytes, here) {
    const now = Math.min(bytes, here)
    this.skip = bytes - now
    return now
  }

  /**
   * @private
   * How many bytes more are needed to act on a packet. Of a PUBLISH that is not sent back, the packet identifier is enough.
   * @param {Uint8Array} bytes its beginning
   */
  missing(bytes) {
    let next = 1
    let length = 0
    for (let shift = 0; ; shift += 7, next++) {
      if (next >= bytes.length) return 1
      length |= (bytes[next] & 127) << shift
      if (bytes[next] < 128) break
    }
    next++
    const type = bytes[0] >> 4
    let needed = next + length
    if (type === PUBLISH && !this.echo) {
      if (bytes.length < next + 2) return next + 2 - bytes.length
      needed = Math.min(needed, next + 2 + ((bytes[next] << 8) | bytes[next + 1]) + ((bytes[0] & 6) > 0 ? 2 : 0))
    }
    return Math.max(0, needed - bytes.length)
  }

  /** @private @param {Uint8Array} bytes a packet, or enough of one @returns {number} how much of it is yet to come */
  handlePacket(bytes) {
    let next = 1
    let length = 0
    for (let shift = 0; ; shift += 7) {
      length |= (bytes[next] & 127) << shift
      if (bytes[next++] < 128) break
    }
    const type = bytes[0] >> 4
    const end = next + length
    const word = (/** @type {number} */ at) => (bytes[at] << 8) | bytes[at + 1]
    if (type === CONNECT) {
      this.version = bytes[next + 2 + word(next)]
      next += 2 + word(next) + 4
      if (this.version === 5) next += 1 + bytes[next]
      this.write(connack(this.version))
      this.named(Buffer.from(bytes.subarray(next + 2, next + 2 + word(next))).toString())
    } else if (type === PUBLISH) {
      this.counts.published++
      this.counts.payload += length
      if (this.echo) {
        this.flush()
        this.socket.write(frame(bytes))
        return 0
      }
      const id = next + 2 + word(next)
      if ((bytes[0] & 6) > 0) this.answer((bytes[0] & 6) === 2 ? 0x40 : 0x50, bytes[id], bytes[id + 1])
      return Math.max(0, end - bytes.length)
    } else if (type >= PUBACK && type <= PUBCOMP) {
      this.handleAcknowledgement(type, bytes[next], bytes[next + 1])
    } else if (type === SUBSCRIBE || type === UNSUBSCRIBE) {
      const id = word(next)
      next += 2
      if (this.version === 5) next += 1 + bytes[next]
      const codes = []
      while (next < end) {
        next += 2 + word(next)
        codes.push(type === SUBSCRIBE ? bytes[next++] & 3 : 0)
      }
      this.write(type === SUBSCRIBE ? suback(this.version, id, codes) : unsuback(this.version, id, codes.length))
    } else if (type === PINGREQ) {
      this.write(Uint8Array.of(0xd0, 0))
    } else if (type === DISCONNECT) {
      this.stream?.stop()
    } else {
      throw new Error(`a packet of type ${type}`)
    }
    return 0
  }

  /** @private @param {number} type @param {number} high @param {number} low of the packet identifier */
  handleAcknowledgement(type, high, low) {
    if (type === PUBREC) return this.answer(0x62, high, low)
    if (type === PUBREL) return this.answer(0x70, high, low)
    this.counts.acknowledged++
    this.stream?.handleDone(1)
  }

  // Answers.

  /** @private @param {number} first @param {number} high @param {number} low */
  answer(first, high, low) {
    if (this.answered + 4 > LARGEST_ANSWER) this.flush()
    const at = this.answered
    this.answers[at] = first
    this.answers[at + 1] = 2
    this.answers[at + 2] = high
    this.answers[at + 3] = low
    this.answered += 4
  }

  /** @private */
  flush() {
    if (this.answered === 0) return
    this.socket.write(frame(this.answers.subarray(0, this.answered)))
    this.answered = 0
  }

  /** @private @param {Uint8Array} packet */
  write(packet) {
    this.flush()
    this.socket.write(frame(packet))
  }
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to @param {Uint8Array} mask @param {number} phase */
function unmasked(bytes, from, to, mask, phase) {
  const plain = new Uint8Array(to - from)
  for (let at = from; at < to; at++) plain[at - from] = bytes[at] ^ mask[(phase + at) & 3]
  return plain
}
