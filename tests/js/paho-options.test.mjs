// The options of `connect` as Paho takes them: each with what it does to CONNECT, and each wrong one with its error.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Host } from './host.mjs'
import { Transcript } from './paho-transcript.mjs'

/** CONNECT with these options, without a socket of its own to care about. @param {any} options */
async function connectPacket(options, host = new Host()) {
  const given = typeof options === 'function' ? options(host) : options
  await new Transcript(host).connecting(new host.Client('h', 80, 'me'), { onFailure: assert.fail, ...given })
  return host.socket.open().join('')
}

const will =
  (payload, more = {}) =>
  (host) => ({
    willMessage: Object.assign(new host.Message(payload), { destinationName: 'w' }, more),
  })

describe('CONNECT carries', () => {
  const protocol = '00044d51545404'
  const id = '00026d65'
  /** @type {[string, any, string][]} */
  const packets = [
    ['3.1.1, a clean session and 60 s when nothing is said', {}, `100e${protocol}02003c${id}`],
    ['3.1 by its own name', { mqttVersion: 3 }, `101000064d51497364700302003c${id}`],
    ['3.1.1 when asked for', { mqttVersion: 4 }, `100e${protocol}02003c${id}`],
    ['what mqttVersionExplicit says not at all', { mqttVersionExplicit: true }, `100e${protocol}02003c${id}`],
    ['the user name', { userName: 'u' }, `1011${protocol}82003c${id}000175`],
    ['user name and password', { userName: 'ü', password: 'p' }, `1015${protocol}c2003c${id}0002c3bc000170`],
    ['an empty password', { userName: 'u', password: '' }, `1013${protocol}c2003c${id}0001750000`],
    ['the keep alive', { keepAliveInterval: 300 }, `100e${protocol}02012c${id}`],
    ['no keep alive', { keepAliveInterval: 0 }, `100e${protocol}020000${id}`],
    ['the longest keep alive', { keepAliveInterval: 65535 }, `100e${protocol}02ffff${id}`],
    ['a fraction of a second as a whole one', { keepAliveInterval: 0.5 }, `100e${protocol}020001${id}`],
    ['the wish for a kept session', { cleanSession: false }, `100e${protocol}00003c${id}`],
    ['a will', will('bye'), `1016${protocol}06003c${id}000177 0003627965`.replaceAll(' ', '')],
    ['a retained will of QoS 2', will('bye', { qos: 2, retained: true }), `1016${protocol}36003c${id}0001770003627965`],
    ['a will of bytes', will(Uint8Array.of(9, 1, 2, 9).subarray(1, 3)), `1015${protocol}06003c${id}00017700020102`],
    ['a will without a payload', will(''), `1013${protocol}06003c${id}0001770000`],
    ['no will when it is null', { willMessage: null }, `100e${protocol}02003c${id}`],
    [
      'nothing of what is undefined',
      { userName: undefined, willMessage: undefined, timeout: undefined },
      `100e${protocol}02003c${id}`,
    ],
  ]
  for (const [name, options, packet] of packets) {
    test(name, async () => assert.equal(await connectPacket(options), packet))
  }
})

test('the address and the sub-protocol follow from the options', async () => {
  /** @type {[any, string, string][]} */
  const cases = [
    [{}, 'ws://h:80/mqtt', 'mqtt'],
    [{ mqttVersion: 3 }, 'ws://h:80/mqtt', 'mqttv3.1'],
    [{ useSSL: true }, 'wss://h:80/mqtt', 'mqtt'],
    [{ useSSL: false }, 'ws://h:80/mqtt', 'mqtt'],
    [{ hosts: ['a'], ports: [1] }, 'ws://a:1/mqtt', 'mqtt'],
    [{ hosts: ['::1'], ports: [1], useSSL: true }, 'wss://[::1]:1/mqtt', 'mqtt'],
    [{ hosts: ['wss://a/b?c'] }, 'wss://a/b?c', 'mqtt'],
    [{ uris: ['ws://a:5/b'] }, 'ws://a:5/b', 'mqtt'],
    [{ uris: ['ws://a:5/b'], hosts: ['ws://c/d'] }, 'ws://c/d', 'mqtt'],
    [{ hosts: null, uris: null }, 'ws://h:80/mqtt', 'mqtt'],
  ]
  for (const [options, url, protocol] of cases) {
    const host = new Host()
    await connectPacket(options, host)
    assert.deepEqual([host.socket.url, host.socket.protocols], [url, [protocol]], JSON.stringify(options))
  }
})

test('the options are read once and never written', async () => {
  const host = new Host()
  const willMessage = new host.Message('bye')
  willMessage.destinationName = 'w'
  const options = Object.freeze({
    willMessage,
    hosts: Object.freeze(['a']),
    ports: Object.freeze([1]),
    onFailure: assert.fail,
  })
  const before = JSON.stringify(options)
  await connectPacket(options, host)
  assert.equal(JSON.stringify(options), before)
})

test('connect takes no options, and null for none', async () => {
  for (const args of [[], [undefined], [null]]) {
    const host = new Host()
    new host.Client('h', 80, 'me').connect(...args)
    await host.turn()
    assert.equal(host.sockets.length, 1)
  }
})

