// js/platform/web.js with a WebSocket of the test's own: which one is taken and when, what of its events gets through;
// and with a page of the test's own: what it tells about sleep and network, and its timers. A real page is in
// browser-wake.test.mjs.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { clientFor } from '../../js/api.js'
import { nodeSocket, webAssemblyCore, webPlatform } from '../../js/platform/web.js'
import { root } from '../../scripts/tools.mjs'
import { hex, watch } from './host.mjs'

const wasm = readFileSync(join(root, 'pkg/wasmqtt.wasm'))
const core = webAssemblyCore(() => wasm)
const replaced = ['WebSocket', 'self', 'document', 'navigator', 'Worker']
const native = replaced.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)])

afterEach(() => {
  for (const [name, descriptor] of native) {
    delete globalThis[name]
    if (descriptor) Object.defineProperty(globalThis, name, descriptor)
  }
})

const turn = () => new Promise(setImmediate)

/** Puts a WebSocket in the place of the global one, and gives the sockets that are made of it. */
function fakeWebSocket() {
  const sockets = []
  globalThis.WebSocket = class {
    constructor(url, protocols) {
      Object.assign(this, { url, protocols, sent: [], closes: [], readyState: 0, bufferedAmount: 0 })
      sockets.push(this)
    }
    send(data) {
      this.sent.push(Buffer.from(data).toString('hex'))
    }
    close(code) {
      this.closes.push(code)
      this.readyState = 2
    }
    receive(digits) {
      this.onmessage({ data: hex(digits).buffer })
    }
  }
  return sockets
}

/** A client on the platform whose CONNECT has been answered. */
async function connected(sockets, client = new (clientFor(webPlatform(core)).Client)('ws://server/mqtt', 'me')) {
  const before = sockets.length
  const done = client.connect({ mqttVersion: 4, keepAliveInterval: 0 })
  while (sockets.length === before) await turn()
  const socket = sockets.at(-1)
  socket.readyState = 1
  socket.onopen({})
  socket.receive('20020000')
  await done
  return { client, socket }
}

test('binary messages by the sub-protocol of the version, closed with 1000', async () => {
  const sockets = fakeWebSocket()
  const { client, socket } = await connected(sockets)
  assert.deepEqual([socket.url, socket.protocols, socket.binaryType], ['ws://server/mqtt', ['mqtt'], 'arraybuffer'])
  assert.match(socket.sent[0], /^10/)
  const closed = watch(client.disconnect())
  assert.deepEqual([socket.sent.at(-1), socket.closes], ['e000', [1000]])
  socket.onclose({ code: 1000, reason: '' })
  await turn()
  assert.equal(closed.state, 'fulfilled')
  client.connect({ mqttVersion: 3 })
  assert.deepEqual(sockets[1].protocols, ['mqttv3.1'])
  client.disconnect()
})

test('a text message ends the connection, in words', async () => {
  const { client, socket } = await connected(fakeWebSocket())
  const lost = []
  client.onConnectionLost = ({ errorCode, errorMessage }) => lost.push([errorCode, errorMessage])
  socket.onmessage({ data: 'hello' })
  assert.deepEqual(lost, [[7, 'AMQJS0007E Socket error:the server sent a text message.']])
  assert.deepEqual(socket.closes, [1000])
})

test('close codes and reasons are told; a socket that is closing already is not closed again', async () => {
  const { client, socket } = await connected(fakeWebSocket())
  const lost = []
  client.onConnectionLost = (loss) => lost.push(loss)
  socket.readyState = 3
  socket.onclose({ code: 1011, reason: 'unexpected' })
  assert.deepEqual([lost[0].errorCode, lost[0].closeCode, lost[0].closeReason], [8, 1011, 'unexpected'])
  assert.deepEqual(socket.closes, [])
})

test('an error has the words of the socket, or says that browsers give none', async () => {
  for (const [event, words] of [
    [{ message: 'connect ECONNREFUSED' }, /connect ECONNREFUSED/],
    [{}, /no cause is given/],
  ]) {
    const { client, socket } = await connected(fakeWebSocket())
    const lost = []
    client.onConnectionLost = ({ errorMessage }) => lost.push(errorMessage)
    socket.onerror(event)
    socket.onclose({ code: 1006, reason: '' })
    assert.equal(lost.length, 1)
    assert.match(lost[0], words)
  }
})

