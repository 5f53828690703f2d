// An empty project somewhere else with the packed package installed, as a user has it: what `npm pack` leaves out is
// not there. It installs offline, and never touches this repository's own node_modules.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { find, must, root, run } from '../../scripts/tools.mjs'

/** npm, without what the machine's own configuration may say about network or audit. */
async function npm(args, cwd) {
  const offline = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  return must(find('npm') ?? 'npm', [...args, ...offline], { cwd })
}

/** The files that package.json ships, each by its path. @returns {string[]} */
export function shipped() {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return files.flatMap((/** @type {string} */ path) =>
    statSync(join(root, path)).isDirectory() ? readdirSync(join(root, path)).map((name) => `${path}/${name}`) : path,
  )
}

/**
 * Makes the project.
 * @param {Record<string, string>} files
 * @param {{ type?: 'module' | 'commonjs', link?: string[] }} [options] link: packages of this repository that the
 *   project has too
 */
export async function makeProject(files, { type = 'module', link = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wasmqtt-project-'))
  const packed = JSON.parse(await npm(['pack', '--json', '--pack-destination', folder], root))[0]
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'somebody', version: '1.0.0', private: true, type }))
  await npm(['install', join(folder, packed.filename)], folder)
  for (const name of link) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'dir')
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return {
    folder,
    /** The paths in the tarball. @type {string[]} */
    packed: packed.files.map((file) => file.path),
    /** Runs a file of the project under Node. */
    node: (...args) => run(process.execPath, args, { cwd: folder }),
    /** Runs a tool of this repository inside the project. */
    tool: (path, ...args) => run(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: folder }),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
