// The strict stand-in of WeChat's `wx` (wx.js) is as strict as it says: each rule that other tests rely on.

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { createWx } from './wx.js'

/** The other end of a socket: what the stand-in did with it. */
class Carrier {
  sent = []
  protocol = ''
  closed = null

  constructor(url, protocols, options) {
    Object.assign(this, { url, protocols, options })
  }

  open(protocol = this.protocols[0] ?? '') {
    this.protocol = protocol
    this.onopen()
  }

  send(data) {
    this.sent.push(data)
  }

  close(code = 1000, reason = '') {
    if (this.closed) return
    this.closed = { code, reason }
    this.onclose(this.closed)
  }
}

/** A device, the ends of its sockets, and `told`: what came back from it. */
function start(options = {}) {
  const carriers = []
  const told = []
  const openSocket = (...values) => {
    carriers.push(new Carrier(...values))
    return carriers.at(-1)
  }
  const note = (what) => (value) => told.push([what, value])
  const callbacks = () => ({ success: note('success'), fail: note('fail'), complete: note('complete') })
  const made = createWx({ openSocket, ...options })
  const connect = (more = {}) => {
    const task = made.wx.connectSocket({ url: 'wss://host/mqtt', ...callbacks(), ...more })
    for (const event of ['Open', 'Message', 'Error', 'Close']) task?.[`on${event}`](note(event))
    return task
  }
  const opened = () => {
    const task = connect()
    carriers.at(-1).open()
    settle()
    told.length = 0
    return task
  }
  return { ...made, carriers, told, note, callbacks, connect, opened }
}

/** Time passes, a millisecond at a time, so that what a timer sets is due when it should be. */
const pass = (milliseconds) => {
  for (let count = milliseconds; count > 0; count -= 1) mock.timers.tick(1)
}
/** Whatever is owed now, comes. */
const settle = () => pass(1)
const names = (told) => told.map(([what]) => what)
const failure = (told) => told.find(([what]) => what === 'fail')?.[1].errMsg

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] }))
afterEach(() => mock.timers.reset())

describe('connectSocket', () => {
  test('gives its task at once and every callback later, and its success is not the connection', () => {
    const { connect, told, carriers } = start()
    assert.equal(typeof connect({ protocols: ['mqtt'] }).send, 'function')
    assert.deepEqual(told, [])
    settle()
    assert.deepEqual(names(told), ['success', 'complete'])
    carriers[0].open()
    settle()
    assert.deepEqual(names(told), ['success', 'complete', 'Open'])
  })

  for (const [what, options, message] of [
    ['protocols that are no array', { protocols: 'mqtt' }, /parameter.protocols should be Array/],
    ['a protocol without a name', { protocols: [''] }, /parameter.protocols/],
    ['an address that is no text', { url: null }, /parameter.url should be String/],
    ['a header that is no object', { header: 'a: b' }, /parameter.header/],
    ['the header Referer', { header: { Referer: 'x' } }, /Referer/],
    ['a flag that is none', { tcpNoDelay: 1 }, /parameter.tcpNoDelay should be Boolean/],
  ]) {
    test(`refuses ${what}, and gives no task`, () => {
      const { connect, told } = start()
      assert.equal(connect(options), undefined)
      assert.deepEqual(told, [])
      settle()
      assert.deepEqual(names(told), ['fail', 'complete'])
      assert.match(failure(told), message)
    })
  }

  test('refuses every scheme but wss, and ws with the setting for developers only', () => {
    for (const [url, developer, refused] of [
      ['ws://host', false, true],
      ['ws://host', true, false],
      ['wxs://host', true, true],
      ['https://host', true, true],
      ['host', true, true],
    ]) {
      const { connect, told } = start({ developer })
      connect({ url })
      settle()
      assert.equal(names(told).includes('fail'), refused, url)
    }
  })

  test('refuses a host that is not listed, with its number, whatever the port of one that is', () => {
    const { connect, told, carriers } = start({ domains: ['wss://host'] })
    connect({ url: 'wss://other/mqtt' })
    settle()
    assert.deepEqual(told[0], [
      'fail',
      { errMsg: 'connectSocket:fail createSocketTask:fail url not in domain list', errno: 600002 },
    ])
    connect({ url: 'wss://host:8084/mqtt' })
    assert.equal(carriers.length, 1)
  })

  test('refuses a sixth socket until one of the five is closed', () => {
    const { connect, told, carriers, device } = start()
    const tasks = Array.from({ length: 5 }, () => connect())
    settle()
    told.length = 0
    connect()
    settle()
    assert.match(failure(told), /exceed max concurrent count/)
    tasks[0].close({})
    assert.equal(device.openSockets, 4)
    connect()
    assert.equal(carriers.length, 6)
  })

  test('fails without the sub-protocol in the answer', () => {
    const { connect, told, carriers } = start()
    connect({ protocols: ['mqtt'] })
    carriers[0].open('')
    settle()
    assert.deepEqual(names(told), ['success', 'complete', 'Error', 'Close'])
  })

  test('gives up after its timeout, and closes what it began', () => {
    const { connect, told, carriers } = start({ connectTimeout: 15000 })
    connect()
    pass(14999)
    assert.ok(!names(told).includes('Error'))
    pass(2)
    assert.deepEqual(names(told).slice(2), ['Error', 'Close'])
    assert.ok(carriers[0].closed)
  })

  test('never opens when the network changes meanwhile, and only its timeout tells', () => {
    const { connect, told, carriers, device } = start({ connectTimeout: 15000 })
    connect()
    device.network(true, '4g')
    carriers[0].open()
    settle()
    assert.deepEqual(names(told), ['success', 'complete'])
    pass(15000)
    assert.deepEqual(names(told).slice(2), ['Error', 'Close'])
  })

  test('fails without a network', () => {
    const { connect, told, carriers, device } = start()
    device.network(false)
    connect()
    settle()
    assert.equal(carriers.length, 0)
    assert.deepEqual(names(told).slice(2), ['Error', 'Close'])
  })
})

