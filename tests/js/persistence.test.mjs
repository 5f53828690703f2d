// What stands between the core and a store, with small stores that really hold records: quick and slow ones, and ones
// that fail at every place where they can. What is asked is always the same: a store never holds what is not true.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MqttError } from '../../js/errors.js'
import { Persistence } from '../../js/persistence.js'
import { MemoryStore } from '../../js/stores/memory.js'

const bytes = (/** @type {number[]} */ ...values) => Uint8Array.from(values)
const put = (/** @type {string} */ key, /** @type {number} */ value) => ({ key, value: bytes(value) })
const gone = (/** @type {string} */ key) => ({ key, value: null })
const everything = gone('')
const turn = () => new Promise(setImmediate)

/** Time passes when the test says so. */
class Clock {
  now = 0
  timers = new Set()
  setTimer = (run, delay) => {
    const timer = { run, at: this.now + delay }
    this.timers.add(timer)
    return timer
  }
  clearTimer = (timer) => this.timers.delete(timer)

  /** Timers fire once each in a turn, however late, as after a page was frozen. */
  async pass(milliseconds) {
    this.now += milliseconds
    for (const timer of [...this.timers]) {
      if (timer.at > this.now) continue
      this.timers.delete(timer)
      timer.run()
    }
    await turn()
  }
}

/** A store that does everything at once. `fails(what, count)` says whether an operation, the count-th of all, fails. */
class QuickStore {
  records = new Map()
  calls = []
  taken = false
  fails = (_what, _count) => false
  late = false

  /** @param {string} what @param {string} key @param {() => void} act */
  operate(what, key, act) {
    this.calls.push(key ? `${what} ${key}` : what)
    const fails = this.fails(what, this.calls.length)
    if (!fails || this.late) act()
    if (fails) throw new Error(`no ${what}`)
  }

  load(name) {
    this.name = name
    this.taken = true
    return this.records
  }
  put(key, value) {
    this.operate('put', key, () => this.records.set(key, value))
  }
  delete(key) {
    this.operate('delete', key, () => this.records.delete(key))
  }
  clear() {
    this.operate('clear', '', () => this.records.clear())
  }
  close() {
    this.taken = false
  }
}

/** A store that does one thing when it is told to, in any order, and answers with a promise. */
class SlowStore extends QuickStore {
  waiting = []

  operate(what, key, act) {
    this.calls.push(key ? `${what} ${key}` : what)
    const count = this.calls.length
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        const fails = this.fails(what, count)
        if (!fails || this.late) act()
        fails ? reject(new Error(`no ${what}`)) : resolve(undefined)
      })
    })
  }
  put(key, value) {
    return this.operate('put', key, () => this.records.set(key, value))
  }
  delete(key) {
    return this.operate('delete', key, () => this.records.delete(key))
  }
  clear() {
    return this.operate('clear', '', () => this.records.clear())
  }
  async load(name) {
    return super.load(name)
  }

  /** Does what it was asked, the newest first. */
  async work() {
    while (this.waiting.length > 0) {
      this.waiting.pop()()
      await turn()
    }
  }
}

/** A store that gets all changes at once. */
class BatchStore extends SlowStore {
  batches = []

  write(changes, failed) {
    this.batches.push(changes)
    this.failed = failed
    return this.operate('write', '', () => {
      for (const { key, value } of changes) {
        if (key === '') this.records.clear()
        else if (value === null) this.records.delete(key)
        else this.records.set(key, value)
      }
    })
  }
}

/** A persistence over a store, and what it warned of. */
function over(store) {
  const warnings = []
  const clock = new Clock()
  return { store, warnings, clock, persistence: new Persistence(store, (error) => warnings.push(error), clock) }
}

/** The same with a store that was loaded. */
async function loaded(store) {
  const made = over(store)
  await made.persistence.load('me@ws://server')
  return made
}

/** Turns of changes such as a client makes them, always the same, and what is true after each. */
function script() {
  let seed = 1
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below
  const truth = new Map()
  return Array.from({ length: 40 }, (_, step) => {
    const changes = step === 25 ? [everything] : []
    if (changes.length > 0) truth.clear()
    for (let i = random(3); i >= 0; i--) {
      const key = `k${random(5)}`
      if (changes.some((change) => change.key === key)) continue
      changes.push(truth.has(key) && random(2) === 0 ? gone(key) : put(key, step))
    }
    for (const { key, value } of changes) value ? truth.set(key, value) : truth.delete(key)
    return { changes, truth: new Map(truth) }
  })
}

