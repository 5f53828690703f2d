/**
 * wasmqtt with the WebAssembly inside.
 */

import { clientFor } from './api.js'
import { nodeSocket, webAssemblyCore, webPlatform } from './platform/web.js'
import { wasmBytes } from './wasm.js'

export const { Client, Message, connect } = clientFor(webPlatform(webAssemblyCore(wasmBytes), nodeSocket))
export { MqttError } from './errors.js'
export { IndexedDBStore } from './stores/indexeddb.js'
export { MemoryStore } from './stores/memory.js'
