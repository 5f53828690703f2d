// The chat of examples/wxapp as people use it: its real pages in WeChat's component framework, on a strict device,
// against real Mosquitto over TLS. What others send comes from a client in Node. Pictures of every page are left in
// target/screenshots/wxapp. Conditions are waited for, never time.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { connect } from 'wasmqtt'
import { root } from '../../scripts/tools.mjs'
import { placeLibrary, wxapp } from '../../scripts/wxapp.mjs'
import { startMosquitto } from '../js/brokers.mjs'
import { startBrowser } from '../js/browser.mjs'
import { startMiniProgram } from './framework/index.mjs'

const pictures = join(root, 'target/screenshots/wxapp')

/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser
/** @type {Awaited<ReturnType<typeof startMosquitto>>} */
let broker
/** @type {Awaited<ReturnType<typeof startMiniProgram>>[]} */
let phones = []
/** @type {import('wasmqtt').Client[]} */
let clients = []

before(async () => {
  mkdirSync(pictures, { recursive: true })
  placeLibrary()
  browser = await startBrowser(['--ignore-certificate-errors'])
  broker = await startMosquitto()
})
after(async () => {
  await browser?.close()
  await broker?.close()
})
afterEach(async () => {
  const used = [phones.splice(0), clients.splice(0)]
  await Promise.all(used[1].map((client) => client.state !== 'disconnected' && client.disconnect()))
  // Closing tells whether the program has reported an error.
  const closed = await Promise.allSettled(used[0].map((phone) => phone.close()))
  for (const { reason } of closed) if (reason) throw reason
})

async function picture(phone, name) {
  // Two quick taps select a word in a browser, and nothing on a telephone.
  await phone.page.evaluate(() => getSelection().removeAllRanges())
  await phone.screenshot(join(pictures, `${name}.png`))
}

/** Chromium writes failed sockets to its console by itself; nothing else may stand there. */
function forgiveSockets(...losers) {
  for (const { errors } of losers) {
    errors.push = (error) => (/^WebSocket connection to .* failed/.test(error) ? 0 : Array.prototype.push.call(errors, error))
  }
}

/** The broker is away until it is started again, at the latest at the end of the test. */
async function takeAway(t, ...losers) {
  forgiveSockets(...losers)
  t.after(() => broker.start())
  await broker.stop()
}

/** A phone that sleeps and wakes, which is a reason to try at once. */
const hurry = (phone) =>
  phone.device((device) => {
    device.background()
    device.suspend()
    device.foreground()
  })

/** @param {object} [options] of startMiniProgram */
async function startPhone(options) {
  const phone = await startMiniProgram(wxapp, { browser, ...options })
  phones.push(phone)
  return phone
}

/** Fills in the login page, by hand. */
async function fillIn(phone, given) {
  const { name, url, userName, password, ...switches } = {
    url: broker.tlsUrl,
    userName: broker.userName,
    password: broker.password,
    v5: true,
    clean: false,
    remember: true,
    ...given,
  }
  await phone.waitFor('#name')
  await phone.type('#name', name)
  await phone.type('#url', url)
  await phone.type('#userName', userName)
  await phone.type('#password', password)
  const { data } = await phone.current()
  for (const [field, wanted] of Object.entries(switches)) if (data[field] !== wanted) await phone.tap(`#${field}`)
}

/** A phone whose user has logged in. */
async function login(given, options) {
  const phone = await startPhone(options)
  await fillIn(phone, given)
  await phone.tap('#connect')
  await phone.waitFor('#join')
  return phone
}

async function enter(phone, room) {
  await phone.tap('#join')
  await phone.type('#room', `${room}\n`)
  await phone.waitFor('#input')
  await phone.waitUntil(async () => (await phone.current()).data.members.length > 0, 'the members')
}

async function say(phone, text) {
  await phone.type('#input', text)
  await phone.tap('#send')
}

/** What the chat page shows: texts with their states, pictures, lines. */
const rows = async (phone) =>
  ((await phone.current()).data.rows ?? []).map(({ kind, text, state }) =>
    [kind === 'image' ? '[图片]' : text, state].filter(Boolean).join(' · '),
  )
const shows = (phone, ...wanted) =>
  phone.waitUntil(async () => {
    const shown = await rows(phone)
    return wanted.every((one) => shown.includes(one))
  }, wanted.join(', '))
