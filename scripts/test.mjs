// `npm test`: sets up what is missing, then runs every check there is, all of them even when one fails, and ends with
// a table and one line of counts. A test that is skipped counts against it. It has no checks of its own.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setUp } from './setup.mjs'
import { need, root, run, rustupHome } from './tools.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, program: () => string, args: string[], count: (output: string, code: number) => Counts, env?: Record<string, string> }} Step */

const node = () => process.execPath
const cargo = () => need('cargo')
const wasm = ['--target', 'wasm32-unknown-unknown']

/** A check without tests of its own counts as one. @type {Step['count']} */
const whole = (_output, code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 })

/** The sums that cargo's and wasm-pack's runners print, one line a file. @type {Step['count']} */
function rustCounts(output) {
  const sums = { passed: 0, failed: 0, skipped: 0 }
  for (const [, passed, failed, ignored] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    sums.passed += Number(passed)
    sums.failed += Number(failed)
    sums.skipped += Number(ignored)
  }
  return sums
}

/** The sums that node's runner prints at its end. @type {Step['count']} */
function nodeCounts(output) {
  const sum = (/** @type {string} */ word) =>
    Number([...output.matchAll(new RegExp(`^\\S+ ${word} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0)
  return { passed: sum('pass'), failed: sum('fail') + sum('cancelled'), skipped: sum('skipped') + sum('todo') }
}

const runner = ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=600000']

/** The oldest Rust that Cargo.toml promises to build with, where the machine has it. @returns {Step[]} */
function oldestRust() {
  const version = /^rust-version = "(.+)"$/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'))?.[1]
  const folder = join(rustupHome, 'toolchains')
  const toolchain = existsSync(folder) && readdirSync(folder).find((name) => name.startsWith(`${version}-`) || name.startsWith(`${version}.`))
  if (!toolchain) return []
  return ['ffi', 'web'].map((feature) => ({
    name: `Rust ${version}, ${feature}`,
    program: cargo,
    args: [`+${toolchain}`, 'check', '--locked', '--features', feature],
    count: whole,
  }))
}

/** @param {string} name @param {...string} what @returns {Step} */
function clippy(name, ...what) {
  return { name, program: cargo, args: ['clippy', '--locked', ...what, '--', '-D', 'warnings'], count: whole }
}

/** @type {() => Step[]} */
const steps = () => [
  { name: 'cargo fmt', program: cargo, args: ['fmt', '--check'], count: whole },
  clippy('clippy', '--all-targets', '--features', 'ffi'),
  clippy('clippy, wasm32', '--all-targets', ...wasm, '--features', 'ffi'),
  clippy('clippy, wasm32 without std', '--lib', ...wasm, '--features', 'npm'),
  clippy('clippy, the Rust client', '--all-targets', '--features', 'web'),
  clippy('clippy, the Rust client, wasm32', '--all-targets', ...wasm, '--features', 'web'),
  {
    name: 'cargo doc',
    program: cargo,
    args: ['doc', '--locked', '--no-deps', '--features', 'ffi,web'],
    env: { RUSTDOCFLAGS: '-Dwarnings' },
    count: whole,
  },
  { name: 'pkg is what the sources build', program: node, args: ['scripts/build.mjs', '--check'], count: whole },
  { name: 'types', program: node, args: ['node_modules/typescript/bin/tsc', '--noEmit'], count: whole },
  {
    name: 'types of the workbench',
    program: node,
    args: ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'examples/web'],
    count: whole,
  },
  ...oldestRust(),
  { name: 'cargo test', program: cargo, args: ['test', '--locked', '--features', 'ffi'], count: rustCounts },
  {
    name: 'cargo test, the Rust client',
    program: cargo,
    args: ['test', '--locked', '--features', 'web', '--lib', '--test', 'driver', '--test', 'survival'],
    count: rustCounts,
  },
  { name: 'doctests', program: cargo, args: ['test', '--locked', '--features', 'web', '--doc'], count: rustCounts },
  { name: 'Rust client, Chrome', program: node, args: ['tests/web.mjs', 'chrome'], count: rustCounts },
  { name: 'Rust client, Firefox', program: node, args: ['tests/web.mjs', 'firefox'], count: rustCounts },
  {
    name: 'wasm-pack test, headless Chrome',
    program: () => need('wasm-pack'),
    args: [
      'test',
      '--headless',
      '--chrome',
      '--mode',
      'no-install',
      '--chromedriver',
      need('chromedriver'),
      '--',
      '--locked',
      '--features',
      'ffi',
    ],
    env: { WASM_BINDGEN_TEST_TIMEOUT: '120' },
    count: rustCounts,
  },
  { name: 'cargo fmt, the dashboard', program: cargo, args: ['fmt', '--check', '--manifest-path', 'examples/yew/Cargo.toml'], count: whole },
  // Its test, among those of JavaScript, finds it built.
  { name: 'the dashboard builds', program: node, args: ['scripts/dashboard.mjs', '--build'], count: whole },
  { name: 'JavaScript', program: node, args: [...runner, ...javaScriptTests('tests/js')], count: nodeCounts },
  { name: 'mini-program hosts', program: node, args: [...runner, ...javaScriptTests('tests/hosts')], count: nodeCounts },
]

/** @param {string} folder */
function javaScriptTests(folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .sort()
    .map((name) => `${folder}/${name}`)
}

/** @param {Step} step */
async function perform({ name, program, args, count, env = {} }) {
  console.log(`\n=== ${name}`)
  const started = performance.now()
  const { code, output } = await run(program(), args, { stream: true, env })
  // Colours would hide the sums.
  const counts = count(output.replaceAll(/\x1b\[[0-9;]*m/g, ''), code)
  // A runner that failed without a failed test, or that found nothing to run, has failed too.
  if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) counts.failed = 1
  return { name, ...counts, seconds: (performance.now() - started) / 1000 }
}

/** @type {(Counts & { name: string, seconds: number })[]} */
const results = []
try {
  await setUp('test')
  for (const step of steps()) results.push(await perform(step))
} catch (error) {
  console.error(`\n${/** @type {Error} */ (error).message}`)
  results.push({ name: 'set-up', passed: 0, failed: 1, skipped: 0, seconds: 0 })
}

console.log('')
for (const { name, passed, failed, skipped, seconds } of results) {
  const verdict = failed + skipped > 0 ? 'FAILED' : 'ok'
  console.log(
    `${verdict.padEnd(8)}${name.padEnd(34)}${`${passed} passed`.padStart(12)}${`${failed} failed`.padStart(12)}${`${skipped} skipped`.padStart(12)}${`${seconds.toFixed(1)} s`.padStart(10)}`,
  )
}
const total = (/** @type {keyof Counts} */ key) => results.reduce((sum, result) => sum + result[key], 0)
process.exitCode = total('failed') + total('skipped') > 0 ? 1 : 0
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
