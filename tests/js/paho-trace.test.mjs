// Paho's tracing: the callback, the log of the last hundred lines, what never stands in it. And the table of its errors.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorText } from '../../js/errors.js'
import { Host } from './host.mjs'

/** A client that has done everything once, with its secrets everywhere. */
async function busy(prepare) {
  const host = new Host()
  const client = new host.Client('ws://user:s3cret@h/p?signature=s3cret', 'me')
  prepare(client)
  const willMessage = Object.assign(new host.Message('s3cret will'), { destinationName: 'w' })
  await host.connected({ userName: 'u', password: 's3cret', willMessage }, { client })
  client.subscribe('a/b')
  client.send('topic', 's3cret', 1)
  client.publish('topic', 's3cret')
  client.unsubscribe('a/b')
  await host.turn()
  host.socket.receive('9003 0001 00 4002 0002 b002 0003 3009 0001 61 733363726574')
  client.disconnect()
  await host.turn()
  return { host, client }
}

test('trace is called with { severity, message } for what is done', async () => {
  const lines = []
  await busy((client) => {
    client.trace = (...args) => lines.push(args)
  })
  assert.ok(lines.length >= 6)
  for (const args of lines) {
    assert.equal(args.length, 1)
    assert.deepEqual(Object.keys(args[0]), ['severity', 'message'])
    assert.equal(args[0].severity, 'Debug')
    assert.equal(typeof args[0].message, 'string')
  }
  const text = lines.map(([{ message }]) => message).join('\n')
  for (const word of ['connect', 'connected', 'subscribe a/b', 'send topic', 'unsubscribe a/b', 'disconnect']) {
    assert.ok(text.includes(`Client.${word}`), word)
  }
})

test('no password, no payload, no credentials and no signature ever stand in a trace', async () => {
  const lines = []
  const { client } = await busy((one) => {
    one.trace = ({ message }) => lines.push(message)
    one.startTrace()
  })
  assert.ok(lines.length > 0)
  assert.ok(!JSON.stringify([lines, client.getTraceLog()]).includes('s3cret'))
})

test('the log has what the callback has, from startTrace to stopTrace', async () => {
  const host = new Host()
  const client = await host.connected()
  const lines = []
  client.trace = ({ message }) => lines.push(message)
  client.send('before', 'x')
  assert.equal(client.getTraceLog(), undefined)
  client.startTrace()
  assert.deepEqual(client.getTraceLog(), [])
  client.send('one', 'x')
  client.startTrace()
  client.send('two', 'x')
  const log = client.getTraceLog()
  assert.deepEqual(log, lines.slice(-2))
  client.stopTrace()
  assert.equal(client.getTraceLog(), undefined)
  client.startTrace()
  assert.deepEqual(client.getTraceLog(), [])
  assert.equal(log.length, 2)
})

test('the log keeps the last hundred lines', async () => {
  const host = new Host()
  const client = await host.connected()
  client.startTrace()
  for (let n = 0; n < 150; n++) client.send(`topic${n}`, 'x')
  const log = client.getTraceLog()
  assert.equal(log.length, 100)
  assert.match(log[0], /topic50\b/)
  assert.match(log[99], /topic149\b/)
})

test('an exception in trace is reported and stops nothing', async () => {
  const { host } = await busy((client) => {
    client.trace = () => {
      throw new Error('mine')
    }
  })
  assert.ok(host.reported.length > 0)
  assert.equal(host.reported[0].message, 'mine')
  assert.equal(host.socket.take().at(-1), 'e000')
})

test('errors have the codes and texts of Paho', () => {
  /** @type {[number, string][]} */
  const table = [
    [0, 'AMQJSC0000I OK.'],
    [1, 'AMQJSC0001E Connect timed out.'],
    [2, 'AMQJS0002E Subscribe timed out.'],
    [3, 'AMQJS0003E Unsubscribe timed out.'],
    [4, 'AMQJS0004E Ping timed out.'],
    [5, 'AMQJS0005E Internal error. Error Message: A, Stack trace: B'],
    [6, 'AMQJS0006E Bad Connack return code:A B.'],
    [7, 'AMQJS0007E Socket error:A.'],
    [8, 'AMQJS0008I Socket closed.'],
    [9, 'AMQJS0009E Malformed UTF data:A B C.'],
    [10, 'AMQJS0010E A is not supported by this browser.'],
    [11, 'AMQJS0011E Invalid state A.'],
    [12, 'AMQJS0012E Invalid type A for B.'],
    [13, 'AMQJS0013E Invalid argument A for B.'],
    [14, 'AMQJS0014E Unsupported operation.'],
    [16, 'AMQJS0016E Invalid MQTT message type A.'],
    [17, 'AMQJS0017E Malformed Unicode string:A B.'],
    [18, 'AMQJS0018E Message buffer is full, maximum buffer size: A.'],
  ]
  for (const [code, text] of table) assert.equal(errorText(code, ['A', 'B', 'C']), text)
})
