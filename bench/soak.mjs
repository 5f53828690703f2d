// The soak: a million messages and a hundred reconnects, in Node against Mosquitto and in headless Chromium against aedes
// (Mosquitto 2.0.11 gives a browser a thousand messages a second, a packet a WebSocket message), with the memory at each
// step. It fails when the heap or the WebAssembly memory ends more than a tenth above its level after
// warm-up. Not part of `npm test`: it takes minutes.
//
//   node --expose-gc bench/soak.mjs [node|chromium] [messages] [cuts]

import { join } from 'node:path'
import { startBroker } from '../scripts/broker.mjs'
import { serve } from '../scripts/serve.mjs'
import { root } from '../scripts/tools.mjs'
import { startBrowser } from '../tests/js/browser.mjs'
import { startMosquitto } from '../tests/js/brokers.mjs'
import { startProxy } from '../tests/js/proxy.mjs'
import { exchange } from './exchange.mjs'

const [where = 'node', messages = '1000000', cuts = '100'] = process.argv.slice(2)
/** @type {any} */
const broker = where === 'chromium' ? await startBroker() : await startMosquitto()
const proxy = await startProxy(broker.port)
/** @type {import('./exchange.mjs').Sample[]} */
const samples = []
const place = {
  url: `ws://127.0.0.1:${proxy.port}/mqtt`,
  userName: broker.userName,
  password: broker.password,
  messages: Number(messages),
  cuts: Number(cuts),
}

/** @param {import('./exchange.mjs').Sample} sample */
function report(sample) {
  samples.push(sample)
  const { published, arrived, reconnects, heap, wasm } = sample
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const figures = [published, arrived, reconnects, kib(heap), kib(wasm), seconds]
  console.log(figures.map((figure) => String(figure).padStart(12)).join(''))
}

const kib = (/** @type {number} */ bytes) => Math.round(bytes / 1024)

async function inNode() {
  const collect = /** @type {any} */ (globalThis).gc
  if (!collect) throw new Error('run it as `node --expose-gc bench/soak.mjs`')
  const heap = async () => {
    collect()
    await new Promise(setImmediate)
    collect()
    return process.memoryUsage().heapUsed
  }
  return exchange({ ...place, wasmqtt: await import('wasmqtt'), cut: () => proxy.cut(), heap, report })
}

async function inChromium() {
  const site = await serve(
    { '/pkg/': join(root, 'pkg'), '/bench/': join(root, 'bench') },
    { extra: { '/': () => ({ type: 'text/html; charset=utf-8', body: '<!doctype html><link rel="icon" href="data:,">' }) } },
  )
  const browser = await startBrowser(['--enable-precise-memory-info', '--js-flags=--expose-gc'])
  try {
    const page = await browser.open(site.url)
    page.setDefaultTimeout(0)
    await page.exposeFunction('cut', () => proxy.cut())
    await page.exposeFunction('report', report)
    return await page.evaluate(async (given) => {
      const { cut, report, gc, performance } = /** @type {any} */ (window)
      // Not from here by name: the page has its own path.
      const [wasmqtt, { exchange }] = await Promise.all(['/pkg/index.mjs', '/bench/exchange.mjs'].map((path) => import(path)))
      const heap = async () => {
        gc()
        await new Promise((resolve) => setTimeout(resolve, 50))
        gc()
        return performance.memory.usedJSHeapSize
      }
      return exchange({ ...given, wasmqtt, cut, heap, report })
    }, place)
  } finally {
    await browser.close()
    await site.close()
  }
}

console.log(`${where}, in KiB and seconds`)
console.log(['published', 'arrived', 'reconnects', 'heap', 'wasm', 'seconds'].map((word) => word.padStart(12)).join(''))
const started = performance.now()
try {
  const { arrived, reconnects, failed } = await (where === 'chromium' ? inChromium() : inNode())
  console.log(`${arrived} arrived, ${reconnects} reconnects, ${failed} promises rejected`)
  // Warm-up: the first fifth.
  const level = samples[Math.floor(samples.length / 5)]
  const end = samples[samples.length - 1]
  for (const kind of /** @type {const} */ (['heap', 'wasm'])) {
    const growth = (end[kind] / level[kind] - 1) * 100
    console.log(`${kind}: ${kib(level[kind])} KiB after warm-up, ${kib(end[kind])} KiB at the end (${growth.toFixed(1)} %)`)
    if (growth > 10) process.exitCode = 1
  }
} finally {
  await proxy.close()
  await broker.close()
}
