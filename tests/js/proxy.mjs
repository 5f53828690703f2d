// A TCP proxy on loopback between a client and its broker, with every fault by which real networks lose clients: cut,
// reset, frozen, stalled and slow lines, and a network that is away. A test plans faults ahead, connection by
// connection and to the byte, or strikes live. It loses no byte unless told to, and it changes none. It knows nothing
// of MQTT, and of WebSocket only where the upgrade ends.

import { connect, createServer } from 'node:net'
import { performance } from 'node:perf_hooks'

/**
 * Where on a line a fault strikes: when so many bytes have passed that way, counted from the start or from the end of
 * the WebSocket upgrade. 0 bytes without `after` is as soon as the connection is accepted, before the broker hears of
 * it. With `after`, { up: 1 } is inside CONNECT and { down: 1 } inside CONNACK.
 * @typedef {{ up?: number, down?: number, after?: 'upgrade', ms?: number }} Point up or down; ms: for a stall
 */

/**
 * What happens to one connection; undefined or {} is nothing. Several points of one kind go into an array.
 * @typedef {object} Faults
 * @property {Point | Point[]} [cut] the bytes up to the point pass, then both sockets are destroyed: the other end has
 *   them in its kernel, and may still lose what it has not read by writing to the dead line
 * @property {Point | Point[]} [reset] the same with RST
 * @property {Point | Point[]} [freeze] half-open: nothing passes any more, not even an end, and the line stays up
 * @property {Point | Point[]} [stall] all waits for so many ms, nothing is lost
 * @property {number} [slow] bytes a second, each way, in small pieces
 */

/** @typedef {import('node:net').Socket} Socket */

/** @typedef {'cut' | 'reset' | 'freeze' | 'stall'} Kind */
/** @typedef {{ kind: Kind, way: 'up' | 'down', bytes: number, after: boolean, ms?: number }} Stop a Point, told in full */

const kinds = /** @type {Kind[]} */ (['cut', 'reset', 'freeze', 'stall'])
/** A slow line passes a piece about so often, in milliseconds. */
const beat = 10
const headEnd = Buffer.from('\r\n\r\n')

/** One direction of a line. */
class Lane {
  /** @param {Line} line @param {Socket} from @param {Socket} to @param {Stop[]} stops */
  constructor(line, from, to, stops) {
    this.line = line
    this.from = from
    this.to = to
    this.stops = stops
    this.passed = 0
    /** @type {Buffer[]} */ this.waiting = []
    /** What came first, while the end of the upgrade is looked for. */
    this.head = Buffer.alloc(0)
    this.upgradeEnd = -1
    this.busy = false
    /** @type {NodeJS.Timeout | undefined} */ this.timer = undefined
    /** @type {(() => void) | null} */ this.end = null
    from.on('data', (chunk) => this.take(chunk))
    from.on('end', () => this.endWith(() => to.end()))
    from.on('close', (failed) => failed && this.endWith(() => to.destroy()))
  }

  /** @param {Buffer} chunk */
  take(chunk) {
    // Frozen bytes are read and dropped, so that neither side notices by its own socket.
    if (this.line.frozen) return
    if (this.upgradeEnd < 0 && this.stops.some((stop) => stop.after)) {
      this.head = Buffer.concat([this.head, chunk])
      const at = this.head.indexOf(headEnd)
      if (at >= 0) this.upgradeEnd = at + headEnd.length
    }
    this.waiting.push(chunk)
    this.from.pause()
    this.pump()
  }

  /** @param {() => void} end */
  endWith(end) {
    this.end = end
    this.pump()
  }

  /** Where a stop is in bytes from the start; never, while the upgrade has not ended. @param {Stop} stop */
  place({ bytes, after }) {
    if (!after) return bytes
    return this.upgradeEnd < 0 ? Infinity : this.upgradeEnd + bytes
  }

  /** Passes on what may pass, one piece at a time: a fault strikes when the kernel has the bytes before it. */
  pump() {
    if (this.busy || this.timer || this.line.held || this.line.frozen) return
    if (this.waiting.length === 0) {
      this.from.resume()
      this.end?.()
      this.end = null
      return
    }
    const [chunk, ...rest] = this.waiting
    const room = Math.min(...this.stops.map((stop) => this.place(stop) - this.passed))
    const { rate } = this.line
    const piece = chunk.subarray(0, Math.min(room, rate ? Math.max(1, Math.floor((rate * beat) / 1000)) : Infinity))
    this.waiting = piece.length < chunk.length ? [chunk.subarray(piece.length), ...rest] : rest
    this.busy = true
    this.to.write(piece, (error) => {
      this.busy = false
      if (error) return
      this.passed += piece.length
      if (rate) this.wait((piece.length * 1000) / rate)
      this.strike()
      this.pump()
    })
  }

  /** @param {number} ms */
  wait(ms) {
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.pump()
    }, ms)
  }

  strike() {
    const due = this.stops.filter((stop) => this.place(stop) <= this.passed)
    this.stops = this.stops.filter((stop) => !due.includes(stop))
    for (const stop of due) this.line[stop.kind](stop.ms)
  }
}

