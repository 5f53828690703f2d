// The other side of a delivery test: it publishes numbered messages with QoS 2, or subscribes and counts them, over
// plain TCP straight to the broker. It outlives restarts of the broker, and neither loses nor doubles anything itself.
// It shares no code with the client under test and speaks no more MQTT 3.1.1 than this needs. mosquitto_sub would not
// do: it takes what was in flight in a lost session for the new session's message of the same packet identifier.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { unique } from './scenarios.mjs'

/**
 * Waits for a condition; after a while it fails and says for what.
 * @param {() => unknown} condition
 * @param {string | (() => string)} what
 */
export async function until(condition, what, patience = 30_000) {
  const end = performance.now() + patience
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/**
 * Payloads that came, for either side. What may still come twice has come when a message sent after all others has:
 * publish one more than the test is about, and reach() it.
 */
export class Tally {
  constructor() {
    /** In the order they came. @type {string[]} */
    this.payloads = []
    this.put = (/** @type {string} */ payload) => void this.payloads.push(payload)
  }

  /**
   * What is wrong, if 0 to count - 1 should each be there once and nothing else.
   * @param {number} count
   */
  faults(count) {
    const times = new Map()
    for (const payload of this.payloads) times.set(payload, (times.get(payload) ?? 0) + 1)
    const wanted = Array.from({ length: count }, (_, number) => String(number))
    const known = new Set(wanted)
    return {
      lost: wanted.filter((payload) => !times.has(payload)),
      twice: wanted.filter((payload) => times.get(payload) > 1),
      strange: [...times.keys()].filter((payload) => !known.has(payload)),
    }
  }

  /** Waits until 0 to count - 1 have come. @param {number} count */
  reach(count, patience = 60_000) {
    const missing = () => this.faults(count).lost
    return until(
      () => this.payloads.length >= count && missing().length === 0,
      () => `${count} messages, ${this.payloads.length} came, without ${missing().slice(0, 20).join(', ')}`,
      patience,
    )
  }
}

/** No faults, to compare with. */
export const none = { lost: [], twice: [], strange: [] }

const connectType = 1
const connAck = 2
const publish = 3
const pubRec = 5
const pubRel = 6
const pubComp = 7
const subscribe = 8
const subAck = 9
const disconnect = 14

const number = (/** @type {number} */ value) => Buffer.from([value >> 8, value & 255])
const text = (/** @type {string} */ value) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)])

/** @param {number} type @param {number} flags @param {Buffer[]} parts */
function packet(type, flags, ...parts) {
  const body = Buffer.concat(parts)
  const head = [(type << 4) | flags]
  let rest = body.length
  do {
    head.push(rest > 127 ? (rest & 127) | 128 : rest)
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.from(head), body])
}

/** The first packet in the bytes, or null until it is whole. @param {Buffer} bytes */
function split(bytes) {
  let length = 0
  for (let at = 1; at < bytes.length; at++) {
    length |= (bytes[at] & 127) << (7 * (at - 1))
    if (bytes[at] > 127) continue
    const end = at + 1 + length
    if (bytes.length < end) return null
    return { type: bytes[0] >> 4, flags: bytes[0] & 15, body: bytes.subarray(at + 1, end), end }
  }
  return null
}

/** A session of the broker's that outlives connections: when one ends the next is opened, until close(). */
class Session {
  /** @param {{ plainPort: number, userName: string, password: string }} broker */
  constructor(broker) {
    this.broker = broker
    this.clientId = unique('c').replaceAll('/', '')
    /** How often a CONNACK has come, and how often it said that the session is gone. */
    this.connects = 0
    this.sessionsLost = 0
    this.open()
  }

  open() {
    this.closed = false
    let bytes = Buffer.alloc(0)
    this.socket = connect({ port: this.broker.plainPort, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      for (let one = split(bytes); one; one = split(bytes)) {
        bytes = bytes.subarray(one.end)
        if (one.type === connAck) this.greet(one.body)
        else this.handle(one)
      }
    })
    this.socket.on('error', () => {}) // 'close' follows
    this.socket.on('close', () => {
      if (!this.closed) this.timer = setTimeout(() => this.open(), 10)
    })
    const { userName, password } = this.broker
    // Version 4; user name, password, no clean session; no keep alive: a broker on loopback that dies is noticed.
    const head = Buffer.from([4, 0b1100_0000, 0, 0])
    this.send(packet(connectType, 0, text('MQTT'), head, text(this.clientId), text(userName), text(password)))
  }

  /** @param {Buffer} body of CONNACK */
  greet([present, code]) {
    assert.equal(code, 0, `the broker refused the other side with code ${code}`)
    if (!present && this.connects > 0) this.sessionsLost++
    this.connects++
    this.resume(present === 1)
  }

  /** @param {Buffer} bytes */
  send(bytes) {
    this.socket.write(bytes)
  }

