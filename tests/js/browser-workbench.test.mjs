// The workbench page in headless Chromium, against the embedded broker: what a person does by its controls, what the
// page says of it, and what the broker got. Conditions are waited for, never time.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { Ring, Selection } from '../../examples/web/ring.js'
import { dictionaries } from '../../examples/web/words.js'
import { listen, startBroker } from '../../scripts/broker.mjs'
import { serve } from '../../scripts/serve.mjs'
import { root } from '../../scripts/tools.mjs'
import { startBrowser } from './browser.mjs'

const refused = Object.assign(new Error('no'), { returnCode: 4 })
const options = {
  authenticate: (_client, user, _password, done) => (`${user}` === 'mallory' ? done(refused, null) : done(null, true)),
  authorizeSubscribe: (_client, subscription, done) => done(null, subscription.topic.startsWith('secret') ? null : subscription),
}

let browser
let site
let broker
/** What the broker got from pages, in order. */
let published = []
/** @type {any[]} */
let pages = []

before(async () => {
  browser = await startBrowser()
  site = await serve({ '/': join(root, 'examples/web'), '/pkg/': join(root, 'pkg') })
  broker = await startBroker({ options })
  broker.aedes.on('publish', (packet, client) => client && published.push(packet))
})
after(async () => {
  await browser?.close()
  await site?.close()
  await broker?.close()
})
afterEach(async () => {
  // Chromium writes failed sockets to its console by itself; anything else is ours.
  const isOurs = (page) => (error) => !page.maySeeNobody || !/^WebSocket connection to .* failed/.test(error)
  const errors = pages.flatMap((page) => page.errors.filter(isOurs(page)))
  await Promise.all(pages.map((page) => page.context().close()))
  pages = []
  published = []
  assert.deepEqual(errors, [])
})

/**
 * A broker that can go away and come back to its port, until the test ends; it has forgotten everything by then.
 * @param {import('node:test').TestContext} t
 */
async function startRestartable(t) {
  const home = {
    url: '',
    port: 0,
    /** @type {string[]} */ published: [],
    /** @type {Awaited<ReturnType<typeof startBroker>> | null} */ running: null,
    async start() {
      const started = (home.running = await startBroker({ port: home.port, options }))
      assert.ok(home.port === 0 || home.port === started.port, 'the port is free again')
      Object.assign(home, { url: started.url, port: started.port })
      started.aedes.on('publish', (packet, client) => client && home.published.push(packet.payload.toString()))
    },
    async stop() {
      const { running } = home
      home.running = null
      // Who comes back at once may still find the door open, and would hold it open.
      const sweep = setInterval(() => running?.sockets.forEach((socket) => socket.terminate()), 10)
      await running?.close()
      clearInterval(sweep)
    },
  }
  await home.start()
  t.after(home.stop)
  return home
}

/** The workbench, with the broker's address filled in. `maySeeNobody`: sockets may fail on it. */
async function open({ url = broker.url, maySeeNobody = false, ...context } = {}) {
  const page = await browser.open(`${site.url}?url=${encodeURIComponent(url)}`, { locale: 'en-GB', ...context })
  page.setDefaultTimeout(15_000)
  await page.locator('main:not([inert])').waitFor()
  page.maySeeNobody = maySeeNobody
  pages.push(page)
  // The tabs that a phone has and a desktop has not.
  page.tab = async (name) => (await page.locator('#tabs').isVisible()) && page.click(`#tabs [data-tab=${name}]`)
  page.state = (state) => page.waitForSelector(`body[data-state=${state}]`)
  page.says = (selector, text) => page.locator(selector).filter({ hasText: text }).first().waitFor()
  page.received = (count) => page.says('#counts', new RegExp(`^${count.toLocaleString('en')} received`))
  return page
}

/** @param {object} [context] @param {(page: any) => Promise<unknown>} [enter] fills in the form */
async function connected(context, enter = async () => {}) {
  const page = await open(context)
  await enter(page)
  await page.click('#connect')
  await page.state('connected')
  return page
}

async function subscribe(page, filter, qos = 0) {
  await page.tab('subscriptions')
  await page.fill('#subscribe-form [name=filter]', filter)
  await page.selectOption('#subscribe-form [name=qos]', String(qos))
  await page.click('#subscribe-form [type=submit]')
  await page.locator('#subscription-list li', { hasText: filter }).and(page.locator(':not([data-state=pending])')).waitFor()
}

