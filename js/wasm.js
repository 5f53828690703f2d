/**
 * The core's WebAssembly, from the file beside the sources. The build puts the bytes themselves in the place of this
 * module (scripts/embed.mjs).
 */

/** @returns {Promise<Uint8Array>} */
export async function wasmBytes() {
  const { readFile } = await import('node:fs/promises')
  return readFile(new URL('../pkg/wasmqtt.wasm', import.meta.url))
}
