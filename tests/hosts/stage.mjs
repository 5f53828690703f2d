// What the tests of the hosts share: a Mosquitto for each file of tests, and for each test a line to it that can be spoilt,
// a phone, and a look at what the program leaves behind. It knows no host.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import * as elsewhere from 'wasmqtt'
import { startMosquitto } from '../js/brokers.mjs'
import { until } from '../js/counter.mjs'
import { startProxy } from '../js/proxy.mjs'
import { unique } from '../js/scenarios.mjs'
import { Phone } from './phone.mjs'

let broker
/** Call it once in a file of tests. */
export function useBroker() {
  before(async () => {
    broker = await startMosquitto()
  })
  after(() => broker.close())
}

/**
 * @param {{ create: (settings: any) => any, kept?: string[] }} host kept: what it cannot help keeping
 * @param {object} settings of the host
 * @param {(phone: Phone, line: { proxy: any, url: string, start: (more?: object) => Phone }) => Promise<unknown>} run start:
 *   the program once more, on the next phone
 */
export async function withPhone({ create, kept: excepted = [] }, settings, run) {
  const proxy = await startProxy(broker.port)
  /** @type {Phone[]} */
  const phones = []
  const start = (more = {}) => {
    phones.push(new Phone(create, { ...settings, ...more }))
    return phones[phones.length - 1]
  }
  try {
    await run(start(), { proxy, url: `ws://127.0.0.1:${proxy.port}/mqtt`, start })
    const phone = phones[phones.length - 1]
    await atRest(phone, excepted)
    assert.deepEqual(phone.errors, [])
  } finally {
    for (const phone of phones) phone.kill()
    await proxy.close()
  }
}

/** Waits until the program has left nothing behind. @param {Phone} phone @param {string[]} [excepted] */
export function atRest(phone, excepted = []) {
  const rest = () => phone.remains().filter((one) => !excepted.includes(one))
  return until(() => rest().length === 0, () => `nothing is left: ${rest()}`)
}

/** For connect(). @param {4 | 5} mqttVersion @param {object} [more] */
export const login = (mqttVersion, more = {}) => ({ mqttVersion, userName: broker.userName, password: broker.password, ...more })

/** For connect(): the server keeps the session for two minutes. @param {4 | 5} version */
export const kept = (version) => ({ cleanSession: false, ...(version === 5 && { properties: { sessionExpiryInterval: 120 } }) })

/** A client identifier that no other test has. */
export const newId = () => unique('p').replaceAll('/', '')

/** A client under Node, somewhere else. @param {4 | 5} [version] */
export const connectElsewhere = (version = 5) => elsewhere.connect(broker.url, login(version))

/** For the scenarios that one client does alone. */
export const place = (wasmqtt, url, version) => {
  const { userName, password } = broker
  return { wasmqtt, url, weakUrl: url, version, userName, password, cut() {}, freeze() {} }
}

/** Waits until the client is connected once more. */
export async function connectedAgain(client) {
  let back = false
  client.onConnected = () => (back = true)
  await until(() => back, 'another connection')
}

export const texts = (messages) => messages.map((message) => message.payloadString)
