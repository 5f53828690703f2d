// Brings what is missing before `npm start` and `npm test`: npm packages, the wasm target of Rust, wasm-pack,
// wasm-bindgen, geckodriver, Debian's chromium, firefox-esr, mosquitto and JavaScriptCore, and WeChat's packer and the newest Node out of npm. Node
// built-ins only. It says what it does while it takes long, touches nothing that is already right, and never goes on
// without something that is needed.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, lockedVersion, must, root, run, toolFolder } from './tools.mjs'

/** npm has a package of Node for each system. */
const newest = `node-${process.platform}-${process.arch}`

/** npm packages for the tests alone: `npm start` must not wait for their 500 MB, so that package.json does not name them. */
const testPackages = { 'miniprogram-ci': '2.1.42', [newest]: '26.10.0' }

/** Where they are. */
export const testPackageFolder = join(toolFolder, 'node_modules')

/** A newer Node than the one that runs this: its engine is of today's devices. */
export const newestNode = join(testPackageFolder, newest, 'bin/node')

/** @param {string} text */
const say = (text) => console.log(`set-up: ${text}`)

/**
 * @param {'start' | 'build' | 'test'} tier start: Node alone; build: and Rust; test: and browsers and brokers
 */
export async function setUp(tier) {
  needNode()
  await npmPackages()
  if (tier === 'start') return
  await rust()
  await wasmBindgen()
  if (tier === 'build') return
  await rustComponents()
  await wasmPack()
  await geckodriver()
  await debianPackages()
  await npmTestPackages()
}

function needNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node 20.19 or later is needed here; this is ${process.version}`)
}

/** Whether node_modules is what package-lock.json asks for, by npm's own record of what it installed. */
function npmIsCurrent() {
  const record = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(record, 'utf8')).packages
  // Optional ones are for other systems: not having them is right.
  return Object.keys(wanted).every(
    (path) => path === '' || wanted[path].optional || present[path]?.version === wanted[path].version,
  )
}

async function npmPackages() {
  if (npmIsCurrent()) return
  say('installing npm packages (npm ci), some seconds')
  await npm('ci')
}

async function npmTestPackages() {
  // npm writes its record last: what it began and did not end is not there.
  const record = join(testPackageFolder, '.package-lock.json')
  const present = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')).packages : {}
  const all = Object.entries(testPackages)
  if (all.every(([name, version]) => present[`node_modules/${name}`]?.version === version)) return
  const wanted = all.map(([name, version]) => `${name}@${version}`)
  say(`installing ${wanted.join(' and ')} into ${toolFolder} for the tests: 500 MB, some minutes, once`)
  mkdirSync(toolFolder, { recursive: true })
  await npm('install', '--prefix', toolFolder, '--save-exact', ...wanted)
}

/** @param {...string} command */
async function npm(...command) {
  // Our packages work without their install scripts, so none runs.
  const args = [...command, '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error']
  const path = process.env.npm_execpath
  if (path?.endsWith('.js')) await must(process.execPath, [path, ...args], { stream: true })
  else await must(find('npm') ?? 'npm', args, { stream: true })
}

async function rust() {
  if (!find('cargo') || !find('rustc')) {
    throw new Error(
      'Rust is not installed. `npm start` needs none; to build and test, install rustup (https://rustup.rs), open a new shell and run this again',
    )
  }
  const target = 'wasm32-unknown-unknown'
  const folder = await run(find('rustc') ?? '', ['--print', 'target-libdir', '--target', target])
  if (folder.code === 0 && existsSync(folder.stdout.trim())) return
  say(`adding the Rust target ${target}`)
  await rustup(['target', 'add', target], `the Rust target ${target}`)
}

async function rustComponents() {
  for (const [component, program] of [
    ['rustfmt', 'cargo-fmt'],
    ['clippy', 'cargo-clippy'],
  ]) {
    const tried = await run(find('cargo') ?? '', [component === 'rustfmt' ? 'fmt' : 'clippy', '--version'])
    if (tried.code === 0 && find(program)) continue
    say(`adding the Rust component ${component}`)
    await rustup(['component', 'add', component], component)
  }
}

/**
 * @param {string[]} args
 * @param {string} what
 */
async function rustup(args, what) {
  const program = find('rustup')
  if (!program)
    throw new Error(
      `${what} is missing and rustup is not installed: install rustup (https://rustup.rs), or ${what} by the means of your system`,
    )
  await must(program, args, { stream: true })
}

/** The command line must match the crate exactly: its file format changes from version to version. */
async function wasmBindgen() {
  const version = lockedVersion('wasm-bindgen')
  const present = find('wasm-bindgen')
  if (present && find('wasm-bindgen-test-runner')) {
    const { stdout } = await run(present, ['--version'])
    if (stdout.trim() === `wasm-bindgen ${version}`) return
    say(`building wasm-bindgen ${version} into ${toolFolder} (the installed one is ${stdout.trim()}): some minutes, once`)
    await cargoInstall(['wasm-bindgen-cli', '--version', version, '--force', '--root', toolFolder])
    return
  }
  say(`building wasm-bindgen ${version}: some minutes, once`)
  await cargoInstall(['wasm-bindgen-cli', '--version', version, '--force'])
}

async function wasmPack() {
  if (find('wasm-pack')) return
  say('building wasm-pack: some minutes, once')
  await cargoInstall(['wasm-pack', '--locked'])
}

/** Debian has Firefox, and not what steers it. */
async function geckodriver() {
  if (find('geckodriver')) return
  say('building geckodriver: some minutes, once')
  await cargoInstall(['geckodriver', '--locked'])
}

/** @param {string[]} args */
async function cargoInstall(args) {
  await must(find('cargo') ?? 'cargo', ['install', ...args], { stream: true })
}

async function debianPackages() {
  const packages = Object.entries({
    cc: 'gcc libc6-dev',
    // With letters for the pictures that the tests take of Chinese pages.
    chromium: 'chromium fonts-wqy-microhei',
    chromedriver: 'chromium-driver',
    'firefox-esr': 'firefox-esr',
    jsc: 'libjavascriptcoregtk-4.0-bin',
    mosquitto: 'mosquitto',
    mosquitto_passwd: 'mosquitto',
    openssl: 'openssl',
  })
  const missing = packages.filter(([program]) => !find(program))
  if (missing.length === 0) return
  const names = [...new Set(missing.flatMap(([, list]) => list.split(' ')))]
  const programs = missing.map(([program]) => program).join(', ')
  const apt = find('apt-get')
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`
  if (!apt) throw new Error(`the tests need ${programs}: install them by the means of your system`)
  if (process.getuid?.() !== 0) throw new Error(`the tests need ${programs}: as root, run\n  apt-get update && ${command}`)
  say(`installing Debian packages: ${names.join(', ')}`)
  // RUNLEVEL=1: a package that brings a service does not start it.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await must(apt, ['update', '-qq'], { env, stream: true })
  await must(apt, ['install', '-y', '-qq', '--no-install-recommends', ...names], { env, stream: true })
  const still = missing.map(([program]) => program).filter((program) => !find(program))
  if (still.length > 0) throw new Error(`after installing ${names.join(', ')} there is still no ${still.join(', ')}`)
}
