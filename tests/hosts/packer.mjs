// What WeChat's developer tools make of a mini-program before it reaches a phone: 构建 npm and the compiler, by the vendor's
// own package, which scripts/setup.mjs installs. It runs in a process of its own, with a home of its own, and any way to the
// network is closed to it and told.

import { createRequire } from 'node:module'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import dns from 'node:dns'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPackageFolder } from '../../scripts/setup.mjs'
import { root, run } from '../../scripts/tools.mjs'
import { makeProject } from '../js/project.mjs'

/** What a compilation may take, in seconds. */
const PATIENCE = 300

/**
 * The switches of the developer tools. `none`: the files as they are; `es5`: the old ES6 to ES5; `enhanced`: 增强编译, and
 * everything minified.
 * @type {Record<string, Record<string, boolean>>}
 */
export const settings = {
  none: { es6: false },
  es5: { es6: true },
  enhanced: { es6: true, es7: true, enhance: true, minify: true },
}

/**
 * Builds npm in a mini-program, and compiles it.
 * @param {string} folder of the mini-program, with node_modules; 构建 npm writes miniprogram_npm there
 * @param {Record<string, boolean>} setting as the developer tools have it
 * @returns {Promise<{ output: string, warnings: unknown[], messages: string[], connections: string[] }>} output: a new folder
 *   with the files of the code package, the caller's to remove; warnings: of 构建 npm; messages: what the tools wrote;
 *   connections: where they wanted to
 */
export async function pack(folder, setting) {
  const place = mkdtempSync(join(tmpdir(), 'wasmqtt-packed-'))
  const home = join(place, 'home')
  const output = join(place, 'package')
  mkdirSync(home)
  try {
    const args = [`${PATIENCE}`, process.execPath, fileURLToPath(import.meta.url), folder, output, JSON.stringify(setting)]
    const { code, output: said } = await run('timeout', args, { cwd: place, env: { HOME: home, TMPDIR: home } })
    if (code !== 0) throw new Error(`the packer failed:\n${said}`)
    const result = JSON.parse(readFileSync(join(home, 'result.json'), 'utf8'))
    rmSync(home, { recursive: true })
    return { output, messages: said.split('\n').filter((line) => line !== ''), ...result }
  } catch (error) {
    rmSync(place, { recursive: true })
    throw error
  }
}

/** The other process of `pack`. @param {string} folder @param {string} output @param {object} setting */
async function work(folder, output, setting) {
  /** @type {string[]} */
  const connections = []
  const refuse = (/** @type {any[]} */ ...to) => {
    connections.push(JSON.stringify(to.filter((one) => typeof one !== 'function')))
    throw new Error('the network is closed')
  }
  net.Socket.prototype.connect = dns.lookup = dns.resolve = /** @type {any} */ (refuse)
  const ci = createRequire(join(testPackageFolder, 'somebody.js'))('miniprogram-ci')
  // What the vendor knows of a program's limits, it would ask its server for.
  const { DefaultProjectAttr } = createRequire(join(testPackageFolder, 'somebody.js'))('miniprogram-ci/dist/config/config.js')
  ci.Project.prototype.attr = async () => DefaultProjectAttr
  const project = new ci.Project({
    appid: 'touristappid',
    type: 'miniProgram',
    projectPath: folder,
    // Nothing is signed with it.
    privateKey: 'none',
    ignores: ['node_modules/**/*'],
  })
  const warnings = await ci.packNpm(project, { reporter: () => {} })
  const files = await ci.getCompiledResult({ project, setting, onProgressUpdate() {} })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(output, name)), { recursive: true })
    writeFileSync(join(output, name), content)
  }
  writeFileSync(join(String(process.env.HOME), 'result.json'), JSON.stringify({ warnings, connections }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, output, setting] = process.argv.slice(2)
  await work(folder, output, JSON.parse(setting))
  // The packer's workers stay.
  process.exit()
}
