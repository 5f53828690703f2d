// What must be true of wasmqtt.wasm, so that it loads on every host: checked by the build and again by a test.
// Mini-program hosts refuse exported globals and tables and everything after the first WebAssembly, but for mutable
// globals. It never changes the file: that is wasm.mjs.

import { hostname } from 'node:os'
import wabt from 'wabt'

/** Every proposal that wabt knows; all off but the one that every host has. */
const proposals = {
  exceptions: false,
  mutable_globals: true,
  sat_float_to_int: false,
  sign_extension: false,
  simd: false,
  threads: false,
  function_references: false,
  multi_value: false,
  tail_call: false,
  bulk_memory: false,
  reference_types: false,
  code_metadata: false,
  annotations: false,
  gc: false,
  memory64: false,
  extended_const: false,
  relaxed_simd: false,
}

/** Text that would tell where, by whom or out of what the file was built. */
const traces = [
  /\.rs\b/,
  /\/(home|root|work|Users|tmp|usr|rustc)\b/,
  /cargo|registry|rustlib|toolchain/i,
  /https?:/,
  /[a-z0-9]\.(com|org|net|io|dev|local|internal|example)\b/,
]

/**
 * The faults of a wasm file; none when it is fit to ship.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string[]>} one sentence each
 */
export async function faults(bytes) {
  const found = []
  const module = new WebAssembly.Module(bytes)
  for (const { module: from, name } of WebAssembly.Module.imports(module)) found.push(`imports ${from}.${name}`)
  const exports = WebAssembly.Module.exports(module)
  for (const { name, kind } of exports) {
    if (kind !== 'function' && kind !== 'memory') found.push(`exports the ${kind} ${name}`)
    if (name.startsWith('__')) found.push(`exports ${name}, which is wasm-bindgen's and not ours`)
  }
  if (exports.filter((one) => one.kind === 'memory').length !== 1) found.push('does not export one memory')
  if (!exports.some((one) => one.kind === 'function')) found.push('exports no function')
  for (const name of customSections(bytes)) found.push(`has the custom section ${name}`)
  const strict = await mvpFault(bytes)
  if (strict) found.push(`needs more than MVP and mutable globals: ${strict}`)
  found.push(...traceFaults(bytes))
  return found
}

/**
 * Why wabt, with every later proposal off, refuses the file; null when it does not.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function mvpFault(bytes) {
  const { readWasm } = await wabt()
  try {
    const module = readWasm(bytes, proposals)
    try {
      module.validate()
    } finally {
      module.destroy()
    }
    return null
  } catch (error) {
    return String(/** @type {Error} */ (error).message).split('\n')[0]
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function traceFaults(bytes) {
  // Anything printable, in runs: constants stand beside each other without a separator.
  const texts =
    Buffer.from(bytes)
      .toString('latin1')
      .match(/[\x20-\x7e]{4,}/g) ?? []
  const host = hostname()
  const found = []
  for (const text of texts) {
    const trace = traces.find((one) => one.test(text))
    if (trace) found.push(`holds the text "${text.slice(0, 120)}" (${trace})`)
    else if (host.length >= 6 && text.includes(host)) found.push('holds the name of the machine that built it')
  }
  return found
}

/**
 * The names of the custom sections: names, producers and features are of no use to a host.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function customSections(bytes) {
  return sections(bytes)
    .filter((one) => one.id === 0)
    .map((one) => one.name)
}

/**
 * Cuts a wasm file into its sections.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {{ id: number, name: string, start: number, body: number, end: number }[]} start: of the section with its
 *   header; body: where its content begins (behind the name, in a custom section)
 */
export function sections(bytes) {
  const list = []
  let at = 8
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('the wasm file ends inside a section header')
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const start = at
    const id = bytes[at++]
    const length = number()
    const end = at + length
    let name = ''
    if (id === 0) {
      const nameLength = number()
      name = Buffer.from(bytes.subarray(at, at + nameLength)).toString()
      at += nameLength
    }
    list.push({ id, name, start, body: at, end })
    at = end
  }
  return list
}
