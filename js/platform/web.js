/**
 * Pages, workers and Node: their WebSocket, clock and timers, and how WebAssembly is instantiated there. Knows no MQTT.
 * Every global is looked up when it is needed, never when the module loads.
 */

import { MqttError } from '../errors.js'
import { webTimers } from './web-timer.js'

/** Browsers keep it to themselves. */
const NO_CAUSE = 'no cause is given: check the address, the network and the certificate'

/** A browser's own `send` has copied when it returns, which that of a library need not have. */
const NATIVE_SEND = /^function send\(\) \{\s+\[native code\]\s+\}$/

const NORMAL = 1000
const CLOSING = 2

/**
 * The core by WebAssembly.
 * @param {() => BufferSource | WebAssembly.Module | Promise<BufferSource | WebAssembly.Module>} wasm
 * @returns {() => Promise<WebAssembly.Exports>}
 */
export function webAssemblyCore(wasm) {
  /** Compiled once; a core that trapped is replaced by a new instance of it. @type {Promise<WebAssembly.Module> | null} */
  let compiled = null
  return async () => {
    if (compiled === null) {
      compiled = Promise.resolve(wasm()).then((found) => (found instanceof WebAssembly.Module ? found : WebAssembly.compile(found)))
    }
    try {
      return (await WebAssembly.instantiate(await compiled, {})).exports
    } catch (error) {
      compiled = null
      throw error
    }
  }
}

/** For Node before version 22. @returns {Promise<any>} */
export const nodeSocket = () => import('ws').then((ws) => ws.WebSocket, () => null)

/**
 * The web as a platform.
 * @param {() => Promise<any>} loadCore
 * @param {() => Promise<any>} [findSocket] where there is no global WebSocket
 * @returns {import('./contract.js').Platform}
 */
export function webPlatform(loadCore, findSocket = () => Promise.resolve(null)) {
  const { setTimer, clearTimer } = webTimers()
  /** @type {any} */
  let foundSocket = null
  return {
    use(name) {
      if (name !== 'web') throw new MqttError(10, [name])
    },

    loadCore() {
      if (typeof WebSocket !== 'undefined' || foundSocket !== null) return loadCore()
      return findSocket().then((socket) => {
        foundSocket = socket
        return loadCore()
      })
    },

    openSocket(url, protocols, handlers) {
      const Socket = typeof WebSocket === 'undefined' ? foundSocket : WebSocket
      if (!Socket) throw new MqttError(10, ['WebSocket'])
      const socket = new Socket(url, protocols)
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => handlers.onOpen()
      socket.onmessage = (/** @type {MessageEvent} */ event) => {
        // A text message has no place in MQTT [MQTT-6.0.0-1].
        if (typeof event.data === 'string') handlers.onError('the server sent a text message')
        else handlers.onMessage(event.data)
      }
      socket.onerror = (/** @type {any} */ event) => handlers.onError(event.message || NO_CAUSE)
      socket.onclose = (/** @type {CloseEvent} */ event) => handlers.onClose(event.code, String(event.reason))
      return {
        send: (data) => socket.send(data),
        copies: NATIVE_SEND.test(String(socket.send)),
        close: () => {
          if (socket.readyState < CLOSING) socket.close(NORMAL)
        },
        get bufferedAmount() {
          return socket.bufferedAmount
        },
      }
    },

    now: () => Date.now(),
    setTimer,
    clearTimer,
    watch,
    defer: (run) => (typeof queueMicrotask === 'function' ? queueMicrotask(run) : void Promise.resolve().then(run)),
    report: (error) => {
      if (typeof reportError === 'function') reportError(error)
      else console.error(error)
    },
  }
}

/** @type {import('./contract.js').Platform['watch']} */
function watch(wake) {
  const page = typeof document === 'undefined' ? null : document
  const scope = typeof self === 'undefined' ? null : self
  const connection = typeof navigator === 'undefined' ? null : /** @type {any} */ (navigator).connection
  /** False without a network; browsers on desktops do not know its type. */
  const network = () => navigator.onLine && connection.type
  let last = connection && network()
  const changed = () => {
    const now = network()
    // It also comes with each new estimate of the speed. In Chromium's workers it comes instead of 'online'.
    if (now === last) return
    last = now
    if (now !== false) wake(true)
  }
  /** @type {[any, string, (event: any) => void][]} */
  const events = [
    [scope, 'online', () => wake(true)],
    [connection, 'change', changed],
    [page, 'visibilitychange', () => document.hidden || wake(false)],
    [page, 'resume', () => wake(false)],
    [scope, 'pageshow', (event) => event.persisted && wake(false)],
  ]
  const present = events.filter(([target]) => target && target.addEventListener)
  for (const [target, name, handle] of present) target.addEventListener(name, handle)
  return () => {
    for (const [target, name, handle] of present) target.removeEventListener(name, handle)
  }
}
