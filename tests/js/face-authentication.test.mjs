// Enhanced authentication (OASIS 5.0, section 4.12): challenges before CONNACK, re-authentication, and all that can go
// wrong with them.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, sized, string, watch } from './host.mjs'

const method = `15 ${string('M')}`
const data = (text) => `16 ${string(text)}`
const auth = (reason, properties = method) => packet('f0', `${reason} ${sized(properties)}`)

/** An attempt to connect of which CONNECT has left. */
async function begin(authenticate, options = {}) {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const seen = watch(
    client.connect({
      mqttVersion: 5,
      properties: { authenticationMethod: 'M', authenticationData: 'a' },
      authenticate,
      ...options,
    }),
  )
  await host.turn()
  host.socket.open()
  return { host, client, seen }
}

/** A connected client. */
async function connected(authenticate) {
  const begun = await begin(authenticate)
  begun.host.socket.receive(connAck5(method))
  await begun.host.turn()
  const lost = []
  begun.client.onConnectionLost = (loss) => lost.push(loss)
  return { ...begun, lost }
}

describe('before CONNACK', () => {
  test('each challenge is answered, with the method of CONNECT where the answer has none', async () => {
    const challenges = []
    const { host, client, seen } = await begin((challenge) => {
      challenges.push(challenge)
      return { authenticationData: `answer ${challenges.length}` }
    })
    for (const round of [1, 2]) {
      host.socket.receive(auth('18', method + data(`challenge ${round}`)))
      await host.turn()
      assert.deepEqual(host.socket.take(), [auth('18', method + data(`answer ${round}`))])
    }
    host.socket.receive(connAck5(method + data('welcome')))
    await host.turn()
    assert.equal(seen.state, 'fulfilled')
    assert.deepEqual(Buffer.from(client.serverProperties.authenticationData).toString(), 'welcome')
    assert.deepEqual(challenges[0], {
      reasonCode: 0x18,
      reasonName: 'Continue authentication',
      properties: { authenticationMethod: 'M', authenticationData: new Uint8Array(Buffer.from('challenge 1')) },
    })
  })

  test('the answer may take its time', async () => {
    let answer
    const { host, seen } = await begin(() => new Promise((resolve) => (answer = resolve)))
    host.socket.receive(auth('18'))
    await host.pass(10_000)
    assert.deepEqual(host.socket.take(), [])
    answer({ authenticationMethod: 'M', authenticationData: new Uint8Array([1]) })
    await host.turn()
    assert.deepEqual(host.socket.take(), [auth('18', `${method} 16 0001 01`)])
    host.socket.receive(connAck5(method))
    await host.turn()
    assert.equal(seen.state, 'fulfilled')
  })

  test('an answer after the attempt has ended goes nowhere', async () => {
    let answer
    const { host, client, seen } = await begin(() => new Promise((resolve) => (answer = resolve)))
    host.socket.receive(auth('18'))
    await host.pass(30_000)
    assert.equal(seen.error.code, 1)
    const again = watch(client.connect({ mqttVersion: 5, properties: { authenticationMethod: 'M' } }))
    await host.turn()
    host.socket.open()
    answer({ authenticationData: 'late' })
    await host.turn()
    assert.deepEqual([host.socket.take(), host.reported, again.state], [[], [], 'pending'])
  })

  for (const [what, authenticate, code, reported] of [
    [
      'throws',
      () => {
        throw new Error('no key')
      },
      5,
      'no key',
    ],
    ['rejects', () => Promise.reject(new Error('no key')), 5, 'no key'],
    ['answers with a property that AUTH has not', () => ({ contentType: 'x' }), 41, 'A property'],
    ['answers with another method', () => ({ authenticationMethod: 'other' }), 41, 'A property'],
    ['answers with an unknown name', () => ({ password: 'x' }), 13, 'password'],
    ['is not there', undefined, 25, 'AUTH'],
  ]) {
    test(`the attempt fails when authenticate ${what}`, async () => {
      const { host, client, seen } = await begin(authenticate)
      host.socket.receive(auth('18'))
      await host.turn()
      assert.equal(seen.error?.code, code)
      assert.equal(host.socket.closed, true)
      assert.deepEqual(
        host.reported.map(({ message }) => message.includes(reported)),
        [true],
      )
      assert.equal(client.isConnected(), false)
      await host.connected({}, { client })
    })
  }

  test('a challenge by another method, or unasked, is refused', async () => {
    const { host, seen } = await begin(() => ({}))
    host.socket.receive(auth('18', `15 ${string('other')}`))
    await host.turn()
    assert.equal(seen.error.code, 25)
    const unasked = await begin(() => ({}), { properties: {} })
    unasked.host.socket.receive(auth('18'))
    await unasked.host.turn()
    assert.equal(unasked.seen.error.code, 25)
  })

  test('a CONNACK by another method is refused [MQTT-4.12.0-5]', async () => {
    const { host, seen } = await begin(() => ({}))
    host.socket.receive(connAck5(`15 ${string('other')}`))
    await host.turn()
    assert.equal(seen.error.code, 25)
  })

  test('the server may refuse the method', async () => {
    const { host, seen } = await begin(() => ({}))
    host.socket.receive(connAck5('', '8c'))
    await host.turn()
    assert.deepEqual([seen.error.code, seen.error.reasonName], [6, 'Bad authentication method'])
  })
})