describe('a SocketTask', () => {
  test('tells a handler nothing of what was before it', () => {
    const { wx, carriers, told, note } = start()
    const task = wx.connectSocket({ url: 'wss://host', success() {} })
    carriers[0].open()
    settle()
    task.onOpen(note('Open'))
    settle()
    assert.deepEqual(told, [])
  })

  test('has no way to take a handler away, and calls each that was added', () => {
    const { opened, carriers, told, note, device } = start()
    const task = opened()
    assert.ok(!Object.keys(task).some((name) => name.startsWith('off')))
    task.onMessage(note('again'))
    carriers[0].onmessage({ data: 'text' })
    settle()
    assert.deepEqual(told, [
      ['Message', { data: 'text' }],
      ['again', { data: 'text' }],
    ])
    assert.equal(device.sockets[0].handlers().message, 2)
  })

  test('sends texts and ArrayBuffers and no view of one', () => {
    const { opened, carriers, told, callbacks } = start()
    const task = opened()
    for (const data of ['text', new ArrayBuffer(2)]) task.send({ data })
    assert.equal(carriers[0].sent.length, 2)
    for (const data of [new Uint8Array(2), new DataView(new ArrayBuffer(2)), null, [1], {}]) {
      task.send({ data, ...callbacks() })
      settle()
      assert.match(failure(told), /should be String or ArrayBuffer/)
      told.length = 0
    }
    assert.equal(carriers[0].sent.length, 2)
  })

  test('sends nothing before it is open or after its end', () => {
    const { connect, carriers, told, callbacks } = start()
    const task = connect()
    task.send({ data: 'early', ...callbacks() })
    settle()
    assert.match(failure(told), /sendSocketMessage:fail WebSocket is not connected/)
    carriers[0].open()
    carriers[0].close()
    told.length = 0
    task.send({ data: 'late', ...callbacks() })
    settle()
    assert.match(failure(told), /WebSocket is not connected/)
    assert.deepEqual(carriers[0].sent, [])
  })

  test('reports success for what it sends into a dead link', () => {
    const { opened, carriers, told, callbacks, device } = start()
    const task = opened()
    device.sockets[0].cut()
    task.send({ data: 'lost', ...callbacks() })
    carriers[0].onmessage({ data: 'lost too' })
    carriers[0].close(1006)
    settle()
    assert.deepEqual(names(told), ['success', 'complete'])
    assert.deepEqual(carriers[0].sent, [])
  })

  test('closes with 1000 and 3000 to 4999 and at most 123 bytes of reason', () => {
    for (const [options, accepted] of [
      [{}, true],
      [{ code: 3000 }, true],
      [{ code: 1001 }, false],
      [{ code: 5000 }, false],
      [{ code: '1000' }, false],
      [{ reason: 'é'.repeat(61) }, true],
      [{ reason: 'é'.repeat(62) }, false],
    ]) {
      const { opened, told, carriers, callbacks } = start()
      opened().close({ ...options, ...callbacks() })
      settle()
      assert.equal(names(told).includes('success'), accepted, JSON.stringify(options))
      assert.equal(names(told).includes('Close'), accepted)
      assert.equal(carriers[0].closed !== null, accepted)
    }
  })

  test('is told of its own close once, with what the server answered, and fails to close again', () => {
    const { opened, told, callbacks, device } = start()
    const task = opened()
    task.close({ code: 3001, reason: 'done' })
    task.close(callbacks())
    settle()
    assert.deepEqual(told[0], ['Close', { code: 3001, reason: 'done' }])
    assert.deepEqual(names(told), ['Close', 'fail', 'complete'])
    assert.equal(failure(told), 'closeSocket:fail WebSocket is not connected')
    assert.equal(device.openSockets, 0)
  })
})

