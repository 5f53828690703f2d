// Connections that come back by themselves: when an attempt is made, to which address, and what is told of it. On virtual
// time, with the test as the server.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5 } from './host.mjs'
import { accept, assertOver, drops, names, reconnecting } from './reconnecting.mjs'

test('a lost connection is told, tried again at once and told again when it is back', async () => {
  const { host, client, told } = await reconnecting()
  host.socket.drop(1012, 'restart')
  await host.turn()
  assert.equal(host.sockets.length, 2)
  assert.deepEqual([client.state, client.isConnected()], ['reconnecting', false])
  host.socket.open()
  assert.equal(client.state, 'reconnecting')
  host.socket.receive('20020000')
  assert.deepEqual([client.state, client.isConnected()], ['connected', true])
  const ending = { errorCode: 8, errorMessage: 'AMQJS0008I Socket closed.', closeCode: 1012, closeReason: 'restart' }
  assert.deepEqual(told, [
    { name: 'lost', state: 'reconnecting', ...ending, reconnect: true, uri: 'ws://server/mqtt' },
    { name: 'reconnecting', state: 'reconnecting', ...ending, attempt: 1, delay: 0 },
    { name: 'connected', state: 'connected', reconnected: true, uri: 'ws://server/mqtt' },
  ])
})

test('without the option a lost connection stays lost', async () => {
  const { host, client, told } = await reconnecting({ reconnect: false })
  host.socket.drop()
  await host.pass(3_600_000)
  assert.deepEqual([host.sockets.length, told.length, told[0].reconnect], [1, 1, false])
  assertOver(host, client)
})

describe('the wait for an attempt', () => {
  test('may be twice as long each time, up to maxDelay, and is told in seconds', async () => {
    const { host, told } = await reconnecting({ reconnect: { minDelay: 0.5, maxDelay: 3, jitter: 0 } })
    assert.deepEqual(await drops(host, 6), [0, 500, 1000, 2000, 3000, 3000])
    const attempts = told.filter(({ name }) => name === 'reconnecting')
    assert.deepEqual(
      attempts.map(({ attempt, delay }) => [attempt, delay]),
      [[1, 0], [2, 0.5], [3, 1], [4, 2], [5, 3], [6, 3]],
    )
    assert.equal(told.filter(({ name }) => name === 'lost').length, 1, 'the connection is lost once')
  })

  test('is left to chance in all its length, and chance comes from Math.random', async (t) => {
    const longest = [0, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]
    const all = []
    for (let n = 0; n < 40; n++) {
      t.mock.method(Math, 'random', () => n / 40)
      const { host } = await reconnecting()
      all.push(await drops(host, longest.length))
    }
    t.mock.method(Math, 'random', () => 0)
    const { host } = await reconnecting()
    assert.deepEqual(await drops(host, longest.length), all[0], 'the same chance gives the same waits')
    longest.forEach((most, n) => {
      const parts = all.map((waits) => waits[n] / Math.max(most, 1))
      assert.ok(Math.max(...parts) <= 1, `${n}: ${parts}`)
      if (most === 0) return
      assert.ok(parts.filter((part) => part < 1 / 3).length > 4, `none is short: ${parts}`)
      assert.ok(parts.filter((part) => part > 2 / 3).length > 4, `none is long: ${parts}`)
    })
  })

  test('keeps what jitter leaves of it', async () => {
    const { host } = await reconnecting({ reconnect: { jitter: 0.1 } })
    const waits = (await drops(host, 5)).slice(1)
    waits.forEach((wait, n) => assert.ok(wait >= 900 * 2 ** n && wait <= 1000 * 2 ** n, String(waits)))
  })

  test('is short again after a connection that held, and not after one that did not', async () => {
    const { host } = await reconnecting({ reconnect: { jitter: 0 } })
    await drops(host, 4)
    await accept(host)
    assert.deepEqual(await drops(host), [8000], 'a server that accepts and hangs up')
    await accept(host)
    await host.pass(30_000)
    assert.deepEqual(await drops(host, 2), [0, 1000])
  })
})

