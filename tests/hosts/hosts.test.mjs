// The mini-program hosts beside WeChat: the package as it ships against the strict stand-in of each, over a real Mosquitto,
// through lines that break, suspension and restarts. What one of them does otherwise is in hosts-apart.test.mjs.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { until } from '../js/counter.mjs'
import { Inbox, equalBytes, noise, scenarios, unique } from '../js/scenarios.mjs'
import { createAlipay } from './alipay.js'
import { createBaidu } from './baidu.js'
import { createDingTalk } from './dingtalk.js'
import { createDouyin } from './douyin.js'
import { createJd } from './jd.js'
import { createKuaishou } from './kuaishou.js'
import { createQq } from './qq.js'
import { atRest, connectElsewhere, connectedAgain, kept, login, newId, place, texts, useBroker, withPhone } from './stage.mjs'
import { createXiaohongshu } from './xiaohongshu.js'

useBroker()

/**
 * `single`: there is one socket in the whole program.
 * @type {Record<string, { create: (settings: any) => any, single?: boolean, kept?: string[] }>}
 */
const hosts = {
  Alipay: { create: createAlipay },
  Douyin: { create: createDouyin },
  Feishu: { create: (settings) => createDouyin({ ...settings, feishu: true }) },
  QQ: { create: createQq },
  Baidu: { create: createBaidu },
  Kuaishou: { create: createKuaishou },
  // There is nothing to take them away with.
  JD: { create: createJd, single: true, kept: ['4 listeners of the socket'] },
  Xiaohongshu: { create: createXiaohongshu },
  DingTalk: { create: createDingTalk, single: true },
}

/** Those that one client does alone, one after another. */
const alone = [
  'every QoS goes round, in order and once',
  'binary payloads arrive as they are',
  'a session is resumed with its subscriptions and what came meanwhile',
]

