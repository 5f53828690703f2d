/**
 * Every error a program can see: a stable code and a sentence. Codes 0 to 18 and their texts are Paho's, 20 to 99 come
 * from the core (src/error.rs) but for what is said here without it, 100 and above belong to the JavaScript face. Never
 * holds a secret.
 */

/** @type {Record<number, string>} */
const TEXTS = {
  0: 'AMQJSC0000I OK.',
  1: 'AMQJSC0001E Connect timed out.',
  2: 'AMQJS0002E Subscribe timed out.',
  3: 'AMQJS0003E Unsubscribe timed out.',
  4: 'AMQJS0004E Ping timed out.',
  5: 'AMQJS0005E Internal error. Error Message: {0}, Stack trace: {1}',
  6: 'AMQJS0006E Bad Connack return code:{0} {1}.',
  7: 'AMQJS0007E Socket error:{0}.',
  8: 'AMQJS0008I Socket closed.',
  9: 'AMQJS0009E Malformed UTF data:{0} {1} {2}.',
  10: 'AMQJS0010E {0} is not supported by this browser.',
  11: 'AMQJS0011E Invalid state {0}.',
  12: 'AMQJS0012E Invalid type {0} for {1}.',
  13: 'AMQJS0013E Invalid argument {0} for {1}.',
  14: 'AMQJS0014E Unsupported operation.',
  16: 'AMQJS0016E Invalid MQTT message type {0}.',
  17: 'AMQJS0017E Malformed Unicode string:{0} {1}.',
  18: 'AMQJS0018E Message buffer is full, maximum buffer size: {0}.',
  45: 'A session that is to be kept needs a client identifier.',
  50: 'The store failed: from now on messages are kept in memory only.',
  52: 'The store is in use by another page or program: use another client identifier.',
  100: 'Aborted by the AbortSignal.',
  101: 'The core failed, which is a fault of wasmqtt: please report it. A new connection works.',
  102: 'The function that gives {0} failed; see the cause.',
  103: 'The server refused a topic filter that was subscribed again: {0}',
  104: 'The WebAssembly could not be loaded, and the slower JavaScript build runs instead: see the cause and the option wasmPath.',
}

/** What CONNACK's numbers mean before MQTT 5, in Paho's words. */
const CONNACK_TEXTS = [
  'Connection Accepted',
  'Connection Refused: unacceptable protocol version',
  'Connection Refused: identifier rejected',
  'Connection Refused: server unavailable',
  'Connection Refused: bad user name or password',
  'Connection Refused: not authorized',
]

/**
 * The sentence for a code.
 * @param {number} code
 * @param {unknown[]} [args] put in place of {0}, {1}, …
 */
export function errorText(code, args = []) {
  return (TEXTS[code] || '').replace(/\{(\d)\}/g, (_, n) => String(args[n]))
}

/**
 * What a CONNACK that refuses says.
 * @param {number} reasonCode
 * @param {string} name the standard's name of the code in MQTT 5
 */
export function refusedText(reasonCode, name) {
  return errorText(6, [reasonCode, name ? 'Connection Refused: ' + name : CONNACK_TEXTS[reasonCode] || ''])
}

/**
 * A text without what addresses may hold: credentials and signatures stay out of errors and traces.
 * @param {string} text
 */
export const hidden = (text) => text.replace(/[?#][^\s'"]*/g, '?…').replace(/(\w+:\/\/)?\S*@/g, '$1')

/** A failure. `code` is stable; `message` is a sentence. */
export class MqttError extends Error {
  /**
   * @param {number} code
   * @param {unknown[] | string} [detail] what goes into Paho's text, or the whole sentence
   * @param {{ reasonCode?: number, reasonName?: string, reasonCodes?: Uint8Array, properties?: object, filter?: string }} [more]
   */
  constructor(code, detail = [], more = {}) {
    super(typeof detail === 'string' ? detail : errorText(code, detail))
    // WeChat's older compiler makes of a class a function, and of this an Error.
    Object.setPrototypeOf(this, MqttError.prototype)
    this.name = 'MqttError'
    this.code = code
    Object.assign(this, more)
  }
}

/** What an AbortSignal ends. @param {AbortSignal} signal */
export function aborted(signal) {
  const error = new MqttError(100)
  error.name = 'AbortError'
  error.cause = signal.reason
  return error
}

/** @param {string} state */
export const invalidState = (state) => new MqttError(11, [state])
/** @param {unknown} value @param {string} name */
export const invalidType = (value, name) => new MqttError(12, [typeof value === 'object' ? value : typeof value, name])
/** @param {unknown} value @param {string} name */
export const invalidArgument = (value, name) => new MqttError(13, [value, name])
