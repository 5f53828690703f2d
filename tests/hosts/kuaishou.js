// Kuaishou's `ks`: by its documentation WeChat's calls, without WebAssembly. All of it is that of wx.js.

import { createWx } from './wx.js'

/** @param {object} parts as of `createWx` */
export function createKuaishou(parts) {
  const { wx, device } = createWx(parts)
  return { globals: { ks: wx }, device }
}