/** @param {Faults} faults @returns {Stop[]} */
function stopsOf({ slow: _, ...faults }) {
  return Object.entries(faults).flatMap(([name, points]) => {
    const kind = kinds.find((one) => one === name)
    if (!kind) throw new Error(`no fault is named ${name}`)
    return [points].flat().map(({ up, down, after, ms }) => {
      const bytes = up ?? down
      if (bytes === undefined) throw new Error(`${name} has neither up nor down`)
      return { kind, way: up === undefined ? 'down' : 'up', bytes, after: after === 'upgrade', ms }
    })
  })
}

/** One connection: what a test sees of it and may do to it. */
export class Line {
  /** @param {Socket} client @param {number} target @param {Faults} faults */
  constructor(client, target, faults) {
    /** When it was accepted, by performance.now(). */
    this.at = performance.now()
    this.frozen = false
    this.held = false
    this.rate = faults.slow ?? 0
    /** @type {NodeJS.Timeout | undefined} */ this.timer = undefined
    /** @type {Socket[]} */ this.sockets = [client]
    /** @type {Lane[]} */ this.lanes = []
    this.guard(client)
    const stops = stopsOf(faults)
    const first = stops.filter((stop) => stop.bytes === 0 && !stop.after)
    for (const { kind, ms } of first) this[kind](ms)
    if (this.frozen) client.resume()
    if (this.frozen || client.destroyed) return
    const broker = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.sockets.push(broker)
    this.guard(broker)
    const later = stops.filter((stop) => !first.includes(stop))
    this.lanes = [
      new Lane(this, client, broker, later.filter(({ way }) => way === 'up')),
      new Lane(this, broker, client, later.filter(({ way }) => way === 'down')),
    ]
  }

  /** @param {Socket} socket */
  guard(socket) {
    socket.on('error', () => {}) // 'close' follows, and says so
    socket.on('close', () => {
      if (!this.open) this.clear()
    })
  }

  /** Bytes that went to the broker. */
  get up() {
    return this.lanes[0]?.passed ?? 0
  }

  /** Bytes that went to the client. */
  get down() {
    return this.lanes[1]?.passed ?? 0
  }

  /** Whether a socket of it is still there. */
  get open() {
    return this.sockets.some((socket) => !socket.destroyed)
  }

  /** Ends it with neither a DISCONNECT nor a closing frame. */
  cut() {
    this.clear()
    for (const socket of this.sockets) socket.destroy()
  }

  /** The same with RST. */
  reset() {
    this.clear()
    for (const socket of this.sockets) socket.resetAndDestroy()
  }

  /** Passes nothing on any more, not even the end of one side: the other must notice by itself. */
  freeze() {
    this.frozen = true
    this.clear()
    for (const socket of this.sockets) socket.resume()
  }

  /**
   * Holds everything until flow(), or for so long.
   * @param {number} [ms]
   */
  stall(ms) {
    this.held = true
    clearTimeout(this.timer)
    if (ms !== undefined) this.timer = setTimeout(() => this.flow(), ms)
  }

  /** Ends a stall. */
  flow() {
    clearTimeout(this.timer)
    this.held = false
    for (const lane of this.lanes) lane.pump()
  }

  /** @param {number} rate bytes a second, each way; 0: as fast as it goes */
  slow(rate) {
    this.rate = rate
  }

  clear() {
    clearTimeout(this.timer)
    for (const lane of this.lanes) {
      clearTimeout(lane.timer)
      lane.waiting = []
    }
  }
}

/**
 * @param {number} target the broker's port
 * @param {{ plan?: (n: number) => Faults | undefined }} [settings] plan: what happens to the n-th connection, from 0
 */
export async function startProxy(target, { plan = () => undefined } = {}) {
  /** @type {Line[]} */
  const lines = []
  let hidden = false
  const accept = (/** @type {Socket} */ client) => {
    lines.push(new Line(client, target, (hidden ? { freeze: { up: 0 } } : proxy.plan(lines.length)) ?? {}))
  }
  let server = await listen(0, accept)
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const each = (/** @type {(line: Line) => void} */ act) => {
    for (const line of lines) if (line.open) act(line)
  }
  const proxy = {
    port,
    /** May be replaced at any time; it is asked when a connection is accepted. */
    plan,
    /** Every connection there has been, in order; a refused one is none. */
    lines,

    /** These strike all live connections. Each Line has them too. */
    cut: () => each((line) => line.cut()),
    reset: () => each((line) => line.reset()),
    freeze: () => each((line) => line.freeze()),
    stall: () => each((line) => line.stall()),
    flow: () => each((line) => line.flow()),
    slow: (/** @type {number} */ rate) => each((line) => line.slow(rate)),

    /** Nobody listens: new connections are refused, live ones go on. */
    refuse() {
      if (server.listening) server.close()
    },
    /** A phone in a lift: live connections freeze, new ones are accepted and hear nothing. */
    away() {
      hidden = true
      proxy.freeze()
    },
    /** Ends refuse() and away() for new connections. What froze stays frozen. */
    async back() {
      hidden = false
      if (!server.listening) server = await listen(port, accept)
    },

    async close() {
      proxy.refuse()
      const closing = lines.flatMap(({ sockets }) => sockets).map((socket) => closed(socket))
      proxy.cut()
      await Promise.all(closing)
    },
  }
  return proxy
}

/**
 * @param {number} port
 * @param {(client: Socket) => void} accept
 * @returns {Promise<import('node:net').Server>}
 */
function listen(port, accept) {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, accept)
    server.on('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}

/** @param {Socket} socket */
const closed = (socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))
