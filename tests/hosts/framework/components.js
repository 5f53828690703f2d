// Makes the built-in components known to WeChat's component framework: each is one element of its own, whose properties
// set something and which tells events. The components themselves are in views.js and controls.js.

import * as glassEasel from 'glass-easel'
import { controls } from './controls.js'
import { views } from './views.js'

/**
 * What there is of a component: `properties` by type, `slot: false` where it has no children, and `setup`, which gets the
 * element, the component and the host's surface, and gives a setter for each property that shows.
 */
const definitions = { ...views, ...controls }

const everywhere = {
  hidden: Boolean,
  hoverClass: String,
  hoverStopPropagation: Boolean,
  hoverStartTime: Number,
  hoverStayTime: Number,
  ariaLabel: String,
  ariaRole: String,
  ariaHidden: null,
}

/** Where WeChat's default is none of its type. */
const initial = { maxlength: 140, showConfirmBar: true, showScrollbar: true, delta: 1 }

/**
 * @param {any} space of the components themselves
 * @param {any} programSpace of the program that uses them
 * @param {(path: string) => any} template a compiled one
 * @param {any} surface the rest of the host
 */
export function defineComponents(space, programSpace, template, surface) {
  for (const [tag, { properties = {}, slot = true, setup = () => ({}) }] of Object.entries(definitions)) {
    const all = { ...everywhere, ...properties }
    const definition = space.defineComponent({
      is: tag,
      template: template(slot ? '@slot' : '@empty'),
      properties: Object.fromEntries(
        Object.entries(all).map(([name, type]) => [name, { type, value: initial[name] ?? fallback(type) }]),
      ),
      observers: Object.fromEntries(
        Object.keys(all).map((name) => [
          name,
          function (value) {
            const setter = this.setters?.[name]
            if (setter) setter(value)
          },
        ]),
      ),
      lifetimes: {
        created() {
          const dom = this.$$
          const common = {
            hidden: (hidden) => dom.toggleAttribute('hidden', hidden),
            ariaLabel: (text) => dom.setAttribute('aria-label', text),
          }
          this.setters = { ...common, ...setup(dom, this, surface) }
        },
      },
    })
    programSpace.setGlobalUsingComponent(tag, definition.general())
  }
}

function fallback(type) {
  return type === Boolean ? false : type === Number ? 0 : type === String ? '' : type === Array ? [] : null
}

/** Elements of the program's document have names of their own, as on a device, so that none is one of HTML's. */
export function createBackend() {
  const backend = new glassEasel.CurrentWindowBackendContext()
  backend.document = {
    createElement: (tag) => document.createElement(`wx-${tag}`),
    createTextNode: (text) => document.createTextNode(text),
    createDocumentFragment: () => document.createDocumentFragment(),
  }
  const listen = backend.setListenerStats.bind(backend)
  const native = ['touchstart', 'touchmove', 'touchend', 'touchcancel', 'transitionend', 'animationend']
  // Other events are the components' own: what a native field tells is none of the program's business.
  backend.setListenerStats = (element, type, ...rest) => {
    if (element && type === 'longpress') element.hasLongPress = true
    if (native.includes(type)) listen(element, type, ...rest)
  }
  return backend
}
