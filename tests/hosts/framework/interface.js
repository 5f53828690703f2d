// What `wx` shows and reads on a device besides the network: toasts, dialogs and sheets drawn in the document, where a
// test sees and taps them as a person does, the title bar, files, pictures, the clipboard, and what the device says of
// itself. Each is as plain as it can be while it stays true to its documentation.

import { settle } from '../wx-thread.js'
import { child, element } from './element.js'
import { addDevice } from './model.js'
import { addFiles, address, storedFiles, TEMPORARY, USER_FILES } from './files.js'

/**
 * Adds to wx.
 * @param {any} wx
 * @param {{ pages: any, later: (run: () => void) => void, screen: HTMLElement }} parts
 */
export function addInterface(wx, { pages, later, screen }) {
  const files = storedFiles()
  const clipboard = { data: '' }
  const toast = element('div', 'wx-toast')
  toast.hidden = true
  screen.append(toast)
  let hiding = 0

  const define = (name, work) => {
    wx[name] = (options = {}) => {
      const { success, fail, complete } = options
      const settled = new Promise((resolve) => resolve(work(options))).then(
        (result) => ({ ok: true, result: { ...result, errMsg: `${name}:ok` } }),
        (error) => ({ ok: false, result: { errMsg: `${name}:fail ${error.message}` } }),
      )
      if (!success && !fail && !complete) {
        return settled.then(
          ({ ok, result }) => new Promise((resolve, reject) => later(() => (ok ? resolve(result) : reject(result)))),
        )
      }
      void settled.then(({ ok, result }) => later(() => settle(options, ok, result)))
    }
  }

  // A page may navigate while it is being opened: its turn ends first.
  const inTurn = (work) => new Promise((resolve) => later(resolve)).then(work)
  for (const name of ['navigateTo', 'redirectTo', 'switchTab', 'reLaunch'])
    define(name, ({ url }) => inTurn(() => pages[name](url)))
  define('navigateBack', ({ delta }) => inTurn(() => pages.back(delta)))
  define('setNavigationBarTitle', ({ title }) => pages.top().setTitle(title))
  define('setNavigationBarColor', ({ frontColor, backgroundColor }) => pages.top().setColors(frontColor, backgroundColor))
  define('pageScrollTo', ({ scrollTop, selector, duration = 300 }) => {
    const scroll = pages.top().box.querySelector('.wx-scroll')
    const target = selector ? pages.top().root.getComponent().getShadowRoot().querySelector(selector)?.$$ : null
    const offset = target ? target.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop : 0
    scroll.scrollTo({ top: offset + (scrollTop ?? 0), behavior: duration > 0 ? 'smooth' : 'auto' })
  })

  const showToast = ({ title, icon = 'success', duration = 1500 }, lasting) => {
    if (typeof title !== 'string') throw new Error('parameter error: parameter.title should be String')
    clearTimeout(hiding)
    toast.hidden = false
    toast.dataset.icon = icon
    toast.textContent = title
    if (!lasting) hiding = setTimeout(hideToast, duration)
  }
  const hideToast = () => {
    toast.hidden = true
  }
  define('showToast', (options) => showToast(options, false))
  define('showLoading', (options) => showToast({ ...options, icon: 'loading' }, true))
  define('hideToast', hideToast)
  define('hideLoading', hideToast)

  define(
    'showModal',
    async ({
      title = '',
      content = '',
      showCancel = true,
      cancelText = '取消',
      confirmText = '确定',
      editable = false,
      placeholderText = '',
    }) => {
      const box = element('div', 'wx-modal')
      box.append(element('h2', '', title))
      const field = element('input')
      field.placeholder = placeholderText
      if (editable) field.value = content
      box.append(editable ? field : element('p', '', content))
      const buttons = [...(showCancel ? [['cancel', cancelText]] : []), ['confirm', confirmText]]
      const pressed = await overlay(
        screen,
        box,
        buttons.map(([name, text]) => Object.assign(element('button', `wx-${name}`, text), { value: name })),
      )
      const confirm = pressed === 'confirm'
      return { confirm, cancel: !confirm, ...(editable && confirm ? { content: field.value } : {}) }
    },
  )
  const choose = async (items) => {
    const buttons = [
      ...items.map((text, index) => Object.assign(element('button', 'wx-item', text), { value: index })),
      Object.assign(element('button', 'wx-cancel', '取消'), { value: -1 }),
    ]
    return Number(await overlay(screen, element('div', 'wx-sheet'), buttons))
  }
  define('showActionSheet', async ({ itemList }) => {
    if (!Array.isArray(itemList) || itemList.length < 1 || itemList.length > 6)
      throw new Error('parameter error: itemList should have 1 to 6 items')
    const tapIndex = await choose(itemList)
    if (tapIndex < 0) throw new Error('cancel')
    return { tapIndex }
  })

  const pick = async (count, accept) => {
    const chosen = await chooseFiles(count, accept)
    if (chosen.length === 0) throw new Error('cancel')
    return Promise.all(
      chosen.map(async (file) => {
        const path = `${TEMPORARY}/${Math.random().toString(36).slice(2)}${/\.\w+$/.exec(file.name)?.[0] ?? ''}`
        files.set(path, await file.arrayBuffer())
        return { path, size: file.size }
      }),
    )
  }
  define('chooseImage', async ({ count = 9 }) => {
    const tempFiles = await pick(count, 'image/*')
    return { tempFilePaths: tempFiles.map(({ path }) => path), tempFiles }
  })
  define('chooseMedia', async ({ count = 9, mediaType = ['image', 'video'] }) => {
    const chosen = await pick(count, mediaType.map((type) => `${type}/*`).join())
    return { type: 'image', tempFiles: chosen.map(({ path, size }) => ({ tempFilePath: path, size, fileType: 'image' })) }
  })
  define('previewImage', ({ urls, current = urls[0] }) => {
    const box = element('div', 'wx-preview')
    child(box, 'img').src = address(files, current)
    void overlay(screen, box, [Object.assign(element('button', 'wx-cancel', '✕'), { value: '' })])
  })
  define('getImageInfo', async ({ src }) => {
    const picture = element('img')
    picture.src = address(files, src)
    await picture.decode()
    return { width: picture.naturalWidth, height: picture.naturalHeight, path: src, orientation: 'up', type: 'png' }
  })

  define('setClipboardData', ({ data }) => {
    if (typeof data !== 'string') throw new Error('parameter error: parameter.data should be String')
    clipboard.data = data
    showToast({ title: '内容已复制' }, false)
  })
  define('getClipboardData', () => ({ data: clipboard.data }))
  for (const name of [
    'vibrateShort',
    'vibrateLong',
    'setKeepScreenOn',
    'hideKeyboard',
    'showNavigationBarLoading',
    'hideNavigationBarLoading',
    'startPullDownRefresh',
    'stopPullDownRefresh',
    'setTabBarBadge',
    'removeTabBarBadge',
    'showTabBarRedDot',
    'hideTabBarRedDot',
    'showShareMenu',
    'hideShareMenu',
  ])
    define(name, () => ({}))

  wx.nextTick = (run) => later(run)
  wx.env = { USER_DATA_PATH: USER_FILES }
  wx.canIUse = (schema) => String(schema).split('.')[0] in wx
  wx.createSelectorQuery = () => pages.top().instance.createSelectorQuery()
  addDevice(wx, define)
  addFiles(wx, files, later)
  return { choose, address: (src, from) => address(files, src, from) }
}

/** Shows a box with buttons over the page; gives the value of the one that is pressed. */
function overlay(screen, box, buttons) {
  return new Promise((resolve) => {
    const mask = element('div', 'wx-mask')
    const foot = element('div', 'wx-buttons')
    for (const button of buttons) {
      button.onclick = () => {
        mask.remove()
        resolve(button.value)
      }
      foot.append(button)
    }
    box.append(foot)
    mask.append(box)
    screen.append(mask)
  })
}

/** The browser's own dialog, so that a person can choose and a test can answer. */
function chooseFiles(count, accept) {
  return new Promise((resolve) => {
    const field = Object.assign(document.createElement('input'), { type: 'file', accept, multiple: count > 1 })
    field.onchange = () => resolve([...field.files].slice(0, count))
    field.oncancel = () => resolve([])
    field.click()
  })
}
