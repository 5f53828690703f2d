/**
 * Timers that fire in time in a hidden page too. Browsers hold a hidden page's timers back, up to a minute, which costs
 * a connection its keep alive; a worker's they leave alone. So while the page is hidden a worker runs each timer as well,
 * and the first to fire is the one that counts. Visible pages, workers and Node have plain timers and no worker.
 */

/** Gives each number back when its time has come. What was cleared meanwhile, the page no longer knows. */
const SOURCE = 'onmessage=e=>setTimeout(()=>postMessage(e.data[0]),e.data[1])'

/** The timers of one platform: they share the worker. */
export function webTimers() {
  /** By the number that setTimeout gave. @type {Map<any, { run: () => void, at: number }>} */
  const pending = new Map()
  /** Made once, and valid as long as the page: some browsers fetch it late. */
  let address = ''
  /** @type {Worker | null} */
  let worker = null
  /** A page's security policy may forbid the worker. It does not change, and each attempt would be reported. */
  let refused = false

  const close = () => {
    if (worker !== null) worker.terminate()
    worker = null
  }

  const refuse = () => {
    refused = true
    close()
  }

  const open = () => {
    try {
      if (address === '') address = URL.createObjectURL(new Blob([SOURCE], { type: 'text/javascript' }))
      worker = new Worker(address)
      worker.onmessage = ({ data }) => fire(data)
      worker.onerror = refuse
      for (const [timer, { at }] of pending) worker.postMessage([timer, at - performance.now()])
    } catch (_) {
      refuse()
    }
  }

  /** Has a worker just while it is needed, and listens just while there is a timer. */
  const look = () => {
    if (pending.size === 0) document.removeEventListener('visibilitychange', look)
    if (pending.size === 0 || !document.hidden) close()
    else if (worker === null && !refused) open()
  }

  const fire = (/** @type {any} */ timer) => {
    const found = pending.get(timer)
    if (found === undefined) return
    clearTimer(timer)
    found.run()
  }

  const setTimer = (/** @type {() => void} */ run, /** @type {number} */ delay) => {
    if (typeof document === 'undefined' || typeof Worker === 'undefined') return setTimeout(run, delay)
    const timer = setTimeout(() => fire(timer), delay)
    pending.set(timer, { run, at: performance.now() + delay })
    document.addEventListener('visibilitychange', look)
    if (worker !== null) worker.postMessage([timer, delay])
    else look()
    return timer
  }

  const clearTimer = (/** @type {any} */ timer) => {
    clearTimeout(timer)
    // At the end of the turn, because who clears one often sets the next.
    if (pending.delete(timer)) void Promise.resolve().then(look)
  }

  return { setTimer, clearTimer }
}
