// The async Rust client in real browsers against real brokers: starts Mosquitto and aedes on loopback, and a server by
// which the tests have connections cut and ask what a broker knows, then runs `wasm-pack test` for the browser that the
// argument names (`chrome` or `firefox`), and ends with its result.

import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { need, run } from '../scripts/tools.mjs'
import { listen } from '../scripts/broker.mjs'
import { startAedes, startMosquitto } from './js/brokers.mjs'
import { startProxy } from './js/proxy.mjs'

const [browser = 'chrome', ...more] = process.argv.slice(2)

const mosquitto = await startMosquitto()
const aedes = await startAedes('joining', {
  authorizeSubscribe: (_client, subscription, done) =>
    done(null, subscription.topic.startsWith('forbidden/') ? null : subscription),
})
const brokers = { mosquitto, aedes }

/** What aedes' clients are subscribed to. @type {Map<string, Set<string>>} */
const subscriptions = new Map()
const of = (/** @type {any} */ client) => {
  if (!subscriptions.has(client.id)) subscriptions.set(client.id, new Set())
  return /** @type {Set<string>} */ (subscriptions.get(client.id))
}
/** Those who wait for something to become true. @type {Set<() => void>} */
const waiting = new Set()
const look = () => [...waiting].forEach((one) => one())
const broker = /** @type {any} */ (aedes.aedes)
broker.on('subscribe', (list, client) => list.forEach(({ topic }) => of(client).add(topic)) || look())
broker.on('unsubscribe', (list, client) => list.forEach((topic) => of(client).delete(topic)) || look())
broker.on('client', look)
broker.on('clientDisconnect', () => setImmediate(look))

/** @param {() => boolean} is */
const until = (is) =>
  new Promise((resolve) => {
    const one = () => is() && (waiting.delete(one), resolve(undefined))
    waiting.add(one)
    one()
  })

/** @type {Awaited<ReturnType<typeof startProxy>>[]} */
const proxies = []

/** What a test may ask for, by path. @type {Record<string, (query: URLSearchParams) => any>} */
const services = {
  /** A line of one's own to a broker: its number and its address. */
  async line(query) {
    const proxy = await startProxy(brokers[query.get('broker')].port)
    return `${proxies.push(proxy) - 1} ws://127.0.0.1:${proxy.port}/mqtt`
  },
  cut: (query) => proxies[query.get('line')].cut(),
  freeze: (query) => proxies[query.get('line')].freeze(),
  refuse: (query) => proxies[query.get('line')].refuse(),
  back: (query) => proxies[query.get('line')].back(),
  /** How many connections it has had. */
  connections: (query) => proxies[query.get('line')].lines.length,
  /** Answers when aedes has the client; when it has it no more. */
  connected: (query) => until(() => query.get('client') in broker.clients),
  gone: (query) => until(() => !(query.get('client') in broker.clients)),
  /** Answers when aedes has this subscription of the client; when it has it no more. */
  subscribed: (query) => until(() => of({ id: query.get('client') }).has(query.get('filter'))),
  unsubscribed: (query) => until(() => !of({ id: query.get('client') }).has(query.get('filter'))),
}

const control = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  response.setHeader('access-control-allow-origin', '*')
  try {
    response.end(String((await services[pathname.slice(1)](searchParams)) ?? ''))
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
})

// A server that says after CONNECT what the address asks for, in hexadecimal digits, a message for each comma, and then
// hears everything.
new WebSocketServer({ server: control, handleProtocols: () => 'mqtt' }).on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  socket.once('message', () => {
    for (const piece of (searchParams.get('says') ?? '').split(',')) socket.send(Buffer.from(piece, 'hex'))
  })
})

const port = await listen(control, 0)
const firefox = browser === 'firefox'
const driver = firefox ? ['--geckodriver', need('geckodriver')] : ['--chromedriver', need('chromedriver')]
const args = ['test', '--headless', `--${browser}`, '--mode', 'no-install', ...driver, '--', '--locked', '--features', 'web']
const { code } = await run(need('wasm-pack'), [...args, '--test', 'web', '--test', 'web_worker', ...more], {
  stream: true,
  env: {
    WASM_BINDGEN_TEST_TIMEOUT: '120',
    WASMQTT_TEST_CONTROL: `127.0.0.1:${port}`,
    WASMQTT_TEST_USER: mosquitto.userName,
    WASMQTT_TEST_PASSWORD: mosquitto.password,
  },
})
await Promise.all(proxies.map((proxy) => proxy.close()))
await Promise.all([mosquitto.close(), aedes.close()])
control.closeAllConnections()
control.close()
process.exitCode = code
