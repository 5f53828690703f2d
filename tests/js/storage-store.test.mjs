// The store over a mini-program's key-value storage. The program is killed after every single call to the storage, and the
// next one must find each turn whole or not at all; within bounds, by few calls.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MqttError } from '../../js/errors.js'
import { StorageStore } from '../../js/stores/storage.js'
import { Host, packet, string } from './host.mjs'
import { NAME, PREFIX, Storage, found, generator, gone, put, same, turnAfter, using } from './key-value.mjs'
import { accept, connecting } from './reconnecting.mjs'

/** @typedef {import('./key-value.mjs').Records} Records */

/** The session's texts stay within their bounds. @param {Storage} storage @param {Records} truth */
function assertBounded(storage, truth) {
  let live = 0
  for (const [key, { length }] of truth) live += key.length + 2 + Math.ceil(length / 3) * 4
  const texts = [...storage.texts.values()]
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  assert.ok(length <= 2 * live + 65536, `${length} characters for ${live}`)
  assert.ok(texts.length <= 64 + live / 512, `${texts.length} keys for ${live} characters`)
  for (const text of texts) assert.ok(text.length <= 180_000)
  if (truth.size === 0) assert.equal(texts.length, 0)
}

/**
 * Runs a schedule; the program is killed everywhere, and sometimes really. Gives the number of kills.
 * @param {number} seed @param {number[]} sizes
 */
function killEverywhere(seed, sizes) {
  const random = generator(seed)
  let storage = new Storage()
  let store = new StorageStore(storage)
  store.load(NAME)
  /** @type {Records} */
  let truth = new Map()
  let kills = 0
  try {
    for (let turn = 0; turn < 10; turn++) {
      const when = `seed ${seed}, turn ${turn}`
      const before = truth
      const next = turnAfter(before, random, sizes)
      truth = next.truth
      storage.snapshots = []
      store.write(next.changes)
      assertBounded(storage, truth)
      let written = same(before, truth)
      const states = storage.snapshots.map((texts) => {
        const records = found(texts)
        written ||= same(records, truth)
        assert.ok(same(records, written ? truth : before), `${when}: part of a turn, or an older one`)
        return { texts, truth: written ? truth : before }
      })
      assert.ok(written, `${when}: what was written is not there`)
      kills += states.length
      if (states.length === 0 || random(4) > 0) continue
      store.close()
      const left = states[random(states.length)]
      storage = new Storage(new Map(left.texts))
      truth = left.truth
      store = new StorageStore(storage)
      assert.ok(same(new Map(store.load(NAME)), truth), when)
      assert.equal(storage.calls.length, 0, 'a program starts: nothing is written then')
    }
  } finally {
    store.close()
  }
  return kills
}

describe('a program that is killed after any call to the storage', () => {
  test('finds each turn whole or not at all, in their order, within bounds: 2000 schedules of small records', () => {
    let kills = 0
    for (let seed = 1; seed <= 2000; seed++) kills += killEverywhere(seed, [0, 1, 5, 20, 60, 200, 900])
    assert.ok(kills > 15_000, `${kills} kills`)
  })

  test('and of records that need keys of their own, or several: 200 schedules', () => {
    for (let seed = 1; seed <= 190; seed++) killEverywhere(seed, [0, 5, 200, 3000, 5000, 20_000])
    for (let seed = 191; seed <= 200; seed++) killEverywhere(seed, [5, 200, 5000, 150_000, 700_000])
  })

  test('also where a session goes on after many others: 20 schedules in one storage', () => {
    using((storage, store) => {
      /** @type {Records} */
      let truth = new Map()
      for (let seed = 1; seed <= 20; seed++) {
        const random = generator(seed)
        for (let turn = 0; turn < 100; turn++) {
          const next = turnAfter(truth, random, [0, 5, 200, 3000, 5000])
          truth = next.truth
          store.write(next.changes)
          assertBounded(storage, truth)
        }
        store.close()
        assert.ok(same(new Map(store.load(NAME)), truth))
      }
    })
  })
})

test('small records that outlive large ones of their turns do not keep a key each', () => {
  using((storage, store) => {
    /** @type {Records} */
    const truth = new Map()
    for (let n = 0; n < 1000; n++) {
      const small = put(`a${n}`, 1)
      store.write([small, put(`b${n}`, 4000)])
      store.write([gone(`b${n}`)])
      truth.set(small.key, small.value)
      assertBounded(storage, truth)
    }
    assert.ok(same(found(storage.texts), truth))
  })
})

