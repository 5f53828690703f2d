/**
 * wasmqtt for mini-programs: the host is found when it is first needed, the WebAssembly comes out of the code package.
 */

import { clientFor } from './api.js'
import { detectedPlatform } from './platform/detect.js'
import { webPlatform } from './platform/web.js'
import { StorageStore as AnyStorageStore } from './stores/storage.js'
import { javaScriptCore } from './wasm2js.js'

/** On a page, as where uni-app and Taro build for H5: there is no code package, so that the core is JavaScript. */
const web = webPlatform(javaScriptCore)

const platform = detectedPlatform(web)

export const { Client, Message, connect } = clientFor(platform)
export { MqttError } from './errors.js'
export { MemoryStore } from './stores/memory.js'

/** A store in the storage of the host. */
export class StorageStore extends AnyStorageStore {
  constructor() {
    super(platform.storage)
  }
}
