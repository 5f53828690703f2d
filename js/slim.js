/**
 * wasmqtt with `wasmqtt.wasm` beside it: fetched in a browser, read from the file in Node.
 */

import { clientFor } from './api.js'
import { nodeSocket, webAssemblyCore, webPlatform } from './platform/web.js'

/** @type {any} */
let source = null

/**
 * Says where the WebAssembly is, before the first connect: an address, its bytes, or a compiled module.
 * @param {string | URL | BufferSource | WebAssembly.Module} wasm
 */
export function useWasm(wasm) {
  source = wasm
}

async function load() {
  const from = source === null ? new URL('wasmqtt.wasm', import.meta.url) : source
  if (typeof from !== 'string' && !(from instanceof URL)) return from
  const url = new URL(from, import.meta.url)
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises')
    return readFile(url)
  }
  const response = await fetch(url)
  if (!response.ok) throw new Error(`wasmqtt.wasm: HTTP ${response.status}`)
  return response.arrayBuffer()
}

export const { Client, Message, connect } = clientFor(webPlatform(webAssemblyCore(load), nodeSocket))
export { MqttError } from './errors.js'
export { IndexedDBStore } from './stores/indexeddb.js'
export { MemoryStore } from './stores/memory.js'
