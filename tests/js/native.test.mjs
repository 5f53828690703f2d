// The example that drives the Rust session over plain TCP, against a real Mosquitto: a message goes there and back, and
// does so when the connection is cut, at whatever byte.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { must, need, run } from '../../scripts/tools.mjs'
import { startPlainMosquitto } from './brokers.mjs'
import { startProxy } from './proxy.mjs'

/** @type {string} */ let example
/** @type {Awaited<ReturnType<typeof startPlainMosquitto>>} */ let broker
before(async () => {
  const built = await must(need('cargo'), ['build', '--locked', '--example', 'native', '--message-format', 'json'])
  const artefacts = built.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  example = artefacts.find(({ executable, target }) => executable && target.name === 'native').executable
  broker = await startPlainMosquitto()
})
after(() => broker?.close())

for (const [version, name] of [['4', 'V3_1_1'], ['5', 'V5']]) {
  describe(`over plain TCP, ${name}`, () => {
    /** Bytes from the broker until the message was there. */
    let length = 0

    test('a message goes there and back', async () => {
      const proxy = await startProxy(broker.port)
      const said = await must(example, [`127.0.0.1:${proxy.port}`, version])
      await proxy.close()
      assert.match(said, new RegExp(`^Connected .*version: ${name}`, 'm'))
      assert.equal(said.match(/^Message\(Message { topic: "native\/round-trip"/gm)?.length, 1, said)
      assert.doesNotMatch(said, /^Reconnecting/m)
      length = proxy.lines[0].down
    })

    test('it does so when the connection is cut at any byte from the broker', async () => {
      assert.ok(length > 40, `${length} bytes`)
      let again = 0
      for (let down = 1; down < length; down++) {
        const proxy = await startProxy(broker.port, { plan: (n) => (n === 0 ? { cut: { down } } : undefined) })
        const { code, output } = await run(example, [`127.0.0.1:${proxy.port}`, version])
        await proxy.close()
        assert.equal(code, 0, `cut at ${down}:\n${output}`)
        assert.match(output, /^Message\(/m)
        again += proxy.lines.length - 1
      }
      // What comes behind the message, its PUBACK, is not waited for.
      assert.ok(again >= length - 10 && again < length, `${again} connections for ${length} bytes`)
    })
  })
}