describe('connect throws, and does nothing, for', () => {
  const type = (shown, name) => [12, `AMQJS0012E Invalid type ${shown} for ${name}.`]
  const argument = (shown, name) => [13, `AMQJS0013E Invalid argument ${shown} for connectOptions.${name}.`]
  /** @type {[any, (string | number)[]][]} */
  const wrong = [
    [{ timeout: '5' }, type('string', 'timeout')],
    [{ userName: 5 }, type('number', 'userName')],
    [{ userName: null }, type('object', 'userName')],
    [{ userName: {} }, type('object', 'userName')],
    [{ userName: 'u', password: 5 }, type('number', 'password')],
    [{ userName: 'u', password: [] }, type('object', 'password')],
    [{ password: 's3cret' }, argument('(hidden)', 'password')],
    [{ mqttVersion: 2, password: 's3cret' }, argument(2, 'mqttVersion')],
    [{ willMessage: 'w' }, type('string', 'willMessage')],
    [{ willMessage: {} }, type('[object Object]', 'connectOptions.willMessage')],
    [
      (host) => ({ willMessage: new host.Message('w') }),
      type('undefined', 'connectOptions.willMessage.destinationName'),
    ],
    [{ keepAliveInterval: '5' }, type('string', 'keepAliveInterval')],
    [{ keepAliveInterval: -1 }, argument(-1, 'keepAliveInterval')],
    [{ keepAliveInterval: 65536 }, argument(65536, 'keepAliveInterval')],
    [{ keepAliveInterval: NaN }, argument(NaN, 'keepAliveInterval')],
    [{ timeout: -1 }, argument(-1, 'timeout')],
    [{ cleanSession: 1 }, type('number', 'cleanSession')],
    [{ useSSL: 'true' }, type('string', 'useSSL')],
    [{ invocationContext: 'x' }, type('string', 'invocationContext')],
    [{ invocationContext: 5 }, type('number', 'invocationContext')],
    [{ onSuccess: {} }, type('object', 'onSuccess')],
    [{ onSuccess: null }, type('object', 'onSuccess')],
    [{ onFailure: 'f' }, type('string', 'onFailure')],
    [{ reconnect: 1 }, type('number', 'reconnect')],
    [{ mqttVersion: '4' }, type('string', 'mqttVersion')],
    [{ mqttVersion: 2 }, argument(2, 'mqttVersion')],
    [{ mqttVersion: 6 }, argument(6, 'mqttVersion')],
    [{ mqttVersion: 3.5 }, argument(3.5, 'mqttVersion')],
    [{ mqttVersion: NaN }, argument(NaN, 'mqttVersion')],
    [{ mqttVersionExplicit: 'no' }, type('string', 'mqttVersionExplicit')],
    [{ hosts: 'a' }, type('string', 'hosts')],
    [{ hosts: {} }, argument('[object Object]', 'hosts')],
    [{ hosts: [] }, argument('', 'hosts')],
    [{ hosts: [5] }, type('number', 'connectOptions.hosts[0]')],
    [{ hosts: ['ws://a/b', 'c'] }, argument('c', 'hosts[1]')],
    [{ hosts: ['a', 'ws://b/c'], ports: [1, 2] }, argument('ws://b/c', 'hosts[1]')],
    [{ hosts: ['a'] }, argument(undefined, 'ports')],
    [{ hosts: ['a'], ports: {} }, argument('[object Object]', 'ports')],
    [{ hosts: ['a'], ports: [1, 2] }, argument('1,2', 'ports')],
    [{ hosts: ['a'], ports: ['1'] }, type('string', 'connectOptions.ports[0]')],
    [{ hosts: ['a', 'b'], ports: [1, -1] }, type('number', 'connectOptions.ports[1]')],
    [{ ports: 1 }, type('number', 'ports')],
    [{ uris: 'ws://a/b' }, type('string', 'uris')],
    [{ uris: [] }, argument('', 'uris')],
    [{ uris: ['ws://a/b', 'c'] }, argument('c', 'uris[1]')],
  ]
  for (const [options, [code, message]] of wrong) {
    test(typeof options === 'function' ? 'a will without a topic' : JSON.stringify(options), async () => {
      const host = new Host()
      const client = new host.Client('h', 80, 'me')
      const given = typeof options === 'function' ? options(host) : options
      assert.throws(() => client.connect(given), { name: 'MqttError', code, message })
      await host.turn()
      assert.deepEqual([host.sockets.length, client.isConnected()], [0, false])
    })
  }

  test('an option that nobody knows, with a list of those there are', () => {
    const { Client } = new Host()
    const known =
      'timeout userName password willMessage keepAliveInterval cleanSession useSSL invocationContext onSuccess onFailure ' +
      'hosts ports reconnect mqttVersion mqttVersionExplicit uris'
    assert.throws(
      () => new Client('h', 80, 'me').connect({ foo: 1 }),
      (/** @type {any} */ error) => error.message.startsWith(`Unknown property, foo. Valid properties are: ${known} `),
    )
  })
})
