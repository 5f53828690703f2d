// The client over a spoilt line to a real Mosquitto, and a program with a client that is killed: what a kept session
// promises of its messages is counted on the other side.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startMosquitto } from './brokers.mjs'
import { Tally, none, startCounter, startSource, until } from './counter.mjs'
import { unique } from './scenarios.mjs'
import { count, exchange, forgotten, options, series, trials } from './survival.mjs'

let broker
before(async () => {
  broker = await startMosquitto()
})
after(() => broker?.close())

for (const version of [5, 4]) {
  describe(`1,000 messages each way, version ${version}, survive`, () => {
    for (const [title, trial] of Object.entries(trials)) test(title, () => exchange(broker, version, trial))

    test('a broker that forgets the sessions', () => forgotten(broker, version))

    test('a program that is killed and started anew', () => killed(version))
  })
}

/** Ten processes, one after the other: all but the last are killed, and each has a tenth of the messages to publish. */
async function killed(version) {
  const processes = 10
  const random = series(version)
  const [up, down] = [unique('up'), unique('down')]
  const folder = mkdtempSync(join(tmpdir(), 'wasmqtt-survivor-'))
  const path = join(folder, 'session')
  const counter = await startCounter(broker, up)
  const source = await startSource(broker)
  let child
  try {
    const settings = { url: broker.url, clientId: unique('s').replaceAll('/', ''), options: options(broker, version), up, down, path }
    let sent
    for (let one = 1; one <= processes; one++) {
      const [from, to] = [one - 1, one].map((n) => (n * count) / processes)
      const before = arrivals(path).length
      child = spawn(process.execPath, [survivor, JSON.stringify({ ...settings, from, to })], { stdio: ['pipe', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk) => (said += chunk))
      await until(() => said === 'queued\n' || child.exitCode !== null, 'the messages in the store')
      sent ??= source.publish(down, 0, count)
      if (one === processes) break
      const enough = Math.min(count, before + random(count / processes))
      await until(() => arrivals(path).length >= enough, () => `${enough} messages, ${arrivals(path).length} came`)
      await end(child, 'SIGKILL')
    }
    await sent
    await source.publish(down, count, count + 1)
    await until(() => arrivals(path).includes(String(count)), 'the last message')
    child.stdin.write(String(count))
    await once(child, 'close')
    assert.equal(child.exitCode, 0)
    await counter.tally.reach(count + 1)
    assert.deepEqual(counter.tally.faults(count + 1), none, 'up')
    const received = new Tally()
    for (const payload of arrivals(path)) received.put(payload)
    assert.deepEqual(received.faults(count + 1), none, 'down')
  } finally {
    if (child?.exitCode === null) await end(child, 'SIGKILL')
    await Promise.all([counter.close(), source.close()])
    rmSync(folder, { recursive: true })
  }
}

const survivor = fileURLToPath(new URL('survivor.mjs', import.meta.url))

async function end(child, signal) {
  const ended = once(child, 'close')
  child.kill(signal)
  await ended
}

/** What has come to the program, by its file. @param {string} path @returns {string[]} */
function arrivals(path) {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.flatMap((line) => JSON.parse(line).arrived)
}
