// Address, user name, password and properties given by functions: asked anew for each attempt, in time or not at all, and
// never shown.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host, connAck5, packet, sized, string, watch } from './host.mjs'
import { accept, assertOver, collect, connecting, drops, names } from './reconnecting.mjs'

const SECRET = 'hunter2'

/** CONNECT with these credentials behind the client identifier. */
const connect4 = (userName, password) =>
  packet('10', `${string('MQTT')} 04 c2 003c ${string('me')} ${string(userName)} ${string(password)}`)

/** Answers of a function, to be given by the test. */
function later() {
  const answers = []
  return { answers, ask: () => new Promise((resolve, reject) => answers.push({ resolve, reject })) }
}

/** Opens the newest socket and gives the CONNECT. */
const opened = (host) => host.socket.open().join('')

for (const [how, wrap] of Object.entries({
  'at once': (give) => give,
  later: (give) => async () => {
    await null
    return give()
  },
})) {
  test(`functions that answer ${how} are asked anew for each attempt`, async () => {
    let n = 0
    const { host, client } = await connecting({
      reconnect: { jitter: 0 },
      url: wrap(() => `wss://server:8884/mqtt?ticket=${++n}`),
      userName: wrap(() => `user${n}`),
      password: wrap(() => `${SECRET}${n}`),
    })
    assert.equal(host.socket.url, 'wss://server:8884/mqtt?ticket=1')
    assert.equal(opened(host), connect4('user1', `${SECRET}1`))
    host.socket.receive('20020000')
    await host.turn()
    for (const attempt of [2, 3]) {
      await drops(host)
      assert.equal(host.socket.url, `wss://server:8884/mqtt?ticket=${attempt}`)
      assert.equal(opened(host), connect4(`user${attempt}`, `${SECRET}${attempt}`))
    }
    host.socket.receive('20020000')
    assert.equal(client.state, 'connected')
    assert.deepEqual(n, 3, 'asked once for each attempt')
  })
}

test('properties may come from a function; the session that is to be kept asks for its expiry all the same', async () => {
  let n = 0
  const properties = async () => ({ userProperties: { n: String(++n) } })
  const { host, done } = await connecting({ mqttVersion: 5, cleanStart: false, reconnect: true, properties })
  const expected = (text) => sized(`26 ${string('n')} ${string(text)}`)
  assert.ok(opened(host).includes(`11ffffffff${expected('1').slice(2)}`))
  host.socket.receive(connAck5())
  await done
  await drops(host)
  assert.ok(opened(host).includes(expected('2').slice(2)))
})

test('a password may be bytes, and values may stand beside functions', async () => {
  const { host } = await connecting({ userName: 'u', password: async () => new Uint8Array([0xff, 0]) })
  assert.match(opened(host), new RegExp(`${string('u')}0002ff00$`))
})

test('each version and each address of the first connection is an attempt of its own', async () => {
  let n = 0
  const password = () => `${++n}`
  const { host } = await connecting({ mqttVersion: 'auto', uris: ['ws://a/', 'ws://b/'], userName: 'u', password })
  for (const attempt of [1, 2, 3]) {
    assert.ok(opened(host).endsWith(string(`${attempt}`)))
    host.socket[attempt === 1 ? 'receive' : 'drop'](attempt === 1 ? '20020001' : 1006)
    await host.turn()
  }
  assert.deepEqual(host.sockets.map(({ url }) => url), ['ws://a/', 'ws://a/', 'ws://b/', 'ws://b/'])
})

