// WeChat's `wx`, as strict as the strictest device that is documented or reported, and the device around it: what a
// socket, the WebAssembly, the storage, the network and the background do to a program, and the faults that a test wants.
// One plain module for pages, Node and bare engines: it imports nothing, and what carries it (sockets, files, timers) is
// handed in. It never draws anything, and it knows neither MQTT nor the client under test.

const MAX_SOCKETS = 5
const SUSPENDED_AFTER = 5000
const MAX_REASON = 123
const MAX_ENTRY = 1024 * 1024
const MAX_STORAGE = 10 * MAX_ENTRY
const MAX_RANDOM = 1048576

const NORMAL = { code: 1000, reason: 'normal closure' }
const ABNORMAL = { code: 1006, reason: 'abnormal closure' }
const INTERRUPTED = { code: 1000, reason: 'interrupted' }
const NOT_LISTED = { errMsg: 'createSocketTask:fail url not in domain list', errno: 600002 }

const hostTimers = {
  setTimeout: (run, delay) => setTimeout(run, delay),
  clearTimeout: (timer) => clearTimeout(timer),
}

/**
 * One device with one running program. Whatever a test may set or see is on `device`.
 * @param {object} parts
 * @param {(url: string, protocols: string[], options: object) => WebSocket} parts.openSocket gives something like a WebSocket
 * @param {(path: string) => Uint8Array | Promise<Uint8Array>} [parts.readPackageFile] a file of the code package by its
 *   absolute path; what ends in .br comes decompressed
 * @param {Map<string, string>} [parts.storage] outlives the program when it is handed to the next device
 * @param {string[]} [parts.domains] the list of the console, for example ['wss://host']; without it every wss host is listed
 * @param {boolean} [parts.developer] the setting that checks no domain and lets ws:// pass
 * @param {number} [parts.connectTimeout] milliseconds, as app.json may set it
 * @param {{ setTimeout: Function, clearTimeout: Function }} [parts.timers]
 * @param {() => number} [parts.now] milliseconds
 */
export function createWx({
  openSocket,
  readPackageFile,
  storage = new Map(),
  domains,
  developer,
  connectTimeout = 60000,
  timers = hostTimers,
  now = () => Date.now(),
}) {
  const wx = {}
  const device = {
    /** What tells of a connection that fails and of one that is lost, in this order; an empty list is silence. */
    events: { failure: ['error', 'close'], loss: ['close'] },
    /** How sockets end when the program is suspended; null: they outlive it. */
    interruption: INTERRUPTED,
    /** True: a program that comes back is told so before what it missed. */
    showFirst: true,
  }
  const thread = createThread(timers, now)
  const shape = createCalls(thread)
  const network = addNetwork(wx, device, shape)
  const sockets = addSockets(wx, device, { openSocket, domains, developer, connectTimeout, thread, timers, network })
  addLifecycle(wx, device, { thread, timers, sockets, shape })
  addStorage(wx, device, { storage, shape })
  wx.getRandomValues = (options) =>
    shape.call('getRandomValues', options, ({ length }) => {
      if (!Number.isInteger(length) || length < 1 || length > MAX_RANDOM) throw new Error('invalid length')
      return { randomValues: Uint8Array.from({ length }, () => Math.random() * 256).buffer }
    })
  device.timers = thread.timers
  Object.defineProperty(device, 'pendingTimers', { get: thread.pending })
  return { wx, WXWebAssembly: createWebAssembly(device, readPackageFile), device }
}

/** The program's JavaScript thread: its timers, and the callbacks that the host owes it. Suspended, neither comes. */
function createThread(timers, now) {
  const pending = new Map()
  const owed = []
  let suspended = false
  let last = 0

  const turn = () => {
    if (!suspended && owed.length > 0) owed.shift()()
  }
  /** Callbacks come in the order in which they became due, each in a turn of its own, never within the call. */
  const later = (run) => {
    owed.push(run)
    if (!suspended) timers.setTimeout(turn, 0)
  }
  const arm = (id) => {
    const timer = pending.get(id)
    timer.handle = timers.setTimeout(() => fire(id), Math.max(0, timer.due - now()))
  }
  const fire = (id) => {
    const { run, period } = pending.get(id)
    if (period === null) {
      pending.delete(id)
    } else {
      pending.get(id).due = now() + period
      arm(id)
    }
    run()
  }
  const set =
    (name, repeats) =>
    (run, delay, ...rest) => {
      if (typeof run !== 'function') throw new TypeError(`${name} takes a function`)
      // One Android version of WeChat crashed on setInterval(run, delay, null).
      if (rest.includes(null)) throw new TypeError(`${name} takes no null as a third argument`)
      const wait = Math.max(0, Number(delay) || 0)
      last += 1
      pending.set(last, { run: () => run(...rest), due: now() + wait, period: repeats ? wait : null, handle: null })
      if (!suspended) arm(last)
      return last
    }
  const clear = (id) => {
    if (pending.has(id)) timers.clearTimeout(pending.get(id).handle)
    pending.delete(id)
  }

  return {
    later,
    timers: {
      setTimeout: set('setTimeout', false),
      clearTimeout: clear,
      setInterval: set('setInterval', true),
      clearInterval: clear,
    },
    pending: () => pending.size,
    suspended: () => suspended,
    suspend() {
      suspended = true
      for (const { handle } of pending.values()) timers.clearTimeout(handle)
    },
    /** Some devices make up for the ticks that an interval missed, all at once: up to `ticks` of them. */
    resume(ticks) {
      if (!suspended) return
      suspended = false
      for (let count = owed.length; count > 0; count -= 1) timers.setTimeout(turn, 0)
      for (const [id, { run, due, period }] of [...pending].sort(([, a], [, b]) => a.due - b.due)) {
        const missed = period ? Math.floor((now() - due) / period) : 0
        for (let count = Math.min(missed, ticks - 1); count > 0; count -= 1) later(run)
        arm(id)
      }
    },
  }
}

