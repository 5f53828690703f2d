// The package under test in a bare engine: WeChat's `wx` around it, a broker at the other end of the socket, and the
// checks one after the other, a line of JSON each. It runs as a script in JavaScriptCore, QuickJS and V8; who runs it
// calls `step` until it says false, and lets microtasks run between.

import { Server } from './engine-broker.js'
import { checks } from './engine-checks.js'
import { Clock, engine, lend, provide, strip } from './engine-scope.js'
import { timerPromise } from './framework/timer-promise.js'
import { createWx } from './wx.js'

/** A check that waits for this long, by the clock of the timers, waits for ever. Milliseconds. */
const PATIENCE = 10 * 60 * 1000

/** Where the package is in the code package. */
const PLACE = 'miniprogram_npm/wasmqtt/'

/** The path of what a file requires. @param {string} name @param {string} from the file */
function resolve(name, from) {
  const path = from.split('/').slice(0, -1)
  for (const step of name.split('/')) {
    if (step === '..') path.pop()
    else if (step !== '.') path.push(step)
  }
  return path.join('/').replace(/(\.js)?$/, '.js')
}

/** A device with one running program. */
class Device {
  /**
   * @param {any} given as for `start`
   * @param {{ clock: Clock, server: Server, storage: Map<string, string>, told: object }} lasting what there is longer than
   *   the program; told: what a check tells beside its result
   */
  constructor(given, { clock, server, storage, told }) {
    Object.assign(this, { given, clock, server, storage, told })
    this.wanted = given.core
    /** The core that runs. */
    this.core = ''
    const host = lend('WebAssembly', engine.WebAssembly, () =>
      createWx({
        openSocket: (url, protocols) => server.open(url, protocols),
        readPackageFile: () => Uint8Array.from(given.wasm),
        storage,
        timers: clock,
        now: clock.now,
      }),
    )
    /** @type {unknown[][]} */
    this.reported = []
    /** The host's side of `wx`. */
    this.wx = host.device
    const globals = { wx: host.wx, console: { error: (...words) => this.reported.push(words) }, ...host.device.timers }
    if (given.core === 'wasm') globals.WXWebAssembly = { instantiate: (...args) => this.instantiate(host.WXWebAssembly, args) }
    this.globals = Object.keys(globals)
    provide(globals)
    this.package = this.load()
  }

  /** The package as it is when a program starts. */
  load() {
    this.modules = {}
    return this.require('./index.js')
  }

  /** The program is killed, which is a sleep without an end, and started again. */
  restart() {
    this.wx.suspend()
    return new Device(this.given, this)
  }

  /** CommonJS over the files of the code package, as the hosts have it. @param {string} name @param {string} [from] */
  require(name, from = PLACE) {
    const path = resolve(name, from)
    if (this.modules[path]) return this.modules[path].exports
    if (!this.given.files[path]) throw new Error(`module '${name}' is not defined`)
    const module = (this.modules[path] = { exports: {} })
    this.given.files[path]((wanted) => this.require(wanted, path), module, module.exports)
    if (module.exports.instantiate) this.watchCore(module)
    return module.exports
  }

  /** @private @param {any} module */
  watchCore(module) {
    const { instantiate } = module.exports
    module.exports = { instantiate: () => this.keep('wasm2js', instantiate()) }
  }

  /** @private @param {any} host @param {any[]} args */
  async instantiate(host, args) {
    const answer = await host.instantiate(...args)
    this.keep('wasm', answer.instance.exports)
    return answer
  }

  /** @private @param {string} core @param {any} exports */
  keep(core, exports) {
    this.core = core
    this.exports = exports
    return exports
  }

  /** How large the memory of the core is, in bytes. */
  memory() {
    return this.exports.memory.buffer.byteLength
  }

  /** @param {Record<string, any>} what */
  note(what) {
    Object.assign(this.told, what)
  }
}

/**
 * @param {object} given
 * @param {'wasm' | 'wasm2js'} given.core what the host has
 * @param {boolean} given.timerPromise Promise is made of timers
 * @param {Record<string, Function>} given.files functions of (require, module, exports), by their paths
 * @param {number[]} given.wasm
 * @param {string[]} given.only parts of the names of the checks to be run; none for all
 * @param {(line: string) => void} print
 * @returns {() => boolean} false when there is nothing more to do
 */
export function start(given, print) {
  const clock = new Clock()
  Date.now = clock.now
  strip()
  if (given.timerPromise) Promise = timerPromise((run, delay) => setTimeout(run, delay))
  let running = true
  const end = () => (running = false)
  const present = { fail: (_error) => {} }
  // In a step, so that its microtasks come before the next one.
  clock.setTimeout(() => all(given, clock, present, print).then(end, end))
  return () => {
    try {
      if (running) clock.step()
    } catch (error) {
      present.fail(error)
    }
    return running
  }
}

async function all(given, clock, present, print) {
  const chosen = checks.filter(([name]) => given.only.length === 0 || given.only.some((part) => name.includes(part)))
  for (const [check, run] of chosen) {
    clock.queue = []
    const told = {}
    const failed = new engine.Promise((_, reject) => (present.fail = reject))
    clock.setTimeout(() => present.fail(new Error('it never ends')), PATIENCE)
    try {
      const device = new Device(given, { clock, server: new Server(clock), storage: new Map(), told })
      await engine.Promise.race([run(device), failed])
      if (device.reported.length > 0) throw new Error(`console.error: ${device.reported.join('; ')}`)
      print(JSON.stringify({ check, ok: true, ...told }))
    } catch (error) {
      print(JSON.stringify({ check, ok: false, error: `${error && error.message}\n${error && error.stack}`, ...told }))
    }
  }
}
