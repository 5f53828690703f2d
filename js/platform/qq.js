/**
 * QQ mini-programs: as WeChat's, without WebAssembly.
 */

/** @type {import('./mini-program.js').Host} */
const host = {
  name: 'qq',
  // Not the one that this module exports.
  find: () => (typeof qq === 'undefined' ? null : qq),
  domains: 'q.qq.com, 开发设置, 服务器域名',
}

export { host as qq }
