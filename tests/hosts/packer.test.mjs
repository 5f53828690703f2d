// WeChat's own tools take the package as npm installs it: 构建 npm copies it byte for byte, the compiler lets the WebAssembly
// into the code package, and what comes out works, in the engine of iOS and as a whole mini-program. In each setting that
// a developer may have.

import assert from 'node:assert/strict'
import { cpSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { root } from '../../scripts/tools.mjs'
import { startMosquitto } from '../js/brokers.mjs'
import { makeProject } from '../js/project.mjs'
import { checks } from './engine-checks.js'
import { inJavaScriptCore } from './engines.mjs'
import { startMiniProgram } from './framework/index.mjs'
import { pack } from './packer.mjs'

const PLACE = 'miniprogram_npm/wasmqtt'
/** The vendor's limit for a main package. */
const MOST = 2 * 1024 * 1024

const built = join(root, 'pkg/miniprogram')

/** What runs on a device; types stay in the project. */
const shipped = ['index.js', 'wasm2js.js', 'wasmqtt.wasm', 'wasmqtt.wasm.br']

/** Babel's own helpers look for Proxy when they load, and find none. */
const names = checks.map(([name]) => name).filter((name) => !name.includes('when they load'))

let project
before(async () => {
  project = await makeProject({})
  const mine = (/** @type {string} */ path) => !['miniprogram_npm', 'node_modules', 'package-lock.json'].includes(basename(path))
  cpSync(join(root, 'examples/wxapp'), project.folder, { recursive: true, filter: mine })
})
after(() => project?.remove())

/** @param {string} folder @returns {number} */
const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)

for (const [name, setting, core] of /** @type {const} */ ([
  ['without a transformation', { es6: false }, 'wasm2js'],
  ['with ES6 to ES5 of the older tools', { es6: true }, 'wasm2js'],
  ['with 增强编译 and minified', { es6: true, es7: true, enhance: true, minified: true }, 'wasm'],
])) {
  describe(`the mini-program ${name}`, () => {
    let packed
    before(async () => {
      packed = await pack(project.folder, setting)
    })
    after(() => packed?.remove())

    test('is packed and compiled without a word about the package', () => {
      assert.deepEqual(packed.warnings, [])
      assert.doesNotMatch(packed.said, /wasmqtt/)
    })

    test('has the package, byte for byte as it is built', () => {
      for (const file of shipped) {
        assert.ok(readFileSync(join(project.folder, PLACE, file)).equals(readFileSync(join(built, file))), file)
      }
    })

    test('has the WebAssembly in its code package, and scripts that are not transformed but by the setting', () => {
      const untouched = setting.es6 ? /\.(wasm|br)$/ : /./
      for (const file of shipped) {
        const found = readFileSync(join(packed.output, PLACE, file))
        if (untouched.test(file)) assert.ok(found.equals(readFileSync(join(built, file))), file)
      }
    })

    test('is within the limit', (t) => {
      const sizes = shipped.map((file) => `${file} ${statSync(join(packed.output, PLACE, file)).size}`)
      const whole = sizeOf(packed.output)
      t.diagnostic(`bytes: ${sizes.join(', ')}; the whole code package ${whole}`)
      assert.ok(whole < MOST, `${whole} bytes`)
    })

    test(`works in JavaScriptCore by ${core}, Promise made of timers`, async (t) => {
      const results = await inJavaScriptCore({ core, folder: packed.output, timerPromise: true, only: names })
      assert.deepEqual(results.map(({ check }) => check), names)
      for (const { check, ok, error } of results) await t.test(check, () => assert.ok(ok, error))
    })

    // The program has async functions, which are 增强编译's.
    if (setting.es6 && !setting.enhance) return

    test('opens in the framework, and its first page connects', async () => {
      const broker = await startMosquitto()
      try {
        const phone = await startMiniProgram(packed.output)
        try {
          await phone.waitFor('#name')
          const { tlsUrl: url, userName, password } = broker
          for (const [field, text] of Object.entries({ name: '打包', url, userName, password })) await phone.type(`#${field}`, text)
          await phone.tap('#connect')
          await phone.waitFor('#join')
          assert.deepEqual(await phone.device((device) => device.wasm.paths), [`/${PLACE}/wasmqtt.wasm.br`])
        } catch (error) {
          await phone.discard()
          throw error
        }
        await phone.close()
      } finally {
        await broker.close()
      }
    })
  })
}
