/**
 * wasmqtt for mini-programs.
 *
 * @example
 * const { Client } = require('wasmqtt')
 * const client = new Client('wss://broker.example.com/mqtt', 'me')
 * client.connect({ mqttVersion: 5, reconnect: true }).then(() => client.subscribe('rooms/#', { qos: 1 }))
 */
import type { Change, Store } from './types.js'

export * from './types.js'

/**
 * A store in the storage of the host, 10 MB in all on most, shared with the program's own entries: what it keeps stands
 * there before the call returns. Full, the session goes on in memory, and `onWarning` says so (50). One object is for one
 * client, and no session is ever in two (52).
 *
 * @example client.connect({ store: new StorageStore(), reconnect: true, offline: true })
 */
export class StorageStore implements Store {
  constructor()
  load(name: string): [string, Uint8Array][]
  put(key: string, value: Uint8Array): void
  delete(key: string): void
  clear(): void
  write(changes: Change[]): void
  close(): void
}
