// The types say what the code does: names of options, properties and members are the same in js/*.d.ts and at run
// time, and every method has an example.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import ts from 'typescript'
import { CALLBACKS } from '../../js/client.js'
import { MqttError } from '../../js/errors.js'
import { IndexedDBStore, MemoryStore } from '../../js/index.js'
import { decodeProperties, encodeProperties } from '../../js/properties.js'
import { root } from '../../scripts/tools.mjs'
import { Host } from './host.mjs'

const text = ['types', 'index', 'miniprogram'].map((name) => readFileSync(join(root, `js/${name}.d.ts`), 'utf8')).join('\n')
const source = ts.createSourceFile('all.d.ts', text, ts.ScriptTarget.Latest, true)

/** The declaration of a class or interface. */
const declaration = (name) => source.statements.find((one) => one.name?.text === name)

/** Names of its members, with those of the interface that it picks from. */
function members(name) {
  const found = declaration(name)
  const picked = (found.heritageClauses ?? []).flatMap((clause) => clause.getText(source).match(/'\w+'/g) ?? [])
  const own = found.members.map((member) => member.name?.getText(source)).filter(Boolean)
  return [...new Set([...own, ...picked.map((quoted) => quoted.slice(1, -1))])].sort()
}

/** What the face says it takes, when it is given something else. */
function taken(call) {
  try {
    call()
  } catch (error) {
    return error.message
      .replace(/^.*Valid properties are: /, '')
      .split(' ')
      .sort()
  }
  assert.fail('it took an option that there is not')
}

const client = await new Host().connected({ mqttVersion: 5 })
const connecting = (options) => new new Host().Client('ws://server/mqtt', 'me').connect(options)
const wrong = { nonsense: 1 }

describe('the options are those that are taken:', () => {
  for (const [name, call] of Object.entries({
    ConnectOptions: () => connecting(wrong),
    ReconnectOptions: () => connecting({ reconnect: wrong }),
    OfflineOptions: () => connecting({ offline: wrong }),
    SubscribeOptions: () => client.subscribe('a', wrong),
    UnsubscribeOptions: () => client.unsubscribe('a', wrong),
    PublishOptions: () => client.publish('a', 'b', wrong),
    Filter: () => client.subscribe([wrong]),
  })) {
    test(name, () => assert.deepEqual(members(name), taken(call)))
  }
})

test('connect() takes the callbacks that a client has', () => {
  const own = members('Client').filter((name) => /^on[A-Z]/.test(name))
  assert.deepEqual(own, [...CALLBACKS].sort())
  assert.deepEqual(members('ClientOptions'), ['clientId', ...own])
})

test('the properties are those that are written', () => {
  for (const name of new Set([...members('Properties'), ...members('ReceivedProperties')])) {
    assert.throws(() => encodeProperties({ [name]: Symbol('of no type') }), {
      message: new RegExp(`properties\\.${name}`),
    })
  }
})

test('the properties are those that are read', () => {
  const lengths = { byte: '00', two: '0000', four: '00000000' }
  const read = new Set()
  for (let id = 1; id <= 0x2a; id++) {
    for (const value of Object.values(lengths)) {
      try {
        for (const name of Object.keys(decodeProperties(Uint8Array.from([id, ...Buffer.from(value, 'hex')]))))
          read.add(name)
      } catch {
        // An identifier that MQTT does not have, or another length.
      }
    }
  }
  // These three are for CONNECT and the will alone: no server sends them.
  const sent = ['requestProblemInformation', 'requestResponseInformation', 'willDelayInterval']
  assert.deepEqual([...read].filter((name) => !sent.includes(name)).sort(), members('ReceivedProperties'))
})

for (const [name, instance] of [
  ['Client', client],
  ['Message', new new Host().Message('')],
  ['MqttError', new MqttError(0)],
  ['IndexedDBStore', new IndexedDBStore()],
  ['MemoryStore', new MemoryStore()],
]) {
  test(`${name} has each member that it is said to have`, () => {
    const optional = declaration(name)
      .members.filter((one) => one.questionToken)
      .map((one) => one.name.text)
    for (const member of members(name)) assert.ok(optional.includes(member) || member in instance, member)
  })
}

test('a store that is exported does what a store must', () => {
  const must = declaration('Store')
    .members.filter((one) => !one.questionToken)
    .map((one) => one.name.text)
  for (const name of ['IndexedDBStore', 'MemoryStore']) {
    assert.deepEqual(
      must.filter((method) => !members(name).includes(method)),
      [],
    )
  }
})

test('each method has an example', () => {
  for (const name of ['Client', 'Message']) {
    const without = new Map()
    for (const member of declaration(name).members) {
      if (!ts.isMethodDeclaration(member)) continue
      const has = text.slice(member.pos, member.getStart(source)).includes('@example')
      without.set(member.name.getText(source), has || (without.get(member.name.getText(source)) ?? false))
    }
    assert.deepEqual(
      [...without].filter(([method, has]) => !has && method !== 'toJSON').map(([method]) => method),
      [],
    )
  }
})
