// Paho's own client, from npm, on the same fake host as ours: a script that runs on both shows where they differ. It is
// loaded with globals of its own, so that no other test sees them, and nothing of it is copied.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Host } from './host.mjs'
import { transcriptOf } from './paho-transcript.mjs'

const source = readFileSync(createRequire(import.meta.url).resolve('paho-mqtt'), 'utf8')

/**
 * An instance of Paho that knows no globals but these.
 * @param {{ WebSocket: any, localStorage?: any, setTimeout?: any, clearTimeout?: any }} globals
 * @returns {{ Client: any, Message: any, global: any }}
 */
export function loadPaho({
  WebSocket,
  localStorage,
  setTimeout = globalThis.setTimeout,
  clearTimeout = globalThis.clearTimeout,
}) {
  const names = ['module', 'exports', 'global', 'WebSocket', 'setTimeout', 'clearTimeout', 'console']
  const module = { exports: {} }
  const global = { ArrayBuffer, WebSocket, localStorage }
  const load = new Function(...names, source)
  load(module, module.exports, global, WebSocket, setTimeout, clearTimeout, { log() {} })
  return /** @type {any} */ ({ ...module.exports, global })
}

/** The same host, with Paho on it. */
export class PahoHost extends Host {
  constructor() {
    super()
    const { openSocket, setTimer, clearTimer } = this.platform()
    class WebSocket {
      constructor(url, protocols) {
        const tell = (name, event) => this[name]?.(event)
        this.readyState = 0
        this.socket = openSocket(url, protocols, {
          onOpen: () => {
            this.readyState = 1
            tell('onopen', {})
          },
          onMessage: (data) => tell('onmessage', { data }),
          onError: (message) => tell('onerror', { message }),
          onClose: (code, reason) => tell('onclose', { code, reason }),
        })
      }
      send(data) {
        this.socket.send(data)
      }
      close() {
        this.readyState = 2
        this.socket.close()
      }
    }
    this.storage = new Map()
    const localStorage = {
      setItem: (key, value) => void this.storage.set(key, value),
      getItem: (key) => this.storage.get(key),
      removeItem: (key) => void this.storage.delete(key),
    }
    Object.assign(this, loadPaho({ WebSocket, localStorage, setTimeout: setTimer, clearTimeout: clearTimer }))
  }
}

/**
 * What one program does on both.
 * @param {(t: import('./paho-transcript.mjs').Transcript) => Promise<void>} program
 */
export async function onBoth(program) {
  return { paho: await transcriptOf(new PahoHost(), program), wasmqtt: await transcriptOf(new Host(), program) }
}
