// Builds the crate mqtt5-wasm (bench/mqtt5-wasm/) with wasm-pack into .cache/, twice: for speed, as wasm-pack builds, and
// for size. It does so once; later runs find it there.

import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { find, must, root } from '../scripts/tools.mjs'

const source = join(root, 'bench/mqtt5-wasm')
export const builtFolder = join(root, '.cache/mqtt5-wasm')

/** What rustc emits and every engine has. */
const features = ['reference-types', 'bulk-memory', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'multivalue'].map(
  (feature) => `--enable-${feature}`,
)

const builds = [
  { name: 'speed', profile: ['--release'], optimise: '-O3' },
  { name: 'size', profile: ['--profile', 'small'], optimise: '-Oz' },
]

/** @param {(text: string) => void} say @returns {Promise<string>} why it is not there, or '' */
export async function buildMqtt5Wasm(say) {
  const stamp = join(builtFolder, 'lock')
  const lock = await readFile(join(source, 'Cargo.lock'), 'utf8')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === lock) return ''
  if (!find('wasm-pack')) return 'wasm-pack is not installed (`npm test` installs it)'
  say('building the crate mqtt5-wasm, for speed and for size: some minutes, once')
  try {
    await rm(builtFolder, { recursive: true, force: true })
    for (const build of builds) await buildOne(build)
    await writeFile(stamp, lock)
    return ''
  } catch (error) {
    return `it does not build: ${/** @type {Error} */ (error).message.split('\n').slice(-5).join(' ')}`
  }
}

/** @param {{ name: string, profile: string[], optimise: string }} build */
async function buildOne({ name, profile, optimise }) {
  const work = join(root, 'target/bench/mqtt5-wasm')
  const folder = join(builtFolder, name)
  // A copy: wasm-pack and cargo write beside the sources.
  await mkdir(work, { recursive: true })
  await cp(source, join(work, 'source'), { recursive: true, force: true })
  const args = ['--target', 'web', '--mode', 'no-install', '--no-typescript', '--out-name', 'mqtt5_wasm', '--out-dir', folder]
  await must(find('wasm-pack') ?? 'wasm-pack', ['build', ...profile, ...args, '.', '--', '--locked'], {
    cwd: join(work, 'source'),
    env: { CARGO_TARGET_DIR: join(work, 'target') },
  })
  const wasm = join(folder, 'mqtt5_wasm_bg.wasm')
  const tool = join(root, 'node_modules/binaryen/bin/wasm-opt')
  await must(process.execPath, [tool, wasm, ...features, optimise, '-o', `${wasm}.small`])
  await rename(`${wasm}.small`, wasm)
}
