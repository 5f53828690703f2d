// What the package weighs, held: a limit that is passed is raised by hand, with a reason, or the weight goes.

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'

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
}

for (const [name, { raw, gzip }] of Object.entries(limits)) {
  test(`${name} holds its limit`, () => {
    const content = readFileSync(join(root, 'pkg', name))
    assert.ok(content.length <= raw, `${content.length} bytes, ${raw} allowed`)
    const packed = gzipSync(content, { level: 9 }).length
    assert.ok(packed <= gzip, `${packed} bytes by gzip, ${gzip} allowed`)
  })
}

test('every file that ships code has a limit', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const code = files.filter((path) => /^pkg\/.*\.(mjs|cjs|js|wasm)$/.test(path)).map((path) => path.slice(4))
  assert.deepEqual(code.sort(), Object.keys(limits).sort())
  for (const name of code) assert.ok(statSync(join(root, 'pkg', name)).size > 0)
})
