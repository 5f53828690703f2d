/**
 * The core as JavaScript, for hosts without WebAssembly: made by binaryen's wasm2js out of wasmqtt.wasm. Loaded just where
 * it is needed, because it is large and slower. The build puts the file beside the package in the place of this path.
 */

/** What the core exports. @returns {Promise<any>} */
export async function javaScriptCore() {
  const path = '../pkg/miniprogram/wasm2js.js'
  const { default: built } = await import(path)
  return built.instantiate()
}
