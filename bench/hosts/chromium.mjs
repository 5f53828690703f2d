// Runs works in headless Chromium: each time in a fresh page of a fresh context, with the switches of the tests. A second
// browser, with a roomier young generation, is for the works that measure allocation.

import { startBrowser } from '../../tests/js/browser.mjs'

const SWITCHES = ['--enable-precise-memory-info']
const USUAL = ['--expose-gc']
const ROOMY = ['--min-semi-space-size=64', '--max-semi-space-size=64']
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'blink.user_timing']

/** @param {{ url: string, effort: string }} given the server's address */
export async function startChromium({ url, effort }) {
  /** One of each kind, started when it is needed, and again if it has gone. @type {Record<string, Awaited<ReturnType<typeof startBrowser>>>} */
  const browsers = {}
  const open = async (/** @type {'usual' | 'roomy'} */ kind) => {
    const flags = kind === 'usual' ? USUAL : [...USUAL, ...ROOMY]
    const start = async () => (browsers[kind] = await startBrowser([...SWITCHES, `--js-flags=${flags.join(' ')}`]))
    const browser = browsers[kind] ?? (await start())
    return browser.open(url).catch(async () => {
      await browser.close()
      return (await start()).open(url)
    })
  }
  const first = await open('usual')
  const version = first.context().browser()?.version()
  await first.context().close()
  let last = 0
  return {
    kind: /** @type {const} */ ('chromium'),
    version: `Chromium ${version}`,
    /** @param {string} client @param {string} group @param {string[]} names the works, all of the group */
    async perform(client, group, names) {
      const page = await open(group === 'heap' ? 'roomy' : 'usual')
      try {
        page.setDefaultTimeout(0)
        const session = await page.context().newCDPSession(page)
        await session.send('Performance.enable')
        await page.exposeFunction('busy', async () => {
          const { metrics } = await session.send('Performance.getMetrics')
          return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1e6
        })
        await tracing(page)
        const given = { id: `c${process.pid}x${++last}`, effort }
        return await page.evaluate(async ({ client, names, given }) => {
          // Not from here by name: the page has its own paths.
          const [{ perform }, { place }] = await Promise.all(['/bench/perform.mjs', '/bench/hosts/place-page.mjs'].map((path) => import(path)))
          return perform(place(given), client, names)
        }, { client, names, given })
      } finally {
        await page.context().close()
      }
    },
    async close() {
      for (const browser of Object.values(browsers)) await browser.close()
    },
  }
}

/**
 * Gives the page a look at its own trace: how long the longest task of its main thread was, how often V8 collected.
 * @param {any} page
 */
async function tracing(page) {
  const browser = page.context().browser()
  await page.exposeFunction('traceStart', () => browser.startTracing(page, { categories: CATEGORIES }))
  await page.exposeFunction('traceStop', async () => {
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
    const main = mainThread(traceEvents)
    const ours = traceEvents.filter((/** @type {any} */ event) => `${event.pid}/${event.tid}` === main)
    const lengths = ours.filter(({ name, dur }) => name === 'RunTask' && dur).map(({ dur }) => dur / 1000)
    // Major ones too, which end where V8 says so.
    const collections = ours.filter(({ name, ph }) => (name === 'MinorGC' || name === 'MajorGC') && (ph === 'X' || ph === 'B')).length
    return { longest: lengths.reduce((most, length) => Math.max(most, length), 0), collections }
  })
}

/** The renderer that handled our WebSocket messages. @param {any[]} events @returns {string} */
function mainThread(events) {
  const counts = new Map()
  const names = new Map(
    events.filter(({ name }) => name === 'thread_name').map(({ pid, tid, args }) => [`${pid}/${tid}`, args.name]),
  )
  for (const { name, pid, tid } of events) {
    const thread = `${pid}/${tid}`
    if (name === 'RunTask' && names.get(thread) === 'CrRendererMain') counts.set(thread, (counts.get(thread) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}
