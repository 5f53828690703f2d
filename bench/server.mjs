// The benchmark's server, in a process of its own: the page and its files, the WebSockets that are sink and source, and
// the orders that say what a connection does. Ready-made bytes go straight to the TCP socket, so that it is never the
// bottleneck. It routes nothing, keeps nothing, and is for loopback alone.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../scripts/tools.mjs'
import { Connection } from './connection.mjs'

/** What of the repository a page may load. */
const served = ['/bench/', '/pkg/', '/node_modules/mqtt/dist/', '/node_modules/paho-mqtt/', '/node_modules/u8-mqtt/esm/', '/.cache/mqtt5-wasm/']

/** @type {Record<string, string>} */
const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' }

/** A page that has itself to itself gets a clock of 5 µs and may measure its memory. */
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
}

const page = '<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">'

/** @type {Map<string, Connection>} */
const connections = new Map()

/** What can be asked of a connection, by name. @type {Record<string, (connection: Connection, given: any) => any>} */
const orders = {
  stream: (connection, plan) => connection.send(plan),
  echo: (connection, on) => void (connection.echo = on),
  counts: (connection) => connection.counts,
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'POST') {
    let body = ''
    for await (const chunk of request) body += chunk
    const [, name, clientId] = pathname.split('/')
    const connection = connections.get(clientId)
    try {
      if (connection === undefined) throw new Error(`${clientId} is not connected`)
      const answer = orders[name](connection, JSON.parse(body))
      response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(answer ?? null))
    } catch (error) {
      response.writeHead(500, headers).end(String(error))
    }
    return
  }
  if (pathname === '/') return response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(page)
  const path = normalize(decodeURIComponent(pathname))
  if (!served.some((folder) => path.startsWith(folder))) return response.writeHead(404, headers).end()
  const file = createReadStream(join(root, path))
  file.on('open', () => {
    response.writeHead(200, { ...headers, 'content-type': types[extname(path)] ?? 'application/octet-stream' })
    file.pipe(response)
  })
  file.on('error', () => response.writeHead(404, headers).end())
})

server.on('upgrade', (request, /** @type {import('node:net').Socket} */ socket) => {
  const { 'sec-websocket-key': key = '', 'sec-websocket-protocol': protocols = '' } = request.headers
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  if (protocols !== '') lines.push(`Sec-WebSocket-Protocol: ${protocols.split(',')[0].trim()}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let name = ''
  const connection = new Connection(socket, (clientId) => {
    name = clientId
    connections.set(name, connection)
  })
  socket.on('close', () => connections.get(name) === connection && connections.delete(name))
})

/** @param {number} [port] @returns {Promise<number>} */
const listen = (port = 0) =>
  new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port))
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = await listen()
  process.send?.({ port })
  // It ends with the process that it serves.
  process.on('disconnect', () => process.exit())
}
