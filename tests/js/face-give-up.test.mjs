// When no further attempt is made: the server's refusals, the program's own limits, and the first connection.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connAck5, packet, watch } from './host.mjs'
import { accept, assertOver, connecting, drops, names, reconnecting } from './reconnecting.mjs'

describe('it is given up', () => {
  const refusals = [
    ...[1, 2, 4, 5].map((code) => [4, `2002000${code}`, code]),
    ...[0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x90, 0x95, 0x9d].map((code) => [5, connAck5('', code.toString(16)), code]),
  ]
  for (const [mqttVersion, connAck, code] of refusals) {
    test(`when MQTT ${mqttVersion} is refused with ${code}`, async () => {
      const { host, client, told } = await reconnecting({ mqttVersion })
      const published = watch(client.publish('a', 'b', { qos: 1 }))
      await drops(host)
      await accept(host, connAck)
      assert.deepEqual(names(told), ['lost reconnecting', 'reconnecting reconnecting', 'lost disconnected'])
      const [, , end] = told
      assert.deepEqual([end.errorCode, end.reasonCode ?? code, end.reconnect], [6, code, false])
      assert.equal(published.error.code, 6, 'the promise has the same cause')
      assertOver(host, client)
    })
  }

  test('when a DISCONNECT says that it is no use', async () => {
    for (const code of [0x8e, 0x9d, 0x87]) {
      const { host, client, told } = await reconnecting({ mqttVersion: 5 })
      host.socket.receive(packet('e0', code.toString(16)))
      assert.deepEqual(names(told), ['lost disconnected'])
      assert.deepEqual([told[0].reasonCode, told[0].reconnect], [code, false])
      assertOver(host, client)
    }
  })

  test('not when the server is only out of order', async () => {
    for (const [mqttVersion, bytes] of [[4, '20020003'], [5, connAck5('', '89')], [5, connAck5('', '97')]]) {
      const { host, client } = await reconnecting({ mqttVersion })
      await drops(host)
      await accept(host, bytes)
      await host.pass(1000)
      assert.deepEqual([host.sockets.length, client.state], [3, 'reconnecting'])
    }
    const { host, client } = await reconnecting({ mqttVersion: 5 })
    host.socket.receive(packet('e0', '8b'))
    await host.turn()
    assert.deepEqual([host.sockets.length, client.state], [2, 'reconnecting'])
  })

  test('after maxAttempts, with the error of the last one', async () => {
    const { host, client, told } = await reconnecting({ reconnect: { maxAttempts: 3 } })
    await drops(host, 3)
    host.socket.fail('unreachable')
    await host.turn()
    assert.equal(told.filter(({ name }) => name === 'reconnecting').length, 3)
    const end = told.at(-1)
    assert.deepEqual([end.name, end.errorCode, end.reconnect, end.state], ['lost', 7, false, 'disconnected'])
    assert.match(end.errorMessage, /unreachable/)
    assertOver(host, client)
  })

  test('for the reason codes that the program names, and for no other', async () => {
    const never = await reconnecting({ mqttVersion: 5, reconnect: { giveUpOn: [] } })
    never.host.socket.receive(packet('e0', '8e'))
    for (const code of ['86', '8a', '84']) {
      await never.host.pass(60_000)
      await accept(never.host, connAck5('', code))
    }
    assert.equal(never.client.state, 'reconnecting')
    const named = await reconnecting({ mqttVersion: 5, reconnect: { giveUpOn: [0x97] } })
    named.host.socket.receive(packet('e0', '97'))
    assertOver(named.host, named.client)
  })
})

describe('the first connection', () => {
  test('is tried once, by default', async () => {
    const { host, client, told, done } = await connecting({ reconnect: true })
    host.socket.drop()
    await assert.rejects(done, { code: 8 })
    assert.deepEqual(told, [])
    assertOver(host, client)
  })

  test('is tried until it comes about, with `initial`; the promise and onConnected tell when', async () => {
    const { host, client, told, done } = await connecting({ reconnect: { initial: true } })
    const seen = watch(done)
    await drops(host, 3)
    assert.deepEqual([seen.state, client.state], ['pending', 'connecting'])
    await accept(host)
    assert.deepEqual(names(told), [...Array(3).fill('reconnecting connecting'), 'connected connected'])
    assert.equal(told[3].reconnected, false)
    assert.equal(seen.value.uri, 'ws://server/mqtt')
  })

  test('is given up too; then the promise rejects and no connection was lost', async () => {
    const failures = []
    const onFailure = (failure) => failures.push(failure.errorCode)
    const { host, client, told, done } = await connecting({ reconnect: { initial: true }, onFailure })
    await drops(host, 2)
    await accept(host, '20020005')
    await assert.rejects(done, { code: 6 })
    assert.deepEqual(failures, [6])
    assert.deepEqual(names(told), Array(2).fill('reconnecting connecting'))
    assertOver(host, client)
  })
})
