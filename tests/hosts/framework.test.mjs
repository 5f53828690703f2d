// The host that runs mini-programs (framework/) does what WeChat does with a program, and lets nothing pass that a device
// would not: a small program of its own (framework/sample) proves it.

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import { root } from '../../scripts/tools.mjs'
import { startMosquitto } from '../js/brokers.mjs'
import { startBrowser } from '../js/browser.mjs'
import { buildMiniProgram } from './framework/build.mjs'
import { startMiniProgram } from './framework/index.mjs'
import { compileStyle } from './framework/styles.mjs'

const sample = join(root, 'tests/hosts/framework/sample')
/** A PNG of one pixel. */
const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let browser
before(async () => {
  browser = await startBrowser(['--ignore-certificate-errors'])
})
after(() => browser.close())

/** Runs the sample for one test; its errors are the test's. */
async function running(work, options = {}) {
  const app = await startMiniProgram(options.folder ?? sample, { browser, ...options })
  try {
    await work(app)
  } catch (error) {
    await app.discard()
    throw error
  }
  await app.close()
}

const events = (app) => app.page.evaluate(() => window.miniProgram.app().globalData.events)
const color = (app, selector) => app.find(selector).evaluate((node) => getComputedStyle(node).color)

/** A copy of the sample with other files. */
function changed(files) {
  const folder = mkdtempSync(join(tmpdir(), 'wasmqtt-sample-'))
  cpSync(sample, folder, { recursive: true })
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content)
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}

describe('a page', () => {
  test('is loaded, shown and ready in this order, after the program, under its title', () =>
    running(async (app) => {
      assert.deepEqual(await events(app), [
        'launch pages/index/index',
        'app show',
        'index load',
        'index show',
        'index ready',
      ])
      assert.equal(await app.title(), '样例')
      assert.equal(await app.text('.greeting'), '[你好，小明]')
    }))

  test('shows what is typed and sent, in a list, and scrolls to it', () =>
    running(async (app) => {
      await app.tap('.send')
      assert.deepEqual(await app.texts('.message'), [], 'a disabled button has no tap')
      for (const text of ['一', '二', '三', '四', '五', '六']) {
        await app.type('#draft', text)
        await app.tap('.send')
      }
      assert.deepEqual(await app.texts('.message .text'), ['一', '二', '三', '四', '五', '六'])
      assert.equal((await app.current()).data.draft, '')
      assert.equal(await app.find('#draft').locator('input').inputValue(), '')
      await app.waitUntil(() =>
        app.find('.list').evaluate((list) => list.scrollTop + list.clientHeight >= list.scrollHeight - 1),
      )
    }))

  test('hears of taps, long presses, the key that confirms, and events of its components, with their data', () =>
    running(async (app) => {
      await app.type('#draft', '你好\n')
      await app.waitFor('.message')
      await app.tap('#message-1')
      assert.equal(await app.text('.note'), 'tapped 1')
      await app.hold('#message-1')
      assert.equal(await app.text('.note'), 'held 1')
      assert.equal(await app.text('badge'), '条数 1')
      await app.tap('badge')
      assert.equal(await app.text('.note'), 'badge 1')
    }))

  test('has switches, pickers and forms', () =>
    running(async (app) => {
      await app.tap('switch')
      assert.equal((await app.current()).data.on, true)
      await app.tap('label')
      assert.equal((await app.current()).data.on, false)
      await app.tap('.choice')
      await app.answer('two')
      await app.waitUntil(async () => (await app.text('.choice')) === 'two')
      await app.type('.city', '上海')
      await app.tap('.submit')
      assert.equal(await app.text('.note'), 'form {"city":"上海"}')
    }))

  test('has its own style and the program has one for all; that of a component stays inside it', () =>
    running(async (app) => {
      assert.equal(await color(app, '.note'), 'rgb(255, 0, 0)')
      assert.equal(await color(app, '.accent'), 'rgb(7, 193, 96)')
      assert.equal(
        await app
          .find('badge')
          .locator('wx-view')
          .evaluate((node) => getComputedStyle(node).borderRadius),
        '15px',
      )
      await app.tap('.link')
      await app.waitFor('.query')
      assert.equal(await color(app, '.note'), 'rgb(0, 0, 0)')
    }))

  test('opens another with a query, and is shown again when that one is left', () =>
    running(async (app) => {
      await app.tap('.link')
      await app.waitFor('.query')
      assert.equal(await app.text('.query'), 'index 2')
      assert.deepEqual([await app.title(), await app.depth()], ['第二页', 2])
      await app.tap('button')
      await app.waitFor('.greeting')
      assert.deepEqual((await events(app)).slice(-3), ['index hide', 'second unload', 'index show'])
      assert.deepEqual(await app.calls('navigateTo'), [{ url: '/pages/second/second?from=index&n=2' }])
    }))

  test('may move on while it is being opened', () =>
    running(
      async (app) => {
        await app.waitForText('moved 3')
        assert.equal(await app.depth(), 1)
        assert.equal(await app.find('.query').count(), 1)
        assert.deepEqual((await events(app)).slice(-1), ['second unload'])
      },
      { path: 'pages/second/second?moved=1' },
    ))

  test('has check boxes, radio buttons, text areas, rich text and a swiper', () =>
    running(
      async (app) => {
        const said = (value) =>
          app.waitUntil(async () => (await app.text('.said')) === JSON.stringify(value), JSON.stringify(value))
        await app.tap('.tea')
        await said({ value: ['tea', 'rice'] })
        await app.tap('.blue')
        await said({ value: 'blue' })
        await app.type('.words', '一\n二'.repeat(100))
        await said(300)
        assert.equal(await app.find('.rich').innerHTML(), '<b>bold</b>')
        await app.call('setData', { current: 1 })
        await said({ current: 1, source: '' })
      },
      { path: 'pages/parts/parts' },
    ))

  test('chooses a picture, keeps it as a file, shows it, and previews it', () =>
    running(
      async (app) => {
        const [chooser] = await Promise.all([app.page.waitForEvent('filechooser'), app.tap('.choose')])
        await chooser.setFiles({ name: 'a.png', mimeType: 'image/png', buffer: dot })
        await app.waitUntil(async () => (await app.text('.said')) === '{"width":1,"height":1}', 'the picture')
        await app.tap('.picture')
        await app.waitUntil(() => app.page.locator('.wx-mask img').evaluate((picture) => picture.naturalWidth === 1))
        await app.answer('✕')
        assert.equal(await app.page.locator('.wx-mask').count(), 0)
      },
      { path: 'pages/parts/parts' },
    ))

  test('of a tab bar stays when another is chosen, and is not navigated to', async () => {
    const app = JSON.parse(readFileSync(join(sample, 'app.json'), 'utf8'))
    const list = ['index', 'parts'].map((name) => ({ pagePath: `pages/${name}/${name}`, text: `tab ${name}` }))
    const { folder, remove } = changed({ 'app.json': JSON.stringify({ ...app, tabBar: { list } }) })
    try {
      await running(
        async (app) => {
          await app.type('#draft', 'kept')
          await app.tap('text=tab parts')
          await app.waitFor('.choose')
          await app.tap('text=tab index')
          await app.waitFor('#draft')
          assert.equal((await app.current()).data.draft, 'kept')
          assert.deepEqual((await events(app)).slice(-2), ['index hide', 'index show'])
          const refused = await app.page.evaluate(() =>
            window.miniProgram.wx.navigateTo({ url: '/pages/parts/parts' }).catch(({ errMsg }) => errMsg),
          )
          assert.equal(refused, 'navigateTo:fail can not navigateTo a tabbar page')
        },
        { folder },
      )
    } finally {
      remove()
    }
  })

  test('has dialogs, sheets and toasts that a test answers and reads', () =>
    running(
      async (app) => {
        await app.tap('.modal')
        await app.answer('确定')
        await app.waitForText('yes')
        await app.waitUntil(async () => (await app.toast()) === '好了')
        await app.tap('.sheet')
        await app.answer('乙')
        await app.waitForText('item 1')
        await app.tap('.sheet')
        await app.answer('取消')
        await app.waitForText('showActionSheet:fail cancel')
      },
      { path: 'pages/device/device' },
    ))
})

