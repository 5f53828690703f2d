// What WeChat's developer tools make of a mini-program before it reaches a phone: 构建 npm and the compiler, by the vendor's
// own package, which scripts/setup.mjs installs. They run in a process of their own, with a home of their own and without a
// network.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPackageFolder } from '../../scripts/setup.mjs'
import { run } from '../../scripts/tools.mjs'

/** What both may take, in seconds. */
const PATIENCE = 300

/**
 * Builds npm in a mini-program and compiles it, as the developer tools do for an upload.
 * @param {string} folder of the mini-program, with node_modules; 构建 npm writes miniprogram_npm there
 * @param {Record<string, boolean>} setting as project.config.json has it, without what is there: { es6: true, enhance: true, minified: true };
 *   es6 alone is the older compiler
 * @returns {Promise<{ output: string, warnings: unknown[], said: string, remove(): void }>} output: the files of the code
 *   package; warnings: of 构建 npm; said: what the tools wrote
 */
export async function pack(folder, setting) {
  const place = mkdtempSync(join(tmpdir(), 'wasmqtt-packed-'))
  const remove = () => rmSync(place, { recursive: true, force: true })
  const [home, output, result] = ['home', 'output', 'result.json'].map((name) => join(place, name))
  mkdirSync(home)
  try {
    const args = [`${PATIENCE}`, process.execPath, fileURLToPath(import.meta.url), folder, output, result, JSON.stringify(setting)]
    const offline = `--import ${new URL('offline.mjs', import.meta.url)}`
    const env = { HOME: home, TMPDIR: home, NODE_OPTIONS: offline }
    const { code, output: said } = await run('timeout', args, { cwd: place, env })
    if (code !== 0) throw new Error(`the packer failed:\n${said}`)
    return { output, warnings: JSON.parse(readFileSync(result, 'utf8')), said, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** The other process of `pack`. @param {string} folder @param {string} output @param {string} result @param {any} setting */
async function work(folder, output, result, setting) {
  const vendor = createRequire(join(testPackageFolder, 'x.js'))
  const ci = vendor('miniprogram-ci')
  const { getBuilder, getOriginalCompiler } = vendor('miniprogram-ci/dist/ci/getcompiler.js')
  // The limits of a program, which the vendor's server would tell.
  const { DefaultProjectAttr } = vendor('miniprogram-ci/dist/config/config.js')
  ci.Project.prototype.attr = async () => DefaultProjectAttr
  // Nothing is signed with the key.
  const parts = { appid: 'touristappid', type: 'miniProgram', privateKey: 'none', ignores: ['node_modules/**/*'] }
  const project = new ci.Project({ projectPath: folder, ...parts })
  const warnings = await ci.packNpm(project, { reporter() {} })
  // Today's compiler takes es6 for 增强编译. The older one, which does what it says, still does scripts one by one.
  const older = setting.es6 && !setting.enhance
  project.setting = older ? { ...setting, es6: false } : setting
  const onProgressUpdate = () => {}
  const compiler = await (await getBuilder(project)).getCompiler()
  const upload = { resultType: 'prod', disableSpreadingUsingComponents: true }
  const files = await compiler.compile({ setting: project.setting, onProgressUpdate, ...upload })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(output, name)), { recursive: true })
    if (!name.endsWith('.map')) writeFileSync(join(output, name), content)
  }
  const scripts = older ? Object.keys(files).filter((name) => name.endsWith('.js')) : []
  for (const filePath of scripts) {
    const original = await getOriginalCompiler(project)
    const { code } = await original.compileJS({ root: '', filePath, setting, onProgressUpdate })
    writeFileSync(join(output, filePath), code)
  }
  writeFileSync(result, JSON.stringify(warnings))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, output, result, setting] = process.argv.slice(2)
  await work(folder, output, result, JSON.parse(setting))
  // Its workers would stay.
  process.exit()
}