describe('what stands in the storage', () => {
  test('is a text that says what a turn changed', () => {
    using((storage, store) => {
      store.put('s0', Uint8Array.of(1, 2, 3))
      store.write([put('m1', 6000), { key: 'm2', value: new Uint8Array(0) }])
      store.write([{ key: 's1', value: Uint8Array.of(255) }, put('s9', 5)])
      store.write([gone('s9'), gone('m2')])
      const texts = [...storage.texts].map(([key, text]) => [key, text.replace(/[\w+/]{99,}/, '…')])
      assert.deepEqual(texts, [[`${PREFIX}1`, '[s0:AQID]'], [`${PREFIX}2`, '[m1:…,m2:]'], [`${PREFIX}3`, '[s1:/w==,m2]']])
    })
  })

  test('keys that are not of the session are neither read nor changed, also those that look alike', () => {
    const keys = ['1', 'wasmqtt:', PREFIX, `${PREFIX}x`, `${PREFIX}07`, `${PREFIX}1:5`, `x${PREFIX}1`]
    keys.push('wasmqtt:me@wss://host/a:5', `${'x'.repeat(PREFIX.length)}9`)
    const others = new Map(keys.map((key, n) => [key, `[m${n}:AQID]`]))
    const storage = new Storage(new Map(others))
    storage.get = (key) => assert.fail(`${key} is not the session's`)
    using((_, store) => {
      for (let n = 0; n < 50; n++) store.write([put(`m${n}`, 5000), gone(`m${n - 3}`)])
      store.clear()
    }, storage)
    assert.deepEqual(storage.texts, others)
  })

  test('a text that is none of ours costs its own records only, and goes with the next turns', () => {
    for (const damaged of ['', 'x', 'null', '[', ']', '[]', '[m2:AQID', 'm2:AQID]', '{"a":[1]}']) {
      const texts = ['[m1:AQID]', damaged, '[m3:AQID]'].map((text, n) => /** @type {const} */ ([`${PREFIX}${n + 9}`, text]))
      const storage = new Storage(new Map(texts))
      assert.deepEqual([...found(storage.texts).keys()], ['m1', 'm3'], damaged)
      using((_, store) => store.write([gone('m1'), gone('m3')]), storage)
      assert.equal(storage.texts.size, 0, damaged)
    }
  })

  test('a long segment without one of its parts is none, and what is behind its end is not its own', () => {
    const texts = (/** @type {string[]} */ ...parts) =>
      new Map(parts.flatMap((text, n) => (text ? [/** @type {[string, string]} */ ([`${PREFIX}${n + 1}`, text])] : [])))
    assert.deepEqual([...found(texts('[m1:AQID]', '[m2:AQ', 'ID]', '[m3:AQID]')).keys()], ['m1', 'm2', 'm3'])
    assert.deepEqual([...found(texts('[m1:AQID]', '[m2:AQ', '', 'ID]', '[m3:AQID]')).keys()], ['m1', 'm3'])
    assert.deepEqual([...found(texts('[m1:AQID]', '[m2:AQ', '[m3:AQID]')).keys()], ['m1', 'm3'])
    assert.deepEqual([...found(texts('[m1:AQID]', 'AQID,m2:AQID]', '[m3:AQID]')).keys()], ['m1', 'm3'])
  })

  test('a record that cannot be read comes without bytes, for the core to report, and no older one in its place', () => {
    const texts = new Map([[`${PREFIX}1`, '[m1:AQID,m2:AQID]'], [`${PREFIX}2`, '[m1:A?ID]']])
    assert.deepEqual(found(texts), new Map([['m2', Uint8Array.of(1, 2, 3)], ['m1', new Uint8Array(0)]]))
  })
})

