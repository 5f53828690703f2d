/**
 * A SocketTask as a socket: what WeChat has, and with another dialect the hosts that follow it. One task an attempt, its
 * events bound in the turn that made it, because some hosts miss those that are bound later. Knows no MQTT.
 */

import { explain, wordsOf } from './advice.js'

/**
 * What a host wants beside the address, and how it writes and reads what goes through a task. `unwrap` gives what an event
 * is about; `unpack` the data of an unwrapped message.
 * @typedef {{
 *   parameters: Record<string, any>,
 *   unwrap(event: any): any,
 *   pack(data: ArrayBuffer): Record<string, any>,
 *   unpack(message: any): unknown,
 * }} Dialect
 */

/** @type {Dialect} */
export const plain = {
  parameters: {},
  unwrap: (event) => Object(event),
  pack: (data) => ({ data }),
  unpack: ({ data }) => data,
}

/** A host that gives no task tells why within this time, if at all. Milliseconds. */
const PATIENCE = 1000

const NORMAL = 1000
/** Of a closing that the host gives no number. */
const NO_CODE = 1005

/** Also of another realm. @param {unknown} value @returns {value is ArrayBuffer} */
const isBuffer = (value) => Object.prototype.toString.call(value) === '[object ArrayBuffer]'

/**
 * @param {any} api what has `connectSocket`
 * @param {string} url
 * @param {string[]} protocols always a list: Android refuses a string
 * @param {import('./contract.js').SocketHandlers} handlers
 * @param {import('./contract.js').SocketParameters} parameters
 * @param {string} domains as for `explain`
 * @param {Dialect} [dialect]
 * @returns {import('./contract.js').Socket}
 */
export function openTask(api, url, protocols, handlers, parameters, domains, dialect = plain) {
  /** @type {any} */
  let task = null
  /** Has the program asked for the end? A host tells that by events that look like a loss. */
  let closing = false
  /** Bytes that the host has taken and not answered for. */
  let taken = 0
  // A host that answers for no message would hold all others back for ever.
  let answers = false
  /** @type {any} */
  let timer = null

  const closeTask = () => {
    // It fails where there is nothing to close, and an exception says no more.
    if (task === null) return
    try {
      task.close({ code: NORMAL, reason: '', success() {}, fail() {} })
    } catch (_) {}
  }
  const failed = (/** @type {any} */ said) => {
    clearTimeout(timer)
    if (closing) return
    handlers.onError(explain(said, url, domains))
    // Sockets that failed count against the limit until they are closed.
    closeTask()
  }
  // In a turn of its own: some hosts fail before the call has returned.
  const refused = (/** @type {any} */ said) => void Promise.resolve().then(() => failed(said))

  try {
    const given = { ...dialect.parameters, protocols, ...parameters, url, success() {}, fail: refused }
    task = api.connectSocket(given) || null
    if (task === null) timer = setTimeout(() => failed({ errMsg: 'connectSocket gave no SocketTask' }), PATIENCE)
    else {
      task.onOpen(() => (closing ? closeTask() : handlers.onOpen()))
      task.onMessage((/** @type {any} */ event) => {
        const data = dialect.unpack(dialect.unwrap(event))
        if (isBuffer(data)) handlers.onMessage(data)
        // A text message has no place in MQTT [MQTT-6.0.0-1].
        else failed({ errMsg: 'the server sent a text message' })
      })
      // Feishu documents none.
      if (task.onError) task.onError((/** @type {any} */ event) => failed(dialect.unwrap(event)))
      task.onClose((/** @type {any} */ event) => {
        const { code = NO_CODE, reason } = dialect.unwrap(event)
        // Douyin's is a text.
        handlers.onClose(Number(code), String(reason || wordsOf(dialect.unwrap(event))))
      })
    }
  } catch (error) {
    refused(error)
  }

  return {
    /** @param {any} data an ArrayBuffer, for it does not copy */
    send(data) {
      const size = data.byteLength
      taken += size
      const complete = () => {
        answers = true
        taken -= size
      }
      const send = { ...dialect.pack(data), complete, success() {}, fail: refused }
      try {
        task.send(send)
      } catch (error) {
        refused(error)
      }
    },
    close() {
      clearTimeout(timer)
      closing = true
      closeTask()
    },
    get bufferedAmount() {
      return answers ? taken : 0
    },
  }
}