const online = async (phone) => (await phone.current()).data.members.filter((one) => one.online).map(({ name }) => name)
const isOnline = (phone, ...names) =>
  phone.waitUntil(async () => `${(await online(phone)).sort()}` === `${names.sort()}`, `${names} online`)

/** A client in Node that says what a member says, or nonsense. */
async function outsider(url = broker.url) {
  const client = await connect(url, { userName: broker.userName, password: broker.password })
  clients.push(client)
  return client
}

/** A picture as a telephone would take it; noise cannot be made smaller. */
const photograph = (phone, { width, height, noise = false }) =>
  phone.page.evaluate(
    ([wide, high, isNoise]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: wide, height: high })
      const context = canvas.getContext('2d')
      const sky = context.createLinearGradient(0, 0, 0, high)
      const colours = { 0: '#274b7a', 0.45: '#e79a6b', 0.62: '#f6d5a5', 0.63: '#3a6a75', 1: '#16323f' }
      for (const [at, colour] of Object.entries(colours)) sky.addColorStop(Number(at), colour)
      context.fillStyle = sky
      context.fillRect(0, 0, wide, high)
      context.fillStyle = '#fff3d6'
      context.beginPath()
      context.arc(wide * 0.64, high * 0.5, high * 0.07, 0, 7)
      context.fill()
      if (isNoise) {
        const data = context.getImageData(0, 0, wide, high)
        for (let at = 0; at < data.data.length; at++) if (at % 4 < 3) data.data[at] = (at * 2654435761) >>> 24
        context.putImageData(data, 0, 0)
      }
      return canvas.toDataURL('image/jpeg', 0.9).split(',')[1]
    },
    [width, height, noise],
  )

async function choosePicture(phone, shape) {
  const buffer = Buffer.from(await photograph(phone, shape), 'base64')
  const asked = phone.page.waitForEvent('filechooser')
  await phone.tap('#picture')
  await (await asked).setFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer })
  return buffer
}

describe('logging in', () => {
  test('a wrong password is said with what to do, and the right one leads to the rooms', async () => {
    const phone = await startPhone()
    await fillIn(phone, { name: '小明', password: 'wrong' })
    await picture(phone, 'login')
    await phone.tap('#connect')
    await phone.waitForText('检查用户名和密码，以及该用户在服务器上的权限')
    await picture(phone, 'login-refused')
    await phone.type('#password', broker.password)
    await phone.tap('#connect')
    await phone.waitForText('还没有加入房间')
    await picture(phone, 'rooms-empty')
    assert.equal(await phone.text('.name'), '小明')
  })

  test('a name with a wildcard and an address that is none are refused before anything is sent', async () => {
    const phone = await startPhone()
    await fillIn(phone, { name: 'a/b' })
    await phone.tap('#connect')
    await phone.waitForText('名称不能含有 / + #')
    await fillIn(phone, { name: '小明', url: 'https://example.com' })
    await phone.tap('#connect')
    await phone.waitForText('地址不对')
    assert.deepEqual(await phone.calls('connectSocket'), [])
  })

  test('a password that is not to be remembered is asked for when the program starts again', async () => {
    const phone = await login({ name: '小明', remember: false })
    await phone.restart()
    await phone.waitForText('需要密码，点按登录')
    assert.ok(!JSON.stringify(await phone.page.evaluate(() => localStorage.getItem('storage'))).includes(broker.password))
    await phone.tap('#strip')
    await phone.waitFor('#password')
    await phone.type('#password', broker.password)
    await phone.tap('#connect')
    await phone.waitFor('#me .dot.connected')
  })
})

