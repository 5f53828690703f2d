// Runs works in Node: each time in a fresh process.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'

const program = fileURLToPath(new URL('node-process.mjs', import.meta.url))

/** So that nothing is collected while allocation is measured: the young generation in MiB. */
const ROOMY = ['--min-semi-space-size=256', '--max-semi-space-size=256']

/** @param {{ url: string, effort: string }} given the server's address */
export async function startNode({ url, effort }) {
  let last = 0
  return {
    kind: /** @type {const} */ ('node'),
    version: `Node ${process.version}, ws ${createRequire(import.meta.url)('ws/package.json').version}`,
    /** @param {string} client @param {string} group @param {string[]} names the works, all of the group */
    async perform(client, group, names) {
      const execArgv = ['--expose-gc', '--no-warnings', ...(group === 'heap' ? ROOMY : [])]
      const given = JSON.stringify({ id: `n${process.pid}x${++last}`, effort, url })
      const child = fork(program, [client, names.join(','), given], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
      let said = ''
      child.stderr?.on('data', (chunk) => (said += chunk))
      let results
      child.on('message', (message) => (results = message))
      const [code] = await once(child, 'close')
      if (results === undefined) throw new Error(`${client} with ${group} ended with ${code}: ${said.slice(-500)}`)
      return /** @type {Record<string, any>} */ (results)
    },
    close: async () => {},
  }
}
