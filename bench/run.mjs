// `npm run bench`: every client with every work, in turn and several times over, in Node and in headless Chromium, then
// the table, the chart and the JSON in target/bench/. bench/README.md says what the figures mean.
//
//   npm run bench -- [--quick] [--node | --chromium] [--only name,...] [--client name,...] [--rounds n]
//
//   --quick    one round, about three minutes a host: a look, not a measurement
//   --only     works or groups of works whose name begins so: receive, publish-1, large, heap, ...
//   --client   clients whose name begins so: wasmqtt, mqtt-4, bare, ...

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { find, root } from '../scripts/tools.mjs'
import { clients } from './clients/index.mjs'
import { startChromium } from './hosts/chromium.mjs'
import { startNode } from './hosts/node.mjs'
import { TURNS } from './measure.mjs'
import { buildMqtt5Wasm } from './mqtt5-wasm.mjs'
import { chart, table } from './report.mjs'
import { startServer } from './server-process.mjs'
import { sizes } from './sizes.mjs'
import { takesPart, works } from './work/index.mjs'

const ROUNDS = 3

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    node: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    client: { type: 'string', default: '' },
    rounds: { type: 'string' },
  },
})

/** @param {string} list @param {string[]} names */
const named = (list, names) => list === '' || list.split(',').some((start) => names.some((name) => name.startsWith(start)))

const rounds = Number(options.rounds ?? (options.quick ? 1 : ROUNDS))
const effort = options.quick ? 'quick' : 'full'
const chosen = works.filter(({ name, group }) => named(options.only, [name, group]))
/** @type {string[]} */
const missing = []
if (chosen.length === 0) throw new Error(`no work is called ${options.only}`)

let taking = clients.filter(({ name }) => named(options.client, [name]))
if (taking.length === 0) throw new Error(`no client is called ${options.client}`)
const why = taking.some(({ needs }) => needs) ? await buildMqtt5Wasm(say) : ''
if (why !== '') {
  missing.push(`mqtt5-wasm: ${why}`)
  taking = taking.filter(({ needs }) => !needs)
}
const hosts = []
if (!options.chromium || options.node) hosts.push(startNode)
if (!options.node || options.chromium) {
  if (find('chromium')) hosts.push(startChromium)
  else missing.push('Chromium: it is not installed (`npm test` installs it on Debian)')
}

/** @param {string} text */
function say(text) {
  console.error(text)
}

/** @param {string} path @returns {Promise<string>} */
const versionOf = async (path) => JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8')).version

/** @returns {Promise<Record<string, string>>} */
async function versions() {
  const packages = ['mqtt', 'paho-mqtt', 'u8-mqtt']
  const found = await Promise.all(packages.map(async (name) => [name, await versionOf(`node_modules/${name}`)]))
  const crate = /^mqtt5-wasm = "=(.*)"$/m.exec(await readFile(join(root, 'bench/mqtt5-wasm/Cargo.toml'), 'utf8'))
  return { wasmqtt: await versionOf('.'), ...Object.fromEntries(found), 'mqtt5-wasm': crate?.[1] ?? '' }
}

/** Each round begins with another client, so that none always has the same neighbour. @param {number} round */
function turnsOf(round) {
  const once = taking.map((_, n) => taking[(n + round) % taking.length])
  const again = once.filter(({ close }) => close)
  return [once, ...Array(options.quick ? 0 : TURNS - 1).fill(again)].flat()
}

/** All of a host's series, in the order of the rounds: the clients of a group one after the other, then the next group. */
async function measure(/** @type {any} */ host, /** @type {import('./report.mjs').Series[]} */ series, /** @type {number} */ round, /** @type {() => string} */ progress) {
  for (const group of new Set(chosen.map((work) => work.group))) {
    const inGroup = works.filter((work) => work.group === group)
    for (const client of turnsOf(round)) {
      const parts = inGroup.map((work) => ({ work, part: takesPart(work, client, host.kind) }))
      for (const { work, part } of parts) {
        if (typeof part === 'object' && chosen.includes(work)) of(series, host.kind, client.name, work.name).reason = part.reason
      }
      const names = parts.filter(({ work, part }) => part === 'yes' && chosen.includes(work)).map(({ work }) => work.name)
      if (names.length === 0) continue
      say(`${progress()} ${host.kind}, round ${round + 1} of ${rounds}: ${group}, ${client.label}`)
      let results
      try {
        results = await host.perform(client.name, group, names)
      } catch (error) {
        const message = /** @type {Error} */ (error).message.split('\n')[0]
        results = Object.fromEntries(names.map((name) => [name, { error: message }]))
      }
      for (const [name, result] of Object.entries(results)) {
        const one = of(series, host.kind, client.name, name)
        if (result.error !== undefined) one.errors.push(result.error)
        else one.values.push(result.value)
        if (result.busy > 0) one.busy.push(result.busy)
      }
    }
  }
}

/** @param {import('./report.mjs').Series[]} series @param {string} host @param {string} client @param {string} work */
function of(series, host, client, work) {
  let one = series.find((found) => found.host === host && found.client === client && found.work === work)
  if (one === undefined) series.push((one = { host, client, work, values: [], busy: [], errors: [] }))
  return one
}

const started = performance.now()
const minutes = () => `[${((performance.now() - started) / 60_000).toFixed(1)} min]`
const server = await startServer()
/** @type {import('./report.mjs').Series[]} */
const series = []
/** @type {Record<string, string>} */
const hostVersions = {}
/** @type {any[]} */
const running = []
try {
  for (const start of hosts) {
    const host = await start({ url: server.url, effort })
    running.push(host)
    hostVersions[host.kind] = host.version
  }
  for (let round = 0; round < rounds; round++) for (const host of running) await measure(host, series, round, minutes)
} finally {
  for (const host of running) await host.close()
  await server.close()
}

const results = {
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`,
  versions: { ...hostVersions, ...(await versions()) },
  command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
  rounds,
  at: new Date().toISOString(),
  series,
  sizes: sizes(),
  missing,
}
const text = table(results)
const folder = join(root, 'target/bench')
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
await writeFile(join(folder, 'chart.html'), chart(results, text))
console.log(text)
console.log(`\n${minutes()} target/bench/results.json, target/bench/chart.html`)
