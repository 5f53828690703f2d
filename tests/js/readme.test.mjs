// The README says what is true, in both languages alike: sizes, commands, links, and the list of differences from Paho.
// Its programs are compiled in pack-node.test.mjs.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import { withTables } from '../../bench/keep.mjs'
import { root } from '../../scripts/tools.mjs'
import { shipped } from './project.mjs'
import { table } from './paho-differences.mjs'

const read = (/** @type {string} */ name) => readFileSync(join(root, name), 'utf8')
const english = read('README.md')
const chinese = read('README.zh-CN.md')
const blocks = (/** @type {string} */ text) => [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, code]) => ({ kind, code }))

test('both languages have the same headings, tables and code', () => {
  const shape = (/** @type {string} */ text) =>
    text
      .replaceAll(/^```[\s\S]*?^```$/gm, '```')
      .split('\n')
      .map((line) => /^(#+ |\||```|- )/.exec(line)?.[0])
      .filter(Boolean)
  assert.deepEqual(shape(chinese), shape(english))
  assert.deepEqual(blocks(chinese), blocks(english))
})

test('every command is there', () => {
  const { scripts, name } = JSON.parse(read('package.json'))
  const commands = [english, read('CONTRIBUTING.md')].flatMap((text) => [...text.matchAll(/\bnpm (start|test|run [\w:]+|install \w+)/g)])
  assert.ok(commands.length >= 5)
  for (const [command, rest] of commands) {
    const [word, which] = rest.split(' ')
    if (word === 'install') assert.ok([name, 'ws'].includes(which), command)
    else assert.ok(scripts[which ?? word], command)
  }
})

test('every link leads to a file', () => {
  for (const text of [english, chinese]) {
    for (const [, target] of text.matchAll(/\]\(([^)#][^)]*)\)/g)) assert.ok(existsSync(join(root, target)), target)
  }
})

test('the differences from Paho are those that are tested', () => {
  assert.ok(english.includes(table()), 'run `node tests/js/paho-differences.mjs` and put what it prints into README.md')
})

test('the speeds are those that were measured', () => {
  const measured = JSON.parse(read('bench/measured.json'))
  for (const [text, language] of /** @type {const} */ ([[english, 'en'], [chinese, 'zh']])) {
    assert.ok(withTables(text, measured, language) === text, 'run `node bench/keep.mjs` after `npm run bench`')
  }
})

test('the language of the files is as old as it says', () => {
  const scripts = shipped().filter((path) => /\.(mjs|cjs|js)$/.test(path))
  assert.equal(scripts.length, 7)
  for (const path of scripts) {
    const written = (/** @type {string} */ target) => transformSync(read(path), { target }).code
    // What is newer, esbuild would write in another way.
    assert.ok(written(path.endsWith('.mjs') ? 'es2020' : 'es2017') === written('esnext'), path)
  }
})

test('the sizes are those of the files', () => {
  const rows = [...english.matchAll(/^\| `(\w[\w./]+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$/gm)]
  assert.ok(rows.length >= 7)
  for (const [row, name, ...said] of rows) {
    assert.ok(chinese.includes(row), row)
    const content = readFileSync(join(root, 'pkg', name))
    const true_ = [content, gzipSync(content, { level: 9 }), brotliCompressSync(content)].map((one) => one.length / 1000)
    said.forEach((number, at) => assert.ok(Math.abs(Number(number) / true_[at] - 1) < 0.03, `${name}: ${number} KB said, ${true_[at]} KB true`))
  }
})

test('what it says of Rust is so', () => {
  const manifest = read('Cargo.toml')
  const oldest = /^rust-version = "(.+)"$/m.exec(manifest)?.[1]
  const [version] = /^\d+\.\d+/.exec(/^version = "(.+)"$/m.exec(manifest)?.[1] ?? '') ?? []
  assert.ok(read('examples/native.rs').split('\n').length <= 100)
  const costs = /^\| (?:wasmqtt|mqtt5-wasm|mqtt-client-wasm)\b[^|]*(?:\| [\d.]+ ){4}\|$/gm
  for (const text of [english, chinese]) {
    assert.ok(text.includes(`Rust ${oldest}`))
    assert.ok(text.includes(`wasmqtt = { version = "${version}", features = ["web"] }`))
    const figures = (/** @type {string} */ from) => (from.match(costs) ?? []).map((row) => row.split('|').slice(2).join('|'))
    assert.equal(figures(text).length, 5)
    assert.deepEqual(figures(text), figures(read('bench/README.md')))
  }
})
