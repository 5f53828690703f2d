/**
 * JD mini-programs: as WeChat's, without WebAssembly.
 */

/** @type {import('./mini-program.js').Host} */
export const jd = {
  name: 'jd',
  find: () => (typeof jd === 'undefined' ? null : jd),
  domains: 'mp.jd.com, 开发设置, 服务器域名',
}
