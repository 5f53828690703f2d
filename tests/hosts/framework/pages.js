// The page stack: opens, covers and closes pages in WeChat's order of events, and draws what is around them: the title
// bar, the tab bar. One page is visible at a time, with its own style sheet only. It knows the program's configuration
// and nothing of what the pages do.

import { child, element } from './element.js'

const MOST_PAGES = 10

/**
 * @param {object} parts
 * @param {any} parts.program what build.mjs made
 * @param {(path: string) => any} parts.createRoot a page's root component, ready to be attached
 * @param {HTMLElement} parts.screen
 */
export function createPages({ program, createRoot, screen }) {
  const stack = []
  /** Pages of the tab bar stay when another is chosen. */
  const kept = new Map()
  const tabs = program.app.tabBar?.list ?? []
  const isTab = (path) => tabs.some(({ pagePath }) => pagePath === path)
  const bar = tabs.length > 0 ? tabBar() : null
  const sheets = new Map()
  let inForeground = true

  const top = () => stack[stack.length - 1]

  function create(path, query) {
    const options = { ...program.app.window, ...program.configs[path] }
    const box = element('div', 'wx-window')
    const title = child(box, 'div', 'wx-title')
    const leave = child(title, 'button', 'wx-back')
    const name = child(title, 'span')
    child(title, 'i', 'wx-capsule')
    const scroll = child(child(box, 'div', 'wx-body'), 'div', 'wx-scroll')
    box.classList.toggle('wx-custom', options.navigationStyle === 'custom')
    box.classList.toggle('wx-tabbed', isTab(path))
    leave.textContent = '‹'
    leave.hidden = stack.length === 0
    leave.onclick = () => back(1)
    scroll.style.background = options.backgroundColorContent ?? ''
    screen.append(box)
    const root = createRoot(path)
    const page = { path, query, box, root, instance: root.get(), ready: false }
    page.setTitle = (text) => {
      name.textContent = text
    }
    page.setColors = (front, back) => {
      title.style.cssText = `color:${front};background:${back}`
    }
    page.setTitle(options.navigationBarTitleText ?? '')
    page.setColors(
      options.navigationBarTextStyle === 'white' ? '#fff' : '#000',
      options.navigationBarBackgroundColor ?? '#ededed',
    )
    page.instance.route = path
    page.instance.options = query
    scroll.addEventListener('scroll', () => {
      tell(page, 'onPageScroll', { scrollTop: scroll.scrollTop })
      if (scroll.scrollTop + scroll.clientHeight >= scroll.scrollHeight - 50) tell(page, 'onReachBottom')
    })
    root.attach(scroll, child(scroll, 'i'))
    tell(page, 'onLoad', query)
    return page
  }

  const tell = (page, name, ...values) => {
    if (typeof page.instance[name] === 'function') return page.instance[name](...values)
  }

  function show(page) {
    page.box.hidden = false
    for (const [path, sheet] of sheets) sheet.disabled = path !== page.path
    if (bar) bar.select(page.path)
    if (!inForeground) return
    page.root.getComponent().triggerPageLifetime('show', [])
    tell(page, 'onShow')
    if (page.ready) return
    page.ready = true
    tell(page, 'onReady')
  }

  function hide(page) {
    page.root.getComponent().triggerPageLifetime('hide', [])
    tell(page, 'onHide')
    page.box.hidden = true
  }

  function close(page) {
    tell(page, 'onUnload')
    page.root.release()
    page.box.remove()
  }

  function located(url) {
    const [path, search = ''] = String(url).split('?')
    const base = top() ? top().path.split('/').slice(0, -1) : []
    const parts = []
    for (const part of path.startsWith('/') ? path.split('/') : [...base, ...path.split('/')]) {
      if (part === '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    const found = parts.join('/')
    if (!program.pages.includes(found)) throw new Error(`page "${found}" is not found`)
    return { path: found, query: parsed(search) }
  }

  function navigateTo(url) {
    const { path, query } = located(url)
    if (isTab(path)) throw new Error('can not navigateTo a tabbar page')
    if (stack.length >= MOST_PAGES) throw new Error('webview count limit exceed')
    if (top()) hide(top())
    stack.push(create(path, query))
    show(top())
  }

  function redirectTo(url) {
    const { path, query } = located(url)
    if (isTab(path)) throw new Error('can not redirectTo a tabbar page')
    close(stack.pop())
    stack.push(create(path, query))
    show(top())
  }

  function switchTab(url) {
    const { path } = located(url)
    if (!isTab(path)) throw new Error('can not switch to no-tabBar page')
    if (stack.length === 1 && top().path === path) return
    if (stack.length > 0 && isTab(top().path)) hide(top())
    while (stack.length > 0) {
      const page = stack.pop()
      if (!isTab(page.path)) close(page)
    }
    if (!kept.has(path)) kept.set(path, create(path, {}))
    stack.push(kept.get(path))
    show(top())
  }

  function reLaunch(url) {
    const { path, query } = located(url)
    for (const page of new Set([...stack.splice(0), ...kept.values()])) close(page)
    kept.clear()
    const page = create(path, query)
    if (isTab(path)) kept.set(path, page)
    stack.push(page)
    show(page)
  }

  function back(delta = 1) {
    if (stack.length < 2) throw new Error('cannot navigate back at first page.')
    for (let count = Math.min(delta, stack.length - 1); count > 0; count -= 1) close(stack.pop())
    show(top())
  }

  function tabBar() {
    const { color = '#7a7e83', selectedColor = '#07c160', backgroundColor = '#fff' } = program.app.tabBar
    const made = element('div', 'wx-tabs')
    made.style.background = backgroundColor
    for (const { text, pagePath, iconPath } of tabs) {
      const tab = element('button', 'wx-tab')
      tab.dataset.path = pagePath
      if (iconPath) tab.append(element('img'))
      tab.append(text)
      tab.onclick = () => switchTab(`/${pagePath}`)
      made.append(tab)
    }
    screen.append(made)
    made.select = (path) => {
      made.hidden = !isTab(path)
      for (const [index, tab] of [...made.children].entries()) {
        const { iconPath, selectedIconPath = iconPath } = tabs[index]
        const selected = tabs[index].pagePath === path
        tab.style.color = selected ? selectedColor : color
        if (iconPath) tab.firstChild.src = `/package/${selected ? selectedIconPath : iconPath}`
      }
    }
    return made
  }

  return {
    stack,
    top,
    navigateTo,
    redirectTo,
    switchTab,
    reLaunch,
    back,
    /** A page's own style sheet, which shows with the page. */
    addStyle(path, css) {
      const sheet = document.head.appendChild(element('style'))
      sheet.textContent = css
      sheet.disabled = true
      sheets.set(path, sheet.sheet)
      sheet.sheet.disabled = true
    },
    background() {
      inForeground = false
      top().root.getComponent().triggerPageLifetime('hide', [])
      tell(top(), 'onHide')
    },
    foreground() {
      inForeground = true
      show(top())
    },
  }
}

/** A query as pages get it: texts as they stand in the address, not decoded. */
function parsed(search) {
  const pairs = search
    .split('&')
    .filter(Boolean)
    .map((pair) => pair.split(/=(.*)/s))
  return Object.fromEntries(pairs.map(([name, value = '']) => [name, value]))
}
