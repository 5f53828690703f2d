/**
 * What a program gives for one attempt to connect: address, user name, password and properties may be functions, asked
 * again each time because signatures and tokens expire. Opens nothing.
 */

import { MqttError, invalidArgument } from './errors.js'
import { promised } from './pending.js'
import { bytesOf, encodeProperties } from './properties.js'

const ASKED = ['url', 'userName', 'password', 'properties']

const FUNCTION_FAILED = 102

/** What stands in the place of a function until it is asked. @param {any} value */
export const given = (value) => (typeof value === 'function' ? undefined : value)

/** A property section for CONNECT. @param {any} properties @param {boolean} kept the server shall keep the session */
export function connectProperties(properties, kept) {
  // What Clean Session 0 meant before MQTT 5 (OASIS 5.0, section 3.1.2.11.2).
  return encodeProperties(kept ? { sessionExpiryInterval: 0xffffffff, ...properties } : properties)
}

/** Text, bytes or nothing, as the core takes a password. @param {any} password */
export const secret = (password) => (typeof password === 'string' ? password : bytesOf(password))

/** Must anything be asked? @param {Record<string, any>} options */
export const asks = (options) => ASKED.some((name) => typeof options[name] === 'function')

/**
 * Asks the program, and tells the core.
 * @param {Record<string, any>} options
 * @param {import('./core.js').CoreClient} core
 * @param {boolean} kept
 * @param {() => boolean} present is the attempt still the present one?
 * @returns {Promise<string | undefined>} the address, where it was asked
 */
export function ask(options, core, kept, present) {
  const asked = ASKED.map((name) =>
    promised(() => (typeof options[name] === 'function' ? options[name]() : options[name])).catch((cause) => {
      const error = new MqttError(FUNCTION_FAILED, [name])
      error.cause = cause
      throw error
    }),
  )
  return Promise.all(asked).then((answers) => (present() ? tell(answers, core, kept) : undefined))
}

/** @param {any[]} answers as in `ASKED` @param {import('./core.js').CoreClient} core @param {boolean} kept */
function tell([url, userName, password, properties], core, kept) {
  for (const [name, answer] of /** @type {[string, any][]} */ ([['url', url], ['userName', userName], ['password', password]])) {
    const fits = answer === undefined || typeof answer === 'string' || (name === 'password' && bytesOf(answer) !== null)
    if (!fits) throw invalidArgument('(hidden)', 'connectOptions.' + name)
  }
  core.setCredentials(userName === undefined ? null : userName, secret(password), connectProperties(properties, kept))
  return url
}

/**
 * The addresses that a server refers to, in the place of the present one: each a whole one, or a host with or without a
 * port (OASIS 5.0, section 4.11).
 * @param {string} reference
 * @param {string} uri
 */
export function referredTo(reference, uri) {
  return reference
    .split(/\s+/)
    .filter((one) => one !== '')
    .map((one) => (/^\w+:\/\//.test(one) ? one : uri.replace(/^(\w+:\/\/)[^/?#]*/, (_, scheme) => scheme + one)))
}
