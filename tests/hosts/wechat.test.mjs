// WeChat as it is on a device, with each trap that is known of its sockets, its background and its WebAssembly: the
// package as it ships, against the strict `wx`, byte by byte and on a clock of the test's.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runInContext } from 'node:vm'
import { root } from '../../scripts/tools.mjs'
import { string, watch } from '../js/host.mjs'
import { Device } from './device.mjs'

const PINGREQ = 'c000'
const PINGRESP = 'd000'

/** The error that connecting ends with. */
async function refused(device, options = {}, client = device.client()) {
  const seen = watch(client.connect({ mqttVersion: 4, ...options }))
  await device.until(() => seen.state === 'rejected')
  return seen.error
}

describe('a socket of WeChat', () => {
  test('has its four handlers in the turn that made it, because onOpen is missed later', async () => {
    const device = new Device()
    const { connectSocket } = device.wx
    let inTime
    device.wx.connectSocket = (options) => {
      const task = connectSocket(options)
      // Before anything else of the program can run.
      queueMicrotask(() => (inTime = device.device.sockets[0].handlers()))
      return task
    }
    await device.connected()
    assert.deepEqual(inTime, { open: 1, message: 1, error: 1, close: 1 })
  })

  test('gets an ArrayBuffer of its own with nothing but the message, never a view', async () => {
    const device = new Device()
    const given = []
    const { connectSocket } = device.wx
    device.wx.connectSocket = (options) => {
      const task = connectSocket(options)
      const { send } = task
      task.send = (message) => {
        given.push(message.data)
        send(message)
      }
      return task
    }
    const client = await device.connected()
    // A part of a larger buffer, as payload.
    client.send('t', new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4))
    await device.pass()
    assert.deepEqual(given.map((data) => Object.prototype.toString.call(data)), ['[object ArrayBuffer]', '[object ArrayBuffer]'])
    assert.equal(given[1].byteLength, 8)
    assert.equal(device.end.take()[1], '3006 000174 010203'.replaceAll(' ', ''))
  })

  test('asks for its sub-protocol by a list: Android refuses a string', async () => {
    const device = new Device()
    await device.connected()
    assert.deepEqual([...device.device.sockets[0].protocols], ['mqtt'])
  })

  test('asks MQTT 3.1 by its own name, and for what the program wants', async () => {
    const device = new Device()
    await device.connected({ mqttVersion: 3, mqttVersionExplicit: true })
    await device.connected({ protocols: ['mqttv3.1', 'mqtt'] })
    assert.deepEqual(device.device.sockets.map(({ protocols }) => [...protocols]), [['mqttv3.1'], ['mqttv3.1', 'mqtt']])
  })

  test('whose server does not confirm the sub-protocol fails with a word on what to look at', async () => {
    const device = new Device()
    const seen = watch(device.client().connect({ mqttVersion: 4 }))
    await device.until(() => device.ends.length === 1)
    device.end.open('')
    await device.pass()
    assert.equal(seen.error.code, 7)
    assert.match(seen.error.message, /code:20, msg:Invalid HTTP status.*sub-protocol/)
  })

  test('takes what wx.connectSocket takes: headers, flags, a time', async () => {
    const device = new Device()
    const { connectSocket } = device.wx
    let options
    device.wx.connectSocket = (given) => {
      options = given
      return connectSocket(given)
    }
    const socket = { header: { 'X-App': 'chat' }, tcpNoDelay: true, perMessageDeflate: false, timeout: 5000, forceCellularNetwork: true }
    await device.connected({ socket })
    const { success, fail, complete, ...rest } = options
    assert.deepEqual({ ...rest, protocols: [...rest.protocols] }, { ...socket, protocols: ['mqtt'], url: 'wss://server/mqtt' })
  })

  test('reads an ArrayBuffer of another realm', async () => {
    // The test's buffers are of another realm than the package throughout: this says so.
    const device = new Device()
    assert.notEqual(device.context.ArrayBuffer, ArrayBuffer)
    const client = await device.connected()
    const got = []
    client.onMessageArrived = ({ topic, payloadString }) => got.push(topic, payloadString)
    device.end.receive(`300a ${string('房')} 68656c6c6f`)
    await device.pass()
    assert.deepEqual(got, ['房', 'hello'])
  })

  test('never gets a message before it is open', async () => {
    const device = new Device()
    const client = device.client()
    client.connect({ mqttVersion: 4, offline: true })
    client.publish('t', 'p', { qos: 1 })
    await device.until(() => device.ends.length === 1)
    await device.pass(100)
    assert.equal(device.device.sockets[0].taken, 0)
    assert.deepEqual(device.errors, [])
  })

  test('that takes messages on a dead link is found out by the missing PINGRESP', async () => {
    const device = new Device()
    const client = await device.connected({ keepAliveInterval: 10 })
    const lost = []
    client.onConnectionLost = ({ errorCode }) => lost.push(errorCode)
    device.device.sockets[0].cut()
    await device.pass(15_000)
    assert.deepEqual(lost, [4])
    await device.pass(100)
    assert.equal(device.device.openSockets, 0)
  })

  test('that is lost without a word is found out by the change of network', async () => {
    const device = new Device()
    device.device.events.loss = []
    const client = await device.connected({ keepAliveInterval: 60, reconnect: true })
    device.end.take()
    device.device.network(true, '5g')
    await device.pass(10)
    assert.equal(device.device.sockets[0].taken, 2)
    // Nothing comes back over the old network.
    await device.pass(5_000)
    const end = await device.opened(1)
    end.receive('20020000')
    await device.pass()
    assert.equal(client.state, 'connected')
    assert.equal(device.device.openSockets, 1)
  })

  for (const events of [['error'], ['close'], ['error', 'close'], ['close', 'error']]) {
    test(`that fails by ${events.join(' and ')} fails its attempt once`, async () => {
      const device = new Device()
      device.device.nextConnect({ events })
      const failures = []
      const error = await refused(device, { onFailure: ({ errorCode }) => failures.push(errorCode) })
      await device.pass(1000)
      assert.deepEqual(failures, [events[0] === 'error' ? 7 : 8])
      assert.equal(error.code, failures[0])
    })
  }

  for (const fault of [{ sync: true }, {}, { sync: true, returnsNothing: true }, { returnsNothing: true }]) {
    test(`that is refused by the fail callback, ${JSON.stringify(fault)}, fails its attempt once`, async () => {
      const device = new Device()
      device.device.nextConnect({ refuse: { errMsg: 'createSocketTask:fail something', errno: 600000 }, ...fault })
      const failures = []
      const error = await refused(device, { onFailure: ({ errorCode }) => failures.push(errorCode) })
      await device.pass(1000)
      assert.deepEqual(failures, [7])
      assert.match(error.message, /fail something/)
    })
  }

  test('that is not given, without a word, fails its attempt after a second', async () => {
    const device = new Device()
    await device.connected()
    device.device.nextConnect({ returnsNothing: true })
    const seen = watch(device.client().connect({ mqttVersion: 4 }))
    await device.pass(999)
    assert.equal(seen.state, 'pending')
    await device.pass(1)
    assert.match(seen.error.message, /gave no SocketTask/)
  })

  test('that fails to close is left alone', async () => {
    const device = new Device()
    device.device.nextConnect({ closeFails: true })
    const client = await device.connected()
    const done = watch(client.disconnect())
    await device.pass(3000)
    assert.equal(done.state, 'fulfilled')
    assert.deepEqual(device.errors, [])
  })

  test('of one client has nothing to do with that of another', async () => {
    const device = new Device()
    const [first, second] = [await device.connected(), await device.connected({}, device.client('wss://other/mqtt', 'you'))]
    const got = []
    first.onMessageArrived = ({ payloadString }) => got.push(`first ${payloadString}`)
    second.onMessageArrived = ({ payloadString }) => got.push(`second ${payloadString}`)
    device.ends[0].receive('3004 0001 74 61'.replaceAll(' ', ''))
    device.ends[1].receive('3004 0001 74 62'.replaceAll(' ', ''))
    await device.pass()
    assert.deepEqual(got, ['first a', 'second b'])
    first.disconnect()
    await device.pass()
    assert.equal(second.state, 'connected')
    assert.equal(device.device.openSockets, 1)
  })

  test('of an attempt that is over says no more, and is closed', async () => {
    const device = new Device()
    const client = await device.connected({ keepAliveInterval: 10, reconnect: true })
    const [old] = device.device.sockets
    old.cut()
    await device.pass(15_000)
    const end = await device.opened(1)
    end.receive('20020000')
    await device.pass()
    const told = []
    client.onMessageArrived = () => told.push('message')
    client.onConnectionLost = () => told.push('lost')
    old.emit('open', {})
    old.emit('message', { data: Uint8Array.from([0x30, 4, 0, 1, 0x74, 0x61]).buffer })
    old.emit('error', { errMsg: 'late' })
    old.emit('close', { code: 1006, reason: 'late' })
    await device.pass(100)
    assert.deepEqual(told, [])
    assert.equal(client.state, 'connected')
    assert.equal(device.device.openSockets, 1)
  })

  test('that opens after its attempt was given up is closed', async () => {
    const device = new Device()
    const client = device.client()
    const seen = watch(client.connect({ mqttVersion: 4 }))
    await device.until(() => device.ends.length === 1)
    const [socket] = device.device.sockets
    // On the device its closing fails as long as it is not open.
    socket.task.close = ({ fail }) => fail({ errMsg: 'closeSocket:fail WebSocket is not connected' })
    client.disconnect()
    await device.pass(10)
    delete socket.task.close
    let closed = 0
    socket.task.close = () => closed++
    device.end.open()
    await device.pass(10)
    assert.equal(closed, 1)
    assert.equal(seen.state, 'rejected')
    assert.deepEqual(device.end.take(), [])
  })

  test('sets its timers with two arguments: a third one crashed an Android', async () => {
    const device = new Device()
    const counts = new Set()
    const { setTimeout: set } = device.device.timers
    device.context.setTimeout = (...args) => {
      counts.add(args.length)
      return set(...args)
    }
    await device.connected({ keepAliveInterval: 10 })
    await device.pass(20_000)
    assert.deepEqual([...counts], [2])
  })

  test('that sends a text ends its connection with a word on it', async () => {
    const device = new Device()
    const client = await device.connected()
    const lost = []
    client.onConnectionLost = ({ errorMessage }) => lost.push(errorMessage)
    device.end.onmessage({ data: 'hello' })
    await device.pass(10)
    assert.equal(lost.length, 1)
    assert.match(lost[0], /the server sent a text message/)
    assert.equal(device.device.openSockets, 0)
  })

  test('that holds a megabyte back gets no more for now', async () => {
    const device = new Device()
    const client = await device.connected()
    const [socket] = device.device.sockets
    const owed = []
    const { send } = socket.task
    socket.task.send = ({ complete, ...message }) => {
      owed.push(complete)
      send(message)
    }
    for (let n = 0; n < 40; n++) client.send('t', new Uint8Array(60_000))
    await device.pass(100)
    const before = owed.length
    assert.ok(before < 25, `${before} messages of 60 KB were handed over`)
    while (owed.length > 0) {
      for (const complete of owed.splice(0)) complete()
      await device.pass(20)
    }
    assert.equal(device.end.take().filter((message) => message.length > 100_000).length, 40)
  })
})

