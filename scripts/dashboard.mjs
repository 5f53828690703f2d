// `npm run example:yew`: builds examples/yew with wasm-pack and serves it, with a broker on loopback for it. It writes
// into target/ alone.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'
import { must, need, root } from './tools.mjs'

const source = join(root, 'examples/yew')
const built = join(root, 'target/dashboard')

/** What to serve. The page looks for ./pkg, where wasm-pack writes by itself. */
export const mounts = { '/': source, '/pkg/': built }

/** @param {{ stream?: boolean }} [options] stream: show the compiler's output while it runs */
export async function buildDashboard({ stream = false } = {}) {
  const args = ['--target', 'web', '--mode', 'no-install', '--no-typescript', '--no-pack', '--out-name', 'dashboard', '--out-dir', built]
  const env = { CARGO_TARGET_DIR: join(process.env.CARGO_TARGET_DIR || join(root, 'target'), 'yew') }
  await must(need('wasm-pack'), ['build', '--release', ...args, source, '--', '--locked'], { stream, env })
}

async function main() {
  await setUp('build')
  const { startBroker } = await import('./broker.mjs')
  const { serve } = await import('./serve.mjs')
  await buildDashboard({ stream: true })
  if (process.argv.includes('--build')) return
  const broker = await startBroker({ port: 8083 })
  const page = await serve(mounts, { port: 8080 })
  console.log(`\nThe dashboard: ${page.url}?url=${broker.url}\nCtrl-C ends it.`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => Promise.all([page.close(), broker.close()]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main()
  } catch (error) {
    console.error(`dashboard: ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}
