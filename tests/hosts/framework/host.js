// The page that runs a mini-program: WeChat's component framework, the strict `wx` and the device around it, the
// program's realm, and the launch in WeChat's order. It is bundled by serve.mjs; tests reach it as `miniProgram`.

import * as glassEasel from 'glass-easel'
import { MiniProgramEnv } from 'glass-easel-miniprogram-adapter'
import { createWx } from '../wx.js'
import { createBackend, defineComponents } from './components.js'
import { addInterface } from './interface.js'
import { createPages } from './pages.js'
import { createModules, createRealm } from './realm.js'
import { scopeOf } from './styles.mjs'
import { timerPromise } from './timer-promise.js'

const LONG_PRESS = 350
const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)) || '{}')

/** An error of the program: a test fails by it. */
function report(error, where = '') {
  console.error(`${where}${where ? ': ' : ''}${(error && error.stack) || error}`)
}

/** Outlives the program as on a device: another start in the same browser context finds it. */
function lastingStorage() {
  const storage = new Map(JSON.parse(localStorage.getItem('storage') ?? '[]'))
  const save = () => localStorage.setItem('storage', JSON.stringify([...storage]))
  for (const name of ['set', 'delete', 'clear']) {
    const change = storage[name].bind(storage)
    storage[name] = (...values) => {
      change(...values)
      save()
    }
  }
  return storage
}

async function start() {
  const screen = document.querySelector('#screen')
  const program = await (await fetch('/program.json')).json()
  if (program.error) throw new Error(program.error)
  const { wx, WXWebAssembly, device } = createWx({
    ...settings.device,
    connectTimeout: program.app.networkTimeout?.connectSocket,
    storage: lastingStorage(),
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    readPackageFile: async (path) => {
      if (!program.files.includes(path.slice(1)))
        throw new Error(`WXWebAssembly.instantiate: ${path} is not in the code package`)
      return (await fetch(`/package${path}`)).arrayBuffer()
    },
  })
  const later = (run) => device.timers.setTimeout(run, 0)

  glassEasel.addGlobalErrorListener((error, where) => {
    report(error, where)
    return false
  })
  glassEasel.globalOptions.writeIdToDOM = true
  const environment = new MiniProgramEnv()
  const space = environment.createCodeSpace('', true)
  const backend = createBackend()
  const associated = environment.associateBackend(backend)
  const templates = (0, eval)(program.templates)
  const template = (path) => ({ groupList: templates, content: templates[path] })

  const pages = createPages({
    program,
    screen,
    createRoot: (path) => associated.createRoot('page', space, path),
  })
  const surface = addInterface(wx, { pages, later, screen })
  defineComponents(environment.getGlobalCodeSpace().getComponentSpace(), space.getComponentSpace(), template, {
    ...surface,
    navigate: ({ url, openType, delta }) =>
      openType === 'navigateBack' ? wx.navigateBack({ delta }) : wx[openType || 'navigateTo']({ url }),
  })
  record(wx, device)

  for (const [path, css] of Object.entries(program.styles)) {
    if (program.pages.includes(path)) pages.addStyle(path, css)
    else document.head.append(Object.assign(document.createElement('style'), { textContent: css }))
  }
  for (const path of [...program.pages, ...program.components]) {
    const isComponent = program.configs[path].component
    space.addComponentStaticConfig(path, program.configs[path])
    space.addCompiledTemplate(path, template(path))
    if (isComponent) space.addStyleSheet(path, undefined, scopeOf(path))
  }
  document.body.classList.toggle('v2', program.app.style === 'v2')

  let app = null
  let defining = null
  const define = (kind) => (definition) => space.componentEnv(defining, (made) => made[kind](native(definition)))
  const { globals, compile } = createRealm(
    {
      wx,
      WXWebAssembly,
      ...device.timers,
      ...(settings.timerPromise ? { Promise: timerPromise(device.timers.setTimeout) } : {}),
      App: (definition) => {
        app = definition
      },
      Page: define('Page'),
      Component: define('Component'),
      Behavior: define('Behavior'),
      getApp: () => app,
      getCurrentPages: () => pages.stack.map(({ instance }) => instance),
      __wxConfig: program.app,
    },
    report,
  )
  const load = createModules(program.modules, compile)
  const presses = listen(backend)

  load('app')
  for (const path of [...program.components, ...program.pages]) {
    defining = path
    load(path)
  }
  if (!app) throw new Error('app.js does not call App()')
  const [path, search = ''] = (settings.path ?? program.app.entryPagePath ?? program.pages[0]).split('?')
  const entry = {
    path,
    query: Object.fromEntries(new URLSearchParams(search)),
    scene: 1001,
    shareTicket: '',
    referrerInfo: {},
  }
  const tellApp = (name, value) => typeof app[name] === 'function' && app[name](value)
  tellApp('onLaunch', entry)
  tellApp('onShow', entry)
  pages.reLaunch(`/${path}${search ? `?${search}` : ''}`)
  return {
    device,
    wx,
    pages,
    globals,
    app: () => app,
    /** How many long presses there were. */
    presses,
    background() {
      pages.background()
      tellApp('onHide')
      device.background()
    },
    foreground() {
      device.foreground()
      tellApp('onShow', entry)
      pages.foreground()
    },
  }
}

