// A phone with one mini-program: a host's stand-in, the built package in a bare scope with nothing but that host's global,
// and real sockets and time. It knows no host by name, and nothing of MQTT but its sub-protocol.

import { WebSocket } from 'ws'
import { packageFile, requirePackage } from './package.mjs'

/** A server that insists on a sub-protocol, as some do, hangs up on those who name none. */
function hungUp() {
  const carrier = { send() {}, close() {}, onclose: (/** @type {any} */ _closing) => {} }
  setImmediate(() => carrier.onclose({ code: 1006, reason: '' }))
  return carrier
}

export class Phone {
  /**
   * @param {(settings: any) => { globals: Record<string, any>, device: any }} create the host
   * @param {object} [settings] of the host; `storage` of the phone before, when the program is started again
   */
  constructor(create, settings = {}) {
    /** What went to the network. @type {{ url: string, protocols: string[] }[]} */
    this.wires = []
    /** @type {Set<WebSocket>} */
    this.carriers = new Set()
    this.dead = false
    const openSocket = (/** @type {string} */ url, /** @type {string[]} */ protocols, /** @type {any} */ { header }) => {
      this.wires.push({ url, protocols: [...protocols] })
      if (this.dead || protocols.length === 0) return hungUp()
      const carrier = new WebSocket(url, protocols, { headers: header })
      this.carriers.add(carrier)
      carrier.on('close', () => this.carriers.delete(carrier))
      return carrier
    }
    const { globals, device } = create({ openSocket, readPackageFile: packageFile, developer: true, ...settings })
    this.globals = globals
    this.device = device
    /** What the package wrote to the console. @type {unknown[]} */
    this.errors = []
    const console = { error: (/** @type {unknown} */ error) => this.errors.push(error) }
    this.wasmqtt = requirePackage({ ...globals, ...device.timers, console })
  }

  /** The program is gone within this turn; gives what is in the storage. @returns {Map<string, string>} */
  kill() {
    this.dead = true
    this.device.suspend()
    for (const carrier of this.carriers) carrier.terminate()
    return new Map(this.device.storage)
  }

  /** What a program that has disconnected leaves behind, in words. @returns {string[]} */
  remains() {
    const { openSockets, listeners, socketListeners = () => 0, pendingTimers } = this.device
    const sockets = { sockets: openSockets, carriers: this.carriers.size, 'listeners of the socket': socketListeners() }
    const counts = { ...listeners, ...sockets, timers: pendingTimers }
    return Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
  }
}
