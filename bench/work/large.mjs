// Large payloads, both ways, in one WebSocket message or cut into many as some servers do. In MiB a second.

import { expect, inTurn, mark, measured, open } from '../measure.mjs'

const KIB = 1024
const MIB = 1024 * KIB
const TOPIC = 'bench/00000/value'

/** A test needs the way, not the length: some clients take a time that grows with its square. @param {any} bench @param {number} size */
const sized = ({ place }, size) => (place.effort === 'test' ? size / 16 : size)

/** @param {{ name: string, title: string, size: number, split?: number, least: number, most: number }} what */
const receive = ({ name, title, size: full, split = 0, least, most }) => ({
  name,
  group: 'large',
  title,
  unit: 'MiB/s',
  more: true,
  needs: '',
  async run(bench) {
    const size = sized(bench, full)
    const { connection, tally, order } = await open(bench)
    await connection.subscribe('bench/#', 0)
    const result = await measured(bench, { least, most }, async (count) => {
      const all = tally.until(count)
      await order('stream', { count, size, split })
      await bench.within(all)
      expect('bytes of payloads', tally.payload, count * size)
      return tally.rate
    })
    await connection.close()
    return { ...result, value: (result.value * size) / MIB }
  },
})

/** @param {{ name: string, title: string, size: number, least: number, most: number }} what */
const publish = ({ name, title, size: full, least, most }) => ({
  name,
  group: 'large',
  title,
  unit: 'MiB/s',
  more: true,
  needs: 'publish0',
  async run(bench) {
    const size = sized(bench, full)
    const { connection, order } = await open(bench)
    const payload = new Uint8Array(size).fill(97)
    const before = (await order('counts')).payload
    let sent = 0
    const result = await measured(bench, { least, most }, async (count) => {
      const started = performance.now()
      // Two on their way at most: a short message behind each says that it has arrived.
      const send = (/** @type {() => void} */ done) => {
        connection.publish(TOPIC, payload, 0)
        mark(connection, done)
      }
      await bench.within(inTurn(count, 2, send))
      const ended = performance.now()
      sent += count
      const bytes = (await order('counts')).payload - before
      if (bytes < sent * size) throw new Error(`${bytes} bytes at the server instead of ${sent * size}`)
      return (count / (ended - started)) * 1000
    })
    await connection.close()
    return { ...result, value: (result.value * size) / MIB }
  },
})

export default [
  receive({ name: 'receive-256k', title: 'receive 256 KiB payloads', size: 256 * KIB, least: 10, most: 2000 }),
  receive({ name: 'receive-4m', title: 'receive 4 MiB payloads', size: 4 * MIB, least: 3, most: 100 }),
  publish({ name: 'publish-256k', title: 'publish 256 KiB payloads', size: 256 * KIB, least: 10, most: 2000 }),
  publish({ name: 'publish-4m', title: 'publish 4 MiB payloads', size: 4 * MIB, least: 3, most: 100 }),
  receive({ name: 'receive-1m-split', title: 'receive 1 MiB in frames of 1,400 bytes', size: MIB, split: 1400, least: 2, most: 100 }),
  receive({ name: 'receive-4m-split', title: 'receive 4 MiB in frames of 1,400 bytes', size: 4 * MIB, split: 1400, least: 2, most: 25 }),
]
