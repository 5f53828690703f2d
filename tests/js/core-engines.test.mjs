// The shared code runs in old engines without a browser: nothing of the library after ES2017, nothing of any host, and
// nothing looked up when it loads. It is bundled as it ships and run in a context that has only what ES2017 had.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createContext, runInContext } from 'node:vm'
import { buildSync } from 'esbuild'
import { root } from '../../scripts/tools.mjs'
import { hex, string } from './host.mjs'

/** The library of ES2018 to ES2026 that a context of Node has, by the object it stands on. */
const later = {
  Object: ['fromEntries', 'hasOwn', 'groupBy'],
  Promise: ['allSettled', 'any', 'try', 'withResolvers'],
  Array: ['fromAsync'],
  'Promise.prototype': ['finally'],
  'Array.prototype': [
    'flat',
    'flatMap',
    'at',
    'findLast',
    'findLastIndex',
    'toSorted',
    'toReversed',
    'toSpliced',
    'with',
  ],
  'Object.getPrototypeOf(Uint8Array.prototype)': ['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'with'],
  'ArrayBuffer.prototype': ['transfer', 'resize', 'resizable', 'detached', 'transferToFixedLength'],
  'String.prototype': ['matchAll', 'replaceAll', 'trimStart', 'trimEnd', 'at', 'isWellFormed', 'toWellFormed'],
  Symbol: ['asyncIterator'],
  Error: ['captureStackTrace'],
  globalThis: [
    'BigInt',
    'BigInt64Array',
    'WeakRef',
    'FinalizationRegistry',
    'AggregateError',
    'SharedArrayBuffer',
    'Atomics',
    'console',
  ],
}

/** A context as an old engine without a host would be, and what of `exports` the bundle of `file` puts there. */
function load(contents, context = {}) {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: join(root, 'js'), sourcefile: 'entry.js' },
    ...{ bundle: true, write: false, format: 'iife', globalName: 'exported', target: 'es2017', logLevel: 'silent' },
    external: ['ws', 'node:*'],
  })
  createContext(context)
  for (const [owner, names] of Object.entries(later)) {
    runInContext(
      `for (const name of ${JSON.stringify(names)}) delete (${owner})[name]; Error.stackTraceLimit = 10`,
      context,
    )
  }
  runInContext('delete globalThis.globalThis', context)
  runInContext(outputFiles[0].text, context)
  return context
}

test('the shared code works through a whole connection in such an engine', async () => {
  const context = load("export { clientFor } from './api.js'", {
    bytes: new Uint8Array(readFileSync(join(root, 'pkg/wasmqtt.wasm'))),
  })
  const got = []
  const sent = []
  const problems = []
  let handlers
  Object.assign(context, {
    platform: {
      loadCore: () =>
        runInContext('Promise.resolve(new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports)', context),
      openSocket: (_url, _protocols, given) => {
        handlers = given
        return { send: (data) => sent.push(Buffer.from(data).toString('hex')), close: () => {}, bufferedAmount: 0 }
      },
      now: () => 0,
      setTimer: () => 0,
      clearTimer: () => {},
      watch: () => () => {},
      defer: (run) => queueMicrotask(run),
      report: (error) => problems.push(error),
    },
    got,
    problems,
  })
  const receive = (digits) => {
    context.digits = [...hex(digits)]
    handlers.onMessage(runInContext('Uint8Array.from(digits).buffer', context))
  }
  const turn = () => new Promise(setImmediate)
  runInContext(
    `var { Client, Message } = exported.clientFor(platform)
     var client = new Client('ws://server/mqtt', 'me')
     var will = new Message('gone')
     will.destinationName = 'will'
     client.onMessageArrived = (message) => got.push(message.topic, message.payloadString, JSON.stringify(message.properties))
     client.onConnectionLost = ({ errorCode, errorMessage, reasonName }) => got.push(errorCode, errorMessage, reasonName)
     client.startTrace()
     client.connect({ mqttVersion: 5, willMessage: will, userName: 'u', password: 'p', properties: { userProperties: { a: ['1', '2'] } } })`,
    context,
  )
  await turn()
  handlers.onOpen()
  receive('2003000000')
  runInContext(
    `client.subscribe(['a', { filter: '中/#', qos: 1 }], { onMessage: (message) => got.push(message.qos) }).then(
       (answer) => got.push(answer.grantedQos.length), (error) => problems.push(error))
     client.publish('a', '😀', { qos: 1, properties: { correlationData: 'x' } }).then((reason) => got.push(reason.reasonName))
     client.unsubscribe('b').catch((error) => got.push(error.reasonName))`,
    context,
  )
  await turn()
  receive(`9005000100 0001 4003 0002 10 b0040003 00 87 320a ${string('中/a')} 0007 00`)
  await turn()
  receive('e0018b')
  await turn()
  assert.deepEqual(problems, [])
  assert.equal(sent.length, 3)
  assert.deepEqual(got, [
    ...[1, '中/a', '', '{}'],
    ...[2, 'No matching subscribers', 'Not authorized'],
    ...[21, 'The server ended the connection; see the reason code. Server shutting down.', 'Server shutting down'],
  ])
})

test('the platform of the web touches no global when it loads', () => {
  const context = load(
    "export { webPlatform } from './platform/web.js'; export { Client, Message, connect } from './index.js'",
  )
  assert.equal(
    runInContext('typeof exported.webPlatform + typeof exported.Client + typeof exported.connect', context),
    'functionfunctionfunction',
  )
  assert.equal(runInContext("new exported.Client('ws://server/mqtt', 'me').isConnected()", context), false)
})

test('the list of what is taken away is alive: an engine without it fails code that needs it', () => {
  assert.throws(() => load('export const x = Object.fromEntries([])'), /fromEntries is not a function/)
  assert.throws(() => load('export const x = [1].flatMap((n) => n)'), /flatMap is not a function/)
  assert.throws(() => load('export const x = new TextEncoder()'), /TextEncoder is not defined/)
})
