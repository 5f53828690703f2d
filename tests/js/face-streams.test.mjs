// `for await (const message of client.messages(filter))`: how a loop begins, and every way that it ends.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, packet, string, watch } from './host.mjs'

const message = (topic, payload) => packet('30', `${string(topic)} ${Buffer.from(payload).toString('hex')}`)

const subscribed = (id, codes = '00') => packet('90', id.toString(16).padStart(4, '0') + codes)

async function connected(options) {
  const host = new Host()
  return { host, client: await host.connected(options) }
}

/** Runs a loop over a stream; each message is given to `body`, which may say 'break' or throw. */
function loop(stream, body = () => {}) {
  const got = []
  const done = watch(
    (async () => {
      for await (const one of stream) {
        got.push(`${one.topic} ${one.payloadString}`)
        if ((await body(one)) === 'break') break
      }
    })(),
  )
  return { got, done }
}

test('a loop subscribes when it begins, and not before', async () => {
  const { host, client } = await connected()
  const stream = client.messages(['a', { filter: 'b', qos: 2 }], { qos: 1 })
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
  const { got } = loop(stream)
  await host.turn()
  assert.deepEqual(host.socket.take(), [packet('82', `0001 ${string('a')} 01 ${string('b')} 02`)])
  host.socket.receive(message('a', 'early') + subscribed(1, '0102') + message('b', '2') + message('c', 'no'))
  await host.turn()
  assert.deepEqual(got, ['a early', 'b 2'])
})

test('messages wait for a loop that is slower than they are', async () => {
  const { host, client } = await connected()
  let go
  const { got } = loop(client.messages('a'), () => new Promise((resolve) => (go = resolve)))
  await host.turn()
  host.socket.receive(subscribed(1) + message('a', '1') + message('a', '2') + message('a', '3'))
  await host.turn()
  assert.deepEqual(got, ['a 1'])
  go()
  await host.turn()
  go()
  await host.turn()
  assert.deepEqual(got, ['a 1', 'a 2', 'a 3'])
})

test('readers that wait are served in order', async () => {
  const { host, client } = await connected()
  const stream = client.messages('a')
  const seen = [1, 2, 3].map(() => watch(stream.next()))
  await host.turn()
  host.socket.receive(subscribed(1))
  await host.turn()
  host.socket.receive(message('a', '1') + message('a', '2'))
  await host.turn()
  assert.deepEqual(
    seen.map(({ value }) => value?.value.payloadString),
    ['1', '2', undefined],
  )
  const left = watch(stream.return())
  await host.turn()
  assert.deepEqual(seen[2].value, { done: true, value: undefined })
  assert.equal(left.state, 'pending')
  host.socket.receive('b0 02 0001')
  await host.turn()
  assert.equal(left.state, 'fulfilled')
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
})

for (const [way, body] of Object.entries({
  break: () => 'break',
  throw: () => {
    throw new Error('mine')
  },
})) {
  test(`a loop left by ${way} unsubscribes and gets nothing any more`, async () => {
    const { host, client } = await connected()
    const { got, done } = loop(client.messages(['a', 'b']), body)
    await host.turn()
    host.socket.receive(subscribed(1, '0000') + message('a', '1') + message('a', '2'))
    await host.turn()
    assert.deepEqual(host.socket.take().slice(-1), [packet('a2', `0001 ${string('a')} ${string('b')}`)])
    host.socket.receive(message('a', '3') + 'b0020001')
    await host.turn()
    assert.deepEqual(got, ['a 1'])
    assert.equal(done.state, way === 'break' ? 'fulfilled' : 'rejected')
    if (way === 'throw') assert.equal(done.error.message, 'mine')
  })
}

describe('the end of one loop ends nobody else:', () => {
  test('two loops on one filter', async () => {
    const { host, client } = await connected()
    const first = loop(client.messages('a'), () => 'break')
    const second = loop(client.messages('a'))
    await host.turn()
    host.socket.receive(subscribed(1) + subscribed(2))
    await host.turn()
    host.socket.receive(message('a', '1'))
    await host.turn()
    assert.equal(first.done.state, 'fulfilled')
    assert.ok(!host.socket.take().join('').includes('a2'), 'unsubscribed')
    host.socket.receive(message('a', '2'))
    await host.turn()
    assert.deepEqual([first.got, second.got], [['a 1'], ['a 1', 'a 2']])
  })

  test('a loop beside a subscription of the same filter', async () => {
    const { host, client } = await connected()
    const got = []
    client.subscribe('a', { onMessage: (one) => got.push(one.payloadString) })
    const { done } = loop(client.messages('a'), () => 'break')
    await host.turn()
    host.socket.receive(subscribed(1) + subscribed(2) + message('a', '1'))
    await host.turn()
    assert.equal(done.state, 'fulfilled')
    host.socket.receive(message('a', '2'))
    await host.turn()
    assert.deepEqual(got, ['1', '2'])
    assert.ok(!host.socket.take().join('').includes('a2'), 'unsubscribed')
  })

  test('a subscription made while the loop unsubscribes', async () => {
    const { host, client } = await connected()
    const got = []
    const { done } = loop(client.messages('a'), () => 'break')
    await host.turn()
    host.socket.receive(subscribed(1) + message('a', '1'))
    await host.turn()
    client.subscribe('a', { onMessage: (one) => got.push(one.payloadString) })
    await host.turn()
    host.socket.receive('b0020001' + subscribed(2) + message('a', '2'))
    await host.turn()
    assert.deepEqual([done.state, got], ['fulfilled', ['2']])
  })
})

