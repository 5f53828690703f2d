// The store in IndexedDB, in headless Chromium: reloads, killed pages, two pages at once, a full disk.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'
import { root } from '../../scripts/tools.mjs'
import { startBrowser } from './browser.mjs'

/** What tests say on a page and in a worker: records and changes are [key, text], and null deletes. */
const words = `
  import { IndexedDBStore } from '/js/stores/indexeddb.js'
  import { Persistence } from '/js/persistence.js'
  const toText = (value) => String.fromCharCode(...value.subarray(0, 20))
  const toBytes = (text) => Uint8Array.from(text, (one) => one.charCodeAt(0))
  const toChanges = (pairs) => pairs.map(([key, text]) => ({ key, value: text && toBytes(text) }))
  const patient = { setTimer: (run, delay) => setTimeout(run, delay), clearTimer: (timer) => clearTimeout(timer) }
  Object.assign(self, {
    IndexedDBStore, toBytes, toChanges,
    said: (promise) =>
      Promise.resolve(promise).then(() => 'fine', (error) => \`\${error.name} \${error.code || ''}\`.trim()),
    async load(name = 'me') {
      self.store = new IndexedDBStore()
      return (await store.load(name)).map(([key, value]) => [key, toText(value)])
    },
    async persist(name = 'me', timers = patient) {
      self.warnings = []
      const warn = ({ code, cause }) => warnings.push([code, cause.code || cause.name])
      self.persistence = new Persistence(new IndexedDBStore(), warn, timers)
      return (await persistence.load(name)).map(([key, value]) => [key, toText(value)])
    },
    write: (...pairs) => persistence.write(toChanges(pairs)),
    async until(holds) {
      for (const end = Date.now() + 10000; !holds(); ) {
        if (Date.now() > end) throw new Error('in vain: ' + holds)
        await new Promise((go) => setTimeout(go, 5))
      }
    },
  })
`
const documents = {
  '/': () => ({
    type: 'text/html; charset=utf-8',
    body: `<!doctype html><meta charset="utf-8"><title>page</title>
      <link rel="icon" href="data:,"><script type="module" src="/words.js"></script>`,
  }),
  '/words.js': () => ({ type: 'text/javascript; charset=utf-8', body: words }),
  '/worker.js': () => ({
    type: 'text/javascript; charset=utf-8',
    body: `${words}
      onmessage = async () => {
        try {
          await load()
          const done = store.write(toChanges([['a', '1']]), () => {})
          const promised = done instanceof Promise
          await done
          postMessage(promised)
        } catch (error) {
          postMessage(String(error))
        }
      }`,
  }),
}

let browser
let site
before(async () => {
  browser = await startBrowser()
  site = await serve({ '/js/': join(root, 'js') }, { extra: documents })
})
after(async () => {
  await browser?.close()
  await site?.close()
})

/** A page with a storage of its own, or in the storage of another. */
async function open(other = null) {
  if (other === null) return browser.open(site.url)
  const page = await other.context().newPage()
  await page.goto(site.url)
  return page
}

/** Everything that is left in localStorage. */
const journal = (page) => page.evaluate(() => Object.entries(localStorage).sort())

/**
 * From now on little fits into the databases of the page's origin; `fill` takes what is left. (Chromium looks at its
 * quota seldom, so that it must be small before anything is written.)
 */
async function limit(page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: 2_000_000 })
}

const fill = (page) =>
  page.evaluate(async () => {
    const database = await new Promise((resolve) => {
      const request = indexedDB.open('filler')
      request.onupgradeneeded = () => request.result.createObjectStore('filler', { autoIncrement: true })
      request.onsuccess = () => resolve(request.result)
    })
    const fits = (size) =>
      new Promise((resolve) => {
        const transaction = database.transaction('filler', 'readwrite')
        transaction.oncomplete = () => resolve(true)
        transaction.onabort = () => resolve(false)
        transaction.objectStore('filler').put(crypto.getRandomValues(new Uint8Array(size)))
      })
    for (let size = 65536; size >= 1; size >>= 1) while (await fits(size));
    database.close()
  })

