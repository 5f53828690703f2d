// `npm run build`: makes pkg/ out of src/ and js/ and prints what everything weighs. With --check it writes nothing
// and fails when pkg/ is not what the sources build. It never lets a wasm file out that artefact.mjs finds faulty.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from 'node:zlib'
import { setUp } from './setup.mjs'
import { lockedVersion, must, need, root } from './tools.mjs'

const folder = join(root, 'pkg')
const record = join(folder, 'build.json')

/** Everything that decides what pkg/ holds, but for the compiler. */
function inputs() {
  const files = ['Cargo.toml', 'Cargo.lock', ...['wasm', 'copies', 'wasm2js', 'embed', 'bundle', 'build', 'artefact'].map((name) => `scripts/${name}.mjs`)]
  for (const top of ['src', 'js']) {
    for (const entry of readdirSync(join(root, top), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) files.push(relative(root, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'))
    }
  }
  const hash = createHash('sha256')
  for (const file of files.sort()) {
    const content = readFileSync(join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  const tools = toolVersions()
  return hash.update(JSON.stringify(tools)).digest('hex')
}

function toolVersions() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return {
    binaryen: lock['node_modules/binaryen'].version,
    esbuild: lock['node_modules/esbuild'].version,
    terser: lock['node_modules/terser'].version,
    'wasm-bindgen': lockedVersion('wasm-bindgen'),
  }
}

/** Builds the package in memory. */
async function make() {
  // Imported here because they need npm packages, which set-up may just have brought.
  const { buildWasm } = await import('./wasm.mjs')
  const { faults } = await import('./artefact.mjs')
  const { bundle } = await import('./bundle.mjs')
  const { bytes, copying, rustc } = await buildWasm({ log: console.log })
  const found = await faults(bytes)
  if (found.length > 0) throw new Error(`the wasm is not fit to ship:\n- ${found.join('\n- ')}`)
  const files = await bundle(bytes, copying)
  const description = { inputs: inputs(), rustc, tools: toolVersions() }
  return { files, description }
}

/** @param {Record<string, Buffer>} files */
function table(files) {
  const rows = [['', 'raw', 'gzip -9', 'brotli -11']]
  for (const [name, content] of Object.entries(files)) {
    if (/\.d\.c?ts$|\.json$/.test(name)) continue
    const brotli = brotliCompressSync(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    })
    rows.push([name, ...[content, gzipSync(content, { level: 9 }), brotli].map((one) => one.length.toLocaleString('en'))])
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) => row.map((cell, at) => (at ? cell.padStart(widths[at]) : cell.padEnd(widths[at]))).join('  '))
    .join('\n')
}

/** The files of pkg/ but for the record. */
function present() {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'))
    .filter((name) => name !== 'build.json')
}

/** Is it the same? Another version of Node may compress otherwise. @param {string} name @param {Buffer} made */
function same(name, made) {
  const found = readFileSync(join(folder, name))
  return name.endsWith('.br') ? brotliDecompressSync(found).equals(brotliDecompressSync(made)) : found.equals(made)
}

async function write() {
  const { files, description } = await make()
  await mkdir(folder, { recursive: true })
  for (const name of present()) if (!(name in files)) await rm(join(folder, name))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  await writeFile(record, `${JSON.stringify(description, null, 2)}\n`)
  console.log(`\n${table(files)}`)
}

/** Fails when pkg/ is not what the sources build: by the hash anywhere, by the bytes under the recorded compiler. */
async function check() {
  if (!existsSync(record)) throw new Error('pkg/ is not built: run `npm run build` and commit pkg/')
  const recorded = JSON.parse(readFileSync(record, 'utf8'))
  if (recorded.inputs !== inputs())
    throw new Error('the sources have changed since pkg/ was built: run `npm run build` and commit pkg/')
  const rustc = (await must(need('rustc'), ['--version'])).trim()
  if (recorded.rustc !== rustc) {
    console.log(`pkg/ is of these sources; built by ${recorded.rustc}, so its bytes cannot be compared here (${rustc})`)
    return
  }
  const { files } = await make()
  const other = Object.keys(files).filter((name) => !existsSync(join(folder, name)) || !same(name, files[name]))
  const extra = present().filter((name) => !(name in files))
  if (other.length + extra.length > 0) throw new Error(`pkg/ is not what the sources build: ${[...other, ...extra].join(', ')}`)
  console.log(`pkg/ is what the sources build, byte for byte\n\n${table(files)}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await setUp('build')
    await (process.argv.includes('--check') ? check() : write())
  } catch (error) {
    console.error(`build: ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}
