// JD's `jd`, read from its documentation: WeChat's calls, but one WebSocket in the whole program, whose events are those
// of `jd` and cannot be taken away. The device around it is that of wx.js.

import { addSingleSocket } from './single-socket.js'
import { createWx } from './wx.js'

/** @param {object} parts as of `createWx` */
export function createJd(parts) {
  const { wx, device } = createWx(parts)
  const jd = { ...wx }
  device.socketListeners = addSingleSocket(jd, {
    connect: (options) => wx.connectSocket(options) || null,
    off: 'none',
    second: 'refused',
    unpack({ data }) {
      const isBuffer = Object.prototype.toString.call(data) === '[object ArrayBuffer]'
      if (typeof data !== 'string' && !isBuffer) throw new Error('data should be String or ArrayBuffer')
      return data
    },
    message: (data) => ({ data }),
    closed: (closing) => closing,
    error: (errMsg) => ({ errMsg }),
  })
  return { globals: { jd }, device }
}
