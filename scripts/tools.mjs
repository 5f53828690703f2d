// Finds and runs the programs that building and testing need (cargo, wasm-bindgen, chromium, ...), also where they
// are installed but not on PATH. Node built-ins only: it runs before `npm ci`. It never installs anything: that is
// setup.mjs.

import { spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where cargo puts the programs that it installs. */
export const cargoHome = process.env.CARGO_HOME || join(homedir(), '.cargo')

/** Where rustup keeps its toolchains. */
export const rustupHome = process.env.RUSTUP_HOME || join(homedir(), '.rustup')

/** Tools of exactly the version that this repository needs, where the machine has another one. */
export const toolFolder = join(root, '.cache/tools')

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * The path of a program, or null: our own folder first, then PATH, cargo's folder, and those that distributions use.
 * @param {string} name
 * @returns {string | null}
 */
export function find(name) {
  const path = (process.env.PATH || '').split(delimiter).filter(Boolean)
  for (const folder of [join(toolFolder, 'bin'), ...path, join(cargoHome, 'bin'), ...systemFolders]) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return file
    } catch {
      // not there: look in the next folder
    }
  }
  return null
}

/**
 * The path of a program that must be there.
 * @param {string} name
 * @returns {string}
 */
export function need(name) {
  const file = find(name)
  if (!file) throw new Error(`${name} is not installed: run \`npm test\`, which installs what is missing`)
  return file
}

/**
 * The environment for a child: PATH also holds the folders above, so that cargo and wasm-pack find their own tools.
 * @param {Record<string, string>} [extra]
 */
export function environment(extra = {}) {
  const path = [join(toolFolder, 'bin'), process.env.PATH || '', join(cargoHome, 'bin')].join(delimiter)
  return { ...process.env, PATH: path, ...extra }
}

/**
 * Runs a program to its end.
 * @param {string} program a path or a name
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, stream?: boolean }} [options]
 *   stream: show its output while it runs; it is collected in any case
 * @returns {Promise<{ code: number, output: string, stdout: string }>} never rejects because of an exit code
 */
export function run(program, args, { cwd = root, env = {}, stream = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
    /** @type {Buffer[]} */ const all = []
    /** @type {Buffer[]} */ const out = []
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      all.push(chunk)
      out.push(chunk)
      if (stream) process.stdout.write(chunk)
    })
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => {
      all.push(chunk)
      if (stream) process.stderr.write(chunk)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const output = Buffer.concat(all).toString()
      const ended = signal ? `${output}\n${program} was ended by ${signal}\n` : output
      resolve({ code: code ?? 1, output: ended, stdout: Buffer.concat(out).toString() })
    })
  })
}

/**
 * Runs a program that must succeed; its whole output is in the error when it does not.
 * @param {string} program
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 * @returns {Promise<string>} what it wrote to standard output
 */
export async function must(program, args, options = {}) {
  const { code, output, stdout } = await run(program, args, options)
  if (code !== 0) {
    const said = options.stream ? '' : `\n${output}`
    throw new Error(`${program} ${args.join(' ')} failed with code ${code}${said}`)
  }
  return stdout
}

/**
 * The version of a crate in Cargo.lock, so that a tool which must match it exactly does.
 * @param {string} crate
 * @returns {string}
 */
export function lockedVersion(crate) {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8')
  const found = new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`).exec(lock)
  if (!found) throw new Error(`Cargo.lock names no ${crate}`)
  return found[1]
}