describe('a fault', () => {
  test('refuses a connection, at once or later, with a task or without', () => {
    const refuse = { errMsg: 'no', errno: 5 }
    for (const sync of [true, false]) {
      for (const returnsNothing of [true, false]) {
        const { connect, told, device } = start()
        device.nextConnect({ refuse, sync, returnsNothing })
        assert.equal(connect() === undefined, returnsNothing)
        assert.equal(told.length > 0, sync)
        settle()
        assert.deepEqual(told[0], ['fail', { errMsg: 'connectSocket:fail no', errno: 5 }])
      }
    }
  })

  test('lets a connection fail with the events of the test, in their order', () => {
    for (const events of [['error'], ['close'], ['close', 'error'], ['error', 'close']]) {
      const { connect, told, device } = start()
      device.nextConnect({ events })
      connect()
      settle()
      assert.deepEqual(
        names(told)
          .slice(2)
          .map((name) => name.toLowerCase()),
        events,
      )
      assert.equal(device.openSockets, 0)
    }
  })

  test('lets a connection hang for ever, and it counts until it is closed', () => {
    const { connect, told, device } = start()
    device.nextConnect({ events: [] })
    const task = connect()
    pass(120000)
    assert.deepEqual(names(told), ['success', 'complete'])
    assert.equal(device.openSockets, 1)
    task.close({})
    assert.equal(device.openSockets, 0)
  })

  test('lets a loss go untold, or be told in any order', () => {
    for (const loss of [[], ['close'], ['close', 'error']]) {
      const { opened, carriers, told, device } = start()
      device.events.loss = loss
      opened()
      carriers[0].close(1006)
      settle()
      assert.deepEqual(
        names(told).map((name) => name.toLowerCase()),
        loss,
      )
    }
  })

  test('lets close fail as if nothing were connected', () => {
    const { connect, carriers, told, callbacks, device } = start()
    device.nextConnect({ closeFails: true })
    const task = connect()
    carriers[0].open()
    settle()
    told.length = 0
    task.close(callbacks())
    settle()
    assert.deepEqual(names(told), ['fail', 'complete'])
  })

  test('brings late events of a socket that has ended', () => {
    const { opened, told, device } = start()
    opened().close({})
    settle()
    told.length = 0
    device.sockets[0].emit('message', { data: 'late' })
    settle()
    assert.deepEqual(told, [['Message', { data: 'late' }]])
  })
})