/** Constructors that name the types of properties are those of the program's realm. */
function native(definition) {
  if (!definition || !definition.properties) return definition
  const type = (given) => (typeof given === 'function' ? window[given.name] : given)
  const property = (given) =>
    given && typeof given === 'object'
      ? {
          ...given,
          type: type(given.type),
          ...(given.optionalTypes ? { optionalTypes: given.optionalTypes.map(type) } : {}),
        }
      : type(given)
  return {
    ...definition,
    properties: Object.fromEntries(Object.entries(definition.properties).map(([name, given]) => [name, property(given)])),
  }
}

/** The calls of wx, so that a test can see them. */
function record(wx, device) {
  device.calls = []
  for (const [name, original] of Object.entries(wx)) {
    if (typeof original !== 'function') continue
    wx[name] = (...values) => {
      device.calls.push({ name, values })
      return original(...values)
    }
  }
}

/** Touches become events of the components; one that lasts is a long press, and then no tap where somebody listens to it. */
function listen(backend) {
  let pressed = 0
  let held = false
  let count = 0
  const touches = (event) => {
    const list = (given) =>
      Array.from(given ?? [], ({ identifier, pageX, pageY, clientX, clientY }) => ({
        identifier,
        pageX,
        pageY,
        clientX,
        clientY,
      }))
    return event ? { touches: list(event.touches), changedTouches: list(event.changedTouches) } : {}
  }
  backend.onEvent((element, type, detail, options) => {
    if (type === 'tap' && (held || element.$$?.closest?.('[disabled]'))) return undefined
    return glassEasel.Event.triggerEvent(element, type, detail, { ...options, extraFields: touches(options.originalEvent) })
  })
  const begin = (event) => {
    held = false
    clearTimeout(pressed)
    let target = event.target
    while (target && !target.__wxElement) target = target.parentNode
    if (!target) return
    const { clientX: x, clientY: y } = event.touches?.[0] ?? event
    pressed = setTimeout(() => {
      count += 1
      for (let each = target; each; each = each.parentNode) held = held || Boolean(each.hasLongPress)
      glassEasel.Event.triggerEvent(
        target.__wxElement,
        'longpress',
        { x, y },
        { bubbles: true, composed: true, capturePhase: true },
      )
    }, LONG_PRESS)
  }
  const cancel = () => clearTimeout(pressed)
  for (const name of ['touchstart', 'mousedown']) document.addEventListener(name, begin, { capture: true })
  for (const name of ['touchend', 'touchcancel', 'touchmove', 'mouseup'])
    document.addEventListener(name, cancel, { capture: true })
  return () => count
}

window.miniProgram = null
start().then(
  (started) => {
    window.miniProgram = started
  },
  (error) => {
    report(error)
    document.body.dataset.failed = String((error && error.stack) || error)
  },
)
