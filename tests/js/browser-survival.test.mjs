// A page in headless Chromium with the store in IndexedDB that is reloaded, closed and crashed in the middle, against a
// real Mosquitto: what came is in its localStorage, and what it published is counted on the other side.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'
import { root } from '../../scripts/tools.mjs'
import { startBrowser } from './browser.mjs'
import { startMosquitto } from './brokers.mjs'
import { Tally, none, startCounter, startSource, until } from './counter.mjs'
import { unique } from './scenarios.mjs'
import { count, options, series } from './survival.mjs'

/** The page: its settings stand in the fragment of its address. */
const script = `
  import { Client, IndexedDBStore } from '/pkg/index.mjs'
  const { url, clientId, options, up, down, count } = JSON.parse(decodeURIComponent(location.hash.slice(1)))
  let arrived = Object.keys(localStorage).filter((key) => key.startsWith('arrived:')).length
  const client = (window.client = new Client(url, clientId))
  client.onMessageArrived = ({ payloadString }) => localStorage.setItem('arrived:' + arrived++, payloadString)
  client.onWarning = ({ message }) => console.error(message)
  const connected = client.connect({ ...options, store: new IndexedDBStore() })
  if (!localStorage.queued) for (let one = 0; one < count; one++) client.send(up, String(one), 2)
  const { sessionPresent } = await connected
  if (!sessionPresent) await client.subscribe(down, { qos: 2 })
  localStorage.queued = window.ready = true
`
const documents = {
  '/': () => ({
    type: 'text/html; charset=utf-8',
    body: `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,"><script type="module">${script}</script>`,
  }),
}

let broker
let browser
let site
before(async () => {
  broker = await startMosquitto()
  browser = await startBrowser()
  site = await serve({ '/pkg/': join(root, 'pkg') }, { extra: documents })
})
after(async () => {
  await browser?.close()
  await site?.close()
  await broker?.close()
})

/** How a page ends; gives the page that comes after it. */
const ends = {
  async 'is reloaded'(page) {
    await page.reload()
    return page
  },
  async 'is closed, and another one opened'(page) {
    const { next } = page
    await page.close()
    return next()
  },
  async 'crashes, and another one is opened'(page) {
    const { next } = page
    const crashed = page.waitForEvent('crash')
    const devtools = await page.context().newCDPSession(page)
    devtools.send('Page.crash').catch(() => {})
    await crashed
    await page.close()
    return next()
  },
}

for (const version of [5, 4]) {
  describe(`1,000 messages each way, version ${version}, survive a page that`, () => {
    for (const [title, end] of Object.entries(ends)) test(title, () => survive(version, end))
  })
}

/** @param {number} version @param {(page: any) => Promise<any>} end */
async function survive(version, end) {
  const ending = 8
  const random = series(version)
  const [up, down] = [unique('up'), unique('down')]
  const counter = await startCounter(broker, up)
  const source = await startSource(broker)
  const settings = {
    url: broker.url,
    clientId: unique('p').replaceAll('/', ''),
    options: options(broker, version),
    up,
    down,
    count,
  }
  const errors = []
  const first = await browser.open('about:blank')
  const context = first.context()
  const next = async () => {
    const page = await context.newPage()
    page.on('pageerror', (error) => errors.push(`${error}`))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    await page.goto(`${site.url}#${encodeURIComponent(JSON.stringify(settings))}`)
    return Object.assign(page, { next })
  }
  let page = await next()
  await page.waitForFunction('window.ready')
  const sent = source.publish(down, 0, count)
  for (let kill = 0; kill < ending; kill++) {
    const enough = (kill * count) / ending + random(count / ending)
    await until(() => counter.tally.payloads.length >= enough, () => `${enough} messages, ${counter.tally.payloads.length} came`)
    page = await end(page)
  }
  await sent
  await source.publish(down, count, count + 1)
  await page.waitForFunction('window.ready')
  await page.evaluate(([topic, last]) => window.client.publish(topic, last, { qos: 2 }), [up, String(count)])
  await page.waitForFunction((last) => Object.values(localStorage).includes(last), String(count))
  await counter.tally.reach(count + 1)
  assert.deepEqual(counter.tally.faults(count + 1), none, 'up')
  const received = new Tally()
  const payloads = await page.evaluate(() => Object.entries(localStorage).filter(([k]) => k.startsWith('arrived:')))
  for (const [, payload] of payloads) received.put(payload)
  assert.deepEqual(received.faults(count + 1), none, 'down')
  assert.deepEqual(errors, [])
  await page.evaluate(() => window.client.disconnect())
  await context.close()
  await Promise.all([counter.close(), source.close()])
}
