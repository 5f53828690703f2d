// The dashboard of examples/yew in headless Chromium, against a broker that comes and goes: values move, the state is
// told, and everything comes back. Leaves pictures in target/screenshots/dashboard. Conditions are waited for, never time.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { startBroker } from '../../scripts/broker.mjs'
import { buildDashboard, mounts } from '../../scripts/dashboard.mjs'
import { serve } from '../../scripts/serve.mjs'
import { root } from '../../scripts/tools.mjs'
import { startBrowser } from './browser.mjs'

const pictures = join(root, 'target/screenshots/dashboard')

/** Topic, unit, the middle and the swing of what each sensor says. */
const sensors = [
  ['kitchen/temperature', '°C', 21.5, 1.4],
  ['kitchen/humidity', '%', 48, 7],
  ['bedroom/temperature', '°C', 18.9, 0.8],
  ['bedroom/co2', 'ppm', 640, 120],
  ['garden/temperature', '°C', 9.4, 3],
  ['cellar/power', 'W', 310, 180],
]

let browser
let site
let broker
/** @type {any[]} */ let pages = []

before(async () => {
  await buildDashboard()
  mkdirSync(pictures, { recursive: true })
  browser = await startBrowser()
  site = await serve(mounts)
})
after(async () => {
  await browser?.close()
  await site?.close()
})
afterEach(async () => {
  // Chromium writes failed sockets to its console by itself; anything else is ours.
  const errors = pages.flatMap((page) => page.errors.filter((error) => !/^WebSocket connection to .* failed/.test(error)))
  await Promise.all(pages.map((page) => page.context().close()))
  await broker?.close()
  broker = undefined
  pages = []
  assert.deepEqual(errors, [])
})

async function open(context = {}) {
  broker ??= await startBroker()
  const page = await browser.open(`${site.url}?url=${encodeURIComponent(broker.url)}`, context)
  pages.push(page)
  page.setDefaultTimeout(20_000)
  page.state = (state) => page.waitForSelector(`#dashboard[data-state=${state}]`)
  page.card = (sensor) => page.locator(`[data-sensor="${sensor}"]`)
  page.value = (sensor, text) => page.card(sensor).locator('.value b').filter({ hasText: new RegExp(`^${text}$`) }).waitFor()
  page.heights = async (sensor) => {
    const points = await page.card(sensor).locator('polyline').getAttribute('points')
    return points.split(' ').map((point) => Number(point.split(',')[1]))
  }
  await page.state('connected')
  return page
}

/** Retained: who subscribes later has it too. */
const say = (sensor, payload) =>
  new Promise((resolve) => broker.aedes.publish({ topic: `sensors/${sensor}`, payload, qos: 1, retain: true }, resolve))
const tell = (sensor, value, unit = '°C') => say(sensor, JSON.stringify({ value, unit }))

/** A minute of every sensor. @param {any} page */
async function tellMinute(page) {
  for (const [at, [sensor, unit, middle, swing]] of sensors.entries()) await tell(sensor, wave(at, 0, middle, swing), unit)
  // Now the subscription stands, and nothing of what follows is missed.
  for (const [sensor] of sensors) await page.card(sensor).waitFor()
  for (let n = 1; n < 60; n++) {
    for (const [at, [sensor, unit, middle, swing]] of sensors.entries()) await tell(sensor, wave(at, n, middle, swing), unit)
  }
  await page.locator('#count', { hasText: /^360 / }).waitFor()
}

const wave = (sensor, n, middle, swing) => middle + swing * (Math.sin(n / (7 + sensor) + sensor) + 0.15 * Math.sin(n / (1.3 + sensor / 5)))

/** The broker goes; it comes back at the same port and has forgotten everything. */
async function goAway() {
  const { port } = broker
  await broker.close()
  broker = undefined
  return async () => {
    broker = await startBroker({ port })
    assert.equal(broker.port, port, 'the port is free again')
  }
}

describe('the dashboard', () => {
  test('shows values as they come, and how they have changed', async () => {
    const page = await open()
    await tell('kitchen/temperature', 21.5)
    await page.value('kitchen/temperature', '21.5')
    assert.equal(new Set(await page.heights('kitchen/temperature')).size, 1, 'one value is a level line')
    await tell('kitchen/temperature', 20)
    await tell('kitchen/temperature', 22.7)
    await page.value('kitchen/temperature', '22.7')
    const [first, second, third] = await page.heights('kitchen/temperature')
    assert.ok(third < first && first < second, `${[first, second, third]} from the top`)
    assert.equal(await page.card('kitchen/temperature').locator('.change').textContent(), '▲ 1.2')
    assert.equal(await page.card('kitchen/temperature').locator('.range').textContent(), 'min 20.0max 22.7')
  })

  test('says of a payload that is no reading that it is none, and goes on', async () => {
    const page = await open()
    await tell('garden/temperature', 9.4)
    await page.value('garden/temperature', '9.4')
    await say('garden/temperature', '{"value": "warm"}')
    await page.card('garden/temperature').locator('.fault').waitFor()
    await page.value('garden/temperature', '9.4')
    await tell('garden/temperature', 9.5)
    await page.value('garden/temperature', '9.5')
    assert.equal(await page.locator('.fault').count(), 0)
  })

  test('tells that the broker has gone, and goes on where it was when it is back', async () => {
    const page = await open()
    await tell('kitchen/temperature', 21.5)
    await page.value('kitchen/temperature', '21.5')
    const comeBack = await goAway()
    await page.state('reconnecting')
    await page.locator('#state small', { hasText: /^attempt \d+, in [\d.]+ s: / }).waitFor()
    await page.screenshot({ path: join(pictures, 'reconnecting.png') })
    await comeBack()
    await page.state('connected')
    await tell('kitchen/temperature', 22)
    await page.value('kitchen/temperature', '22.0')
    assert.equal((await page.heights('kitchen/temperature')).length, 2)
  })

  test('publishes values of its own when asked to', async () => {
    const page = await open()
    await page.locator('.empty').waitFor()
    await page.click('#sample')
    await page.locator('#sample[aria-pressed=true]').waitFor()
    await page.locator('article').nth(5).waitFor()
    await page.waitForFunction(() => document.querySelector('polyline').getAttribute('points').split(' ').length >= 3)
    await page.click('#sample')
    await page.locator('#sample[aria-pressed=false]').waitFor()
  })

  for (const [name, context] of Object.entries({
    light: { viewport: { width: 1180, height: 620 }, colorScheme: 'light' },
    dark: { viewport: { width: 1180, height: 620 }, colorScheme: 'dark' },
    phone: { viewport: { width: 320, height: 900 }, deviceScaleFactor: 2, isMobile: true },
  })) {
    test(`has room for all of it: ${name}`, async () => {
      const page = await open(context)
      await tellMinute(page)
      assert.equal((await page.heights('bedroom/co2')).length, 60)
      const { scroll, inner } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, inner: innerWidth }))
      assert.ok(scroll <= inner, `${scroll} pixels`)
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
    })
  }
})
