// A WeChat device without network and without clock: the built package in a bare scope with the strict `wx`, the test at
// the other end of each socket, and time that passes when the test says so. It never opens a socket of its own.

import { runInContext } from 'node:vm'
import { Clock } from '../js/clock.mjs'
import { hex, toHex } from '../js/host.mjs'
import { packageFile, requirePackage } from './package.mjs'
import { createWx } from './wx.js'

/** The server's end of a socket. */
class ServerEnd {
  constructor(url, protocols) {
    Object.assign(this, { url, protocols, protocol: '' })
    /** What the client sent, a string of hexadecimal digits for each WebSocket message. @type {string[]} */
    this.sent = []
    this.closed = false
  }

  send(data) {
    this.sent.push(toHex(new Uint8Array(data)))
  }

  close(code, reason) {
    if (this.closed) return
    this.closed = true
    this.onclose({ code: code || 1000, reason: reason || '' })
  }

  take() {
    return this.sent.splice(0)
  }

  open(protocol = this.protocols[0]) {
    this.protocol = protocol
    this.onopen()
  }

  receive(digits) {
    this.onmessage({ data: hex(digits).buffer })
  }
}

export class Device extends Clock {
  /** @param {object} [settings] of the device (wx.js), and `files`: what reads the code package instead */
  constructor({ files = packageFile, ...settings } = {}) {
    super()
    /** One for each socket that reached the network. @type {ServerEnd[]} */
    this.ends = []
    /** What the package wrote to the console. */
    this.errors = []
    const timers = { setTimeout: (run, delay) => this.setTimer(run, delay), clearTimeout: (timer) => this.clearTimer(timer) }
    const openSocket = (url, protocols) => {
      this.ends.push(new ServerEnd(url, protocols))
      return this.ends.at(-1)
    }
    Object.assign(this, createWx({ openSocket, readPackageFile: files, timers, now: () => this.time, ...settings }))
    this.wasmqtt = this.start()
  }

  /** Runs the program's `require('wasmqtt')`: after a kill, once more. */
  start() {
    const console = { error: (error) => this.errors.push(error) }
    this.context = { wx: this.wx, WXWebAssembly: this.WXWebAssembly, console, ...this.device.timers, now: () => this.time }
    const wasmqtt = requirePackage(this.context)
    runInContext('Date.now = now; delete this.now', this.context)
    return wasmqtt
  }

  /** The server's end of the newest socket. */
  get end() {
    return this.ends.at(-1)
  }

  /** Time in which the program is suspended, so that nothing of it happens. @param {number} milliseconds */
  sleep(milliseconds) {
    this.time += milliseconds
  }

  client(url = 'wss://server/mqtt', clientId = 'me') {
    return new this.wasmqtt.Client(url, clientId)
  }

  /** Waits for what takes time of the machine and none of the device: the compiler. @param {() => unknown} condition */
  async until(condition) {
    for (const end = performance.now() + 10_000; !condition(); ) {
      if (performance.now() > end) throw new Error(`waited in vain until ${condition}`)
      await this.pass()
    }
  }

  /** A socket is there, and the server has let it in. @param {number} before how many there were */
  async opened(before = this.ends.length) {
    await this.until(() => this.ends.length > before)
    this.end.open()
    await this.pass()
    return this.end
  }

  /** A connected client, of MQTT 3.1.1 where nothing else is said. */
  async connected(options = {}, client = this.client()) {
    const before = this.ends.length
    const done = client.connect({ mqttVersion: 4, ...options })
    const end = await this.opened(before)
    end.receive((options.mqttVersion || 4) === 5 ? '2003000000' : '20020000')
    await this.pass()
    await done
    return client
  }
}
