// What `npm pack` makes, installed into an empty project, works by import, by require, in TypeScript and through
// esbuild. Each program ends by itself: nothing of the client keeps a process alive.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startBroker } from '../../scripts/broker.mjs'
import { root } from '../../scripts/tools.mjs'
import { makeProject, shipped } from './project.mjs'

/** The least that a user does, whichever way the names came in. */
const program = `
async function main(url) {
  const client = await connect(url)
  let arrive
  const arrived = new Promise((resolve) => (arrive = resolve))
  await client.subscribe('greeting', { qos: 1, onMessage: arrive })
  await client.publish('greeting', '你好', { qos: 1 })
  const message = await arrived
  await client.disconnect()
  console.log(message.payloadString, client.mqttVersion, message instanceof Message, client instanceof Client)
}
main(process.argv[2])
`
/** The programs of the README, a file each. */
const readme = Object.fromEntries(
  [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code], at) => [`readme${at + 1}.ts`, code]),
)

const said = '你好 5 true true\n'

describe('the packed package', () => {
  let broker
  let project
  before(async () => {
    broker = await startBroker()
    project = await makeProject(
      {
        'import.mjs': `import { Client, Message, connect } from 'wasmqtt'\n${program}`,
        'mini.cjs': `const { Client, Message, connect } = require('wasmqtt/miniprogram')\nglobalThis.WebSocket = require('ws').WebSocket\n${program}`,
        'require.cjs': `const { Client, Message, connect } = require('wasmqtt')\n${program}`,
        'slim.mjs': `import { Client, Message, connect } from 'wasmqtt/slim'\n${program}`,
        'slim.cjs': `const { Client, Message, connect } = require('wasmqtt/slim')\n${program}`,
        'file.mjs': `import { createRequire } from 'node:module'\nconsole.log(createRequire(import.meta.url).resolve('wasmqtt/wasmqtt.wasm').endsWith('wasmqtt.wasm'))`,
        'use.ts': readFileSync(join(root, 'tests/js/pack-types.ts'), 'utf8'),
        ...readme,
        'use.cts': `import wasmqtt = require('wasmqtt')\nconst client: wasmqtt.Client = new wasmqtt.Client('ws://127.0.0.1/mqtt', 'a')\nclient.disconnect\n`,
      },
      { link: ['ws', '@types/node', 'undici-types'] },
    )
  })
  after(async () => {
    project?.remove()
    await broker?.close()
  })

  test('holds what it should and nothing else', () => {
    const files = shipped()
    const always = ['package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'LICENSE']
    for (const path of project.packed) assert.ok([...files, ...always].includes(path), path)
    for (const path of files.filter((one) => one.startsWith('pkg/'))) assert.ok(project.packed.includes(path), path)
  })

  for (const file of ['import.mjs', 'require.cjs', 'slim.mjs', 'slim.cjs', 'mini.cjs']) {
    test(`works by ${file}`, async () => {
      const { code, output } = await project.node(file, broker.url)
      assert.deepEqual({ code, output }, { code: 0, output: said })
    })
  }

  test('gives the path of its wasm', async () => {
    assert.equal((await project.node('file.mjs')).output, 'true\n')
  })

  for (const [module, resolution, file] of [
    ...Object.keys(readme).map((file) => ['nodenext', 'nodenext', file]),
    ['nodenext', 'nodenext', 'use.ts'],
    ['nodenext', 'nodenext', 'use.cts'],
    ['esnext', 'bundler', 'use.ts'],
  ]) {
    test(`type-checks strictly, ${file} by ${resolution}`, async () => {
      const options = [
        '--strict',
        '--noEmit',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom',
        // Without a value, none: an empty argument is refused.
        '--types',
        '--module',
        module,
        '--moduleResolution',
        resolution,
      ]
      const { code, output } = await project.tool('typescript/bin/tsc', ...options, file)
      assert.deepEqual({ code, output }, { code: 0, output: '' })
    })
  }

  for (const format of ['esm', 'cjs']) {
    test(`bundles by esbuild as ${format} and works`, async () => {
      const name = `bundle-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`
      const built = await project.tool(
        'esbuild/bin/esbuild',
        'import.mjs',
        '--bundle',
        '--platform=node',
        `--format=${format}`,
        `--outfile=${name}`,
        '--external:ws',
        '--log-level=warning',
      )
      assert.deepEqual({ code: built.code, output: built.output }, { code: 0, output: '' })
      const { code, output } = await project.node(name, broker.url)
      assert.deepEqual({ code, output }, { code: 0, output: said })
    })
  }

  test('bundles by esbuild for browsers without a warning', async () => {
    const { code, output } = await project.tool(
      'esbuild/bin/esbuild',
      'import.mjs',
      '--bundle',
      '--platform=browser',
      '--outfile=browser.js',
      '--log-level=warning',
    )
    assert.deepEqual({ code, output }, { code: 0, output: '' })
  })
})
