// Stores that are damaged, fail, or belong to somebody else: what is wrong is told once, and what can go on goes on.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string, watch } from './host.mjs'
import { accept, assertOver, collect, connecting } from './reconnecting.mjs'
import { Store } from './store.mjs'

const publish = (first, topic, rest) => packet(first, `${string(topic)} ${rest}`)

const codes = (told) => told.filter(({ name }) => name === 'warning').map(({ code }) => code)

/** The records of a client with three messages on their way. */
async function threeMessages() {
  const store = new Store()
  const host = new Host()
  const client = await host.connected({ store })
  for (const text of ['1', '2', '3']) client.send('a', text, 1)
  await host.turn()
  return store.records
}

describe('a damaged record is left out, deleted and warned of:', () => {
  const damages = {
    'a bit is wrong': (record) => (record[record.length - 1] ^= 1),
    'it is too short': (record) => record.fill(0, 1),
    'it is empty': (record, records, key) => records.set(key, new Uint8Array(0)),
    'it stands under another key': (record, records, key) => records.delete(key) && records.set('mzz', record),
    'its key is no key': (record, records, key) => records.delete(key) && records.set('other', record),
  }
  for (const [name, damage] of Object.entries(damages)) {
    test(name, async () => {
      const records = await threeMessages()
      const key = [...records.keys()][1]
      damage(records.get(key), records, key)
      const store = new Store(records)
      const { host, told, done } = await connecting({ store })
      assert.equal(store.records.size, 2)
      assert.deepEqual(await accept(host, '20020100'), [publish('3a', 'a', '0001 31') + publish('3a', 'a', '0003 33')])
      assert.deepEqual(codes(told), [51])
      await done
    })
  }

  test('all of them', async () => {
    const records = await threeMessages()
    for (const record of records.values()) record[0] ^= 0xff
    const store = new Store(records)
    const { host, client, told } = await connecting({ store })
    assert.deepEqual(await accept(host, '20020100'), [])
    assert.deepEqual([codes(told), store.records.size, client.pending], [[51, 51, 51], 0, 0])
  })
})

describe('a store that fails is told once, and messages stay in memory', () => {
  const full = () => {
    throw new Error('the disk is full')
  }
  for (const [name, fail] of Object.entries({ throwing: full, rejecting: async () => full() })) {
    test(`when it is ${name} at a write`, async () => {
      const store = new Store()
      const host = new Host()
      const client = await host.connected({ store, reconnect: true })
      const told = collect(client)
      store.put = fail
      const seen = ['1', '2'].map((text) => watch(client.publish('a', text, 1)))
      await host.turn()
      assert.equal(host.socket.take().join(''), publish('32', 'a', '0001 31') + publish('32', 'a', '0002 32'))
      host.socket.receive('4002 0001')
      host.socket.drop()
      await host.turn()
      assert.deepEqual(await accept(host, '20020100'), [publish('3a', 'a', '0002 32')])
      host.socket.receive('4002 0002')
      await host.turn()
      assert.deepEqual(seen.map(({ state }) => state), ['fulfilled', 'fulfilled'])
      assert.deepEqual(codes(told), [50])
      assert.equal(store.records.size, 0, 'nothing is left that is not true any more')
    })

    test(`when it is ${name} as it is opened`, async () => {
      const store = new Store()
      store.load = fail
      const { host, client, told, done } = await connecting({ store })
      await accept(host)
      await done
      client.send('a', '1', 1)
      await host.turn()
      assert.deepEqual(host.socket.take(), [publish('32', 'a', '0001 31')])
      assert.deepEqual([codes(told), store.records.size], [[50], 0])
      client.disconnect()
      host.socket.drop(1000)
      await host.turn()
      assertOver(host, client)
    })
  }

  test('and is asked for nothing any more, but the session goes on in memory', async () => {
    const store = new Store()
    const host = new Host()
    const client = await host.connected({ store })
    const told = collect(client)
    store.put = full
    client.send('a', '1', 1)
    await host.turn()
    client.disconnect()
    await host.turn()
    assert.equal(store.taken, false)
    await host.connected({ store }, { client, connAck: '20020100' })
    assert.deepEqual(host.socket.take(), [publish('3a', 'a', '0001 31')])
    assert.deepEqual(codes(told), [50])
  })

  test('the cause stays with the warning', async () => {
    const store = new Store()
    store.load = full
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    const warnings = []
    client.onWarning = (warning) => warnings.push(warning)
    client.connect({ mqttVersion: 4, store })
    await host.turn()
    assert.deepEqual([warnings.length, warnings[0].cause.message], [1, 'the disk is full'])
    assert.ok(!warnings[0].message.includes('disk'), 'the program\'s own words are not in ours')
  })
})

describe('a store that somebody else has', () => {
  for (const later of [false, true]) {
    test(`refuses connect() ${later ? 'later' : 'at once'}, and not for ever`, async () => {
      const store = new Store()
      store.taken = true
      if (later) store.load = async (name) => Store.prototype.load.call(store, name)
      const { host, client, told, done } = await connecting({ store, reconnect: { initial: true } })
      await assert.rejects(done, { code: 52, name: 'MqttError' })
      assert.deepEqual([host.sockets.length, told], [0, []])
      assertOver(host, client)
      assert.equal(store.taken, true, 'it is not ours to give back')
      store.taken = false
      await host.connected({ store }, { client })
      assert.equal(store.taken, true)
    })
  }

  test('may be our own client', async () => {
    const store = new Store()
    const host = new Host()
    await host.connected({ store })
    const second = new host.Client('ws://server/mqtt', 'me')
    await assert.rejects(second.connect({ mqttVersion: 4, store }), { code: 52 })
    assert.equal(store.taken, true)
  })
})

test('a store needs a client identifier', async () => {
  const host = new Host()
  const store = new Store()
  assert.throws(() => new host.Client('ws://server/mqtt', '').connect({ store }), { code: 45 })
  await assert.rejects(host.connect('ws://server', { store }), { code: 45 })
  assert.deepEqual([store.log, host.sockets.length], [[], 0])
})

test('a store is told the client and the address, and no secret', async () => {
  const store = new Store()
  const host = new Host()
  const client = new host.Client('wss://user:secret@server:8884/mqtt?token=secret', 'me')
  client.connect({ mqttVersion: 4, store })
  await host.turn()
  assert.deepEqual(store.log, ['load me@wss://server:8884/mqtt'])
})