describe('IndexedDBStore', () => {
  test('keeps records over a reload', async () => {
    const page = await open()
    const first = await page.evaluate(async () => {
      const records = await load()
      await Promise.all([store.put('a', toBytes('1')), store.put('b', toBytes('2')), store.put('c', toBytes('3'))])
      await store.delete('b')
      return records
    })
    assert.deepEqual(first, [])
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['a', '1'], ['c', '3']])
    await page.evaluate(async () => {
      await store.clear()
      await store.put('d', toBytes('4'))
    })
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['d', '4']])
    assert.deepEqual(page.errors, [])
  })

  test('writes all of a turn in one transaction, and what comes meanwhile in the next', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await load()
      let count = 0
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (...args) {
        count++
        return transaction.apply(this, args)
      }
      const ends = []
      const noted = (name, promise) => promise.then(() => ends.push(`${name} ${count}`))
      const put = (key, text) => store.put(key, toBytes(text))
      const turn = [put('a', '1'), put('b', '1'), store.delete('a'), put('a', '2')]
      await Promise.resolve().then(() => Promise.resolve())
      const later = [noted('later', store.delete('b')), noted('last', put('c', '3'))]
      turn.forEach((promise) => noted('turn', promise))
      await Promise.all([...turn, ...later])
      return { ends, count }
    })
    assert.equal(seen.count, 2)
    assert.deepEqual(seen.ends.map((end) => end.split(' ')[0]), ['turn', 'turn', 'turn', 'turn', 'later', 'last'])
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['a', '2'], ['c', '3']])
  })

  test('keeps of a view its own bytes only', async () => {
    const page = await open()
    const size = await page.evaluate(async () => {
      await load()
      await store.put('a', new Uint8Array(new ArrayBuffer(100000), 10, 3))
      await store.close()
      return (await store.load('me'))[0][1].buffer.byteLength
    })
    assert.equal(size, 3)
  })

  test('gives each session a database of its own', async () => {
    const page = await open()
    const found = await page.evaluate(async () => {
      await load('me@ws://server')
      await store.put('a', toBytes('1'))
      const other = await load('me@ws://server:80/mqtt')
      await store.put('b', toBytes('2'))
      return [other, (await indexedDB.databases()).map(({ name }) => name).sort()]
    })
    assert.deepEqual(found, [[], ['wasmqtt:me@ws://server', 'wasmqtt:me@ws://server:80/mqtt']])
  })
})

describe('two at once', () => {
  test('a session in use is refused with code 52, and is free when the first has closed it', async () => {
    const first = await open()
    const second = await open(first)
    await first.evaluate(() => load())
    assert.equal(await second.evaluate(() => said(load())), 'MqttError 52')
    assert.equal(await first.evaluate(() => said(load())), 'MqttError 52', 'another store of the same page')
    assert.equal(await second.evaluate(() => said(load('you'))), 'fine')
    await first.reload()
    await first.evaluate(async () => {
      await load()
      store.put('a', toBytes('1'))
      await store.close()
    })
    assert.deepEqual(await second.evaluate(() => load()), [['a', '1']])
    await second.close()
    assert.deepEqual(await first.evaluate(() => load()), [['a', '1']])
  })

  test('a store belongs to one client until it is closed', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      const store = new IndexedDBStore()
      const both = [said(store.load('me')), said(store.load('you'))]
      await Promise.all(both)
      store.close()
      return Promise.all([...both, said(store.load('you'))])
    })
    assert.deepEqual(seen, ['fine', 'MqttError 52', 'fine'])
  })

  test('a store that is closed has let go of its database, and takes nothing', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await load()
      let closed = 0
      const { close } = IDBDatabase.prototype
      IDBDatabase.prototype.close = function () {
        closed++
        close.call(this)
      }
      const done = store.put('a', toBytes('1'))
      const end = store.close()
      return [await said(done), await said(end), closed, await said(store.put('b', toBytes('1')))]
    })
    assert.deepEqual(seen, ['fine', 'fine', 1, 'Error'])
    assert.deepEqual(await page.evaluate(() => load()), [['a', '1']])
  })

  test('a load that was refused may be tried again', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await load()
      const other = new IndexedDBStore()
      const refused = await said(other.load('me'))
      await store.close()
      return [refused, await said(other.load('me'))]
    })
    assert.deepEqual(seen, ['MqttError 52', 'fine'])
  })

  test('a reload is never taken for a second page', async () => {
    const page = await open()
    for (let i = 0; i < 10; i++) {
      assert.equal(await page.evaluate(() => said(load())), 'fine')
      await page.reload()
    }
  })

  test('without Web Locks the newest page has the session, and the one before writes nothing any more', async () => {
    const first = await open()
    await first.context().addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
    await first.reload()
    await first.evaluate(async () => {
      await persist()
      write(['a', '1'])
      await until(() => localStorage.length === 0)
    })
    const second = await open(first)
    assert.deepEqual(await second.evaluate(() => persist()), [['a', '1']])
    const warnings = await first.evaluate(async () => {
      write(['a', 'stale'], ['b', 'stale'])
      await until(() => warnings.length > 0)
      // The deletion of what failed fails too, and then nothing is asked any more.
      await until(() => write(['c', null]) === null)
      return warnings
    })
    assert.deepEqual(warnings, [[50, 52]])
    await second.evaluate(async () => {
      write(['d', '4'])
      await persistence.close()
    })
    assert.deepEqual(await second.evaluate(() => load()), [['a', '1'], ['d', '4']])
    assert.deepEqual(await journal(second), [])
    assert.deepEqual(first.errors, [])
  })
})

