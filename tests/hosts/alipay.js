// Alipay's `my`, read from its documentation and its typings, and from nothing of the client under test: SocketTasks
// whose events come wrapped, bytes as base64 text, errors as numbers, storage by named parameters. The device around it
// is that of wx.js.

import { addEvents, addSingleSocket, answer } from './single-socket.js'
import { createWx } from './wx.js'

const MAX_ENTRY = 200 * 1024
const MAX_STORAGE = 10 * 1024 * 1024

/** The family's errors are numbers with words. */
export const error = (errorMessage, number) => ({ error: number, errorMessage })

/** What is sent: text, or bytes as base64 text with isBuffer. An ArrayBuffer is documented for what comes in, and not here. */
export function unpack({ data, isBuffer }) {
  if (typeof data !== 'string') throw new Error('the parameter data should be a String')
  if (!isBuffer) return data
  const bytes = Buffer.from(data, 'base64')
  if (bytes.toString('base64') !== data) throw new Error('the parameter data is not base64')
  return Uint8Array.from(bytes).buffer
}

/** What is received; newer clients give bytes as they are. */
export const pack = (data, native) => {
  if (typeof data === 'string') return { data, isBuffer: false }
  return { data: native ? data : Buffer.from(data).toString('base64'), isBuffer: true }
}

/** A sub-protocol may stand in the list of protocols or in the header: this is what goes over the wire. */
export function onTheWire(protocols, header = {}) {
  const name = Object.keys(header).find((one) => /^sec-websocket-protocol$/i.test(one))
  const { [name]: named, ...rest } = header
  return { protocols: [...protocols, ...(named ? named.split(/, */) : [])], header: rest }
}

/**
 * @param {object} settings as of `createWx`, and
 * @param {boolean} [settings.native] a newer client, 10.5.16: bytes come in as ArrayBuffer
 * @param {boolean} [settings.old] an old container, that drops the list of sub-protocols
 * @param {boolean} [settings.wasm] MYWebAssembly in the logic layer too; documented is that of workers
 * @param {boolean} [settings.android] what fails says so by `success: false`; iOS just gives the error
 */
export function createAlipay({ native, old, wasm, android, ...parts }) {
  const { wx, WXWebAssembly, device } = createWx(parts)
  const my = {}
  for (const name of Object.keys(wx)) if (/^(on|off)(App|Network)|^getNetworkType$/.test(name)) my[name] = wx[name]
  addNamedStorage(my, device, { android })

  const connect = ({ url, protocols = [], header, timeout, ...options }) => {
    const wrong = wrongAddress(url, parts.developer)
    if (wrong) return answer(options, false, wrong)
    const fail = ({ errMsg }) => options.fail && options.fail(error(errMsg, 1))
    return wx.connectSocket({ url, timeout, ...onTheWire(old ? [] : protocols, header), fail, success() {} }) || null
  }
  const count = addSingleSocket(my, {
    connect,
    off: 'each',
    second: 'refused',
    unpack,
    message: (data) => pack(data, native),
    closed: ({ reason }) => ({ reason }),
    error: (text, number) => error(text, number === 2 ? 3 : number),
  })
  const { connectSocket } = my
  my.connectSocket = (options) => {
    if (typeof options !== 'object' || options === null) throw new TypeError('connectSocket takes an object')
    const { multiple = false, protocols, header } = options
    const lists = protocols === undefined || (Array.isArray(protocols) && protocols.every((one) => typeof one === 'string'))
    const texts = header === undefined || Object.values(header).every((value) => typeof value === 'string')
    if (typeof multiple !== 'boolean' || !lists || !texts) return answer(options, false, error('invalid parameter', 2))
    if (!multiple) return connectSocket(options)
    const task = connect(options)
    return task === null ? undefined : socketTask(task, String(device.sockets.length), native)
  }
  device.socketListeners = count
  return { globals: { my, ...(wasm && { MYWebAssembly: WXWebAssembly }) }, device }
}

function wrongAddress(url, developer) {
  if (typeof url !== 'string' || url === '') return error('invalid parameter: url', 2)
  const [, scheme] = /^(\w+):\/\/[^/?#\s]+/.exec(url) || []
  if (!scheme) return error('the url cannot be recognised', 4)
  if (!/^wss?$/.test(scheme)) return error('the url has to begin with ws or wss', 5)
  return scheme === 'ws' && !developer ? error('ws is not supported, use wss', 20) : null
}

/** All that its events tell stands in `data`, but for the number of an error. */
function socketTask(task, socketTaskID, native) {
  const own = {}
  const { emit } = addEvents(own, '', 'each')
  task.onOpen(() => emit('Open', { data: { socketTaskID } }))
  task.onMessage(({ data }) => emit('Message', { data: { socketTaskID, ...pack(data, native) } }))
  task.onError(() => emit('Error', { data: { socketTaskID }, error: 6 }))
  task.onClose(() => emit('Close', { data: { socketTaskID } }))
  own.send = (options) => {
    const fail = ({ errMsg }) => options.fail && options.fail(error(errMsg, 10))
    try {
      const success = () => options.success && options.success({ success: true })
      task.send({ data: unpack(options), success, fail, complete: options.complete })
    } catch (fault) {
      answer(options, false, error(fault.message, 2))
    }
  }
  own.close = (options = {}) => {
    task.close({ ...options, fail: ({ errMsg }) => options.fail && options.fail(error(errMsg, 10)) })
  }
  return own
}

/** Storage by named parameters. It never throws: its answers tell. */
export function addNamedStorage(api, device, { android }) {
  const { storage } = device
  const failed = (text, number) => ({ ...(android && { success: false }), ...error(text, number) })
  const named = (options, run) => {
    const { key } = Object(options)
    if (typeof key !== 'string' || key === '') return failed('a required parameter is empty: key', 2)
    return run(key, options)
  }
  const size = () => [...storage].reduce((sum, [key, text]) => sum + key.length + text.length, 0)
  api.setStorageSync = (given) =>
    named(given, (key, { data }) => {
      if (data === undefined) return failed('a required parameter is empty: data', 2)
      const text = JSON.stringify(data)
      if (device.storageFault || size() + text.length > MAX_STORAGE) return failed('the storage is full', 12)
      if (text.length > MAX_ENTRY) return failed('the data is too long', 14)
      storage.set(key, text)
      return { success: true }
    })
  api.getStorageSync = (given) =>
    named(given, (key) => ({ data: storage.has(key) ? JSON.parse(storage.get(key)) : null, ...(android && { success: true }) }))
  api.removeStorageSync = (given) => named(given, (key) => ({ success: true, was: storage.delete(key) }))
  api.getStorageInfoSync = () => {
    return { keys: [...storage.keys()], currentSize: Math.ceil(size() / 1024), limitSize: MAX_STORAGE / 1024 }
  }
}
