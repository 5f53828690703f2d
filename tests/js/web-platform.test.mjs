// js/platform/web.js with a WebSocket of the test's own: which one is taken and when, what of its events gets through.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { clientFor } from '../../js/api.js'
import { webPlatform } from '../../js/platform/web.js'
import { root } from '../../scripts/tools.mjs'
import { hex, watch } from './host.mjs'

const wasm = readFileSync(join(root, 'pkg/wasmqtt.wasm'))
const native = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')

afterEach(() => {
  delete globalThis.WebSocket
  if (native) Object.defineProperty(globalThis, 'WebSocket', native)
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
async function connected(sockets, client = new (clientFor(webPlatform(() => wasm)).Client)('ws://server/mqtt', 'me')) {
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
    const { Client } = clientFor(webPlatform(() => wasm))
    const client = new Client('ws://server/mqtt', 'me')
    const first = fakeWebSocket()
    await connected(first, client)
    client.disconnect()
    const second = fakeWebSocket()
    await connected(second, client)
    assert.deepEqual([first.length, second.length], [1, 1])
    client.disconnect()
  })

  test('is that of the package ws where the engine has none', async () => {
    delete globalThis.WebSocket
    const platform = webPlatform(() => wasm)
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
    const { Client } = clientFor({
      ...webPlatform(() => wasm),
      loadCore: async () => (await WebAssembly.instantiate(wasm, {})).instance.exports,
    })
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
      new (clientFor(webPlatform(() => wasm)).Client)('ws://server/mqtt', 'me').connect({ mqttVersion: 4 }),
    )
    while (seen.state === 'pending') await turn()
    assert.equal(seen.error.message, 'AMQJS0007E Socket error:SyntaxError: bad address.')
  })
})

describe('the core', () => {
  test('is compiled once and instantiated for each api and after each trap', async () => {
    let asked = 0
    const platform = webPlatform(async () => {
      asked++
      return wasm
    })
    const [one, two] = [await platform.loadCore(), await platform.loadCore()]
    assert.equal(asked, 1)
    assert.notEqual(one.memory, two.memory)
  })

  test('may be a compiled module', async () => {
    const exports = await webPlatform(() => new WebAssembly.Module(wasm)).loadCore()
    assert.equal(typeof exports.client_new, 'function')
  })

  test('that cannot be had is asked for again the next time', async () => {
    let attempts = 0
    const platform = webPlatform(() => {
      attempts++
      if (attempts === 1) throw new Error('no file')
      if (attempts === 2) return Promise.reject(new Error('HTTP 404'))
      return attempts === 3 ? new Uint8Array([1, 2, 3]) : wasm
    })
    await assert.rejects(platform.loadCore(), /no file/)
    await assert.rejects(platform.loadCore(), /HTTP 404/)
    await assert.rejects(platform.loadCore(), WebAssembly.CompileError)
    assert.equal(typeof (await platform.loadCore()).client_new, 'function')
  })
})

test("a program's error goes to reportError where there is one, else to the console", () => {
  const { report } = webPlatform(() => wasm)
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
