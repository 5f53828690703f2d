// The brokers that tests run against, each on loopback, on free ports, ended by process id: Debian's Mosquitto with
// the example configuration, and aedes through both of its streams. It knows nothing of the client under test.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { joiningStream, naiveStream, startBroker } from '../../scripts/broker.mjs'
import { must, need, root } from '../../scripts/tools.mjs'

export const userName = 'alice'
export const password = 's3cret-密码'

/**
 * Ports that were free a moment ago.
 * @param {number} count
 */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer()
            .on('error', reject)
            .listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** A certificate authority of our own and a certificate of it for localhost. */
async function certificates(folder) {
  mkdirSync(folder, { recursive: true })
  const at = (name) => join(folder, name)
  const openssl = (...args) => must(need('openssl'), args)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
    '-subj',
    '/CN=Loopback test CA',
  )
  await openssl('req', ...key, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=localhost')
  writeFileSync(at('extensions'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  await openssl(
    'x509',
    '-req',
    '-in',
    at('server.csr'),
    '-CA',
    at('ca.crt'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('extensions'),
    '-out',
    at('server.crt'),
  )
  return at('ca.crt')
}

/**
 * Starts Mosquitto with examples/mosquitto/wasmqtt.conf. What it takes it keeps: queues have no limit, and sessions
 * outlive stop() and restart() unless told to forget.
 * @param {{ extra?: string }} [settings] extra: lines put before the first listener
 */
export async function startMosquitto({ extra = '' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wasmqtt-mosquitto-'))
  const ca = await certificates(join(folder, 'certs'))
  mkdirSync(join(folder, 'data'))
  await must(need('mosquitto_passwd'), ['-b', '-c', join(folder, 'wasmqtt.passwd'), userName, password])
  const [plain, ws, wss] = await freePorts(3)
  const config = join(folder, 'wasmqtt.conf')
  const filled = fill(readFileSync(join(root, 'examples/mosquitto/wasmqtt.conf'), 'utf8'), {
    'listener 1883': `${own(extra)}\nlistener ${plain}`,
    'listener 9001': `listener ${ws}`,
    'listener 9002': `listener ${wss}`,
    '/etc/mosquitto/wasmqtt.passwd': join(folder, 'wasmqtt.passwd'),
    '/etc/mosquitto/certs/ca.crt': join(folder, 'certs/ca.crt'),
    '/etc/mosquitto/certs/server.crt': join(folder, 'certs/server.crt'),
    '/etc/mosquitto/certs/server.key': join(folder, 'certs/server.key'),
    '/var/lib/mosquitto/': `${join(folder, 'data')}/`,
  })
  writeFileSync(config, filled)
  /** @type {Awaited<ReturnType<typeof launch>> | null} */
  let running = await launch(config, plain)
  const broker = {
    name: 'mosquitto',
    url: `ws://127.0.0.1:${ws}/mqtt`,
    tlsUrl: `wss://localhost:${wss}/mqtt`,
    port: ws,
    /** MQTT without WebSocket. */
    plainPort: plain,
    ca,
    userName,
    password,
    /**
     * Ends it; until start(), its ports refuse connections.
     * @param {{ forget?: boolean }} [how] forget: it dies without a word or saving, and what it saved before
     *   is gone
     */
    async stop({ forget = false } = {}) {
      await running?.end(forget ? 'SIGKILL' : 'SIGTERM')
      running = null
      if (forget) rmSync(join(folder, 'data/mosquitto.db'), { force: true })
    },
    async start() {
      running ??= await launch(config, plain)
    },
    /** @param {{ forget?: boolean }} [how] as of stop() */
    async restart(how) {
      await broker.stop(how)
      await broker.start()
    },
    async close() {
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return broker
}

/** Starts Mosquitto for whoever comes, by plain TCP, as it is for the same machine without any configuration. */
export async function startPlainMosquitto() {
  const folder = mkdtempSync(join(tmpdir(), 'wasmqtt-mosquitto-'))
  const config = join(folder, 'plain.conf')
  const [port] = await freePorts(1)
  // Without Nagle's algorithm, which makes each answer wait 40 ms for the acknowledgement of the one before.
  writeFileSync(config, `${own('allow_anonymous true\nset_tcp_nodelay true')}\nlistener ${port} 127.0.0.1\n`)
  const running = await launch(config, port)
  return {
    port,
    async close() {
      await running.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * What only tests need: as root, Mosquitto would change to a user that cannot read a temporary folder; with its limit
 * of 1,000 queued messages for a session it would drop what a test then misses.
 */
function own(extra) {
  const lines = ['log_dest stderr', 'log_type all', 'max_queued_messages 0', extra]
  if (process.getuid?.() === 0) lines.push('user root')
  return lines.filter(Boolean).join('\n')
}

/** Replaces settings of the example; a setting that is no longer there is an error, and comments stay as they are. */
function fill(text, values) {
  const lines = text.split('\n')
  for (const [from, to] of Object.entries(values)) {
    const at = lines.findIndex((line) => !line.startsWith('#') && line.includes(from))
    if (at < 0) throw new Error(`the example configuration has no ${from}`)
    lines[at] = lines[at].replace(from, to)
  }
  return lines.join('\n')
}

async function launch(config, plainPort) {
  const child = spawn(need('mosquitto'), ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  // A test that crashes leaves no broker behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  ended.then(() => process.off('exit', kill))
  let log = ''
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      log = (log + chunk).slice(-20_000)
      if (/mosquitto version \S+ running/.test(log)) resolve(undefined)
    })
    ended.then(() => reject(new Error(`mosquitto did not start:\n${log}`)))
  })
  const ticker = await startTicker(plainPort)
  return {
    async end(/** @type {NodeJS.Signals} */ signal) {
      ticker.end()
      child.kill(signal)
      await ended
    },
  }
}

/**
 * Keeps Debian's Mosquitto awake: it looks at its WebSockets every 100 ms unless something else happens, and a client
 * that sends 1 MiB would wait for minutes. A plain connection that pings gives it something.
 */
function startTicker(port) {
  const field = (text) =>
    Buffer.concat([Buffer.from([Buffer.byteLength(text) >> 8, Buffer.byteLength(text) & 255]), Buffer.from(text)])
  const body = Buffer.concat([
    field('MQTT'),
    Buffer.from([4, 0b1100_0010, 0, 0]),
    field('ticker'),
    field(userName),
    field(password),
  ])
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.once('error', reject)
    socket.once('connect', () => socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body])))
    socket.once('data', (connAck) => {
      if (connAck[3] !== 0) return reject(new Error(`mosquitto refused the ticker with code ${connAck[3]}`))
      socket.off('error', reject)
      const timer = setInterval(() => socket.write(Buffer.from([0xc0, 0])), 2)
      socket.on('error', () => {}).on('close', () => clearInterval(timer))
      socket.resume()
      resolve({
        end() {
          clearInterval(timer)
          socket.destroy()
        },
      })
    })
  })
}

/**
 * Starts aedes with the one user of these tests.
 * @param {'joining' | 'naive'} kind
 * @param {object} [options] aedes' own
 */
export async function startAedes(kind, options = {}) {
  const broker = await startBroker({
    stream: kind === 'naive' ? naiveStream : joiningStream,
    options: {
      topicAliasMaximum: 10,
      receiveMaximum: 20,
      authenticate(_client, user, given, done) {
        if (user === userName && given?.toString() === password) return done(null, true)
        done(Object.assign(new Error('wrong credentials'), { returnCode: 4 }), false)
      },
      ...options,
    },
  })
  return { ...broker, name: `aedes, ${kind} stream`, userName, password }
}