test('events of an old socket are stale', async () => {
  const sockets = fakeWebSocket()
  const { client, socket: old } = await connected(sockets)
  client.disconnect()
  const got = []
  const { socket } = await connected(sockets, client)
  client.onMessageArrived = () => got.push('message')
  client.onConnectionLost = () => got.push('lost')
  old.onopen({})
  old.receive('30030001 61')
  old.onmessage({ data: 'text' })
  old.onerror({})
  old.onclose({ code: 1006, reason: '' })
  assert.deepEqual([got, client.isConnected(), socket.sent.length], [[], true, 1])
  client.disconnect()
})

describe('the WebSocket', () => {
  test('is looked up when a client connects, each time', async () => {
    delete globalThis.WebSocket
    const { Client } = clientFor(webPlatform(core))
    const client = new Client('ws://server/mqtt', 'me')
    const first = fakeWebSocket()
    await connected(first, client)
    client.disconnect()
    const second = fakeWebSocket()
    await connected(second, client)
    assert.deepEqual([first.length, second.length], [1, 1])
    client.disconnect()
  })

  test('copies what it is given where it is the engine\'s own, and not where a library makes it', () => {
    const handlers = { onError() {}, onClose() {} }
    const copies = () => webPlatform(core).openSocket('ws://server/mqtt', ['mqtt'], handlers).copies
    fakeWebSocket()
    assert.equal(copies(), false)
    const { prototype } = globalThis.WebSocket
    prototype.send = prototype.send.bind({})
    assert.equal(copies(), false)
    // As engines write their own functions.
    for (const [text, native] of [['function send() { [native code] }', true], ['function send() {\n    [native code]\n}', true], ['function () { [native code] }', false]]) {
      prototype.send = Object.assign(() => {}, { toString: () => text })
      assert.equal(copies(), native, text)
    }
  })

  test('is that of the package ws where the engine has none', async () => {
    delete globalThis.WebSocket
    const platform = webPlatform(webAssemblyCore(() => wasm), nodeSocket)
    await platform.loadCore()
    const errors = []
    const socket = platform.openSocket('ws://127.0.0.1:1/mqtt', ['mqtt'], {
      onError: (text) => errors.push(text),
      onClose: () => {},
    })
    assert.equal(socket.bufferedAmount, 0)
    while (errors.length === 0) await turn()
    assert.match(errors[0], /ECONNREFUSED/)
  })

  test('is missed in words where there is neither', async () => {
    delete globalThis.WebSocket
    const { Client } = clientFor(webPlatform(core))
    const seen = watch(new Client('ws://server/mqtt', 'me').connect({ mqttVersion: 4 }))
    while (seen.state === 'pending') await turn()
    assert.equal(seen.error.code, 10)
    assert.equal(seen.error.message, 'AMQJS0010E WebSocket is not supported by this browser.')
  })

  test('that refuses the address fails the attempt', async () => {
    globalThis.WebSocket = class {
      constructor() {
        throw new SyntaxError('bad address')
      }
    }
    const seen = watch(
      new (clientFor(webPlatform(core)).Client)('ws://server/mqtt', 'me').connect({ mqttVersion: 4 }),
    )
    while (seen.state === 'pending') await turn()
    assert.equal(seen.error.message, 'AMQJS0007E Socket error:SyntaxError: bad address.')
  })
})

describe('the core', () => {
  test('is compiled once and instantiated for each api and after each trap', async () => {
    let asked = 0
    const platform = webPlatform(
      webAssemblyCore(async () => {
        asked++
        return wasm
      }),
    )
    const [one, two] = [await platform.loadCore(), await platform.loadCore()]
    assert.equal(asked, 1)
    assert.notEqual(one.memory, two.memory)
  })

  test('may be a compiled module', async () => {
    const exports = await webPlatform(webAssemblyCore(() => new WebAssembly.Module(wasm))).loadCore()
    assert.equal(typeof exports.client_new, 'function')
  })

  test('that cannot be had is asked for again the next time', async () => {
    let attempts = 0
    const loadCore = webAssemblyCore(() => {
      attempts++
      if (attempts === 1) throw new Error('no file')
      if (attempts === 2) return Promise.reject(new Error('HTTP 404'))
      return attempts === 3 ? new Uint8Array([1, 2, 3]) : wasm
    })
    const platform = webPlatform(loadCore)
    await assert.rejects(platform.loadCore(), /no file/)
    await assert.rejects(platform.loadCore(), /HTTP 404/)
    await assert.rejects(platform.loadCore(), WebAssembly.CompileError)
    assert.equal(typeof (await platform.loadCore()).client_new, 'function')
  })
})

