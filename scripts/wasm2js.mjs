// Writes the core as JavaScript, for hosts without WebAssembly: binaryen's wasm2js, and of its module a function that
// makes an instance, because a core that failed is replaced by a new one. It compiles no Rust and writes only what it
// cleans up again.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { must, root } from './tools.mjs'

/** What binaryen puts behind the function: one instance, and its exports one by one. */
const instance = /^var retasmFunc = asmFunc\(\{\s*\}\);\n(?:export var \w+ = retasmFunc\.\w+;\n*)+$/m

/**
 * @param {Uint8Array} wasm without imports; it may copy and fill memory by instructions, which become the engine's own
 * @returns {Promise<Buffer>} a CommonJS module with `instantiate()`
 */
export async function wasm2js(wasm) {
  const folder = await mkdtemp(join(tmpdir(), 'wasm2js-'))
  try {
    const [input, output] = [join(folder, 'core.wasm'), join(folder, 'core.js')]
    await writeFile(input, wasm)
    await must(process.execPath, [join(root, 'node_modules/binaryen/bin/wasm2js'), input, '--enable-bulk-memory-opt', '-Oz', '-o', output])
    const source = await readFile(output, 'utf8')
    if (!instance.test(source)) throw new Error('wasm2js writes its module in another way than before: see scripts/wasm2js.mjs')
    const module = `${source.replace(instance, '')}\nexport const instantiate = () => asmFunc({})\n`
    const { code } = await transform(module, { minify: true, format: 'cjs', target: 'es2017', charset: 'ascii', legalComments: 'none' })
    return Buffer.from(code)
  } finally {
    await rm(folder, { recursive: true })
  }
}
