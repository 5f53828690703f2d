// Douyin's `tt`, and Feishu's, read from their documentation and typings: WeChat's SocketTask with a few traps of its own,
// and TTWebAssembly. The device around it is that of wx.js.

import { createWx } from './wx.js'

/**
 * @param {object} settings as of `createWx`, and
 * @param {boolean} [settings.brotli] base library 2.92: compressed WebAssembly too
 * @param {boolean} [settings.feishu] no WebAssembly, and a SocketTask without onError
 */
export function createDouyin({ brotli = true, feishu = false, ...parts }) {
  const { wx, WXWebAssembly, device } = createWx(parts)
  const tt = { ...wx }

  tt.connectSocket = (options) => {
    let accepted = false
    const success = (result) => {
      accepted = true
      if (options.success) options.success(result)
    }
    const task = wx.connectSocket({ ...options, success })
    if (!task) return undefined
    const protocol = { protocolType: 'http1.1', socketType: 'ttnet' }
    const own = {
      ...task,
      onOpen: (listener) => task.onOpen(() => listener({ header: {}, ...protocol })),
      onMessage: (listener) => task.onMessage(({ data }) => listener({ data, ...protocol })),
      // Documented as text.
      onClose: (listener) =>
        task.onClose(({ code, reason }) => listener({ ...protocol, errMsg: 'onClose:ok', reason, code: String(code) })),
    }
    // What is called before connectSocket has succeeded may fail.
    for (const name of ['send', 'close']) {
      own[name] = (given = {}) => {
        if (accepted) task[name](given)
        else Promise.resolve().then(() => given.fail && given.fail({ errMsg: `${name}:fail socket is not created` }))
      }
    }
    if (feishu) delete own.onError
    return own
  }

  tt.getStorageSync = (key) => {
    if (!device.storage.has(key)) throw new Error(`getStorageSync:fail data not found, key == ${key}`)
    return wx.getStorageSync(key)
  }

  const TTWebAssembly = {
    async instantiate(path, imports = {}) {
      if (!brotli && path.endsWith('.br')) throw new Error(`TTWebAssembly.instantiate: cannot read ${path}`)
      const { instance } = await WXWebAssembly.instantiate(path, imports)
      return { module: {}, instance }
    },
  }
  return { globals: feishu ? { tt } : { tt, TTWebAssembly }, device }
}