test("a program's error goes to reportError where there is one, else to the console", () => {
  const { report } = webPlatform(core)
  const said = []
  const { error } = console
  console.error = (one) => said.push(['console', one.message])
  const had = Object.getOwnPropertyDescriptor(globalThis, 'reportError')
  try {
    delete globalThis.reportError
    report(new Error('1'))
    globalThis.reportError = (one) => said.push(['reportError', one.message])
    report(new Error('2'))
  } finally {
    console.error = error
    delete globalThis.reportError
    if (had) Object.defineProperty(globalThis, 'reportError', had)
  }
  assert.deepEqual(said, [
    ['console', '1'],
    ['reportError', '2'],
  ])
})

/** An EventTarget that knows how many listen to it. */
class Target extends EventTarget {
  listeners = 0
  addEventListener(...args) {
    this.listeners++
    super.addEventListener(...args)
  }
  removeEventListener(...args) {
    this.listeners--
    super.removeEventListener(...args)
  }
  tell(type, more = {}) {
    this.dispatchEvent(Object.assign(new Event(type), more))
  }
}

/** Puts globals in the place of those that Node has or has not. */
function pretend(globals) {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
}

/** A page, visible, on a network of some type. */
function fakePage() {
  const page = {
    self: new Target(),
    document: Object.assign(new Target(), { hidden: false }),
    navigator: { onLine: true, connection: Object.assign(new Target(), { type: 'wifi' }) },
    show(visible) {
      page.document.hidden = !visible
      page.document.tell('visibilitychange')
    },
    listeners: () => page.self.listeners + page.document.listeners + page.navigator.connection.listeners,
  }
  pretend({ self: page.self, document: page.document, navigator: page.navigator })
  return page
}

describe('a watch', () => {
  /** What `act` makes the platform tell. */
  const told = (act) => {
    const calls = []
    const end = webPlatform(core).watch((network) => calls.push(network))
    act()
    end()
    return calls
  }

  test('tells of a network that is back or of another type, not of one that is gone or has another speed', () => {
    const { self, navigator } = fakePage()
    const { connection } = navigator
    const change = (onLine, type) => {
      Object.assign(navigator, { onLine })
      Object.assign(connection, { type })
      connection.tell('change')
    }
    assert.deepEqual(told(() => self.tell('online')), [true])
    assert.deepEqual(told(() => change(true, 'wifi')), [])
    assert.deepEqual(told(() => change(true, 'cellular')), [true])
    assert.deepEqual(told(() => change(false, 'none')), [])
    assert.deepEqual(told(() => change(true, 'cellular')), [true])
    connection.type = undefined
    const desktop = () => [true, false, true, true].forEach((onLine) => change(onLine, undefined))
    assert.deepEqual(told(desktop), [true], 'where the type is not known')
  })

  test('tells of a page that is shown, resumed or taken out of the cache, not of one that is hidden or new', () => {
    const { self, document, show } = fakePage()
    assert.deepEqual(told(() => show(false)), [])
    assert.deepEqual(told(() => document.tell('resume')), [false])
    assert.deepEqual(told(() => show(true)), [false])
    assert.deepEqual(told(() => self.tell('pageshow', { persisted: false })), [])
    assert.deepEqual(told(() => self.tell('pageshow', { persisted: true })), [false])
  })

  test('ends without a listener left', () => {
    const page = fakePage()
    const end = webPlatform(core).watch(() => assert.fail('nothing is told any more'))
    assert.equal(page.listeners(), 5)
    end()
    assert.equal(page.listeners(), 0)
    page.self.tell('online')
  })

  test('takes what there is: a worker, Node, a program that only names its global object `self`', () => {
    const self = new Target()
    pretend({ self, navigator: {} })
    assert.deepEqual(told(() => self.tell('online')), [true])
    pretend({ self: {}, navigator: {} })
    assert.deepEqual(told(() => {}), [])
    delete globalThis.self
    const before = process.getActiveResourcesInfo()
    webPlatform(core).watch(() => {})
    assert.deepEqual(process.getActiveResourcesInfo(), before)
  })
})