for (const [name, host] of Object.entries(hosts)) {
  describe(name, () => {
    for (const version of [4, 5]) {
      describe(version === 5 ? 'MQTT 5.0' : 'MQTT 3.1.1', () => {
        for (const title of alone) {
          test(title, () =>
            withPhone(host, {}, (phone, { url }) => {
              const { wasmqtt } = phone
              return scenarios[title].run(place(wasmqtt, url, version))
            }),
          )
        }

        test('a program elsewhere gets every QoS, and answers with every QoS', () =>
          withPhone(host, {}, async (phone, { url }) => {
            const topic = unique('往返')
            const [here, there] = [new Inbox(), new Inbox()]
            const other = await connectElsewhere(version)
            await other.subscribe(`${topic}/there`, { qos: 2, onMessage: there.put })
            const client = await phone.wasmqtt.connect(url, login(version))
            await client.subscribe(`${topic}/here`, { qos: 2, onMessage: here.put })
            for (const qos of [0, 1, 2]) {
              const sent = Array.from({ length: 20 }, (_, number) => `第${number}条 🎈 ${qos}`)
              await Promise.all(sent.map((text) => client.publish(`${topic}/there`, text, { qos })))
              assert.deepEqual(texts(await there.take(20, `QoS ${qos} from the host`)), sent)
              await Promise.all(sent.map((text) => other.publish(`${topic}/here`, text, { qos })))
              assert.deepEqual(texts(await here.take(20, `QoS ${qos} to the host`)), sent)
            }
            await Promise.all([client.disconnect(), other.disconnect()])
          }))

        test('256 KiB of anything go there and come back', () =>
          withPhone(host, {}, async (phone, { url }) => {
            const topic = unique('large')
            const client = await phone.wasmqtt.connect(url, login(version))
            const inbox = new Inbox()
            await client.subscribe(topic, { qos: 2, onMessage: inbox.put })
            const payload = noise(256 * 1024)
            await client.publish(topic, payload, { qos: 2 })
            const [message] = await inbox.take(1, '256 KiB')
            assert.ok(equalBytes(message.payloadBytes, payload))
            await client.disconnect()
          }))

        test('a retained message greets it, and its will is sent when its line is cut', () =>
          withPhone(host, {}, async (phone, { url, proxy }) => {
            const topic = unique('kept')
            const [here, there] = [new Inbox(), new Inbox()]
            const other = await connectElsewhere(version)
            await other.publish(topic, '留言', { qos: 1, retained: true })
            await other.subscribe(`${topic}/will`, { qos: 1, onMessage: there.put })
            const willMessage = new phone.wasmqtt.Message('走了')
            willMessage.destinationName = `${topic}/will`
            willMessage.qos = 1
            const client = await phone.wasmqtt.connect(url, login(version, { willMessage }))
            const lost = new Inbox()
            client.onConnectionLost = lost.put
            await client.subscribe(topic, { qos: 1, onMessage: here.put })
            const [greeting] = await here.take(1, 'the retained message')
            assert.deepEqual([greeting.payloadString, greeting.retained], ['留言', true])
            proxy.cut()
            assert.deepEqual(texts(await there.take(1, 'the will')), ['走了'])
            assert.notEqual((await lost.take(1, 'onConnectionLost'))[0].errorCode, 0)
            await other.publish(topic, '', { qos: 1, retained: true })
            await other.disconnect()
          }))

        test('a program that is killed and started again has lost nothing and repeats nothing', () =>
          withPhone(host, {}, (phone, line) => restarts(phone, line, version)))
      })
    }

    test('a line that is cut comes back by itself, with what both sides had to say meanwhile', () =>
      withPhone(host, {}, async (phone, { url, proxy }) => {
        const topic = unique('cut')
        const [here, there] = [new Inbox(), new Inbox()]
        const other = await connectElsewhere()
        await other.subscribe(`${topic}/there`, { qos: 2, onMessage: there.put })
        const client = await phone.wasmqtt.connect(url, login(5, { ...kept(5), reconnect: { minDelay: 0.1 }, offline: true }))
        await client.subscribe(`${topic}/here`, { qos: 2, onMessage: here.put })
        const sent = []
        for (let time = 0; time < 5; time++) {
          const back = connectedAgain(client)
          proxy.cut()
          sent.push(`${time}`)
          const said = client.publish(`${topic}/there`, `${time}`, { qos: 2 })
          await Promise.all([said, other.publish(`${topic}/here`, `${time}`, { qos: 2 }), back])
        }
        assert.deepEqual(texts(await there.take(5, 'what the host said')), sent)
        assert.deepEqual(texts(await here.take(5, 'what the host was told')), sent)
        assert.equal(phone.device.openSockets, 1)
        await Promise.all([client.disconnect(), other.disconnect()])
      }))

    // The next ping would be due in ten minutes.
    const patient = () => login(5, { ...kept(5), reconnect: { minDelay: 0.1 }, keepAliveInterval: 600 })

    test('back from the background it asks at once whether the server is still there', () =>
      withPhone(host, {}, async (phone, { url }) => {
        const { device } = phone
        const client = await phone.wasmqtt.connect(url, patient())
        device.interruption = null
        device.background()
        device.suspend()
        const [socket] = device.sockets
        const before = socket.taken
        device.foreground()
        await until(() => socket.taken > before, 'a ping')
        await client.disconnect()
      }))

    test('sockets that the host ends in the background are opened again on return', () =>
      withPhone(host, {}, async (phone, { url }) => {
        const topic = unique('interrupted')
        const inbox = new Inbox()
        const client = await phone.wasmqtt.connect(url, patient())
        await client.subscribe(topic, { qos: 1, onMessage: inbox.put })
        phone.device.background()
        phone.device.suspend()
        assert.equal(phone.device.openSockets, 0)
        const other = await connectElsewhere()
        await other.publish(topic, '你不在', { qos: 1 })
        phone.device.foreground()
        assert.deepEqual(texts(await inbox.take(1, 'what came meanwhile')), ['你不在'])
        await Promise.all([client.disconnect(), other.disconnect()])
      }))

    test('another network means another connection at once', () =>
      withPhone(host, {}, async (phone, { url }) => {
        const topic = unique('network')
        const inbox = new Inbox()
        const client = await phone.wasmqtt.connect(url, patient())
        await client.subscribe(topic, { qos: 1, onMessage: inbox.put })
        phone.device.network(false)
        phone.device.network(true, '4g')
        const other = await connectElsewhere()
        await other.publish(topic, '换网', { qos: 1 })
        assert.deepEqual(texts(await inbox.take(1, 'a message over the other network')), ['换网'])
        await Promise.all([client.disconnect(), other.disconnect()])
      }))

    test('a connection that is given up before it opens is closed, also if it opens after all', () =>
      withPhone(host, {}, async (phone, { url, proxy }) => {
        proxy.plan = () => ({ stall: { up: 0 } })
        await assert.rejects(phone.wasmqtt.connect(url, login(5, { timeout: 1 })), { code: 1 })
        proxy.flow()
        await atRest(phone, host.kept)
        proxy.plan = () => undefined
        await (await phone.wasmqtt.connect(url, login(5))).disconnect()
      }))

    test('names mqtt as its sub-protocol on the wire, and takes the headers of the program', () =>
      withPhone(host, {}, async (phone, { url }) => {
        const client = await phone.wasmqtt.connect(url, login(5, { socket: { header: { 'X-App': 'chat' } } }))
        assert.deepEqual(phone.wires, [{ url, protocols: ['mqtt'] }])
        assert.equal(phone.device.sockets[0].header['X-App'], 'chat')
        await client.disconnect()
      }))

    if (host.single) {
      test('a second client at the same time is told that there is one socket, and the first goes on', () =>
        withPhone(host, {}, async (phone, { url }) => {
          const topic = unique('second')
          const inbox = new Inbox()
          const first = await phone.wasmqtt.connect(url, login(5))
          await first.subscribe(topic, { qos: 1, onMessage: inbox.put })
          const message = /one socket in the whole program.*disconnect\(\) others first/
          await assert.rejects(phone.wasmqtt.connect(url, login(5)), { code: 7, message })
          await first.publish(topic, 'still here', { qos: 1 })
          assert.deepEqual(texts(await inbox.take(1, 'its own message')), ['still here'])
          // Not awaited: the second waits until the host has closed the socket of the first.
          const leaving = first.disconnect()
          const second = await phone.wasmqtt.connect(url, login(5))
          await Promise.all([leaving, second.disconnect()])
        }))
    } else {
      test('five clients speak to one another, and the sixth is told that there is no socket left', () =>
        withPhone(host, {}, async (phone, { url }) => {
          const topic = unique('five')
          const inbox = new Inbox()
          const clients = await Promise.all(Array.from({ length: 5 }, () => phone.wasmqtt.connect(url, login(5))))
          await Promise.all(clients.map((client) => client.subscribe(topic, { qos: 1, onMessage: inbox.put })))
          await assert.rejects(phone.wasmqtt.connect(url, login(5)), { code: 7, message: /so many sockets at once/ })
          await Promise.all(clients.map((client, number) => client.publish(topic, `${number}`, { qos: 1 })))
          const got = texts(await inbox.take(25, 'what each said to all'))
          assert.deepEqual(got.sort(), Array.from({ length: 25 }, (_, at) => `${Math.floor(at / 5)}`))
          await Promise.all(clients.map((client) => client.disconnect()))
          await (await phone.wasmqtt.connect(url, login(5))).disconnect()
        }))
    }
  })
}

