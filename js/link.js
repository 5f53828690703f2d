/**
 * Between one client's core and its platform: the socket of the present attempt, the messages that wait for it, the
 * one timer, the one flush a turn. Tells the client what happened; knows no Paho.
 */

import { MqttError, hidden } from './errors.js'

/** A socket that holds more than this many bytes back gets no more for now. */
const HIGH_MARK = 1024 * 1024
/** How soon to look again, in milliseconds: a WebSocket does not tell when it has drained. */
const LOOK_AGAIN = 20

const SOCKET_ERROR = 7
const SOCKET_CLOSED = 8

export class Link {
  /**
   * @param {import('./platform/web.js').Platform} platform
   * @param {{ handleEvent(event: any): void, address(host: number): string, protocols(version: number): string[] }} client
   */
  constructor(platform, client) {
    this.platform = platform
    this.client = client
    /** @type {import('./core.js').CoreClient | null} */
    this.core = null
    /** @type {import('./platform/web.js').Socket | null} */
    this.socket = null
    /** What the last socket error said, or is. @type {string | MqttError} */
    this.failure = ''
    /** How the last connection was closed, where the socket told. @type {{ closeCode?: number, closeReason?: string }} */
    this.closed = {}
    /** What the core told and the client has not heard yet. @type {any[]} */
    this.events = []
    this.told = 0
    /** @type {ArrayBuffer[]} */
    this.held = []
    /** To be told when all that is queued now has been handed over, or why it was not. @type {((error: Error | null) => void)[]} */
    this.handovers = []
    this.flushing = false
    /** @type {any} */
    this.timer = null
    this.timerAt = 0
    /** @type {any} */
    this.heldTimer = null
    /** To be told when the present socket has closed. @type {(() => void)[]} */
    this.onClosed = []
  }

  /** Sends what commands have produced, at the end of this turn. */
  flushSoon() {
    if (this.flushing) return
    this.flushing = true
    this.platform.defer(() => {
      this.flushing = false
      this.pump()
    })
  }

  /** Drains the core: sends first, then tells. A callback may come here again: what is older is told before. */
  pump() {
    if (this.core === null) return
    const now = this.platform.now()
    const { sends, events, timeout } = this.core.poll(now)
    // A DISCONNECT must not be left behind by the mark, nor what stands before it.
    const last = sends.length > 0 && events.some((/** @type {any} */ event) => event.kind === 'close')
    this.send(sends, last ? Infinity : HIGH_MARK)
    this.setTimer(timeout, now)
    for (const event of events) this.events.push(event)
    while (this.told < this.events.length) this.handle(this.events[this.told++])
    this.events.length = this.told = 0
  }

  /** @private @param {any} event */
  handle(event) {
    if (event.kind === 'open') this.open(event.host, event.version)
    else if (event.kind === 'close') this.close()
    else this.client.handleEvent(event)
  }

  /** @private @param {ArrayBuffer[]} sends @param {number} mark */
  send(sends, mark) {
    if (sends.length > 0) this.held.push(...sends)
    const socket = this.socket
    if (socket === null) return
    let sent = 0
    while (sent < this.held.length && socket.bufferedAmount <= mark) socket.send(this.held[sent++])
    this.held.splice(0, sent)
    if (this.held.length === 0) return this.handOver(null)
    if (this.heldTimer !== null) return
    this.heldTimer = this.platform.setTimer(() => {
      this.heldTimer = null
      this.send([], HIGH_MARK)
    }, LOOK_AGAIN)
  }

  /** @param {Error | null} error */
  handOver(error) {
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
      this.core.handleTimeout(this.platform.now())
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
    this.close()
    this.failure = ''
    this.closed = {}
    /** @type {(() => void)[]} */
    const onClosed = (this.onClosed = [])
    /** @type {import('./platform/web.js').Socket | null} */
    let socket = null
    // Events of a socket that is not the present one any more are stale.
    const present = () => socket !== null && socket === this.socket && this.core !== null
    const report = (/** @type {number} */ code) => {
      if (!present() || this.core === null) return
      this.core.handleClose(code, this.platform.now())
      this.pump()
    }
    try {
      socket = this.platform.openSocket(this.client.address(host), this.client.protocols(version), {
        onOpen: () => {
          if (!present() || this.core === null) return
          this.core.handleOpen(this.platform.now())
          this.pump()
        },
        onMessage: (buffer) => {
          if (!present() || this.core === null) return
          this.core.handleInput(buffer, this.platform.now())
          this.pump()
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
      })
      this.socket = socket
    } catch (error) {
      this.failure = error instanceof MqttError ? error : hidden(String(error))
      if (this.core !== null) this.core.handleClose(SOCKET_ERROR, this.platform.now())
      this.platform.defer(() => this.pump())
    }
  }

  /** @private */
  close() {
    const socket = this.socket
    this.socket = null
    this.held.length = 0
    if (this.heldTimer !== null) this.platform.clearTimer(this.heldTimer)
    this.heldTimer = null
    if (socket !== null) socket.close()
  }
}
