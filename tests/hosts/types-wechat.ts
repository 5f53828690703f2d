// A mini-program for WeChat in strict TypeScript, as a program would use the package beside WeChat's own types: compiled
// against the installed package, never run. Each line under `@ts-expect-error` must be refused by the types.

import { Client, MemoryStore, Message, MqttError, StorageStore, connect } from 'wasmqtt'
import type { ConnectOptions, Host, Store } from 'wasmqtt'

// What the option `socket` takes is what connectSocket takes: what the program says goes to it as it is, and this is what
// the client says itself.
type Parameters = WechatMiniprogram.ConnectSocketOption
const socket = {
  header: { 'X-App': 'chat' },
  tcpNoDelay: true,
  perMessageDeflate: false,
  timeout: 10_000,
  forceCellularNetwork: false,
} satisfies Partial<Parameters>
const task: WechatMiniprogram.SocketTask = wx.connectSocket({
  ...socket,
  url: 'wss://broker.example.com/mqtt',
  protocols: ['mqtt'],
  success() {},
  fail: ({ errMsg }) => console.log(errMsg),
})
task.send({ data: new Uint8Array([0xc0, 0]).buffer, complete() {}, success() {}, fail: ({ errMsg }) => console.log(errMsg) })
task.close({ code: 1000, reason: '', success() {}, fail() {} })

const host: Host = 'wechat'
const store: Store = new StorageStore()
const options: ConnectOptions = {
  platform: host,
  wasmPath: '/packages/chat/miniprogram_npm/wasmqtt/wasmqtt.wasm.br',
  socket,
  store,
  reconnect: true,
  offline: { maxMessages: 100 },
  keepAliveInterval: 30,
  cleanSession: false,
  mqttVersion: 5,
}
// @ts-expect-error: there is no such host
const elsewhere: ConnectOptions = { platform: 'weixin' }
// @ts-expect-error: a path is a text
const path: ConnectOptions = { wasmPath: 7 }

interface Line {
  topic: string
  text: string
}

Page({
  data: { lines: [] as Line[], problem: '' },
  client: null as Client | null,

  async onLoad() {
    const client = new Client('wxs://broker.example.com/mqtt', 'kitchen')
    this.client = client
    client.onMessageArrived = (message: Message) => this.show(message)
    client.onWarning = ({ code, message }) => this.setData({ problem: `${code} ${message}` })
    try {
      await client.connect(options)
      await client.subscribe('房间/#', { qos: 1 })
    } catch (error) {
      if (error instanceof MqttError) wx.showToast({ title: error.message, icon: 'none' })
    }
  },

  show(message: Message) {
    const line: Line = { topic: message.topic, text: message.payloadString }
    this.setData({ lines: this.data.lines.concat(line) })
    wx.setStorageSync('last', line)
  },

  /** What a file holds is a payload. */
  async onSend() {
    const file = wx.getFileSystemManager().readFileSync(`${wx.env.USER_DATA_PATH}/photo.jpg`)
    const { reasonName } = await this.client!.publish('房间/照片', file, { qos: 2 })
    console.log(reasonName)
  },

  onUnload() {
    void this.client?.disconnect()
  },
})

void connect('wss://broker.example.com/mqtt', { store: new MemoryStore(), clientId: 'me', platform: 'wechat' })
console.log(elsewhere, path)
