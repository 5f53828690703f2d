// A client over TLS in a process of its own, started by broker-mosquitto.test.mjs with the address: one round of the
// main scenario a version, or exit code 3 when it cannot connect.

import * as wasmqtt from 'wasmqtt'
import { password, userName } from './brokers.mjs'
import { scenarios } from './scenarios.mjs'

const url = process.argv[2]
try {
  for (const version of /** @type {const} */ ([3, 4, 5])) {
    const place = { wasmqtt, url, weakUrl: url, cut() {}, freeze() {}, userName, password, version }
    await scenarios['every QoS goes round, in order and once'].run(place)
    console.log(`${version}: round`)
  }
} catch (error) {
  console.log(`refused with code ${error.code}: ${error.message}`)
  process.exitCode = 3
}
