// The packed package in a page: through Vite's development server, through Vite's build, and as the script build on a
// page that was written for Paho. Opened in Chromium, with a broker behind it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { build, createLogger, createServer } from 'vite'
import { startBroker } from '../../scripts/broker.mjs'
import { serve } from '../../scripts/serve.mjs'
import { startBrowser } from './browser.mjs'
import { makeProject } from './project.mjs'

const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>page</title>'

const program = `
const client = await connect(new URLSearchParams(location.search).get('url'))
let arrive
const arrived = new Promise((resolve) => (arrive = resolve))
await client.subscribe('greeting', { qos: 2, onMessage: arrive })
await client.publish('greeting', '你好', { qos: 2 })
const message = await arrived
await client.disconnect()
document.title = message.payloadString
`

const main = `import { connect } from 'wasmqtt'${program}`

const slim = `
import wasmUrl from 'wasmqtt/wasmqtt.wasm?url'
import { connect, useWasm } from 'wasmqtt/slim'
useWasm(wasmUrl)
${program}`

/** The page of each entry. */
const pages = ['', 'slim.html']

/** As every Paho tutorial has it; `names` is the older or the newer generation's. */
const pahoPage = (/** @type {string} */ names) => `${head}
<script src="wasmqtt.min.js"></script>
<script>
  var client = new ${names}.Client('127.0.0.1', Number(new URLSearchParams(location.search).get('port')), 'page')
  client.onConnectionLost = function (response) {
    if (response.errorCode !== 0) document.title = 'lost: ' + response.errorMessage
  }
  client.onMessageArrived = function (message) {
    document.title = message.destinationName + ': ' + message.payloadString
    client.disconnect()
  }
  client.connect({ onSuccess: function () {
    client.subscribe('World')
    var message = new ${names}.Message('Hello')
    message.destinationName = 'World'
    client.send(message)
  } })
</script>`

let browser
let broker
let project
before(async () => {
  browser = await startBrowser()
  broker = await startBroker()
  project = await makeProject({
    'index.html': `${head}<script type="module" src="/main.js"></script>`,
    'main.js': main,
    'slim.html': `${head}<script type="module" src="/slim.js"></script>`,
    'slim.js': slim,
    'paho.html': pahoPage('Paho'),
    'paho-mqtt.html': pahoPage('Paho.MQTT'),
  })
})
after(async () => {
  await browser?.close()
  await broker?.close()
  project?.remove()
})

/** Opens a page and waits for the title that its program sets. */
async function titleOf(url) {
  const page = await browser.open(url)
  try {
    await page.waitForFunction(() => document.title !== 'page', null, { timeout: 30_000 })
  } catch (error) {
    throw new Error(`the page did nothing; it reports: ${page.errors.join('; ')}`, { cause: error })
  }
  assert.deepEqual(page.errors, [])
  return page.title()
}

/** Vite's settings, with every warning kept. */
function settings() {
  const warnings = []
  const logger = createLogger('warn')
  logger.warn = (text) => warnings.push(text)
  logger.warnOnce = (text) => warnings.push(text)
  logger.error = (text) => warnings.push(text)
  return { warnings, config: { root: project.folder, configFile: false, customLogger: logger, clearScreen: false } }
}

describe('Vite', () => {
  test('in development', async () => {
    const { warnings, config } = settings()
    const server = await createServer({ ...config, server: { host: '127.0.0.1', port: 0, hmr: false, watch: null } })
    try {
      await server.listen()
      const { port } = server.httpServer.address()
      for (const page of pages) assert.equal(await titleOf(`http://127.0.0.1:${port}/${page}?url=${broker.url}`), '你好')
    } finally {
      await server.close()
    }
    assert.deepEqual(warnings, [])
  })

  test('built', async () => {
    const { warnings, config } = settings()
    const input = ['index.html', 'slim.html'].map((name) => join(project.folder, name))
    await build({ ...config, build: { outDir: join(project.folder, 'dist'), target: 'es2022', rollupOptions: { input } } })
    assert.deepEqual(warnings, [])
    const site = await serve({ '/': join(project.folder, 'dist') })
    try {
      for (const page of pages) assert.equal(await titleOf(`${site.url}${page}?url=${broker.url}`), '你好')
    } finally {
      await site.close()
    }
  })
})

describe('the script build', () => {
  for (const page of ['paho.html', 'paho-mqtt.html']) {
    test(`runs a page written for Paho: ${page}`, async () => {
      const script = readFileSync(join(project.folder, 'node_modules/wasmqtt/pkg/wasmqtt.min.js'), 'utf8')
      const site = await serve(
        { '/': project.folder },
        { extra: { '/wasmqtt.min.js': () => ({ type: 'text/javascript', body: script }) } },
      )
      try {
        assert.equal(await titleOf(`${site.url}${page}?port=${broker.port}`), 'World: Hello')
      } finally {
        await site.close()
      }
    })
  }
})
