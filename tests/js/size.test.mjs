// What the package weighs, held: a limit that is passed is raised by hand, with a reason, or the weight goes.

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'

/** Bytes, as they are and by gzip -9: measured, and about 3 % to spare. */
const limits = {
  'wasmqtt.wasm': { raw: 64_000, gzip: 29_700 },
  'index.mjs': { raw: 104_000, gzip: 43_700 },
  'index.cjs': { raw: 105_500, gzip: 44_200 },
  'slim.mjs': { raw: 37_300, gzip: 13_300 },
  'slim.cjs': { raw: 38_800, gzip: 13_900 },
  'wasmqtt.min.js': { raw: 105_900, gzip: 44_400 },
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
