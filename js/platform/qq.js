/**
 * QQ mini-programs: as WeChat's, without WebAssembly.
 */

/** @type {import('./mini-program.js').Host} */
export const qq = {
  name: 'qq',
  find: () => (typeof qq === 'undefined' ? null : qq),
  domains: 'q.qq.com, 开发设置, 服务器域名',
}
