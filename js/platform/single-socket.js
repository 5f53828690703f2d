/**
 * Hosts with one socket for the whole program, and its events at the host itself: gives that socket the shape of a
 * SocketTask. A second connection at the same time is refused, because its messages could not be told from the first one's.
 */

const EVENTS = ['Open', 'Message', 'Error', 'Close']

/** How long the host may take to close the socket before, in milliseconds: not every one says that it has. */
const CLOSING = 2000

const FULL = 'connectSocket:fail exceed max count: this host allows one socket in the whole program'

/**
 * The place where there is room for one socket.
 * @param {any} api with `connectSocket`, `sendSocketMessage`, `closeSocket` and the four events
 */
export function singleSocket(api) {
  /** Who has the socket, until the host has closed it. @type {{ closing: any, bound: Record<string, (event: any) => void> } | null} */
  let owner = null
  /** Starts the one that waits for that. @type {(() => void) | null} */
  let next = null
  let listening = false

  const end = (/** @type {any} */ self) => {
    if (owner !== self) return
    clearTimeout(self.closing)
    owner = null
    listen(false)
    const start = next
    next = null
    if (start !== null) start()
  }
  const listeners = EVENTS.map((name) => (/** @type {any} */ event) => {
    const self = owner
    if (self === null) return
    if (name === 'Close') end(self)
    if (self.bound[name]) self.bound[name](event)
  })
  // Where they cannot be taken away they stay, and are added once.
  const listen = (/** @type {boolean} */ on) => {
    const verb = on ? 'on' : 'off'
    if (listening === on || !EVENTS.every((name) => api[verb + 'Socket' + name])) return
    EVENTS.forEach((name, at) => api[verb + 'Socket' + name](listeners[at]))
    listening = on
  }

  /** @param {any} parameters as for `connectSocket` of WeChat; gives what that gives */
  const connectSocket = (parameters) => {
    /** @type {{ closing: any, bound: Record<string, (event: any) => void> }} */
    const self = { closing: null, bound: {} }
    const start = () => {
      const fail = (/** @type {any} */ said) => {
        end(self)
        parameters.fail(said)
      }
      owner = self
      listen(true)
      try {
        api.connectSocket({ ...parameters, fail })
      } catch (error) {
        fail(error)
      }
    }
    if (owner === null) start()
    else if (owner.closing !== null && next === null) next = start
    else parameters.fail({ errMsg: FULL })
    return {
      onOpen: (/** @type {any} */ run) => (self.bound.Open = run),
      onMessage: (/** @type {any} */ run) => (self.bound.Message = run),
      onError: (/** @type {any} */ run) => (self.bound.Error = run),
      onClose: (/** @type {any} */ run) => (self.bound.Close = run),
      send: (/** @type {any} */ message) => owner === self && api.sendSocketMessage(message),
      close(/** @type {any} */ closing) {
        if (next === start) next = null
        if (owner !== self) return
        if (self.closing === null) self.closing = setTimeout(() => end(self), CLOSING)
        // Asked again when it opens after all: before that, hosts refuse.
        api.closeSocket(closing)
      },
    }
  }
  return { connectSocket }
}