/** Every record in the store is as the last change of its key left it. */
function assertTrue(store, truth, when) {
  for (const [key, value] of store.records) assert.deepEqual(value, truth.get(key), `${key} is stale ${when}`)
}

function assertOneWarning(warnings, cause) {
  assert.equal(warnings.length, 1)
  assert.ok(warnings[0] instanceof MqttError)
  assert.equal(warnings[0].code, 50)
  if (cause) assert.match(String(warnings[0].cause), cause)
}

/** What a store is asked that never fails. */
const calls = (() => {
  const store = new QuickStore()
  const { persistence } = over(store)
  persistence.load('')
  for (const { changes } of script()) persistence.write(changes)
  return store.calls
})()
const operations = calls.length
const lastPut = calls.findLastIndex((call) => call.startsWith('put')) + 1

/** How a store can fail at its k-th operation; late: it is done all the same. */
const failures = {
  'once, whatever it is': { failing: (k) => (_what, count) => count === k },
  'at puts from then on': { failing: (k) => (what, count) => count >= k && what === 'put' },
  'at puts from then on, when they are done already': {
    failing: (k) => (what, count) => count >= k && what === 'put',
    late: true,
  },
}

describe('a store that does everything at once', () => {
  test('is loaded and written without a promise', () => {
    const { store, persistence, warnings, clock } = over(new QuickStore())
    store.records.set('a', bytes(1))
    assert.deepEqual(persistence.load('me@ws://server'), [['a', bytes(1)]])
    assert.equal(store.name, 'me@ws://server')
    assert.equal(persistence.write([put('b', 2), gone('a')]), null)
    assert.deepEqual([...store.records], [['b', bytes(2)]])
    assert.equal(persistence.write([everything, put('c', 3)]), null)
    assert.deepEqual([...store.records], [['c', bytes(3)]])
    assert.equal(persistence.close(), null)
    assert.equal(store.taken, false)
    assert.deepEqual(warnings, [])
    assert.equal(clock.timers.size, 0)
  })

  for (const [how, { failing, late }] of Object.entries(failures)) {
    test(`which fails ${how}, holds nothing stale, and warns once: at each of ${operations} places`, () => {
      for (let k = 1; k <= operations; k++) {
        const { store, persistence, warnings } = over(new QuickStore())
        Object.assign(store, { fails: failing(k), late })
        persistence.load('')
        for (const { changes, truth } of script()) {
          const failed = warnings.length > 0 ? store.calls.length : Infinity
          assert.equal(persistence.write(changes), null)
          assertTrue(store, truth, `after operation ${k} failed`)
          assert.ok(!store.calls.slice(failed).some((call) => call.startsWith('put')), 'no put is tried again')
          if (warnings.length === 0) assert.equal(store.records.size, truth.size)
        }
        if (k <= lastPut || how.startsWith('once')) assertOneWarning(warnings, /no (put|delete|clear)/)
      }
    })
  }

  test('which fails altogether is left alone after its second failure', () => {
    for (let k = 1; k <= operations; k++) {
      const { store, persistence, warnings } = over(new QuickStore())
      store.fails = (_what, count) => count >= k
      persistence.load('')
      for (const { changes } of script()) assert.equal(persistence.write(changes), null)
      assertOneWarning(warnings)
      assert.equal(store.calls.length, k + 1)
    }
  })

  test('a deletion that fails is tried once more', () => {
    const { store, persistence, warnings } = over(new QuickStore())
    store.records.set('a', bytes(1))
    store.fails = (_what, count) => count === 1
    persistence.load('')
    assert.equal(persistence.write([gone('a')]), null)
    assert.equal(store.records.size, 0)
    assertOneWarning(warnings, /no delete/)
  })

  test('after a failure a record that would be replaced is deleted, and a new one not put', () => {
    const { store, persistence } = over(new QuickStore())
    store.records.set('a', bytes(1)).set('b', bytes(1))
    store.fails = (what) => what === 'put'
    persistence.load('')
    persistence.write([put('new', 1)])
    store.calls.length = 0
    persistence.write([put('a', 2), put('c', 2), gone('c')])
    assert.deepEqual(store.calls, ['delete a'])
    assert.deepEqual([...store.records.keys()], ['b'])
  })
})