/** Twenty messages each way before the program dies in the midst of their handshakes, and twenty after. */
async function restarts(phone, { url, proxy, start }, version) {
  const topic = unique('restart')
  const clientId = newId()
  const sent = Array.from({ length: 40 }, (_, number) => `第${number}条`)
  const got = []
  const heard = new Inbox()
  const other = await connectElsewhere(version)
  await other.subscribe(`${topic}/there`, { qos: 2, onMessage: heard.put })
  const enter = async (program) => {
    const client = new program.wasmqtt.Client(url, clientId)
    client.onMessageArrived = (message) => program.dead || got.push(message.payloadString)
    // Before MQTT 5 nothing tells that Mosquitto closes on more than twenty in flight.
    const more = { store: new program.wasmqtt.StorageStore(), offline: true, maxInflight: 10 }
    await client.connect(login(version, { ...kept(version), ...more }))
    return client
  }
  proxy.plan = () => ({ freeze: { down: 400, after: 'upgrade' } })
  const first = await enter(phone)
  await first.subscribe(`${topic}/here`, { qos: 2 })
  const half = (from, publish) => Promise.all(sent.slice(from, from + 20).map(publish))
  half(0, (text) => first.publish(`${topic}/there`, text, { qos: 2 })).catch(() => {})
  await half(0, (text) => other.publish(`${topic}/here`, text, { qos: 2 }))
  await until(() => proxy.lines[0].frozen && got.length > 0, () => `the line freezes in the midst: ${got.length}`)
  const storage = phone.kill()
  assert.ok(got.length < 20, 'the line froze too late')

  proxy.plan = () => undefined
  const again = start({ storage })
  const second = await enter(again)
  assert.equal(second.sessionPresent, true)
  await half(20, (text) => second.publish(`${topic}/there`, text, { qos: 2 }))
  await half(20, (text) => other.publish(`${topic}/here`, text, { qos: 2 }))
  assert.deepEqual(texts(await heard.take(40, 'what the program said in both lives')), sent)
  await until(() => got.length >= 40, () => `what the program was told in both lives: ${got.length}`)
  assert.deepEqual(got, sent)
  await Promise.all([second.disconnect(), other.disconnect()])
  assert.deepEqual(heard.items, [])
}
