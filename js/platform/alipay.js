/**
 * Alipay mini-programs: sockets whose events come wrapped and whose bytes go as base64, objects instead of arguments.
 * WebAssembly is documented for workers only, so that it is tried just where the program names its path.
 */

import { fromBase64, toBase64 } from '../base64.js'
import { openTask } from './socket-task.js'

/** Newer clients put what an event is about into `data`; a native message has bytes there. @param {any} event */
const isWrapped = (event) => Object.prototype.toString.call(Object(event).data) === '[object Object]'

/** @type {import('./socket-task.js').Dialect} */
export const wrapped = {
  // Without it there is one socket for the whole program.
  parameters: { multiple: true },
  unwrap: (event) => (isWrapped(event) ? event.data : Object(event)),
  pack: (data) => ({ data: toBase64(new Uint8Array(data)), isBuffer: true }),
  unpack({ data, isBuffer }) {
    const bytes = isBuffer && typeof data === 'string' ? fromBase64(data) : null
    return bytes === null ? data : bytes.buffer
  },
}

const domains = 'open.alipay.com, 开发设置, 服务器域名白名单'

/** @type {import('./mini-program.js').Host} */
export const alipay = {
  name: 'alipay',
  find: () => (typeof my === 'undefined' ? null : my),
  domains,
  wasm: () => (typeof MYWebAssembly === 'undefined' ? null : MYWebAssembly),
  opener,
  storage: named,
}

/** @param {any} api @returns {import('./contract.js').Platform['openSocket']} */
function opener(api) {
  // Old clients drop the list of sub-protocols, and take the header that it becomes. Which one works shows by trying.
  let byHeader = false
  return (url, protocols, handlers, parameters) => {
    let opened = false
    const next = () => {
      if (!opened) byHeader = !byHeader
      opened = true
    }
    const { header, ...rest } = parameters
    const all = byHeader ? { ...header, 'Sec-WebSocket-Protocol': protocols.join(', ') } : header
    const watched = {
      ...handlers,
      onOpen() {
        opened = true
        handlers.onOpen()
      },
      onError(/** @type {string} */ text) {
        next()
        handlers.onError(text)
      },
      onClose(/** @type {number} */ code, /** @type {string} */ reason) {
        next()
        handlers.onClose(code, reason)
      },
    }
    const given = { ...rest, ...(all && { header: all }), ...(byHeader && { protocols: undefined }) }
    return openTask(api, url, protocols, watched, given, domains, wrapped)
  }
}

/** Storage by named parameters, whose failures are answers. @param {any} api @returns {import('./contract.js').KeyValue} */
export function named(api) {
  const done = (/** @type {any} */ answer) => {
    if (Object(answer).error || Object(answer).success === false) throw new Error(answer.errorMessage || 'error ' + answer.error)
    return Object(answer)
  }
  return {
    get: (key) => done(api.getStorageSync({ key })).data,
    set: (key, text) => void done(api.setStorageSync({ key, data: text })),
    remove: (key) => void done(api.removeStorageSync({ key })),
    keys: () => done(api.getStorageInfoSync()).keys,
  }
}
