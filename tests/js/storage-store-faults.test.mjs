// The store over a mini-program's key-value storage where calls fail, each in turn, or all from some time on, or because
// there is no room. What is asked is always the same: nothing is in the storage that is not true.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Persistence } from '../../js/persistence.js'
import { StorageStore } from '../../js/stores/storage.js'
import { NAME, Storage, everything, found, foundKeys, gone, put, same, scheduleOf, using } from './key-value.mjs'

/** @typedef {import('./key-value.mjs').Records} Records */
/** @typedef {import('../../js/errors.js').MqttError} MqttError */

/** Nothing in the storage is older than the truth. @param {Storage} storage @param {Records} truth */
function assertTrue(storage, truth, when = '') {
  const records = found(storage.texts)
  assert.ok(same(records, new Map([...truth].filter(([key]) => records.has(key)))), `a record is stale ${when}`)
  return records
}

/** The store as a client has it. @param {(storage: Storage, persistence: Persistence, warnings: MqttError[]) => void} use */
function persisting(use, storage = new Storage()) {
  /** @type {MqttError[]} */
  const warnings = []
  const noTimer = () => assert.fail('nothing is waited for')
  const store = new StorageStore(storage)
  const persistence = new Persistence(store, (error) => warnings.push(error), { setTimer: noTimer, clearTimer: noTimer })
  persistence.load(NAME)
  try {
    use(storage, persistence, warnings)
  } finally {
    persistence.close()
  }
}

describe('a call that fails', () => {
  const ways = [{ failing: 'set', late: false }, { failing: 'set', late: true }, { failing: 'remove', late: false }]
  for (const { failing, late } of ways) {
    const what = late ? `${failing}, although it was done,` : failing
    test(`${what} leaves the turn out and nothing of it behind, or does not matter: at each place`, () => {
      const schedule = scheduleOf(5, [5, 60, 900, 5000, 300_000], 30)
      let refused = 0
      schedule.forEach(({ changes, before, truth }, turn) => {
        using((storage, store) => {
          for (const { changes } of schedule.slice(0, turn)) store.write(changes)
          let state = before
          for (let k = 1; k === 1 || k <= storage.calls.length + 1; k++) {
            storage.calls = []
            Object.assign(storage, { late, fails: (what, count) => what === failing && count === k })
            const keys = storage.texts.size
            try {
              store.write(changes)
              state = truth
            } catch (error) {
              assert.match(error.message, new RegExp(`no ${failing}`))
              assert.ok(storage.texts.size <= keys)
              refused++
            }
            assert.ok(same(found(storage.texts), state), `turn ${turn}, call ${k}`)
          }
          assert.equal(state, truth)
        })
      })
      assert.ok(refused > 0)
    })
  }

  test('when every set fails from then on, nothing stale is ever in the storage, and there is one warning', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const schedule = scheduleOf(seed, [5, 60, 900, 5000], 25)
      for (let k = 1; k <= 25; k += 3) {
        persisting((storage, persistence, warnings) => {
          storage.fails = (what, count) => what === 'set' && count >= k
          for (const { changes, truth } of schedule) {
            assert.equal(persistence.write(changes), null)
            assertTrue(storage, truth, `seed ${seed}, call ${k}`)
          }
          persistence.write([everything])
          assert.equal(storage.texts.size, 0)
          assert.ok(warnings.length <= 1)
        })
      }
    }
  })
})

describe('a storage that is full', () => {
  for (const brimful of [false, true]) {
    test(`still takes deletions${brimful ? ', even when the program has used the last character' : ''}`, () => {
      let full = 0
      for (let seed = 1; seed <= 150; seed++) {
        persisting((storage, persistence, warnings) => {
          storage.limit = 3000 * (1 + (seed % 10))
          for (const { changes, truth } of scheduleOf(seed, [5, 60, 900, 2500, 5000], 30)) {
            const whole = warnings.length === 0
            assert.equal(persistence.write(changes), null)
            const records = assertTrue(storage, truth, `seed ${seed}`)
            if (warnings.length === 0) assert.equal(records.size, truth.size)
            if (warnings.length === 0 || !whole) continue
            full++
            assert.match(String(warnings[0].cause), /maximum size/)
            if (brimful) storage.texts.set('theirs', 'x'.repeat(storage.limit - storage.size - 'theirs'.length))
          }
          persistence.write([everything])
          storage.texts.delete('theirs')
          assert.equal(storage.texts.size, 0)
          assert.ok(warnings.length <= 1)
        })
      }
      assert.ok(full > 100, `${full} were full`)
    })
  }

  test('where a deletion finds no room, that is told first; asked for again it goes, with what is older only', () => {
    using((storage, store) => {
      for (const key of ['m1', 'm2', 'm3']) store.write([put(key, 5000)])
      storage.limit = storage.size
      assert.throws(() => store.write([gone('m2')]), /maximum size/)
      assert.equal(foundKeys(storage), 'm1,m2,m3')
      store.write([gone('m2')])
      assert.equal(foundKeys(storage), 'm3')
      assert.throws(() => store.write([put('m4', 20_000)]), /maximum size/)
      assert.equal(foundKeys(storage), 'm3')
    })
  })

  test('what is in the newest key goes without room', () => {
    using((storage, store) => {
      for (const changes of [[put('m1', 5000)], [put('m2', 5000)], [put('m3', 100), put('m4', 100)]]) store.write(changes)
      for (const left of ['m1,m2,m4', 'm1,m2', 'm1']) {
        storage.limit = storage.size
        store.write([gone(left === 'm1' ? 'm2' : left === 'm1,m2' ? 'm4' : 'm3')])
        assert.equal(foundKeys(storage), left)
      }
    })
  })

  test('a turn that fits is written, even if there is no room to tidy up', () => {
    using((storage, store) => {
      store.write([put('s0', 3000)])
      store.write([put('m1', 200_000), put('m2', 120_000)])
      storage.limit = storage.size + 10_000
      store.write([gone('m1')])
      store.write([put('m3', 3000)])
      assert.equal(foundKeys(storage), 'm2,m3,s0')
    })
  })
})
