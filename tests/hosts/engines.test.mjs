// The very files of the mini-program package work in the engines of devices: JavaScriptCore (iOS, where nothing is compiled
// just in time), V8 (Android), and QuickJS, which has the language and nothing else. What is true in each of them stands
// in engine-checks.js.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newestNode } from '../../scripts/setup.mjs'
import { checks } from './engine-checks.js'
import { inJavaScriptCore, inQuickJS, inV8 } from './engines.mjs'

const names = checks.map(([name]) => name)

/** @type {[string, () => Promise<import('./engines.mjs').Result[]>][]} */
const engines = [
  ['JavaScriptCore, WebAssembly', () => inJavaScriptCore({ core: 'wasm' })],
  ['JavaScriptCore, wasm2js', () => inJavaScriptCore({ core: 'wasm2js' })],
  ['JavaScriptCore without JIT, WebAssembly', () => inJavaScriptCore({ core: 'wasm' }, '--useJIT=false')],
  ['JavaScriptCore without JIT, wasm2js', () => inJavaScriptCore({ core: 'wasm2js' }, '--useJIT=false')],
  ['JavaScriptCore, Promise made of timers, WebAssembly', () => inJavaScriptCore({ core: 'wasm', timerPromise: true })],
  ['JavaScriptCore, Promise made of timers, wasm2js', () => inJavaScriptCore({ core: 'wasm2js', timerPromise: true })],
  ['V8 of this Node, WebAssembly', () => inV8({ core: 'wasm' })],
  ['V8 of this Node, wasm2js', () => inV8({ core: 'wasm2js' })],
  ['V8 of the newest Node, WebAssembly', () => inV8({ core: 'wasm' }, newestNode)],
  ['V8 of the newest Node, wasm2js', () => inV8({ core: 'wasm2js' }, newestNode)],
  ['QuickJS, wasm2js', () => inQuickJS({ core: 'wasm2js' })],
]

for (const [engine, run] of engines) {
  test(engine, async (t) => {
    const results = await run()
    assert.deepEqual(results.map(({ check }) => check), names)
    for (const { check, ok, error } of results) await t.test(check, () => assert.ok(ok, error))
  })
}
