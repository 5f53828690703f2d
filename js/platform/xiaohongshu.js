/**
 * Xiaohongshu mini-programs: as WeChat's, without WebAssembly.
 */

/** @type {import('./mini-program.js').Host} */
export const xiaohongshu = {
  name: 'xiaohongshu',
  find: () => (typeof xhs === 'undefined' ? null : xhs),
  domains: 'miniapp.xiaohongshu.com, 开发管理, 服务器域名',
}
