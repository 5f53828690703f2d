/**
 * Baidu mini-programs: as WeChat's, without WebAssembly.
 */

/** @type {import('./mini-program.js').Host} */
export const baidu = {
  name: 'baidu',
  find: () => (typeof swan === 'undefined' ? null : swan),
  domains: 'smartprogram.baidu.com, 设置, 开发设置, 服务器域名',
}
