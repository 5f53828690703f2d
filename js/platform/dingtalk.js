/**
 * DingTalk mini-programs: of Alipay's family, with one socket for the whole program, and sub-protocols by a header.
 */

import { byHeader, named, wrapped } from './alipay.js'
import { singleSocket } from './single-socket.js'
import { openTask } from './socket-task.js'

const domains = 'open-dev.dingtalk.com, 开发管理, 服务器域名'

/** @type {import('./socket-task.js').Dialect} */
const dialect = { ...wrapped, parameters: {} }

/** @type {import('./mini-program.js').Host} */
export const dingtalk = {
  name: 'dingtalk',
  find: () => (typeof dd === 'undefined' ? null : dd),
  domains,
  opener(api) {
    const single = singleSocket(api)
    return (url, protocols, handlers, parameters) =>
      openTask(single, url, protocols, handlers, byHeader(protocols, parameters), domains, dialect)
  },
  storage: named,
}
