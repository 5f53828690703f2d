// What a client costs a Rust application: the same tiny one (bench/rust-cost/) without a client, with wasmqtt, with
// mqtt5-wasm and with mqtt-client-wasm, built alike by wasm-pack, run once in Chromium, and weighed: wasm and JavaScript
// together, less what the application weighs without a client.
//
//   node bench/rust-cost.mjs [wasmqtt …]     all of them, or those besides the bare one

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { startBroker } from '../scripts/broker.mjs'
import { serve } from '../scripts/serve.mjs'
import { must, need, root } from '../scripts/tools.mjs'
import { startBrowser } from '../tests/js/browser.mjs'

const source = join(root, 'bench/rust-cost')
const folder = join(root, 'target/rust-cost')

const applications = [
  { name: 'bare', label: 'without a client', features: '' },
  { name: 'wasmqtt', label: 'wasmqtt', features: 'wasmqtt' },
  { name: 'wasmqtt-store', label: 'wasmqtt with its store', features: 'wasmqtt-store' },
  { name: 'wasmqtt-all', label: 'wasmqtt with its store, JSON and options out of JavaScript', features: 'wasmqtt-all' },
  { name: 'mqtt5-wasm', label: 'mqtt5-wasm 2.1.9', features: 'mqtt5-wasm' },
  { name: 'mqtt-client-wasm', label: 'mqtt-client-wasm 0.2.2', features: 'mqtt-client-wasm' },
]

/** What rustc emits and every engine has. */
const accepted = ['reference-types', 'bulk-memory', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'multivalue'].map(
  (feature) => `--enable-${feature}`,
)

/** @param {typeof applications[number]} application */
async function build({ name, label, features }) {
  console.error(`building the application ${label}`)
  const out = join(folder, name)
  const args = ['--target', 'web', '--mode', 'no-install', '--no-typescript', '--no-pack', '--out-name', 'app', '--out-dir', out]
  const env = { CARGO_TARGET_DIR: join(process.env.CARGO_TARGET_DIR || join(root, 'target'), 'cost') }
  await must(need('wasm-pack'), ['build', '--release', ...args, source, '--', '--locked', '--features', features], { env })
  // wasm-pack's own optimiser would be fetched; it is the same one.
  const wasm = join(out, 'app_bg.wasm')
  await must(process.execPath, [join(root, 'node_modules/binaryen/bin/wasm-opt'), wasm, ...accepted, '-Oz', '-o', `${wasm}.small`])
  renameSync(`${wasm}.small`, wasm)
  // The glue as an application ships it.
  const { transformSync } = await import('esbuild')
  const script = join(out, 'app.js')
  writeFileSync(script, transformSync(readFileSync(script, 'utf8'), { minify: true, format: 'esm' }).code)
}

/** Does it do what it is for? @param {string} name @param {string} broker */
async function check(name, broker) {
  const page = '<!doctype html><script type="module">import init, { run } from "./app.js"; await init(); window.run = run</script>'
  const site = await serve({ '/': join(folder, name) }, { extra: { '/page': () => ({ type: 'text/html', body: page }) } })
  const browser = await startBrowser()
  try {
    const opened = await browser.open(`${site.url}page`)
    await opened.waitForFunction(() => 'run' in window)
    const told = await opened.evaluate(
      (url) => new Promise((resolve, reject) => /** @type {any} */ (window).run(url, (...words) => resolve(words)).catch(reject)),
      broker,
    )
    if (told.join() !== 'cost/a,there and back') throw new Error(`the application with ${name} told ${told}`)
  } finally {
    await Promise.all([browser.close(), site.close()])
  }
}

/** @param {string} name @returns {{ wasm: number[], script: number[] }} raw, gzip -9, brotli -11 */
function weigh(name) {
  const weights = (/** @type {string} */ file) => {
    const content = readFileSync(join(folder, name, file))
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
    return [content.length, gzipSync(content, { level: 9 }).length, brotliCompressSync(content, { params }).length]
  }
  return { wasm: weights('app_bg.wasm'), script: weights('app.js') }
}

const kilobytes = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1)

mkdirSync(folder, { recursive: true })
const broker = await startBroker()
const rows = []
try {
  const wanted = process.argv.slice(2)
  for (const application of applications) {
    if (wanted.length > 0 && ![...wanted, 'bare'].includes(application.name)) continue
    await build(application)
    await check(application.name, broker.url)
    const { wasm, script } = weigh(application.name)
    rows.push({ ...application, wasm, script, all: wasm.map((size, at) => size + script[at]) })
  }
} finally {
  await broker.close()
}
const [bare, ...others] = rows
console.log(`Without a client: ${kilobytes(bare.wasm[0])} KB of wasm, ${kilobytes(bare.script[0])} KB of JavaScript.\n`)
console.log('| added, KB | wasm | JavaScript | both, gzip | both, brotli |\n| --- | --- | --- | --- | --- |')
for (const { label, wasm, script, all } of others) {
  const added = [wasm[0] - bare.wasm[0], script[0] - bare.script[0], all[1] - bare.all[1], all[2] - bare.all[2]]
  console.log(`| ${[label, ...added.map(kilobytes)].join(' | ')} |`)
}
