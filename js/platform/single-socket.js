/**
 * Hosts with one socket for the whole program, and its events at the host itself: gives that socket the shape of a
 * SocketTask. A second connection at the same time is refused, because its messages could not be told from the first one's.
 */

const EVENTS = ['Open', 'Message', 'Error', 'Close']

/** How long the host may take to close the socket before, in milliseconds. */
const CLOSING = 2000

/**
 * The place where there is room for one socket.
 * @param {any} api with `connectSocket`, `sendSocketMessage`, `closeSocket` and the four events
 */
export function singleSocket(api) {
  /** Who has the socket. @type {any} */
  let owner = null
  /** Ends with the closing of the socket before. @type {Promise<void>} */
  let closed = Promise.resolve()

  /** @param {any} parameters as for `connectSocket` of WeChat; gives what that gives */
  const connectSocket = (parameters) => {
    if (owner !== null) {
      parameters.fail({ errMsg: 'connectSocket:fail exceed max count: this host allows one socket in the whole program' })
      return null
    }
    /** @type {Record<string, (event: any) => void>} */
    const bound = {}
    let ended = () => {}
    const self = {}
    owner = self
    const listeners = EVENTS.map((name) => (/** @type {any} */ event) => {
      if (bound[name]) bound[name](event)
      // A socket that failed may never say that it closed.
      if (name === 'Close' || name === 'Error') release()
    })
    const release = () => {
      if (owner === self) owner = null
      EVENTS.forEach((name, at) => api['offSocket' + name] && api['offSocket' + name](listeners[at]))
      ended()
    }
    const start = () => {
      if (owner !== self) return
      EVENTS.forEach((name, at) => api['onSocket' + name](listeners[at]))
      const fail = (/** @type {any} */ said) => {
        release()
        parameters.fail(said)
      }
      api.connectSocket({ ...parameters, fail })
    }
    void closed.then(start)
    return {
      onOpen: (/** @type {any} */ run) => (bound.Open = run),
      onMessage: (/** @type {any} */ run) => (bound.Message = run),
      onError: (/** @type {any} */ run) => (bound.Error = run),
      onClose: (/** @type {any} */ run) => (bound.Close = run),
      send: (/** @type {any} */ message) => api.sendSocketMessage(message),
      close: (/** @type {any} */ closing) => {
        if (owner !== self) return
        owner = null
        closed = new Promise((resolve) => {
          const timer = setTimeout(resolve, CLOSING)
          ended = () => {
            clearTimeout(timer)
            resolve(undefined)
          }
        })
        api.closeSocket(closing)
      },
    }
  }
  return { connectSocket }
}
