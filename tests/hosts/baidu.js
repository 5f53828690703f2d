// Baidu's `swan`, read from its documentation: WeChat's SocketTask, that cannot be closed before it is open, and events
// that cannot be taken away. No WebAssembly. The device around it is that of wx.js.

import { createWx } from './wx.js'

/** @param {object} parts as of `createWx` */
export function createBaidu(parts) {
  const { wx, device } = createWx(parts)
  const swan = { ...wx }
  swan.connectSocket = (options) => {
    const task = wx.connectSocket(options)
    if (!task) return undefined
    let open = false
    task.onOpen(() => (open = true))
    const close = (given = {}) => {
      if (open) task.close(given)
      else Promise.resolve().then(() => given.fail && given.fail({ errCode: 1001, errMsg: 'closeSocket:fail' }))
    }
    return { ...task, close }
  }
  return { globals: { swan }, device }
}
