// A mini-program for Alipay in strict TypeScript, as a program would use the package beside Alipay's own types: compiled
// against the installed package, never run. Each line under `@ts-expect-error` must be refused by the types.

import { Client, Message, MqttError, StorageStore, connect } from 'wasmqtt'
import type { ConnectOptions } from 'wasmqtt'

// What the option `socket` takes is what connectSocket takes, and this is what the client says itself.
const socket = { header: { 'X-App': 'chat' }, data: {} } satisfies Partial<Parameters<typeof my.connectSocket>[0]>
const task: my.SocketTask = my.connectSocket({ ...socket, multiple: true, url: 'wss://broker.example.com/mqtt', protocols: ['mqtt'] })
const binary = { data: 'wAA=', isBuffer: true, complete() {}, success() {}, fail() {} }
void task.send(binary)
void task.close({ code: 1000, reason: '', success() {}, fail() {} })

const options: ConnectOptions = {
  platform: 'alipay',
  socket,
  store: new StorageStore(),
  reconnect: true,
  offline: true,
  keepAliveInterval: 30,
}
// @ts-expect-error: parameters are an object
const text: ConnectOptions = { socket: 'header' }

Page({
  data: { lines: [] as string[], problem: '' },

  async onLoad() {
    try {
      const client: Client = await connect('alis://broker.example.com/mqtt', { ...options, clientId: 'kitchen' })
      client.onMessageArrived = (message: Message) => {
        this.setData({ lines: this.data.lines.concat(`${message.topic} ${message.payloadString}`) })
        my.setStorageSync({ key: 'last', data: message.toJSON() })
      }
      const { grantedQos } = await client.subscribe(['房间/#', { filter: '通知', qos: 2 }], { qos: 1 })
      this.setData({ problem: grantedQos.length === 2 ? '' : '没有订阅' })
    } catch (error) {
      if (error instanceof MqttError) my.showToast({ content: error.message })
    }
  },
})