describe('a page that is killed', () => {
  /** Writes, and the page is killed before a transaction of it ends. */
  async function writeInVain(page, ...pairs) {
    const held = await page.evaluate(async (changes) => {
      await persist()
      IDBDatabase.prototype.transaction = () => ({ objectStore: () => ({ get: () => ({}) }) })
      write(...changes)
      return localStorage.length
    }, pairs)
    assert.equal(held, 1)
  }

  test('has lost nothing: closed', async () => {
    const page = await open()
    const other = await open(page)
    await writeInVain(page, ['a', '1'], ['b', '\u0000\u00ff'])
    await page.close()
    assert.deepEqual(await other.evaluate(() => load()), [['a', '1'], ['b', '\u0000\u00ff']])
    assert.deepEqual(await journal(other), [])
  })

  // On a busy machine localStorage may lose the last of it: what depends on that has not been sent then.
  test('has lost nothing: crashed', async () => {
    const page = await open()
    await page.evaluate(async () => {
      await persist()
      await write(['a', '1'], ['b', '1'])
      await persistence.close()
    })
    await writeInVain(page, ['', null], ['b', '2'])
    const devtools = await page.context().newCDPSession(page)
    const crashed = page.waitForEvent('crash')
    devtools.send('Page.crash').catch(() => {})
    await crashed
    const other = await open(page)
    assert.deepEqual(await other.evaluate(() => load()), [['b', '2']])
    await other.reload()
    assert.deepEqual(await other.evaluate(() => load()), [['b', '2']], 'it is in the database now')
  })
})

