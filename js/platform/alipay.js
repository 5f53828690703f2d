/**
 * Alipay mini-programs: sockets whose events come wrapped and whose bytes go as base64, objects instead of arguments.
 * WebAssembly is documented for workers only, so that it is tried just where the program names its path.
 */

import { fromBase64, toBase64 } from '../base64.js'
import { openTask } from './socket-task.js'

/** What the numbers of errors mean: an event has no more than that. @type {Record<number, string>} */
const WORDS = {
  6: 'timed out',
  7: 'the certificate is not valid',
  8: 'the server answers with a wrong protocol',
  9: 'no sub-protocol was asked for',
  10: 'the socket is not open',
  11: 'a message could not be sent',
  12: 'out of memory',
}

/** A native message has bytes there. @param {any} data @returns {boolean} */
const isWrapped = (data) => Object.prototype.toString.call(data) === '[object Object]'

/** @type {import('./socket-task.js').Dialect} */
export const wrapped = {
  // Without it there is one socket for the whole program.
  parameters: { multiple: true },
  // What an event is about stands in its `data`, and the number of an error beside that.
  unwrap(event) {
    const { data, error } = Object(event)
    return { errorMessage: WORDS[error], ...event, ...(isWrapped(data) && data) }
  },
  pack: (data) => ({ data: toBase64(new Uint8Array(data)), isBuffer: true }),
  unpack({ data, isBuffer }) {
    const bytes = isBuffer && typeof data === 'string' ? fromBase64(data.replace(/\s+/g, '')) : null
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

/**
 * Parameters with the header that a list of sub-protocols becomes, in the place of the list.
 * @param {string[]} protocols
 * @param {import('./contract.js').SocketParameters} parameters
 */
export function byHeader(protocols, { header, ...parameters }) {
  const named = protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }
  return { ...parameters, header: { ...header, ...named }, protocols: undefined }
}

/**
 * Old clients drop the list of sub-protocols, and take the header. Which way works shows by trying: by the first message,
 * because some servers open a socket and then close it.
 * @param {any} api
 * @returns {import('./contract.js').Platform['openSocket']}
 */
function opener(api) {
  let asHeader = false
  let proven = false
  return (url, protocols, handlers, parameters) => {
    let ended = false
    const end = () => {
      if (!proven && !ended) asHeader = !asHeader
      ended = true
    }
    /** @type {import('./contract.js').SocketHandlers} */
    const watched = {
      onOpen: () => handlers.onOpen(),
      onMessage(data) {
        proven = true
        handlers.onMessage(data)
      },
      onError(text) {
        end()
        handlers.onError(text)
      },
      onClose(code, reason) {
        end()
        handlers.onClose(code, reason)
      },
    }
    const given = asHeader ? byHeader(protocols, parameters) : parameters
    const socket = openTask(api, url, protocols, watched, given, domains, wrapped)
    const { close } = socket
    // What the client gives up has not failed.
    socket.close = () => {
      ended = true
      close()
    }
    return socket
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
