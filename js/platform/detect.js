/**
 * Which host is this? Found when it is first needed, or named by the program. A platform that hands everything on to the
 * one that was found.
 */

import { MqttError, invalidArgument } from '../errors.js'
import { alipay } from './alipay.js'
import { baidu } from './baidu.js'
import { dingtalk } from './dingtalk.js'
import { douyin } from './douyin.js'
import { jd } from './jd.js'
import { kuaishou } from './kuaishou.js'
import { miniProgramPlatform } from './mini-program.js'
import { qq } from './qq.js'
import { wechat } from './wechat.js'
import { xiaohongshu } from './xiaohongshu.js'

const UNSUPPORTED = 10
const WEB = 'web'

/** WeChat comes last, because others lend themselves its global. */
const HOSTS = [dingtalk, alipay, douyin, baidu, kuaishou, qq, jd, xiaohongshu, wechat]

/** A page may have some `wx` that has nothing to do with sockets. @param {any} api */
const usable = (api) => Boolean(api) && typeof api.connectSocket === 'function'

/**
 * @param {import('./contract.js').Platform} web what pages, workers and Node use
 * @returns {import('./contract.js').Platform & { storage: import('./contract.js').KeyValue }}
 */
export function detectedPlatform(web) {
  /** @type {any} */
  let chosen = null
  let name = ''

  const choose = (/** @type {string} */ wanted) => {
    const host = HOSTS.filter((one) => one.name === wanted)[0]
    if (wanted !== WEB && !host) throw invalidArgument(wanted, 'connectOptions.platform')
    const api = host && host.find()
    if (host && !usable(api)) throw new MqttError(UNSUPPORTED, ['connectSocket of ' + wanted])
    chosen = host ? miniProgramPlatform(host, api) : web
    name = wanted
  }
  const detect = () => {
    const page = typeof document !== 'undefined' && typeof WebSocket === 'function'
    const found = page ? undefined : HOSTS.filter((one) => usable(one.find()))[0]
    choose(found ? found.name : WEB)
  }
  const platform = () => {
    if (chosen === null) detect()
    return chosen
  }

  return {
    use(wanted) {
      if (wanted !== name) choose(wanted)
    },
    loadCore: (options, warn) => platform().loadCore(options, warn),
    openSocket: (url, protocols, handlers, parameters) => platform().openSocket(url, protocols, handlers, parameters),
    now: () => platform().now(),
    setTimer: (run, delay) => platform().setTimer(run, delay),
    clearTimer: (timer) => platform().clearTimer(timer),
    watch: (wake) => platform().watch(wake),
    defer: (run) => platform().defer(run),
    report: (error) => platform().report(error),
    storage: {
      get: (key) => platform().storage.get(key),
      set: (key, text) => platform().storage.set(key, text),
      remove: (key) => platform().storage.remove(key),
      keys: () => platform().storage.keys(),
    },
  }
}