/** Calls back as every call of `wx` does. */
export function settle({ success, fail, complete }, ok, result) {
  const told = ok ? success : fail
  if (told) told(result)
  if (complete) complete(result)
}

/** The shapes that calls and events of `wx` share. */
function createCalls(thread) {
  const shape = {
    /** Callbacks where there is one, otherwise a promise; asynchronous in either case. */
    deliver(ok, result, { success, fail, complete } = {}) {
      if (!success && !fail && !complete) {
        return new Promise((resolve, reject) => thread.later(() => (ok ? resolve(result) : reject(result))))
      }
      thread.later(() => settle({ success, fail, complete }, ok, result))
    },
    call(name, options = {}, work) {
      try {
        return shape.deliver(true, { ...work(options), errMsg: `${name}:ok` }, options)
      } catch (error) {
        return shape.deliver(false, { errMsg: `${name}:fail ${error.message}` }, options)
      }
    },
    /** wx.onX and wx.offX; without an argument offX takes all listeners away. */
    event(wx, device, name) {
      const listeners = []
      wx[`on${name}`] = (listener) => {
        if (typeof listener !== 'function') throw new TypeError(`on${name} takes a function`)
        listeners.push(listener)
      }
      wx[`off${name}`] = (listener) => {
        if (listener === undefined) listeners.length = 0
        else if (listeners.includes(listener)) listeners.splice(listeners.indexOf(listener), 1)
      }
      device.listeners = device.listeners || {}
      Object.defineProperty(device.listeners, name, { enumerable: true, get: () => listeners.length })
      // It comes from outside, so it is told at once where there is somebody awake to hear it.
      return (value) => {
        for (const listener of listeners.slice()) {
          if (thread.suspended()) thread.later(() => listener(value))
          else listener(value)
        }
      }
    },
  }
  return shape
}

function addNetwork(wx, device, shape) {
  const state = { isConnected: true, networkType: 'wifi', weakNet: false }
  const changed = shape.event(wx, device, 'NetworkStatusChange')
  const weakened = shape.event(wx, device, 'NetworkWeakChange')
  wx.getNetworkType = (options) =>
    shape.call('getNetworkType', options, () => ({ networkType: state.networkType, weakNet: state.weakNet }))
  /** The links of the old network are dead from now on, and nothing says so: no device promises an event. */
  device.network = (isConnected, networkType = isConnected ? 'wifi' : 'none') => {
    if (state.isConnected !== isConnected || state.networkType !== networkType) {
      for (const socket of device.sockets) socket.cut()
    }
    Object.assign(state, { isConnected, networkType })
    changed({ isConnected, networkType })
  }
  device.weakNetwork = (weakNet) => {
    state.weakNet = weakNet
    weakened({ weakNet, networkType: state.networkType })
  }
  return state
}

function addLifecycle(wx, device, { thread, timers, sockets, shape }) {
  const shown = shape.event(wx, device, 'AppShow')
  const hidden = shape.event(wx, device, 'AppHide')
  let inBackground = false
  let countdown = null
  device.background = () => {
    if (inBackground) return
    inBackground = true
    hidden()
    countdown = timers.setTimeout(device.suspend, SUSPENDED_AFTER)
  }
  /** Now, and not only five seconds after the program went to the background. */
  device.suspend = () => {
    if (thread.suspended()) return
    timers.clearTimeout(countdown)
    thread.suspend()
    if (device.interruption) sockets.interrupt(device.interruption)
  }
  device.foreground = ({ ticks = 3 } = {}) => {
    if (!inBackground && !thread.suspended()) return
    inBackground = false
    timers.clearTimeout(countdown)
    thread.resume(ticks)
    const options = { path: '', query: {}, scene: 1001 }
    if (device.showFirst) shown(options)
    else thread.later(() => shown(options))
  }
}

