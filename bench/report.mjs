// Out of the measurements of a run: the table, the chart and the JSON. It measures nothing and judges nothing.

import { clients } from './clients/index.mjs'
import { sizeVerdicts, verdicts } from './targets.mjs'
import { works } from './work/index.mjs'

/**
 * @typedef {{ host: string, client: string, work: string, values: number[], busy: number[], errors: string[], reason?: string }} Series
 *   one for each host, client and work: a value a turn, or why there is none
 * @typedef {{ machine: string, versions: Record<string, string>, command: string, rounds: number, at: string, series: Series[],
 *   sizes: import('./sizes.mjs').Size[], missing: string[] }} Results
 */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** How far the farthest value is from the median, in per cent. @param {number[]} values */
export function spread(values) {
  const middle = median(values)
  return Math.max(...values.map((value) => Math.abs(value - middle))) / Math.abs(middle || 1) * 100
}

/** Three digits that count. @param {number} value */
export function shown(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}

/** @param {string[][]} rows @returns {string} columns, the first to the left and the others to the right */
function columns(rows) {
  const widths = rows[0].map((_, n) => Math.max(...rows.map((row) => row[n].length)))
  return rows.map((row) => row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join('  ').trimEnd()).join('\n')
}

/** @param {Results} results @returns {string} */
export function table(results) {
  const { series, sizes, missing } = results
  const parts = [`${results.machine}\n${Object.entries(results.versions).map(([name, version]) => `${name} ${version}`).join(', ')}\n${results.command}; medians of ${results.rounds} rounds, ± the farthest`]
  for (const host of hostsOf(results)) {
    parts.push(`\n=== ${host}`)
    for (const work of works) {
      const lines = clients.flatMap((client) => {
        const one = find(series, host, client.name, work.name)
        if (one === undefined) return []
        if (one.values.length === 0) return [[`  ${client.label}`, '–', '', one.reason ?? `failed: ${one.errors[0]}`]]
        const busy = one.busy.length > 0 ? `${shown(median(one.busy))} µs busy` : ''
        const failed = one.errors.length > 0 ? `${one.errors.length} of ${one.errors.length + one.values.length} failed: ${one.errors[0]}` : busy
        return [[`  ${client.label}`, shown(median(one.values)), `± ${Math.round(spread(one.values))} %`, failed]]
      })
      if (lines.length > 0) parts.push(`\n${work.title} (${work.unit})\n${columns(lines)}`)
    }
    const median1 = medianOf(series, host)
    parts.push(`\nWhat wasmqtt must reach, in ${host} (the worse of 3.1.1 and 5)\n${verdictLines(verdicts(median1))}`)
  }
  const bytes = (/** @type {number} */ size) => size.toLocaleString('en')
  const rows = sizes.map(({ label, part, raw, gzip, brotli }) => [`  ${label}`, part, bytes(raw), bytes(gzip), bytes(brotli)])
  parts.push(`\n=== sizes, in bytes\n${columns([['  client', 'part', 'raw', 'gzip -9', 'brotli -11'], ...rows])}`)
  parts.push(`\n${verdictLines(sizeVerdicts(sizes))}`)
  if (missing.length > 0) parts.push(`\nNot measured:\n${missing.map((line) => `  ${line}`).join('\n')}`)
  return parts.join('\n')
}

/** @param {import('./targets.mjs').Verdict[]} all */
function verdictLines(all) {
  const words = { true: 'reached', false: 'NOT REACHED', undefined: 'not measured' }
  return columns(all.map(({ title, wanted, found, reached }) => [`  ${title}`, wanted, found === undefined ? '–' : shown(found), words[`${reached}`]]))
}

/** @param {Results} results @returns {string[]} */
export const hostsOf = ({ series }) => [...new Set(series.map(({ host }) => host))]

/** @param {Series[]} series @param {string} host @param {string} client @param {string} work */
function find(series, host, client, work) {
  return series.find((one) => one.host === host && one.client === client && one.work === work)
}

/** @param {Series[]} series @param {string} host @returns {import('./targets.mjs').Median} */
export function medianOf(series, host) {
  return (work, client) => {
    const values = find(series, host, client, work)?.values ?? []
    return values.length > 0 ? median(values) : undefined
  }
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Bars for each work, longest first where more is better. @param {Results} results @param {string} text the table @returns {string} */
export function chart(results, text) {
  const sections = hostsOf(results).map((host) => {
    const charts = works.map((work) => bars(results, host, work)).join('')
    return `<h2>${escaped(host)}</h2><div class="charts">${charts}</div>`
  })
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>wasmqtt: the benchmark</title>
<style>
body { font: 14px system-ui, sans-serif; margin: 2em; max-width: 80em }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(24em, 1fr)); gap: 1.5em }
h3 { font-size: 1em; margin: 0 0 .3em } svg { width: 100%; font: 12px system-ui, sans-serif }
.limit { fill: #b8b8b8 } .ours { fill: #2f6fde } .peer { fill: #d8a04a } .spread { stroke: #333 } pre { overflow-x: auto }
</style>
<h1>wasmqtt: the benchmark</h1>
<p>${escaped(results.machine)}. ${escaped(results.command)}, ${escaped(results.at)}. Grey: a bare socket; blue: wasmqtt. The line is the span of the rounds.</p>
${sections.join('\n')}
<h2>Table</h2><pre>${escaped(text)}</pre></html>
`
}

/** @param {Results} results @param {string} host @param {import('./work/index.mjs').Work} work */
function bars({ series }, host, work) {
  const rows = clients.flatMap((client) => {
    const one = find(series, host, client.name, work.name)
    return one && one.values.length > 0 ? [{ client, values: one.values, value: median(one.values) }] : []
  })
  if (rows.length === 0) return ''
  const most = Math.max(...rows.flatMap(({ values }) => values), Number.MIN_VALUE)
  const at = (/** @type {number} */ value) => (Math.max(0, value) / most) * 200
  const drawn = rows.map(({ client, values, value }, n) => {
    const y = n * 20
    const kind = client.limit ? 'limit' : client.name.startsWith('wasmqtt') ? 'ours' : 'peer'
    const middle = y + 8
    return `<text x="0" y="${y + 12}">${escaped(client.label)}</text><rect class="${kind}" x="150" y="${y + 2}" width="${at(value).toFixed(1)}" height="13"/>
<path class="spread" d="M${(150 + at(Math.min(...values))).toFixed(1)} ${middle}H${(150 + at(Math.max(...values))).toFixed(1)}"/><text x="355" y="${y + 12}">${shown(value)}</text>`
  })
  const which = work.more ? 'more is better' : 'less is better'
  return `<section><h3>${escaped(work.title)}</h3>${escaped(work.unit)}, ${which}<svg viewBox="0 0 430 ${rows.length * 20}">${drawn.join('')}</svg></section>`
}
