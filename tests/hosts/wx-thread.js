// The program's JavaScript thread on a WeChat device: timers, what the host owes it, and the shapes that the calls and
// events of `wx` share.

/** The program's JavaScript thread: its timers, and the callbacks that the host owes it. Suspended, neither comes. */
export function createThread(timers, now) {
  const pending = new Map()
  const owed = []
  let suspended = false
  let last = 0

  const turn = () => {
    if (!suspended && owed.length > 0) owed.shift()()
  }
  /** Callbacks come in the order in which they became due, each in a turn of its own, never within the call. */
  const later = (run) => {
    owed.push(run)
    if (!suspended) timers.setTimeout(turn, 0)
  }
  const arm = (id) => {
    const timer = pending.get(id)
    timer.handle = timers.setTimeout(() => fire(id), Math.max(0, timer.due - now()))
  }
  const fire = (id) => {
    const { run, period } = pending.get(id)
    if (period === null) {
      pending.delete(id)
    } else {
      pending.get(id).due = now() + period
      arm(id)
    }
    run()
  }
  const set =
    (name, repeats) =>
    (run, delay, ...rest) => {
      if (typeof run !== 'function') throw new TypeError(`${name} takes a function`)
      // One Android version of WeChat crashed on setInterval(run, delay, null).
      if (rest.includes(null)) throw new TypeError(`${name} takes no null as a third argument`)
      const wait = Math.max(0, Number(delay) || 0)
      last += 1
      pending.set(last, { run: () => run(...rest), due: now() + wait, period: repeats ? wait : null, handle: null })
      if (!suspended) arm(last)
      return last
    }
  const clear = (id) => {
    if (pending.has(id)) timers.clearTimeout(pending.get(id).handle)
    pending.delete(id)
  }

  return {
    later,
    timers: {
      setTimeout: set('setTimeout', false),
      clearTimeout: clear,
      setInterval: set('setInterval', true),
      clearInterval: clear,
    },
    pending: () => pending.size,
    suspended: () => suspended,
    suspend() {
      suspended = true
      for (const { handle } of pending.values()) timers.clearTimeout(handle)
    },
    /** Some devices make up for the ticks that an interval missed, all at once: up to `ticks` of them. */
    resume(ticks) {
      if (!suspended) return
      suspended = false
      for (let count = owed.length; count > 0; count -= 1) timers.setTimeout(turn, 0)
      for (const [id, { run, due, period }] of [...pending].sort(([, a], [, b]) => a.due - b.due)) {
        const missed = period ? Math.floor((now() - due) / period) : 0
        for (let count = Math.min(missed, ticks - 1); count > 0; count -= 1) later(run)
        arm(id)
      }
    },
  }
}

/** Calls back as every call of `wx` does. */
export function settle({ success, fail, complete }, ok, result) {
  const told = ok ? success : fail
  if (told) told(result)
  if (complete) complete(result)
}

/** The shapes that calls and events of `wx` share. */
export function createCalls(thread) {
  const shape = {
    /** Callbacks where there is one, otherwise a promise; asynchronous in either case. */
    deliver(ok, result, { success, fail, complete } = {}) {
      if (!success && !fail && !complete) {
        return new Promise((resolve, reject) => thread.later(() => (ok ? resolve(result) : reject(result))))
      }
      thread.later(() => settle({ success, fail, complete }, ok, result))
    },
    call(name, options = {}, work) {
      try {
        return shape.deliver(true, { ...work(options), errMsg: `${name}:ok` }, options)
      } catch (error) {
        return shape.deliver(false, { errMsg: `${name}:fail ${error.message}` }, options)
      }
    },
    /** wx.onX and wx.offX; without an argument offX takes all listeners away. */
    event(wx, device, name) {
      const listeners = []
      wx[`on${name}`] = (listener) => {
        if (typeof listener !== 'function') throw new TypeError(`on${name} takes a function`)
        listeners.push(listener)
      }
      wx[`off${name}`] = (listener) => {
        if (listener === undefined) listeners.length = 0
        else if (listeners.includes(listener)) listeners.splice(listeners.indexOf(listener), 1)
      }
      device.listeners = device.listeners || {}
      Object.defineProperty(device.listeners, name, { enumerable: true, get: () => listeners.length })
      // It comes from outside, so it is told at once where there is somebody awake to hear it.
      return (value) => {
        for (const listener of listeners.slice()) {
          if (thread.suspended()) thread.later(() => listener(value))
          else listener(value)
        }
      }
    },
  }
  return shape
}
