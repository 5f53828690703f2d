// Where a server sends its clients on (0x9C, 0x9D and a Server Reference): followed only where the program allows it.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connAck5, packet, sized, string } from './host.mjs'
import { accept, assertOver, connecting, drops, names, reconnecting } from './reconnecting.mjs'

const reference = (to) => `1c ${string(to)}`
const urls = (host) => host.sockets.map(({ url }) => url)

const options = { mqttVersion: 5, followServerReference: true, reconnect: { jitter: 0 } }

/** Connected, and the server sends on by DISCONNECT. */
async function sentOn(code, to, more) {
  const all = await reconnecting({ ...options, ...more })
  all.host.socket.receive(packet('e0', `${code} ${sized(reference(to))}`))
  await all.host.turn()
  return all
}

describe('a reference in CONNACK', () => {
  test('is followed at once, and for one connection when the server is to be used for now', async () => {
    const { host, client, told, done } = await connecting(options)
    await accept(host, connAck5(reference('other:1884'), '9c'))
    await accept(host, connAck5())
    await done
    assert.deepEqual(names(told), ['reconnecting connecting', 'connected connected'])
    assert.equal(told[1].uri, 'ws://other:1884/mqtt')
    await drops(host, 2)
    assert.deepEqual(urls(host), ['server', 'other:1884', 'server', 'server'].map((at) => `ws://${at}/mqtt`))
    assert.ok(host.sockets[0].closed)
    assert.equal(client.state, 'reconnecting')
  })

  test('is followed for good when the server has moved', async () => {
    const { host, done } = await connecting({ ...options, uris: ['ws://a/mqtt', 'ws://b/mqtt'] })
    await accept(host, connAck5(reference('wss://c:8884/ws'), '9d'))
    await accept(host, connAck5())
    await done
    await drops(host, 3)
    assert.deepEqual(urls(host), ['ws://a/mqtt', ...Array(4).fill('wss://c:8884/ws')])
  })

  test('is followed without `reconnect` too', async () => {
    const { host, done } = await connecting({ ...options, reconnect: undefined })
    await accept(host, connAck5(reference('other'), '9c'))
    await accept(host, connAck5())
    assert.equal((await done).uri, 'ws://other/mqtt')
  })

  test('is not followed in a circle', async () => {
    const { host, client, done } = await connecting({ ...options, reconnect: undefined })
    for (let n = 0; n < 4; n++) await accept(host, connAck5(reference('other'), '9c'))
    await assert.rejects(done, { code: 6, reasonCode: 0x9c })
    assert.equal(host.sockets.length, 4)
    assertOver(host, client)
  })

  test('is told and not followed where the program does not allow it', async () => {
    const { host, client, done } = await connecting({ mqttVersion: 5, reconnect: true })
    await accept(host, connAck5(reference('other'), '9c'))
    await assert.rejects(done, ({ reasonCode, properties }) => reasonCode === 0x9c && properties.serverReference === 'other')
    assert.equal(host.sockets.length, 1)
    assertOver(host, client)
  })

  test('is followed in an older version too, where that server knows no newer one', async () => {
    const { host, done } = await connecting({ ...options, mqttVersion: 'auto' })
    await accept(host, connAck5(reference('other'), '9c'))
    await accept(host, '20020001')
    await accept(host)
    assert.equal((await done).uri, 'ws://other/mqtt')
  })

  test('may name several servers, which are tried in turn', async () => {
    const { host } = await connecting({ ...options, reconnect: { jitter: 0, initial: true } })
    await accept(host, connAck5(reference('one:1 two:2'), '9c'))
    await drops(host)
    assert.deepEqual(urls(host), ['server', 'one:1', 'two:2'].map((at) => `ws://${at}/mqtt`))
  })
})

describe('a reference in DISCONNECT', () => {
  test('is followed at once and told; then the own address is used again', async () => {
    const { host, told } = await sentOn('9c', 'other')
    assert.deepEqual(names(told), ['lost reconnecting', 'reconnecting reconnecting'])
    assert.deepEqual([told[0].reasonCode, told[0].properties.serverReference], [0x9c, 'other'])
    await accept(host, connAck5())
    assert.equal(told.at(-1).uri, 'ws://other/mqtt')
    await drops(host)
    assert.deepEqual(urls(host), ['server', 'other', 'server'].map((at) => `ws://${at}/mqtt`))
  })

  test('is followed for good when the server has moved', async () => {
    const { host } = await sentOn('9d', 'other')
    await accept(host, connAck5())
    await drops(host, 2)
    assert.deepEqual(urls(host).slice(1), Array(3).fill('ws://other/mqtt'))
  })

  test('is told and not followed where the program does not allow it', async () => {
    const moved = await sentOn('9d', 'other', { followServerReference: false })
    assert.deepEqual(names(moved.told), ['lost disconnected'], '0x9D gives up')
    assertOver(moved.host, moved.client)
    const busy = await sentOn('9c', 'other', { followServerReference: false })
    assert.deepEqual(urls(busy.host), ['ws://server/mqtt', 'ws://server/mqtt'])
  })

  test('that names nothing is a reason code like any other', async () => {
    const { host, client, told } = await reconnecting(options)
    host.socket.receive(packet('e0', '9d'))
    assert.deepEqual([told[0].reasonCode, told[0].reconnect], [0x9d, false])
    assertOver(host, client)
  })
})

test('a reference wins over the function that gives the address, for as long as it holds', async () => {
  let asked = 0
  const { host, done } = await connecting({ ...options, url: () => `ws://server/mqtt?ticket=${++asked}` })
  await accept(host, connAck5(reference('other'), '9c'))
  await accept(host, connAck5())
  await done
  await drops(host)
  const at = urls(host).map((url) => new URL(url).host)
  assert.deepEqual(at, ['server', 'other', 'server'])
  assert.match(urls(host)[2], /\?ticket=\d$/)
})
