// Sleep, hidden pages and changed networks: what a client does when it is told, what probe() promises, and timers that are
// late by hours.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string, watch } from './host.mjs'
import { accept, assertOver, connecting, drops, names, reconnecting } from './reconnecting.mjs'
import { Store } from './store.mjs'

const HOUR = 3_600_000
const PING = 'c000'

const sent = (host) => host.socket.take().join('')

for (const network of [false, true]) {
  describe(network ? 'when the network may have changed' : 'after a sleep', () => {
    test('a connection is probed at once; the answer leaves it as it is', async () => {
      for (const keepAliveInterval of [60, 0]) {
        const { host, client, told } = await reconnecting({ keepAliveInterval })
        await host.wake(network)
        assert.equal(sent(host), PING)
        await host.pass(499)
        host.socket.receive('d000')
        await host.pass(10_000)
        assert.deepEqual([client.state, sent(host), told], ['connected', '', []])
      }
    })

    test('a connection that does not answer soon is dead, and made anew at once', async () => {
      const { host, told } = await reconnecting()
      await host.wake(network)
      await host.pass(499)
      assert.deepEqual(told, [])
      await host.pass(1)
      assert.deepEqual(names(told), ['lost reconnecting', 'reconnecting reconnecting'])
      assert.deepEqual([told[0].errorCode, told[1].delay, host.sockets.length], [4, 0, 2])
      assert.ok(host.sockets[0].closed)
    })

    test('a connection that does not come back by itself is told as lost', async () => {
      const { host, client, told } = await reconnecting({ reconnect: false })
      await host.wake(network)
      await host.pass(500)
      assert.deepEqual([told[0].errorCode, told[0].reconnect], [4, false])
      assertOver(host, client)
    })

    test('what waits to be tried is tried at once', async () => {
      const { host } = await reconnecting({ reconnect: { jitter: 0 } })
      await drops(host, 4)
      host.socket.drop()
      await host.pass(1000)
      assert.equal(host.sockets.length, 5)
      await host.wake(network)
      assert.equal(host.sockets.length, 6)
      assert.equal(host.timers.length, 1)
    })

    test('but not in a circle: half a second lies between two attempts', async () => {
      const { host } = await reconnecting({ reconnect: { jitter: 0 } })
      await drops(host, 3)
      host.socket.drop()
      for (let n = 0; n < 10; n++) await host.wake(network)
      await host.pass(499)
      assert.equal(host.sockets.length, 4)
      await host.pass(1)
      assert.equal(host.sockets.length, 5)
    })

    test('nothing happens without a connection, or while core or store are being loaded', async () => {
      const host = new Host()
      const client = new host.Client('ws://server/mqtt', 'me')
      await host.wake(network)
      const store = new Store([], true)
      const done = client.connect({ mqttVersion: 4, store })
      for (const wake of host.watchers) wake(network)
      await host.turn()
      await host.wake(network)
      assert.equal(host.sockets.length, 0)
      await store.finish(host)
      await accept(host)
      await done
      assert.equal(host.watchers.size, 1)
      client.disconnect()
      host.socket.drop()
      assert.equal(host.watchers.size, 0)
    })

    const opening = {
      'an attempt whose socket does not open': () => connecting({ reconnect: true }),
      'an attempt that waits for CONNACK': async () => {
        const all = await connecting({ reconnect: true })
        all.host.socket.open()
        return all
      },
      'an attempt to reconnect': async () => {
        const all = await reconnecting({ uris: ['ws://a/mqtt', 'ws://b/mqtt'] })
        await drops(all.host)
        return all
      },
    }
    for (const [name, reach] of Object.entries(opening)) {
      test(`${name} ${network ? 'begins anew on the new network' : 'goes on'}`, async () => {
        const { host, client, told } = await reach()
        const { socket: old, sockets: { length } } = host
        const before = told.length
        await host.pass(499)
        await host.wake(network)
        assert.equal(host.sockets.length, length, 'a young attempt goes on')
        await host.pass(1)
        await host.wake(network)
        assert.deepEqual([host.sockets.length - length, old.closed], network ? [1, true] : [0, false])
        assert.equal(host.socket.url, old.url)
        assert.equal(told.length, before, 'no attempt has failed')
        if (network) old.receive('20020000')
        await accept(host)
        assert.equal(client.state, 'connected')
      })
    }
  })
}

test('an attempt that waits for a password asks for it anew on another network', async () => {
  const answers = []
  const password = () => new Promise((resolve) => answers.push(resolve))
  const { host, client } = await connecting({ userName: 'u', password })
  await host.pass(500)
  await host.wake(true)
  assert.equal(answers.length, 2)
  answers[0]('old')
  await host.turn()
  assert.equal(host.sockets.length, 0)
  answers[1]('new')
  await host.turn()
  assert.ok(host.socket.open()[0].endsWith(string('new')))
  host.socket.receive('20020000')
  assert.equal(client.state, 'connected')
})

test('a probe gives a server four times as long as its CONNACK took, and longer while bytes come', async () => {
  const { host, client, told, done } = await connecting({})
  host.socket.open()
  await host.pass(300)
  host.socket.receive('20020000')
  await done
  await host.wake(false)
  await host.pass(1199)
  host.socket.receive(packet('30', `${string('a')} 31`))
  await host.pass(1199)
  assert.deepEqual([client.state, sent(host)], ['connected', 'c000'])
  await host.pass(1)
  assert.deepEqual(told.at(-1).errorCode, 4)
})