describe('two people in a room', () => {
  for (const [how, v5, timerPromise] of [
    ['MQTT 5 and MQTT 3.1.1', false, false],
    ['MQTT 5, one with the promises of iOS 15', true, true],
  ]) {
    test(`they read each other by ${how}, and each message gets its ticks`, async () => {
      const room = `大厅 ${how.length}`
      const one = await login({ name: '小明' })
      await enter(one, room)
      await say(one, '大家好！今天下午三点开会，记得带上方案。')
      await shows(one, '大家好！今天下午三点开会，记得带上方案。 · sent')
      const other = await login({ name: '李雷', v5 }, { timerPromise })
      await enter(other, room)
      await isOnline(one, '小明', '李雷')
      await isOnline(other, '小明', '李雷')
      await shows(one, '李雷 加入了房间')
      await say(other, '收到 👌')
      await shows(one, '收到 👌')
      await shows(other, '收到 👌 · delivered')
      await say(one, '辛苦')
      await shows(other, '辛苦')
      await shows(one, '辛苦 · delivered')
      // What was said before one came in is not for him, and nothing comes twice.
      assert.deepEqual(await rows(other), ['收到 👌 · delivered', '辛苦'])
      assert.deepEqual((await rows(one)).slice(1), ['李雷 加入了房间', '收到 👌', '辛苦 · delivered'])
    })
  }

  test('a picture arrives as it was sent, without base64, and a tap shows it large', async () => {
    const one = await login({ name: '小明' })
    const other = await login({ name: '韩梅梅' })
    await enter(one, '照片')
    await enter(other, '照片')
    await say(other, '今天的日落拍到了吗？')
    await shows(one, '今天的日落拍到了吗？')
    const listener = await outsider()
    const came = new Promise((resolve) => (listener.onMessageArrived = ({ payloadBytes }) => resolve(Buffer.from(payloadBytes))))
    await listener.subscribe('chat/rooms/照片/image/+/+', { qos: 1 })
    const file = await choosePicture(one, { width: 640, height: 480 })
    await shows(other, '[图片]')
    await shows(one, '[图片] · delivered')
    const frame = await came
    assert.deepEqual([...frame.subarray(0, 5)], [1, 640 >> 8, 640 & 255, 480 >> 8, 480 & 255])
    assert.ok(frame.subarray(5).equals(file))
    const { path } = (await other.current()).data.rows.find(({ kind }) => kind === 'image')
    await say(one, '拍到了，就在海边。回头把原图传到相册里，大家都能看。')
    await shows(one, '拍到了，就在海边。回头把原图传到相册里，大家都能看。 · delivered')
    await picture(one, 'chat')
    const isDrawn = () => [...document.querySelectorAll('.photo img')].some((one) => one.naturalWidth === 640)
    await other.waitUntil(() => other.page.evaluate(isDrawn), 'the picture')
    await other.tap('.photo')
    await other.waitUntil(async () => (await other.calls('previewImage')).length > 0, 'the preview')
    assert.deepEqual(await other.calls('previewImage'), [{ current: path, urls: [path] }])
  })

  test('a picture that is too large is made smaller, and one that stays too large is refused in plain words', async () => {
    const phone = await login({ name: '小明' })
    await enter(phone, '大图')
    // The host of these tests makes nothing smaller: what the phone would do is played here.
    const small = await photograph(phone, { width: 320, height: 200 })
    await phone.page.evaluate((base64) => {
      const { wx } = window.miniProgram
      window.compressed = []
      wx.compressImage = ({ success, ...options }) => {
        window.compressed.push(options)
        const tempFilePath = `${wx.env.USER_DATA_PATH}/small.jpg`
        if (window.compressed.length === 2) wx.getFileSystemManager().writeFileSync(tempFilePath, base64, 'base64')
        setTimeout(() => success({ tempFilePath: window.compressed.length === 2 ? tempFilePath : options.src }))
      }
    }, small)
    await choosePicture(phone, { width: 1800, height: 900, noise: true })
    await shows(phone, '[图片] · sent')
    const steps = await phone.page.evaluate(() => window.compressed)
    assert.deepEqual(steps.map(({ compressedWidth, compressedHeight }) => [compressedWidth, compressedHeight]), [[1600, 800], [1280, 640]])
    await choosePicture(phone, { width: 1800, height: 900, noise: true })
    await phone.waitForText(/图片压缩后仍有 \d+ KB，上限 256 KB，请换一张/)
    await picture(phone, 'picture-refused')
    await phone.answer('确定')
    assert.equal((await rows(phone)).length, 1)
  })

  test('whoever loses his phone goes offline by his will, and whoever leaves is no member any more', async () => {
    const one = await login({ name: '小明' })
    const other = await login({ name: '李雷' })
    await enter(one, '在线')
    await enter(other, '在线')
    await isOnline(one, '小明', '李雷')
    phones.splice(phones.indexOf(other), 1)
    await other.discard()
    await isOnline(one, '小明')
    await one.tap('#about')
    await one.waitFor('.member')
    await picture(one, 'members')
    assert.deepEqual((await one.current()).data.members.map(({ name }) => name), ['小明', '李雷'])
    const third = await login({ name: '韩梅梅' })
    await enter(third, '在线')
    await isOnline(one, '小明', '韩梅梅')
    await third.tap('#about')
    await third.tap('#leave')
    await third.answer('离开')
    await third.waitForText('还没有加入房间')
    await shows(one, '韩梅梅 离开了房间')
    assert.deepEqual((await one.current()).data.members.map(({ name }) => name), ['小明', '李雷'])
  })

  test('what comes for a room that nobody looks at is counted', async () => {
    const one = await login({ name: '小明' })
    await enter(one, '周末去哪儿')
    await one.back()
    await enter(one, '技术交流')
    const friend = await outsider()
    const from = '王小明的妈妈很想知道你们几点到~abcdef1234'
    const id = (at) => `${(Date.now() + at).toString(36)}-${at}`
    for (let at = 0; at < 3; at++) {
      await friend.publish(`chat/rooms/周末去哪儿/text/${from}/${id(at)}`, `去爬山吧，第 ${at + 1} 次问了`, { qos: 1 })
    }
    await friend.publish(`chat/rooms/技术交流/text/${from}/${id(9)}`, '编译过了', { qos: 1 })
    await shows(one, '编译过了')
    await one.back()
    await one.waitUntil(async () => (await one.texts('.badge')).join() === '3', 'three unread')
    assert.deepEqual(await one.texts('.room-name'), ['技术交流', '周末去哪儿'])
    await picture(one, 'rooms')
    await one.tap('text=周末去哪儿')
    await shows(one, '去爬山吧，第 3 次问了')
    await one.back()
    await one.waitUntil(async () => (await one.texts('.badge')).length === 0, 'none unread')
  })
})

