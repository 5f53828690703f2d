// A small static file server on loopback for the workbench and for tests in a browser. It serves the folders it is
// given and nothing outside them: no listing, no writing, no symbolic link that leads out.

import { createServer } from 'node:http'
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { listen } from './broker.mjs'

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.cjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
}

/**
 * Serves folders over http.
 * @param {Record<string, string>} mounts path prefix, with a slash at both ends, -> folder; the longest prefix wins
 * @param {{ port?: number, extra?: Record<string, () => { type: string, body: string }> }} [options]
 *   port: 0 or taken: any free one; extra: documents made on request, by path
 * @returns {Promise<{ url: string, port: number, close(): Promise<void> }>}
 */
export async function serve(mounts, { port = 0, extra = {} } = {}) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length)
  const server = createServer(async (request, response) => {
    const answer = await answerTo(request.method ?? '', request.url ?? '/', prefixes, mounts, extra)
    response.writeHead(answer.status, {
      'content-type': answer.type,
      'content-length': Buffer.byteLength(answer.body),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      ...(answer.location ? { location: answer.location } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  })
  const bound = await listen(server, port)
  return {
    url: `http://127.0.0.1:${bound}/`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {string[]} prefixes
 * @param {Record<string, string>} mounts
 * @param {Record<string, () => { type: string, body: string }>} extra
 * @returns {Promise<{ status: number, type: string, body: Buffer | string, location?: string }>}
 */
async function answerTo(method, url, prefixes, mounts, extra) {
  const plain = (/** @type {number} */ status, /** @type {string} */ body) => ({
    status,
    type: 'text/plain; charset=utf-8',
    body,
  })
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET\n')
  let path
  try {
    path = decodeURIComponent(url.split('?')[0])
  } catch {
    return plain(400, 'not a path\n')
  }
  if (extra[path]) return { status: 200, ...extra[path]() }
  const prefix = prefixes.find((one) => path.startsWith(one))
  if (!prefix || path.includes('\0') || path.includes('\\')) return plain(404, 'not found\n')
  const top = await realpath(mounts[prefix])
  try {
    // realpath resolves `..` and links alike, so that one comparison keeps all of them inside.
    let file = await realpath(join(top, path.slice(prefix.length)))
    if (file !== top && !file.startsWith(top + sep)) return plain(404, 'not found\n')
    if ((await stat(file)).isDirectory()) {
      if (!path.endsWith('/')) return { ...plain(301, ''), location: `${path}/` }
      file = await realpath(join(file, 'index.html'))
      if (!file.startsWith(top + sep)) return plain(404, 'not found\n')
    }
    const type = types[extname(file)] ?? 'application/octet-stream'
    return { status: 200, type, body: await readFile(file) }
  } catch {
    return plain(404, 'not found\n')
  }
}
