// What the server sends: PUBLISH packets in WebSocket frames, made once and written again and again, straight to the TCP
// socket, as fast as it takes them. With QoS 1 and 2 never more than a window of messages is on its way. It reads nothing.

import { frame, join, payloadOf, publish, topicOf } from './packets.mjs'

/** Bytes of ready-made frames that one write hands over, about. */
const CHUNK = 128 * 1024
/** QoS 1 and 2: messages on their way at once, each with an identifier of its own. */
export const WINDOW = 1000
const PACE = 5

/**
 * @typedef {object} Plan
 * @property {number} count messages; a multiple of `perFrame`
 * @property {number} size bytes of a payload
 * @property {number} [qos]
 * @property {number} [perFrame] messages in a WebSocket message
 * @property {number} [topics] how many different ones
 * @property {number} [split] bytes of a WebSocket message, where messages are cut into many
 * @property {number} [pace] messages a second, instead of as many as possible
 */

/** A cycle of frames with the place where each begins. @param {number} version @param {Plan} plan */
function cycleOf(version, { size, qos = 0, perFrame = 1, topics = 1, split = 0 }) {
  const payload = payloadOf(size)
  // Whole frames, and every topic as often.
  const unit = Math.max(topics, perFrame)
  const messages = qos > 0 ? WINDOW : unit * Math.ceil(CHUNK / (unit * (size + 30)))
  const frames = []
  for (let n = 0; n < messages; n += perFrame) {
    const packets = Array.from({ length: perFrame }, (_, at) =>
      publish(version, topicOf(n + at, topics), payload, qos, n + at + 1),
    )
    if (split === 0) frames.push(frame(join(packets)))
    else frames.push(join(pieces(join(packets), split).map(frame)))
  }
  const starts = [0]
  for (const one of frames) starts.push(starts[starts.length - 1] + one.length)
  return { bytes: Buffer.from(join(frames)), starts, frames: frames.length }
}

/** @param {Uint8Array} bytes @param {number} size */
function pieces(bytes, size) {
  const cut = []
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size))
  return cut
}

/** Cycles are the same for every client: made once. @type {Map<string, ReturnType<typeof cycleOf>>} */
const cycles = new Map()

export class Stream {
  /** @param {import('node:net').Socket} socket @param {number} version @param {Plan} plan */
  constructor(socket, version, plan) {
    const { count, perFrame = 1, qos = 0, pace = 0 } = plan
    if (count % perFrame > 0) throw new Error(`${count} messages are no multiple of ${perFrame} a frame`)
    this.socket = socket
    this.perFrame = perFrame
    const key = JSON.stringify([version, { ...plan, count: 0, pace: 0 }])
    this.cycle = cycles.get(key) || cycleOf(version, plan)
    // Of what is large, there is no need to keep more than one.
    if (cycles.size > 20) cycles.clear()
    cycles.set(key, this.cycle)
    this.left = count / perFrame
    this.next = 0
    this.window = qos > 0 ? Math.max(1, Math.floor(WINDOW / perFrame)) : Infinity
    this.outstanding = 0
    this.done = 0
    this.drained = () => this.pump()
    if (pace > 0) this.timer = setInterval(() => this.write(Math.ceil((pace * PACE) / 1000 / perFrame)), PACE)
    else this.pump()
  }

  /** So many messages are acknowledged to their end. @param {number} count */
  handleDone(count) {
    this.done += count
    const frames = Math.floor(this.done / this.perFrame)
    if (frames === 0) return
    this.done -= frames * this.perFrame
    this.outstanding -= frames
    this.pump()
  }

  /** @private */
  pump() {
    while (this.left > 0) {
      const frames = Math.min(this.left, this.window - this.outstanding)
      if (frames <= 0) return
      if (!this.write(frames)) return void this.socket.once('drain', this.drained)
    }
  }

  /** @private Up to the end of the cycle at most. @param {number} most @returns {boolean} the socket takes more */
  write(most) {
    const { bytes, starts, frames } = this.cycle
    const until = Math.min(this.next + Math.min(most, this.left), frames)
    const more = this.socket.write(bytes.subarray(starts[this.next], starts[until]))
    this.left -= until - this.next
    if (this.window !== Infinity) this.outstanding += until - this.next
    this.next = until === frames ? 0 : until
    if (this.left === 0) this.stop()
    return more
  }

  stop() {
    clearInterval(this.timer)
    this.socket.off('drain', this.drained)
  }
}
