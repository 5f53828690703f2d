// The two streams in front of aedes do what they are there for: one joins a packet into one WebSocket message, the
// other takes it apart. Bytes by hand: no client of ours takes part.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { joiningStream, naiveStream, startBroker } from '../../scripts/broker.mjs'

const connect = Buffer.from('100d00044d51545404020000000161', 'hex')
const pingReq = Buffer.from('c000', 'hex')

/** The messages that come until `bytes` bytes have come. Several may come at once, so that it listens throughout. */
function receive(socket, bytes) {
  const messages = []
  let total = 0
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      messages.push(data.toString('hex'))
      total += data.length
      if (total < bytes) return
      socket.removeAllListeners('message')
      resolve(messages)
    })
  })
}

async function open(broker) {
  const socket = new WebSocket(broker.url, ['mqtt'])
  await once(socket, 'open')
  return socket
}

test('the joining stream sends CONNACK as one message, and answers of one turn as one', async () => {
  const broker = await startBroker({ stream: joiningStream })
  try {
    const socket = await open(broker)
    assert.equal(socket.protocol, 'mqtt')
    socket.send(connect)
    assert.deepEqual(await receive(socket, 4), ['20020000'])
    socket.send(Buffer.concat([pingReq, pingReq, pingReq]))
    assert.deepEqual(await receive(socket, 6), ['d000d000d000'])
    socket.close()
  } finally {
    await broker.close()
  }
})

test('the naive stream sends single bytes', async () => {
  const broker = await startBroker({ stream: naiveStream })
  try {
    const socket = await open(broker)
    const received = receive(socket, 4)
    socket.send(connect)
    const messages = await received
    assert.equal(messages.join(''), '20020000')
    assert.ok(
      messages.some((one) => one.length === 2),
      JSON.stringify(messages),
    )
    socket.close()
  } finally {
    await broker.close()
  }
})

test('the joining stream loses no last word', async () => {
  const broker = await startBroker({
    stream: joiningStream,
    options: {
      authenticate: (_client, _user, _password, done) => done(Object.assign(new Error('no'), { returnCode: 5 }), false),
    },
  })
  try {
    const socket = await open(broker)
    const closed = once(socket, 'close')
    const received = receive(socket, 4)
    socket.send(connect)
    assert.deepEqual(await received, ['20020005'])
    await closed
  } finally {
    await broker.close()
  }
})

test('a text message is refused', async () => {
  const broker = await startBroker({ stream: joiningStream })
  try {
    const socket = await open(broker)
    socket.send('not MQTT')
    const [code] = await once(socket, 'close')
    assert.equal(code, 1003)
  } finally {
    await broker.close()
  }
})

test('a taken port gives way to a free one', async () => {
  const first = await startBroker()
  const second = await startBroker({ port: first.port })
  assert.notEqual(second.port, first.port)
  await Promise.all([first.close(), second.close()])
})
