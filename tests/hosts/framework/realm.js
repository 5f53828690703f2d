// The JavaScript engine of a device: a realm of its own, in which whatever a device lacks does not exist, neither for
// `typeof` nor for use, and the modules of the program in it. Objects that come from the host belong to another realm, as
// on a device. Four names cannot be deleted in a browser (window, document, location, top): they are undefined instead,
// which is what WeChat itself does with them.

const KEPT = new Set(
  `Object Function Array String Number Boolean Symbol Date RegExp Math JSON Reflect Map Set WeakMap WeakSet
   Promise Error EvalError RangeError ReferenceError SyntaxError TypeError URIError ArrayBuffer DataView Int8Array
   Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array parseInt
   parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape NaN
   Infinity undefined console`.split(/\s+/),
)

/** What came after ES2018, which old systems lack: names on the object, then on its prototype. */
const NEWER = {
  Object: [['fromEntries', 'groupBy', 'hasOwn'], []],
  Array: [
    ['fromAsync'],
    ['at', 'flat', 'flatMap', 'findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with'],
  ],
  String: [[], ['at', 'matchAll', 'replaceAll', 'trimStart', 'trimEnd', 'isWellFormed', 'toWellFormed']],
  Promise: [['allSettled', 'any', 'try', 'withResolvers'], []],
  ArrayBuffer: [[], ['detached', 'resizable', 'resize', 'maxByteLength', 'transfer', 'transferToFixedLength']],
  Uint8Array: [
    ['fromBase64', 'fromHex'],
    ['toBase64', 'toHex', 'setFromBase64', 'setFromHex'],
  ],
  Map: [['groupBy'], ['getOrInsert', 'getOrInsertComputed']],
}

/**
 * Makes the realm.
 * @param {Record<string, any>} globals what the program finds besides the language itself
 * @param {(text: string) => void} report errors that nobody caught
 */
export function createRealm(globals, report) {
  const frame = document.createElement('iframe')
  frame.hidden = true
  document.body.append(frame)
  const realm = frame.contentWindow
  const evaluate = realm.eval
  realm.addEventListener('unhandledrejection', ({ reason }) =>
    report(`Unhandled rejection: ${(reason && reason.stack) || JSON.stringify(reason)}`),
  )
  forbidEvaluation(realm, globals)
  for (let object = realm; object && object !== realm.Object.prototype; object = Object.getPrototypeOf(object)) {
    for (const name of Object.getOwnPropertyNames(object)) if (!KEPT.has(name)) Reflect.deleteProperty(object, name)
  }
  for (const [name, [own, inherited]] of Object.entries(NEWER)) {
    for (const each of own) delete realm[name][each]
    for (const each of inherited) delete realm[name].prototype[each]
  }
  Object.assign(realm, globals)
  const undeletable = ['window', 'document', 'location', 'top']
  const left = Object.getOwnPropertyNames(realm).filter(
    (name) => !KEPT.has(name) && !(name in globals) && !undeletable.includes(name),
  )
  if (left.length > 0) throw new Error(`the realm still has ${left}`)
  return {
    globals: realm,
    /** A module as WeChat wraps it, strict; lines stay where they are. */
    compile: (path, source) =>
      evaluate(
        `(function(${undeletable}){return function(require,module,exports){'use strict';${source}\n}})()` +
          `\n//# sourceURL=${path}.js`,
      ),
  }
}

/** Devices refuse to make code out of text, but for the one text that asks for the global object. */
function forbidEvaluation(realm, globals) {
  const constructors = evaluated(realm, ['function(){}', 'async function(){}', 'function*(){}', 'async function*(){}'])
  const refuse = function Function(...texts) {
    if (/^\s*return this;?\s*$/.test(texts[texts.length - 1])) return () => globals
    throw new EvalError('code cannot be made out of text here')
  }
  refuse.prototype = realm.Function.prototype
  for (const { prototype } of constructors) Object.defineProperty(prototype, 'constructor', { value: refuse })
  realm.Function = refuse
}

const evaluated = (realm, texts) => texts.map((text) => Object.getPrototypeOf(realm.eval(`(${text})`)).constructor)

/**
 * `require` of WeChat: relative and absolute paths, packages in the nearest miniprogram_npm; JavaScript only.
 * @param {Record<string, string>} sources by path without extension
 * @param {(path: string, source: string) => Function} compile
 */
export function createModules(sources, compile) {
  const loaded = {}
  const resolve = (from, name) => {
    const folder = from.split('/').slice(0, -1)
    const candidates = []
    if (/^\.{0,2}\//.test(name)) {
      candidates.push(joined(name.startsWith('/') ? [] : folder, name))
    } else {
      for (let depth = folder.length; depth >= 0; depth -= 1)
        candidates.push(joined(folder.slice(0, depth), `miniprogram_npm/${name}`))
      candidates.push(joined(folder, name))
    }
    const found = candidates.flatMap((path) => [path, `${path}/index`]).find((path) => path in sources)
    if (found === undefined) throw new Error(`module '${joined(folder, name)}.js' is not defined, require args is '${name}'`)
    return found
  }
  const load = (path) => {
    if (loaded[path]) return loaded[path].exports
    const module = (loaded[path] = { exports: {} })
    compile(path, sources[path])((name) => load(resolve(path, String(name))), module, module.exports)
    return module.exports
  }
  return load
}

function joined(folder, name) {
  const parts = []
  for (const part of [...folder, ...name.replace(/\.js$/, '').split('/')]) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
