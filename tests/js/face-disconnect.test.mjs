// disconnect() at every moment: nothing is left behind, everybody who waits is told once, and what comes late changes
// nothing. And `drain`, which waits for what is in flight.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string, watch } from './host.mjs'
import { accept, assertOver, collect, connecting, drops, names, reconnecting } from './reconnecting.mjs'
import { Store } from './store.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

const offline = { offline: { qos0: true } }
const unanswered = () => new Promise(() => {})

/** Client by client, brought to a moment. `late` is what comes when it is over. */
const moments = {
  'while the core is being loaded': async (options) => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    const told = collect(client)
    const done = client.connect({ mqttVersion: 4, ...options })
    return { host, client, told, done }
  },
  'while the store is being loaded': async (options) => {
    const store = new Store([], true)
    const all = await connecting({ ...options, store })
    const late = async () => {
      while (store.waiting.length > 0) await store.finish(all.host)
      assert.equal(store.taken, false, 'the store is given back')
    }
    return { ...all, late }
  },
  'while a function is asked for the password': async (options) => {
    let answer
    const all = await connecting({ ...options, userName: 'u', password: () => new Promise((resolve) => (answer = resolve)) })
    return { ...all, late: () => answer('secret') }
  },
  'while the socket opens': connecting,
  'before CONNACK': async (options) => {
    const all = await connecting(options)
    all.host.socket.open()
    return all
  },
  'while the first connection is tried again': async (options) => {
    const all = await connecting({ ...options, reconnect: { initial: true, jitter: 0 } })
    await drops(all.host)
    all.host.socket.drop()
    return all
  },
  'while it is connected': async (options) => {
    const all = await connecting(options)
    await accept(all.host)
    return all
  },
  'while it waits to reconnect': async (options) => {
    const all = await moments['while it is connected']({ ...options, reconnect: { jitter: 0 } })
    await drops(all.host)
    all.host.socket.drop()
    return all
  },
  'while it reconnects and a function is asked for the password': async (options) => {
    let asked = 0
    const password = () => (++asked > 1 ? unanswered() : 'secret')
    const all = await connecting({ ...options, reconnect: true, userName: 'u', password })
    await accept(all.host)
    all.host.socket.drop()
    await all.host.turn()
    assert.equal(asked, 2)
    return all
  },
  'while the socket of a reconnect opens': async (options) => {
    const all = await moments['while it is connected']({ ...options, reconnect: true })
    await drops(all.host)
    return all
  },
  'before the CONNACK of a reconnect': async (options) => {
    const all = await moments['while the socket of a reconnect opens'](options)
    all.host.socket.open()
    return all
  },
}

for (const [moment, reach] of Object.entries(moments)) {
  test(`disconnect() ${moment} ends all of it, and tells everybody once`, async () => {
    const called = []
    const onSuccess = () => called.push('success')
    const onFailure = ({ errorCode }) => called.push(`failure ${errorCode}`)
    const { host, client, told, done, late } = await reach({ ...offline, onSuccess, onFailure })
    const up = client.state === 'connected' || client.state === 'reconnecting'
    const before = told.length
    const waits = [client.publish('a', '1', 1), client.drained(), client.probe()].map(watch)
    const connect = watch(done)
    const sockets = host.sockets.length
    const ended = watch(client.disconnect())
    await host.turn()
    assert.deepEqual(called, [up ? 'success' : 'failure 0'])
    assert.deepEqual([connect.state, connect.error?.code], up ? ['fulfilled', undefined] : ['rejected', 0])
    assert.deepEqual(waits.map(({ error }) => error?.code), [22, 22, 22])
    const after = told.slice(before).map(({ name, errorCode, reconnect }) => [name, errorCode, reconnect])
    assert.deepEqual(after, up ? [['lost', 0, false]] : [])
    assert.throws(() => client.disconnect(), { code: 11 })
    assert.throws(() => client.publish('a', '2', 1), { code: 11 })
    if (late) await late()
    for (const socket of host.sockets) {
      socket.take()
      socket.open()
      socket.receive('20020000')
      socket.fail('late')
      socket.drop()
      assert.deepEqual(socket.take(), [], 'something is sent late')
    }
    await host.turn()
    assert.equal(ended.state, 'fulfilled')
    assert.deepEqual([host.sockets.length, told.length, called.length], [sockets, before + after.length, 1])
    assertOver(host, client)
    await host.connected({}, { client })
    assert.equal(client.state, 'connected', 'it can connect again')
    assert.deepEqual(host.reported, [])
  })
}

for (const moment of Object.keys(moments).slice(0, 6)) {
  test(`an abort ${moment} ends all of it, too`, async () => {
    const controller = new AbortController()
    const { host, client, done, late } = await moments[moment]({ signal: controller.signal })
    controller.abort()
    await assert.rejects(done, { name: 'AbortError' })
    if (late) await late()
    host.socket?.drop()
    await host.turn()
    assertOver(host, client)
  })
}

test('disconnect() on a connection that is dead does not wait for ever', async () => {
  const { host, client } = await reconnecting()
  const ended = watch(client.disconnect())
  await host.pass(1999)
  assert.equal(ended.state, 'pending')
  await host.pass(1)
  assert.equal(ended.state, 'fulfilled')
  assertOver(host, client)
})

test('disconnect() in onSuccess is the last that is told', async () => {
  let client
  const { host, told, ...all } = await connecting({ onSuccess: () => client.disconnect() })
  client = all.client
  await accept(host)
  assert.deepEqual(names(told), ['lost disconnected'])
})

