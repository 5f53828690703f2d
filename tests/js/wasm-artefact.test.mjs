// The wasm file that ships is fit for every host: no imports, functions and memory only, nothing newer than mutable
// globals, no trace of the machine that built it. Also that the checks themselves notice each of these.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import wabt from 'wabt'
import { faults, sections } from '../../scripts/artefact.mjs'
import { moduleOf, textOf } from '../../scripts/embed.mjs'
import { root } from '../../scripts/tools.mjs'

const shipped = new Uint8Array(readFileSync(join(root, 'pkg/wasmqtt.wasm')))

test('the shipped wasm has no fault', async () => {
  assert.deepEqual(await faults(shipped), [])
})

test('it needs an empty import object and exports its memory', async () => {
  const { instance } = await WebAssembly.instantiate(shipped, {})
  assert.ok(instance.exports.memory instanceof WebAssembly.Memory)
  const kinds = new Set(Object.values(instance.exports).map((one) => (typeof one === 'function' ? 'function' : 'memory')))
  assert.deepEqual([...kinds].sort(), ['function', 'memory'])
})

test('index.mjs, index.cjs and the script build hold it whole, the slim ones not at all', () => {
  const { text } = textOf(shipped)
  for (const name of ['index.mjs', 'index.cjs', 'wasmqtt.min.js']) {
    assert.ok(readFileSync(join(root, 'pkg', name), 'utf8').includes(text), name)
  }
  for (const name of ['slim.mjs', 'slim.cjs']) {
    assert.ok(!readFileSync(join(root, 'pkg', name), 'utf8').includes(text.slice(0, 500)), name)
  }
})

for (const [name, bytes] of Object.entries({
  'the shipped wasm': shipped,
  'every byte once': Uint8Array.from({ length: 256 }, (_, byte) => byte),
  'every byte, rare ones too': Uint8Array.from({ length: 20_000 }, (_, at) => (at % 3 ? at & 63 : (at * 167) & 255)),
  nothing: new Uint8Array(0),
})) {
  test(`text that embeds bytes gives them back: ${name}`, async () => {
    const { wasmBytes } = await import(`data:text/javascript,${encodeURIComponent(moduleOf(bytes))}`)
    assert.deepEqual(Buffer.from(wasmBytes()), Buffer.from(bytes))
    assert.match(textOf(bytes).text, /^[ !#-&(-;=-[\]-_a-~]*$/)
  })
}

const faulty = {
  'imports env.f': '(module (import "env" "f" (func)) (memory (export "memory") 1) (func (export "a")))',
  'exports the global g': '(module (memory (export "memory") 1) (func (export "a")) (global (export "g") i32 (i32.const 0)))',
  'exports the table t': '(module (memory (export "memory") 1) (func (export "a")) (table (export "t") 1 funcref))',
  'does not export one memory': '(module (func (export "a")))',
  'exports no function': '(module (memory (export "memory") 1))',
  'needs more than MVP':
    '(module (memory (export "memory") 1) (func (export "a") (param i32) (result i32) local.get 0 i32.extend8_s))',
  'holds the text': '(module (memory (export "memory") 1) (func (export "a")) (data (i32.const 0) "x/home/me/src/lib.rs"))',
  'wasm-bindgen': '(module (memory (export "memory") 1) (func (export "__wbindgen_malloc")) (func (export "a")))',
}

for (const [sentence, text] of Object.entries(faulty)) {
  test(`a file that "${sentence}" is noticed`, async () => {
    const { parseWat } = await wabt()
    const { buffer } = parseWat('faulty.wat', text, { sign_extension: true }).toBinary({})
    const found = await faults(new Uint8Array(buffer))
    assert.ok(
      found.some((one) => one.includes(sentence)),
      JSON.stringify(found),
    )
  })
}

test('a custom section is noticed', async () => {
  const section = [0, 5, 4, ...Buffer.from('name')]
  const found = await faults(new Uint8Array([...shipped, ...section]))
  assert.deepEqual(found, ['has the custom section name'])
  assert.equal(sections(shipped).at(-1).end, shipped.length)
})
