// What single mini-program hosts do otherwise than the others, and what older and newer versions of them do: the package
// as it ships against their strict stand-ins, over a real Mosquitto. What all have to do is in hosts.test.mjs.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { until } from '../js/counter.mjs'
import { Inbox, equalBytes, noise, scenarios, unique } from '../js/scenarios.mjs'
import { createAlipay } from './alipay.js'
import { createDingTalk } from './dingtalk.js'
import { createDouyin } from './douyin.js'
import { createQq } from './qq.js'
import { connectElsewhere, connectedAgain, kept, login, newId, place, texts, useBroker, withPhone } from './stage.mjs'

useBroker()

const alipay = { create: createAlipay }
const dingTalk = { create: createDingTalk }
const douyin = { create: createDouyin }

describe('Alipay by itself', () => {
  const proved = ['every QoS goes round, in order and once', 'binary payloads arrive as they are']

  for (const title of proved) {
    test(`a newer client gives bytes as they are: ${title}`, () =>
      withPhone(alipay, { native: true }, (phone, { url }) => scenarios[title].run(place(phone.wasmqtt, url, 5))))
  }

  test('an old container drops the list of sub-protocols: the header takes its place, and keeps it', () =>
    withPhone(alipay, { old: true }, async (phone, { url, proxy }) => {
      const client = await phone.wasmqtt.connect(url, login(5, { reconnect: { initial: true, minDelay: 0.1, maxAttempts: 5 } }))
      for (let time = 0; time < 2; time++) {
        const back = connectedAgain(client)
        proxy.cut()
        await back
      }
      assert.deepEqual(phone.wires.map(({ protocols }) => protocols), [[], ['mqtt'], ['mqtt'], ['mqtt']])
      await client.disconnect()
    }))

  test('a network that is away for a while changes nothing in how the sub-protocol is named', () =>
    withPhone(alipay, {}, async (phone, { url, proxy }) => {
      const { my } = phone.globals
      const { connectSocket } = my
      const given = []
      my.connectSocket = (options) => {
        given.push(options)
        return connectSocket(options)
      }
      const client = await phone.wasmqtt.connect(url, login(5, { reconnect: { minDelay: 0.05, maxDelay: 0.1 } }))
      const back = connectedAgain(client)
      proxy.refuse()
      proxy.cut()
      await until(() => given.length >= 4, 'attempts in vain')
      await proxy.back()
      await back
      assert.ok(given.every(({ protocols, header }) => protocols.join() === 'mqtt' && header === undefined))
      await client.disconnect()
    }))

  test('an error that is a number gets words, and ws:// its own', async () => {
    await withPhone(alipay, {}, async (phone, { url, proxy }) => {
      proxy.refuse()
      await assert.rejects(phone.wasmqtt.connect(url, login(5)), { code: 7, message: /timed out 6: nobody answers/ })
    })
    await withPhone(alipay, { developer: false }, (phone, { url }) =>
      assert.rejects(phone.wasmqtt.connect(url, login(5)), { code: 7, message: /20.*wss:\/\// }),
    )
  })

  for (const android of [true, false]) {
    test(`a storage that is full is told, and the session goes on: ${android ? 'Android' : 'iOS'}`, () =>
      withPhone(alipay, { android }, async (phone, { url }) => {
        const topic = unique('full')
        const inbox = new Inbox()
        const warnings = []
        const store = new phone.wasmqtt.StorageStore()
        const onWarning = ({ code }) => warnings.push(code)
        const client = await phone.wasmqtt.connect(url, login(5, { ...kept(5), clientId: newId(), store, onWarning }))
        await client.subscribe(topic, { qos: 2, onMessage: inbox.put })
        await client.publish(topic, 'kept', { qos: 2 })
        assert.deepEqual(warnings, [])
        phone.device.storageFault = 'full'
        await client.publish(topic, 'not kept', { qos: 2 })
        assert.deepEqual(texts(await inbox.take(2, 'both messages')), ['kept', 'not kept'])
        assert.deepEqual(warnings, [50])
        await client.disconnect()
      }))
  }

  test('a message of more than the 200 KB of a key outlives the program', () =>
    withPhone(alipay, {}, async (phone, { url, proxy, start }) => {
      const topic = unique('long')
      const inbox = new Inbox()
      const other = await connectElsewhere()
      await other.subscribe(topic, { qos: 1, onMessage: inbox.put })
      const clientId = newId()
      const payload = noise(500_000)
      const warnings = []
      const open = async (program) => {
        const client = new program.wasmqtt.Client(url, clientId)
        client.onWarning = ({ code }) => warnings.push(code)
        await client.connect(login(5, { ...kept(5), store: new program.wasmqtt.StorageStore() }))
        return client
      }
      const first = await open(phone)
      proxy.freeze()
      first.publish(topic, payload, { qos: 1 }).catch(() => {})
      await until(() => phone.device.storage.size > 3, 'the message in the storage')
      const second = await open(start({ storage: phone.kill() }))
      const [message] = await inbox.take(1, 'the message of the first life')
      assert.ok(equalBytes(message.payloadBytes, payload))
      assert.deepEqual(warnings, [])
      await Promise.all([second.disconnect(), other.disconnect()])
    }))

  test('MYWebAssembly is asked where the program names its file, and not otherwise', () =>
    withPhone(alipay, { wasm: true }, async (phone, { url, start }) => {
      await (await phone.wasmqtt.connect(url, login(5))).disconnect()
      assert.deepEqual(phone.device.wasm.paths, [])
      const wasmPath = '/miniprogram_npm/wasmqtt/wasmqtt.wasm'
      const named = start()
      await (await named.wasmqtt.connect(url, login(5, { wasmPath }))).disconnect()
      assert.deepEqual(named.device.wasm.paths, [wasmPath])
    }))
})

describe('Douyin by itself', () => {
  const folder = '/miniprogram_npm/wasmqtt/'
  const missing = () => Promise.reject(new Error('no file'))
  const cases = [
    ['a base library of 2.92 loads the compressed file', { brotli: true }, ['wasmqtt.wasm.br'], []],
    ['an older one cannot, and loads the other', { brotli: false }, ['wasmqtt.wasm'], []],
    ['without the files the JavaScript runs, with a warning', { readPackageFile: missing }, ['wasmqtt.wasm.br', 'wasmqtt.wasm'], [104]],
  ]
  for (const [title, settings, files, codes] of cases) {
    test(title, () =>
      withPhone(douyin, settings, async (phone, { url }) => {
        const warnings = []
        const client = await phone.wasmqtt.connect(url, login(5, { onWarning: ({ code }) => warnings.push(code) }))
        assert.deepEqual(phone.device.wasm.paths, files.map((file) => folder + file))
        assert.deepEqual(warnings, codes)
        await client.disconnect()
      }))
  }

  test('a path has to be an absolute one', () =>
    withPhone(douyin, {}, async (phone, { url }) => {
      const warnings = []
      const onWarning = (error) => warnings.push(error)
      const client = await phone.wasmqtt.connect(url, login(5, { wasmPath: 'wasmqtt.wasm', onWarning }))
      assert.deepEqual(warnings.map(({ code }) => code), [104])
      assert.match(String(warnings[0].cause), /wasmqtt\.wasm/)
      await client.disconnect()
    }))
})

describe('DingTalk by itself', () => {
  const ways = {
    'gives an error for a second socket': { second: 'refused' },
    'gives its events as the container has them': { wrapped: true },
    'takes away just the listener that it is given': { off: 'each' },
  }
  for (const [title, settings] of Object.entries(ways)) {
    test(`a client ${title}`, () =>
      withPhone(dingTalk, settings, async (phone, { url, proxy }) => {
        await scenarios['every QoS goes round, in order and once'].run(place(phone.wasmqtt, url, 5))
        const client = await phone.wasmqtt.connect(url, login(5, { reconnect: { minDelay: 0.1 } }))
        const back = connectedAgain(client)
        proxy.cut()
        await back
        await client.disconnect()
      }))
  }
})

test('an old version of a host, without the events of the program and the network, does as well', () => {
  const create = (settings) => {
    const made = createQq(settings)
    for (const name of Object.keys(made.globals.qq)) if (/^(on|off)(App|Network)/.test(name)) delete made.globals.qq[name]
    return made
  }
  const { run } = scenarios['binary payloads arrive as they are']
  return withPhone({ create }, {}, (phone, { url }) => run(place(phone.wasmqtt, url, 5)))
})
