/**
 * Douyin mini-programs, and Feishu's, which have the same global: `tt`. Feishu has no WebAssembly.
 */

import { WASM_PATHS } from './mini-program.js'

/** @type {import('./mini-program.js').Host} */
export const douyin = {
  name: 'douyin',
  find: () => (typeof tt === 'undefined' ? null : tt),
  domains: 'developer.open-douyin.com, 开发, 开发管理, 服务器域名, socket 合法域名',
  wasm: () => (typeof TTWebAssembly === 'undefined' ? null : TTWebAssembly),
  wasmPaths: WASM_PATHS,
}
