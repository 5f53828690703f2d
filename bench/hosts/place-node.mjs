// What works need of Node: files, turns, memory. Every client gets the same WebSocket, that of npm ws.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { runInThisContext } from 'node:vm'
import { pathToFileURL } from 'node:url'
import { WebSocket } from 'ws'
import { root } from '../../scripts/tools.mjs'

/** @param {{ id: string, effort: 'test' | 'quick' | 'full', url: string }} given */
export function place({ id, effort, url }) {
  globalThis.WebSocket = /** @type {any} */ (WebSocket)
  const file = (/** @type {string} */ path) => join(root, path)
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    kind: 'node',
    id,
    effort,
    ws: url.replace('http', 'ws').replace(/\/$/, ''),
    import: (/** @type {string} */ path) => import(pathToFileURL(file(path)).href),
    async script(/** @type {string} */ path, /** @type {string} */ name) {
      runInThisContext(await readFile(file(path), 'utf8'), { filename: path })
      return /** @type {any} */ (globalThis)[name]
    },
    bytes: (/** @type {string} */ path) => readFile(file(path)),
    async order(/** @type {string} */ name, /** @type {string} */ clientId, /** @type {any} */ given) {
      const answer = await fetch(`${url}${name}/${clientId}`, { method: 'POST', body: JSON.stringify(given) })
      if (!answer.ok) throw new Error(await answer.text())
      return answer.json()
    },
    next: (/** @type {() => void} */ run) => void setImmediate(run),
    async collect() {
      for (let n = 0; n < 3; n++) {
        /** @type {any} */ (globalThis).gc()
        await turn()
      }
    },
    heap: async () => process.memoryUsage().heapUsed,
    /** Microseconds that the process has had of the processor. */
    async busy() {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    async traceStart() {
      collections = 0
      observer.observe({ entryTypes: ['gc'] })
    },
    async traceStop() {
      await turn()
      observer.disconnect()
      return { collections, longest: NaN }
    },
  }
}
