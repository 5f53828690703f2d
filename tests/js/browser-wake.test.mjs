// js/platform/web.js and web-timer.js in a page of Chromium that is really hidden, frozen, kept in the back/forward cache
// and taken off the network. Playwright tells every page that it is visible and switches throttling off, so the browser
// is started here without its switches: the page is hidden because another tab stands before it. Nothing waits for a
// time: where a page's own clock must not count, it is stopped.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { chromium } from 'playwright-core'
import { serve } from '../../scripts/serve.mjs'
import { need, root } from '../../scripts/tools.mjs'

const { args } = JSON.parse(readFileSync(join(root, 'webdriver.json'), 'utf8'))['goog:chromeOptions']

/** What a page and a worker begin with: `made` workers, `told` by the watch as `words` say. */
const begin = (/** @type {string} */ words) => `
  globalThis.made = 0
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args)
      made++
    }
  }
  const { webPlatform } = await import('/js/platform/web.js')
  globalThis.platform = webPlatform(() => Promise.reject(new Error('no core is needed')))
  globalThis.told = []
  globalThis.end = platform.watch((network) => told.push(${words}))`
const page = (/** @type {string} */ head) => () => ({
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">${head}`,
})
const script = `<script type="module">${begin("event.type + ' ' + network")}</script>`
const documents = {
  '/': page(script),
  '/strict': page(`<meta http-equiv="Content-Security-Policy" content="worker-src 'none'">${script}`),
  '/elsewhere': page(''),
  '/worker.js': () => ({ type: 'text/javascript; charset=utf-8', body: begin('network') }),
}

let folder
let program
let browser
let site
/** The tab that hides the one under test. */
let other
let tab
before(async () => {
  site = await serve({ '/js/': join(root, 'js') }, { extra: documents })
  folder = mkdtempSync(join(tmpdir(), 'wasmqtt-wake-'))
  // Without a tab of its own: to attach to one that is just being made may hang for ever.
  const own = ['--remote-debugging-port=0', '--no-startup-window', `--user-data-dir=${folder}`]
  program = spawn(need('chromium'), [...args, ...own], { stdio: ['ignore', 'ignore', 'pipe'] })
  browser = await chromium.connectOverCDP(await endpoint(program), { noDefaults: true, timeout: 120_000 })
  other = await browser.contexts()[0].newPage()
})
after(async () => {
  await browser?.close()
  if (program?.exitCode === null) {
    // 'close' and not 'exit': its child processes hold its standard error too, and write into the folder to the end.
    const gone = once(program, 'close')
    program.kill()
    await gone
  }
  if (folder) rmSync(folder, { recursive: true, force: true })
  await site?.close()
})

/** Where the browser takes commands, which it says on standard error. */
function endpoint(child) {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
      const found = /^DevTools listening on (ws:\S+)/m.exec(said)
      if (found) resolve(found[1])
    })
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)))
  })
}