describe('a connection that goes and comes', () => {
  test('the background ends the connection, and coming back says what was missed', async () => {
    const one = await login({ name: '小明' })
    const other = await login({ name: '李雷' })
    await enter(one, '后台')
    await enter(other, '后台')
    await shows(one, '李雷 加入了房间')
    // When this is acknowledged, the acknowledgement of what came before it has reached the broker.
    await say(one, '我先退一下')
    await shows(one, '我先退一下 · delivered')
    await one.suspend()
    await isOnline(other, '李雷')
    await say(other, '你在吗？')
    await shows(other, '你在吗？ · sent')
    await one.foreground()
    await shows(one, '你在吗？')
    await one.waitForText(/^离开 \d+ 秒，连接已恢复，收到 1 条新消息$/)
    await picture(one, 'returned')
    await shows(other, '你在吗？ · delivered')
    await isOnline(other, '小明', '李雷')
    // What was acknowledged before does not come again.
    await one.back()
    await one.tap('#me')
    await one.tap('#console-0')
    await one.waitFor('.arrival')
    const { arrivals } = (await one.current()).data
    assert.deepEqual(arrivals.filter(({ duplicate, topic }) => duplicate && /members/.test(topic)), [])
  })

  test('what is written while the broker is away waits in sight, and arrives once and in order', async (t) => {
    const one = await login({ name: '小明' })
    const other = await login({ name: '李雷', v5: false })
    await enter(one, '重启')
    await enter(other, '重启')
    await say(one, '断线之前')
    await shows(other, '断线之前')
    await takeAway(t, one, other)
    await one.waitForText(/已断开，第 \d+ 次重连/)
    await say(one, '电梯里写的第一句')
    await say(one, '电梯里写的第二句')
    await shows(one, '电梯里写的第一句 · waiting', '电梯里写的第二句 · waiting')
    await one.waitForText('2 条待发送')
    await picture(one, 'reconnecting')
    await broker.start()
    await hurry(one)
    await hurry(other)
    await shows(one, '电梯里写的第一句 · delivered', '电梯里写的第二句 · delivered')
    await shows(other, '电梯里写的第一句', '电梯里写的第二句')
    assert.deepEqual(await rows(other), ['断线之前', '电梯里写的第一句', '电梯里写的第二句'])
    await isOnline(one, '小明', '李雷')
  })

  test('without a network the page says so at once', async () => {
    const phone = await login({ name: '小明' })
    await phone.device((device) => device.network(false))
    await phone.waitForText('网络不可用，恢复后自动重连')
    await picture(phone, 'no-network')
    await phone.device((device) => device.network(true))
    await phone.waitUntil(async () => (await phone.find('#strip').count()) === 0, 'the connection')
  })

  test('what is written in the lift leaves later, even when the program was killed meanwhile', async (t) => {
    const one = await login({ name: '小明' })
    const other = await login({ name: '李雷' })
    await enter(one, '电梯')
    await enter(other, '电梯')
    await say(one, '进电梯之前')
    await shows(one, '进电梯之前 · delivered')
    await takeAway(t, one, other)
    await one.waitForText(/已断开/)
    await say(one, '在电梯里')
    await shows(one, '在电梯里 · waiting')
    await one.restart()
    await one.tap('text=电梯')
    await shows(one, '进电梯之前 · delivered', '在电梯里 · waiting')
    await broker.start()
    await hurry(one)
    await hurry(other)
    await shows(other, '在电梯里')
    await shows(one, '在电梯里 · delivered')
    assert.deepEqual(await rows(other), ['进电梯之前', '在电梯里'])
  })

  test('history is there after a restart, with what came while the program was away', async () => {
    const one = await login({ name: '小明' })
    await enter(one, '历史')
    await say(one, '昨天说的话')
    await shows(one, '昨天说的话 · sent')
    const other = await login({ name: '李雷' })
    await enter(other, '历史')
    await one.page.goto('about:blank')
    await isOnline(other, '李雷')
    await say(other, '你不在的时候说的')
    await shows(other, '你不在的时候说的 · sent')
    await one.page.goBack()
    await one.started()
    await one.waitUntil(async () => (await one.texts('.badge')).join() === '1', 'one unread')
    await one.tap('text=历史')
    await shows(one, '昨天说的话 · sent', '你不在的时候说的')
    await shows(other, '你不在的时候说的 · delivered')
  })

  test('a message that the broker may not take is marked, and goes again with a tap', async (t) => {
    const phone = await login({ name: '小明', clean: true })
    await enter(phone, '重发')
    await takeAway(t, phone)
    await phone.waitForText(/已断开/)
    await say(phone, '会失败的')
    await phone.back()
    await phone.tap('#me')
    await phone.tap('#toggle-0')
    await phone.waitForText('未连接')
    await phone.back()
    await phone.tap('text=重发')
    await shows(phone, '会失败的 · failed')
    await picture(phone, 'failed')
    await broker.start()
    await phone.tap('#strip')
    await isOnline(phone, '小明')
    await phone.tap('.state.failed')
    await shows(phone, '会失败的 · sent')
  })
})

