/**
 * Between one client's core, its store and its platform: the socket of the present attempt, the messages that wait for it
 * or for the store, the one timer, the one flush a turn. Tells the client what happened; knows no Paho.
 */

import { kept } from './batch.js'
import { MqttError, hidden } from './errors.js'
import { Message } from './message.js'

/** A socket that holds more than this many bytes back gets no more for now. */
const HIGH_MARK = 1024 * 1024
/** How soon to look again, in milliseconds: a WebSocket does not tell when it has drained. */
const LOOK_AGAIN = 4

const SOCKET_ERROR = 7
const SOCKET_CLOSED = 8

/** No events; never written to. @type {any[]} */
const NOTHING = []

/**
 * A place in the line of what is to be sent, where the store has to be done first. A class, because the buffers beside it
 * may be of the realm of the WebAssembly, where they are no `ArrayBuffer` of ours.
 */
class Barrier {
  /** @param {Promise<any>} written */
  constructor(written) {
    this.written = written
    this.done = false
  }
}

export class Link {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {{ handleMessage(message: Message): void, handleEvent(event: any): void, handlePumped(): void, protocols(version: number): string[],
   *   parameters(): import('./platform/contract.js').SocketParameters,
   *   prepare(host: number, present: () => boolean): string | Promise<string> }} client `prepare` gives the address of an
   *   attempt, and does nothing more when that is not the `present` one any more
   */
  constructor(platform, client) {
    this.platform = platform
    this.client = client
    /** @type {import('./core.js').CoreClient | null} */
    this.core = null
    /** @type {import('./persistence.js').Persistence | null} */
    this.persistence = null
    /** @type {import('./platform/contract.js').Socket | null} */
    this.socket = null
    /** Names the present attempt. @type {object | null} */
    this.attempt = null
    /** What the last socket error said, or is. @type {string | MqttError} */
    this.failure = ''
    /** How the last connection was closed, where the socket told. @type {{ closeCode?: number, closeReason?: string }} */
    this.closed = {}
    /** What the core told and the client has not heard yet. @type {any[]} */
    this.events = NOTHING
    this.told = 0
    /** @type {(ArrayBuffer | Uint8Array | Barrier)[]} */
    this.held = []
    /** Messages with QoS 0 that have not been handed over. */
    this.unsent = 0
    /** To be told when all that is queued now has been handed over, or why it was not. @type {((error: Error | null) => void)[]} */
    this.handovers = []
    this.flushing = false
    /** When the core was told of something last. */
    this.turn = 0
    // Made once: a function that makes one pays for it each time it is called, also where it returns before.
    this.flush = () => {
      this.flushing = false
      this.pump()
    }
    /** @type {any} */
    this.timer = null
    this.timerAt = 0
    /** @type {any} */
    this.heldTimer = null
    /** To be told when the present socket has closed. @type {(() => void)[]} */
    this.onClosed = []
  }

  /** The time as it is: what happens outside. */
  time() {
    return (this.turn = this.platform.now())
  }

  /**
   * The time for a command: once something waits for the end of this turn, all that follows in it leaves together, and needs
   * no later time. Never an earlier one than the core has heard, which would take it for a clock that was set back.
   */
  now() {
    return this.flushing ? this.turn : this.time()
  }

  /** Sends what commands have produced, at the end of this turn. */
  flushSoon() {
    if (this.flushing) return
    this.flushing = true
    this.time()
    this.platform.defer(this.flush)
  }

  /** Drains the core: sends first, then tells. A callback may come here again: what is older is told before. */
  pump(now = this.time()) {
    if (this.core === null) return
    // Out of the core's memory into the socket: nobody may call the core in between.
    const inPlace = this.socket !== null && this.socket.copies === true && this.persistence === null
    const { changes, sends, events, timeout } = this.core.poll(now, inPlace)
    if (changes.length > 0) this.persist(changes)
    // A DISCONNECT must not be left behind by the mark, nor what stands before it.
    const last = sends.length > 0 && events.some((/** @type {any} */ event) => event.kind === 'close')
    this.send(sends, last ? Infinity : HIGH_MARK)
    // What waits for the store leaves before the socket closes.
    const leaving = last && this.held.length > 0 ? this.handovers.splice(0) : null
    this.setTimer(timeout, now)
    if (this.told === this.events.length) {
      this.events = events
      this.told = 0
    } else for (const event of events) this.events.push(event)
    while (this.told < this.events.length) this.handle(this.events[this.told++], leaving)
    this.events = NOTHING
    this.told = 0
    this.client.handlePumped()
  }

  /** The core has trapped, in a call of whomever. */
  handleTrapped() {
    this.platform.defer(() => this.pump())
  }

  /** By a message. @param {import('./core.js').CoreClient} core that it came from @param {number} id @param {number} reasonCode */
  acknowledge(core, id, reasonCode) {
    // It knows whether the message is still to be acknowledged.
    if (this.core !== core) return
    core.acknowledge(id, reasonCode, this.now())
    this.flushSoon()
  }

  /** The device was asleep, or the network may have changed. @param {boolean} network */
  wake(network) {
    if (this.core === null) return
    this.core.handleWake(network, this.time())
    this.pump()
  }

  /** @private @param {any} event @param {((error: Error | null) => void)[] | null} leaving as for `close` */
  handle(event, leaving) {
    if (event instanceof Message) this.client.handleMessage(event)
    else if (event.kind === 'open') this.open(event.host, event.version)
    else if (event.kind === 'close') this.close(leaving)
    else this.client.handleEvent(event)
  }

