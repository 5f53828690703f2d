/**
 * Kuaishou mini-programs: as WeChat's, without WebAssembly.
 */

/** @type {import('./mini-program.js').Host} */
export const kuaishou = {
  name: 'kuaishou',
  find: () => (typeof ks === 'undefined' ? null : ks),
  domains: 'open.kuaishou.com, 开发管理, 开发设置, 服务器域名',
}
