const missing = require('../../utils/missing.js')

// What the engine and the device do, for tests that call these methods.
Page({
  data: { ticks: 0, said: '' },
  missing,
  /** What code made of text gives. */
  evaluation() {
    const made = (make) => {
      try {
        return typeof make()
      } catch (error) {
        return error.name
      }
    }
    return {
      eval: made(() => eval('1')),
      Function: made(() => new Function('return 1')()),
      constructor: made(() => (() => {}).constructor('return 1')()),
      asynchronous: made(() => (async () => {}).constructor('return 1')()),
      global: typeof new Function('return this')().wx,
      window: typeof window,
      document: typeof document,
      at: typeof [].at,
      strict:
        (function () {
          return this
        })() === undefined,
    }
  },
  order() {
    const seen = []
    return new Promise((resolve) => {
      setTimeout(() => seen.push('timer'), 0)
      Promise.resolve().then(() => seen.push('promise'))
      setTimeout(() => resolve(seen), 20)
    })
  },
  /** Sends bytes over a socket and gives what came of it. */
  talk(url, bytes) {
    return new Promise((resolve) => {
      const events = []
      const task = wx.connectSocket({
        url,
        protocols: ['mqtt'],
        success: () => events.push('success'),
        fail: ({ errMsg }) => resolve([errMsg]),
      })
      task.onOpen(() => {
        events.push('open')
        task.send({ data: new Uint8Array(bytes).buffer })
      })
      task.onMessage(({ data }) => {
        events.push([...new Uint8Array(data)], data instanceof ArrayBuffer)
        task.close({})
      })
      task.onError(({ errMsg }) => events.push(errMsg))
      task.onClose(({ code }) => resolve(events.concat(code)))
    })
  },
  tick() {
    setInterval(() => this.setData({ ticks: this.data.ticks + 1 }), 10)
  },
  instantiate: (path) => WXWebAssembly.instantiate(path, {}).then(({ instance }) => Object.keys(instance.exports)),
  store: (key, value) => wx.setStorageSync(key, value),
  stored: (key) => wx.getStorageSync(key),
  files(base64) {
    const files = wx.getFileSystemManager()
    const path = `${wx.env.USER_DATA_PATH}/a.png`
    files.writeFileSync(path, base64, 'base64')
    return files.readFileSync(path, 'base64')
  },
  file: () => wx.getFileSystemManager().readFileSync(`${wx.env.USER_DATA_PATH}/a.png`, 'base64'),
  onThrow() {
    throw new Error('thrown by the program')
  },
  async onReject() {
    throw new Error('rejected by the program')
  },
  onPrint() {
    console.error('printed by the program')
  },
  async onModal() {
    const { confirm } = await wx.showModal({ title: '题', content: '真的？' })
    this.setData({ said: confirm ? 'yes' : 'no' })
    wx.showToast({ title: '好了', icon: 'none' })
  },
  onSheet() {
    wx.showActionSheet({
      itemList: ['甲', '乙'],
      success: ({ tapIndex }) => this.setData({ said: `item ${tapIndex}` }),
      fail: ({ errMsg }) => this.setData({ said: errMsg }),
    })
  },
})
