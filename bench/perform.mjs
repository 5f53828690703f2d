// One client with some works, in a page or process of its own. It knows neither.

import { clients } from './clients/index.mjs'
import { Tally } from './tally.mjs'
import { works } from './work/index.mjs'

/** Milliseconds after which something that should have come counts as lost. */
const PATIENCE = 60_000

/**
 * @param {any} place what hosts/ gives
 * @param {string} clientName
 * @param {string[]} names of works
 * @returns {Promise<Record<string, { value: number, messages: number, busy?: number } | { error: string }>>} by the work's name
 */
export async function perform(place, clientName, names) {
  const client = clients.find(({ name }) => name === clientName)
  if (client === undefined) throw new Error(`no client ${clientName}`)
  const mine = works.filter((work) => names.includes(work.name))
  /** Of the present work. @type {Promise<never>} */
  let failure
  const bench = {
    place,
    client,
    module: null,
    tally: new Tally(),
    /** Works that share a measurement find it here. */
    shared: {},
    failed: (/** @type {any} */ _error) => {},
    /** What fails from here on is this work's. */
    begin() {
      failure = new Promise((_, reject) => {
        bench.failed = (error) => reject(error instanceof Error ? error : new Error(String(error)))
      })
      failure.catch(() => {})
    },
    /** Ends with it, unless the client fails or time is up. @param {Promise<any>} promise */
    within(promise) {
      let timer
      const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('it did not come to its end')), PATIENCE)))
      return Promise.race([promise, failure, late]).finally(() => clearTimeout(timer))
    },
    /** @param {() => Promise<boolean>} condition */
    async until(condition) {
      const end = performance.now() + PATIENCE
      while (!(await condition())) {
        if (performance.now() > end) throw new Error('it did not come to its end')
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    },
  }
  /** @type {Record<string, any>} */
  const results = {}
  if (mine.length > 0 && !mine[0].cold) bench.module = await client.load(place)
  for (const work of mine) {
    bench.begin()
    try {
      results[work.name] = await work.run(bench)
    } catch (error) {
      results[work.name] = { error: String(/** @type {any} */ (error)?.message ?? error).split('\n')[0] }
    }
  }
  return results
}
