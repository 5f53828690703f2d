// Each fault of the proxy proven on a plain TCP server that sends back what it gets: bytes by hand, no MQTT, no client.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Socket, connect, createServer } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { until } from './counter.mjs'
import { Line, startProxy } from './proxy.mjs'
import { noise } from './scenarios.mjs'

/** What the echo server got, connection by connection. @type {Peer[]} */
let echoes
/** Whether it answers: writing to a line that was cut would cost it what it has not read yet. */
let answering
let server
let proxy

/** One end of a connection, with all that came to it and how it ended. */
class Peer {
  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket
    /** @type {Buffer[]} */ this.chunks = []
    /** @type {string | null} */ this.end = null
    socket.on('data', (chunk) => this.chunks.push(chunk))
    socket.on('end', () => (this.end ??= 'FIN'))
    socket.on('error', (/** @type {any} */ error) => (this.end ??= error.code))
  }

  get bytes() {
    return Buffer.concat(this.chunks)
  }

  /** @param {number} count */
  async got(count) {
    await until(() => this.bytes.length >= count, `${count} bytes (${this.bytes.length} came)`)
  }

  async ended() {
    await until(() => this.end, 'the end')
    return this.end
  }
}

beforeEach(async () => {
  echoes = []
  answering = true
  server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    echoes.push(new Peer(socket))
    if (answering) socket.pipe(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterEach(async () => {
  await proxy?.close()
  proxy = null
  for (const { socket } of echoes) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

/** The proxy with its faults, for the first connection alone when they are an object. */
async function through(faults = {}) {
  const plan = typeof faults === 'function' ? faults : (n) => [faults][n]
  proxy = await startProxy(server.address().port, { plan })
}

/** A connection to the proxy; whether it stands is for its peer to say. */
async function dial() {
  const peer = new Peer(connect({ port: proxy.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }))
  await until(() => peer.end || !peer.socket.connecting, 'the connection')
  return peer
}

/** The server's end of the n-th connection that reached it. */
async function echo(n) {
  await until(() => echoes[n], `connection ${n} at the server`)
  return echoes[n]
}

/** A connection that works: what is said comes back. */
async function alive(peer, text = 'alive') {
  const before = peer.bytes.length
  peer.socket.write(text)
  await peer.got(before + text.length)
  assert.equal(peer.bytes.subarray(before).toString(), text)
}

/** Proves that nothing comes to a peer by what a healthy connection does meanwhile: it goes round ten times. */
async function hearsNothing(peer) {
  const before = peer.bytes.length
  const witness = new Peer(connect(server.address().port, '127.0.0.1'))
  for (let round = 0; round < 10; round++) await alive(witness)
  witness.socket.destroy()
  assert.equal(peer.bytes.length, before)
  assert.equal(peer.end, null)
}

test('without faults every byte and both ends pass', async () => {
  await through()
  const peer = await dial()
  const sent = Buffer.from(noise(3 << 20))
  peer.socket.end(sent)
  assert.equal(await peer.ended(), 'FIN')
  assert.ok(peer.bytes.equals(sent))
  assert.equal(await echoes[0].ended(), 'FIN')
  await until(() => !proxy.lines[0].open, 'the end of the line')
})

test('without faults a broken end passes too', async () => {
  await through()
  const peer = await dial()
  await alive(peer)
  echoes[0].socket.resetAndDestroy()
  assert.ok(await peer.ended())
})

for (const way of ['up', 'down']) {
  for (const bytes of [1, 2, 7, 1000, 65_536, 200_001]) {
    test(`a cut at byte ${bytes} of the way ${way} lets exactly those bytes through`, async () => {
      await through({ cut: { [way]: bytes } })
      answering = way === 'down'
      const peer = await dial()
      const sent = Buffer.from(noise(300_000))
      peer.socket.write(sent)
      assert.ok(await peer.ended())
      const other = await echo(0)
      assert.ok(await other.ended())
      const arrived = way === 'up' ? other.bytes : peer.bytes
      assert.equal(arrived.length, bytes)
      assert.ok(arrived.equals(sent.subarray(0, bytes)))
      assert.equal(proxy.lines[0][way], bytes)
      answering = true
      await alive(await dial())
    })
  }
}

test('a cut finds its byte in any split', async () => {
  await through({ cut: { up: 10 } })
  const peer = await dial()
  for (const part of ['abc', 'defg', 'hi']) await alive(peer, part)
  peer.socket.write('jkl')
  await peer.ended()
  assert.equal(echoes[0].bytes.toString(), 'abcdefghij')
})

test('a point may count from the end of the WebSocket upgrade', async () => {
  const head = 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'
  for (const way of ['up', 'down']) {
    for (const bytes of [0, 3]) {
      await through({ cut: { [way]: bytes, after: 'upgrade' } })
      const peer = await dial()
      // The end of the head in two pieces.
      await alive(peer, head.slice(0, -2))
      peer.socket.write(`${head.slice(-2)}\r\n\r\nabc`)
      await peer.ended()
      await echoes.at(-1).ended()
      const arrived = way === 'up' ? echoes.at(-1).bytes : peer.bytes
      assert.equal(arrived.toString(), `${head}\r\n\r\nabc`.slice(0, head.length + bytes))
      await proxy.close()
    }
  }
})

test('a reset at the handshake is one, and the broker hears nothing of it', async () => {
  await through({ reset: { up: 0 } })
  const peer = await dial()
  assert.equal(await peer.ended(), 'ECONNRESET')
  await alive(await dial())
  assert.equal(echoes.length, 1)
})

test('a reset at a byte reaches both sides after that byte', async () => {
  await through({ reset: { down: 4 } })
  const peer = await dial()
  peer.socket.write('abcdef')
  // Node reports data and RST that come together as data and an end, so that only the server is sure to see it.
  assert.ok(await peer.ended())
  assert.equal(peer.bytes.toString(), 'abcd')
  assert.equal(await echoes[0].ended(), 'ECONNRESET')
})

test('a planned stall holds all for its time and loses nothing', async () => {
  await through({ stall: [{ up: 1000, ms: 100 }, { down: 150_000, ms: 100 }] })
  const peer = await dial()
  const sent = Buffer.from(noise(1 << 20))
  const started = performance.now()
  peer.socket.end(sent)
  assert.equal(await peer.ended(), 'FIN')
  assert.ok(peer.bytes.equals(sent))
  assert.ok(performance.now() - started >= 190)
})

test('a live stall holds bytes and the end until the line flows again', async () => {
  await through()
  const peer = await dial()
  await alive(peer)
  proxy.stall()
  peer.socket.end('held')
  await hearsNothing(peer)
  assert.equal(echoes[0].bytes.toString(), 'alive')
  assert.equal(echoes[0].end, null)
  proxy.flow()
  assert.equal(await peer.ended(), 'FIN')
  assert.equal(peer.bytes.toString(), 'aliveheld')
})

test('a broken end waits for the end of a stall', async () => {
  await through()
  const peer = await dial()
  await alive(peer)
  proxy.stall()
  peer.socket.resetAndDestroy()
  await hearsNothing(echoes[0])
  proxy.flow()
  assert.ok(await echoes[0].ended())
})

test('a frozen line passes nothing on, not even an end, and stays up', async () => {
  await through({ freeze: { up: 5 } })
  const peer = await dial()
  peer.socket.write('hello world')
  const other = await echo(0)
  await other.got(5)
  other.socket.write('more')
  await hearsNothing(other)
  assert.equal(other.bytes.toString(), 'hello')
  peer.socket.destroy()
  await hearsNothing(other)
  assert.ok(proxy.lines[0].open)
  proxy.flow()
  await hearsNothing(other)
})

test('a slow line takes its time, in small pieces, both ways', async () => {
  await through({ slow: 20_000 })
  const peer = await dial()
  const other = await echo(0)
  const sent = Buffer.from(noise(6000))
  const started = performance.now()
  peer.socket.write(sent)
  await other.got(6000)
  const up = performance.now() - started
  await peer.got(6000)
  assert.ok(peer.bytes.equals(sent))
  // 6,000 bytes at 20,000 a second are 300 ms, less the last piece and the grain of timers.
  assert.ok(up >= 250, `up took ${up} ms`)
  assert.ok(Math.max(...other.chunks.map((chunk) => chunk.length)) < 2000)
  proxy.slow(0)
  // At the old rate this would take 100 seconds, longer than got() waits.
  const fast = Buffer.from(noise(2 << 20))
  peer.socket.write(fast)
  await peer.got(sent.length + fast.length)
})

test('connections are refused while nobody listens, and live ones go on', async () => {
  await through()
  const old = await dial()
  await alive(old)
  proxy.refuse()
  proxy.refuse()
  for (let again = 0; again < 3; again++) assert.equal(await (await dial()).ended(), 'ECONNREFUSED')
  await alive(old)
  assert.equal(proxy.lines.length, 1)
  await proxy.back()
  await alive(await dial())
  await alive(old)
})

test('away, old lines and new ones hear nothing; back, only newer ones do', async () => {
  await through()
  const old = await dial()
  await alive(old)
  proxy.away()
  const hung = await dial()
  for (const peer of [old, hung]) peer.socket.write('anyone?')
  await hearsNothing(old)
  await hearsNothing(hung)
  assert.equal(echoes[0].bytes.toString(), 'alive')
  await proxy.back()
  await alive(await dial())
  for (const peer of [old, hung]) await hearsNothing(peer)
  // The old one and the new one: of the one between, the broker has heard nothing, and there were witnesses.
  const said = echoes.map(({ bytes }) => bytes.toString())
  assert.ok(!said.some((text) => text.includes('anyone?')))
})

test('live verbs strike all live lines, and one alone by its own', async () => {
  await through()
  const peers = [await dial(), await dial(), await dial()]
  for (const peer of peers) await alive(peer)
  proxy.lines[1].cut()
  assert.ok(await peers[1].ended())
  await alive(peers[0])
  proxy.lines[0].reset()
  assert.equal(await peers[0].ended(), 'ECONNRESET')
  await alive(peers[2])
  const last = await dial()
  await alive(last)
  proxy.cut()
  assert.ok(await peers[2].ended())
  assert.ok(await last.ended())
})

test('connections are counted with their times and bytes', async () => {
  const asked = []
  await through((n) => void asked.push(n))
  const before = performance.now()
  const first = await dial()
  await alive(first, '12345')
  echoes[0].socket.write('more')
  await first.got(9)
  const between = performance.now()
  await alive(await dial(), 'x')
  const [a, b] = proxy.lines
  assert.deepEqual([a.up, a.down, b.up, b.down], [5, 9, 1, 1])
  assert.ok(before <= a.at && a.at <= between && between <= b.at && b.at <= performance.now())
  assert.deepEqual(asked, [0, 1])
  proxy.plan = () => ({ reset: { down: 0 } })
  assert.equal(await (await dial()).ended(), 'ECONNRESET')
  assert.equal(proxy.lines.length, 3)
})

test('a misspelt plan is an error', () => {
  assert.throws(() => new Line(new Socket(), 1, { cutt: { up: 1 } }), /no fault is named cutt/)
  assert.throws(() => new Line(new Socket(), 1, { cut: { upp: 1 } }), /cut has neither up nor down/)
})

test('closing ends every line, with no timer left', async () => {
  await through((n) => [{ stall: { up: 20, ms: 600_000 } }, { slow: 1 }][n])
  const [stalled, slow, away] = [await dial(), await dial(), await dial()]
  for (const peer of [stalled, slow]) peer.socket.write('x'.repeat(100))
  await alive(away)
  await until(() => proxy.lines[0].held && proxy.lines[1].up > 0, 'the faults')
  proxy.away()
  await dial()
  await proxy.close()
  for (const peer of [stalled, slow, away]) assert.ok(await peer.ended())
  assert.ok(proxy.lines.every((line) => !line.open))
  assert.equal(await (await dial()).ended(), 'ECONNREFUSED')
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
    [],
  )
})
