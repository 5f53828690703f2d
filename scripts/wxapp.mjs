// `npm run example:wxapp`: makes examples/wxapp ready for WeChat's developer tools, and a broker on loopback for it. It
// changes nothing but miniprogram_npm/ there, as 构建 npm would. With --once it ends when the broker has answered.

import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'
import { root } from './tools.mjs'

export const wxapp = join(root, 'examples/wxapp')

/** The address that examples/wxapp/config.js has. */
const port = 8083
/** Seconds for a broker on the same machine. */
const patience = 10

/** Puts the library where 构建 npm puts it. */
export function placeLibrary() {
  const from = join(root, 'pkg/miniprogram')
  const to = join(wxapp, 'miniprogram_npm/wasmqtt')
  if (!existsSync(join(from, 'index.js'))) throw new Error(`${from} is missing: run npm run build`)
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
}

/**
 * A message of one's own comes back.
 * @param {string} url
 */
async function answers(url) {
  const { connect } = await import('wasmqtt')
  const client = await connect(url, { timeout: patience })
  const came = new Promise((resolve, reject) => {
    client.onMessageArrived = resolve
    setTimeout(() => reject(new Error('the broker does not answer')), patience * 1000).unref()
  })
  await client.subscribe('wxapp/ready', { qos: 1 })
  await client.publish('wxapp/ready', '', { qos: 1 })
  await came
  await client.disconnect()
}

/** @param {string} url */
const directions = (url) => `
  1. 打开微信开发者工具，导入项目 / In WeChat's developer tools, import the project
       ${wxapp}
  2. 详情 → 本地设置：勾选「不校验合法域名…」/ Details → Local settings: tick 不校验合法域名…
  3. 登录页的服务器地址 / The address on the login page
       ${url}

  聊天需要两个人：在「连接」页添加第二个连接，或再开一个模拟器。
  It takes two to chat: add a second connection on the page 连接, or open another simulator.

  按 Ctrl-C 结束 / Ctrl-C ends it.`

async function main() {
  const once = process.argv.includes('--once')
  await setUp('start')
  placeLibrary()
  // Imported here because it needs npm packages, which set-up may just have brought.
  const { startBroker } = await import('./broker.mjs')
  const broker = await startBroker({ port: once ? 0 : port, options: { topicAliasMaximum: 100 } })
  try {
    await answers(broker.url)
  } catch (error) {
    await broker.close()
    throw error
  }
  console.log(`服务器已启动 / A broker listens at ${broker.url}`)
  if (once) return broker.close()
  console.log(directions(broker.url))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => broker.close())
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`example:wxapp: ${error.stack}`)
    process.exit(1)
  })
}
