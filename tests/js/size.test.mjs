// What the package weighs, held: a limit that is passed is raised by hand, with a reason, or the weight goes.

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'
import { shipped } from './project.mjs'

/**
 * Bytes, as they are and by gzip -9: measured, and about 3 % to spare. Reconnecting, the offline queue, persistence with its
 * stores and flow control took 24 KB of wasm and 22 KB of JavaScript.
 */
const limits = {
  'wasmqtt.wasm': { raw: 88_300, gzip: 41_200 },
  'index.mjs': { raw: 152_800, gzip: 63_000 },
  'index.cjs': { raw: 154_300, gzip: 63_600 },
  'slim.mjs': { raw: 60_300, gzip: 20_900 },
  'slim.cjs': { raw: 61_800, gzip: 21_500 },
  'wasmqtt.min.js': { raw: 154_700, gzip: 63_800 },
  'miniprogram/index.js': { raw: 69_600, gzip: 24_500 },
  'miniprogram/wasm2js.js': { raw: 179_500, gzip: 58_800 },
  'miniprogram/wasmqtt.wasm': { raw: 88_300, gzip: 41_200 },
  'miniprogram/wasmqtt.wasm.br': { raw: 35_600, gzip: 35_700 },
}

for (const [name, { raw, gzip }] of Object.entries(limits)) {
  test(`${name} holds its limit`, () => {
    const content = readFileSync(join(root, 'pkg', name))
    assert.ok(content.length <= raw, `${content.length} bytes, ${raw} allowed`)
    const packed = gzipSync(content, { level: 9 }).length
    assert.ok(packed <= gzip, `${packed} bytes by gzip, ${gzip} allowed`)
  })
}

test('the whole package for WeChat, as devices fetch it: JavaScript, compressed, and wasm.br', () => {
  const [script, wasm] = ['index.js', 'wasmqtt.wasm.br'].map((name) => readFileSync(join(root, 'pkg/miniprogram', name)))
  const size = gzipSync(script, { level: 9 }).length + wasm.length
  assert.ok(size <= 60_000, `${size} bytes`)
})

test('every file that ships code has a limit', () => {
  const code = shipped().filter((path) => /^pkg\/.*\.(mjs|cjs|js|wasm|br)$/.test(path)).map((path) => path.slice(4))
  assert.deepEqual(code.sort(), Object.keys(limits).sort())
  for (const name of code) assert.ok(statSync(join(root, 'pkg', name)).size > 0)
})