describe('in the background', () => {
  test('the program runs for five seconds and is then suspended, timers and all', () => {
    const { device, wx, note, told } = start()
    wx.onAppHide(note('hide'))
    device.timers.setInterval(note('tick'), 1000)
    device.background()
    assert.deepEqual(names(told), ['hide'])
    pass(60000)
    assert.equal(names(told).filter((name) => name === 'tick').length, 4)
  })

  test('who comes back before that has missed nothing, and hears of no timer twice', () => {
    const { device, note, told } = start()
    device.timers.setTimeout(note('timeout'), 3000)
    device.background()
    pass(2000)
    device.foreground()
    pass(60000)
    assert.deepEqual(names(told), ['timeout'])
  })

  test('what was due comes on return, a few missed ticks of an interval at once', () => {
    const { device, wx, note, told } = start()
    wx.onAppShow(note('show'))
    device.timers.setTimeout(note('timeout'), 2000)
    device.timers.setInterval(note('tick'), 1000)
    device.suspend()
    pass(10000)
    assert.deepEqual(told, [])
    device.foreground({ ticks: 3 })
    settle()
    assert.deepEqual(names(told).sort(), ['show', 'tick', 'tick', 'tick', 'timeout'])
    pass(1000)
    assert.equal(names(told).filter((name) => name === 'tick').length, 4)
  })

  test('what was owed before comes on return, and overdue timers fire in their order', () => {
    const { device, opened, note, told, callbacks } = start()
    device.interruption = null
    const task = opened()
    device.timers.setTimeout(note('second'), 2000)
    device.timers.setTimeout(note('first'), 1000)
    device.timers.setTimeout(note('third'), 3000)
    task.send({ data: 'x', ...callbacks() })
    device.suspend()
    pass(4000)
    assert.deepEqual(told, [])
    device.foreground()
    settle()
    assert.deepEqual(names(told), ['success', 'complete', 'first', 'second', 'third'])
  })

  test('sockets end, and it is told on return as an interruption, before or after the return itself', () => {
    for (const showFirst of [true, false]) {
      const { device, opened, carriers, wx, note, told } = start()
      wx.onAppShow(note('show'))
      opened()
      device.showFirst = showFirst
      device.background()
      device.suspend()
      pass(1000)
      assert.ok(carriers[0].closed)
      assert.deepEqual(told, [])
      device.foreground()
      settle()
      assert.deepEqual(names(told), showFirst ? ['show', 'Close'] : ['Close', 'show'])
      assert.deepEqual(told.find(([what]) => what === 'Close')[1], { code: 1000, reason: 'interrupted' })
    }
  })

  test('calls of the network fail as interrupted, and that too is told on return', () => {
    const { device, connect, opened, told, callbacks, carriers } = start()
    device.interruption = null
    const task = opened()
    device.suspend()
    task.send({ data: 'x', ...callbacks() })
    connect()
    pass(1000)
    assert.deepEqual(told, [])
    device.foreground()
    settle()
    assert.deepEqual(
      told.filter(([what]) => what === 'fail').map(([, { errMsg }]) => errMsg),
      ['sendSocketMessage:fail interrupted', 'connectSocket:fail interrupted'],
    )
    assert.deepEqual(carriers[0].sent, [])
  })
})

describe('timers', () => {
  test('take a function, and no null after the delay', () => {
    const { device } = start()
    assert.throws(() => device.timers.setTimeout('code', 1), /takes a function/)
    assert.throws(() => device.timers.setInterval(() => {}, 1, null), /no null/)
  })

  test('fire until they are cleared, and are counted', () => {
    const { device, note, told } = start()
    const timer = device.timers.setInterval(note('tick'), 10)
    pass(25)
    assert.equal(device.pendingTimers, 1)
    device.timers.clearInterval(timer)
    pass(100)
    assert.equal(told.length, 2)
    assert.equal(device.pendingTimers, 0)
  })
})

describe('the network', () => {
  test('tells of a change, and the links of the old one are dead without a word', () => {
    const { device, opened, carriers, wx, note, told } = start()
    wx.onNetworkStatusChange(note('network'))
    const task = opened()
    device.network(true, '4g')
    task.send({ data: 'lost' })
    settle()
    assert.deepEqual(told, [['network', { isConnected: true, networkType: '4g' }]])
    assert.deepEqual(carriers[0].sent, [])
  })

  test('says its type when it is asked', async () => {
    const { device, wx } = start()
    device.network(false)
    const asked = wx.getNetworkType()
    settle()
    assert.equal((await asked).networkType, 'none')
  })

  test('a listener goes, or all of them, and those that are left are counted', () => {
    const { device, wx, note } = start()
    const listener = note('network')
    for (const each of [listener, note('other'), note('third')]) wx.onNetworkStatusChange(each)
    wx.offNetworkStatusChange(listener)
    assert.equal(device.listeners.NetworkStatusChange, 2)
    wx.offNetworkStatusChange()
    assert.deepEqual({ ...device.listeners }, { NetworkStatusChange: 0, NetworkWeakChange: 0, AppShow: 0, AppHide: 0 })
  })
})

