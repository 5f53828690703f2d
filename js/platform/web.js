/**
 * Pages, workers and Node: their WebSocket, clock and timers, and how the WebAssembly is instantiated. Knows no MQTT.
 * Every global is looked up when it is needed, never when the module loads.
 */

import { MqttError } from '../errors.js'
import { webTimers } from './web-timer.js'

/**
 * A socket of the platform. `bufferedAmount` is in bytes.
 * @typedef {{ send(data: ArrayBuffer): void, close(): void, readonly bufferedAmount: number }} Socket
 *
 * None of these is called before `openSocket` has returned; `onMessage` gives its buffer away.
 * @typedef {{ onOpen(): void, onMessage(data: ArrayBuffer): void, onError(text: string): void, onClose(code: number, reason: string): void }} SocketHandlers
 *
 * What a host gives the client. Times are in milliseconds. `watch` tells, until the function that it gives is called:
 * with true, that the network may be another or back; with false, that the program was asleep or hidden and is back.
 * One cause may be told more than once.
 * @typedef {{
 *   loadCore(): Promise<any>,
 *   openSocket(url: string, protocols: string[], handlers: SocketHandlers): Socket,
 *   now(): number,
 *   setTimer(run: () => void, delay: number): any,
 *   clearTimer(timer: any): void,
 *   watch(wake: (network: boolean) => void): () => void,
 *   defer(run: () => void): void,
 *   report(error: unknown): void,
 * }} Platform
 */

/** Browsers keep it to themselves. */
const NO_CAUSE = 'no cause is given: check the address, the network and the certificate'

const NORMAL = 1000
const CLOSING = 2

/**
 * The web as a platform.
 * @param {() => BufferSource | WebAssembly.Module | Promise<BufferSource | WebAssembly.Module>} wasm the core
 * @returns {Platform}
 */
export function webPlatform(wasm) {
  const { setTimer, clearTimer } = webTimers()
  /** Compiled once; a core that trapped is replaced by a new instance of it. @type {Promise<WebAssembly.Module> | null} */
  let compiled = null
  /** @type {any} */
  let nodeSocket = null
  return {
    async loadCore() {
      if (compiled === null) {
        compiled = Promise.resolve(wasm()).then((found) => (found instanceof WebAssembly.Module ? found : WebAssembly.compile(found)))
      }
      if (typeof WebSocket === 'undefined' && nodeSocket === null) nodeSocket = await import('ws').then((ws) => ws.WebSocket, () => null)
      try {
        return (await WebAssembly.instantiate(await compiled, {})).exports
      } catch (error) {
        compiled = null
        throw error
      }
    },

    openSocket(url, protocols, handlers) {
      const Socket = typeof WebSocket === 'undefined' ? nodeSocket : WebSocket
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

/** @type {Platform['watch']} */
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
