// The limit: a WebSocket and nothing else. What it sends is encoded before the clock runs; of what it gets it walks the
// packet headers, and acknowledges where it has to. It checks nothing and tells no program, as no client could.

import { connect, publish, subscribe } from '../packets.mjs'

/** As many bytes go in one WebSocket message as a careful client puts there. */
const MOST = 64 * 1024

class Bare {
  /** @param {any} given as for every client @param {boolean} batched */
  constructor({ url, clientId, tally, each }, batched) {
    this.batched = batched
    this.tally = tally
    this.each = each
    this.skip = 0
    this.queued = 0
    this.id = 0
    this.acks = new Uint8Array(MOST)
    /** @type {Map<string, { bytes: Uint8Array, length: number, idAt: number }>} */
    this.encoded = new Map()
    /** @type {any} */
    this.ready = null
    this.done = () => {}
    this.socket = new WebSocket(url, ['mqtt'])
    this.socket.binaryType = 'arraybuffer'
    this.socket.onmessage = ({ data }) => this.walk(new Uint8Array(data))
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = () => {
        this.ready = resolve
        this.socket.send(connect(clientId))
      }
      this.socket.onerror = () => reject(new Error('the socket failed'))
    })
  }

  /** @param {Uint8Array} bytes */
  walk(bytes) {
    let at = 0
    let count = 0
    let topics = 0
    let payloads = 0
    let acks = 0
    let done = 0
    const { acks: out, each, tally } = this
    if (this.skip > 0) {
      at = Math.min(this.skip, bytes.length)
      this.skip -= at
      if (this.skip > 0) return
      tally.add(1, this.topics, this.payloads)
    }
    while (at < bytes.length) {
      const first = bytes[at++]
      let length = 0
      let shift = 0
      let byte
      do {
        byte = bytes[at++]
        length |= (byte & 127) << shift
        shift += 7
      } while (byte >= 128)
      const end = at + length
      const type = first >> 4
      if (type === 3) {
        const topic = (bytes[at] << 8) | bytes[at + 1]
        const qos = (first >> 1) & 3
        const payload = length - 2 - topic - (qos > 0 ? 2 : 0)
        if (qos > 0) {
          out[acks++] = qos === 1 ? 0x40 : 0x50
          out[acks++] = 2
          out[acks++] = bytes[at + 2 + topic]
          out[acks++] = bytes[at + 3 + topic]
        }
        if (end > bytes.length) {
          this.skip = end - bytes.length
          this.topics = topic
          this.payloads = payload
        } else if (each) {
          tally.seen(topic, payload)
        } else {
          count++
          topics += topic
          payloads += payload
        }
      } else if (type === 5 || type === 6) {
        out[acks++] = type === 5 ? 0x62 : 0x70
        out[acks++] = 2
        out[acks++] = bytes[at]
        out[acks++] = bytes[at + 1]
      } else if (type === 4 || type === 7) {
        done++
      } else if (this.ready !== null) {
        // CONNACK or SUBACK.
        const ready = this.ready
        this.ready = null
        ready()
      }
      at = end
    }
    if (acks > 0) this.socket.send(out.subarray(0, acks))
    if (count > 0) tally.add(count, topics, payloads)
    for (; done > 0; done--) this.done()
  }

  /** @param {string} filter @param {number} qos */
  subscribe(filter, qos) {
    this.socket.send(subscribe(1, filter, qos))
    return new Promise((resolve) => (this.ready = resolve))
  }

  /** A batch of one packet many times. @private @param {string} topic @param {string | Uint8Array} payload @param {number} qos */
  encode(topic, payload, qos) {
    const key = topic + payload.length + qos
    let found = this.encoded.get(key)
    if (found !== undefined) return found
    const packet = publish(4, topic, typeof payload === 'string' ? new TextEncoder().encode(payload) : payload, qos)
    const times = this.batched ? Math.max(1, Math.floor(MOST / packet.length)) : 1
    const bytes = new Uint8Array(times * packet.length)
    for (let n = 0; n < times; n++) bytes.set(packet, n * packet.length)
    found = { bytes, length: packet.length, idAt: packet.length - payload.length - 2 }
    this.encoded.set(key, found)
    return found
  }

  /** @param {string} topic @param {string | Uint8Array} payload @param {number} qos */
  publish(topic, payload, qos) {
    // One topic, payload and QoS at a time.
    if (topic !== this.topic || qos !== this.qos || payload !== this.payload) {
      this.flush()
      this.packet = this.encode(topic, payload, qos)
      this.topic = topic
      this.payload = payload
      this.qos = qos
    }
    this.queued++
    if (!this.batched) this.flush()
    else if (this.queued === 1) queueMicrotask(() => this.flush())
  }

  /** @param {string} topic @param {string | Uint8Array} payload @param {number} qos @param {() => void} done */
  publishAcked(topic, payload, qos, done) {
    this.done = done
    this.publish(topic, payload, qos)
  }

  /** @private */
  flush() {
    if (this.queued === 0) return
    const { bytes, length, idAt } = this.packet
    const most = bytes.length / length
    while (this.queued > 0) {
      const count = Math.min(this.queued, most)
      this.queued -= count
      if (this.qos > 0) {
        for (let n = 0; n < count; n++) {
          this.id = this.id === 65535 ? 1 : this.id + 1
          bytes[n * length + idAt] = this.id >> 8
          bytes[n * length + idAt + 1] = this.id & 255
        }
      }
      this.socket.send(count === most ? bytes : bytes.subarray(0, count * length))
    }
  }

  async close() {
    this.socket.close()
  }
}

/** @param {string} name @param {string} label @param {boolean} batched */
const bare = (name, label, batched) => ({
  name,
  label,
  version: 4,
  close: batched,
  limit: true,
  lacks: { handlers: 'it has none', text: 'it reads none' },
  load: async () => null,
  async connect(_module, given) {
    const client = new Bare(given, batched)
    await client.opened
    return client
  },
})

export const bareBatched = bare('bare', 'bare socket', true)
export const bareSingle = bare('bare-single', 'bare socket, a packet a frame', false)
