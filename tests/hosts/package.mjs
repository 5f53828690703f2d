// pkg/miniprogram as a mini-program has it, in a bare scope of Node: its files where the packers put them, and
// `require('wasmqtt')`. It knows no host.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { brotliDecompressSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'

const folder = '/miniprogram_npm/wasmqtt/'

/** What a context of Node has and hosts lack. */
const missing = ['WebAssembly', 'globalThis', 'BigInt', 'Proxy', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics']

const read = (/** @type {string} */ name) => readFileSync(join(root, 'pkg/miniprogram', name))

/** A file of the code package, decompressed. @param {string} path */
export function packageFile(path) {
  const file = read(path.replace(folder, ''))
  return path.endsWith('.br') ? brotliDecompressSync(file) : file
}

/**
 * The program's `require('wasmqtt')`.
 * @param {Record<string, any>} globals all that there is beside the language, also what is added later: it becomes a
 *   context of node:vm
 */
export function requirePackage(globals) {
  createContext(globals)
  runInContext(missing.map((name) => `delete this.${name}`).join(';'), globals)
  /** @type {Record<string, { exports: any }>} */
  const modules = {}
  const load = (/** @type {string} */ name) => {
    if (modules[name]) return modules[name].exports
    const module = (modules[name] = { exports: {} })
    const run = runInContext(`(function (require, module, exports) {${read(name)}\n})`, globals, { filename: name })
    run(load, module, module.exports)
    return module.exports
  }
  return load('index.js')
}
