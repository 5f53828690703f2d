/**
 * wasmqtt: MQTT 3.1, 3.1.1 and 5.0 for browsers, workers and Node.
 *
 * @example
 * import { connect } from 'wasmqtt'
 * const client = await connect('wss://broker.example.com/mqtt')
 * await client.subscribe('rooms/#', { qos: 1, onMessage: (message) => console.log(message.topic, message.payloadString) })
 * await client.publish('rooms/kitchen', 'hello', { qos: 1 })
 */
import type { Change, Store } from './types.js'

export * from './types.js'

/**
 * A store in IndexedDB, for pages and workers; no session is ever in two pages (52). In a page the changes of each turn
 * (up to 64 KiB) stand in localStorage before the call returns, so that a page that is closed loses nothing; a worker has
 * no localStorage, and loses what no transaction has written yet, as does a page that crashes. What depends on a change is
 * sent when its transaction is complete. One object is for one client.
 *
 * @example await connect(url, { clientId: 'kitchen', store: new IndexedDBStore(), reconnect: true, offline: true })
 */
export class IndexedDBStore implements Store {
  constructor()
  /** @throws rejects with code 52 when another page has the session, 10 without IndexedDB */
  load(name: string): Promise<[string, Uint8Array][]>
  put(key: string, value: Uint8Array): Promise<void>
  delete(key: string): Promise<void>
  clear(): Promise<void>
  write(changes: Change[], failed?: (error: unknown) => void): Promise<void> | undefined
  settled(): Promise<void>
  close(): Promise<void>
}