describe('what WeChat refuses is told in its own words, with what to do:', () => {
  test('a host that is not in the list of domains', async () => {
    const device = new Device({ domains: ['wss://other.example.com'] })
    const error = await refused(device)
    assert.match(error.message, /url not in domain list 600002: add the host .*mp\.weixin\.qq\.com.*socket 合法域名/)
  })

  test('an address without encryption', async () => {
    const device = new Device()
    const error = await refused(device, {}, device.client('ws://server/mqtt'))
    assert.match(error.message, /not in domain list 600002: .*wss:\/\//)
  })

  test('a sixth socket', async () => {
    const device = new Device()
    for (let n = 0; n < 5; n++) await device.connected({}, device.client('wss://server/mqtt', `me${n}`))
    assert.match((await refused(device)).message, /exceed max concurrent count.*WeChat: 5.*disconnect/)
    // One that has ended makes room.
    assert.equal(device.device.openSockets, 5)
  })

  test('never the secrets of the address', async () => {
    const device = new Device()
    device.device.nextConnect({ refuse: { errMsg: 'invalid url "wss://user:hunter2@server/mqtt?token=abc"' } })
    assert.doesNotMatch((await refused(device)).message, /hunter2|abc/)
  })
})

test('the page of the README works as it stands', async () => {
  const [, program] = /^```javascript\n([^]*?)^```$/m.exec(readFileSync(join(root, 'README.md'), 'utf8'))
  const device = new Device()
  let page
  Object.assign(device.context, {
    require: (name) => (name === 'wasmqtt' ? device.wasmqtt : assert.fail(name)),
    Page: (given) => (page = given),
  })
  runInContext(program, device.context)
  page.setData = (data) => Object.assign(page.data, data)
  page.onLoad()
  const end = await device.opened(0)
  end.receive('20020000')
  await device.pass()
  assert.match(end.take().join(''), /82..00010007726f6f6d732f2301/)
  end.receive(`9003000101 3009 ${string('rooms')} 6869`)
  page.send()
  await device.pass()
  assert.deepEqual([page.data.state, [...page.data.messages]], ['connected', ['hi']])
  assert.match(end.take().join(''), /^3216000d726f6f6d732f6b69746368656e/)
})

test('wxs:// and alis:// are other names for wss://, and a path is put where there is none', async () => {
  const device = new Device()
  await device.connected({}, device.client('wxs://server/mqtt'))
  const done = device.wasmqtt.connect('alis://server', { clientId: 'a', mqttVersion: 4 })
  const end = await device.opened(1)
  end.receive('20020000')
  await device.pass()
  await done
  assert.deepEqual(device.ends.map(({ url }) => url), ['wss://server/mqtt', 'wss://server/mqtt'])
})

describe('in the background', () => {
  test('a connection that outlives the suspension is asked for a sign of life on return', async () => {
    const device = new Device()
    device.device.interruption = null
    const client = await device.connected({ keepAliveInterval: 60 })
    device.end.take()
    device.device.background()
    await device.pass(6_000)
    device.sleep(20_000)
    device.device.foreground()
    await device.pass(10)
    assert.deepEqual(device.end.take(), [PINGREQ])
    device.end.receive(PINGRESP)
    await device.pass(10)
    assert.equal(client.state, 'connected')
  })

  test('a close by 1000 "interrupted" is not the user\'s: the client is back at once on return', async () => {
    const device = new Device()
    const client = await device.connected({ reconnect: true })
    const told = []
    client.onConnectionLost = ({ errorCode, closeCode, reconnect }) => told.push(errorCode, closeCode, reconnect)
    device.device.background()
    await device.pass(6_000)
    assert.equal(client.state, 'connected')
    device.sleep(600_000)
    device.device.foreground()
    const end = await device.opened(1)
    end.receive('20020000')
    await device.pass()
    assert.equal(client.state, 'connected')
    assert.equal(told.length, 3)
    assert.equal(told[2], true)
    assert.equal(device.device.openSockets, 1)
  })

  test('what is published is kept, and leaves on return', async () => {
    const device = new Device()
    const client = await device.connected({ reconnect: true, offline: true })
    device.device.background()
    await device.pass(4_000)
    const seen = watch(client.publish('t', 'p', { qos: 1 }))
    await device.pass(2_000)
    device.device.foreground()
    const end = await device.opened(1)
    end.receive('20020000')
    await device.pass()
    const sent = end.take().join('')
    const [, id] = /3[2a]06000174(....)70/.exec(sent)
    end.receive(`4002${id}`)
    await device.pass()
    assert.equal(seen.state, 'fulfilled')
  })

  test('an attempt that fails there, "interrupted", is made again on return', async () => {
    const device = new Device()
    const client = await device.connected({ reconnect: true })
    device.device.interruption = null
    device.device.background()
    device.end.close(1006)
    device.device.suspend()
    await device.pass(1_000)
    device.device.foreground()
    const end = await device.opened(1)
    end.receive('20020000')
    await device.pass()
    assert.equal(client.state, 'connected')
  })

  test('time is told by the clock: a burst of timers on return sends one PINGREQ', async () => {
    const device = new Device()
    device.device.interruption = null
    device.device.showFirst = false
    const client = await device.connected({ keepAliveInterval: 10 })
    device.end.take()
    device.device.background()
    device.device.suspend()
    device.sleep(9_000)
    device.device.foreground({ ticks: 5 })
    await device.pass(10)
    assert.deepEqual(device.end.take(), [PINGREQ])
    device.end.receive(PINGRESP)
    await device.pass(10)
    assert.equal(client.state, 'connected')
  })

  test('and after it nothing is left: no timer, no listener, no socket', async () => {
    const device = new Device()
    const client = await device.connected({ reconnect: true })
    device.device.background()
    device.device.foreground()
    await device.pass(10)
    client.disconnect()
    await device.pass(3_000)
    assert.equal(device.device.pendingTimers, 0)
    assert.equal(device.device.openSockets, 0)
    assert.deepEqual({ ...device.device.listeners }, { AppShow: 0, AppHide: 0, NetworkStatusChange: 0, NetworkWeakChange: 0 })
  })
})

describe('the WebAssembly', () => {
  const [small, large] = ['/miniprogram_npm/wasmqtt/wasmqtt.wasm.br', '/miniprogram_npm/wasmqtt/wasmqtt.wasm']

  /** Connects, and gives what onWarning heard. */
  async function warnings(device, options) {
    const heard = []
    const client = device.client()
    client.onWarning = (error) => heard.push(error)
    const done = client.connect({ mqttVersion: 4, ...options })
    if (device.device.wasm.hangs) await device.pass(6_000)
    const end = await device.opened(0)
    end.receive('20020000')
    await device.pass()
    await done
    return heard
  }

  test('comes out of the code package, compressed', async () => {
    const device = new Device()
    await device.connected()
    assert.deepEqual(device.device.wasm.paths, [small])
  })

  test('may be the instance itself or something that holds it', async () => {
    const device = new Device()
    device.device.wasm.bare = true
    await device.connected()
  })

  test('is tried once more, uncompressed: some failures pass, and old hosts cannot read the other', async () => {
    const device = new Device()
    device.device.wasm.failures = 1
    assert.deepEqual(await warnings(device), [])
    assert.deepEqual(device.device.wasm.paths, [small, large])
  })

  test('that fails twice gives way to the JavaScript build, and the program is told', async () => {
    const device = new Device()
    device.device.wasm.failures = 2
    const [warning] = await warnings(device)
    assert.equal(warning.code, 104)
    assert.match(warning.cause.message, /CompileError/)
  })

  test('that never comes gives way after six seconds', async () => {
    const device = new Device()
    device.device.wasm.hangs = true
    const [warning] = await warnings(device)
    assert.equal(warning.code, 104)
    assert.match(warning.cause.message, /does not answer/)
  })

  test('is not there on an old base library: the JavaScript build runs without a word', async () => {
    const device = new Device()
    delete device.context.WXWebAssembly
    assert.deepEqual(await warnings(device), [])
  })

  test('is looked for where the program says', async () => {
    const device = new Device({ files: () => Promise.reject(new Error('no such file')) })
    const [warning] = await warnings(device, { wasmPath: '/chat/miniprogram_npm/wasmqtt/wasmqtt.wasm' })
    assert.deepEqual(device.device.wasm.paths, Array(2).fill('/chat/miniprogram_npm/wasmqtt/wasmqtt.wasm'))
    assert.equal(warning.cause.message, 'no such file')
  })

  test('is loaded once for all clients', async () => {
    const device = new Device()
    await device.connected()
    await device.connected({}, device.client('wss://server/mqtt', 'you'))
    assert.deepEqual(device.device.wasm.paths, [small])
  })
})

test('a QoS 2 message goes on from the storage of WeChat after the app was killed, and is sent once', async () => {
  const device = new Device()
  const { StorageStore } = device.wasmqtt
  const client = await device.connected({ mqttVersion: 5, store: new StorageStore(), reconnect: true })
  client.publish('t', 'p', { qos: 2 })
  await device.pass()
  const [, publish] = device.end.take()
  assert.match(publish, /^34/)
  const { storage } = device.device
  const next = new Device({ storage })
  const again = next.client()
  const done = again.connect({ mqttVersion: 5, store: new next.wasmqtt.StorageStore() })
  const end = await next.opened(0)
  end.receive('2003010000')
  await next.pass()
  await done
  const [, resent] = end.take()
  assert.equal(resent, publish.replace(/^34/, '3c'))
  end.receive(`5002${publish.slice(10, 14)}`)
  await next.pass()
  end.receive(`7002${publish.slice(10, 14)}`)
  await next.pass()
  assert.equal(again.pending, 0)
  assert.equal(storage.size, 0)
})
