// Keeps a run of the benchmark: what it measured goes into bench/measured.json, and the tables made of that into both
// READMEs, between their marks. It measures nothing; tests/js/readme.test.mjs holds the READMEs against the file.
//
//   node bench/keep.mjs [results.json]

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../scripts/tools.mjs'
import { TURNS } from './measure.mjs'
import { median, shown, spread } from './report.mjs'

/** The works that the READMEs tell of: what one does more of, and what one wants less of. */
const rates = /** @type {const} */ ([
  ['receive-0-single', 'receive QoS 0, one a frame', '接收 QoS 0，每帧一条'],
  ['receive-0', 'receive QoS 0, 50 a frame', '接收 QoS 0，每帧 50 条'],
  ['receive-0-topics', 'the same over 1,000 topics', '同上，1,000 个主题'],
  ['receive-0-text', 'the same, payload as text', '同上，读取文本载荷'],
  ['receive-1', 'receive QoS 1', '接收 QoS 1'],
  ['receive-2', 'receive QoS 2', '接收 QoS 2'],
  ['publish-0-burst', 'publish QoS 0, bursts of 1,000', '发布 QoS 0，每次 1,000 条'],
  ['publish-1-100', 'publish QoS 1, 100 in flight', '发布 QoS 1，100 条在途'],
  ['publish-1-10000', 'publish QoS 1, 10,000 in flight', '发布 QoS 1，10,000 条在途'],
  ['publish-2-100', 'publish QoS 2, 100 in flight', '发布 QoS 2，100 条在途'],
  ['receive-4m', 'receive 4 MiB', '接收 4 MiB'],
  ['publish-4m', 'publish 4 MiB', '发布 4 MiB'],
  ['receive-1m-split', 'receive 1 MiB in 1,400-byte frames', '以 1,400 字节的帧接收 1 MiB'],
])
const costs = /** @type {const} */ ([
  ['round-trip-idle-50', 'round trip, idle, median (µs)', '空闲往返时延，中位数（µs）'],
  ['round-trip-idle-99', 'round trip, idle, 99 % (µs)', '空闲往返时延，99%（µs）'],
  ['heap-receive-0', 'heap per message received, QoS 0 (bytes)', '每接收一条 QoS 0 的堆分配（字节）'],
  ['heap-publish-0', 'heap per message published, QoS 0 (bytes)', '每发布一条 QoS 0 的堆分配（字节）'],
  ['collections', 'collections per 100,000 messages received', '每接收 100,000 条的垃圾回收次数'],
  ['longest-task', 'longest task while receiving at full rate (ms)', '全速接收时最长的任务（ms）'],
  ['start', 'start: import to CONNACK (ms)', '启动：从 import 到 CONNACK（ms）'],
  ['retained-each', 'memory of each further idle client (kB)', '每个额外空闲客户端的内存（kB）'],
])
/** What stands beside it is measured in the same version of MQTT. */
const peers = /** @type {const} */ ([
  ['bare', 'wasmqtt-4', 'bare socket', '裸 WebSocket'],
  ['mqtt-4', 'wasmqtt-4', 'MQTT.js', 'MQTT.js'],
  ['paho', 'wasmqtt-4', 'Paho', 'Paho'],
  ['u8-mqtt', 'wasmqtt-5', 'u8-mqtt', 'u8-mqtt'],
  ['mqtt5-wasm', 'wasmqtt-5', 'mqtt5-wasm', 'mqtt5-wasm'],
])
const hosts = /** @type {const} */ (['chromium', 'node'])

const words = {
  en: {
    faster: 'wasmqtt does so many times as much as',
    costs: 'Chromium / Node',
    how: (/** @type {Measured} */ m) =>
      `Chromium / Node. Measured by \`${m.command}\` on ${m.at.slice(0, 10)}, medians of ${m.rounds} rounds, ${TURNS} turns in each for wasmqtt and the bare socket: ${m.machine}; ${versionsOf(m)}. The machine is shared: of half the figures a turn lay ${m.spread} % or more from the median, so that only large differences mean something. The bare socket only walks packet headers, and sends what was encoded before. – : it cannot do that.`,
  },
  zh: {
    faster: 'wasmqtt 的吞吐量是它的多少倍',
    costs: 'Chromium / Node',
    how: (/** @type {Measured} */ m) =>
      `Chromium / Node。于 ${m.at.slice(0, 10)} 由 \`${m.command}\` 测得，取 ${m.rounds} 轮的中位数（wasmqtt 与裸 WebSocket 每轮测 ${TURNS} 次）：${m.machine}；${versionsOf(m)}。该机器为共享机器：半数数据中有一次偏离中位数 ${m.spread}% 或更多，因此只有较大的差异才有意义。裸 WebSocket 只遍历报文头，发送的内容预先编码好。–：它做不到。`,
  },
}