describe('a store that promises', () => {
  test('is loaded by a promise, and what depends on a change waits until it is written', async () => {
    const { store, persistence, clock } = over(new SlowStore())
    store.records.set('a', bytes(1))
    assert.deepEqual(await persistence.load(''), [['a', bytes(1)]])
    let written = false
    const done = persistence.write([put('b', 2), put('c', 3)])
    done.then(() => (written = true))
    await turn()
    assert.deepEqual(store.calls, ['put b', 'put c'])
    store.waiting.pop()()
    await turn()
    assert.equal(written, false)
    store.waiting.pop()()
    await turn()
    assert.equal(written, true)
    assert.equal(clock.timers.size, 0)
  })

  test('gets the changes of later turns together, after the answer to those before', async () => {
    const { store, persistence } = await loaded(new SlowStore())
    const ends = []
    persistence.write([put('a', 1)]).then(() => ends.push('first'))
    persistence.write([put('a', 2), put('b', 2)]).then(() => ends.push('second'))
    persistence.write([gone('b')]).then(() => ends.push('third'))
    await turn()
    assert.deepEqual(store.calls, ['put a'])
    store.waiting.shift()()
    await turn()
    assert.deepEqual(ends, ['first'])
    assert.deepEqual(store.calls, ['put a', 'put a', 'delete b'])
    await store.work()
    assert.deepEqual(ends, ['first', 'second', 'third'])
    assert.deepEqual([...store.records], [['a', bytes(2)]])
    assert.ok(persistence.write([gone('a')]) instanceof Promise)
    await store.work()
    assert.equal(store.records.size, 0)
  })

  test('a promise is not held back by changes that came after its own', async () => {
    const { store, persistence } = await loaded(new SlowStore())
    let rounds = 0
    let ended = false
    persistence.write([put('a', 0)])
    persistence.write([put('b', 0)]).then(() => (ended = true))
    while (!ended) {
      assert.ok(rounds++ < 5)
      persistence.write([put('a', rounds)])
      store.waiting.shift()()
      await turn()
    }
  })

  test('a change that comes just when others are written neither overtakes nor ends those that wait', async () => {
    const { store, persistence } = await loaded(new SlowStore())
    persistence.write([put('a', 1)]).then(() => persistence.write([put('a', 3)]))
    let ended = false
    persistence.write([put('a', 2), put('b', 2)]).then(() => (ended = true))
    store.waiting.shift()()
    await turn()
    assert.deepEqual([ended, store.waiting.length], [false, 2])
    persistence.write([gone('b')])
    await turn()
    assert.equal(store.waiting.length, 2)
    await store.work()
    assert.deepEqual([...store.records], [['a', bytes(3)]])
  })

  test('nothing overtakes a clear', async () => {
    const { store, persistence } = await loaded(new SlowStore())
    const done = persistence.write([everything, put('a', 1)])
    await turn()
    assert.deepEqual(store.calls, ['clear'])
    await store.work()
    await done
    assert.deepEqual([...store.records], [['a', bytes(1)]])
  })

  for (const [how, { failing, late }] of Object.entries(failures)) {
    for (const Store of [SlowStore, BatchStore]) {
      const kind = Store === BatchStore ? 'and takes all changes at once, ' : ''
      const title = `${kind}which fails ${how}, holds nothing stale, and warns once`
      test(title, async () => {
        for (let k = 1; k <= operations; k++) {
          const { store, persistence, warnings, clock } = await loaded(new Store())
          const fails = failing(k)
          // A batch fails where it has a put.
          store.fails = (what, count) => {
            const batch = store.batches?.at(-1).some(({ value }) => value)
            return fails(what === 'write' ? (batch ? 'put' : 'delete') : what, count)
          }
          store.late = late
          for (const { changes, truth } of script()) {
            const done = persistence.write(changes)
            await store.work()
            await done
            assertTrue(store, truth, `after operation ${k} failed`)
          }
          if (store.calls.length >= k && how.startsWith('once')) assertOneWarning(warnings)
          assert.ok(warnings.length <= 1)
          assert.equal(clock.timers.size, 0)
        }
      })
    }
  }

  test('several that fail together make one warning', async () => {
    const { store, persistence, warnings } = await loaded(new SlowStore())
    store.records.set('a', bytes(1))
    store.fails = (what) => what === 'put'
    const done = persistence.write([put('a', 2), put('b', 2), put('c', 2)])
    await store.work()
    await done
    assertOneWarning(warnings, /no put/)
    assert.equal(store.records.size, 0)
  })

  test('does not hold the client up for longer than five seconds', async () => {
    const { store, persistence, warnings, clock } = await loaded(new SlowStore())
    let ended = false
    persistence.write([put('a', 1)]).then(() => (ended = true))
    await clock.pass(4999)
    assert.equal(warnings.length, 0)
    await clock.pass(2500)
    assertOneWarning(warnings, /does not answer/)
    assert.equal(ended, false, 'its deletion has the same time')
    assert.deepEqual(store.calls, ['put a', 'delete a'])
    await clock.pass(2500)
    await clock.pass(2500)
    assert.equal(ended, true)
    assert.equal(persistence.write([put('b', 1)]), null)
    await store.work()
    assert.equal(warnings.length, 1)
    assert.equal(store.calls.length, 2)
  })

  test('a page that was frozen gives the store time to answer', async () => {
    const { store, persistence, warnings, clock } = await loaded(new SlowStore())
    const done = persistence.write([put('a', 1)])
    await clock.pass(3_600_000)
    await store.work()
    await done
    assert.deepEqual(warnings, [])
  })

  test('close waits for what was asked before', async () => {
    const { store, persistence } = await loaded(new SlowStore())
    persistence.write([put('a', 1)])
    persistence.write([put('b', 1)])
    const unanswered = []
    store.close = () => {
      unanswered.push(store.waiting.length)
      store.taken = false
    }
    let closed = false
    persistence.close().then(() => (closed = true))
    await turn()
    assert.equal(store.taken, true)
    await store.work()
    assert.equal(closed, true)
    assert.deepEqual(unanswered, [0])
    assert.equal(store.taken, false)
    assert.deepEqual([...store.records.keys()], ['a', 'b'])
    assert.equal(persistence.write([put('c', 1)]), null)
    assert.equal(persistence.close(), null)
  })
})

