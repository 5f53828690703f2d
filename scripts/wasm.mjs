// Builds wasmqtt.wasm out of the Rust sources: compile, cut wasm-bindgen's glue away, lower what old hosts lack,
// shrink. The glue is thrown away because the boundary is numbers only (js/core.js). It writes nothing outside its
// own folder under target/, and the same sources give the same bytes from any directory.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sections } from './artefact.mjs'
import { lowerCopies } from './copies.mjs'
import { cargoHome, must, need, root, rustupHome } from './tools.mjs'

// What rustc and the prebuilt std may have emitted, and what the lowering passes take away again.
const accepted = ['--enable-bulk-memory', '--enable-sign-ext', '--enable-nontrapping-float-to-int', '--enable-mutable-globals']
const lowering = ['--signext-lowering', '--llvm-nontrapping-fptoint-lowering']
const strict = ['--mvp-features', '--enable-mutable-globals']
/** Until copies are lowered, as late as can be: wasm2js has better ones. */
const withCopies = [...strict, '--enable-bulk-memory-opt']

/**
 * Compiles and shrinks the core.
 * @param {{ source?: string, folder?: string, log?: (text: string) => void, stream?: boolean }} [options]
 *   source: the repository to build (this one); folder: where cargo works
 * @returns {Promise<{ bytes: Uint8Array<ArrayBuffer>, copying: Uint8Array<ArrayBuffer>, rustc: string }>} copying: the same
 *   with instructions to copy and fill memory, for wasm2js
 */
export async function buildWasm({ source = root, folder = join(source, 'target/pkg'), log = () => {}, stream = false } = {}) {
  const rustc = (await must(need('rustc'), ['--version'], { cwd: source })).trim()
  const work = join(folder, 'steps')
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const file = (/** @type {string} */ name) => join(work, name)

  log(`compiling the core with ${rustc}`)
  await compile(source, folder, stream)
  const compiled = await readFile(join(folder, 'wasm32-unknown-unknown/release/wasmqtt.wasm'))

  log('cutting off the glue, lowering and shrinking')
  // wasm-bindgen turns externref on where target_features allows it, and the prebuilt std always does.
  await writeFile(file('wasmqtt.wasm'), withoutSection(compiled, 'target_features'))
  await must(need('wasm-bindgen'), [file('wasmqtt.wasm'), '--target', 'bundler', '--no-typescript', '--out-dir', file('bound')])
  const bound = await readFile(file('bound/wasmqtt_bg.wasm'))

  await binaryen('wasm-opt', [file('bound/wasmqtt_bg.wasm'), ...accepted, ...lowering, '-o', file('lowered.wasm')])
  await writeFile(file('roots.json'), JSON.stringify(roots(bound)))
  await binaryen('wasm-metadce', [file('lowered.wasm'), ...withCopies, '--graph-file', file('roots.json'), '-o', file('cut.wasm')])
  await blank(file('cut.wasm'))
  await shrink(file('cut.wasm'), withCopies, file('copies.wasm'))
  await binaryen('wasm-dis', [file('copies.wasm'), ...withCopies, '-o', file('copies.wat')])
  await writeFile(file('plain.wat'), lowerCopies(await readFile(file('copies.wat'), 'utf8')))
  await binaryen('wasm-as', [file('plain.wat'), ...strict, '-o', file('plain.wasm')])
  await shrink(file('plain.wasm'), strict, file('small.wasm'))
  const [bytes, copying] = await Promise.all(['small', 'copies'].map((name) => readFile(file(`${name}.wasm`))))
  return { bytes: new Uint8Array(bytes), copying: new Uint8Array(copying), rustc }
}

// The lowest KB is the last of the stack: no address that a program computes wraps around into it, unless the stack has
// run over. A function with one caller stays one when it is not small: inside, its locals would cost more.
const passes = ['--low-memory-unused', '--one-caller-inline-max-function-size=20', '-Oz', '--converge']

/** @param {string} from @param {string[]} features @param {string} to */
const shrink = (from, features, to) =>
  binaryen('wasm-opt', [from, ...features, ...passes, '--strip-debug', '--strip-producers', '-o', to])