describe('two brokers at once', () => {
  test('each connection has rooms of its own, and the two never meet', async (t) => {
    const second = await startMosquitto()
    t.after(() => second.close())
    const phone = await login({ name: '小明' })
    await enter(phone, '大厅')
    await phone.back()
    await phone.tap('#me')
    await phone.tap('#more')
    await fillIn(phone, { name: '小明（公司）', url: second.tlsUrl, v5: false })
    await picture(phone, 'add-connection')
    await phone.tap('#connect')
    await phone.waitForText('还没有加入房间')
    await enter(phone, '大厅')
    const heard = { first: [], second: [] }
    for (const [name, url] of [['first', broker.url], ['second', second.url]]) {
      const listener = await outsider(url)
      listener.onMessageArrived = ({ payloadString }) => heard[name].push(payloadString)
      await listener.subscribe('chat/rooms/大厅/text/+/+', { qos: 1 })
    }
    await say(phone, '只有公司听得到')
    await shows(phone, '只有公司听得到 · sent')
    await phone.back()
    await phone.tap('#me')
    await phone.waitUntil(async () => (await phone.texts('.state')).join() === '已连接,已连接', 'both connected')
    await picture(phone, 'connections')
    await phone.tap('#enter-0')
    await phone.tap('.room')
    await say(phone, '只有家里听得到')
    await shows(phone, '只有家里听得到 · sent')
    assert.deepEqual(await rows(phone), ['只有家里听得到 · sent'])
    await phone.waitUntil(() => heard.first.length + heard.second.length >= 2, 'both listeners')
    assert.deepEqual(heard, { first: ['只有家里听得到'], second: ['只有公司听得到'] })
    // One broker goes: the other connection does not notice.
    forgiveSockets(phone)
    await second.stop()
    await phone.back()
    await phone.tap('#me')
    await phone.waitUntil(async () => /^已连接,重连中/.test((await phone.texts('.state')).join()), 'one reconnecting')
  })
})

