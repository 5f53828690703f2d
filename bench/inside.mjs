// What a message costs inside the client, between the socket's event and the program's function: the WebSocket is a
// stand-in, and no network, host or server is in the figures. It is how a change of ours is judged; it compares nobody with us.
//
//   node bench/inside.mjs [file, pkg/index.mjs] [work, all of them]
//
// With `--cpu-prof` before it, Node writes the profile.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../scripts/tools.mjs'
import { connack, join, payloadOf, publish, topicOf } from './packets.mjs'

const [file = `${root}/pkg/index.mjs`, only = ''] = process.argv.slice(2)
const REPEATS = 7

/** The one socket there is. @type {StandIn} */
let socket

class StandIn {
  constructor() {
    socket = this
    this.readyState = 0
    this.bufferedAmount = 0
    /** @type {Record<string, Function>} */
    this.handlers = {}
    setTimeout(() => this.fire('open', {}))
  }
  /** @param {string} kind @param {object} event */
  fire(kind, event) {
    const handler = /** @type {any} */ (this)[`on${kind}`]
    if (handler) handler(event)
  }
  /** @param {ArrayBuffer} data a server's side: CONNACK, and an acknowledgement for whatever wants one */
  send(data) {
    const bytes = new Uint8Array(data)
    if (bytes[0] >> 4 === 1) return void setTimeout(() => this.fire('message', { data: connack(4).buffer }))
    const answers = acknowledgements(bytes)
    if (answers.length > 0) queueMicrotask(() => this.fire('message', { data: Uint8Array.from(answers).buffer }))
  }
  close() {
    this.readyState = 3
    setTimeout(() => this.fire('close', { code: 1000, reason: '' }))
  }
}

/** @param {Uint8Array} bytes */
function acknowledgements(bytes) {
  const answers = []
  for (let at = 0; at < bytes.length; ) {
    const [type, qos] = [bytes[at] >> 4, (bytes[at] >> 1) & 3]
    let [length, shift] = [0, 0]
    do length |= (bytes[++at] & 127) << shift
    while (((shift += 7), bytes[at] & 128))
    at++
    const id = type === 3 ? at + 2 + (bytes[at] << 8) + bytes[at + 1] : at
    if (type === 3 && qos > 0) answers.push(qos === 1 ? 0x40 : 0x50, 2, bytes[id], bytes[id + 1])
    if (type === 6) answers.push(0x70, 2, bytes[id], bytes[id + 1])
    at += length
  }
  return answers
}

const payload = payloadOf(64)
const text = new TextDecoder().decode(payload)
const topic = topicOf(0, 1)
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** @param {number} perFrame @param {number} topics @param {number} [qos] */
const frames = (perFrame, topics, qos = 0) =>
  Array.from({ length: 1000 }, (_, n) =>
    join(Array.from({ length: perFrame }, (_, at) => publish(4, topicOf(n * perFrame + at, topics), payload, qos, at + 1))).buffer)

/** @param {number} size */
function split(size) {
  const packet = publish(4, topic, new Uint8Array(size))
  const count = Math.ceil(packet.length / 1400)
  return Array.from({ length: count }, (_, n) => packet.slice(n * 1400, (n + 1) * 1400).buffer)
}

/** @param {ArrayBuffer[]} all @param {number} times */
async function receive(all, times) {
  for (let n = 0; n < times; n++) {
    for (const data of all) socket.fire('message', { data })
    await turn()
  }
}

/** @param {any} client @param {number} qos @param {number} perTurn @param {number} count */
async function send(client, qos, perTurn, count) {
  for (let n = 0; n < count; n += perTurn) {
    for (let at = 0; at < perTurn; at++) client.send(topic, text, qos)
    await turn()
  }
  while (client.pending > 0) await turn()
}

/** @typedef {(client: any) => { messages: number, run(): Promise<void> }} Work */
/** @type {Record<string, Work>} */
const works = {
  'receive QoS 0, 50 a frame': () => ({ messages: 200_000, run: receive.bind(null, frames(50, 1), 4) }),
  'receive QoS 0, 50 a frame, 1,000 topics': () => ({ messages: 200_000, run: receive.bind(null, frames(50, 1000), 4) }),
  'receive QoS 1, 50 a frame': () => ({ messages: 200_000, run: receive.bind(null, frames(50, 1, 1), 4) }),
  'receive QoS 0, one a frame': () => ({ messages: 100_000, run: receive.bind(null, frames(1, 1), 100) }),
  'receive 1 MiB in 1,400-byte frames': () => ({ messages: 50, run: receive.bind(null, split(2 ** 20), 50) }),
  'publish QoS 0, 100 a turn': (client) => ({ messages: 200_000, run: send.bind(null, client, 0, 100, 200_000) }),
  'publish QoS 1, 100 a turn': (client) => ({ messages: 100_000, run: send.bind(null, client, 1, 100, 100_000) }),
  'publish QoS 1, 50,000 a turn': (client) => ({ messages: 100_000, run: send.bind(null, client, 1, 50_000, 100_000) }),
  'publish QoS 2, 100 a turn': (client) => ({ messages: 100_000, run: send.bind(null, client, 2, 100, 100_000) }),
}

const { Client } = await import(pathToFileURL(resolve(file)).href)
Object.assign(globalThis, { WebSocket: StandIn })
for (const [title, work] of Object.entries(works)) {
  if (!title.startsWith(only)) continue
  const client = new Client('ws://127.0.0.1:1/', 'inside')
  await client.connect({ mqttVersion: 4 })
  let read = 0
  client.onMessageArrived = (/** @type {any} */ message) => (read += message.destinationName.length + message.payloadBytes.length)
  if (!title.startsWith('publish QoS 0')) client.onMessageDelivered = () => read++
  const { messages, run } = work(client)
  await run()
  const nanoseconds = []
  for (let n = 0; n < REPEATS; n++) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    nanoseconds.push(((user + system) * 1000) / messages)
  }
  nanoseconds.sort((a, b) => a - b)
  await client.disconnect()
  const [least, middle] = [nanoseconds[0], nanoseconds[REPEATS >> 1]].map((one) => one.toFixed(0).padStart(9))
  console.log(`${title.padEnd(42)} ${least} ns a message at least, ${middle} in the middle`)
}