describe('a function that', () => {
  const failing = {
    throws: () => {
      throw new Error(SECRET)
    },
    rejects: async () => Promise.reject(new Error(SECRET)),
  }
  for (const [how, fail] of Object.entries(failing)) {
    for (const option of ['url', 'userName', 'password', 'properties']) {
      test(`${how} fails the attempt with its name and cause (${option})`, async () => {
        const { host, client, done } = await connecting({ userName: 'u', mqttVersion: 5, [option]: fail })
        const seen = watch(done)
        await host.turn()
        const { error } = seen
        assert.deepEqual([error?.code, error?.cause?.message, host.sockets.length], [102, SECRET, 0])
        assert.equal(error.message, `The function that gives ${option} failed; see the cause.`)
        assertOver(host, client)
      })
    }
  }

  test('fails is asked again by the policy, and its failure is told each time', async () => {
    let fails = false
    const password = () => {
      if (fails) throw new Error('no network')
      return SECRET
    }
    const { host, client, told } = await connecting({ reconnect: { jitter: 0, maxAttempts: 4 }, userName: 'u', password })
    await accept(host)
    fails = true
    host.socket.drop()
    await host.turn()
    await host.pass(3000)
    fails = false
    await host.pass(4000)
    await accept(host)
    const attempts = told.filter(({ name }) => name === 'reconnecting')
    assert.deepEqual(attempts.map(({ errorCode, delay }) => [errorCode, delay]), [[8, 0], [102, 1], [102, 2], [102, 4]])
    assert.equal(attempts[1].cause.message, 'no network')
    assert.equal(client.state, 'connected')
  })

  test('answers what is no text or no property fails without showing it', async () => {
    const wrong = {
      url: { host: SECRET },
      userName: [SECRET],
      password: { it: SECRET },
      properties: { authenticationData: { it: SECRET } },
    }
    for (const option of Object.keys(wrong)) {
      const { host, done } = await connecting({ mqttVersion: 5, userName: 'u', [option]: () => wrong[option] })
      const seen = watch(done)
      await host.turn()
      const { error } = seen
      assert.ok(error, `${option} was taken`)
      assert.ok(!`${error.message} ${error.stack}`.includes(SECRET), error.message)
      assert.equal(host.sockets.length, 0)
    }
  })

  test('never answers is a time-out, and the next attempt asks anew', async () => {
    const { answers, ask } = later()
    const reconnect = { initial: true, jitter: 0 }
    const { host, told, done } = await connecting({ timeout: 3, reconnect, userName: 'u', password: ask })
    await host.pass(3000)
    assert.deepEqual(told.map(({ errorCode }) => errorCode), [1])
    assert.deepEqual([answers.length, host.sockets.length], [2, 0])
    answers[1].resolve(SECRET)
    await host.turn()
    assert.equal(opened(host), connect4('u', SECRET))
    await accept(host)
    await done
  })

  test('answers too late opens nothing, and changes nothing for the attempt after it', async () => {
    const [url, password] = [later(), later()]
    const { host, client, told } = await connecting({
      timeout: 3,
      reconnect: { initial: true, jitter: 0 },
      url: url.ask,
      userName: 'u',
      password: password.ask,
    })
    await host.pass(3000)
    for (const [n, name] of [[1, 'new'], [0, 'old']]) {
      url.answers[n].resolve(`ws://${name}/mqtt`)
      password.answers[n].resolve(name)
      await host.turn()
    }
    assert.deepEqual(host.sockets.map((one) => one.url), ['ws://new/mqtt'])
    assert.equal(opened(host), connect4('u', 'new'))
    host.socket.receive('20020000')
    assert.deepEqual([client.state, told.at(-1).uri], ['connected', 'ws://new/mqtt'])
  })

  test('fails too late fails nobody', async () => {
    const { answers, ask } = later()
    const reconnect = { initial: true }
    const { host, client, told } = await connecting({ timeout: 3, reconnect, userName: 'u', password: ask })
    await host.pass(3000)
    answers[0].reject(new Error('late'))
    await host.turn()
    assert.equal(told.length, 1, 'the time-out')
    answers[1].resolve(SECRET)
    await host.turn()
    await accept(host)
    assert.deepEqual([client.state, host.reported], ['connected', []])
  })

  test('answers a client that is gone reaches no other one', async () => {
    const { answers, ask } = later()
    const { host, client } = await connecting({ userName: 'u', password: ask })
    client.disconnect()
    const other = new host.Client('ws://other/mqtt', 'other')
    other.connect({ mqttVersion: 4 })
    await host.turn()
    answers[0].resolve(SECRET)
    await host.turn()
    assert.equal(host.sockets.length, 1)
    assert.equal(opened(host), packet('10', `${string('MQTT')} 04 02 003c ${string('other')}`))
  })
})

test('refused credentials are tried again where a function may give better ones', async () => {
  let n = 0
  const { host, client } = await connecting({ reconnect: true, userName: 'u', password: () => `${++n}` })
  await accept(host)
  await drops(host)
  await accept(host, '20020005')
  await host.pass(1000)
  assert.ok(opened(host).endsWith(string('3')))
  host.socket.receive('20020002')
  assert.equal(client.state, 'disconnected', 'a refused client identifier does not become better')
})

test('no secret is in a trace, an error or what the client holds', async () => {
  const host = new Host()
  const client = new host.Client('ws://server/mqtt', 'me')
  const lines = []
  client.trace = ({ message }) => lines.push(message)
  const told = collect(client)
  const done = client.connect({
    mqttVersion: 4,
    reconnect: { jitter: 0 },
    url: () => `wss://user:${SECRET}@server/mqtt?token=${SECRET}`,
    userName: () => 'u',
    password: async () => SECRET,
  })
  await host.turn()
  await accept(host)
  await done
  await drops(host, 2)
  host.socket.fail(`cannot reach wss://user:${SECRET}@server/mqtt?token=${SECRET}`)
  await host.turn()
  assert.ok(lines.length > 3 && names(told).includes('reconnecting reconnecting'))
  assert.ok(!lines.join().includes(SECRET), lines.join('\n'))
  for (const { errorMessage } of told) assert.ok(!String(errorMessage).includes(SECRET), errorMessage)
})

describe('connect() with a function', () => {
  test('asks it for each attempt, and adds /mqtt where there is no path', async () => {
    const host = new Host()
    let n = 0
    const done = host.connect(async () => `ws://server${++n}`, { mqttVersion: 4, reconnect: true })
    await host.turn()
    await accept(host)
    await done
    await drops(host)
    assert.deepEqual(host.sockets.map(({ url }) => url), ['ws://server1/mqtt', 'ws://server2/mqtt'])
  })

  test('rejects when it fails, and when it does not answer in time', async () => {
    const host = new Host()
    const fails = () => {
      throw new Error(SECRET)
    }
    await assert.rejects(host.connect(fails), ({ code, cause }) => code === 102 && cause.message === SECRET)
    const slow = watch(host.connect(later().ask, { timeout: 2 }))
    await host.turn()
    await host.pass(2000)
    assert.equal(slow.error?.code, 1)
    assert.deepEqual([host.sockets.length, host.timers.length], [0, 0])
  })
})