function addSockets(wx, device, { openSocket, domains, developer, connectTimeout, thread, timers, network }) {
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

function addStorage(wx, device, { storage, shape }) {
  const size = () => [...storage].reduce((sum, [key, text]) => sum + utf8Length(key) + utf8Length(text), 0)
  const named = (key) => {
    if (typeof key !== 'string' || key === '') throw new Error('parameter error: parameter.key should be a non-empty String')
    return key
  }
  device.storage = storage
  /** While it is a text, every writing fails with it. */
  device.storageFault = ''
  const operations = {
    setStorage({ key, data }) {
      const text = JSON.stringify({ data: stored(data) })
      if (device.storageFault) throw new Error(device.storageFault)
      if (utf8Length(text) > MAX_ENTRY) throw new Error('entry size limit reached')
      const before = storage.has(named(key)) ? utf8Length(key) + utf8Length(storage.get(key)) : 0
      if (size() - before + utf8Length(key) + utf8Length(text) > MAX_STORAGE) throw new Error('exceed storage max size 10Mb')
      storage.set(key, text)
    },
    getStorage({ key }) {
      if (!storage.has(named(key))) throw new Error('data not found')
      return { data: revived(JSON.parse(storage.get(key)).data) }
    },
    removeStorage({ key }) {
      if (device.storageFault) throw new Error(device.storageFault)
      storage.delete(named(key))
    },
    clearStorage() {
      storage.clear()
    },
    getStorageInfo: () => ({
      keys: [...storage.keys()],
      currentSize: Math.ceil(size() / 1024),
      limitSize: MAX_STORAGE / 1024,
    }),
  }
  for (const name of Object.keys(operations)) wx[name] = (options) => shape.call(name, options, operations[name])
  const now = (name, options) => {
    try {
      return operations[name](options)
    } catch (error) {
      throw new Error(`${name}Sync:fail ${error.message}`)
    }
  }
  wx.setStorageSync = (key, data) => now('setStorage', { key, data })
  wx.getStorageSync = (key) => (storage.has(key) ? now('getStorage', { key }).data : '')
  wx.removeStorageSync = (key) => now('removeStorage', { key })
  wx.clearStorageSync = () => now('clearStorage', {})
  wx.getStorageInfoSync = () => now('getStorageInfo', {})
}

/** A value as JSON can hold it, or an error: primitives, dates, and plain arrays and objects of these. */
function stored(value, above = []) {
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  if (kind === 'Date') return { '\0date': value.getTime() }
  if (['Null', 'String', 'Boolean', 'Number'].includes(kind)) return value
  if (!['Array', 'Object'].includes(kind)) throw new Error(`parameter error: a value of type ${kind} cannot be stored`)
  if (above.includes(value)) throw new Error('parameter error: a value that contains itself cannot be stored')
  if (kind === 'Array') return value.map((each) => stored(each, [...above, value]))
  // As JSON does, without what has no value.
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, stored(each, [...above, value])]))
}

function revived(value) {
  if (typeof value !== 'object' || value === null) return value
  if ('\0date' in value) return new Date(value['\0date'])
  if (Array.isArray(value)) return value.map(revived)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revived(each)]))
}

/** No constructors: on iOS WXWebAssembly.Memory, Table and Global were seen to be undefined. */
function createWebAssembly(device, readPackageFile) {
  const engine = typeof WebAssembly === 'undefined' ? null : WebAssembly
  /** failures: so many times it fails first; hangs: it never settles; bare: it gives the instance; paths: what was asked for. */
  device.wasm = { failures: 0, hangs: false, bare: false, paths: [] }
  return {
    async instantiate(path, imports) {
      device.wasm.paths.push(path)
      if (typeof path !== 'string')
        throw new TypeError('WXWebAssembly.instantiate: only the path of a file in the code package')
      if (!/^\/(?!\/).*\.wasm(\.br)?$/.test(path))
        throw new Error(`WXWebAssembly.instantiate: not support wxfile: or http: path: ${path}`)
      if (typeof imports !== 'object' || imports === null)
        throw new TypeError('WXWebAssembly.instantiate: Imports argument must be an object')
      if (device.wasm.hangs) return new Promise(() => {})
      if (device.wasm.failures > 0) {
        device.wasm.failures -= 1
        throw new Error('WXWebAssembly.instantiate: CompileError')
      }
      const module = await engine.compile(await readPackageFile(path))
      const globals = engine.Module.exports(module).filter(({ kind }) => kind === 'global')
      if (globals.length > 0)
        throw new Error(`WXWebAssembly.instantiate: exported Global is not supported: ${globals[0].name}`)
      const instance = await engine.instantiate(module, imports)
      return device.wasm.bare ? instance : { instance }
    },
  }
}

function utf8Length(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.length
  let length = 0
  for (const character of text) {
    const point = character.codePointAt(0)
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return length
}
