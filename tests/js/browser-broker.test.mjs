// The scenarios of scenarios.mjs from a page in headless Chromium, through the built package, against Mosquitto and
// aedes; also from a worker, by the slim entry, and over TLS.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'
import { root } from '../../scripts/tools.mjs'
import { startAedes, startMosquitto } from './brokers.mjs'
import { startBrowser } from './browser.mjs'
import { startProxy } from './proxy.mjs'
import { scenarios, sharedSubscription } from './scenarios.mjs'

const html = (/** @type {string} */ body) => () => ({
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><meta charset="utf-8"><title>page</title>${body}`,
})
const documents = {
  '/': html(
    `<script type="importmap">{ "imports": { "wasmqtt": "/pkg/index.mjs", "wasmqtt/slim": "/pkg/slim.mjs" } }</script><link rel="icon" href="data:,">`,
  ),
  '/worker.js': () => ({
    type: 'text/javascript; charset=utf-8',
    body: `
      import * as wasmqtt from '/pkg/index.mjs'
      import { scenarios } from '/tests/scenarios.mjs'
      addEventListener('message', ({ data }) => {
        scenarios[data.title].run({ wasmqtt, ...data.place }).then(() => postMessage('fine'), (error) => postMessage(String(error)))
      })`,
  }),
}

let browser
let site
before(async () => {
  browser = await startBrowser()
  site = await serve({ '/pkg/': join(root, 'pkg'), '/tests/': join(root, 'tests/js') }, { extra: documents })
})
after(async () => {
  await browser?.close()
  await site?.close()
})

/** A page on which the scenarios run, with the line of the test that is at work. */
async function openPage(options) {
  const page = await browser.open(site.url, options)
  const line = { proxy: null }
  await page.exposeFunction('cut', () => line.proxy?.cut())
  await page.exposeFunction('freeze', () => line.proxy?.freeze())
  return { page, line }
}

/** Runs one scenario on the page; what it throws there is thrown here. */
function runOn(page, module, title, place) {
  return page.evaluate(
    async ([from, name, given]) => {
      const wasmqtt = await import(from)
      const { scenarios, sharedSubscription } = await import('/tests/scenarios.mjs')
      const { cut, freeze } = /** @type {any} */ (window)
      await { ...scenarios, ...sharedSubscription }[name].run({ ...given, wasmqtt, cut, freeze })
    },
    [module, title, place],
  )
}

const brokers = {
  mosquitto: { start: startMosquitto, list: { ...scenarios, ...sharedSubscription } },
  'aedes, naive stream': { start: () => startAedes('naive'), list: scenarios },
}

for (const [name, { start, list }] of Object.entries(brokers)) {
  describe(`in Chromium against ${name}`, () => {
    let broker
    let opened
    before(async () => {
      broker = await start()
      opened = await openPage()
    })
    after(() => broker?.close())

    for (const version of [3, 4, 5]) {
      for (const [title, { versions = [3, 4, 5] }] of Object.entries(list)) {
        if (!versions.includes(version)) continue
        test(`version ${version}: ${title}`, async () => {
          const proxy = await startProxy(broker.port)
          opened.line.proxy = proxy
          const { url, userName, password } = broker
          try {
            await runOn(opened.page, 'wasmqtt', title, {
              version,
              url,
              weakUrl: `ws://127.0.0.1:${proxy.port}/mqtt`,
              userName,
              password,
            })
          } finally {
            await proxy.close()
          }
        })
      }
    }
  })
}

describe('in Chromium, other ways in', () => {
  const title = 'every QoS goes round, in order and once'
  let broker
  before(async () => {
    broker = await startMosquitto()
  })
  after(() => broker?.close())
  const place = (url = broker.url) => ({ version: 5, url, weakUrl: url, userName: broker.userName, password: broker.password })

  test('the slim entry fetches the wasm beside it', async () => {
    const { page } = await openPage()
    const asked = page.waitForRequest((request) => request.url().endsWith('/pkg/wasmqtt.wasm'))
    await runOn(page, 'wasmqtt/slim', title, place())
    await asked
    assert.deepEqual(page.errors, [])
  })

  test('a worker', async () => {
    const { page } = await openPage()
    const said = await page.evaluate(
      (message) =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/worker.js', { type: 'module' })
          worker.addEventListener('message', ({ data }) => resolve(data))
          worker.addEventListener('error', (event) => reject(new Error(event.message)))
          worker.postMessage(message)
        }),
      { title, place: place() },
    )
    assert.equal(said, 'fine')
  })

  test('TLS, where the certificate is accepted', async () => {
    const { page } = await openPage({ ignoreHTTPSErrors: true })
    await runOn(page, 'wasmqtt', title, place(broker.tlsUrl))
  })

  test('TLS, where it is not: refused in words', async () => {
    const { page } = await openPage()
    await assert.rejects(runOn(page, 'wasmqtt', title, place(broker.tlsUrl)), /AMQJS0007E|AMQJS0008I/)
  })
})
