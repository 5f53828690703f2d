// wx.connectSocket and the SocketTask, as strict as the strictest device, and the faults that a test wants of them.

import { utf8Length } from './wx-storage.js'
import { settle } from './wx-thread.js'

const MAX_SOCKETS = 5
const MAX_REASON = 123

const NORMAL = { code: 1000, reason: 'normal closure' }
const ABNORMAL = { code: 1006, reason: 'abnormal closure' }
const NOT_LISTED = { errMsg: 'createSocketTask:fail url not in domain list', errno: 600002 }

export function addSockets(wx, device, { openSocket, domains, developer, connectTimeout, thread, timers, network }) {
  const faults = []
  /** Every socket that there was, the newest last. */
  device.sockets = []
  Object.defineProperty(device, 'openSockets', {
    get: () => device.sockets.filter(({ state }) => state !== 'closed').length,
  })
  /**
   * What becomes of the next call of connectSocket; of the one after that when it is called twice, and so on.
   * @param {{ refuse?: { errMsg: string, errno?: number }, sync?: boolean, returnsNothing?: boolean, events?: string[],
   *   closeFails?: boolean }} fault
   *   refuse: the fail callback is called, at once if sync; returnsNothing: no SocketTask; events: it never opens, and this
   *   is what is told, an empty list for nothing; closeFails: close() fails as if there were no connection
   */
  device.nextConnect = (fault) => faults.push(fault)

  wx.connectSocket = (options) => {
    const fault = faults.shift() || {}
    const tell = (ok, result, sync) => {
      if (sync) settle(Object(options), ok, result)
      else thread.later(() => settle(Object(options), ok, result))
    }
    const wrong = wrongParameter(options)
    const refusal = wrong ? { errMsg: wrong } : fault.refuse || refusalOf(options.url)
    if (refusal) tell(false, { ...refusal, errMsg: `connectSocket:fail ${refusal.errMsg}` }, fault.sync)
    if (wrong || fault.returnsNothing) return undefined
    const socket = createSocket(options, refusal ? 'closed' : 'connecting')
    if (refusal) return socket.task
    device.sockets.push(socket)
    tell(true, { errMsg: 'connectSocket:ok', socketTaskId: device.sockets.length })
    socket.open(fault)
    return socket.task
  }

  function refusalOf(url) {
    if (thread.suspended()) return { errMsg: 'interrupted' }
    const [, scheme, host, port = ''] = /^(\w+):\/\/([^/:?#]+|\[[^\]]*\])(:\d+)?([/?#]|$)/.exec(url) || []
    if (!scheme || !/^wss?$/.test(scheme)) return { errMsg: `invalid url "${url}"` }
    if (!developer && scheme !== 'wss') return NOT_LISTED
    // An entry without a port lets every port pass.
    const listed = [`wss://${host}`, `wss://${host}${port}`]
    if (!developer && domains && !domains.some((domain) => listed.includes(domain))) return NOT_LISTED
    if (device.openSockets >= MAX_SOCKETS) return { errMsg: 'exceed max concurrent count' }
    return null
  }

  function createSocket({ url, protocols = [], header = {}, timeout = connectTimeout }, state) {
    const handlers = { open: [], message: [], error: [], close: [] }
    let carrier = null
    let countdown = null
    let fault = {}
    let alive = true
    const socket = {
      url,
      protocols,
      header,
      state,
      /** How many messages were taken, sent or not. */
      taken: 0,
      /** Listeners cannot be taken away: this is how many there are of each event. */
      handlers: () => Object.fromEntries(Object.entries(handlers).map(([name, list]) => [name, list.length])),
      /** An event out of the blue, whatever the state: late ones of an old socket too. */
      emit: (name, value) => thread.later(() => handlers[name].slice().forEach((handler) => handler(value))),
      /** The link is dead, and nobody knows it yet. */
      cut() {
        alive = false
      },
      /** The connection is lost, and it is told, by `device.events.loss` or these events. */
      lose: (closing = ABNORMAL, events = device.events.loss) => end(events, closing),
      open,
      task: {
        onOpen: (handler) => add('open', handler),
        onMessage: (handler) => add('message', handler),
        onError: (handler) => add('error', handler),
        onClose: (handler) => add('close', handler),
        send: (options) => perform('sendSocketMessage', options, send),
        close: (options) => perform('closeSocket', options, close),
      },
    }
    return socket

    function add(name, handler) {
      if (typeof handler !== 'function') throw new TypeError(`a handler of ${name} is a function`)
      handlers[name].push(handler)
    }

    function open(given) {
      fault = given
      // Without an event nobody ever learns of it, and the socket goes on to count.
      if (fault.events) return fault.events.length > 0 && end(fault.events, ABNORMAL)
      if (!network.isConnected) return end(device.events.failure, ABNORMAL)
      countdown = timers.setTimeout(() => end(device.events.failure, ABNORMAL, 'code:9, msg:Timer Expired'), timeout)
      carrier = openSocket(url, protocols, { header, timeout })
      carrier.binaryType = 'arraybuffer'
      carrier.onopen = () => {
        if (socket.state !== 'connecting' || !alive) return
        if (protocols.length > 0 && !protocols.includes(carrier.protocol)) return end(device.events.failure, ABNORMAL)
        timers.clearTimeout(countdown)
        socket.state = 'open'
        socket.emit('open', { header: {}, profile: {} })
      }
      carrier.onmessage = ({ data }) => {
        if (socket.state === 'open' && alive) socket.emit('message', { data })
      }
      carrier.onerror = () => {}
      carrier.onclose = ({ code, reason }) => {
        const closing = { code, reason: String(reason) || (code === 1000 ? NORMAL.reason : ABNORMAL.reason) }
        if (socket.state === 'connecting') end(device.events.failure, closing)
        else if (socket.state === 'closing') end(['close'], closing)
        else if (alive) end(device.events.loss, closing)
      }
    }

    function end(events, closing, text = 'code:20, msg:Invalid HTTP status.') {
      if (socket.state === 'closed') return
      socket.state = 'closed'
      timers.clearTimeout(countdown)
      // The server must see the end as well; a carrier that has ended already ignores it.
      if (carrier) carrier.close()
      const told = { error: { errMsg: `exception onOpen fail ${text}` }, close: closing }
      for (const name of events) socket.emit(name, told[name])
    }

    /** Success means that the call was accepted, and nothing more. */
    function perform(name, options = {}, work) {
      const wrong = thread.suspended() ? 'interrupted' : work(options)
      thread.later(() => settle(options, !wrong, { errMsg: wrong ? `${name}:fail ${wrong}` : `${name}:ok` }))
    }

    function send({ data }) {
      const isBuffer = Object.prototype.toString.call(data) === '[object ArrayBuffer]'
      if (typeof data !== 'string' && !isBuffer) return 'parameter error: parameter.data should be String or ArrayBuffer'
      if (socket.state !== 'open') return 'WebSocket is not connected'
      socket.taken += 1
      if (alive) carrier.send(data)
      return ''
    }

    function close({ code = NORMAL.code, reason = '' }) {
      if (typeof code !== 'number' || (code !== 1000 && !(code >= 3000 && code <= 4999))) {
        return `the code must be either 1000, or between 3000 and 4999. ${code} is neither.`
      }
      if (typeof reason !== 'string' || utf8Length(reason) > MAX_REASON)
        return `the reason is longer than ${MAX_REASON} bytes`
      if (fault.closeFails || socket.state === 'closing' || socket.state === 'closed') {
        if (fault.closeFails) end([], NORMAL)
        return 'WebSocket is not connected'
      }
      if (socket.state === 'connecting' || !carrier) {
        end(['close'], { code, reason })
      } else {
        socket.state = 'closing'
        carrier.close(code, reason)
      }
      return ''
    }
  }

  return {
    interrupt(closing) {
      for (const socket of device.sockets) socket.lose(closing, ['close'])
    },
  }
}

/** What is wrong with the parameter of connectSocket, in the host's own manner; '' when nothing is. */
function wrongParameter(options) {
  if (typeof options !== 'object' || options === null) return 'parameter error: parameter should be Object'
  const wrong = (name, type) => `parameter error: parameter.${name} should be ${type}`
  const { url, header, protocols, timeout } = options
  if (typeof url !== 'string') return wrong('url', 'String')
  if (header !== undefined) {
    if (typeof header !== 'object' || header === null || Array.isArray(header)) return wrong('header', 'Object')
    if (Object.keys(header).some((name) => /^referer$/i.test(name))) return 'header may not set Referer'
    if (Object.values(header).some((value) => typeof value !== 'string')) return wrong('header', 'Object of String')
  }
  if (protocols !== undefined) {
    if (!Array.isArray(protocols)) return wrong('protocols', 'Array')
    if (protocols.some((name) => typeof name !== 'string' || name === '')) return wrong('protocols', 'Array of String')
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) return wrong('timeout', 'Number')
  const flag = ['tcpNoDelay', 'perMessageDeflate', 'forceCellularNetwork'].find(
    (name) => !['undefined', 'boolean'].includes(typeof options[name]),
  )
  return flag ? wrong(flag, 'Boolean') : ''
}