describe('drain', () => {
  test('waits for what is in flight; nothing new may be sent, but messages still come', async () => {
    const { host, client } = await reconnecting({ reconnect: false })
    const got = []
    client.onMessageArrived = (message) => got.push(message.payloadString)
    const sent = [client.publish('a', '1', 1), client.publish('a', '2', 2)].map(watch)
    const ended = watch(client.disconnect({ drain: 10 }))
    await host.turn()
    host.socket.take()
    for (const call of [() => client.publish('a', '3'), () => client.send('a', '3', 1), () => client.subscribe('b')]) {
      assert.throws(call, { code: 11 })
    }
    host.socket.receive('40020001' + publish('32', 'b', '0009 39') + '50020002')
    await host.turn()
    assert.deepEqual([client.state, got, host.socket.take().join('')], ['connected', ['9'], '4002000962020002'])
    host.socket.receive('70020002')
    await host.turn()
    assert.deepEqual(sent.map(({ state }) => state), ['fulfilled', 'fulfilled'])
    assert.deepEqual([client.state, host.socket.take()], ['disconnected', ['e000']])
    host.socket.drop(1000)
    await host.turn()
    assert.equal(ended.state, 'fulfilled')
    assertOver(host, client)
  })

  test('ends after its time, and what is not done fails', async () => {
    const { host, client, told } = await reconnecting()
    const sent = watch(client.publish('a', '1', 1))
    const ended = watch(client.disconnect({ drain: 2.5 }))
    await host.pass(2499)
    assert.deepEqual([client.state, sent.state], ['connected', 'pending'])
    await host.pass(1)
    host.socket.drop(1000)
    await host.turn()
    assert.deepEqual([client.state, sent.error?.code, ended.state], ['disconnected', 22, 'fulfilled'])
    assert.deepEqual(told.map(({ errorCode, reconnect }) => [errorCode, reconnect]), [[0, false]])
    assertOver(host, client)
  })

  test('with nothing in flight ends at once', async () => {
    const { host, client } = await reconnecting()
    client.disconnect({ drain: 10 })
    await host.turn()
    assert.deepEqual(host.socket.take(), ['e000'])
    host.socket.drop(1000)
    await host.turn()
    assertOver(host, client)
  })

  test('waits through a reconnect, which it does not prevent', async () => {
    const { host, client } = await reconnecting({ cleanSession: false, ...offline })
    const sent = watch(client.publish('a', '1', 1))
    await host.turn()
    await drops(host)
    const ended = watch(client.disconnect({ drain: 10 }))
    assert.throws(() => client.publish('a', '2', 1), { code: 11 })
    assert.deepEqual(await accept(host, '20020100'), [publish('3a', 'a', '0001 31')])
    assert.throws(() => client.publish('a', '2', 1), { code: 11 })
    host.socket.receive('40020001')
    await host.turn()
    assert.deepEqual([sent.state, host.socket.take()], ['fulfilled', ['e000']])
    host.socket.drop()
    await host.turn()
    assert.equal(ended.state, 'fulfilled')
    assertOver(host, client)
  })

  test('ends after its time when no connection comes back', async () => {
    const { host, client, told } = await reconnecting({ ...offline, reconnect: { jitter: 0 } })
    host.socket.drop()
    const sent = watch(client.publish('a', '1', 1))
    const ended = watch(client.disconnect({ drain: 2 }))
    for (let n = 0; n < 2; n++) {
      host.socket.drop()
      await host.pass(1000)
    }
    assert.deepEqual([client.state, sent.error?.code], ['disconnected', 22])
    assert.deepEqual([told.at(-1).name, told.at(-1).errorCode, told.at(-1).reconnect], ['lost', 0, false])
    host.socket.drop()
    await host.turn()
    assert.equal(ended.state, 'fulfilled')
    assertOver(host, client)
  })

  test('settles when the connection is lost for good', async () => {
    const { host, client } = await reconnecting({ reconnect: false })
    const sent = watch(client.publish('a', '1', 1))
    const ended = watch(client.disconnect({ drain: 10 }))
    await host.turn()
    host.socket.drop()
    await host.turn()
    assert.deepEqual([sent.error?.code, ended.state], [8, 'fulfilled'])
    assertOver(host, client)
    await host.connected({}, { client })
    client.send('a', '2')
  })

  test('is cut short by a second disconnect()', async () => {
    const { host, client, told } = await reconnecting()
    const sent = watch(client.publish('a', '1', 1))
    const ended = [client.disconnect({ drain: 10 }), client.disconnect()].map(watch)
    host.socket.drop(1000)
    await host.turn()
    assert.deepEqual([sent.error?.code, ...ended.map(({ state }) => state)], [22, 'fulfilled', 'fulfilled'])
    assert.equal(told.length, 1)
    assertOver(host, client)
  })

  test('with what MQTT forbids is refused, and the connection goes on', async () => {
    const { host, client } = await reconnecting({ mqttVersion: 5 })
    const sent = watch(client.publish('a', '1', 1))
    const ended = watch(client.disconnect({ drain: 10, reasonCode: 1 }))
    await host.turn()
    host.socket.receive('40020001')
    await host.turn()
    assert.deepEqual([sent.state, ended.error?.code, client.state], ['fulfilled', 49, 'connected'])
    client.send('a', '2')
  })
})