  /** @private What is sent from here on waits until the changes are written. @param {import('./persistence.js').Change[]} changes */
  persist(changes) {
    const written = this.persistence && this.persistence.write(changes)
    if (!written) return
    const barrier = new Barrier(written)
    this.held.push(barrier)
    written.then(() => {
      barrier.done = true
      this.send([], HIGH_MARK)
      this.client.handlePumped()
    })
  }

  /** @private @param {(ArrayBuffer | Uint8Array)[]} sends @param {number} mark */
  send(sends, mark) {
    const { socket, held } = this
    const before = held.length
    for (const data of sends) held.push(data)
    if (socket === null) return
    if (held.length === 0) return this.handOver(null)
    let sent = 0
    for (; sent < held.length; sent++) {
      const next = held[sent]
      if (next instanceof Barrier ? !next.done : socket.bufferedAmount > mark) break
      if (!(next instanceof Barrier)) socket.send(next)
    }
    // What has to wait does not stay in the core's memory.
    for (let n = Math.max(before, sent); n < held.length; n++) held[n] = kept(/** @type {any} */ (held[n]))
    held.splice(0, sent)
    if (held.length === 0) return this.handOver(null)
    if (this.heldTimer === null && !(held[0] instanceof Barrier)) this.lookAgain()
  }

  /** @private */
  lookAgain() {
    this.heldTimer = this.platform.setTimer(() => {
      this.heldTimer = null
      this.send([], HIGH_MARK)
      this.client.handlePumped()
    }, LOOK_AGAIN)
  }

  /** @param {Error | null} error */
  handOver(error) {
    this.unsent = 0
    if (this.handovers.length === 0) return
    for (const told of this.handovers.splice(0)) told(error)
  }

  /** @private @param {number} timeout @param {number} now */
  setTimer(timeout, now) {
    if (timeout < 0) return this.clearTimer()
    const at = now + timeout
    // A timer that fires early asks again; only one that would fire late has to go.
    if (this.timer !== null && this.timerAt <= at) return
    this.clearTimer()
    this.timerAt = at
    this.timer = this.platform.setTimer(() => {
      this.timer = null
      if (this.core === null) return
      this.core.handleTimeout(this.time())
      this.pump()
    }, timeout)
  }

  /** @private */
  clearTimer() {
    if (this.timer !== null) this.platform.clearTimer(this.timer)
    this.timer = null
  }

  /** @private @param {number} host @param {number} version */
  open(host, version) {
    this.close(null)
    this.failure = ''
    this.closed = {}
    const attempt = (this.attempt = {})
    const present = () => this.attempt === attempt && this.core !== null
    const failed = (/** @type {any} */ error) => {
      if (!present() || this.core === null) return
      this.failure = error instanceof MqttError ? error : hidden(String(error))
      this.core.handleClose(SOCKET_ERROR, this.time())
      this.pump()
    }
    try {
      const address = this.client.prepare(host, present)
      if (typeof address === 'string') return this.connect(address, version)
      address.then((given) => present() && this.connect(given, version)).catch(failed)
    } catch (error) {
      this.platform.defer(() => failed(error))
    }
  }

  /** @private @param {string} address @param {number} version */
  connect(address, version) {
    /** @type {(() => void)[]} */
    const onClosed = (this.onClosed = [])
    /** @type {import('./platform/contract.js').Socket | null} */
    let socket = null
    // Events of a socket that is not the present one any more are stale.
    const present = () => socket !== null && socket === this.socket && this.core !== null
    const report = (/** @type {number} */ code) => {
      if (!present() || this.core === null) return
      this.core.handleClose(code, this.time())
      this.pump()
    }
    // What MQTT.js calls it in mini-programs.
    const url = address.replace(/^(wxs|alis):/, 'wss:')
    /** @type {import('./platform/contract.js').SocketHandlers} */
    const handlers = {
      onOpen: () => {
        if (!present() || this.core === null) return
        this.core.handleOpen(this.time())
        this.pump()
      },
      onMessage: (buffer) => {
        if (!present() || this.core === null) return
        const now = this.time()
        this.core.handleInput(buffer, now)
        this.pump(now)
      },
      onError: (text) => {
        if (present()) this.failure = hidden(text)
        report(SOCKET_ERROR)
      },
      onClose: (code, reason) => {
        if (present()) this.closed = { closeCode: code, closeReason: reason }
        report(SOCKET_CLOSED)
        for (const told of onClosed.splice(0)) told()
      },
    }
    socket = this.platform.openSocket(url, this.client.protocols(version), handlers, this.client.parameters())
    this.socket = socket
  }

  /** @private @param {((error: Error | null) => void)[] | null} leaving what is held still leaves, and they are told */
  close(leaving) {
    const { socket, held } = this
    this.socket = this.attempt = null
    // What the next connection sends still waits for what is being written.
    this.held = held.filter((one) => one instanceof Barrier && !one.done)
    if (this.heldTimer !== null) this.platform.clearTimer(this.heldTimer)
    this.heldTimer = null
    if (socket === null) return
    if (leaving === null) return socket.close()
    Promise.all(this.held.map((/** @type {any} */ barrier) => barrier.written)).then(() => {
      for (const one of held) if (!(one instanceof Barrier)) socket.send(one)
      for (const told of leaving) told(null)
      socket.close()
    })
  }
}
