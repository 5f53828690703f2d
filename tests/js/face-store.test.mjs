// A session that outlives its process: the program is killed (its host is thrown away), and a new one with the same store
// goes on. What is sent waits for what must be written first.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string, watch } from './host.mjs'
import { accept, assertOver, collect, connecting, drops } from './reconnecting.mjs'
import { Store } from './store.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

async function connected(store, options, more) {
  const host = new Host()
  const client = await host.connected({ store, ...options }, more)
  return { host, client, told: collect(client) }
}

/** The next process on the store of one that was killed. Gives what it sends behind CONNECT. */
async function restarted(store, connAck = '20020100', options = {}) {
  const after = store.afterKill()
  const all = await connecting({ store: after, ...options })
  const got = []
  all.client.onMessageArrived = (message) => got.push(message.payloadString)
  const sent = await accept(all.host, connAck)
  await all.done
  return { ...all, store: after, got, sent: sent.join('') }
}

describe('after the process was killed', () => {
  test('what was on its way is sent again, in order, and then forgotten', async () => {
    const store = new Store()
    const { host, client } = await connected(store, { maxInflight: 3 })
    for (const [qos, text] of [[1, '1'], [2, '2'], [2, '3'], [1, '4']]) client.send('a', text, qos)
    await host.turn()
    host.socket.receive('5002 0002')
    const next = await restarted(store)
    const again = [['3a', '0001 31'], ['3c', '0003 33'], ['32', '0004 34']]
    assert.equal(next.sent, '62020002' + again.map(([first, rest]) => publish(first, 'a', rest)).join(''))
    assert.equal(next.client.pending, 4)
    next.host.socket.receive('7002 0002 4002 0001 5002 0003 7002 0003 4002 0004')
    await next.host.turn()
    assert.deepEqual([next.client.pending, next.store.records.size], [0, 0])
  })

  test('it is published anew to a server that has no session', async () => {
    const store = new Store()
    const { host, client } = await connected(store)
    client.send('a', '1', 1)
    client.send('a', '2', 2)
    await host.turn()
    const { sent } = await restarted(store, '20020000')
    assert.equal(sent, publish('32', 'a', '0001 31') + publish('34', 'a', '0002 32'))
  })

  test('a QoS 2 message that was told is not told again', async () => {
    const store = new Store()
    const { host } = await connected(store)
    host.socket.receive(publish('34', 'a', '0007 31'))
    await host.turn()
    assert.deepEqual(host.socket.take(), ['50020007'])
    const next = await restarted(store)
    next.host.socket.receive(publish('3c', 'a', '0007 31') + '62020007' + publish('34', 'a', '0007 32'))
    await next.host.turn()
    assert.deepEqual(next.got, ['2'])
    assert.equal(next.host.socket.take().join(''), '50020007' + '70020007' + '50020007')
  })

  test('what waited for a connection leaves with the first one', async () => {
    const store = new Store()
    const { host, client } = await connected(store, { reconnect: true, offline: true })
    host.socket.drop()
    for (const text of ['1', '2', '3']) client.send('a', text, 1)
    await host.turn()
    const { sent } = await restarted(store)
    assert.equal(sent, ['1', '2', '3'].map((n) => publish('32', 'a', `000${n} 3${n}`)).join(''))
  })

  test('subscriptions come back where the server has no session, and only there', async () => {
    const store = new Store()
    const { host, client } = await connected(store)
    client.subscribe(['a', { filter: 'b', qos: 2 }, 'c'])
    await host.turn()
    host.socket.receive('9005 0001 00 02 00')
    client.unsubscribe('a')
    await host.turn()
    host.socket.receive('b002 0001')
    const { sent, got, host: second } = await restarted(store, '20020000')
    assert.equal(sent, packet('82', `0001 ${string('b')} 02 ${string('c')} 00`))
    second.socket.receive(publish('30', 'b', '31'))
    assert.deepEqual(got, ['1'], 'the new process has no handlers yet')
    assert.equal((await restarted(store)).sent, '')
  })

  test('a clean session forgets all of it, in the store too', async () => {
    const store = new Store()
    const { host, client } = await connected(store)
    client.send('a', '1', 1)
    await host.turn()
    const next = await restarted(store, '20020000', { cleanSession: true })
    assert.deepEqual([next.sent, next.store.records.size, next.client.pending], ['', 0, 0])
    next.client.send('a', '2', 1)
    await next.host.turn()
    next.client.disconnect()
    assert.deepEqual([next.store.records.size, next.store.taken], [0, false])
  })
})

