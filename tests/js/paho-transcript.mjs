// What a program and its server see of a client, as lines in the order in which they happen: every packet sent, and
// every callback with its arguments. The same script on Paho and on ours gives two transcripts to be compared.

/**
 * Names that Paho's callbacks use. What ours adds beside them is left out, so that the rest can be compared, and so is
 * `reconnect: false`, for which Paho gives undefined.
 */
const FIELDS = ['invocationContext', 'errorCode', 'errorMessage', 'reconnect', 'uri', 'grantedQos']

/**
 * The packets in a string of hexadecimal digits: WebSocket messages may hold several.
 * @param {string} digits
 */
export function packets(digits) {
  const found = []
  for (let at = 0; at < digits.length;) {
    let end = at + 2
    let length = 0
    for (let scale = 1, more = true; more; scale *= 128, end += 2) {
      const byte = Number.parseInt(digits.slice(end, end + 2), 16)
      length += (byte & 127) * scale
      more = byte > 127
    }
    end += length * 2
    found.push(digits.slice(at, end))
    at = end
  }
  return found
}

/** An argument of a callback as one can read it. @param {any} value */
export function shown(value) {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (value.payloadBytes) {
    const { destinationName, qos, retained, duplicate } = value
    const flags = `${retained ? ' retained' : ''}${duplicate ? ' duplicate' : ''}`
    return `${destinationName} qos ${qos}${flags} ${Buffer.from(value.payloadBytes).toString('hex')}`
  }
  if (value instanceof Error) return `error ${value.message}`
  const known = FIELDS.filter((name) => value[name] !== undefined && value[name] !== false)
  if (known.length === 0 && !('properties' in value)) return JSON.stringify(value)
  return known.length === 0 ? '{}' : `{ ${known.map((name) => `${name}: ${shown(value[name])}`).join(', ')} }`
}

export class Transcript {
  /** @param {import('./host.mjs').Host} host */
  constructor(host) {
    this.host = host
    /** @type {string[]} */
    this.lines = []
    /** Sockets told of so far. */
    this.known = 0
    /** Those that have opened and are not closed yet. Of the others Paho leaves some as they are (paho-differences.mjs). */
    this.open = new Set()
  }

  /** Sockets and packets since the last time. */
  catchUp() {
    this.host.sockets.forEach((socket, at) => {
      if (at >= this.known) {
        this.known++
        this.lines.push(`opens ${socket.url} ${socket.protocols}`)
      }
      for (const packet of packets(socket.take().join(''))) this.lines.push(`> ${packet}`)
    })
  }

  /** @param {string} line */
  write(line) {
    this.catchUp()
    this.lines.push(line)
  }

  /** A callback that is written down. @param {string} name */
  callback(name) {
    return (...args) => this.write(`${name} ${args.map(shown).join(', ')}`)
  }

  /** A value that the script wants to see. @param {string} what @param {unknown} value */
  shows(what, value) {
    this.write(`${what}: ${shown(value)}`)
  }

  /** What a call throws. Engines word their TypeErrors as they like. @param {() => unknown} call */
  attempt(call) {
    try {
      call()
      this.write('goes through')
    } catch (error) {
      if (error instanceof TypeError) this.write('throws a TypeError')
      else this.write(error instanceof Error ? `throws ${error.message}` : `throws a string, ${error}`)
    }
  }

  /** What has happened so far is not what the script is about. */
  forget() {
    this.turned()
    this.lines.length = 0
  }

  /** What happens meanwhile is not what the script is about. @template T @param {() => T} steps @returns {Promise<T>} */
  async unseen(steps) {
    this.turned()
    const { length } = this.lines
    const result = await steps()
    await this.settle()
    this.lines.length = length
    return result
  }

  /** A client with all its callbacks written down. @param {...any} args */
  client(...args) {
    const client = new this.host.Client(...(args.length > 0 ? args : ['ws://server/mqtt', 'me']))
    for (const name of ['onConnected', 'onConnectionLost', 'onMessageDelivered', 'onMessageArrived']) {
      client[name] = this.callback(name)
    }
    return client
  }

  /** Both callbacks of an operation. @param {string} what */
  callbacks(what) {
    return { onSuccess: this.callback(`${what} onSuccess`), onFailure: this.callback(`${what} onFailure`) }
  }

  /** Connects and gives the socket, which is not open yet. @param {any} client @param {object} [options] */
  async connecting(client, options = {}) {
    const before = this.host.sockets.length
    client.connect({ ...this.callbacks('connect'), ...options })
    while (this.host.sockets.length === before) await this.host.turn()
    return this.host.socket
  }

  /** A client with its connection. @param {object} [options] @param {any} [client] @param {string} [connAck] */
  async connected(options = {}, client = this.client(), connAck = '20020000') {
    await this.connecting(client, { mqttVersion: 4, ...options })
    await this.opens()
    await this.receives(connAck)
    return client
  }

  /** The socket of the newest attempt opens. */
  async opens() {
    this.open.add(this.host.socket)
    this.host.socket.handlers.onOpen()
    await this.settle()
  }

  /** @param {...string} messages each a WebSocket message from the server, in hexadecimal digits */
  async receives(...messages) {
    for (const message of messages) {
      this.host.socket.receive(message)
      await this.settle()
    }
  }

  /** The server, or what is between, hangs up. */
  async drops() {
    this.host.socket.drop()
    await this.settle()
  }

  /**
   * The connection is lost and comes back by itself; then what the client sends is seen, and what it tells.
   * @param {string} [connAck] @param {() => void} [meanwhile]
   */
  async reconnected(connAck = '20020000', meanwhile = () => {}) {
    await this.unseen(async () => {
      this.host.socket.drop()
      await this.pass(0)
      meanwhile()
      await this.opens()
    })
    await this.receives(connAck)
  }

  /** The turn is over: what it has brought is written down. */
  async settle() {
    await this.host.turn()
    this.turned()
  }

  /** @param {number} seconds */
  async pass(seconds) {
    await this.host.pass(seconds * 1000)
    this.turned()
  }

  turned() {
    this.catchUp()
    for (const socket of this.host.sockets) {
      if (socket.closed && this.open.delete(socket)) this.lines.push('closes')
    }
  }
}

/**
 * The transcript of a script on a host.
 * @param {any} host
 * @param {(transcript: Transcript) => Promise<void>} script
 */
export async function transcriptOf(host, script) {
  const transcript = new Transcript(host)
  await script(transcript)
  await transcript.settle()
  return transcript.lines
}