/**
 * @param {string} source
 * @param {string} folder
 * @param {boolean} stream
 */
async function compile(source, folder, stream) {
  // CARGO_ENCODED_RUSTFLAGS replaces any flags of the machine's own, and allows spaces in paths.
  const flags = [
    '-Ctarget-cpu=mvp',
    '-Ctarget-feature=+mutable-globals',
    // opt-level z inlines next to nothing: this much costs 3.5 % of the bytes, compressed, and saves a fifth of the time.
    '-Cllvm-args=-inline-threshold=50',
    `--remap-path-prefix=${cargoHome}=/deps`,
    `--remap-path-prefix=${rustupHome}=/rust`,
    `--remap-path-prefix=${source}=/wasmqtt`,
  ]
  // A crate that is an rlib too is compiled once for both, without the optimizer's sight of it as a whole: so the
  // manifest names no cdylib.
  await must(
    need('cargo'),
    [
      'rustc',
      '--locked',
      '--release',
      '--lib',
      '--crate-type',
      'cdylib',
      '--target',
      'wasm32-unknown-unknown',
      '--features',
      'npm',
      '--target-dir',
      folder,
    ],
    { cwd: source, stream, env: { CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'), CARGO_INCREMENTAL: '0' } },
  )
}

/**
 * @param {string} tool
 * @param {string[]} args
 */
function binaryen(tool, args) {
  return must(process.execPath, [join(root, 'node_modules/binaryen/bin', tool), ...args])
}

/**
 * The graph that wasm-metadce keeps: our own functions and the memory. What wasm-bindgen adds for itself (globals,
 * its allocator) falls away, and with it everything that only it reached.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
function roots(bytes) {
  const graph = []
  for (const { name, kind } of WebAssembly.Module.exports(new WebAssembly.Module(bytes))) {
    // Code that must run at start-up would be lost here in silence.
    if (name === '__wbindgen_start') throw new Error('the core has a start function: nothing would call it')
    if ((kind === 'function' && !name.startsWith('__')) || kind === 'memory') graph.push({ name, root: true, export: name })
  }
  return graph
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} name
 */
function withoutSection(bytes, name) {
  const parts = []
  let from = 0
  for (const section of sections(bytes)) {
    if (section.id !== 0 || section.name !== name) continue
    parts.push(bytes.subarray(from, section.start))
    from = section.end
  }
  return Buffer.concat([...parts, bytes.subarray(from)])
}

/**
 * Overwrites what panics would tell: the source paths, and the places in them. The lengths stay, so nothing moves; nothing
 * reads them, because the core imports nothing that could print.
 * @param {string} path
 */
async function blank(path) {
  const bytes = await readFile(path)
  const data = sections(bytes).find((one) => one.id === 11)
  if (!data) return
  // Not before it: the last byte of its length may look like the slash that a path begins with.
  const { start, end, address } = firstSegment(bytes, data.body)
  const text = bytes.subarray(start, end).toString('latin1')
  /** Lengths by address. @type {Map<number, number>} */
  const paths = new Map()
  for (const found of text.matchAll(/(?:\/?(?:rustc|wasmqtt|deps|rust|src|library)\/)[\w@+./-]*?\.rs/g)) {
    bytes.fill(0, start + found.index, start + found.index + found[0].length)
    paths.set(address + found.index, found[0].length)
  }
  // A place is four words: address and length of a path (which may count the 0 behind it), line and column.
  for (let at = start; at + 16 <= end; at += 4) {
    const length = paths.get(bytes.readUInt32LE(at))
    if (length && bytes.readUInt32LE(at + 4) - length <= 1) bytes.fill(0, at, at + 16)
  }
  await writeFile(path, bytes)
}

/**
 * Where the first data segment lies in the file and in memory: all that is never written.
 * @param {Buffer} bytes
 * @param {number} body of the data section
 */
function firstSegment(bytes, body) {
  let at = body
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      value |= (bytes[at] & 127) << shift
      if (bytes[at++] < 128) return value
    }
  }
  number() // how many there are
  at += 2 // active, i32.const
  const address = number()
  at += 1 // end
  const length = number()
  return { start: at, end: at + length, address }
}
