/**
 * Mini-program hosts as platforms: how the core is loaded there, timers, sleep and network, storage. What differs stands
 * in one file a host; what a socket is, in socket-task.js. Every global is looked up when it is needed.
 */

import { MqttError } from '../errors.js'
import { promised } from '../pending.js'
import { javaScriptCore } from '../wasm2js.js'
import { openTask } from './socket-task.js'

/**
 * A host: its global object and what it does otherwise than WeChat. `wasm` is its WebAssembly, where it has one.
 * @typedef {{
 *   name: string,
 *   find(): any,
 *   domains: string,
 *   wasm?(): any,
 *   wasmPaths?: string[],
 *   opener?(api: any): import('./contract.js').Platform['openSocket'],
 *   storage?(api: any): import('./contract.js').KeyValue,
 * }} Host
 */

/** Where the packers of the hosts put our files. The first is a third of the size, and needs a newer host. */
export const WASM_PATHS = ['/miniprogram_npm/wasmqtt/wasmqtt.wasm.br', '/miniprogram_npm/wasmqtt/wasmqtt.wasm']

/** How long a host may take to load the WebAssembly: on some devices it never answers. Milliseconds. */
const PATIENCE = 6000

const NO_WASM = 104

/**
 * @param {Host} host
 * @param {any} api its global object
 * @returns {import('./contract.js').Platform & { storage: import('./contract.js').KeyValue }}
 */
export function miniProgramPlatform(host, api) {
  // A host that failed once is not waited for again.
  let fallback = false
  const { domains } = host
  return {
    use() {},

    loadCore({ wasmPath }, warn) {
      const wasm = fallback || !host.wasm ? null : host.wasm()
      const paths = wasmPath ? [wasmPath, wasmPath] : host.wasmPaths || []
      if (!wasm || paths.length === 0) return javaScriptCore()
      return within(PATIENCE, instantiate(wasm, paths)).catch((cause) => {
        const error = new MqttError(NO_WASM)
        error.cause = cause
        warn(error)
        fallback = true
        return javaScriptCore()
      })
    },

    openSocket: host.opener
      ? host.opener(api)
      : (url, protocols, handlers, parameters) => openTask(api, url, protocols, handlers, parameters, domains),

    now: () => Date.now(),
    // Two arguments only: a third one crashed WeChat on Android.
    setTimer: (run, delay) => setTimeout(run, delay),
    clearTimer: (timer) => clearTimeout(timer),

    watch(wake) {
      let watching = true
      const shown = () => watching && wake(false)
      const changed = (/** @type {any} */ status) => watching && Object(status).isConnected !== false && wake(true)
      listen(api, 'on', 'AppShow', shown)
      listen(api, 'on', 'NetworkStatusChange', changed)
      return () => {
        watching = false
        listen(api, 'off', 'AppShow', shown)
        listen(api, 'off', 'NetworkStatusChange', changed)
      }
    },

    defer: (run) => void Promise.resolve().then(run),
    report: (error) => void (typeof console === 'undefined' || console.error(error)),
    storage: (host.storage || positional)(api),
  }
}

/**
 * The first that loads: a failure may be that of the file, or one of those that pass.
 * @param {any} wasm @param {string[]} paths
 * @returns {Promise<any>}
 */
function instantiate(wasm, [path, ...others]) {
  // WeChat's typings say an instance, its devices give an object that has it.
  const loaded = promised(() => wasm.instantiate(path, {})).then((result) => (result.instance || result).exports)
  return others.length === 0 ? loaded : loaded.catch(() => instantiate(wasm, others))
}

/** @template T @param {number} patience @param {Promise<T>} promise @returns {Promise<T>} */
function within(patience, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The host does not answer.')), patience)
    const stop = () => clearTimeout(timer)
    promise.then(stop, stop)
    promise.then(resolve, reject)
  })
}

/** Older hosts lack some. @param {any} api @param {'on' | 'off'} verb @param {string} event @param {Function} listener */
function listen(api, verb, event, listener) {
  if (typeof api[verb + event] === 'function') api[verb + event](listener)
}

/** WeChat's storage, and that of those who follow it. @param {any} api @returns {import('./contract.js').KeyValue} */
function positional(api) {
  return {
    get: (key) => api.getStorageSync(key),
    set: (key, text) => api.setStorageSync(key, text),
    remove: (key) => api.removeStorageSync(key),
    keys: () => api.getStorageInfoSync().keys,
  }
}
