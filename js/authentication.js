/**
 * Enhanced authentication (OASIS 5.0, section 4.12): asks the program for the answer to each of the server's challenges.
 * It knows no method: what the data means is between the program and its server.
 */

import { invalidState } from './errors.js'
import { errorOf, reasonOf, thrown } from './outcome.js'
import { Waiter } from './pending.js'
import { encodeProperties } from './properties.js'

/** Reason codes of AUTH. */
const CONTINUE = 0x18
const RE_AUTHENTICATE = 0x19

const NO_AUTHENTICATION = 25

export class Authentication {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   * @param {import('./link.js').Link} link
   * @param {(error: any) => void} giveUp ends the connection
   */
  constructor(platform, holder, link, giveUp) {
    this.platform = platform
    this.holder = holder
    this.link = link
    this.giveUp = giveUp
    /** The re-authentication under way. @type {Waiter | null} */
    this.waiter = null
  }

  /** Starts a re-authentication. @param {import('./core.js').CoreClient} core @param {Record<string, any>} properties */
  again(core, properties) {
    if (this.waiter !== null) throw invalidState('already authenticating')
    core.authenticate(RE_AUTHENTICATE, encodeProperties(properties), this.link.now())
    this.waiter = new Waiter()
    this.link.flushSoon()
    return this.waiter.promise
  }

  /**
   * AUTH from the server.
   * @param {{ reasonCode: number, properties: Uint8Array | null }} event
   * @param {((challenge: object) => any) | undefined} authenticate the program's own function
   */
  handleAuth({ reasonCode, properties }, authenticate) {
    const reason = reasonOf(this.holder, reasonCode, properties)
    if (reasonCode !== CONTINUE) {
      if (this.waiter !== null) this.waiter.succeed(reason)
      this.waiter = null
      return
    }
    const { link } = this
    const { socket } = link
    Promise.resolve(reason)
      .then((challenge) => {
        if (!authenticate) throw errorOf(this.holder, NO_AUTHENTICATION)
        return authenticate(challenge)
      })
      .then((answer) => {
        // The connection that asked may be gone by now.
        if (link.socket !== socket || link.core === null) return
        link.core.authenticate(CONTINUE, encodeProperties(answer), this.link.now())
        link.pump()
      })
      .catch((error) => {
        this.platform.report(error)
        if (link.socket !== socket) return
        this.handleLost(thrown(error))
        this.giveUp(error)
      })
  }

  /** @param {Error} error */
  handleLost(error) {
    if (this.waiter !== null) this.waiter.fail(error)
    this.waiter = null
  }
}
