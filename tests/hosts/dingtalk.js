// DingTalk's `dd`, read from its documentation: of Alipay's family, with one WebSocket in the whole program, that a second
// one replaces. There are no `protocols`: a sub-protocol goes by the header. The device around it is that of wx.js.

import { addNamedStorage, error, onTheWire, pack, unpack } from './alipay.js'
import { addSingleSocket } from './single-socket.js'
import { createWx } from './wx.js'

/**
 * @param {object} settings as of `createWx`, and
 * @param {'replaces' | 'refused'} [settings.second] the table of errors has one for a second connection, the text closes the first
 * @param {boolean} [settings.wrapped] events as the container gives them, below the documented ones
 * @param {'all' | 'each'} [settings.off] documented is `off` without a listener
 */
export function createDingTalk({ second = 'replaces', wrapped = false, off = 'all', ...parts }) {
  const { wx, device } = createWx(parts)
  const dd = {}
  for (const name of Object.keys(wx)) if (/^(on|off)(App|NetworkStatus)|^getNetworkType$/.test(name)) dd[name] = wx[name]
  addNamedStorage(dd, device, {})
  device.socketListeners = addSingleSocket(dd, {
    connect: ({ url, header, success, fail }) =>
      wx.connectSocket({ url, ...onTheWire([], header), success, fail: ({ errMsg }) => fail && fail(error(errMsg, 1)) }) || null,
    off,
    second,
    unpack,
    message: (data) => (wrapped ? { data: pack(data) } : pack(data)),
    closed: () => (wrapped ? undefined : {}),
    error,
  })
  return { globals: { dd }, device }
}