/** Waits until a value is as expected, for at most half a minute. */
async function settles(ask, expected) {
  const deadline = performance.now() + 30_000
  for (;;) {
    const got = await ask()
    try {
      return assert.deepEqual(got, expected)
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await new Promise(setImmediate)
  }
}

const open = async (path = '') => {
  await tab?.close()
  tab = await browser.contexts()[0].newPage()
  await tab.bringToFront()
  await tab.goto(site.url + path)
  await tab.waitForFunction('globalThis.end')
}
const hidden = (value) => settles(() => tab.evaluate('document.hidden'), value)
const hide = async () => {
  await other.bringToFront()
  await hidden(true)
}
const show = async () => {
  await tab.bringToFront()
  await hidden(false)
}
/** Takes the network away, waits until `place` has seen that and has told nothing, and gives it back. */
const offline = async (place) => {
  await tab.context().setOffline(true)
  try {
    await settles(() => place.evaluate('[navigator.onLine, told]'), [false, []])
  } finally {
    await tab.context().setOffline(false)
  }
}
const told = (expected) => settles(() => tab.evaluate('told'), expected)
const living = (expected) => settles(async () => tab.workers().length, expected)

describe('a page in Chromium', () => {
  beforeEach(() => open())

  test('tells that it is shown again, and neither that it is new nor that it is hidden', async () => {
    await hide()
    assert.deepEqual(await tab.evaluate('told'), [])
    await show()
    await told(['visibilitychange false'])
  })

  test('tells that it was frozen, though it is hidden still', async () => {
    await hide()
    const session = await tab.context().newCDPSession(tab)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await told(['resume false'])
    assert.equal(await tab.evaluate('document.hidden'), true)
  })

  test('tells that it is back from the back/forward cache, with a timer pending too', async () => {
    await tab.evaluate('void platform.setTimer(() => {}, 1e9)')
    await tab.goto(`${site.url}elsewhere`)
    // Not goBack, which waits for a load event that does not come.
    await tab.evaluate('history.back()')
    await settles(() => tab.evaluate('globalThis.told').catch(() => null), [
      'resume false',
      'visibilitychange false',
      'pageshow false',
    ])
  })

  test('tells that the network is back, not that it is gone', async () => {
    await offline(tab)
    await told(['change true', 'online true'])
  })

  test('has no listener left when the watch has ended and no timer is pending', async () => {
    const seen = await tab.evaluate(async () => {
      let listening = []
      const { addEventListener, removeEventListener } = EventTarget.prototype
      const others = (one) => listening.filter((other) => other.some((part, at) => part !== one[at]))
      EventTarget.prototype.addEventListener = function (...args) {
        const one = [this ?? window, ...args]
        listening = [...others(one), one]
        return addEventListener.apply(this, args)
      }
      EventTarget.prototype.removeEventListener = function (...args) {
        listening = others([this ?? window, ...args])
        return removeEventListener.apply(this, args)
      }
      const types = () => listening.map(([, type]) => type).sort()
      const seen = []
      const end = window.platform.watch(() => {})
      seen.push(types())
      const timer = window.platform.setTimer(() => {}, 1e9)
      end()
      seen.push(types())
      window.platform.clearTimer(timer)
      await null
      seen.push(types())
      Object.assign(EventTarget.prototype, { addEventListener, removeEventListener })
      return seen
    })
    assert.deepEqual(seen, [['change', 'online', 'pageshow', 'resume', 'visibilitychange'], ['visibilitychange'], []])
  })
})

describe('a timer in Chromium', () => {
  /** A timer that never runs ends its test. */
  const limit = { timeout: 60_000 }
  /** The page's clock stands still: what runs now, the worker has run. */
  const stopClock = () => tab.evaluate('void (window.last = 0, window.setTimeout = () => ++last)')
  const run = (delay) => tab.evaluate((time) => new Promise((resolve) => platform.setTimer(resolve, time)), delay)
  beforeEach(() => open())

  test('is run by a worker when it is set in a hidden page; the worker ends with the last one', limit, async () => {
    await stopClock()
    await hide()
    await run(1)
    await living(0)
    const ran = await tab.evaluate(
      () =>
        new Promise((resolve) => {
          const ran = []
          platform.setTimer(() => ran.push('first'), 10)
          platform.setTimer(() => ran.push('second') && platform.setTimer(() => resolve(ran), 1), 20)
        }),
    )
    assert.deepEqual(ran, ['first', 'second'])
    await living(0)
    assert.equal(await tab.evaluate('made'), 2, 'the three shared one')
  })

  test('is run by a worker when the page is hidden after it was set', limit, async () => {
    await stopClock()
    await tab.evaluate('platform.setTimer(() => void (window.ran = true), 1)')
    await hide()
    await settles(() => tab.evaluate('window.ran'), true)
  })

  test('has a worker just as long as the page is hidden', limit, async () => {
    await tab.evaluate('void (window.timer = platform.setTimer(() => {}, 1e9))')
    assert.equal(await tab.evaluate('made'), 0)
    await hide()
    await living(1)
    await show()
    await living(0)
    await hide()
    await living(1)
    await tab.evaluate('platform.clearTimer(timer)')
    await living(0)
  })

  test('runs once, though both clocks come to it', limit, async () => {
    await hide()
    const ran = await tab.evaluate(
      () =>
        new Promise((resolve) => {
          let ran = 0
          platform.setTimer(() => ran++, 1)
          // The page's clock comes to this one after its copy of that one; the worker is there until then.
          platform.setTimer(() => {}, 1e9)
          setTimeout(() => setTimeout(() => resolve(ran), 1), 1)
        }),
    )
    assert.equal(ran, 1)
  })

  test("is the page's own where its policy forbids the worker, which is tried once", limit, async () => {
    await open('strict')
    await hide()
    await run(1)
    await run(1)
    assert.deepEqual([await tab.evaluate('made'), tab.workers()], [1, []])
  })
})

test('a worker of a hidden page tells that the network is back, and has no worker for its timers', async () => {
  await open()
  await tab.evaluate("void new Worker('/worker.js', { type: 'module' })")
  await living(1)
  const [worker] = tab.workers()
  await settles(() => worker.evaluate('typeof end'), 'function')
  await hide()
  await offline(worker)
  await settles(() => worker.evaluate('told'), [true])
  await worker.evaluate('new Promise((resolve) => platform.setTimer(resolve, 1))')
  assert.equal(await worker.evaluate('made'), 0)
})
