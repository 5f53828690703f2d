/**
 * wasmqtt with `wasmqtt.wasm` beside it instead of inside: the same api, and a word on where the WebAssembly is.
 */
export * from './index.js'

/**
 * Says where the WebAssembly is, before the first connect: an address, its bytes, or a compiled module. Without it, it is
 * looked for beside the script.
 *
 * @example
 * import wasmUrl from 'wasmqtt/wasmqtt.wasm?url'
 * useWasm(wasmUrl)
 */
export function useWasm(wasm: string | URL | BufferSource | WebAssembly.Module): void
