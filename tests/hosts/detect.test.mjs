// Which host is this? The package as it ships, among globals that are there, lent, half there or missing.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requirePackage } from './package.mjs'

const names = {
  my: 'alipay',
  tt: 'douyin',
  qq: 'qq',
  swan: 'baidu',
  ks: 'kuaishou',
  jd: 'jd',
  xhs: 'xiaohongshu',
  dd: 'dingtalk',
  wx: 'wechat',
}

/** What was asked for a socket, and for which address. */
class Scene {
  /** @param {string[]} globals hosts that are there @param {object} [others] */
  constructor(globals, others = {}) {
    /** @type {{ by: string, url: string }[]} */
    this.asked = []
    const hosts = Object.fromEntries(globals.map((name) => [name, this.host(name)]))
    this.globals = { setTimeout, clearTimeout, ...hosts, ...others }
    this.wasmqtt = requirePackage(this.globals)
  }

  /** A host that is there, and refuses. @param {string} by */
  host(by) {
    return {
      connectSocket: (options) => {
        this.asked.push({ by, url: options.url })
        Promise.resolve().then(() => options.fail({ errMsg: 'connectSocket:fail', error: 1 }))
      },
    }
  }

  /** A page's WebSocket, that fails. */
  get WebSocket() {
    const { asked } = this
    return class {
      readyState = 0

      constructor(url) {
        asked.push({ by: 'WebSocket', url })
        setImmediate(() => this.onerror({}))
      }

      close() {}
    }
  }

  /** Connects in vain. @param {object} [options] @param {string} [url] */
  async attempt(options, url = 'wss://server/mqtt') {
    await assert.rejects(this.wasmqtt.connect(url, options), { code: 7 })
    return this.asked.map(({ by }) => by)
  }
}

const document = { addEventListener() {}, removeEventListener() {} }

describe('a host is found', () => {
  for (const name of Object.keys(names)) {
    test(`by ${name} alone`, async () => {
      assert.deepEqual(await new Scene([name]).attempt(), [name])
    })
  }

  for (const name of Object.keys(names).filter((each) => each !== 'wx')) {
    test(`by ${name}, though it lends wx`, async () => {
      assert.deepEqual(await new Scene(['wx', name]).attempt(), [name])
    })
  }

  test('that lends a global without sockets', async () => {
    const scene = new Scene(['wx'], { my: {}, tt: { request() {} }, swan: null })
    assert.deepEqual(await scene.attempt(), ['wx'])
  })

  test('also in tools whose logic layer has a WebSocket', async () => {
    const scene = new Scene(['wx'])
    scene.globals.WebSocket = scene.WebSocket
    assert.deepEqual(await scene.attempt(), ['wx'])
  })

  test('when it is first needed, and not before', async () => {
    const scene = new Scene([])
    scene.globals.qq = scene.host('qq')
    assert.deepEqual(await scene.attempt(), ['qq'])
  })

  test('once, and stays', async () => {
    const scene = new Scene(['qq'])
    await scene.attempt()
    scene.globals.my = scene.host('my')
    assert.deepEqual(await scene.attempt(), ['qq', 'qq'])
  })
})

describe('a page', () => {
  const strays = {
    'without anything of a host': [[]],
    'with a wx that has no sockets': [[], { wx: { ready() {} } }],
    'with some globals of hosts that have sockets': [['wx', 'my', 'swan']],
  }
  for (const [title, [globals, others]] of Object.entries(strays)) {
    test(`${title} is a page`, async () => {
      const scene = new Scene(globals, others)
      Object.assign(scene.globals, { document, WebSocket: scene.WebSocket })
      assert.deepEqual(await scene.attempt(), ['WebSocket'])
    })
  }
})

describe('the option platform', () => {
  for (const [global, platform] of Object.entries(names)) {
    test(`${platform} is ${global}, whatever else is there`, async () => {
      const scene = new Scene(Object.keys(names))
      Object.assign(scene.globals, { document, WebSocket: scene.WebSocket })
      assert.deepEqual(await scene.attempt({ platform }), [global])
    })
  }

  test('web is the WebSocket, whatever else is there', async () => {
    const scene = new Scene(Object.keys(names))
    scene.globals.WebSocket = scene.WebSocket
    assert.deepEqual(await scene.attempt({ platform: 'web' }), ['WebSocket'])
  })

  test('that no host has as its name is an invalid argument', async () => {
    const { wasmqtt, asked } = new Scene(['wx'])
    const attempt = wasmqtt.connect('wss://server/mqtt', { platform: 'weixin' })
    await assert.rejects(attempt, { code: 13, message: /weixin.*platform/ })
    assert.deepEqual(asked, [])
  })

  for (const [global, platform] of Object.entries(names)) {
    test(`${platform} without ${global} is said not to be there`, async () => {
      const others = Object.keys(names).filter((name) => name !== global)
      const { wasmqtt, asked } = new Scene(others, { [global]: {} })
      await assert.rejects(wasmqtt.connect('wss://server/mqtt', { platform }), { code: 10, message: new RegExp(platform) })
      assert.deepEqual(asked, [])
    })
  }
})

test('where there is neither a host nor a WebSocket, that is said', async () => {
  const { wasmqtt } = new Scene([], { wx: { ready() {} } })
  await assert.rejects(wasmqtt.connect('wss://server/mqtt'), { code: 10, message: /WebSocket/ })
})

for (const scheme of ['wxs', 'alis']) {
  test(`${scheme}:// is another name for wss://`, async () => {
    for (const name of ['wx', 'my', 'dd']) {
      const scene = new Scene([name])
      await scene.attempt({}, `${scheme}://server:8084/mqtt`)
      assert.deepEqual(scene.asked, [{ by: name, url: 'wss://server:8084/mqtt' }])
    }
  })
}
