// Serves a mini-program on loopback: the host page, the program as build.mjs makes it, afresh on each load, and the
// files of its code package. It runs nothing itself.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { serve } from '../../../scripts/serve.mjs'
import { buildMiniProgram, list, packageRoot } from './build.mjs'

const here = dirname(fileURLToPath(import.meta.url))

const page = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>mini-program</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/host.css">
<body><div id="screen"></div><script src="/host.js"></script></body></html>`

/** The host page's size is a telephone's on a desk too. */
const frame = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>mini-program</title>
<link rel="icon" href="data:,">
<style>body{margin:0;min-height:100vh;display:grid;place-items:center;background:#ddd}
iframe{width:375px;height:812px;border:0;border-radius:32px;box-shadow:0 8px 40px #0004}</style>
<body><iframe></iframe><script>document.querySelector('iframe').src='/app'+location.hash</script></body></html>`

/** @type {Promise<string> | null} */
let bundled = null

function bundleHost() {
  bundled ??= build({
    entryPoints: [join(here, 'host.js')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
  }).then(({ outputFiles }) => outputFiles[0].text)
  return bundled
}

/**
 * @param {string} folder of a mini-program, as WeChat's tools open it
 * @param {number} [port] 0: any free one
 */
export async function serveMiniProgram(folder, port = 0) {
  buildMiniProgram(folder)
  const host = await bundleHost()
  const root = packageRoot(folder)
  const text = (type, body) => () => ({ type: `${type}; charset=utf-8`, body: body() })
  const program = () => {
    try {
      return JSON.stringify(buildMiniProgram(folder))
    } catch (error) {
      return JSON.stringify({ error: `${error}` })
    }
  }
  // The device decompresses it before the engine gets it.
  const compressed = [...list(root)].filter((path) => path.endsWith('.br'))
  return serve(
    { '/package/': root },
    {
      port,
      extra: {
        '/': text('text/html', () => frame),
        '/app': text('text/html', () => page),
        '/host.js': text('text/javascript', () => host),
        '/host.css': text('text/css', () =>
          ['host.css', 'components.css'].map((name) => readFileSync(join(here, name), 'utf8')).join(''),
        ),
        '/program.json': text('application/json', program),
        ...Object.fromEntries(
          compressed.map((path) => [
            `/package/${path}`,
            () => ({ type: 'application/wasm', body: brotliDecompressSync(readFileSync(join(root, path))) }),
          ]),
        ),
      },
    },
  )
}
