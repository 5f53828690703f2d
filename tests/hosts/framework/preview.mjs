// `node tests/hosts/framework/preview.mjs <folder> [--port 8080] [--path pages/x/x] [--screenshot out.png]`: runs a
// mini-program for a look at it, in any browser, or takes one picture. Domains are not checked, as in WeChat's tools.

import { parseArgs } from 'node:util'
import { startMiniProgram } from './index.mjs'
import { serveMiniProgram } from './serve.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '0' }, path: { type: 'string' }, screenshot: { type: 'string' } },
})
const [folder] = positionals
const device = { developer: true }
if (!folder) {
  console.error('which folder?')
  process.exitCode = 1
} else if (values.screenshot) {
  const app = await startMiniProgram(folder, { device, path: values.path })
  await app.screenshot(values.screenshot)
  await app.close()
} else {
  const { url } = await serveMiniProgram(folder, Number(values.port))
  console.log(`${url}#${encodeURIComponent(JSON.stringify({ device, path: values.path }))}`)
}
