// A broker inside an engine, at the other end of a socket that is none: it answers as a server has to, remembers what came,
// byte by byte, and sends what a check wants, also what no server may send. It is strict about nothing.

/** Bytes of a text, by the engine's own means. @param {string} text */
export function utf8(text) {
  const bytes = unescape(encodeURIComponent(text))
  return Array.from(bytes, (one) => one.charCodeAt(0))
}

/** @param {Uint8Array} bytes */
export const textOf = (bytes) => decodeURIComponent(escape(Array.from(bytes, (one) => String.fromCharCode(one)).join('')))

/** Bytes of hexadecimal digits; white space is for the reader. @param {string} digits */
export const hex = (digits) => (digits.replace(/\s/g, '').match(/../g) || []).map((two) => parseInt(two, 16))

const two = (number) => [number >> 8, number & 255]

const string = (text) => two(utf8(text).length).concat(utf8(text))

function size(number) {
  const bytes = []
  do {
    bytes.push((number & 127) | (number > 127 ? 128 : 0))
    number >>= 7
  } while (number > 0)
  return bytes
}

/** A packet of several pieces. @param {number} first @param {...(number[] | Uint8Array)} pieces */
function packet(first, ...pieces) {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const all = [[first], size(length)].concat(pieces)
  const bytes = new Uint8Array(all.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of all) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes
    this.at = 0
  }
  byte() {
    return this.bytes[this.at++]
  }
  two() {
    return (this.byte() << 8) | this.byte()
  }
  size() {
    let number = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      number |= (byte & 127) << shift
      if (!(byte > 127)) return number
    }
  }
  take(length) {
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }
  string() {
    return textOf(this.take(this.two()))
  }
  get rest() {
    return this.take(this.bytes.length - this.at)
  }
}

/** One connection, as the server sees it. */
export class Connection {
  constructor(server, url, protocols) {
    this.server = server
    this.url = url
    this.protocols = protocols
    this.version = 0
    this.closed = false
    this.clientId = ''
    /** The first byte of each packet that came. @type {number[]} */
    this.packets = []
    /** Options by filter. @type {Record<string, number>} */
    this.subscribed = {}
    /** Identifiers of our messages that the client has acknowledged for good. @type {number[]} */
    this.acknowledged = []
    this.lastId = 0
    this.left = new Uint8Array(0)
    /** What the stand-in of the host holds. */
    this.carrier = {
      protocol: protocols[0],
      send: (data) => this.later(() => this.take(new Uint8Array(data))),
      close: (code, reason) => this.end(code || 1000, reason || ''),
    }
    this.later(() => this.carrier.onopen({}))
  }

  /** @private */
  later(run) {
    this.server.clock.setTimeout(() => this.closed || run(), 1)
  }

  end(code = 1006, reason = '') {
    if (this.closed) return
    this.later(() => {
      this.closed = true
      this.carrier.onclose({ code, reason })
    })
  }

  /** One message of the WebSocket. @param {number[] | Uint8Array} bytes */
  send(bytes) {
    const { buffer } = new Uint8Array(bytes)
    this.later(() => this.carrier.onmessage({ data: buffer }))
  }

  /** @param {string} topic @param {Uint8Array | number[]} payload @param {number} qos @param {number[]} [properties] */
  publish(topic, payload, qos, properties = []) {
    const id = qos > 0 ? ++this.lastId : 0
    const sections = this.version === 5 ? size(properties.length).concat(properties) : []
    this.send(packet(0x30 | (qos << 1), string(topic), qos > 0 ? two(id) : [], sections, payload))
    return id
  }

  /** @private What cannot be read ends the connection. @param {Uint8Array} bytes */
  take(bytes) {
    try {
      this.receive(bytes)
    } catch (error) {
      this.end()
    }
  }

  /** @private @param {Uint8Array} bytes */
  receive(bytes) {
    const all = new Uint8Array(this.left.length + bytes.length)
    all.set(this.left)
    all.set(bytes, this.left.length)
    this.server.sizes.push(bytes.length)
    let from = 0
    for (;;) {
      const reader = new Reader(all.subarray(from))
      const first = reader.byte()
      const length = reader.size()
      if (reader.at + length > all.length - from || first === undefined) break
      this.packets.push(first)
      this.handle(first, new Reader(reader.take(length).slice()))
      from += reader.at
    }
    this.left = all.slice(from)
  }

  /** @private @param {number} first @param {Reader} body */
  handle(first, body) {
    const { server } = this
    const properties = () => (this.version === 5 ? body.take(body.size()) : new Uint8Array(0))
    const type = first >> 4
    if (type === 1) {
      body.string()
      this.version = body.byte()
      const clean = (body.byte() & 2) !== 0
      this.keepAlive = body.two()
      properties()
      this.clientId = body.string()
      const present = !clean && server.sessions.includes(this.clientId)
      if (!present) server.sessions = clean ? server.sessions : server.sessions.concat(this.clientId)
      this.send(hex(this.version === 5 ? `2003 0${present ? 1 : 0} 00 00` : `2002 0${present ? 1 : 0} 00`))
    } else if (type === 3) {
      const qos = (first >> 1) & 3
      const topic = body.string()
      const id = qos > 0 ? body.two() : 0
      const sections = properties()
      const [duplicate, retained] = [(first & 8) !== 0, (first & 1) !== 0]
      server.published.push({ topic, qos, id, properties: sections, duplicate, retained, payload: body.rest })
      if (qos > 0 && server.acknowledges) this.send([qos === 1 ? 0x40 : 0x50, 2].concat(two(id)))
    } else if (type === 4 || type === 7) {
      this.acknowledged.push(body.two())
    } else if (type === 5) {
      this.send([0x62, 2].concat(two(body.two())))
    } else if (type === 6) {
      this.send([0x70, 2].concat(two(body.two())))
    } else if (type === 8) {
      const id = body.two()
      properties()
      const granted = []
      while (body.at < body.bytes.length) {
        const filter = body.string()
        const options = body.byte()
        this.subscribed[filter] = options
        granted.push(options & 3)
      }
      this.send(packet(0x90, two(id), this.version === 5 ? [0] : [], granted))
    } else if (type === 12) {
      if (server.answersPings) this.send([0xd0, 0])
    }
  }
}

export class Server {
  /** @param {{ setTimeout: Function }} clock */
  constructor(clock) {
    this.clock = clock
    /** One for each attempt, the newest last. @type {Connection[]} */
    this.connections = []
    /** Client identifiers that have a session. @type {string[]} */
    this.sessions = []
    /** Every message that came, over all connections. @type {any[]} */
    this.published = []
    /** How long the messages of the WebSocket were. @type {number[]} */
    this.sizes = []
    this.acknowledges = true
    this.answersPings = true
  }

  get connection() {
    return this.connections[this.connections.length - 1]
  }

  /** A socket for the stand-in of the host. @param {string} url @param {string[]} protocols */
  open(url, protocols) {
    this.connections.push(new Connection(this, url, protocols))
    return this.connection.carrier
  }
}
