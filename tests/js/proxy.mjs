// A TCP proxy on loopback between a client and its broker, so that a test can cut the line without a word or freeze
// it: the two ways in which real networks lose clients. It reads nothing of what it passes on.

import { connect, createServer } from 'node:net'

/**
 * @param {number} target the broker's port
 */
export async function startProxy(target) {
  /** @type {Set<[import('node:net').Socket, import('node:net').Socket]>} */
  const pairs = new Set()
  /** @type {WeakSet<object>} */
  const frozen = new WeakSet()
  const server = createServer({ noDelay: true }, (client) => {
    const broker = connect({ port: target, host: '127.0.0.1', noDelay: true })
    /** @type {[import('node:net').Socket, import('node:net').Socket]} */
    const pair = [client, broker]
    pairs.add(pair)
    client.pipe(broker)
    broker.pipe(client)
    for (const one of pair) {
      one.on('error', () => {})
      one.on('close', () => {
        // On a frozen line not even the end of one side gets through: the other must notice by itself.
        if (frozen.has(pair) && !pair.every((socket) => socket.destroyed)) return
        pairs.delete(pair)
        for (const socket of pair) socket.destroy()
      })
    }
  })
  await new Promise((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', () => resolve(undefined)))
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    /** Ends every connection, with neither a DISCONNECT nor a closing frame. */
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
    },
    /** Passes nothing on any more, while every connection stays up. */
    freeze() {
      for (const pair of pairs) {
        const [client, broker] = pair
        frozen.add(pair)
        client.unpipe(broker)
        broker.unpipe(client)
        // Read and dropped, so that nothing else notices.
        for (const socket of [client, broker]) socket.resume()
      }
    },
    close() {
      this.cut()
      return new Promise((resolve) => server.close(() => resolve(undefined)))
    },
  }
}