/**
 * @typedef {{ machine: string, versions: Record<string, string>, command: string, rounds: number, at: string,
 *   spread: number, medians: Record<string, Record<string, Record<string, number>>> }} Measured spread: in the middle of all
 *   figures, in per cent; medians by host, work and client
 */

/** @param {Measured} measured */
const versionsOf = ({ versions }) => Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')

/** @param {import('./report.mjs').Results} results @returns {Measured} */
export function measuredOf({ machine, versions, command, rounds, at, series }) {
  /** @type {Measured['medians']} */
  const medians = {}
  for (const { host, work, client, values } of series) {
    if (values.length > 0) ((medians[host] ??= {})[work] ??= {})[client] = Number(median(values).toPrecision(4))
  }
  const spreads = series.filter(({ values }) => values.length > 1).map(({ values }) => spread(values))
  return { machine, versions, command, rounds, at, spread: spreads.length > 0 ? Math.round(median(spreads)) : 0, medians }
}

/** @param {(number | undefined)[]} figures */
const cell = (figures) => (figures.every((one) => one === undefined) ? '–' : figures.map((one) => (one === undefined ? '–' : shown(one))).join(' / '))

/** @param {Measured} measured @param {'en' | 'zh'} language */
export function markdown(measured, language) {
  const said = words[language]
  const at = language === 'en' ? 0 : 1
  const figure = (/** @type {string} */ host, /** @type {string} */ work, /** @type {string} */ client) => measured.medians[host]?.[work]?.[client]
  const rows = (/** @type {readonly (readonly string[])[]} */ works, /** @type {(work: string) => string[]} */ cells) =>
    works.map(([work, ...titles]) => `| ${[titles[at], ...cells(work)].join(' | ')} |`)
  const head = (/** @type {string[]} */ names) => [`| ${names.join(' | ')} |`, `|${names.map((_, n) => (n === 0 ? '---' : '--:')).join('|')}|`]
  const ratio = (/** @type {string} */ work) =>
    peers.map(([peer, ours]) =>
      cell(hosts.map((host) => {
        const [a, b] = [figure(host, work, ours), figure(host, work, peer)]
        return a === undefined || b === undefined ? undefined : a / b
      })))
  const clients = [['bare', ...peers[0].slice(2)], ['wasmqtt-4', 'wasmqtt', 'wasmqtt'], ...peers.slice(1).map(([name, , ...titles]) => [name, ...titles])]
  const value = (/** @type {string} */ work) => clients.map(([client]) => cell(hosts.map((host) => figure(host, work, client))))
  return [
    ...head([said.faster, ...peers.map(([, , ...titles]) => titles[at])]),
    ...rows(rates, ratio),
    '',
    ...head([said.costs, ...clients.map(([, ...titles]) => titles[at])]),
    ...rows(costs, value),
    '',
    said.how(measured),
  ].join('\n')
}

const marks = /(<!-- measured: npm run bench, kept by bench\/keep\.mjs -->\n)[^]*?(<!-- \/measured -->)/

/** The text of a README with the tables in their place. @param {string} text @param {Measured} measured @param {'en' | 'zh'} language */
export function withTables(text, measured, language) {
  if (!marks.test(text)) throw new Error('the marks for the tables are gone')
  return text.replace(marks, (_, open, close) => `${open}\n${markdown(measured, language)}\n\n${close}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = JSON.parse(readFileSync(process.argv[2] ?? join(root, 'target/bench/results.json'), 'utf8'))
  const measured = measuredOf(results)
  writeFileSync(join(root, 'bench/measured.json'), `${JSON.stringify(measured, null, 1)}\n`)
  for (const [file, language] of /** @type {const} */ ([['README.md', 'en'], ['README.zh-CN.md', 'zh']])) {
    const path = join(root, file)
    writeFileSync(path, withTables(readFileSync(path, 'utf8'), measured, language))
  }
}
