// Bundles js/ and the wasm into what npm ships: ES modules and CommonJS with the wasm inside, the slim pair with the
// wasm beside it, the script build, the folder for mini-programs, the types. It compiles no Rust and writes no file: it
// returns the bytes.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'
import { moduleOf } from './embed.mjs'
import { root } from './tools.mjs'
import { wasm2js } from './wasm2js.mjs'

/** For the globals of the script build: a Paho page finds its names where both generations of Paho put them. */
const script = `
import * as wasmqtt from './index.js';
const { Client, Message } = wasmqtt;
const page = typeof globalThis === 'object' ? globalThis : typeof self === 'object' ? self : window;
page.wasmqtt = wasmqtt;
page.Paho = { Client, Message, MQTT: { Client, Message } };
`

const banner = { js: '/*! wasmqtt, MIT OR Apache-2.0 */' }

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  legalComments: 'none',
  // What begins with an underscore is ours alone, so that its name need not be shipped.
  mangleProps: /^_/,
  charset: 'ascii',
  platform: 'neutral',
  // Looked up when a client connects under Node, never while bundling.
  external: ['ws', 'node:*'],
  banner,
  logLevel: 'silent',
  // A source that esbuild has doubts about is a fault to mend, not a line that scrolls by.
  logOverride: {},
}

/**
 * Makes every file of the package.
 * @param {Uint8Array} wasm
 * @param {Uint8Array} copying the same for wasm2js
 * @returns {Promise<Record<string, Buffer>>} file name in pkg/ -> content
 */
export async function bundle(wasm, copying) {
  const inside = { plugins: [embed(wasm)] }
  const types = await typesOf(['types', 'index', 'slim'])
  return {
    'index.mjs': await one({ entryPoints: ['js/index.js'], format: 'esm', target: 'es2020', ...inside }),
    'index.cjs': await one({ entryPoints: ['js/index.js'], format: 'cjs', target: 'es2017', ...inside }),
    'slim.mjs': await one({ entryPoints: ['js/slim.js'], format: 'esm', target: 'es2020' }),
    'slim.cjs': await one({ entryPoints: ['js/slim.js'], format: 'cjs', target: 'es2017', ...besideCommonJs }),
    'wasmqtt.min.js': await one({
      stdin: { contents: script, resolveDir: join(root, 'js'), sourcefile: 'script.js' },
      format: 'iife',
      target: 'es2017',
      ...inside,
    }),
    'wasmqtt.wasm': Buffer.from(wasm),
    ...types,
    'any.d.ts': Buffer.from((await readFile(join(root, 'js/any.d.ts'), 'utf8')).replace('./miniprogram.js', './miniprogram/index.js')),
    ...(await miniProgram(wasm, copying)),
  }
}

/**
 * The folder that mini-programs take as it is: whole, CommonJS, without anything that their packers or devices lack.
 * @param {Uint8Array} wasm
 * @param {Uint8Array} copying
 * @returns {Promise<Record<string, Buffer>>}
 */
async function miniProgram(wasm, copying) {
  const files = {
    'index.js': await one({ entryPoints: ['js/miniprogram.js'], format: 'cjs', target: 'es2017', plugins: [beside, withoutHostUtf8] }),
    'wasm2js.js': await wasm2js(copying),
    'wasmqtt.wasm': Buffer.from(wasm),
    'wasmqtt.wasm.br': brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length } }),
    // The package around it is of modules.
    'package.json': Buffer.from('{ "type": "commonjs", "main": "index.js", "types": "index.d.ts" }\n'),
    'types.d.ts': await readFile(join(root, 'js/types.d.ts')),
    'index.d.ts': await readFile(join(root, 'js/miniprogram.d.ts')),
  }
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`miniprogram/${name}`, content]))
}

/** The types for both kinds of module. @param {string[]} names @returns {Promise<Record<string, Buffer>>} */
async function typesOf(names) {
  /** @type {Record<string, Buffer>} */
  const files = {}
  for (const name of names) {
    const text = await readFile(join(root, `js/${name}.d.ts`), 'utf8')
    files[`${name}.d.ts`] = Buffer.from(text)
    files[`${name}.d.cts`] = Buffer.from(text.replaceAll(/'(\.\/\w+)\.js'/g, "'$1.cjs'"))
  }
  return files
}

/** The core as JavaScript lies beside the package (js/wasm2js.js), and is read just when it is needed. @type {import('esbuild').Plugin} */
const beside = {
  name: 'beside',
  setup(bundler) {
    const contents = "export const javaScriptCore = () => new Promise((resolve) => resolve(require('./wasm2js.js').instantiate()))"
    bundler.onLoad({ filter: /[\\/]js[\\/]wasm2js\.js$/ }, () => ({ contents, loader: 'js' }))
    bundler.onResolve({ filter: /^\.\/wasm2js\.js$/ }, ({ path, kind }) => (kind === 'require-call' ? { path, external: true } : undefined))
  },
}

/** No mini-program has a TextEncoder or a TextDecoder (js/host-utf8.js). @type {import('esbuild').Plugin} */
export const withoutHostUtf8 = {
  name: 'without the UTF-8 of the host',
  setup(bundler) {
    const contents = 'export const hostEncode = () => -1; export const hostDecode = () => null'
    bundler.onLoad({ filter: /[\\/]js[\\/]host-utf8\.js$/ }, () => ({ contents, loader: 'js' }))
  },
}

/** CommonJS has no import.meta: its own file name tells the same. */
const besideCommonJs = {
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: `${banner.js}\nvar moduleUrl=require("node:url").pathToFileURL(__filename).href;` },
}

/** @param {import('esbuild').BuildOptions} options */
async function one(options) {
  const { outputFiles, warnings } = await build({ ...shared, ...options })
  if (warnings.length > 0)
    throw new Error(warnings.map((each) => `${each.location?.file}:${each.location?.line}: ${each.text}`).join('\n'))
  return smaller(/** @type {import('esbuild').OutputFile[]} */ (outputFiles)[0].text, options)
}

/**
 * Minifies what is bundled once more: the names and foldings of terser weigh a twentieth less, compressed.
 * @param {string} code
 * @param {import('esbuild').BuildOptions} options
 */
async function smaller(code, { format, target }) {
  const ecma = target === 'es2017' ? 2017 : 2020
  const { code: minified } = await minify(code, {
    ecma,
    module: format === 'esm',
    toplevel: true,
    compress: { passes: 3 },
    format: { ascii_only: true, comments: /^!/ },
  })
  return Buffer.from(/** @type {string} */ (minified))
}

/**
 * Puts the wasm where the sources read it from the file (js/wasm.js).
 * @param {Uint8Array} wasm
 * @returns {import('esbuild').Plugin}
 */
function embed(wasm) {
  return {
    name: 'embed',
    setup(bundler) {
      bundler.onLoad({ filter: /[\\/]js[\\/]wasm\.js$/ }, () => ({ contents: moduleOf(wasm), loader: 'js' }))
    },
  }
}
