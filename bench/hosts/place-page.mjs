// What works need of a page: its files, its clock's turns, its memory. Loaded by the page itself.

/**
 * @param {{ id: string, effort: 'test' | 'quick' | 'full' }} given
 */
export function place({ id, effort }) {
  const { gc, performance, busy, traceStart, traceStop } = /** @type {any} */ (window)
  const channel = new MessageChannel()
  /** @type {(() => void)[]} */
  const waiting = []
  channel.port1.onmessage = () => waiting.shift()?.()
  return {
    kind: 'chromium',
    id,
    effort,
    ws: location.origin.replace('http', 'ws'),
    import: (/** @type {string} */ path) => import(path),
    /** A script of the old kind, and the global that it leaves. */
    script: (/** @type {string} */ path, /** @type {string} */ name) =>
      new Promise((resolve, reject) => {
        const script = document.createElement('script')
        script.src = path
        script.onload = () => resolve(/** @type {any} */ (window)[name])
        script.onerror = () => reject(new Error(`${path} is not there`))
        document.head.append(script)
      }),
    bytes: async (/** @type {string} */ path) => (await fetch(path)).arrayBuffer(),
    async order(/** @type {string} */ name, /** @type {string} */ clientId, /** @type {any} */ given) {
      const answer = await fetch(`/${name}/${clientId}`, { method: 'POST', body: JSON.stringify(given) })
      if (!answer.ok) throw new Error(await answer.text())
      return answer.json()
    },
    /** In a turn of its own; a timer would wait for milliseconds. */
    next(/** @type {() => void} */ run) {
      waiting.push(run)
      channel.port2.postMessage(null)
    },
    async collect() {
      for (let n = 0; n < 3; n++) {
        gc()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    heap: async () => performance.memory.usedJSHeapSize,
    busy,
    traceStart,
    traceStop,
  }
}