describe('the journal', () => {
  test('holds what no transaction has written yet, and nothing else', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await persist('me@ws://server')
      write(['a', '1'])
      const held = Object.keys(localStorage).map((key) => key.replace(/:\w+:(\d+)$/, ':owner:$1'))
      await persistence.close()
      return [held, localStorage.length]
    })
    assert.deepEqual(seen, [['wasmqtt:me@ws://server:owner:1'], 0])
  })

  test('is not enough for what depends on a change: that waits until its transaction is complete', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await persist()
      const { transaction } = IDBDatabase.prototype
      const ends = []
      IDBDatabase.prototype.transaction = function (...args) {
        const made = transaction.apply(this, args)
        made.addEventListener('complete', () => ends.push('transaction'))
        return made
      }
      await write(['a', '1']).then(() => ends.push('written'))
      return ends
    })
    assert.deepEqual(seen, ['transaction', 'written'])
  })

  test('is not for large changes, nor for somebody who would not hear of a failure', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await persist()
      const held = []
      for (const [key, size] of [['a', 65537], ['b', 65536]]) {
        const done = write([key, 'x'.repeat(size)])
        held.push(localStorage.length)
        await done
      }
      await persistence.close()
      await load()
      const put = store.put('c', toBytes('1'))
      return [held, put instanceof Promise, localStorage.length]
    })
    assert.deepEqual(seen, [[0, 1], true, 0])
  })

  test('is done without where localStorage refuses', async () => {
    const page = await open()
    await page.evaluate(async () => {
      Storage.prototype.setItem = () => {
        throw new DOMException('', 'QuotaExceededError')
      }
      await persist()
      const done = write(['a', '1'])
      if (!(done instanceof Promise)) throw new Error('not promised')
      await done
    })
    await page.reload()
    await page.evaluate(() =>
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('', 'SecurityError')
        },
      }),
    )
    assert.deepEqual(await page.evaluate(() => persist()), [['a', '1']])
    assert.deepEqual(await page.evaluate(async () => [await said(write(['a', '2'])), warnings]), ['fine', []])
  })

  test('does not bring back what the database has already', async () => {
    const page = await open()
    await page.evaluate(async () => {
      await persist()
      const items = []
      const { setItem } = Storage.prototype
      Storage.prototype.setItem = function (...item) {
        items.push(item)
        setItem.apply(this, item)
      }
      for (const value of ['1', '2']) {
        write(['a', value], ['b', null])
        await until(() => localStorage.length === 0)
      }
      // As if the page had been killed before it removed them.
      for (const item of items) setItem.apply(localStorage, item)
    })
    assert.equal((await journal(page)).length, 2)
    await page.evaluate(() => localStorage.removeItem(Object.keys(localStorage).find((key) => key.endsWith(':2'))))
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['a', '2']])
    assert.deepEqual(await journal(page), [])
  })

  test('is read in order, without what is damaged or not its own', async () => {
    const page = await open()
    await page.evaluate(async () => {
      await persist()
      write(['a', '1'], ['b', '1'])
      const key = Object.keys(localStorage)[0].slice(0, -1)
      await persistence.close()
      const item = (...changes) => JSON.stringify(changes.map(([name, text]) => [name, text && btoa(text)]))
      localStorage.setItem(key + '10', item(['a', '10']))
      localStorage.setItem(key + '9', item(['a', '9'], ['b', null], ['c', '9']))
      const damaged = ['', '5', '[1]', 'null', '[["a","*"]]', '[["a"', '{}']
      damaged.forEach((text, i) => localStorage.setItem(key + (20 + i), text))
      localStorage.setItem('wasmqtt:me:stranger:30', item(['a', 'stranger']))
      localStorage.setItem('wasmqtt:me:you' + key.slice(10) + '31', item(['a', 'you']))
      localStorage.setItem('theme', 'dark')
    })
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['a', '10'], ['c', '9']])
    const left = (await journal(page)).map(([key]) => key)
    assert.equal(left.length, 2, `${left}`)
    assert.match(left.join(), /^theme,wasmqtt:me:you/)
    assert.deepEqual(page.errors, [])
  })

  test('a worker has none: it promises, and keeps the promise', async () => {
    const page = await open()
    const promised = await page.evaluate(
      () =>
        new Promise((resolve) => {
          self.worker = new Worker('/worker.js', { type: 'module' })
          worker.onmessage = ({ data }) => resolve(data)
          worker.postMessage('go')
        }),
    )
    assert.equal(promised, true)
    assert.equal(await page.evaluate(() => said(load())), 'MqttError 52')
    await page.evaluate(() => worker.terminate())
    assert.deepEqual(await page.evaluate(() => load()), [['a', '1']])
  })
})

