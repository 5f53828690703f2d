// Publishing small messages of text. Where nothing is acknowledged, one message with QoS 1 behind the others says that all
// have arrived.

import { arrived, expect, inTurn, measured, open } from '../measure.mjs'

const PAYLOAD = 'abcdefghijklmnop'.repeat(4)
const TOPIC = 'bench/00000/value'
/** Messages of one turn, in a burst. */
const BURST = 1000

/** @param {{ name: string, title: string, perTurn: number, least: number, most: number }} what */
const unacknowledged = ({ name, title, perTurn, least, most }) => ({
  name,
  group: 'publish',
  title,
  unit: 'messages/s',
  more: true,
  needs: 'publish0',
  single: true,
  async run(bench) {
    const { connection, order } = await open(bench)
    let published = 0
    const result = await measured(bench, { least, most, unit: perTurn }, async (count) => {
      const started = performance.now()
      await new Promise((resolve) => {
        let left = count
        const turn = () => {
          for (let n = 0; n < perTurn; n++) connection.publish(TOPIC, PAYLOAD, 0)
          left -= perTurn
          if (left > 0) bench.place.next(turn)
          else resolve(undefined)
        }
        turn()
      })
      await bench.within(arrived(connection))
      const ended = performance.now()
      published += count + 1
      expect('messages at the server', (await order('counts')).published, published)
      return (count / (ended - started)) * 1000
    })
    await connection.close()
    return result
  },
})

/** @param {{ qos: number, inFlight: number, least: number, most: number }} what */
const acknowledged = ({ qos, inFlight, least, most }) => ({
  name: `publish-${qos}-${inFlight}`,
  group: 'publish',
  title: `publish QoS ${qos}, ${inFlight.toLocaleString('en')} in flight`,
  unit: 'messages/s',
  more: true,
  needs: qos === 2 ? 'qos2' : '',
  single: true,
  async run(bench) {
    const { connection, order } = await open(bench)
    let published = 0
    const result = await measured(bench, { least, most }, async (count) => {
      const started = performance.now()
      await bench.within(inTurn(count, inFlight, (done) => connection.publishAcked(TOPIC, PAYLOAD, qos, done)))
      const ended = performance.now()
      published += count
      expect('messages at the server', (await order('counts')).published, published)
      return (count / (ended - started)) * 1000
    })
    await connection.close()
    return result
  },
})

const flights = [
  { inFlight: 1, least: 200, most: 50_000 },
  { inFlight: 100, least: 1000, most: 500_000 },
  { inFlight: 10_000, least: 12_000, most: 500_000 },
]

export default [
  unacknowledged({ name: 'publish-0-burst', title: 'publish QoS 0, bursts of 1,000', perTurn: BURST, least: 2 * BURST, most: 1_000_000 }),
  unacknowledged({ name: 'publish-0-turn', title: 'publish QoS 0, one a turn', perTurn: 1, least: 500, most: 100_000 }),
  ...flights.map((flight) => acknowledged({ qos: 1, ...flight })),
  { ...acknowledged({ qos: 1, inFlight: 60_000, least: 60_000, most: 500_000 }), ours: true },
  ...flights.map((flight) => acknowledged({ qos: 2, ...flight })),
]
