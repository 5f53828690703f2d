// WeChat's `wx`, as strict as the strictest device that is documented or reported, and the device around it: what a
// socket, the WebAssembly, the storage, the network and the background do to a program, and the faults that a test wants.
// It is for pages, Node and bare engines: what carries it (sockets, files, timers) is handed in. It never draws anything,
// and it knows neither MQTT nor the client under test.

import { addSockets } from './wx-sockets.js'
import { addStorage } from './wx-storage.js'
import { createCalls, createThread } from './wx-thread.js'

const SUSPENDED_AFTER = 5000
const MAX_RANDOM = 1048576

const INTERRUPTED = { code: 1000, reason: 'interrupted' }

const hostTimers = {
  setTimeout: (run, delay) => setTimeout(run, delay),
  clearTimeout: (timer) => clearTimeout(timer),
}

/**
 * One device with one running program. Whatever a test may set or see is on `device`.
 * @param {object} parts
 * @param {(url: string, protocols: string[], options: object) => WebSocket} parts.openSocket gives something like a WebSocket
 * @param {(path: string) => Uint8Array | Promise<Uint8Array>} [parts.readPackageFile] a file of the code package by its
 *   absolute path; what ends in .br comes decompressed
 * @param {Map<string, string>} [parts.storage] outlives the program when it is handed to the next device
 * @param {string[]} [parts.domains] the list of the console, for example ['wss://host']; without it every wss host is listed
 * @param {boolean} [parts.developer] the setting that checks no domain and lets ws:// pass
 * @param {number} [parts.connectTimeout] milliseconds, as app.json may set it
 * @param {{ setTimeout: Function, clearTimeout: Function }} [parts.timers]
 * @param {() => number} [parts.now] milliseconds
 */
export function createWx({
  openSocket,
  readPackageFile,
  storage = new Map(),
  domains,
  developer,
  connectTimeout = 60000,
  timers = hostTimers,
  now = () => Date.now(),
}) {
  const wx = {}
  const device = {
    /** What tells of a connection that fails and of one that is lost, in this order; an empty list is silence. */
    events: { failure: ['error', 'close'], loss: ['close'] },
    /** How sockets end when the program is suspended; null: they outlive it. */
    interruption: INTERRUPTED,
    /** True: a program that comes back is told so before what it missed. */
    showFirst: true,
  }
  const thread = createThread(timers, now)
  const shape = createCalls(thread)
  const network = addNetwork(wx, device, shape)
  const sockets = addSockets(wx, device, { openSocket, domains, developer, connectTimeout, thread, timers, network })
  addLifecycle(wx, device, { thread, timers, sockets, shape })
  addStorage(wx, device, { storage, shape })
  wx.getRandomValues = (options) =>
    shape.call('getRandomValues', options, ({ length }) => {
      if (!Number.isInteger(length) || length < 1 || length > MAX_RANDOM) throw new Error('invalid length')
      return { randomValues: Uint8Array.from({ length }, () => Math.random() * 256).buffer }
    })
  device.timers = thread.timers
  Object.defineProperty(device, 'pendingTimers', { get: thread.pending })
  return { wx, WXWebAssembly: createWebAssembly(device, readPackageFile), device }
}

function addNetwork(wx, device, shape) {
  const state = { isConnected: true, networkType: 'wifi', weakNet: false }
  const changed = shape.event(wx, device, 'NetworkStatusChange')
  const weakened = shape.event(wx, device, 'NetworkWeakChange')
  wx.getNetworkType = (options) =>
    shape.call('getNetworkType', options, () => ({ networkType: state.networkType, weakNet: state.weakNet }))
  /** The links of the old network are dead from now on, and nothing says so: no device promises an event. */
  device.network = (isConnected, networkType = isConnected ? 'wifi' : 'none') => {
    if (state.isConnected !== isConnected || state.networkType !== networkType) {
      for (const socket of device.sockets) socket.cut()
    }
    Object.assign(state, { isConnected, networkType })
    changed({ isConnected, networkType })
  }
  device.weakNetwork = (weakNet) => {
    state.weakNet = weakNet
    weakened({ weakNet, networkType: state.networkType })
  }
  return state
}

function addLifecycle(wx, device, { thread, timers, sockets, shape }) {
  const shown = shape.event(wx, device, 'AppShow')
  const hidden = shape.event(wx, device, 'AppHide')
  let inBackground = false
  let countdown = null
  device.background = () => {
    if (inBackground) return
    inBackground = true
    hidden()
    countdown = timers.setTimeout(device.suspend, SUSPENDED_AFTER)
  }
  /** Now, and not only five seconds after the program went to the background. */
  device.suspend = () => {
    if (thread.suspended()) return
    timers.clearTimeout(countdown)
    thread.suspend()
    if (device.interruption) sockets.interrupt(device.interruption)
  }
  device.foreground = ({ ticks = 3 } = {}) => {
    if (!inBackground && !thread.suspended()) return
    inBackground = false
    timers.clearTimeout(countdown)
    thread.resume(ticks)
    const options = { path: '', query: {}, scene: 1001 }
    if (device.showFirst) shown(options)
    else thread.later(() => shown(options))
  }
}

/** No constructors: on iOS WXWebAssembly.Memory, Table and Global were seen to be undefined. */
function createWebAssembly(device, readPackageFile) {
  const engine = typeof WebAssembly === 'undefined' ? null : WebAssembly
  /** failures: so many times it fails first; hangs: it never settles; bare: it gives the instance; paths: what was asked for. */
  device.wasm = { failures: 0, hangs: false, bare: false, paths: [] }
  return {
    async instantiate(path, imports) {
      device.wasm.paths.push(path)
      if (typeof path !== 'string')
        throw new TypeError('WXWebAssembly.instantiate: only the path of a file in the code package')
      if (!/^\/(?!\/).*\.wasm(\.br)?$/.test(path))
        throw new Error(`WXWebAssembly.instantiate: not support wxfile: or http: path: ${path}`)
      if (typeof imports !== 'object' || imports === null)
        throw new TypeError('WXWebAssembly.instantiate: Imports argument must be an object')
      if (device.wasm.hangs) return new Promise(() => {})
      if (device.wasm.failures > 0) {
        device.wasm.failures -= 1
        throw new Error('WXWebAssembly.instantiate: CompileError')
      }
      const module = await engine.compile(await readPackageFile(path))
      const globals = engine.Module.exports(module).filter(({ kind }) => kind === 'global')
      if (globals.length > 0)
        throw new Error(`WXWebAssembly.instantiate: exported Global is not supported: ${globals[0].name}`)
      const instance = await engine.instantiate(module, imports)
      return device.wasm.bare ? instance : { instance }
    },
  }
}
