// Runs the scenarios of scenarios.mjs under Node against one broker, each with every version that it is about. The
// package is the built one, by its own name.

import { after, before, describe, test } from 'node:test'
import * as wasmqtt from 'wasmqtt'
import { startProxy } from './proxy.mjs'

const versionNames = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5.0' }

/**
 * @param {string} name
 * @param {() => Promise<any>} start the broker
 * @param {Record<string, { versions?: number[], run(place: any): Promise<void> }>} scenarios
 */
export function runScenarios(name, start, scenarios) {
  describe(name, () => {
    let broker
    before(async () => {
      broker = await start()
    })
    after(() => broker?.close())
    for (const version of [3, 4, 5]) {
      describe(versionNames[version], () => {
        for (const [title, { versions = [3, 4, 5], run }] of Object.entries(scenarios)) {
          if (!versions.includes(version)) continue
          test(title, async () => {
            const proxy = await startProxy(broker.port)
            try {
              await run({
                wasmqtt,
                version,
                url: broker.url,
                weakUrl: `ws://127.0.0.1:${proxy.port}/mqtt`,
                cut: () => proxy.cut(),
                freeze: () => proxy.freeze(),
                userName: broker.userName,
                password: broker.password,
              })
            } finally {
              await proxy.close()
            }
          })
        }
      })
    }
  })
}