async function publish(page, { topic, payload, kind = 'text', qos = 0, retain = false }) {
  await page.tab('publisher')
  await page.fill('#publish-form [name=topic]', topic)
  await page.fill('#payload', payload)
  await page.selectOption('#publish-form [name=kind]', kind)
  await page.selectOption('#publish-form [name=qos]', String(qos))
  await page.setChecked('#publish-form [name=retain]', retain)
  await page.click('#publish-form [type=submit]')
}

async function openProperties(page) {
  await page.click('#publish-form details.v5 summary')
  await page.fill('#publish-form [name=contentType]', 'application/json')
  await page.fill('#publish-form [name=correlationData]', '0x0aff')
  await page.fill('#publish-form [name=userProperties]', 'trace: x1\ntrace: x2')
}

const rowWith = (page, text) => page.locator('.row', { hasText: text })

describe('the workbench', () => {
  test('connects by what the address bar says, and says what came of it', async () => {
    const page = await connected()
    await page.says('#state', `Connected by MQTT 5.0 to 127.0.0.1:${broker.port}`)
    await page.says('#connected-facts', 'new')
    await page.click('#connected summary')
    await page.says('#server-facts', 'Receive maximum')
    await page.says('#server-facts', 'Maximum QoS')
    await page.click('#disconnect')
    await page.state('closed')
    await page.says('#connect', 'Connect again')
  })

  test('publishes text, JSON and hex at each QoS, and the broker gets just that', async () => {
    const page = await connected()
    await subscribe(page, 'lab/#', 2)
    await openProperties(page)
    await publish(page, { topic: 'lab/text', payload: 'grüße 你好', qos: 0 })
    await publish(page, { topic: 'lab/json', payload: '{ "id": 9007199254740993, "deep": { "a": [1, null] } }', kind: 'json', qos: 1, retain: true })
    await publish(page, { topic: 'lab/hex', payload: '00 ff 0x10', kind: 'hex', qos: 2 })
    await page.received(3)
    await page.waitForFunction(() => document.querySelectorAll('#publish-log [data-state=done]').length === 3)

    const got = published.map(({ topic, payload, qos, retain }) => [topic, payload.toString('hex'), qos, retain])
    const hex = (/** @type {string} */ text) => Buffer.from(text).toString('hex')
    assert.deepEqual(got, [
      ['lab/text', hex('grüße 你好'), 0, false],
      ['lab/json', hex('{ "id": 9007199254740993, "deep": { "a": [1, null] } }'), 1, true],
      ['lab/hex', '00ff10', 2, false],
    ])
    assert.deepEqual({ ...published[0].properties.userProperties }, { trace: ['x1', 'x2'] })
    assert.equal(published[0].properties.contentType, 'application/json')
    assert.equal(published[0].properties.correlationData.toString('hex'), '0aff')

    await page.says('#subscription-list li', 'QoS 2')
    assert.equal(await page.textContent('#subscription-list b'), '3')
    assert.match(await rowWith(page, 'lab/hex').textContent(), /Q2.*00 ff 10.*3 B/)
    await rowWith(page, 'lab/json').click()
    await page.says('#detail-facts', 'trace: x2')
    await page.says('#detail-facts', '0x0aff')
    await page.says('#detail-payload', '9007199254740993')
    assert.equal(await page.getAttribute('#view-json', 'aria-selected'), 'true')
    await page.click('#view-hex')
    await page.says('#detail-payload', '000000  7b 20 22 69 64 22')
    await page.click('#view-text')
    await page.says('#detail-payload', '{ "id": 9007199254740993')
    await rowWith(page, 'lab/hex').click()
    await page.says('#detail-note', 'Not UTF-8')
    await page.says('#detail-payload', '000000  00 ff 10')
  })

  test('marks what was retained, and puts a message back into the form', async () => {
    const page = await connected()
    await publish(page, { topic: 'kept/one', payload: 'still here', qos: 1, retain: true })
    await page.says('#publish-log', 'acknowledged')
    await subscribe(page, 'kept/#', 1)
    await page.received(1)
    assert.equal(await rowWith(page, 'kept/one').locator('abbr.retained').textContent(), 'R')
    await rowWith(page, 'kept/one').click()
    await page.fill('#publish-form [name=topic]', 'elsewhere')
    await page.click('#reuse')
    assert.equal(await page.inputValue('#publish-form [name=topic]'), 'kept/one')
    assert.equal(await page.inputValue('#payload'), 'still here')
  })

  test('says in place what cannot be sent', async () => {
    const page = await connected()
    for (const [form, words] of [
      [{ topic: '', payload: 'x' }, 'A message needs a topic.'],
      [{ topic: 'a/#', payload: 'x' }, 'no wildcard'],
      [{ topic: 'a', payload: '{', kind: 'json' }, 'This is not JSON'],
      [{ topic: 'a', payload: '123', kind: 'hex' }, 'pairs of the digits'],
      [{ topic: 'a', payload: '*', kind: 'base64' }, 'not Base64'],
    ]) {
      await publish(page, /** @type {any} */ (form))
      await page.says('#publish-error', words)
    }
    assert.deepEqual(published, [])
  })

  test('ends a wrong address in words', async () => {
    const free = createServer()
    const port = await listen(free, 0)
    await new Promise((resolve) => free.close(resolve))
    const page = await open({ url: `ws://127.0.0.1:${port}/mqtt`, maySeeNobody: true })
    await page.click('#connect')
    await page.state('failed')
    await page.says('#connection-error', 'Nothing could be reached there')
    await page.fill('[name=address]', 'broker.example.com')
    await page.click('#connect')
    await page.says('#connection-error', 'must begin with ws:// or wss://')
  })

  for (const [version, name] of [['5', 'Bad user name or password (0x86)'], ['4', 'Bad user name or password (4)']]) {
    test(`shows why a login was refused, version ${version}`, async () => {
      const page = await open()
      await page.selectOption('[name=version]', version)
      await page.fill('[name=userName]', 'mallory')
      await page.fill('[name=password]', 'guess')
      await page.click('#connect')
      await page.state('refused')
      await page.says('#connection-error', name)
    })
  }

  test('gives up connecting when told to', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    const port = await listen(silent, 0)
    try {
      const page = await open({ url: `ws://127.0.0.1:${port}/mqtt`, maySeeNobody: true })
      await page.press('[name=address]', 'Enter')
      await page.says('#state', 'Connecting to')
      await page.click('#cancel')
      await page.state('cancelled')
    } finally {
      silent.close()
    }
  })

  test('tells of a lost connection, and takes the subscriptions along into the next', async () => {
    const page = await connected({}, async (form) => {
      await form.click('#when-lost summary')
      await form.uncheck('[name=reconnect]')
    })
    await subscribe(page, 'again', 1)
    for (const socket of broker.sockets) socket.terminate()
    await page.state('lost')
    await page.says('#connection-error', 'The server closed the connection')
    await page.says('.substate', 'waits for a connection')
    await page.click('#again')
    await page.state('connected')
    await page.locator('#subscription-list [data-state=granted]').waitFor()
    await publish(page, { topic: 'again', payload: 'and again' })
    await page.received(1)
  })

  test('queues while it reconnects, counts down to each attempt, and delivers when the broker is back', async (t) => {
    const home = await startRestartable(t)
    const page = await connected({ url: home.url, maySeeNobody: true })
    await subscribe(page, 'r/#', 1)
    await page.says('#pending', '0 pending')
    await home.stop()
    await page.state('reconnecting')
    await page.says('.substate', 'waits for a connection')
    await publish(page, { topic: 'r/1', payload: 'first', qos: 1 })
    await publish(page, { topic: 'r/0', payload: 'second', qos: 0 })
    await page.waitForFunction(() => document.querySelectorAll('#publish-log [data-state=queued]').length === 2)
    await page.says('#pending', '2 pending')
    // The same attempt in the same words, which are read out at each change, and less time until it.
    await page.waitForFunction(() => {
      const state = document.querySelector('#state').textContent
      const left = Number(/^next in (\d+) s$/.exec(document.querySelector('#next').textContent)?.[1])
      const passed = /attempt \d/.test(state) && state === window.before?.state && left > 0 && left < window.before.left
      window.before = { state, left }
      return passed
    }, null, { timeout: 60_000 })
    await home.start()
    await page.click('#try-now')
    await page.state('connected')
    await page.waitForFunction(() => document.querySelectorAll('#publish-log [data-state=done]').length === 2)
    await page.says('#publish-log', 'delivered after')
    await page.says('#pending', '0 pending')
    await page.received(2)
    await page.says('#events', /Connection lost\. .*/)
    await page.says('#events', 'Attempt 1 failed.')
    await page.says('#events', 'Nothing could be reached there')
    // In the broker one QoS may overtake another.
    assert.deepEqual(home.published.sort(), ['first', 'second'])
    assert.equal(await page.textContent('#next'), '')
    assert.equal(await page.textContent('#trip-p50'), '–', 'what waited in the queue was no round trip')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'disconnect', 'the keyboard has not lost its place')
    await page.locator('#subscription-list [data-state=granted]').waitFor()
  })

  test('tries at once when told to', async (t) => {
    const home = await startRestartable(t)
    const page = await open({ url: home.url, maySeeNobody: true })
    await page.clock.install()
    await page.click('#connect')
    await page.state('connected')
    await home.stop()
    // Time goes by in jumps until there is a long wait, and then stands still.
    let left = 0
    for (let tries = 0; left < 20; tries++) {
      assert.ok(tries < 100, 'the waits grow')
      await page.says('#next', /next in \d+ s/)
      left = Number(/\d+/.exec(await page.textContent('#next'))?.[0])
      if (left < 20) await page.clock.fastForward(left * 1000)
    }
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 10_000))
    await home.start()
    await page.click('#try-now')
    await page.clock.runFor(1)
    await page.state('connected')
    await page.clock.resume()
  })

  test('gives up when told to disconnect while it reconnects', async (t) => {
    const home = await startRestartable(t)
    const page = await connected({ url: home.url, maySeeNobody: true })
    await home.stop()
    await page.state('reconnecting')
    await publish(page, { topic: 'r', payload: 'late', qos: 1 })
    await page.tab('connection')
    await page.says('#pending', '1 pending')
    await page.click('#disconnect')
    await page.says('#disconnect', 'Disconnect now')
    await page.click('#disconnect')
    await page.state('closed')
    await page.locator('#publish-log [data-state=failed]').waitFor()
    assert.equal(await page.textContent('#pending'), '')
  })

  for (const [overflow, row, words] of [
    ['reject', 'queued…', 'The queue is full'],
    ['drop-oldest', 'Dropped: the queue was full.', ''],
  ]) {
    test(`says what becomes of a message when the queue is full: ${overflow}`, async (t) => {
      const home = await startRestartable(t)
      const page = await connected({ url: home.url, maySeeNobody: true }, async (form) => {
        await form.click('#when-lost summary')
        await form.fill('[name=queueSize]', '1')
        await form.selectOption('[name=overflow]', overflow)
      })
      await home.stop()
      await page.state('reconnecting')
      await publish(page, { topic: 'q', payload: 'first', qos: 1 })
      await publish(page, { topic: 'q', payload: 'second', qos: 1 })
      await page.says('#publish-log li:last-child', row)
      if (words) await page.says('#publish-error', words)
      assert.equal(await page.isVisible('#publish-error'), words !== '')
      await page.says('#pending', '1 pending')
    })
  }

  test('says that nothing is queued when the queue is off', async (t) => {
    const home = await startRestartable(t)
    const page = await connected({ url: home.url, maySeeNobody: true }, async (form) => {
      await form.click('#when-lost summary')
      await form.uncheck('[name=offline]')
    })
    await home.stop()
    await page.state('reconnecting')
    await publish(page, { topic: 'q', payload: 'x', qos: 1 })
    await page.says('#publish-error', 'There is no connection that takes this')
    await page.says('#pending', '0 pending')
  })

  test('delivers after a reload what was queued before it, from one tab at a time', async (t) => {
    const home = await startRestartable(t)
    const page = await connected({ url: home.url, maySeeNobody: true }, async (form) => {
      await form.locator('#connect-form details:has([name=store]) summary').click()
      await form.check('[name=store]')
      assert.equal(await form.isVisible('[name=cleanStart]'), false)
    })
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.click('#connect')
    await other.locator('#connection-error', { hasText: 'The store is in use by another page' }).waitFor()
    await other.close()

    await home.stop()
    await page.state('reconnecting')
    await publish(page, { topic: 'kept', payload: 'from before', qos: 1 })
    await page.says('#pending', '1 pending')
    await page.reload()
    await page.locator('main:not([inert])').waitFor()
    await home.start()
    await page.click('#connect')
    await page.state('connected')
    await page.says('#events', 'Messages kept in this browser, sent now: 1')
    await page.says('#pending', '0 pending')
    assert.deepEqual(home.published, ['from before'])
  })

  test('warns of a subscription that the server takes back after reconnecting', async () => {
    let isOpen = true
    const own = await startBroker({
      options: { authorizeSubscribe: (_client, subscription, done) => done(null, isOpen || subscription.topic === 'open' ? subscription : null) },
    })
    try {
      const page = await connected({ url: own.url })
      await subscribe(page, 'open')
      await subscribe(page, 'closed')
      isOpen = false
      for (const socket of own.sockets) socket.terminate()
      await page.says('#events [role=alert]', 'refused a topic filter that was subscribed again: closed')
      await page.says('#subscription-list [data-state=refused]', 'closed')
      await page.says('#subscription-list [data-state=granted]', 'open')
    } finally {
      await own.close()
    }
  })

  test('waits for what is in flight before it disconnects, and no longer when told twice', async () => {
    /** @type {(() => void)[]} */ const held = []
    const own = await startBroker({ options: { authorizePublish: (_client, _packet, done) => held.push(() => done(null)) } })
    try {
      const page = await connected({ url: own.url })
      await publish(page, { topic: 'slow', payload: 'x', qos: 1 })
      await page.says('#pending', '1 pending')
      await page.click('#disconnect')
      await page.says('#state', 'when nothing is pending')
      assert.equal(await page.getAttribute('body', 'data-state'), 'connected')
      held.splice(0).forEach((go) => go())
      await page.state('closed')
      await page.says('#publish-log [data-state=done]', 'acknowledged')

      await page.click('#again')
      await page.state('connected')
      await publish(page, { topic: 'slow', payload: 'x', qos: 1 })
      await page.says('#pending', '1 pending')
      await page.click('#disconnect')
      await page.click('#disconnect', { timeout: 5000 })
      await page.state('closed')
      await page.says('#publish-log [data-state=failed]', 'lost before the server acknowledged')
    } finally {
      held.forEach((go) => go())
      await own.close()
    }
  })

  test('reports a refused filter, and unsubscribes from a granted one', async () => {
    const page = await connected()
    await subscribe(page, 'secret/#')
    await page.says('.substate', 'Refused: ')
    await subscribe(page, 'open/#')
    const gone = new Promise((resolve) => broker.aedes.once('unsubscribe', (filters) => resolve(filters)))
    await page.getByRole('button', { name: 'Unsubscribe from open/#' }).click()
    assert.deepEqual(await gone, ['open/#'])
    await page.locator('#subscription-list', { hasText: 'open/#' }).waitFor({ state: 'detached' })
  })

  test('offers nothing of MQTT 5 to an MQTT 3.1.1 connection, and works', async () => {
    const page = await open()
    await page.selectOption('[name=version]', '4')
    await page.click('#connect')
    await page.says('#state', 'MQTT 3.1.1')
    for (const part of await page.locator('.v5').all()) assert.equal(await part.isVisible(), false)
    await subscribe(page, 'old', 2)
    await publish(page, { topic: 'old', payload: 'fashioned', qos: 2 })
    await page.received(1)
  })

  test('counts twenty-three thousand messages, keeps twenty thousand, shows a few dozen', async () => {
    const page = await connected()
    await subscribe(page, 'flood')
    await page.click('#repeat summary')
    await page.fill('#publish-form [name=topic]', 'flood')
    await page.fill('#payload', 'message {{n}}.')
    for (const [count, total] of [[20_000, 20_000], [3000, 23_000]]) {
      await page.fill('#publish-form [name=count]', String(count))
      await page.click('#repeat-start')
      await page.received(total)
      await page.says('#repeat-progress', `${count.toLocaleString('en')} of ${count.toLocaleString('en')} sent`)
      assert.ok((await page.locator('.row').count()) < 60)
    }
    await page.says('#counts', '3,000 older ones no longer kept')
    await page.says('.row', 'message 3000.')
    assert.equal(await page.textContent('#subscription-list b'), '23,000')

    await page.fill('#search', 'MESSAGE 12345.')
    await page.says('#counts', '1 found')
    assert.deepEqual(await page.locator('.row:not([hidden]) .payload').allTextContents(), ['message 12345.'])
    await page.fill('#search', '')
    await page.click('#clear')
    await page.received(0)
  })

  test('stands still while paused, and follows again', async () => {
    const page = await connected()
    await subscribe(page, 'p')
    await publish(page, { topic: 'p', payload: 'before' })
    await page.received(1)
    await page.click('#pause')
    await publish(page, { topic: 'p', payload: 'meanwhile' })
    await page.says('#follow', '1 new')
    assert.deepEqual(await page.locator('.row:not([hidden]) .payload').allTextContents(), ['before'])
    await page.click('#follow')
    await page.says('.row', 'meanwhile')
  })

  test('can be walked through by keyboard', async () => {
    const page = await connected()
    await subscribe(page, 'k')
    for (const payload of ['first', 'second', 'third']) await publish(page, { topic: 'k', payload })
    await page.received(3)
    await page.press('#list', 'ArrowUp')
    await page.says('#detail-payload', 'third')
    await page.press('#list', 'ArrowUp')
    await page.says('#detail-payload', 'second')
    await page.press('#list', 'Home')
    await page.says('#detail-payload', 'first')
    await page.locator('.row[aria-selected=true] .payload', { hasText: 'first' }).waitFor()
    await page.press('#view-text', 'ArrowLeft')
    await page.says('#detail-payload', '000000  66 69 72 73 74')
    await page.press('#detail-payload', 'Escape')
    await page.locator('#detail').waitFor({ state: 'hidden' })
    assert.equal(await page.evaluate(() => document.activeElement.id), 'list')
  })

  test('publishes nothing unasked; the ping is measured and is no traffic', async () => {
    const page = await connected()
    await subscribe(page, 'wasmqtt/#')
    await subscribe(page, 'mine')
    assert.deepEqual(published, [])
    await page.check('#ping')
    await page.locator('#trip-p50', { hasText: 'ms' }).waitFor()
    assert.match(published[0].topic, /^wasmqtt\/workbench\/[0-9a-f]+\/ping$/)
    await publish(page, { topic: 'mine', payload: 'x' })
    await rowWith(page, 'mine').waitFor()
    assert.equal(await page.textContent('#counts'), '1 received')
  })

  test('takes markup from the network for text', async () => {
    const page = await connected()
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>'
    await subscribe(page, '+')
    await publish(page, { topic: markup.replaceAll('/', ''), payload: markup })
    await page.received(1)
    await rowWith(page, 'onerror').click()
    await page.says('#detail-payload', markup)
    assert.equal(await page.locator('#messages img, #messages .row b, #detail-payload b, #publish-log img').count(), 0)
  })

  test('remembers the form but not the password, and lives without storage', async () => {
    const page = await open()
    await page.fill('[name=userName]', 'alice')
    await page.fill('[name=password]', 'correct horse')
    await page.click('#connect')
    await page.state('connected')
    await subscribe(page, 'remembered')
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage })), /correct horse/)
    await page.reload()
    await page.locator('main:not([inert])').waitFor()
    assert.equal(await page.inputValue('[name=userName]'), 'alice')
    await page.says('#subscription-list', 'remembered')

    await page.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('blocked', 'SecurityError') } })
    })
    await page.reload()
    await page.locator('main:not([inert])').waitFor()
    assert.equal(await page.inputValue('[name=userName]'), '')
    await page.click('#connect')
    await page.state('connected')
  })

  test('has a policy that lets the library keep time while the page is hidden: in a worker', async () => {
    const page = await open()
    const answer = await page.evaluate(() => {
      const worker = new Worker(URL.createObjectURL(new Blob(['postMessage("here")'], { type: 'text/javascript' })))
      return new Promise((resolve) => {
        worker.onmessage = (event) => resolve(event.data)
        worker.onerror = () => resolve('refused')
      })
    })
    assert.equal(answer, 'here')
  })

  test('follows the colours of the system', async () => {
    const background = async (colorScheme) => {
      const page = await open({ colorScheme })
      return page.evaluate(() => getComputedStyle(document.querySelector('.do')).backgroundColor)
    }
    const [light, dark] = [await background('light'), await background('dark')]
    assert.notEqual(light, dark)
    const brightness = (/** @type {string} */ colour) => Number(/\d+/.exec(colour)?.[0])
    assert.ok(brightness(light) > 200 && brightness(dark) < 60, `${light} and ${dark}`)
  })

  for (const width of [320, 390]) {
    test(`fits a phone of ${width} pixels, with targets for fingers`, async () => {
      const page = await connected({ viewport: { width, height: 700 }, hasTouch: true, isMobile: true })
      await subscribe(page, `a/${'very/'.repeat(20)}long/filter/#`)
      await publish(page, { topic: `a/${'very/'.repeat(20)}long/filter/x`, payload: 'word'.repeat(200) })
      await page.says('#tab-count', '1')
      for (const tab of ['connection', 'subscriptions', 'publisher', 'messages']) {
        await page.tab(tab)
        for (const summary of await page.locator('summary:visible').all()) await summary.click()
        const { scroll, inner, small } = await page.evaluate(() => ({
          scroll: Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll('.do, .see')].map((part) => part.scrollWidth)),
          inner: innerWidth,
          small: [...document.querySelectorAll('button, input:not([type=checkbox]), select, textarea, summary, .check:not(.tight)')]
            .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 40)
            .map((control) => control.outerHTML),
        }))
        assert.ok(scroll <= inner, `${tab}: ${scroll} pixels`)
        assert.deepEqual(small, [])
      }
      await rowWith(page, 'very').click()
      assert.ok(await page.evaluate(() => document.querySelector('#detail').scrollWidth <= innerWidth))
    })
  }

  for (const locale of ['en-GB', 'zh-CN']) {
    test(`has room on a phone for all that reconnecting says, ${locale}`, async (t) => {
      const home = await startRestartable(t)
      const page = await connected({ url: home.url, maySeeNobody: true, locale, viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true })
      await home.stop()
      await page.state('reconnecting')
      await publish(page, { topic: 'q', payload: 'x' })
      await page.waitForFunction(() => document.querySelector('#pending').textContent.includes('1'))
      await page.says('#next', /\d+ (s|秒)/)
      const { outside, small } = await page.evaluate(() => {
        const parts = [...document.querySelectorAll('body > header > *, #status > *')].filter((part) => part.checkVisibility())
        return {
          outside: parts.filter((part) => part.getBoundingClientRect().right > innerWidth || part.scrollWidth > part.clientWidth + 1).map((part) => part.outerHTML),
          small: parts.filter((part) => part.matches('button') && part.getBoundingClientRect().height < 40).map((part) => part.id),
        }
      })
      assert.deepEqual([outside, small], [[], []])
    })
  }

  test('speaks Chinese, by the browser or by the switch', async () => {
    const page = await open({ locale: 'zh-CN' })
    await page.says('#state', '未连接')
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN')
    await page.click('#language')
    await page.says('#state', 'Not connected')
  })

  test('has every word in both languages, and each word that the page asks for', () => {
    const { en, zh } = dictionaries
    assert.deepEqual(Object.keys(en).filter((key) => !(key in zh)), [])
    // Sentences that the library has in English by itself.
    assert.deepEqual(Object.keys(zh).filter((key) => !(key in en) && !/^error-\d+$/.test(key)), [])
    const html = readFileSync(join(root, 'examples/web/index.html'), 'utf8')
    const asked = [...html.matchAll(/data-word(?:-label|-placeholder)?="([^"]+)"/g)].map((match) => match[1])
    assert.ok(asked.length > 50)
    assert.deepEqual(asked.filter((key) => !(key in en)), [])
  })

  test('keeps no more bytes than agreed, and finds what came after a search began', () => {
    const ring = new Ring(10, 1000)
    const message = (/** @type {string} */ topic, /** @type {number} */ size) => ({ topic, payloadBytes: new Uint8Array(size) })
    for (let n = 0; n < 5; n++) ring.push(message(`big/${n}`, 400), 0)
    assert.deepEqual([ring.first, ring.next, ring.bytes], [3, 5, 800])
    const selection = new Selection(ring, 'SMALL')
    selection.advance()
    assert.equal(selection.length, 0)
    for (let n = 0; n < 12; n++) ring.push(message(n % 2 ? 'small' : 'other', 1), 0)
    selection.advance()
    assert.deepEqual(Array.from({ length: selection.length }, (_, n) => selection.row(n).number), [8, 10, 12, 14, 16])
  })
})
