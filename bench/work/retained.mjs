// What clients hold that do nothing: one, and each of a hundred. The JavaScript heap and the memory of WebAssembly, collected.

import { watchMemory } from '../exchange.mjs'
import { open } from '../measure.mjs'

const MANY = { test: 3, quick: 100, full: 100 }

/** @param {any} bench */
function held(bench) {
  return (bench.shared.held ??= (async () => {
    const { place, client } = bench
    const wasm = watchMemory()
    const memory = async () => {
      await place.collect()
      return (await place.heap()) + wasm()
    }
    const before = await memory()
    bench.module = await client.load(place)
    const connections = [await open(bench)]
    const one = await memory()
    for (let n = 1; n < MANY[place.effort]; n++) connections.push(await open(bench))
    const all = await memory()
    for (const { connection } of connections) await connection.close()
    return { first: one - before, each: (all - one) / (connections.length - 1), messages: connections.length }
  })())
}

/** @param {string} name @param {string} title @param {'first' | 'each'} which */
const retained = (name, title, which) => ({
  name,
  group: 'retained',
  title,
  unit: 'kB',
  more: false,
  cold: true,
  needs: '',
  async run(bench) {
    const found = await held(bench)
    return { value: found[which] / 1000, messages: found.messages }
  },
})

export default [
  retained('retained-first', 'memory of the first idle client, code included', 'first'),
  retained('retained-each', 'memory of each further idle client', 'each'),
]
