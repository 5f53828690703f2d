/**
 * What a program imports, for one platform: `Client`, `Message` and the one-line `connect`. Nothing here is global: each
 * call makes an api of its own.
 */

import { CALLBACKS, Client } from './client.js'
import { CoreHolder } from './instance.js'
import { Message } from './message.js'
import { NO_ADDRESS } from './options.js'
import { promised } from './pending.js'

/**
 * The api for one platform: its clients share one WebAssembly instance.
 * @param {import('./platform/contract.js').Platform} platform
 */
export function clientFor(platform) {
  const holder = new CoreHolder(platform)

  class PlatformClient extends Client {
    /** @param {...any} args */
    constructor(...args) {
      super(platform, holder, args)
    }
  }

  /**
   * A connected client with today's defaults. Its callbacks may stand among the options, because a session that is
   * resumed brings messages before the promise can settle.
   * @param {string | (() => string | Promise<string>)} url
   * @param {Record<string, any>} [options]
   */
  const connect = (url, options = {}) =>
    promised(() => {
      const { clientId = options.store ? '' : randomClientId(), mqttVersion = 'auto', ...rest } = options
      /** @param {any} given */
      const whole = (given) => (typeof given === 'string' ? given.replace(/^(\w+:\/\/[^/]+)$/, '$1/mqtt') : given)
      const client = new PlatformClient(typeof url === 'function' ? NO_ADDRESS : whole(url), clientId)
      if (typeof url === 'function') rest.url = () => promised(url).then(whole)
      for (const name of CALLBACKS) {
        if (rest[name] !== undefined) /** @type {any} */ (client)[name] = rest[name]
        delete rest[name]
      }
      return client.connect({ mqttVersion, ...rest }).then(() => client)
    })

  return { Client: PlatformClient, Message, connect }
}

/** 23 characters that every server must take [MQTT-3.1.3-5]. Unique is enough: it is no secret. */
function randomClientId() {
  let id = 'w' + Date.now().toString(36)
  while (id.length < 23) id += Math.floor(Math.random() * 36).toString(36)
  return id
}
