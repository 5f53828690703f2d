// Hosts with one WebSocket in the whole program, whose events are the host's own: the strict stand-in of that model, on
// top of the sockets of `wx`. What a message and an error look like is the host's matter. It knows no MQTT.

const NAMES = ['Open', 'Message', 'Error', 'Close']

/**
 * Gives `target` its `on…` and `off…`. Listeners add up: each call is one more.
 * @param {any} target
 * @param {string} prefix '' at a SocketTask, 'Socket' at the host itself
 * @param {'none' | 'each' | 'all'} off 'each': off with a listener takes that one away; 'all': off takes no argument
 */
export function addEvents(target, prefix, off) {
  const listeners = Object.fromEntries(NAMES.map((name) => [name, []]))
  for (const name of NAMES) {
    target[`on${prefix}${name}`] = (listener) => {
      if (typeof listener !== 'function') throw new TypeError(`on${prefix}${name} takes a function`)
      listeners[name].push(listener)
    }
    if (off === 'none') continue
    target[`off${prefix}${name}`] = (listener) => {
      listeners[name] = listeners[name].filter((one) => off === 'each' && listener !== undefined && one !== listener)
    }
  }
  return {
    emit: (name, event) => listeners[name].slice().forEach((listener) => listener(event)),
    count: () => NAMES.reduce((sum, name) => sum + listeners[name].length, 0),
  }
}

/** The callbacks of a call, later and never within it, as `wx` has them. Gives null, for who has nothing to give. */
export function answer({ success, fail, complete }, ok, result) {
  Promise.resolve().then(() => {
    const told = ok ? success : fail
    if (told) told(result)
    if (complete) complete(result)
  })
  return null
}

/**
 * @param {any} api the host's global object; it gets everything that has to do with sockets
 * @param {object} manner of the host
 * @param {(options: any) => any} manner.connect gives a task of `wx`, or null when it has called `fail`
 * @param {'each' | 'all' | 'none'} manner.off as of `addEvents`
 * @param {'replaces' | 'refused'} manner.second what a second connection does to the first
 * @param {(options: any) => string | ArrayBuffer} manner.unpack what is sent; throws for what the host does not take
 * @param {(data: string | ArrayBuffer) => any} manner.message the event of what was received
 * @param {(closing: any) => any} manner.closed the event of an end
 * @param {(text: string, code: number) => any} manner.error what `fail` and the event of an error get
 * @returns {() => number} how many listeners there are
 */
export function addSingleSocket(api, { connect, off, second, unpack, message, closed, error }) {
  const { emit, count } = addEvents(api, 'Socket', off)
  let present = null
  let open = false

  api.connectSocket = (options) => {
    if (present !== null && second === 'refused') return void answer(options, false, error('there is a WebSocket already', 2))
    // Its events come from now on from the new one.
    if (present !== null) present.close({})
    const task = connect(options)
    if (task === null) return
    present = task
    open = false
    const of = (run) => (event) => {
      if (task === present) run(event)
    }
    task.onOpen(of(() => emit('Open', {}, (open = true))))
    task.onMessage(of(({ data }) => emit('Message', message(data))))
    task.onError(of(({ errMsg }) => emit('Error', error(errMsg, 6))))
    task.onClose(
      of((closing) => {
        present = null
        open = false
        emit('Close', closed(closing))
      }),
    )
  }
  api.sendSocketMessage = (options) => {
    if (present === null || !open) return answer(options, false, error('the WebSocket is not open', 10))
    let data
    try {
      data = unpack(options)
    } catch (fault) {
      return answer(options, false, error(fault.message, 2))
    }
    const { success, fail, complete } = options
    present.send({
      data,
      success: () => success && success({ success: true }),
      fail: ({ errMsg }) => fail && fail(error(errMsg, 11)),
      complete,
    })
  }
  api.closeSocket = (options = {}) => {
    // Some hosts close nothing that has not opened, and all say no where there is nothing.
    if (present === null || !open) return answer(options, false, error('the WebSocket is not open', 10))
    present.close({})
    answer(options, true, { success: true })
  }
  return count
}
