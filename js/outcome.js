/**
 * What the core and the server said, as a program sees it: reasons with their names, errors with a sentence. It keeps
 * nothing and decides nothing.
 */

import { MqttError, errorText, refusedText } from './errors.js'
import { decodeProperties } from './properties.js'

/** Reason codes from here on are failures. */
export const FAILURE = 0x80

/** Error codes of src/error.rs. */
export const LOST = 22
const REFUSED = 6
const SOCKET_ERROR = 7
const PUBLISH_REFUSED = 26
const SUBSCRIBE_REFUSED = 27

/** @typedef {import('./instance.js').CoreHolder} Words the sentences and names are in the core */

/** @param {Words} words @param {number} code @param {object} [more] */
export function errorOf(words, code, more) {
  return new MqttError(code, errorText(code) || words.errorText(code), more)
}

/** Whatever was thrown, as an error of ours. @param {any} error */
export function thrown(error) {
  if (error instanceof MqttError) return error
  return new MqttError(5, [error && error.message, error && error.stack])
}

/** @param {Words} words @param {number} reasonCode @param {Uint8Array | null} properties */
export function reasonOf(words, reasonCode, properties) {
  return { reasonCode, reasonName: words.reasonName(reasonCode), properties: decodeProperties(properties) }
}

/**
 * Why a connection, or the attempt to make one, has ended; code 0 where that was wanted.
 * @param {Words} words
 * @param {{ code: number, reasonCode: number, properties: Uint8Array | null }} event
 * @param {{ failure: string | MqttError, closed: object }} socket what it said last
 */
export function endingOf(words, { code, reasonCode, properties }, socket) {
  if (code === SOCKET_ERROR) return typeof socket.failure === 'string' ? new MqttError(code, [socket.failure]) : socket.failure
  if (code === REFUSED) {
    const name = reasonCode >= FAILURE ? words.reasonName(reasonCode) : ''
    return new MqttError(code, refusedText(reasonCode, name), reasonOf(words, reasonCode, properties))
  }
  if (reasonCode === 0) return errorOf(words, code, code === 0 ? {} : socket.closed)
  const more = reasonOf(words, reasonCode, properties)
  return code === 0 ? new MqttError(0) : new MqttError(code, `${words.errorText(code)} ${more.reasonName}.`, more)
}

/** A message that the server refused. @param {Words} words @param {ReturnType<typeof reasonOf>} reason */
export function publishRefused(words, reason) {
  return new MqttError(PUBLISH_REFUSED, `${words.errorText(PUBLISH_REFUSED)} ${reason.reasonName}.`, reason)
}

/**
 * A SUBSCRIBE or UNSUBSCRIBE of which the server refused at least one filter.
 * @param {Words} words
 * @param {Uint8Array} reasonCodes
 * @param {Uint8Array | null} properties
 */
export function subscribeRefused(words, reasonCodes, properties) {
  const refused = Array.prototype.find.call(reasonCodes, (code) => code >= FAILURE)
  const reason = reasonOf(words, refused, properties)
  return new MqttError(SUBSCRIBE_REFUSED, `${words.errorText(SUBSCRIBE_REFUSED)} ${reason.reasonName}.`, { ...reason, reasonCodes })
}

/** A failure in the shape of Paho's callbacks. @param {any} error */
export function failureOf(error) {
  const { code, message, name, reasonCodes, ...more } = error
  return { errorCode: reasonCodes || code, errorMessage: message, ...more }
}
