// What the package weighs, held: a limit that is passed is raised by hand, with a reason, or the weight goes.

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'
import { shipped } from './project.mjs'

/** Bytes, as they are and by gzip -9: measured, and about 3 % to spare. */
const limits = {
  'wasmqtt.wasm': { raw: 65_000, gzip: 31_500 },
  'index.mjs': { raw: 130_700, gzip: 53_600 },
  'index.cjs': { raw: 132_100, gzip: 54_100 },
  'slim.mjs': { raw: 62_100, gzip: 21_000 },
  'slim.cjs': { raw: 63_500, gzip: 21_500 },
  'wasmqtt.min.js': { raw: 132_300, gzip: 54_100 },
  'miniprogram/index.js': { raw: 70_600, gzip: 24_200 },
  'miniprogram/wasm2js.js': { raw: 133_000, gzip: 45_100 },
  'miniprogram/wasmqtt.wasm': { raw: 65_000, gzip: 31_500 },
  'miniprogram/wasmqtt.wasm.br': { raw: 27_700, gzip: 27_700 },
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
  assert.ok(size <= 51_900, `${size} bytes`)
})

test('every file that ships code has a limit', () => {
  const code = shipped().filter((path) => /^pkg\/.*\.(mjs|cjs|js|wasm|br)$/.test(path)).map((path) => path.slice(4))
  assert.deepEqual(code.sort(), Object.keys(limits).sort())
  for (const name of code) assert.ok(statSync(join(root, 'pkg', name)).size > 0)
})
