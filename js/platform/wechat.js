/**
 * WeChat mini-programs: `wx`, the WebAssembly of the code package, and its list of domains.
 */

import { WASM_PATHS } from './mini-program.js'

/** @type {import('./mini-program.js').Host} */
export const wechat = {
  name: 'wechat',
  find: () => (typeof wx === 'undefined' ? null : wx),
  domains: 'mp.weixin.qq.com, 开发管理, 服务器域名, socket 合法域名',
  // `WebAssembly` is there in the developer tools only, and would prove nothing.
  wasm: () => (typeof WXWebAssembly === 'undefined' ? null : WXWebAssembly),
  wasmPaths: WASM_PATHS,
}