describe('what fails', () => {
  test('a full database rejects a put, and still deletes', async () => {
    const page = await open()
    await limit(page)
    await page.evaluate(async () => {
      await load()
      await store.put('a', toBytes('1'))
    })
    await fill(page)
    const put = () => page.evaluate(() => said(store.put('b', new Uint8Array(1000))))
    assert.equal(await put(), 'QuotaExceededError 22')
    assert.equal(await page.evaluate(() => said(store.delete('a'))), 'fine')
    assert.equal(await page.evaluate(() => said(store.clear())), 'fine')
  })

  for (const [how, size] of [['small changes, which stood in the journal', 10], ['large ones', 70000]]) {
    test(`a full database makes one warning, and nothing stale stays: ${how}`, async () => {
      const page = await open()
      await limit(page)
      await page.evaluate(async () => {
        await persist()
        await Promise.all([write(['a', '1'], ['b', '1']), write(['c', '1'])])
        await until(() => localStorage.length === 0)
      })
      await fill(page)
      const warnings = await page.evaluate(async (length) => {
        await write(['a', '2'.repeat(length)], ['b', null])
        await until(() => warnings.length > 0)
        await write(['d', '1'])
        await persistence.close()
        return warnings
      }, size)
      assert.deepEqual(warnings, [[50, 22]])
      await page.reload()
      await fill(page)
      assert.deepEqual(await page.evaluate(() => persist()), [['c', '1']], 'and what is true can still be read')
      assert.deepEqual(await journal(page), [])
      assert.deepEqual(page.errors, [])
    })
  }

  test('a transaction that aborts takes with it what waits for it, and the next one works', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await load()
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (...args) {
        IDBDatabase.prototype.transaction = transaction
        const made = transaction.apply(this, args)
        Promise.resolve().then(() => made.abort())
        return made
      }
      const first = store.put('a', toBytes('1'))
      await Promise.resolve().then(() => {})
      const both = await Promise.all([said(first), said(store.put('b', toBytes('1')))])
      return [...both, await said(store.put('c', toBytes('1')))]
    })
    assert.deepEqual(seen, ['Error', 'Error', 'fine'])
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['c', '1']])
  })

  test('what was in the journal when the database broke does not come back stale', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await persist()
      write(['a', '1'], ['b', '1'])
      await until(() => localStorage.length === 0)
      IDBDatabase.prototype.transaction = () => {
        throw new DOMException('', 'UnknownError')
      }
      write(['a', '2'])
      await until(() => warnings.length > 0)
      await until(() => write(['c', null]) === null)
      return warnings
    })
    assert.deepEqual(seen, [[50, 'UnknownError']])
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [['b', '1']])
  })

  test('a database that is deleted does not wait for the page, and what is written then makes one warning', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      await persist()
      await write(['a', 'x'.repeat(70000)])
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('wasmqtt:me')
        request.onsuccess = resolve
        request.onblocked = reject
      })
      await Promise.all([write(['b', 'x'.repeat(70000)]), write(['c', '1'])])
      return [warnings, write(['d', '1'])]
    })
    assert.deepEqual(seen, [[[50, 11]], null])
    await page.reload()
    assert.deepEqual(await page.evaluate(() => load()), [])
  })

  const broken = {
    throws: () => {
      indexedDB.open = () => {
        throw new DOMException('', 'SecurityError')
      }
    },
    'is not there': () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
    'has a newer version of the database': () =>
      new Promise((resolve) => {
        const request = indexedDB.open('wasmqtt:me', 2)
        request.onsuccess = () => {
          request.result.close()
          resolve(undefined)
        }
      }),
    'has a database without its records': () =>
      new Promise((resolve) => {
        const request = indexedDB.open('wasmqtt:me', 1)
        request.onsuccess = () => {
          request.result.close()
          resolve(undefined)
        }
      }),
  }
  for (const [how, breakIt] of Object.entries(broken)) {
    test(`an IndexedDB that ${how} makes one warning, and the session is free`, async () => {
      const page = await open()
      await page.evaluate(breakIt)
      const seen = await page.evaluate(async () => {
        const records = await persist()
        return [records, warnings.map(([code]) => code), write(['a', '1']), (await navigator.locks.query()).held.length]
      })
      assert.deepEqual(seen, [[], [50], null, 0])
      assert.deepEqual(page.errors, [])
    })
  }

  test('an open that is blocked is given up with one warning, and the session is free when it ends', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      const blocker = await new Promise((resolve) => {
        const request = indexedDB.open('wasmqtt:me', 1)
        request.onsuccess = () => resolve(request.result)
      })
      await new Promise((resolve) => (indexedDB.deleteDatabase('wasmqtt:me').onblocked = resolve))
      const soon = { setTimer: (run) => setTimeout(run, 50), clearTimer: (timer) => clearTimeout(timer) }
      const records = await persist('me', soon)
      const held = (await navigator.locks.query()).held.length
      blocker.close()
      return [records, warnings, write(['a', '1']), held, await said(load())]
    })
    assert.deepEqual(seen, [[], [[50, 'Error']], null, 1, 'fine'])
  })
})