describe('a loop ends', () => {
  test('when the program disconnects, after what has arrived', async () => {
    const { host, client } = await connected()
    let go
    const { got, done } = loop(client.messages('a'), () => new Promise((resolve) => (go = resolve)))
    await host.turn()
    host.socket.receive(subscribed(1) + message('a', '1') + message('a', '2'))
    await host.turn()
    client.disconnect()
    go()
    await host.turn()
    go()
    await host.turn()
    assert.deepEqual([got, done.state], [['a 1', 'a 2'], 'fulfilled'])
  })

  test('when the program disconnects before SUBACK', async () => {
    const { host, client } = await connected()
    const { done } = loop(client.messages('a'))
    await host.turn()
    client.disconnect()
    await host.turn()
    assert.equal(done.state, 'fulfilled')
  })

  test('when the program unsubscribes from its last filter', async () => {
    const { host, client } = await connected()
    const { got, done } = loop(client.messages(['a', 'b']))
    await host.turn()
    host.socket.receive(subscribed(1, '0000'))
    client.unsubscribe('a')
    await host.turn()
    host.socket.receive('b0020001' + message('b', '1'))
    await host.turn()
    assert.deepEqual([got, done.state], [['b 1'], 'pending'])
    client.unsubscribe('b')
    await host.turn()
    host.socket.receive('b0020001')
    await host.turn()
    assert.equal(done.state, 'fulfilled')
  })

  test('by the error when the connection is lost, waiting or not, after what has arrived', async () => {
    for (const waiting of [true, false]) {
      const { host, client } = await connected()
      let go = () => {}
      const { got, done } = loop(client.messages('a'), () => waiting || new Promise((resolve) => (go = resolve)))
      await host.turn()
      host.socket.receive(subscribed(1) + message('a', '1') + message('a', '2'))
      await host.turn()
      host.socket.drop(1006)
      await host.turn()
      for (let n = 0; n < 3; n++) {
        go()
        await host.turn()
      }
      assert.deepEqual(got, ['a 1', 'a 2'])
      assert.deepEqual([done.state, done.error?.code], ['rejected', 8])
    }
  })

  test('by the error when the connection is lost before SUBACK', async () => {
    const { host, client } = await connected()
    const { done } = loop(client.messages('a'))
    await host.turn()
    host.socket.drop(1006)
    await host.turn()
    assert.equal(done.error.code, 8)
  })

  test('by the error when the server refuses, and takes back what it granted', async () => {
    const { host, client } = await connected()
    const { done } = loop(client.messages(['a', 'b']))
    await host.turn()
    host.socket.receive(subscribed(1, '0080'))
    await host.turn()
    assert.deepEqual(host.socket.take().slice(-1), [packet('a2', `0001 ${string('a')}`)])
    host.socket.receive('b0020001')
    await host.turn()
    assert.equal(done.error.code, 27)
  })

  test('by the error when there is no connection or no such filter', async () => {
    const { host, client } = await connected()
    assert.throws(() => client.messages(7), { code: 13 })
    const wrong = loop(client.messages('a#'))
    await host.turn()
    assert.equal(wrong.done.error.code, 31)
    client.disconnect()
    const { done } = loop(client.messages('a'))
    await host.turn()
    assert.equal(done.error.code, 11)
  })

  test('by an AbortError when it is aborted, waiting for SUBACK or for a message', async () => {
    for (const answered of [false, true]) {
      const { host, client } = await connected()
      const controller = new AbortController()
      const { done } = loop(client.messages('a', { signal: controller.signal }))
      await host.turn()
      if (answered) host.socket.receive(subscribed(1))
      await host.turn()
      host.socket.take()
      controller.abort()
      await host.turn()
      assert.deepEqual(host.socket.take(), [packet('a2', `000${answered ? 1 : 2} ${string('a')}`)], 'it unsubscribes')
      host.socket.receive(answered ? 'b0020001' : subscribed(1) + 'b0020002')
      await host.turn()
      assert.equal(done.error?.name, 'AbortError')
      assert.equal(client.isConnected(), true)
    }
  })
})

test('a stream left before it began never subscribes', async () => {
  const { host, client } = await connected()
  const stream = client.messages('a')
  assert.deepEqual(await stream.return(), { done: true, value: undefined })
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
  await host.turn()
  assert.deepEqual(host.socket.take(), [])
})

test('a loop that a lost connection ended has no part in the next connection of the session', async () => {
  const { host, client } = await connected({ cleanSession: false })
  const first = loop(client.messages('a'))
  await host.turn()
  host.socket.receive(subscribed(1))
  host.socket.drop()
  await host.connected({ cleanSession: false }, { client, connAck: '20020100' })
  const second = loop(client.messages('a'), () => 'break')
  await host.turn()
  host.socket.receive(subscribed(1) + message('a', '1'))
  await host.turn()
  assert.deepEqual([first.got, second.got], [[], ['a 1']])
  assert.deepEqual(host.socket.take().slice(-1), [packet('a2', `0001 ${string('a')}`)])
})

test('a new connection needs a new loop, and gets one', async () => {
  const { host, client } = await connected()
  const first = loop(client.messages('a'))
  await host.turn()
  host.socket.receive(subscribed(1))
  host.socket.drop()
  await host.connected({}, { client })
  const second = loop(client.messages('a'))
  await host.turn()
  host.socket.receive(subscribed(1) + message('a', '1'))
  await host.turn()
  assert.deepEqual([first.got, second.got], [[], ['a 1']])
})