describe('on a live connection', () => {
  test('re-authentication goes through challenges to success', async () => {
    const { host, client } = await connected(async () => ({ authenticationData: 'answer' }))
    host.socket.take()
    const seen = watch(client.reauthenticate({ authenticationData: 'again' }))
    await host.turn()
    assert.deepEqual(host.socket.take(), [auth('19', method + data('again'))])
    host.socket.receive(auth('18', method + data('challenge')))
    await host.turn()
    assert.deepEqual(host.socket.take(), [auth('18', method + data('answer'))])
    assert.equal(seen.state, 'pending')
    host.socket.receive(auth('00', method + data('ok')))
    await host.turn()
    assert.deepEqual([seen.value.reasonCode, seen.value.reasonName], [0, 'Success'])
    assert.equal(Buffer.from(seen.value.properties.authenticationData).toString(), 'ok')
    watch(client.reauthenticate())
    await host.turn()
    assert.deepEqual(host.socket.take(), [auth('19')], 'it can be done again')
  })

  test('messages go on meanwhile', async () => {
    const { host, client } = await connected(() => ({}))
    client.reauthenticate()
    client.publish('a', 'b')
    const got = []
    client.onMessageArrived = (message) => got.push(message.topic)
    await host.turn()
    host.socket.receive(packet('30', `${string('c')} 00`))
    assert.deepEqual(got, ['c'])
    assert.match(host.socket.take().join(), /62$/)
  })

  test('one at a time', async () => {
    const { client } = await connected(() => ({}))
    const first = watch(client.reauthenticate())
    assert.throws(() => client.reauthenticate(), { code: 11 })
    assert.equal(first.state, 'pending')
  })

  test('the server says no by DISCONNECT', async () => {
    const { host, client, lost } = await connected(() => ({}))
    const seen = watch(client.reauthenticate())
    host.socket.receive(packet('e0', '87'))
    await host.turn()
    assert.deepEqual([seen.error.code, seen.error.reasonCode, lost.length], [21, 0x87, 1])
  })

  test('an authenticate that fails ends it with its own error', async () => {
    const { host, client, lost } = await connected(() => Promise.reject(new Error('no key')))
    const seen = watch(client.reauthenticate())
    host.socket.receive(auth('18'))
    await host.turn()
    assert.match(seen.error.message, /no key/)
    assert.deepEqual([lost.length, lost[0].errorCode, host.reported.length], [1, 0, 1])
  })

  test('a challenge that nobody asked for ends the connection', async () => {
    const { host, lost } = await connected(() => ({}))
    host.socket.receive(auth('18'))
    assert.deepEqual([lost[0].errorCode, lost[0].reasonCode], [83, 0x82])
  })

  test('it needs a method in CONNECT, and MQTT 5', async () => {
    const host = new Host()
    assert.throws(() => host.Client.prototype.reauthenticate.call(new host.Client('ws://server/mqtt', 'me')), {
      code: 11,
    })
    const five = await host.connected({ mqttVersion: 5 })
    assert.throws(() => five.reauthenticate(), { code: 48 })
    const four = await host.connected()
    assert.throws(() => four.reauthenticate(), { code: 40 })
  })
})
