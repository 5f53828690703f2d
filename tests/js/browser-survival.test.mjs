// A page in headless Chromium with the store in IndexedDB that is reloaded, closed and crashed in the middle, against a
// real Mosquitto. What came is recorded by the page in one write with what the client wants stored, so that no end at any
// instruction can fall between the two; what it published is counted on the other side.

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
  const arrived = (window.arrived = [])
  const collected = []
  class Store extends IndexedDBStore {
    async load(name) {
      const records = await super.load(name)
      for (const [key, value] of records) {
        if (key[0] !== 'x') continue
        keys.add(key)
        arrived.push(new TextDecoder().decode(value))
      }
      return records.filter(([key]) => key[0] !== 'x')
    }
    write(changes, failed) {
      const own = collected.splice(0).map((payload) => ({ key: 'x' + payload, value: new TextEncoder().encode(payload) }))
      // A message that came twice would take its own place: it must be seen.
      for (const change of own) while (keys.has(change.key)) change.key += 'x'
      for (const { key } of own) keys.add(key)
      return super.write(changes.concat(own), failed)
    }
  }
  const keys = new Set()
  const client = (window.client = new Client(url, clientId))
  client.onMessageArrived = ({ payloadString }) => {
    arrived.push(payloadString)
    collected.push(payloadString)
  }
  client.onWarning = ({ message }) => console.error(message)
  const connected = client.connect({ ...options, store: new Store() })
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
  try {
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
    await page.waitForFunction((last) => window.arrived.includes(last), String(count))
    await counter.tally.reach(count + 1)
    assert.deepEqual(counter.tally.faults(count + 1), none, 'up')
    const received = new Tally()
    for (const payload of await page.evaluate(() => window.arrived)) received.put(payload)
    assert.deepEqual(received.faults(count + 1), none, 'down')
    assert.deepEqual(errors, [])
    await page.evaluate(() => window.client.disconnect())
  } finally {
    await Promise.all([context.close(), counter.close(), source.close()])
  }
}
