// A mini-program in TypeScript compiles against the installed package beside its host's own types, strictly, with no library
// of pages, whichever way modules are found. The programs are types-wechat.ts and types-alipay.ts.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { root } from '../../scripts/tools.mjs'
import { makeProject } from '../js/project.mjs'

/** The packages that have a host's types. Alipay's have errors of their own, for which no program is to blame. */
const hosts = {
  wechat: { link: ['miniprogram-api-typings'], more: [] },
  alipay: { link: ['@mini-types/alipay', '@mini-types/my', '@mini-types/global'], more: ['--skipLibCheck'] },
}

const program = (/** @type {string} */ host) => readFileSync(join(root, `tests/hosts/types-${host}.ts`), 'utf8')
const files = Object.fromEntries(Object.keys(hosts).map((host) => [`${host}.ts`, program(host)]))

/** Tools that read `exports` in package.json find the types of pages by the name of the package. */
const aware = Object.entries(files).map(([name, text]) => [`aware-${name}`, text.replaceAll("'wasmqtt'", "'wasmqtt/miniprogram'")])

let project
before(async () => {
  const link = Object.values(hosts).flatMap((host) => host.link)
  project = await makeProject({ ...files, ...Object.fromEntries(aware) }, { type: 'commonjs', link })
})
after(() => project?.remove())

for (const [host, { link, more }] of Object.entries(hosts)) {
  for (const [resolution, module, file] of [
    // As the vendors' templates have it.
    ['node10', 'commonjs', `${host}.ts`],
    ['node16', 'node16', `aware-${host}.ts`],
    ['bundler', 'esnext', `aware-${host}.ts`],
  ]) {
    test(`${host}: ${file} by ${resolution}`, async () => {
      const modules = ['--module', module, '--moduleResolution', resolution]
      const options = ['--strict', '--noEmit', '--target', 'es2020', '--lib', 'es2020', '--types', link[0], ...modules, ...more]
      const { code, output } = await project.tool('typescript/bin/tsc', ...options, file)
      assert.deepEqual({ code, output }, { code: 0, output: '' })
    })
  }
}
