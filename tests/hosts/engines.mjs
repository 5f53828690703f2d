// Runs the files of pkg/miniprogram, byte for byte, or what a compiler of a host made of them, inside JavaScript engines
// without a browser: JavaScriptCore (iOS), V8 (Android), QuickJS (nothing but the language). What happens inside is in
// engine.js.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { getQuickJS, shouldInterruptAfterDeadline } from 'quickjs-emscripten'
import { need, root, run } from '../../scripts/tools.mjs'

const folder = join(root, 'pkg/miniprogram')

/** What a run may take, in seconds. */
const PATIENCE = 300

/**
 * @typedef {{ core: 'wasm' | 'wasm2js', timerPromise?: boolean, only?: string[], folder?: string,
 *   change?: (source: string) => string }} Given
 *   core: what the host offers; timerPromise: Promise is made of timers; only: parts of names of checks; folder: of a
 *   compiled mini-program; change: of index.js
 * @typedef {{ check: string, ok: boolean, error?: string, wrong?: number, memory?: number[] }} Result
 */

/** Where packers put it. */
const PLACE = 'miniprogram_npm/wasmqtt/'

/** The scripts of the package and what the compiler has them look for. @param {string} compiled @returns {Record<string, string>} */
function scriptsOf(compiled) {
  const names = readdirSync(compiled, { recursive: true }).map((name) => String(name).replaceAll('\\', '/'))
  const scripts = names.filter((name) => name.endsWith('.js') && (name.startsWith(PLACE) || name.startsWith('@babel/')))
  return Object.fromEntries(scripts.map((name) => [name, readFileSync(join(compiled, name), 'utf8')]))
}

/** A text of the package. @param {string} name */
export const packageFile = (name) => readFileSync(join(folder, name), 'utf8')

/**
 * A script whose value is a function that makes `step` (see engine.js) out of `print`.
 * @param {Given} given
 */
async function script({ core, timerPromise = false, only = [], folder: compiled, change = (source) => source }) {
  const entry = `import { start } from './engine.js'\nmake = start`
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: join(root, 'tests/hosts'), sourcefile: 'entry.js' },
    ...{ bundle: true, write: false, format: 'iife', target: 'es2017', charset: 'utf8', logLevel: 'silent' },
  })
  // As the hosts wrap a file: a function, and strict.
  const file = (/** @type {string} */ source) => `function (require, module, exports) { 'use strict'\n${source}\n}`
  const built = Object.fromEntries(['index.js', 'wasm2js.js'].map((name) => [PLACE + name, packageFile(name)]))
  const files = compiled ? scriptsOf(compiled) : built
  files[`${PLACE}index.js`] = change(files[`${PLACE}index.js`])
  const wrapped = Object.entries(files).map(([name, source]) => `${JSON.stringify(name)}: ${file(source)}`)
  const wasm = JSON.stringify([...readFileSync(compiled ? join(compiled, PLACE, 'wasmqtt.wasm') : join(folder, 'wasmqtt.wasm'))])
  const rest = JSON.stringify({ core, timerPromise, only })
  // The files are outside the function, so that they see nothing but the global scope.
  return `this.given = Object.assign(${rest}, { wasm: ${wasm}, files: {\n${wrapped.join(',\n')}\n} });
(function (given) {
  var make
  ${outputFiles[0].text}
  return function (print) { return make(given, print) }
})(this.given)`
}

/** Runs something on a script in a file of its own. @template T @param {string} text @param {(file: string) => Promise<T>} use */
async function inFile(text, use) {
  const place = mkdtempSync(join(tmpdir(), 'wasmqtt-engine-'))
  try {
    const file = join(place, 'script.js')
    writeFileSync(file, text)
    return await use(file)
  } finally {
    rmSync(place, { recursive: true })
  }
}

/** @param {string} output @returns {Result[]} */
function results(output) {
  const lines = output.split('\n').filter((line) => line !== '')
  try {
    return lines.map((line) => JSON.parse(line))
  } catch {
    throw new Error(`the engine said:\n${output}`)
  }
}

/** JavaScriptCore. @param {Given} given @param {...string} options of jsc */
export async function inJavaScriptCore(given, ...options) {
  // The shell's own functions are looked up before the scope is stripped.
  const text = `(function (shellPrint, drain, quit, make) {
    var step = make(shellPrint)
    while (step()) drain()
    quit(0)
  })(print, drainMicrotasks, quit, eval(${JSON.stringify(await script(given))}))`
  return inFile(text, async (file) => results((await run('timeout', [`${PATIENCE}`, need('jsc'), ...options, file])).output))
}

/** V8, of this Node or of another. @param {Given} given @param {string} [node] */
export async function inV8(given, node = process.execPath) {
  const args = (/** @type {string} */ file) => [`${PATIENCE}`, node, fileURLToPath(import.meta.url), file]
  return inFile(await script(given), async (file) => results((await run('timeout', args(file))).output))
}

/** QuickJS, which has no WebAssembly. @param {Given} given */
export async function inQuickJS(given) {
  // Neither is given back: it goes with this process, and with what the script still holds that is an assertion that fails.
  const runtime = (await getQuickJS()).newRuntime()
  const context = runtime.newContext()
  runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + PATIENCE * 1000))
  let output = ''
  const print = context.newFunction('print', (line) => void (output += `${context.getString(line)}\n`))
  const make = context.unwrapResult(context.evalCode(await script(given)))
  const step = context.unwrapResult(context.callFunction(make, context.undefined, print))
  for (let more = true; more; ) {
    more = context.unwrapResult(context.callFunction(step, context.undefined)).consume((answer) => context.dump(answer))
    context.unwrapResult(runtime.executePendingJobs())
  }
  return results(output)
}

// The other process of inV8: a context of its own, in which there is nothing of Node.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const step = runInContext(readFileSync(process.argv[2], 'utf8'), createContext({}))((/** @type {string} */ line) => console.log(line))
  while (step()) await new Promise(setImmediate)
}
