// In the JavaScript build memory that grows is a new buffer, and the old one stays as it was, unlike WebAssembly's: who
// goes on looking at it reads and writes the past, without an exception. So the adapter compares buffers, and this is the
// test that it does, whole messages through the real client, on two engines: newer ones could tell by `detached`, too.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newestNode } from '../../scripts/setup.mjs'
import { GROWTH } from './engine-checks.js'
import { inV8 } from './engines.mjs'

/** The check of growing memory alone. @param {Omit<import('./engines.mjs').Given, 'only'>} given @param {string} node */
async function grow(given, node) {
  const results = await inV8({ ...given, only: ['while memory grows'] }, node)
  assert.equal(results.length, 1)
  return results[0]
}

/** js/core.js as it would be if the old buffer were detached. @param {string} built */
function trusting(built) {
  const [comparison, ...others] = built.match(/this\.bytes\.buffer!==\w+/g) ?? []
  assert.ok(comparison && others.length === 0, 'refresh() of js/core.js is built in another way than before')
  return built.replace(comparison, 'this.bytes.byteLength===0')
}

for (const [name, node] of [
  [`Node ${process.version}`, process.execPath],
  ['the newest Node', newestNode],
]) {
  describe(name, () => {
    test('every byte is right while the memory of the JavaScript build grows', async (t) => {
      const { ok, error, wrong, memory } = await grow({ core: 'wasm2js' }, node)
      assert.ok(ok, error)
      t.diagnostic(`${wrong} of ${GROWTH.messages} messages wrong, memory from ${memory[0]} to ${memory[1]} bytes`)
    })

    test('an adapter that waits for a detached buffer is found out', async (t) => {
      const { ok, wrong } = await grow({ core: 'wasm2js', change: trusting }, node)
      assert.ok(!ok)
      assert.ok(wrong > GROWTH.messages / 2, `${wrong} wrong`)
      t.diagnostic(`${wrong} of ${GROWTH.messages} messages wrong`)
    })

    test('such an adapter works with WebAssembly, which is why only this test finds it', async () => {
      const { ok, error } = await grow({ core: 'wasm', change: trusting }, node)
      assert.ok(ok, error)
    })
  })
}