describe('calls to the storage', () => {
  /** The calls that turns take after some that are not counted. */
  function count(before, turns) {
    let calls = 0
    using((storage, store) => {
      for (const changes of before) store.write(changes)
      storage.calls = []
      for (const changes of turns) store.write(changes)
      calls = storage.calls.length
    })
    return calls
  }
  const rounds = (length) => Array.from({ length: 1000 }, (_, n) => [[put(`m${n}`, length)], [gone(`m${n}`)]]).flat()
  const many = (number, length) => Array.from({ length: number }, (_, n) => put(`m${n}`, length))

  test('are one a turn while messages are published and acknowledged', () => {
    assert.equal(count([], rounds(100)), 2000)
    assert.equal(count([[put('s0', 60)]], rounds(100)), 2000)
    assert.equal(count([[put('s0', 60)]], rounds(8000)), 2000)
    const window = Array.from({ length: 1000 }, (_, n) => [put(`m${n}`, 100), gone(`m${n - 5}`)])
    assert.ok(count([[put('s0', 60)]], window) <= 1100)
  })

  test('are few for many changes in one turn', () => {
    assert.equal(count([], [many(1000, 40)]), 1)
    assert.equal(count([many(1000, 40)], [many(1000, 0).map(({ key }) => gone(key))]), 1)
    assert.equal(count([], [[put('m1', 700_000)]]), 6)
  })

  test('are about one a turn when a long queue leaves', () => {
    const acknowledged = many(1000, 0).map(({ key }) => [gone(key)])
    assert.ok(count([many(1000, 700)], acknowledged) <= 1100)
    assert.ok(count(many(1000, 700).map((change) => [change]), acknowledged) <= 1800)
  })
})

describe('the right to a session', () => {
  const inUse = (/** @type {any} */ error) => error instanceof MqttError && error.code === 52

  test('is for one store at a time, until it is given back', () => {
    using((storage, store) => {
      const second = new StorageStore(storage)
      assert.throws(() => second.load(NAME), inUse)
      second.close()
      assert.throws(() => new StorageStore(storage).load(NAME), inUse, 'who was refused has nothing to give back')
      store.put('m1', Uint8Array.of(1))
      store.close()
      assert.throws(() => store.put('m1', Uint8Array.of(2)))
      assert.deepEqual(second.load(NAME), [['m1', Uint8Array.of(1)]])
      assert.throws(() => store.load(NAME), inUse)
      second.close()
      assert.deepEqual(store.load(NAME), [['m1', Uint8Array.of(1)]])
    })
  })

  test('is for one session a store; others have stores and records of their own', () => {
    using((storage, store) => {
      assert.throws(() => store.load('other'), inUse)
      const other = new StorageStore(storage)
      assert.deepEqual(other.load('other'), [])
      store.put('m1', Uint8Array.of(1))
      other.put('m1', Uint8Array.of(2))
      store.clear()
      other.close()
      assert.deepEqual(other.load('other'), [['m1', Uint8Array.of(2)]])
      other.close()
    })
  })

  test('is not taken where the storage cannot be read', () => {
    const storage = new Storage(new Map([[`${PREFIX}1`, '[m1:AQID]']]))
    for (const what of ['keys', 'get']) {
      const broken = Object.assign(new Storage(storage.texts), { [what]: () => assert.fail('broken') })
      assert.throws(() => new StorageStore(broken).load(NAME), /broken/)
    }
    using((_, store) => store.delete('m1'), storage)
    assert.equal(storage.texts.size, 0)
  })
})

test('with the client: after a kill what was on its way is sent again, and what was told is not told again', async () => {
  const storage = new Storage()
  const store = new StorageStore(storage)
  const host = new Host()
  const client = await host.connected({ store })
  client.send('a', '1', 1)
  client.send('a', '2', 2)
  host.socket.receive(packet('34', `${string('b')} 0007 33`))
  await host.turn()
  const publish = (first, rest) => packet(first, string('a') + rest)
  assert.equal(host.socket.take().join(''), publish('32', '0001 31') + publish('34', '0002 32') + '50020007')
  store.close()

  const next = new Storage(new Map(storage.texts))
  const all = await connecting({ store: new StorageStore(next) })
  const told = []
  all.client.onMessageArrived = (message) => told.push(message.payloadString)
  const sent = await accept(all.host, '20020100')
  await all.done
  assert.equal(sent.join(''), publish('3a', '0001 31') + publish('3c', '0002 32'))
  const { socket } = all.host
  socket.receive(packet('3c', `${string('b')} 0007 33`) + '62020007 40020001 50020002')
  await all.host.turn()
  assert.deepEqual([told, socket.take().join('')], [[], '50020007' + '70020007' + '62020002'])
  assert.equal(next.texts.size, 1, 'PUBREL is not acknowledged')
  socket.receive('70020002')
  await all.host.turn()
  assert.deepEqual([all.client.pending, next.texts.size, all.told.filter(({ name }) => name === 'warning')], [0, 0, []])
  all.client.disconnect()
})