describe('what a person takes away', () => {
  test('a room that is left, and a connection that is deleted, leave nothing behind', async () => {
    const phone = await login({ name: '小明' })
    const other = await login({ name: '李雷' })
    await enter(other, '去留')
    await enter(phone, '去留')
    await say(phone, '再见')
    await shows(phone, '再见 · delivered')
    await phone.back()
    await enter(phone, '另一间')
    await phone.back()
    await phone.hold('.room', 0)
    await phone.answer('离开')
    await phone.waitUntil(async () => (await phone.texts('.room-name')).join() === '去留', 'one room')
    await phone.tap('#me')
    await phone.tap('#remove-0')
    await phone.answer('删除')
    await phone.waitFor('#name')
    await shows(other, '小明 离开了房间')
    const stored = () => phone.device((device) => [...device.storage.keys()].sort())
    await phone.waitUntil(async () => `${await stored()}` === 'chat/accounts,chat/form', 'an empty storage')
  })
})

describe('the console', () => {
  test('subscribes, publishes and shows what arrives, with its errors', async () => {
    const phone = await login({ name: '小明' })
    await phone.tap('#me')
    await phone.tap('#console-0')
    await phone.waitFor('#tab-1')
    await phone.tap('#tab-1')
    await phone.type('#filter', '家/#/错')
    await phone.tap('#subscribe')
    await phone.waitForText('主题过滤器不对（31）')
    await picture(phone, 'console-error')
    await phone.type('#filter', '家/+/温度')
    await phone.tap('#filter-qos-2')
    await phone.tap('#subscribe')
    await phone.waitForText('已订阅 家/+/温度')
    await picture(phone, 'console-subscribe')
    await phone.tap('#tab-2')
    await phone.type('#topic', '家/厨房/温度')
    await phone.type('#payload', '{"摄氏": 21.5}')
    await phone.tap('#qos-2')
    await phone.tap('#retained')
    await phone.tap('#publish')
    await phone.waitForText('服务器已确认：家/厨房/温度')
    await picture(phone, 'console-publish')
    const device = await outsider()
    await device.publish('家/客厅/温度', new Uint8Array([0, 255, 16, 128]), { qos: 1 })
    await phone.tap('#tab-0')
    await phone.waitForText('00 ff 10 80')
    const seen = (await phone.current()).data.arrivals.map(({ topic, qos, size, payload }) => [topic, qos, size, payload])
    assert.deepEqual(seen, [['家/客厅/温度', 1, 4, '00 ff 10 80'], ['家/厨房/温度', 2, 16, '{"摄氏": 21.5}']])
    await picture(phone, 'console')
    await phone.tap('#hex')
    await phone.waitForText('7b 22 e6 91 84 e6 b0 8f 22 3a 20 32 31 2e 35 7d')
    await phone.tap('#tab-1')
    await phone.tap('.unsubscribe')
    await phone.waitForText('已取消订阅 家/+/温度')
    await device.publish('家/客厅/温度', '没人听', { qos: 1 })
    await phone.type('#filter', '家/厨房/温度')
    await phone.tap('#subscribe')
    await phone.waitForText('已订阅 家/厨房/温度')
    await phone.tap('#tab-0')
    await phone.waitUntil(async () => (await phone.current()).data.arrivals.length === 3, 'the retained one')
    const [{ topic, retained }] = (await phone.current()).data.arrivals
    assert.deepEqual([topic, retained], ['家/厨房/温度', true])
    await phone.tap('#tab-3')
    await phone.waitForText(/已连接（MQTT 5，新会话）/)
    await picture(phone, 'console-log')
    await phone.tap('#toggle')
    await phone.waitForText('未连接，点按连接')
    await phone.tap('#toggle')
    await phone.waitForText(/会话继续/)
    // The WebAssembly of the code package runs, and not the JavaScript build: that would be told here.
    const { log } = (await phone.current()).data
    assert.deepEqual(log.filter(({ wrong }) => wrong).map(({ text }) => text.split('：')[0]), ['主题过滤器不对'])
  })
})

