// The embedded MQTT broker of `npm start` and of the tests: aedes behind a WebSocket on loopback, with the stream of
// one's choice between them. A broker to try things with, never one to trust: it has no access rules unless given,
// and nothing outlives it.

import { createServer } from 'node:http'
import { Duplex } from 'node:stream'
import { Aedes } from 'aedes'
import { WebSocketServer, createWebSocketStream } from 'ws'

/** Above this much unsent, a writer waits for the socket. */
const highWater = 1 << 20
/** How long a client may take to answer our closing handshake, in milliseconds. */
const grace = 500

/**
 * The stream that a broker should have: what it writes within one turn of the event loop leaves as one WebSocket
 * message. aedes writes a packet in about five pieces, and each WebSocket message costs a browser as much as a
 * hundred packets.
 */
export class JoiningStream extends Duplex {
  /** @param {import('ws').WebSocket} socket */
  constructor(socket) {
    super()
    this.socket = socket
    /** @type {Buffer[]} */ this.waiting = []
    this.waitingBytes = 0
    /** @type {((error?: Error | null) => void) | null} */ this.held = null
    /** @type {NodeJS.Immediate | null} */ this.turn = null
    socket.on('message', (data, isBinary) => {
      if (!isBinary) socket.close(1003, 'MQTT needs binary messages')
      else if (!this.push(data)) socket.pause()
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => {
      this.push(null)
      this.destroy()
    })
  }

  /** @override */
  _read() {
    this.socket.resume()
  }

  /**
   * @override
   * @param {Buffer} chunk
   * @param {string} _encoding
   * @param {(error?: Error | null) => void} done
   */
  _write(chunk, _encoding, done) {
    this.waiting.push(chunk)
    this.waitingBytes += chunk.length
    this.turn ??= setImmediate(() => this.flush())
    // Held at the mark, so that a slow reader slows the broker down and does not fill its memory.
    if (this.waitingBytes + this.socket.bufferedAmount < highWater) done()
    else this.held = done
  }

  flush() {
    if (this.turn) clearImmediate(this.turn)
    this.turn = null
    const { held } = this
    this.held = null
    if (this.waiting.length > 0 && this.socket.readyState === this.socket.OPEN) {
      this.socket.send(Buffer.concat(this.waiting), (error) => held?.(error ?? null))
    } else held?.()
    this.waiting = []
    this.waitingBytes = 0
  }

  /**
   * @override
   * @param {(error?: Error | null) => void} done
   */
  _final(done) {
    this.flush()
    this.socket.close(1000)
    done()
  }

  /**
   * @override
   * @param {Error | null} error
   * @param {(error?: Error | null) => void} done
   */
  _destroy(error, done) {
    // Without this flush the last CONNACK or DISCONNECT would be lost: aedes destroys right after writing it.
    this.flush()
    this.socket.close(1000)
    const timer = setTimeout(() => this.socket.terminate(), grace)
    this.socket.once('close', () => clearTimeout(timer))
    if (this.socket.readyState === this.socket.CLOSED) clearTimeout(timer)
    done(error)
  }
}

/** ws's own stream, as most programs with aedes have it: a packet comes as several messages, often of one byte. */
export const naiveStream = (/** @type {import('ws').WebSocket} */ socket) => createWebSocketStream(socket)

/** @param {import('ws').WebSocket} socket */
export const joiningStream = (socket) => new JoiningStream(socket)

/**
 * aedes leaves Will Delay Interval on the message that a delayed will becomes, where no PUBLISH may have it (MQTT 5,
 * table 2-4): a strict client ends the connection.
 * @param {unknown} _client
 * @param {{ properties?: any }} packet
 * @param {(error: null) => void} done
 */
function withoutWillDelay(_client, packet, done) {
  delete packet.properties?.willDelayInterval
  done(null)
}

/**
 * Starts a broker on loopback.
 * @param {{ port?: number, stream?: (socket: import('ws').WebSocket) => Duplex, options?: object }} [settings]
 *   port: 0 for any free one, which is also what happens when the given one is taken; options: aedes' own
 * @returns {Promise<{ url: string, port: number, aedes: Aedes, sockets: Set<import('ws').WebSocket>, close(): Promise<void> }>}
 */
export async function startBroker({ port = 0, stream = joiningStream, options = {} } = {}) {
  const aedes = await Aedes.createBroker({ authorizePublish: withoutWillDelay, ...options })
  const server = createServer((_request, response) => response.writeHead(426).end('MQTT over WebSocket only\n'))
  const wss = new WebSocketServer({
    server,
    maxPayload: 1 << 28,
    handleProtocols: (offered) => ['mqtt', 'mqttv3.1'].find((one) => offered.has(one)) ?? false,
  })
  wss.on('connection', (socket, request) => {
    const pipe = stream(socket)
    pipe.on('error', () => {}) // a client that vanishes is no fault of the broker; aedes reports it by itself
    aedes.handle(pipe, request)
  })
  // ws passes the server's errors on; listen() below is the one that handles them.
  wss.on('error', () => {})
  const bound = await listen(server, port)
  return {
    url: `ws://127.0.0.1:${bound}/mqtt`,
    port: bound,
    aedes,
    sockets: wss.clients,
    async close() {
      // First, because a client that comes back at once must find nobody.
      const closed = new Promise((resolve) => server.close(() => resolve(undefined)))
      for (const socket of wss.clients) socket.terminate()
      await new Promise((resolve) => aedes.close(() => resolve(undefined)))
      await new Promise((resolve) => wss.close(() => resolve(undefined)))
      await closed
    },
  }
}

/**
 * Listens on loopback at the port, or at any free one when it is taken.
 * @param {import('node:net').Server} server
 * @param {number} port
 * @returns {Promise<number>}
 */
export function listen(server, port) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE' && port !== 0) server.listen(0, '127.0.0.1')
      else reject(error)
    }
    server.on('error', failed)
    server.once('listening', () => {
      server.off('error', failed)
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port)
    })
    server.listen(port, '127.0.0.1')
  })
}
