// A WeChat device without network and without clock: the built package in a bare scope with the strict `wx`, the test at
// the other end of each socket, and time that passes when the test says so. It never opens a socket of its own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { brotliDecompressSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'
import { hex, toHex } from '../js/host.mjs'
import { createWx } from './wx.js'

const packageFolder = '/miniprogram_npm/wasmqtt/'

/** What a context of Node has and a device lacks. */
const missing = ['WebAssembly', 'globalThis', 'BigInt', 'Proxy', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics']

/** The file of the code package, as the packer puts it there. */
function packageFile(path) {
  const file = readFileSync(join(root, 'pkg/miniprogram', path.replace(packageFolder, '')))
  return path.endsWith('.br') ? brotliDecompressSync(file) : file
}

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

export class Device {
  /** @param {object} [settings] of the device (wx.js), and `files`: what reads the code package instead */
  constructor({ files = packageFile, ...settings } = {}) {
    this.time = 1_700_000_000_000
    /** @type {{ at: number, run: () => void }[]} */
    this.timers = []
    /** One for each socket that reached the network. @type {ServerEnd[]} */
    this.ends = []
    /** What the package wrote to the console. */
    this.errors = []
    const timers = {
      setTimeout: (run, delay) => {
        const timer = { at: this.time + delay, run }
        this.timers.push(timer)
        return timer
      },
      clearTimeout: (timer) => {
        this.timers = this.timers.filter((one) => one !== timer)
      },
    }
    const openSocket = (url, protocols) => {
      this.ends.push(new ServerEnd(url, protocols))
      return this.ends.at(-1)
    }
    Object.assign(this, createWx({ openSocket, readPackageFile: files, timers, now: () => this.time, ...settings }))
    this.wasmqtt = this.start()
  }

  /** Runs the program's `require('wasmqtt')`: after a kill, once more. */
  start() {
    const modules = {}
    const load = (name) => {
      if (modules[name]) return modules[name].exports
      const module = (modules[name] = { exports: {} })
      const text = readFileSync(join(root, 'pkg/miniprogram', name), 'utf8')
      runInContext(`(function (require, module, exports) {${text}\n})`, context, { filename: name })(load, module, module.exports)
      return module.exports
    }
    const console = { error: (error) => this.errors.push(error) }
    const context = createContext({ wx: this.wx, WXWebAssembly: this.WXWebAssembly, console, ...this.device.timers, now: () => this.time })
    runInContext(`Date.now = now; delete this.now; ${missing.map((name) => `delete this.${name}`).join(';')}`, context)
    this.context = context
    return load('index.js')
  }

  /** The server's end of the newest socket. */
  get end() {
    return this.ends.at(-1)
  }

  /** Promises are settled. */
  async turn() {
    await new Promise(setImmediate)
  }

  /** Time passes, and every timer that runs fires when it is due. @param {number} [milliseconds] */
  async pass(milliseconds = 0) {
    const end = this.time + milliseconds
    await this.turn()
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.timers.splice(this.timers.indexOf(due), 1)
      this.time = Math.max(this.time, due.at)
      due.run()
      await this.turn()
    }
    this.time = end
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
