// All clients, in the order of the table.

import { bareBatched, bareSingle } from './bare.mjs'
import { mqtt4, mqtt5 } from './mqtt.mjs'
import { mqtt5wasm } from './mqtt5-wasm.mjs'
import { paho } from './paho.mjs'
import { u8mqtt } from './u8-mqtt.mjs'
import { wasmqtt4, wasmqtt5, wasmqttPromises, wasmqttSlim } from './wasmqtt.mjs'

/**
 * A client, as all works see it.
 * @typedef {object} BenchClient
 * @property {string} name
 * @property {string} label
 * @property {4 | 5} version
 * @property {boolean} [limit] a bare socket, no client
 * @property {Record<string, string>} lacks what works may need (qos2, publish0, handlers, text) and why it is not there
 * @property {boolean} [close] another's figures are close to its own, so that it has several turns in a round
 * @property {string[]} [only] the groups of work that it takes part in; all
 * @property {string} [needs] a file that has to be built before
 * @property {(place: any) => Promise<any>} load
 * @property {(module: any, given: { url: string, clientId: string, tally: import('../tally.mjs').Tally, text?: boolean,
 *   each?: boolean, handlers?: boolean, failed(error: any): void }) => Promise<any>} connect
 */

/** @type {BenchClient[]} */
export const clients = [
  bareBatched, bareSingle, wasmqtt4, wasmqtt5, wasmqttPromises, wasmqttSlim, mqtt4, mqtt5, paho, u8mqtt, mqtt5wasm,
]
