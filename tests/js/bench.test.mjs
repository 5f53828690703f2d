// The benchmark works: every client does every work once with small numbers, and each work compares what the program was
// told with what the server sent, or the server's counts with what was published. How fast, is no matter here. The crate
// mqtt5-wasm takes part where `npm run bench` has built it: that takes minutes.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { clients } from '../../bench/clients/index.mjs'
import { Connection } from '../../bench/connection.mjs'
import { startChromium } from '../../bench/hosts/chromium.mjs'
import { startNode } from '../../bench/hosts/node.mjs'
import { publish } from '../../bench/packets.mjs'
import { chart, table } from '../../bench/report.mjs'
import { startServer } from '../../bench/server-process.mjs'
import { verdicts } from '../../bench/targets.mjs'
import { takesPart, works } from '../../bench/work/index.mjs'
import { root } from '../../scripts/tools.mjs'

const present = clients.filter(({ needs }) => !needs || existsSync(join(root, needs)))

for (const [name, start] of /** @type {[string, any][]} */ ([['Node', startNode], ['Chromium', startChromium]])) {
  describe(`in ${name}`, () => {
    let server
    let host
    before(async () => {
      server = await startServer()
      host = await start({ url: server.url, effort: 'test' })
    })
    after(async () => {
      await host?.close()
      await server?.close()
    })
    for (const client of present) {
      test(`${client.label} does each of its works, and no message is missing`, async () => {
        const names = works.filter((work) => takesPart(work, client, host.kind) === 'yes').map((work) => work.name)
        assert.ok(names.length > 0)
        const results = await host.perform(client.name, '', names)
        assert.deepEqual(Object.keys(results), names)
        for (const [work, { value, messages, error }] of Object.entries(results)) {
          assert.equal(error, undefined, `${work}: ${error}`)
          assert.ok(Number.isFinite(value) && messages > 0, `${work}: ${value} with ${messages} messages`)
        }
      })
    }
  })
}

/** A client's WebSocket frame, masked. @param {Uint8Array} payload */
function masked(payload) {
  const mask = [1, 2, 3, 250]
  const head = payload.length < 126 ? [0x82, 128 | payload.length] : [0x82, 254, payload.length >> 8, payload.length & 255]
  return Buffer.from([...head, ...mask, ...payload.map((byte, n) => byte ^ mask[n & 3])])
}

/** What the server's side counts and answers when bytes come in pieces of one size. @param {Buffer} bytes @param {number} size */
function served(bytes, size) {
  /** @type {any} */
  const socket = new EventEmitter()
  const written = []
  Object.assign(socket, { setNoDelay() {}, end() {}, destroy() {}, write: (data) => written.push(Buffer.from(data)) })
  const connection = new Connection(socket, () => {})
  for (let at = 0; at < bytes.length; at += size) socket.emit('data', bytes.subarray(at, at + size))
  // Answers without the heads of their frames, which depend on the pieces.
  const answers = written.map((data) => data.subarray(data[1] === 126 ? 4 : 2))
  return { counts: connection.counts, answers: Buffer.concat(answers).toString('hex') }
}

test('the server counts and answers the same, however frames and packets are cut', () => {
  const payload = new Uint8Array(200).fill(7)
  const packets = [0, 1, 2].map((qos) => publish(4, 'a/b', payload, qos, 258 + qos))
  const acks = [Uint8Array.of(0x50, 2, 0, 9), Uint8Array.of(0x62, 2, 0, 10), Uint8Array.of(0x40, 2, 0, 11), Uint8Array.of(0xc0, 0)]
  const stream = Buffer.concat([...packets, ...acks, ...packets])
  for (const frame of [1, 2, 3, 5, 64, 250, stream.length]) {
    const frames = []
    for (let at = 0; at < stream.length; at += frame) frames.push(masked(stream.subarray(at, at + frame)))
    for (const size of [1, 3, 100, 65536]) {
      const { counts, answers } = served(Buffer.concat(frames), size)
      const { published, acknowledged, payload: bytes } = counts
      assert.deepEqual({ published, acknowledged, bytes }, { published: 6, acknowledged: 1, bytes: 2 * (3 * 205 + 4) }, `${frame}, ${size}`)
      assert.equal(answers, '4002010350020104620200097002000ad0004002010350020104', `${frame}, ${size}`)
    }
  }
})

test('a figure that is missing is neither reached nor missed', () => {
  const figures = { 'wasmqtt-4': 80, 'wasmqtt-5': 70, bare: 100, 'mqtt-4': 11, 'mqtt-5': 9 }
  const found = verdicts((work, client) => (work === 'receive-0' ? figures[client] : undefined))
  const of = (title) => found.find((one) => one.title === `receive QoS 0, 50 a frame, to ${title}`)
  assert.equal(of('the bare socket')?.found, 0.7)
  assert.equal(of('the bare socket')?.reached, false)
  assert.equal(of('MQTT.js')?.reached, true)
  assert.equal(of('Paho')?.reached, undefined)
})

test('the report has medians and spread, says why a client has no figure, and what failed', () => {
  const series = [
    { host: 'node', client: 'bare', work: 'receive-0', values: [90, 100, 150], busy: [], errors: [] },
    { host: 'node', client: 'wasmqtt-4', work: 'receive-0', values: [], busy: [], errors: ['it <broke>'] },
    { host: 'node', client: 'u8-mqtt', work: 'receive-0', values: [], busy: [], errors: [], reason: 'it has none' },
  ]
  const results = { machine: 'm', versions: {}, command: 'c', rounds: 3, at: '', series, sizes: [], missing: ['x: y'] }
  const text = table(results)
  assert.match(text, /bare socket +100 +± 50 %/)
  assert.match(text, /wasmqtt 3\.1\.1 +– +failed: it <broke>/)
  assert.match(text, /u8-mqtt 5 +– +it has none/)
  assert.match(text, /Not measured:\n {2}x: y/)
  assert.match(chart(results, text), /failed: it &#60;broke&#62;/)
})