describe('the engine', () => {
  test('knows no name that devices lack, neither by its type nor by its use', () =>
    running(
      async (app) => {
        const found = await app.call('missing')
        assert.ok(Object.keys(found).length >= 18)
        for (const [name, seen] of Object.entries(found))
          assert.deepEqual([name, ...seen], [name, 'undefined', 'ReferenceError'])
      },
      { path: 'pages/device/device' },
    ))

  test('makes no code out of text, hides the document, and runs strict modules', () =>
    running(
      async (app) => {
        assert.deepEqual(await app.call('evaluation'), {
          eval: 'ReferenceError',
          Function: 'EvalError',
          constructor: 'EvalError',
          asynchronous: 'EvalError',
          global: 'object',
          window: 'undefined',
          document: 'undefined',
          at: 'undefined',
          strict: true,
        })
      },
      { path: 'pages/device/device' },
    ))

  test('has promises before timers, or among them as on iOS 15', async () => {
    const path = 'pages/device/device'
    await running(async (app) => assert.deepEqual(await app.call('order'), ['promise', 'timer']), { path })
    await running(async (app) => assert.deepEqual(await app.call('order'), ['timer', 'promise']), {
      path,
      timerPromise: true,
    })
  })

  test('loads WebAssembly from the code package, compressed too', async () => {
    const wasm = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    const { folder, remove } = changed({ 'a.wasm': wasm, 'b.wasm.br': brotliCompressSync(wasm) })
    try {
      await running(
        async (app) => {
          for (const path of ['/a.wasm', '/b.wasm.br']) assert.deepEqual(await app.call('instantiate', path), [])
          await assert.rejects(app.call('instantiate', '/c.wasm'), /not in the code package/)
          await assert.rejects(app.call('instantiate', 'a.wasm'), /not support/)
        },
        { path: 'pages/device/device', folder },
      )
    } finally {
      remove()
    }
  })
})

