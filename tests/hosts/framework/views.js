// The built-in components that show something or move: what their properties do to their element, and which events they
// tell. They know no page and no program; what needs the rest of the host (a file's address, navigation) is on `surface`.

import { child } from './element.js'

const EDGE = 50
const SYMBOLS = {
  success: '✓',
  success_no_circle: '✓',
  info: 'i',
  warn: '!',
  waiting: '…',
  cancel: '✕',
  download: '↓',
  search: '⌕',
  clear: '✕',
  circle: '○',
}

/** By tag; see components.js for what an entry is. */
export const views = {
  view: {},
  text: { properties: { selectable: Boolean, userSelect: Boolean, space: String, decode: Boolean }, setup: selectable },
  image: {
    slot: false,
    properties: { src: String, mode: String, lazyLoad: Boolean, showMenuByLongpress: Boolean },
    setup: image,
  },
  icon: { slot: false, properties: { type: String, size: null, color: String }, setup: icon },
  'rich-text': { slot: false, properties: { nodes: null, space: String }, setup: richText },
  'scroll-view': {
    properties: {
      scrollX: Boolean,
      scrollY: Boolean,
      scrollTop: null,
      scrollLeft: null,
      scrollIntoView: String,
      scrollWithAnimation: Boolean,
      upperThreshold: null,
      lowerThreshold: null,
      enhanced: Boolean,
      showScrollbar: Boolean,
      enableBackToTop: Boolean,
      enableFlex: Boolean,
      scrollAnchoring: Boolean,
      bounces: Boolean,
    },
    setup: scrollView,
  },
  swiper: {
    properties: {
      indicatorDots: Boolean,
      autoplay: Boolean,
      current: Number,
      interval: Number,
      duration: Number,
      circular: Boolean,
      vertical: Boolean,
    },
    setup: swiper,
  },
  'swiper-item': { properties: { itemId: String } },
  navigator: { properties: { url: String, openType: String, delta: Number }, setup: navigator },
}

function selectable(dom) {
  const set = (on) => dom.classList.toggle('wx-selectable', on)
  return { selectable: set, userSelect: set }
}

function image(dom, it, surface) {
  const native = child(dom, 'img')
  native.addEventListener('load', () => {
    if (it.data.mode === 'widthFix') dom.style.height = `${(dom.clientWidth * native.naturalHeight) / native.naturalWidth}px`
    it.triggerEvent('load', { width: native.naturalWidth, height: native.naturalHeight })
  })
  native.addEventListener('error', () => it.triggerEvent('error', { errMsg: `cannot load ${it.data.src}` }))
  return {
    src(src) {
      if (src === '') native.removeAttribute('src')
      else native.src = surface.address(src, it.ownerShadowRoot?.getHostNode().is ?? '')
    },
    mode: (mode) => {
      native.style.objectFit = { aspectFit: 'contain', aspectFill: 'cover', center: 'none' }[mode] ?? 'fill'
    },
  }
}

function icon(dom) {
  return {
    type: (type) => {
      dom.textContent = SYMBOLS[type] ?? ''
      dom.setAttribute('type', type)
    },
    size: (size) => {
      dom.style.setProperty('--own-size', `${parseFloat(size)}px`)
    },
    color: (color) => {
      dom.style.color = color
    },
  }
}

function richText(dom) {
  const made = (node) => {
    if (node.type === 'text' || node.text !== undefined) return document.createTextNode(node.text)
    const element = document.createElement(node.name)
    for (const [name, value] of Object.entries(node.attrs ?? {})) element.setAttribute(name, value)
    element.append(...(node.children ?? []).map(made))
    return element
  }
  return {
    nodes(nodes) {
      if (typeof nodes === 'string') dom.innerHTML = nodes
      else dom.replaceChildren(...(nodes ?? []).map(made))
    },
  }
}

function scrollView(dom, it) {
  let last = { top: 0, left: 0, start: true, end: false }
  dom.addEventListener('scroll', () => {
    const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = dom
    const { upperThreshold, lowerThreshold, scrollX } = it.data
    const before = scrollX ? scrollLeft : scrollTop
    const after = scrollX ? scrollWidth - clientWidth - scrollLeft : scrollHeight - clientHeight - scrollTop
    const now = {
      top: scrollTop,
      left: scrollLeft,
      start: before <= parseFloat(upperThreshold ?? EDGE),
      end: after <= parseFloat(lowerThreshold ?? EDGE),
    }
    it.triggerEvent('scroll', {
      scrollTop,
      scrollLeft,
      scrollHeight,
      scrollWidth,
      deltaX: last.left - scrollLeft,
      deltaY: last.top - scrollTop,
    })
    if (now.start && !last.start) it.triggerEvent('scrolltoupper', { direction: scrollX ? 'left' : 'top' })
    if (now.end && !last.end) it.triggerEvent('scrolltolower', { direction: scrollX ? 'right' : 'bottom' })
    last = now
  })
  // What to scroll to may come with the same setData, after this property.
  const afterwards = (run) => requestAnimationFrame(run)
  const behavior = () => (it.data.scrollWithAnimation ? 'smooth' : 'auto')
  const numeric = (value) => (typeof value === 'number' ? value : parseFloat(value) || 0)
  return {
    scrollX: (on) => {
      dom.style.overflowX = on ? 'auto' : 'hidden'
    },
    scrollY: (on) => {
      dom.style.overflowY = on ? 'auto' : 'hidden'
    },
    enableFlex: (on) => dom.classList.toggle('wx-flex', on),
    scrollTop: (value) => value !== null && afterwards(() => dom.scrollTo({ top: numeric(value), behavior: behavior() })),
    scrollLeft: (value) => value !== null && afterwards(() => dom.scrollTo({ left: numeric(value), behavior: behavior() })),
    scrollIntoView: (id) =>
      id !== '' &&
      afterwards(() => {
        const target = it.ownerShadowRoot?.querySelector(`#${id}`)?.$$
        if (!target || !dom.contains(target)) return
        const { top, left } = target.getBoundingClientRect()
        const box = dom.getBoundingClientRect()
        dom.scrollTo({ top: dom.scrollTop + top - box.top, left: dom.scrollLeft + left - box.left, behavior: behavior() })
      }),
  }
}

function swiper(dom, it) {
  let shown = 0
  dom.addEventListener('scroll', () => {
    const current = Math.round(it.data.vertical ? dom.scrollTop / dom.clientHeight : dom.scrollLeft / dom.clientWidth)
    if (current === shown) return
    shown = current
    const source = it.data.current === current ? '' : 'touch'
    it.setData({ current })
    it.triggerEvent('change', { current, source })
  })
  return {
    vertical: (on) => dom.toggleAttribute('vertical', on),
    current: (index) =>
      requestAnimationFrame(() =>
        dom.scrollTo({ left: index * dom.clientWidth, top: it.data.vertical ? index * dom.clientHeight : 0 }),
      ),
  }
}

function navigator(dom, it, surface) {
  it.addListener('tap', () => surface.navigate(it.data))
}
