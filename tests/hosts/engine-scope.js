// A JavaScript engine as the oldest device shows it to a mini-program: a global scope that holds ES2017 and what is put
// there, and timers on a clock that the test drives. Whatever else the engine offers is taken away or throws. It knows
// neither MQTT nor the package.

const scope = globalThis

/** What there is before the scope is stripped, for those who play the host. */
export const engine = { WebAssembly: promptly(scope.WebAssembly), Promise }

/** Compiles at once: the clock of the timers would not wait for a thread. @param {any} wasm */
function promptly(wasm) {
  return (
    wasm && {
      Module: wasm.Module,
      compile: async (bytes) => new wasm.Module(bytes),
      instantiate: async (module, imports) => new wasm.Instance(module, imports),
    }
  )
}

const ES2017 = `Object Function Array Number Boolean String Symbol Date Promise RegExp Math JSON Reflect Intl Infinity NaN undefined
  Error EvalError RangeError ReferenceError SyntaxError TypeError URIError Map Set WeakMap WeakSet ArrayBuffer DataView
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array
  parseInt parseFloat isFinite isNaN decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape`.split(/\s+/)

/** What devices lack, or some of them: a file that looks for one of these when it loads is not fit for them. */
export const LACKED = `globalThis window self document navigator WebAssembly TextEncoder TextDecoder URL Blob fetch WebSocket
  crypto performance AbortController queueMicrotask structuredClone reportError BigInt Proxy WeakRef FinalizationRegistry
  SharedArrayBuffer Atomics process`.split(/\s+/)

const LATER = [
  [Object, 'fromEntries hasOwn groupBy'],
  [Promise, 'allSettled any try withResolvers'],
  [Promise.prototype, 'finally'],
  [Array, 'fromAsync'],
  [Array.prototype, 'flat flatMap at findLast findLastIndex toSorted toReversed toSpliced with'],
  [Object.getPrototypeOf(Uint8Array.prototype), 'at findLast findLastIndex toSorted toReversed with'],
  [ArrayBuffer.prototype, 'transfer transferToFixedLength resize resizable detached'],
  [String.prototype, 'matchAll replaceAll trimStart trimEnd at isWellFormed toWellFormed'],
  [Symbol, 'asyncIterator'],
]

const names = (text) => text.split(' ')

/** What the library got after ES2017, by the last name of each. */
export const LATER_NAMES = LATER.map(([, later]) => names(later)).reduce((all, some) => all.concat(some), [])

/** No code out of text: neither by eval nor by what makes functions. */
function refuseText() {
  throw new Error('the host makes no code out of text')
}

/** Takes away what the oldest device lacks. What was put into the scope before goes too. */
export function strip() {
  // JavaScriptCore keeps its shell's own functions out of the list.
  for (const name of Object.getOwnPropertyNames(scope).concat(LACKED)) {
    if (!ES2017.includes(name)) Reflect.deleteProperty(scope, name)
  }
  for (const [owner, later] of LATER) for (const name of names(later)) Reflect.deleteProperty(owner, name)
  refuseText.prototype = Function.prototype
  for (const made of [function () {}, function* () {}, async function () {}]) {
    Object.defineProperty(Object.getPrototypeOf(made), 'constructor', { value: refuseText })
  }
  scope.Function = refuseText
}

/** The names in the scope beyond ES2017. */
export const additions = () =>
  Object.getOwnPropertyNames(scope)
    .concat(LACKED)
    .filter((name) => !ES2017.includes(name) && name in scope)

/** @param {string} name */
export const present = (name) => name in scope

/** @param {Record<string, any>} values put into the scope in the place of what was put there before */
export function provide(values) {
  for (const name of additions()) delete scope[name]
  Object.assign(scope, values)
}

/**
 * Runs something while a global has a value that programs are not to see.
 * @template T @param {string} name @param {any} value @param {() => T} run @returns {T}
 */
export function lend(name, value, run) {
  scope[name] = value
  try {
    return run()
  } finally {
    delete scope[name]
  }
}

/** Runs something and tells which of the globals that devices lack it looked for. @param {() => void} run */
export function touched(run) {
  /** Some engines ask twice. */
  const seen = new Set()
  const lacked = LACKED.concat('wx', 'WXWebAssembly', 'my', 'tt', 'setTimeout', 'console', 'eval')
  const before = lacked.map((name) => [name, Object.getOwnPropertyDescriptor(scope, name)])
  for (const name of lacked) {
    const get = () => {
      seen.add(name)
      throw new ReferenceError(name + ' is not defined')
    }
    Object.defineProperty(scope, name, { get, configurable: true })
  }
  try {
    run()
  } catch (error) {
    if (seen.size === 0) throw error
  } finally {
    for (const [name, descriptor] of before) {
      delete scope[name]
      if (descriptor) Object.defineProperty(scope, name, descriptor)
    }
  }
  return Array.from(seen)
}

/** Timers and the time of day: it is later when a step says so. */
export class Clock {
  constructor() {
    this.time = 1700000000000
    this.queue = []
    this.last = 0
    this.now = () => this.time
    this.setTimeout = (run, delay = 0) => {
      const timer = { id: ++this.last, at: this.time + Math.max(0, Number(delay) || 0), run }
      let place = this.queue.length
      while (place > 0 && this.queue[place - 1].at > timer.at) place--
      this.queue.splice(place, 0, timer)
      return timer.id
    }
    this.clearTimeout = (id) => {
      this.queue = this.queue.filter((timer) => timer.id !== id)
    }
  }

  /** The next timer fires; false where there is none. */
  step() {
    const timer = this.queue.shift()
    if (!timer) return false
    this.time = Math.max(this.time, timer.at)
    timer.run()
    return true
  }

  /** @param {number} milliseconds */
  pass(milliseconds) {
    return new engine.Promise((resolve) => this.setTimeout(resolve, milliseconds))
  }

  /** Waits for a condition: true, or false after so many milliseconds. @param {() => boolean} condition */
  async until(condition, milliseconds = 20000) {
    const end = this.time + milliseconds
    while (!condition()) {
      if (this.time > end) return false
      await this.pass(1)
    }
    return true
  }
}