describe('each attempt goes to the next address:', () => {
  for (const [name, options] of Object.entries({
    uris: { uris: ['ws://a:1/mqtt', 'ws://b:2/mqtt', 'ws://c:3/mqtt'] },
    'hosts and ports': { hosts: ['a', 'b', 'c'], ports: [1, 2, 3] },
  })) {
    test(name, async () => {
      const { host, client, told } = await reconnecting(options)
      await drops(host, 4)
      const expected = ['a:1', 'b:2', 'c:3', 'a:1', 'b:2'].map((at) => `ws://${at}/mqtt`)
      assert.deepEqual(host.sockets.map(({ url }) => url), expected)
      await accept(host)
      assert.deepEqual([told[0].uri, told.at(-1).uri], ['ws://a:1/mqtt', 'ws://b:2/mqtt'])
      assert.equal(client.state, 'connected')
    })
  }

  test('with the protocol version that was agreed on', async () => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    const done = client.connect({ mqttVersion: 'auto', reconnect: true })
    await host.turn()
    host.socket.open()
    host.socket.receive('20020001')
    host.socket.open()
    host.socket.receive('20020000')
    await done
    await drops(host, 3)
    assert.match(host.socket.open()[0], /^10..00044d51545404/)
  })
})

test('why an attempt failed is told with the wait for the next one', async () => {
  const { host, told } = await reconnecting({ mqttVersion: 5, timeout: 2, reconnect: { jitter: 0 } })
  host.socket.drop()
  await host.turn()
  host.socket.fail('no route')
  await host.pass(1000)
  await host.pass(2000)
  await host.pass(2000)
  host.socket.open()
  host.socket.receive(connAck5('', '88'))
  await host.pass(4000)
  host.refuses = new Error('not allowed here')
  host.socket.drop()
  await host.pass(8000)
  host.refuses = null
  const attempts = told.filter(({ name }) => name === 'reconnecting')
  assert.deepEqual(
    attempts.map(({ attempt, errorCode, reasonName }) => [attempt, errorCode, reasonName]),
    [
      [1, 8, undefined],
      [2, 7, undefined],
      [3, 1, undefined],
      [4, 6, 'Server unavailable'],
      [5, 8, undefined],
      [6, 7, undefined],
    ],
  )
  assert.match(attempts[1].errorMessage, /no route/)
  assert.match(attempts[5].errorMessage, /not allowed here/)
})

describe('an old socket', () => {
  test('is closed with its attempt, and what it tells later changes nothing', async () => {
    const { host, client, told } = await reconnecting({ timeout: 1, reconnect: { jitter: 0 } })
    await drops(host)
    const old = host.socket
    await host.pass(1000)
    assert.ok(old.closed)
    await host.pass(1000)
    host.socket.open()
    const before = told.length
    for (const late of [() => old.open(), () => old.receive('20020000'), () => old.fail('old'), () => old.drop()]) late()
    assert.deepEqual([client.state, told.length, old.take()], ['reconnecting', before, []])
    host.socket.receive('20020000')
    assert.equal(client.state, 'connected')
  })

  test('need not tell that it is closed', async () => {
    const { host, client, told } = await reconnecting({ keepAliveInterval: 10 })
    await host.pass(15_000)
    assert.deepEqual([host.sockets.length, told[0].errorCode, told[0].reconnect], [2, 4, true])
    assert.ok(host.sockets[0].closed)
    await accept(host)
    host.sockets[0].drop()
    assert.deepEqual([client.state, told.length], ['connected', 3])
  })
})

test('connect() is refused while it reconnects, and begins anew after disconnect()', async () => {
  const { host, client } = await reconnecting({ reconnect: { jitter: 0 } })
  for (const step of [() => host.socket.drop(), () => host.socket.open(), () => host.socket.drop(), () => {}]) {
    step()
    await host.turn()
    assert.equal(client.state, 'reconnecting')
    assert.throws(() => client.connect({ mqttVersion: 4 }), { code: 11 })
  }
  client.disconnect()
  await host.connected({ reconnect: { jitter: 0 } }, { client })
  assert.deepEqual(await drops(host, 2), [0, 1000], 'the attempts are counted from the start')
})

for (const callback of ['onConnectionLost', 'onReconnecting', 'onConnected']) {
  test(`disconnect() in ${callback} ends it, and is told once and last`, async () => {
    const { host, client, told } = await reconnecting()
    const collected = client[callback]
    client[callback] = (...args) => {
      collected(...args)
      if (client.state !== 'disconnected') client.disconnect()
    }
    host.socket.drop()
    await host.turn()
    if (client.state === 'reconnecting') await accept(host)
    host.socket.drop(1000)
    await host.turn()
    assert.deepEqual(told.filter(({ reconnect }) => reconnect === false).map(({ errorCode }) => errorCode), [0])
    assert.equal(told.at(-1).reconnect, false, JSON.stringify(names(told)))
    await host.pass(3_600_000)
    assertOver(host, client)
  })
}