describe('what strangers send', () => {
  test('nothing of it breaks the program, and the next message is shown', async () => {
    const phone = await login({ name: '小明' })
    await enter(phone, '陌生人')
    const stranger = await outsider()
    const room = 'chat/rooms/陌生人'
    const id = (at) => `${Date.now().toString(36)}-${at}`
    const me = (await phone.current()).data.members[0].who
    const frame = (...bytes) => new Uint8Array(bytes)
    const huge = new Uint8Array(400 * 1024).fill(1)
    for (const [topic, payload] of [
      [`${room}/members/坏人~abcdef01`, 'not JSON'],
      [`${room}/members/坏人~abcdef02`, 'null'],
      [`${room}/members/坏人~abcdef03`, '{"since":"yesterday"}'],
      [`${room}/members/没有标识`, '{"since":1}'],
      [`${room}/members/${'长'.repeat(300)}~abcdef04`, '{"since":1}'],
      [`${room}/text/坏人~abcdef01/${id(1)}`, frame(0xff, 0xfe, 0x00)],
      [`${room}/text/坏人~abcdef01/${id(2)}`, ''],
      [`${room}/text/坏人~abcdef01/not-an-id`, '编号不对'],
      [`${room}/text/坏人~abcdef01/${id(3)}`, huge],
      [`${room}/text/${me}/${id(4)}`, '冒充本人'],
      [`${room}/image/坏人~abcdef01/${id(5)}`, frame(1, 0, 9, 0, 9, 0x3c, 0x73, 0x76, 0x67)],
      [`${room}/image/坏人~abcdef01/${id(6)}`, huge],
      [`${room}/image/坏人~abcdef01/${id(7)}`, frame(1)],
      [`${room}/image/坏人~abcdef01/${id(8)}`, frame(1, 0xff, 0xff, 0, 1, 0xff, 0xd8, 0xff)],
      [`chat/users/${me}/receipts/坏人~abcdef01`, '[1,2'],
      [`chat/users/${me}/receipts/坏人~abcdef01`, '{"room":"陌生人","ids":{"length":3}}'],
      [`chat/users/${me}/receipts/坏人~abcdef01`, '{"room":"__proto__","ids":[{}]}'],
      [`${room}/text/好人~abcdef09/${id(9)}`, '你好，我是好人'],
    ]) await stranger.publish(topic, payload, { qos: 1 })
    await shows(phone, '你好，我是好人')
    // The one that has the shape of a picture takes its place, and no more than that.
    await phone.waitForText('图片已不在手机上')
    assert.deepEqual(await rows(phone), ['[图片]', '你好，我是好人'])
    const { members } = (await phone.current()).data
    assert.ok(members.every(({ name }) => name.length <= 64))
  })
})

describe('sizes of phones', () => {
  for (const [width, height] of [[320, 568], [430, 932]]) {
    test(`a long name, a long word and a long message fit into ${width} pixels`, async () => {
      const phone = await login({ name: '特别长的一个昵称有十六个字' }, { context: { viewport: { width, height } } })
      await picture(phone, `rooms-${width}`)
      await enter(phone, '一个名字很长的房间')
      const friend = await outsider()
      const id = (at) => `${Date.now().toString(36)}-${at}`
      const text = 'chat/rooms/一个名字很长的房间/text'
      await friend.publish(`${text}/${'很长的名字'.repeat(8)}~abcdef01/${id(1)}`, '说来话长，'.repeat(30), { qos: 1 })
      await friend.publish(`${text}/李雷~abcdef02/${id(2)}`, `https://example.com/${'a'.repeat(120)}`, { qos: 1 })
      await say(phone, '好')
      await shows(phone, '好 · sent')
      await choosePicture(phone, { width: 480, height: 640 })
      await shows(phone, '[图片] · sent')
      const tooWide = await phone.page.evaluate(() =>
        [...document.querySelectorAll('.wx-window:not([hidden]) *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).length,
      )
      assert.equal(tooWide, 0)
      await picture(phone, `chat-${width}`)
    })
  }
})
