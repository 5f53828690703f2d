// What each client weighs as it is shipped: bytes as they are, by gzip -9 and by brotli -11, JavaScript and WebAssembly apart.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { root } from '../scripts/tools.mjs'

/** Each with its files: those of one row are needed together. */
const entries = [
  { label: 'wasmqtt, one file', files: { all: 'pkg/index.mjs' } },
  { label: 'wasmqtt/slim', files: { JavaScript: 'pkg/slim.mjs', wasm: 'pkg/wasmqtt.wasm' } },
  { label: 'wasmqtt, script tag', files: { all: 'pkg/wasmqtt.min.js' } },
  { label: 'wasmqtt, mini-program', files: { JavaScript: 'pkg/miniprogram/index.js', wasm: 'pkg/miniprogram/wasmqtt.wasm' } },
  { label: 'wasmqtt, mini-program fallback', files: { JavaScript: 'pkg/miniprogram/wasm2js.js' } },
  { label: 'MQTT.js', files: { all: 'node_modules/mqtt/dist/mqtt.esm.js' } },
  { label: 'Paho', files: { all: 'node_modules/paho-mqtt/paho-mqtt-min.js' } },
  { label: 'u8-mqtt 5', files: { all: 'node_modules/u8-mqtt/esm/web/v5.min.js' } },
  {
    label: 'mqtt5-wasm, for speed',
    files: { JavaScript: '.cache/mqtt5-wasm/speed/mqtt5_wasm.js', wasm: '.cache/mqtt5-wasm/speed/mqtt5_wasm_bg.wasm' },
  },
  {
    label: 'mqtt5-wasm, for size',
    files: { JavaScript: '.cache/mqtt5-wasm/size/mqtt5_wasm.js', wasm: '.cache/mqtt5-wasm/size/mqtt5_wasm_bg.wasm' },
  },
]

/** @typedef {{ label: string, part: string, raw: number, gzip: number, brotli: number }} Size */

/** @param {string} label @param {string} part @param {Buffer} content @returns {Size} */
function weigh(label, part, content) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
  return {
    label,
    part,
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content, { params }).length,
  }
}

/** What is not built is not there. @returns {Size[]} */
export function sizes() {
  /** @type {Size[]} */
  const rows = []
  for (const { label, files } of entries) {
    const found = Object.entries(files).filter(([, path]) => existsSync(join(root, path)))
    const parts = found.map(([part, path]) => weigh(label, part, readFileSync(join(root, path))))
    rows.push(...parts)
    if (parts.length > 1) rows.push(together(label, parts))
  }
  // The host fetches the package compressed; the WebAssembly in it is compressed already.
  const script = rows.find(({ label, part }) => label === 'wasmqtt, mini-program' && part === 'JavaScript')
  const wasm = readFileSync(join(root, 'pkg/miniprogram/wasmqtt.wasm.br')).length
  if (script) rows.push({ label: 'wasmqtt, WeChat package', part: 'all', raw: script.raw + wasm, gzip: script.gzip + wasm, brotli: script.brotli + wasm })
  return rows
}

/** @param {string} label @param {Size[]} parts @returns {Size} */
function together(label, parts) {
  const sum = (/** @type {'raw' | 'gzip' | 'brotli'} */ how) => parts.reduce((total, part) => total + part[how], 0)
  return { label, part: 'all', raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') }
}
