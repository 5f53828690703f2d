// Starts the server in a process of its own, so that it has a processor of its own where there are two.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** @returns {Promise<{ port: number, url: string, close(): Promise<void> }>} */
export async function startServer() {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)))
  const ended = once(child, 'exit')
  const [said] = await Promise.race([once(child, 'message'), ended.then(([code]) => Promise.reject(new Error(`the server ended with ${code}`)))])
  return {
    port: said.port,
    url: `http://127.0.0.1:${said.port}/`,
    close: async () => {
      child.disconnect()
      await ended
    },
  }
}
