// Receiving small messages: the program reads topic and payload length of each, or topic and text.

import { expect, measured, open } from '../measure.mjs'

const SIZE = 64
const TOPIC = 'bench/00000/value'.length

/**
 * @param {{ name: string, title: string, qos?: number, perFrame?: number, topics?: number, text?: boolean, most?: number,
 *   least?: number }} what
 */
const receive = ({ name, title, qos = 0, perFrame = 50, topics = 1, text = false, least = 2000, most = 2_000_000 }) => ({
  name,
  group: 'receive',
  title,
  unit: 'messages/s',
  more: true,
  needs: text ? 'text' : qos === 2 ? 'qos2' : '',
  async run(bench) {
    const { connection, tally, order } = await open(bench, { text })
    await connection.subscribe('bench/#', qos)
    const unit = Math.max(perFrame, topics > 1 ? topics : 1)
    let acknowledged = 0
    const result = await measured(bench, { least, most, unit }, async (count) => {
      const all = tally.until(count)
      await order('stream', { count, size: SIZE, qos, perFrame, topics })
      await bench.within(all)
      expect('messages', tally.count, count)
      expect('letters of topics', tally.topic, count * TOPIC)
      expect('bytes of payloads', tally.payload, count * SIZE)
      // A message is told before it is done: the next stream must not take its identifier before.
      acknowledged += qos > 0 ? count : 0
      await bench.until(async () => (await order('counts')).acknowledged === acknowledged)
      return tally.rate
    })
    await connection.close()
    return result
  },
})

export default [
  receive({ name: 'receive-0-single', title: 'receive QoS 0, one a frame', perFrame: 1, most: 500_000 }),
  receive({ name: 'receive-0', title: 'receive QoS 0, 50 a frame' }),
  receive({ name: 'receive-0-topics', title: 'receive QoS 0, 50 a frame, 1,000 topics', topics: 1000 }),
  receive({ name: 'receive-0-text', title: 'receive QoS 0, 50 a frame, payload as text', text: true }),
  receive({ name: 'receive-0-single-text', title: 'receive QoS 0, one a frame, payload as text', perFrame: 1, text: true, most: 500_000 }),
  receive({ name: 'receive-1', title: 'receive QoS 1, 50 a frame', qos: 1, least: 1000, most: 500_000 }),
  receive({ name: 'receive-2', title: 'receive QoS 2, 50 a frame', qos: 2, least: 1000, most: 250_000 }),
]