describe('a timer', () => {
  /** A page with workers. Its time, and each worker's, passes when the test says so. */
  function pageWithWorkers(t, { refuses = false } = {}) {
    let now = 0
    t.mock.timers.enable({ apis: ['setTimeout'] })
    t.mock.method(performance, 'now', () => now)
    const workers = []
    pretend({
      Worker: class {
        constructor() {
          Object.assign(this, { posted: [], living: true })
          workers.push(this)
          if (refuses) throw new DOMException('forbidden', 'SecurityError')
        }
        postMessage([timer, delay]) {
          this.posted.push({ timer, delay })
        }
        terminate() {
          this.living = false
        }
        /** The worker's clock has come to its timer `at`. */
        fire(at) {
          this.onmessage({ data: this.posted[at].timer })
        }
      },
    })
    const { setTimer, clearTimer } = webPlatform(core)
    const ran = []
    return {
      ...fakePage(),
      workers,
      ran,
      set: (name, delay = 1000) => setTimer(() => ran.push(name), delay),
      clear: clearTimer,
      pass: (time) => {
        now += time
        t.mock.timers.tick(time)
      },
    }
  }

  test('is a plain one in Node and where there are no workers, and nothing of one that was cleared is left', (t) => {
    const { setTimer, clearTimer } = webPlatform(core)
    const before = process.getActiveResourcesInfo()
    const timer = setTimer(() => assert.fail('it was cleared'), 1e9)
    assert.notDeepEqual(process.getActiveResourcesInfo(), before)
    clearTimer(timer)
    assert.deepEqual(process.getActiveResourcesInfo(), before)
    const page = fakePage()
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const ran = []
    setTimer(() => ran.push('one'), 1000)
    assert.equal(page.listeners(), 0)
    t.mock.timers.tick(1000)
    assert.deepEqual(ran, ['one'])
  })

  test('in a visible page is a plain one, and nobody listens when there is none', async (t) => {
    const page = pageWithWorkers(t)
    page.set('one')
    page.clear(page.set('cleared'))
    page.pass(1000)
    assert.deepEqual([page.ran, page.workers], [['one'], []])
    await turn()
    page.document.listeners = 0
    page.show(false)
    assert.deepEqual(page.workers, [])
  })

  test('in a hidden page is in the worker too, whoever set it and when, and runs once, whichever clock is first', (t) => {
    const page = pageWithWorkers(t)
    page.set('one', 1000)
    page.set('two', 2000)
    page.pass(400)
    page.show(false)
    page.set('three', 3000)
    const [worker] = page.workers
    assert.deepEqual([page.workers.length, worker.posted.map(({ delay }) => delay)], [1, [600, 1600, 3000]])
    worker.fire(0)
    page.pass(1600)
    worker.fire(1)
    worker.fire(2)
    page.pass(1400)
    assert.deepEqual(page.ran, ['one', 'two', 'three'])
  })

  test('that was cleared does not run, by either clock', (t) => {
    const page = pageWithWorkers(t)
    page.show(false)
    page.clear(page.set('cleared'))
    page.workers[0].fire(0)
    page.pass(1000)
    assert.deepEqual(page.ran, [])
  })

  test('needs the worker no more when it was the last, or when the page is shown', async (t) => {
    const page = pageWithWorkers(t)
    page.show(false)
    page.clear(page.set('one'))
    const last = page.set('two')
    await turn()
    assert.deepEqual(page.workers.map(({ living }) => living), [true], 'the next one was set in the same turn')
    page.clear(last)
    await turn()
    assert.deepEqual(page.workers.map(({ living }) => living), [false])
    page.set('three')
    page.show(true)
    assert.deepEqual(page.workers.map(({ living }) => living), [false, false])
  })

  for (const [title, refuses] of [
    ['at once', true],
    ['later', false],
  ]) {
    test(`is a plain one where the worker is refused ${title}, which is tried only once`, (t) => {
      const page = pageWithWorkers(t, { refuses })
      page.show(false)
      page.set('one')
      if (!refuses) page.workers[0].onerror({})
      page.set('two')
      page.show(true)
      page.show(false)
      page.pass(1000)
      assert.deepEqual([page.ran, page.workers.length], [['one', 'two'], 1])
      assert.equal(page.workers[0].living, refuses)
    })
  }
})