describe('an error of the program', () => {
  for (const [button, text] of [
    ['.throw', /thrown by the program/],
    ['.reject', /rejected by the program/],
    ['.print', /printed by the program/],
  ]) {
    test(`${button.slice(1)}: fails the test`, async () => {
      const app = await startMiniProgram(sample, { browser, path: 'pages/device/device' })
      const failed = assert.rejects(app.waitForText('never there'), text)
      await app.page.locator(button).tap()
      await failed
      await assert.rejects(app.close(), text)
    })
  }

  test('at the launch, too, with the file and the line', async () => {
    const { folder, remove } = changed({ 'app.js': 'App({})\nnowhere.to.be.found()\n' })
    try {
      await assert.rejects(startMiniProgram(folder, { browser }), /nowhere is not defined[\s\S]*app\.js:2/)
    } finally {
      remove()
    }
  })

  test('that WeChat finds when it builds is found by the builder', () => {
    for (const [files, message] of [
      [{ 'pages/second/second.wxml': '<div>x</div>' }, /second\.wxml has a <div>/],
      [{ 'pages/second/second.wxml': '<view><text></view>' }, /second\.wxml:1:\d+: .*end tag/],
      [{ 'app.json': '{"pages":["pages/none/none"]}' }, /there is no pages\/none\/none\.js/],
      [{ 'pages/second/second.json': '{"usingComponents":{"x":"./x"}}' }, /uses <x> from \.\/x, which does not exist/],
    ]) {
      const { folder, remove } = changed(files)
      try {
        assert.throws(() => buildMiniProgram(folder), message)
      } finally {
        remove()
      }
    }
  })
})

describe('the device', () => {
  const path = 'pages/device/device'

  test('reaches a broker over wss with a sub-protocol, and its buffers are of another realm', async () => {
    const broker = await startMosquitto()
    try {
      const text = (given) => [0, Buffer.byteLength(given), ...Buffer.from(given)]
      const fields = [...text('MQTT'), 4, 0xc2, 0, 60, ...text('a'), ...text(broker.userName), ...text(broker.password)]
      const connect = [0x10, fields.length, ...fields]
      await running(
        async (app) => {
          assert.deepEqual(await app.call('talk', broker.tlsUrl, connect), ['success', 'open', [0x20, 2, 0, 0], false, 1000])
          assert.deepEqual(await app.call('talk', broker.url, connect), [
            'connectSocket:fail createSocketTask:fail url not in domain list',
          ])
          assert.equal(await app.device((device) => device.openSockets), 0)
        },
        { path },
      )
    } finally {
      await broker.close()
    }
  })

  test('stops the timers of a program in the background, and goes on with them', () =>
    running(
      async (app) => {
        await app.call('tick')
        const ticks = async () => Number(await app.text('.ticks'))
        await app.waitUntil(async () => (await ticks()) > 2)
        await app.suspend()
        const before = await ticks()
        // Several of its periods, as the page's own clock counts them.
        await app.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
        assert.equal(await ticks(), before)
        await app.foreground()
        await app.waitUntil(async () => (await ticks()) > before)
        assert.deepEqual((await events(app)).slice(-2), ['app hide', 'app show'])
      },
      { path },
    ))

  test('keeps what was stored over a restart, and two devices share nothing', async () => {
    const apps = await Promise.all([1, 2].map(() => startMiniProgram(sample, { browser, path })))
    await apps[0].call('store', 'key', { text: '房' })
    await apps[0].restart()
    assert.deepEqual(await apps[0].call('stored', 'key'), { text: '房' })
    assert.equal(await apps[1].call('stored', 'key'), '')
    for (const app of apps) await app.close()
  })

  test('keeps the files of a program over a restart', () =>
    running(
      async (app) => {
        assert.equal(await app.call('files', 'AAEC'), 'AAEC')
        await app.restart()
        assert.equal(await app.call('file'), 'AAEC')
      },
      { path },
    ))
})

describe('WXSS', () => {
  const compiled = (text, scope) => compileStyle(() => text, 'a.wxss', scope)

  test('counts in rpx and in the window of the page', () => {
    assert.equal(
      compiled('view { width: 750rpx; height: 100vh; margin: -3.75rpx }'),
      'wx-view { width: 100vw; height: calc(100 * var(--vh)); margin: -0.5vw }',
    )
  })

  test('selects by the names of components, and leaves the rest of a selector alone', () => {
    assert.equal(
      compiled('page > view:not(text):nth-child(odd)::after, .a #b {}'),
      'wx-page > wx-view:not(wx-text):nth-child(odd)::after, .a [id$="--b"] {}',
    )
    assert.equal(
      compiled('@media (min-width: 1px) { text { a: b } } @keyframes k { from { a: b } }'),
      '@media (min-width: 1px) { wx-text { a: b } } @keyframes k { from { a: b } }',
    )
  })

  test('keeps the classes of a component its own', () => {
    assert.equal(compiled(':host .a.b-c { width: 1.5px }', 's'), '[wx-host="s"] .s--a.s--b-c { width: 1.5px }')
  })
})