describe('a store that takes all changes at once', () => {
  test('gets those of a turn in one call, and those that waited in one', async () => {
    const { store, persistence } = await loaded(new BatchStore())
    persistence.write([put('a', 1), put('b', 1)])
    persistence.write([put('c', 1)])
    persistence.write([everything, put('d', 1)])
    await store.work()
    assert.deepEqual(store.batches, [
      [put('a', 1), put('b', 1)],
      [everything, put('d', 1)],
    ])
  })

  test('may need longer to outlive a crash: what depends on a change waits for that, but not for ever', async () => {
    const { store, persistence, warnings, clock } = await loaded(new QuickStore())
    let settle
    store.settled = () => new Promise((resolve) => (settle = resolve))
    let ended = 0
    const wait = () => persistence.write([put('a', 1)]).then(() => ended++)
    wait()
    await turn()
    assert.deepEqual([store.records.size, ended], [1, 0])
    settle()
    await turn()
    assert.equal(ended, 1)
    wait()
    await clock.pass(2500)
    await clock.pass(2500)
    assert.equal(ended, 2)
    assert.deepEqual([warnings, clock.timers.size], [[], 0])
  })

  test('may say later that it has failed: what it was given is deleted, with one warning', async () => {
    const { store, persistence, warnings } = await loaded(new QuickStore())
    store.write = (changes, failed) => {
      store.calls.push(changes.map(({ key, value }) => `${value ? 'put' : 'delete'} ${key}`).join())
      store.failed ??= failed
    }
    assert.equal(persistence.write([put('a', 1), gone('b'), put('c', 1)]), null)
    store.failed(new Error('full'))
    assertOneWarning(warnings, /full/)
    assert.deepEqual(store.calls, ['put a,delete b,put c', 'delete a,delete b,delete c'])
  })

  test('which says later that the deletion has failed too, is left alone', async () => {
    const { store, persistence, warnings } = await loaded(new QuickStore())
    const failed = []
    store.write = (_changes, fail) => void failed.push(fail)
    persistence.write([put('a', 1)])
    failed[0](new Error('full'))
    failed[1](new Error('broken'))
    assert.equal(persistence.write([gone('a')]), null)
    assert.equal(failed.length, 2)
    assertOneWarning(warnings, /full/)
  })
})

