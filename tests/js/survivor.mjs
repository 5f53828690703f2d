// A program that is killed at any moment and started anew by survival-mosquitto.test.mjs. What came and what its client
// has to keep stand in one file, and get there by one write. It says `queued` when all that it was told to publish is
// there too; when it is told a last message to publish it ends.

import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { Client } from 'wasmqtt'

const { url, clientId, options, up, down, from, to, path } = JSON.parse(process.argv[2])

/** What came and is not in the file yet. @type {string[]} */
let arrived = []

/** @implements {Pick<import('../../js/persistence.js').Store, 'load' | 'write'>} */
class FileStore {
  constructor() {
    /** @type {Map<string, Uint8Array>} */
    this.records = new Map()
  }

  load() {
    if (!existsSync(path)) return []
    const text = readFileSync(path, 'latin1')
    const end = text.lastIndexOf('\n') + 1
    // A program that is killed while it writes leaves a part of a line.
    truncateSync(path, end)
    for (const line of text.slice(0, end).split('\n').slice(0, -1)) {
      this.apply(JSON.parse(line).changes.map(([key, value]) => ({ key, value: value && Buffer.from(value, 'base64') })))
    }
    return this.records
  }

  /** A message is told before this is called for it, and acknowledged when this has returned. */
  write(changes) {
    const written = changes.map(({ key, value }) => [key, value && Buffer.from(value).toString('base64')])
    appendFileSync(path, `${JSON.stringify({ arrived, changes: written })}\n`)
    arrived = []
    this.apply(changes)
  }

  apply(changes) {
    for (const { key, value } of changes) {
      if (key === '') this.records.clear()
      else if (value === null) this.records.delete(key)
      else this.records.set(key, value)
    }
  }
}

const client = new Client(url, clientId)
client.onMessageArrived = ({ payloadString }) => arrived.push(payloadString)
client.onWarning = (error) => {
  throw error
}
const connected = client.connect({ ...options, store: new FileStore() })
for (let one = from; one < to; one++) client.send(up, String(one), 2)
const { sessionPresent } = await connected
if (!sessionPresent) await client.subscribe(down, { qos: 2 })
process.stdout.write('queued\n')
process.stdin.once('data', async (last) => {
  await client.publish(up, last, { qos: 2 })
  await client.disconnect({ drain: 30 })
  process.stdin.destroy()
})
