// A handler for each of 10 and of 10,000 topic filters: each message on one of 1,000 topics has one that matches.

import { expect, measured, open } from '../measure.mjs'
import { topicOf } from '../packets.mjs'

const TOPICS = 1000

/** @param {number} count @returns {string[]} */
function filters(count) {
  // With few, one for all topics and some beside.
  if (count < TOPICS) return ['bench/#', ...Array.from({ length: count - 1 }, (_, n) => `other/${n}/+`)]
  return Array.from({ length: count }, (_, n) => topicOf(n, count).replace('value', '+'))
}

/** @param {number} count */
const matching = (count) => ({
  name: `handlers-${count}`,
  group: 'handlers',
  title: `receive QoS 0, 50 a frame, ${count.toLocaleString('en')} handlers`,
  unit: 'messages/s',
  more: true,
  needs: 'handlers',
  async run(bench) {
    const { connection, tally, order } = await open(bench, { handlers: true })
    const all = filters(bench.place.effort === 'test' ? Math.min(count, TOPICS) : count)
    for (let n = 0; n < all.length; n += 500) await bench.within(connection.handle(all.slice(n, n + 500)))
    const result = await measured(bench, { least: TOPICS, most: 1_000_000, unit: TOPICS }, async (messages) => {
      const told = tally.until(messages)
      await order('stream', { count: messages, size: 64, perFrame: 50, topics: TOPICS })
      await bench.within(told)
      expect('messages', tally.count, messages)
      return tally.rate
    })
    await connection.close()
    return result
  },
})

export default [matching(10), matching(10_000)]