describe('what is sent waits for a slow store', () => {
  test('and keeps its order; what stands before is not held up', async () => {
    const store = new Store()
    const { host, client } = await connected(store)
    store.slow = true
    client.send('a', '1')
    client.send('a', '2')
    await host.turn()
    assert.equal(host.socket.take().length, 1)
    const seen = watch(client.publish('a', '3', 1))
    const behind = watch(client.publish('a', '4'))
    await host.turn()
    assert.deepEqual([host.socket.take(), behind.state, client.pending], [[], 'pending', 2])
    await store.finish(host)
    assert.equal(host.socket.take().join(''), publish('32', 'a', '0001 33') + publish('30', 'a', '34'))
    assert.deepEqual([behind.state, seen.state], ['fulfilled', 'pending'])
    host.socket.receive('4002 0001')
    await host.turn()
    assert.equal(seen.state, 'fulfilled', 'a deletion holds nothing up')
  })

  test('PUBREC and PUBREL too', async () => {
    const store = new Store()
    const { host, client } = await connected(store)
    client.send('a', '1', 2)
    await host.turn()
    host.socket.take()
    store.slow = true
    host.socket.receive('5002 0001' + publish('34', 'b', '0007 32'))
    await host.turn()
    assert.deepEqual(host.socket.take(), [])
    while (store.waiting.length > 0) await store.finish(host)
    assert.equal(host.socket.take().join(''), '62020001' + '50020007')
  })

  test('also on the next connection', async () => {
    const store = new Store()
    const { host, client } = await connected(store, { reconnect: true })
    store.slow = true
    client.send('a', '1', 1)
    await host.turn()
    await drops(host)
    const asked = host.socket.open().length > 0
    if (asked) host.socket.receive('20020100')
    await host.turn()
    assert.deepEqual(host.socket.take(), [], 'a record is not written yet')
    await store.finish(host)
    if (!asked) host.socket.receive('20020100')
    await host.turn()
    assert.match(host.socket.take().join(''), new RegExp(`${publish('3a', 'a', '0001 31')}$`))
  })

  test('DISCONNECT at last; then the socket is closed, and the store given back', async () => {
    const store = new Store()
    const { host, client } = await connected(store)
    store.slow = true
    const behind = client.publish('a', '1', 1) && watch(client.publish('a', '2'))
    const ended = watch(client.disconnect())
    await host.turn()
    assert.deepEqual([client.state, host.socket.take(), host.socket.closed], ['disconnected', [], false])
    await store.finish(host)
    assert.equal(host.socket.take().join(''), publish('32', 'a', '0001 31') + publish('30', 'a', '32') + 'e000')
    assert.equal(host.socket.closed, true)
    assert.equal(behind.state, 'fulfilled', 'the bytes were handed to the socket')
    host.socket.drop(1000)
    await store.finish(host)
    assert.deepEqual([ended.state, store.log.slice(1)], ['fulfilled', ['put', 'close']])
    assertOver(host, client)
  })

  test('and no longer than it is patient', async () => {
    const store = new Store()
    const { host, client, told } = await connected(store, { keepAliveInterval: 0 })
    store.slow = true
    client.send('a', '1', 1)
    await host.turn()
    await host.pass(4000)
    assert.deepEqual([host.socket.take(), told], [[], []])
    await host.pass(6000)
    assert.deepEqual(host.socket.take(), [publish('32', 'a', '0001 31')])
    assert.deepEqual(told.map(({ code }) => code), [50])
    await host.pass(60_000)
    assert.deepEqual([told.length, client.state], [1, 'connected'])
  })
})

test('the store is given back by disconnect(), and taken again by connect(), which goes on from it', async () => {
  for (const slow of [false, true]) {
    const store = new Store()
    const { host, client } = await connected(store, { cleanSession: false })
    client.send('a', '1', 1)
    await host.turn()
    store.slow = slow
    client.disconnect()
    const done = watch(client.connect({ mqttVersion: 4, store }))
    for (let n = 0; n < 4; n++) {
      await host.turn()
      await store.finish(host)
    }
    assert.equal(host.sockets.length, 2, String(done.error))
    assert.deepEqual(await accept(host, '20020100'), [publish('3a', 'a', '0001 31')])
    assert.equal(done.state, 'fulfilled')
    const name = 'load me@ws://server/mqtt'
    assert.deepEqual(store.log.filter((what) => what !== 'put'), [name, 'close', name])
  }
})

test('a lost connection without `reconnect` gives the store back too, and the next one sends what it holds', async () => {
  const store = new Store()
  const { host, client } = await connected(store)
  const seen = watch(client.publish('a', '1', 1))
  await host.turn()
  host.socket.drop()
  await host.turn()
  assert.deepEqual([seen.error?.code, store.taken], [8, false])
  await host.connected({ store }, { client, connAck: '20020100' })
  assert.deepEqual(host.socket.take(), [publish('3a', 'a', '0001 31')])
})

test('a store that comes later is loaded and written like any other', async () => {
  const host = new Host()
  const client = await host.connected({ cleanSession: false })
  host.socket.drop()
  await host.turn()
  const store = new Store()
  await host.connected({ store }, { client, connAck: '20020100' })
  client.send('a', '1', 1)
  await host.turn()
  assert.deepEqual(store.log, ['load me@ws://server/mqtt', 'put'])
})
