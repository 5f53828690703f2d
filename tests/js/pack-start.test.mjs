// `npm start -- --once` accounts for every message and ends with code 0; without --once it goes on serving the page
// and ends when told to. As a person runs it: in a process of its own.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { environment, root } from '../../scripts/tools.mjs'

function start(...args) {
  const child = spawn(process.execPath, ['scripts/demo.mjs', ...args], { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const said = { text: '' }
  const watchers = new Set()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said.text += chunk
      for (const watch of watchers) watch()
    })
  }
  /** Resolves with the match as soon as it is said; rejects when the process ends without. */
  const until = (pattern) =>
    new Promise((resolve, reject) => {
      const watch = () => {
        const match = pattern.exec(said.text)
        if (match) resolve(match)
      }
      watchers.add(watch)
      watch()
      ended.then(() => reject(new Error(`ended without ${pattern}:\n${said.text}`)))
    })
  return { child, ended, said, until }
}

test('--once ends with code 0 and every message accounted for', async () => {
  const { ended, said } = start('--once')
  const [code] = await ended
  assert.equal(code, 0, said.text)
  for (const version of ['3.1.1', '5.0']) {
    for (const [qos, word] of [[0, 'handed over'], [1, 'acknowledged'], [2, 'acknowledged']]) {
      assert.match(said.text, new RegExp(`MQTT ${version.replaceAll('.', '\\.')} +QoS ${qos} +2000 sent +2000 received +2000 ${word} +\\d+ ms`))
    }
  }
})

test('it serves the workbench until it is told to end', async () => {
  const { child, ended, until } = start()
  try {
    const [, url] = await until(/The workbench: (http:\S+)/)
    const page = await fetch(url)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /<script/)
  } finally {
    child.kill('SIGINT')
  }
  const [code] = await ended
  assert.equal(code, 0)
})