  /** Leaves; the session stays for open() to come back to. */
  async close() {
    this.closed = true
    clearTimeout(this.timer)
    this.socket.end(packet(disconnect, 0))
    await until(() => this.socket.destroyed, 'the end of the other side')
  }
}

class Counter extends Session {
  /** @param {any} broker @param {string} filter */
  constructor(broker, filter) {
    super(broker)
    this.filter = filter
    this.subscribed = false
    this.tally = new Tally()
    /** Packet identifiers between PUBLISH and PUBREL: their message has been counted [MQTT-4.3.3-2]. */
    this.held = new Set()
  }

  /** @param {boolean} present */
  resume(present) {
    if (present) return
    this.held.clear()
    this.subscribed = false
    this.send(packet(subscribe, 2, number(1), text(this.filter), Buffer.from([2])))
  }

  handle({ type, flags, body }) {
    if (type === publish) {
      assert.equal((flags >> 1) & 3, 2, 'the QoS of a message to the counter')
      const at = 2 + body.readUInt16BE(0)
      const id = body.readUInt16BE(at)
      if (!this.held.has(id)) this.tally.put(body.toString('utf8', at + 2))
      this.held.add(id)
      this.send(packet(pubRec, 0, number(id)))
    } else if (type === pubRel) {
      this.held.delete(body.readUInt16BE(0))
      this.send(packet(pubComp, 0, body))
    } else {
      assert.deepEqual([type, body[2]], [subAck, 2], 'the answer to SUBSCRIBE')
      this.subscribed = true
    }
  }
}

class Source extends Session {
  /** @param {any} broker @param {number} window */
  constructor(broker, window) {
    super(broker)
    this.window = window
    this.lastId = 0
    this.ready = false
    /** Not sent yet. @type {{ topic: string, payload: string }[]} */
    this.queue = []
    /**
     * By packet identifier, in the order sent; released: PUBREC has come.
     * @type {Map<number, { topic: string, payload: string, released: boolean }>}
     */
    this.inFlight = new Map()
    /** What no one can know: the broker took it and lost the session before PUBCOMP. @type {string[]} */
    this.doubtful = []
  }

  /**
   * Publishes the numbers from (with) to (without), one payload each, and waits until the broker has them all.
   * @param {string} topic
   * @param {number} from
   * @param {number} to
   */
  async publish(topic, from, to, patience = 60_000) {
    for (let one = from; one < to; one++) this.queue.push({ topic, payload: String(one) })
    this.fill()
    const left = () => this.queue.length + this.inFlight.size
    await until(
      () => left() === 0,
      () => `the acknowledgement of ${left()} messages`,
      patience,
    )
  }

  fill() {
    while (this.ready && this.queue.length > 0 && this.inFlight.size < this.window) {
      // The window is far below 65,535, so that an identifier is long free when its turn comes again.
      this.lastId = (this.lastId % 65_535) + 1
      this.inFlight.set(this.lastId, { ...this.queue.shift(), released: false })
      this.deliver(this.lastId, 0)
    }
  }

  /** @param {number} id @param {number} dup the flag, in its place */
  deliver(id, dup) {
    const { topic, payload, released } = this.inFlight.get(id)
    if (released) this.send(packet(pubRel, 2, number(id)))
    else this.send(packet(publish, dup | 4, text(topic), number(id), Buffer.from(payload)))
  }

  /** @param {boolean} present */
  resume(present) {
    for (const [id, { payload, released }] of this.inFlight) {
      if (released && !present) {
        this.doubtful.push(payload)
        this.inFlight.delete(id)
      } else this.deliver(id, present ? 8 : 0) // [MQTT-4.4.0-1]
    }
    this.ready = true
    this.fill()
  }

  handle({ type, body }) {
    const id = body.readUInt16BE(0)
    const message = this.inFlight.get(id)
    assert.ok(message, `packet type ${type} for packet identifier ${id}, which is not in flight`)
    if (type === pubRec) {
      message.released = true
      this.deliver(id, 0)
    } else {
      assert.equal(type, pubComp)
      this.inFlight.delete(id)
      this.fill()
    }
  }
}

/**
 * Subscribes with QoS 2 and counts what comes.
 * @param {{ plainPort: number, userName: string, password: string }} broker
 * @param {string} filter
 */
export async function startCounter(broker, filter) {
  const counter = new Counter(broker, filter)
  await until(() => counter.subscribed, 'the subscription of the counter')
  return counter
}

/**
 * A publisher of numbered messages. When the broker loses its sessions while messages are on their way, what becomes
 * of them is not for MQTT to say: let publish() and the tallies come to an end first, or look at `doubtful`.
 * @param {{ plainPort: number, userName: string, password: string }} broker
 * @param {{ window?: number }} [settings] window: how many are in flight at once; Mosquitto wants no more than 20
 */
export async function startSource(broker, { window = 10 } = {}) {
  const source = new Source(broker, window)
  await until(() => source.ready, 'the connection of the source')
  return source
}