describe('probe()', () => {
  test('settles when the server answers', async () => {
    const { host, client } = await reconnecting()
    const seen = [client.probe(), client.probe()].map(watch)
    await host.turn()
    assert.match(sent(host), /^(c000){1,2}$/)
    host.socket.receive(packet('30', `${string('a')} 31`))
    await host.turn()
    assert.equal(seen[0].state, 'pending', 'other packets may have been under way for long')
    host.socket.receive('d000')
    await host.turn()
    assert.deepEqual(seen.map(({ state, value }) => [state, value]), Array(2).fill(['fulfilled', undefined]))
  })

  test('settles when a dead connection has been made anew', async () => {
    const { host, client } = await reconnecting()
    const seen = watch(client.probe())
    await host.pass(500)
    assert.deepEqual([client.state, seen.state], ['reconnecting', 'pending'])
    await accept(host)
    assert.equal(seen.state, 'fulfilled')
  })

  test('tries at once where the next attempt waits', async () => {
    const { host, client } = await reconnecting({ reconnect: { jitter: 0 } })
    await drops(host, 4)
    host.socket.drop()
    await host.pass(1000)
    const seen = watch(client.probe())
    assert.equal(host.sockets.length, 6)
    await accept(host)
    assert.equal(seen.state, 'fulfilled')
  })

  test('waits for the first connection, too', async () => {
    const host = new Host()
    const client = new host.Client('ws://server/mqtt', 'me')
    client.connect({ mqttVersion: 4 })
    const seen = watch(client.probe())
    await host.turn()
    await accept(host)
    assert.equal(seen.state, 'fulfilled')
  })

  test('fails with the cause when it is all over', async () => {
    const dead = await reconnecting({ reconnect: false })
    const first = watch(dead.client.probe())
    await dead.host.pass(500)
    assert.equal(first.error?.code, 4)
    assert.throws(() => dead.client.probe(), { code: 11 })
    const ended = await reconnecting()
    const second = watch(ended.client.probe())
    ended.client.disconnect()
    await ended.host.turn()
    assert.equal(second.error?.code, 22)
  })
})

test('a turn that takes long is no clock that was set back: a ping leaves no sooner', async () => {
  for (const command of ['subscribe', 'unsubscribe', 'probe']) {
    const { host, client } = await reconnecting({ keepAliveInterval: 10 })
    client.send('a', '1')
    host.time += 6000
    client[command]('b').catch(() => {})
    client.send('a', '2')
    await host.turn()
    assert.equal(sent(host).includes(PING), command === 'probe', command)
    host.socket.receive(command === 'probe' ? 'd000' : '')
    await host.pass(command === 'probe' ? 9999 : 3999)
    assert.equal(sent(host), '', command)
    await host.pass(1)
    assert.equal(sent(host), PING, command)
  }
})

describe('timers that are late by hours', () => {
  test('make no live connection dead: it is asked first', async () => {
    const { host, client } = await reconnecting({ keepAliveInterval: 60 })
    for (let n = 0; n < 5; n++) {
      host.time += 3 * HOUR
      await host.pass(0)
      assert.deepEqual([client.state, sent(host)], ['connected', PING])
      host.socket.receive('d000')
    }
  })

  test('nor one whose answer waits unread', async () => {
    const { host, client } = await reconnecting({ keepAliveInterval: 60 })
    await host.pass(60_000)
    assert.equal(sent(host), PING)
    host.time += 3 * HOUR
    await host.pass(0)
    assert.deepEqual([client.state, sent(host)], ['connected', PING], 'asked once more')
    host.socket.receive('d000')
    await host.pass(30_000)
    assert.equal(client.state, 'connected')
  })

  test('and a dead one is found out all the same', async () => {
    const { host, client } = await reconnecting({ keepAliveInterval: 60 })
    host.time += 3 * HOUR
    await host.pass(0)
    await host.pass(30_000)
    assert.deepEqual([client.state, host.sockets.length], ['reconnecting', 2])
  })

  test('are made up for when a message arrives', async () => {
    const { host, client } = await reconnecting({ keepAliveInterval: 60 })
    const got = []
    client.onMessageArrived = (message) => got.push(message.payloadString)
    host.time += HOUR
    host.socket.receive(packet('30', `${string('a')} 31`))
    assert.deepEqual([got, sent(host)], [['1'], PING], 'the server has waited for a packet of ours')
    host.time += 10
    host.socket.receive('d000')
    await host.pass(0)
    assert.deepEqual([client.state, sent(host)], ['connected', ''])
  })

  test('are made up for when the program publishes', async () => {
    const { host, client } = await reconnecting({ keepAliveInterval: 60 })
    host.time += HOUR
    client.send('a', '1')
    await host.turn()
    assert.equal(host.socket.take().join('').replace('300400016131', ''), PING)
    assert.equal(client.state, 'connected')
  })

  test('let an attempt be made when the page is back', async () => {
    const { host } = await reconnecting({ reconnect: { jitter: 0 } })
    await drops(host, 5)
    host.socket.drop()
    host.time += HOUR
    await host.wake(false)
    assert.equal(host.sockets.length, 7)
  })
})