describe('loading', () => {
  const inUse = new MqttError(52)

  test('a store in use is refused with code 52, and not closed: it is the right of another', async () => {
    for (const load of [() => Promise.reject(inUse), () => assert.fail(inUse)]) {
      const { store, persistence, warnings } = over(new QuickStore())
      store.load = load
      store.close = () => assert.fail('closed')
      await assert.rejects(async () => persistence.load(''), (error) => error === inUse)
      assert.equal(persistence.write([put('a', 1)]), null)
      assert.equal(persistence.close(), null)
      assert.deepEqual(store.calls, [])
      assert.deepEqual(warnings, [])
    }
  })

  test('at once or by a promise: a refusal comes the same way', () => {
    const { store, persistence } = over(new QuickStore())
    store.load = () => assert.fail(inUse)
    assert.throws(() => persistence.load(''), { code: 52 })
  })

  const broken = {
    throws: () => assert.fail('blocked'),
    rejects: () => Promise.reject(new Error('blocked')),
    'rejects with nothing': () => Promise.reject(),
    'answers nothing': () => undefined,
    'holds what is not bytes': () => [['a', 'text']],
    'promises what is not bytes': async () => [['a', 1]],
  }
  for (const [how, load] of Object.entries(broken)) {
    test(`a store that ${how} gives no records and one warning, is closed and left alone`, async () => {
      const { store, persistence, warnings } = over(new QuickStore())
      store.load = load
      store.taken = true
      assert.deepEqual(await persistence.load(''), [])
      assertOneWarning(warnings)
      assert.equal(store.taken, false)
      assert.equal(persistence.write([put('a', 1)]), null)
      assert.deepEqual(store.calls, [])
    })
  }

  test('a store that does not answer is given up after five seconds', async () => {
    const { store, persistence, warnings, clock } = over(new QuickStore())
    store.load = () => new Promise(() => {})
    const records = persistence.load('')
    await clock.pass(2500)
    assert.equal(warnings.length, 0)
    await clock.pass(2500)
    assert.deepEqual(await records, [])
    assertOneWarning(warnings, /does not answer/)
  })

  test('after close it may be loaded again, also when it had failed', () => {
    const { store, persistence, warnings } = over(new QuickStore())
    store.fails = (what) => what === 'put'
    persistence.load('')
    persistence.write([put('a', 1)])
    persistence.close()
    store.fails = () => false
    persistence.load('')
    persistence.write([put('a', 2)])
    assert.deepEqual([...store.records], [['a', bytes(2)]])
    assert.equal(warnings.length, 1)
  })

  test('a store without close, or with one that fails, is closed all the same', async () => {
    for (const close of [undefined, () => assert.fail('no'), () => Promise.reject(new Error('no'))]) {
      const { store, persistence, warnings } = await loaded(new QuickStore())
      store.close = close
      await persistence.close()
      assert.deepEqual(warnings, [])
    }
  })
})

describe('the store in memory', () => {
  test('keeps records for the next client, and belongs to one at a time', () => {
    const store = new MemoryStore()
    const first = over(store).persistence
    const second = over(store).persistence
    assert.deepEqual(first.load('a'), [])
    assert.throws(() => second.load('b'), { code: 52 })
    assert.equal(first.write([put('x', 1), put('y', 2)]), null)
    assert.equal(first.write([gone('x')]), null)
    first.close()
    assert.deepEqual(second.load('b'), [['y', bytes(2)]])
    assert.equal(second.write([everything]), null)
    second.close()
    assert.deepEqual(first.load('a'), [])
  })
})
