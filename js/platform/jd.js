/**
 * JD mini-programs: as WeChat's, with one socket for the whole program, and without WebAssembly.
 */

import { singleSocket } from './single-socket.js'
import { openTask } from './socket-task.js'

const domains = 'mp.jd.com, 开发设置, 服务器域名'

/** @type {import('./mini-program.js').Host} */
const host = {
  name: 'jd',
  // Not the one that this module exports.
  find: () => (typeof jd === 'undefined' ? null : jd),
  domains,
  opener(api) {
    const single = singleSocket(api)
    return (...args) => openTask(single, ...args, domains)
  },
}

export { host as jd }