describe('the storage', () => {
  test('gives back what JSON can hold, dates too, and an empty text for what is not there', () => {
    const { wx } = start()
    const value = { text: '房', list: [1, true, null], at: new Date(5) }
    wx.setStorageSync('key', value)
    value.list.push('later')
    assert.deepEqual(wx.getStorageSync('key'), { text: '房', list: [1, true, null], at: new Date(5) })
    assert.equal(wx.getStorageSync('other'), '')
    wx.removeStorageSync('key')
    assert.equal(wx.getStorageSync('key'), '')
  })

  test('refuses bytes and everything else that JSON cannot hold', () => {
    const { wx } = start()
    const circle = {}
    circle.self = circle
    for (const value of [
      new ArrayBuffer(1),
      new Uint8Array(1),
      { deep: [new Uint8Array(1)] },
      undefined,
      () => {},
      new Map(),
      1n,
      circle,
    ]) {
      assert.throws(() => wx.setStorageSync('key', value), /setStorageSync:fail parameter error/)
    }
    assert.throws(() => wx.setStorageSync('', 1), /key/)
    assert.deepEqual(wx.getStorageInfoSync().keys, [])
  })

  test('holds 1 MB a key and 10 MB in all, counted in bytes of UTF-8', () => {
    const { wx } = start()
    assert.throws(() => wx.setStorageSync('key', '房'.repeat(400 * 1024)), /entry size limit/)
    const most = 'x'.repeat(1024 * 1024 - 20)
    for (let count = 0; count < 10; count += 1) wx.setStorageSync(`key${count}`, most)
    assert.throws(() => wx.setStorageSync('key10', most), /max size/)
    wx.setStorageSync('key0', most)
    assert.equal(wx.getStorageInfoSync().currentSize, 10240)
  })

  test('answers asynchronously too, with an error for what is not there, to callbacks or by a promise', async () => {
    const { wx, callbacks, told } = start()
    assert.equal(wx.getStorage({ key: 'other', ...callbacks() }), undefined)
    settle()
    assert.deepEqual(names(told), ['fail', 'complete'])
    const set = wx.setStorage({ key: 'key', data: 1 })
    const got = wx.getStorage({ key: 'key' })
    const missing = wx.getStorage({ key: 'other' })
    for (let count = 0; count < 3; count += 1) settle()
    assert.equal((await set).errMsg, 'setStorage:ok')
    assert.equal((await got).data, 1)
    await assert.rejects(missing, { errMsg: 'getStorage:fail data not found' })
  })

  test('outlives the program, and fails when the test says so', () => {
    const storage = new Map()
    start({ storage }).wx.setStorageSync('key', 'kept')
    const { wx, device } = start({ storage })
    device.storageFault = 'full'
    assert.throws(() => wx.setStorageSync('key', 'new'), /setStorageSync:fail full/)
    assert.throws(() => wx.removeStorageSync('key'), /full/)
    assert.equal(wx.getStorageSync('key'), 'kept')
  })
})

describe('WXWebAssembly', () => {
  const empty = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  /** (global (export "g") i32 (i32.const 0)) */
  const exportsGlobal = [...empty, 6, 6, 1, 0x7f, 0, 0x41, 0, 0x0b, 7, 5, 1, 1, 0x67, 3, 0]
  const carrying = (bytes) => start({ readPackageFile: () => Uint8Array.from(bytes) })

  test('takes absolute paths of the code package to .wasm and .wasm.br, and nothing else', async () => {
    const { WXWebAssembly, device } = carrying(empty)
    for (const path of ['/a/b.wasm', '/b.wasm.br']) assert.ok((await WXWebAssembly.instantiate(path, {})).instance.exports)
    for (const path of [
      'b.wasm',
      './b.wasm',
      'https://host/b.wasm',
      '//host/b.wasm',
      'wxfile://usr/b.wasm',
      '/b.bin',
      '/b.wasm.gz',
    ]) {
      await assert.rejects(WXWebAssembly.instantiate(path, {}), /not support/, path)
    }
    await assert.rejects(WXWebAssembly.instantiate(Uint8Array.from(empty), {}), TypeError)
    assert.equal(device.wasm.paths.length, 10)
  })

  test('needs an import object, and refuses an exported global', async () => {
    await assert.rejects(carrying(empty).WXWebAssembly.instantiate('/b.wasm'), /Imports argument/)
    await assert.rejects(carrying(exportsGlobal).WXWebAssembly.instantiate('/b.wasm', {}), /exported Global/)
  })

  test('has no constructor and no other function', () => {
    assert.deepEqual(Object.keys(start().WXWebAssembly), ['instantiate'])
  })

  test('gives the instance itself, fails or never settles when the test says so', async () => {
    const { WXWebAssembly, device } = carrying(empty)
    device.wasm.failures = 1
    await assert.rejects(WXWebAssembly.instantiate('/b.wasm', {}), /CompileError/)
    device.wasm.bare = true
    assert.ok((await WXWebAssembly.instantiate('/b.wasm', {})).exports)
    device.wasm.hangs = true
    let settled = false
    WXWebAssembly.instantiate('/b.wasm', {}).finally(() => {
      settled = true
    })
    await new Promise(setImmediate)
    assert.equal(settled, false)
  })
})

test('random values come later, as an ArrayBuffer, and at most a megabyte', async () => {
  const { wx } = start()
  const asked = wx.getRandomValues({ length: 6 })
  const tooMuch = wx.getRandomValues({ length: 1048577 })
  settle()
  settle()
  assert.equal((await asked).randomValues.byteLength, 6)
  await assert.rejects(tooMuch, { errMsg: 'getRandomValues:fail invalid length' })
})
