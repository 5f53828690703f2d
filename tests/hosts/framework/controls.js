// The built-in components that a person types into, taps and chooses with: what their properties do to their element, and
// which events they tell. Each is also a `field` of the form around it. They know no page and no program.

import { child } from './element.js'

const MAX_LENGTH = 140

/** By tag; see components.js for what an entry is. */
export const controls = {
  label: { properties: { for: String }, setup: label },
  form: { setup: form },
  button: {
    properties: {
      type: String,
      size: String,
      plain: Boolean,
      disabled: Boolean,
      loading: Boolean,
      formType: String,
      openType: String,
    },
    setup: button,
  },
  input: {
    slot: false,
    properties: { ...fieldProperties(), type: String, password: Boolean, confirmHold: Boolean },
    setup: (dom, it) => field(dom, it, 'input'),
  },
  textarea: {
    slot: false,
    properties: {
      ...fieldProperties(),
      autoHeight: Boolean,
      fixed: Boolean,
      showConfirmBar: Boolean,
      disableDefaultPadding: Boolean,
    },
    setup: (dom, it) => field(dom, it, 'textarea'),
  },
  switch: {
    slot: false,
    properties: { checked: Boolean, disabled: Boolean, name: String, type: String, color: String },
    setup: toggle,
  },
  checkbox: {
    properties: { value: String, checked: Boolean, disabled: Boolean, color: String },
    setup: (dom, it) => choice(dom, it, 'checkbox'),
  },
  radio: {
    properties: { value: String, checked: Boolean, disabled: Boolean, color: String },
    setup: (dom, it) => choice(dom, it, 'radio'),
  },
  'checkbox-group': { properties: { name: String }, setup: (dom, it) => group(dom, it, 'wx-checkbox', (values) => values) },
  'radio-group': {
    properties: { name: String },
    setup: (dom, it) => group(dom, it, 'wx-radio', (values) => values[0] ?? ''),
  },
  picker: {
    properties: {
      mode: String,
      range: Array,
      rangeKey: String,
      value: null,
      disabled: Boolean,
      headerText: String,
      name: String,
    },
    setup: picker,
  },
}

function fieldProperties() {
  return {
    value: String,
    name: String,
    placeholder: String,
    placeholderClass: String,
    placeholderStyle: String,
    disabled: Boolean,
    maxlength: Number,
    focus: Boolean,
    autoFocus: Boolean,
    confirmType: String,
    cursorSpacing: Number,
    cursor: Number,
    adjustPosition: Boolean,
    holdKeyboard: Boolean,
    alwaysEmbed: Boolean,
  }
}

function field(dom, it, tag) {
  const hint = child(dom, 'div', 'wx-placeholder')
  const native = child(dom, tag)
  native.maxLength = MAX_LENGTH
  const changed = () => {
    hint.hidden = native.value !== ''
  }
  native.addEventListener('input', () => {
    changed()
    it.setData({ value: native.value })
    it.triggerEvent('input', { value: native.value, cursor: native.selectionStart ?? 0, keyCode: 0 })
  })
  native.addEventListener('focus', () => it.triggerEvent('focus', { value: native.value, height: 0 }))
  native.addEventListener('blur', () => it.triggerEvent('blur', { value: native.value, cursor: native.selectionStart ?? 0 }))
  native.addEventListener('keydown', (event) => {
    // In a textarea the key ends the line, unless it is said to do something else.
    const confirms = tag === 'input' || !['', 'return'].includes(it.data.confirmType)
    if (event.key !== 'Enter' || event.isComposing || !confirms) return
    event.preventDefault()
    it.triggerEvent('confirm', { value: native.value })
    if (tag === 'input' && !it.data.confirmHold) native.blur()
  })
  dom.field = { name: () => it.data.name, value: () => native.value, activate: () => native.focus(), reset: () => set('') }
  const set = (value) => {
    if (native.value !== value) native.value = value
    changed()
  }
  const focus = (on) => on && requestAnimationFrame(() => native.focus())
  return {
    value: set,
    placeholder: (text) => {
      hint.textContent = text
    },
    placeholderClass: (name) => {
      hint.className = `wx-placeholder ${name}`
    },
    placeholderStyle: (style) => {
      hint.style.cssText = style
    },
    disabled: (on) => {
      native.disabled = on
    },
    maxlength: (length) => (length < 0 ? native.removeAttribute('maxlength') : (native.maxLength = length)),
    type: (type) => {
      native.inputMode = { number: 'numeric', digit: 'decimal', idcard: 'text' }[type] ?? 'text'
    },
    password: (on) => {
      native.type = on ? 'password' : 'text'
    },
    autoHeight: (on) => {
      native.rows = 1
      dom.toggleAttribute('auto-height', on)
    },
    focus,
    autoFocus: focus,
  }
}

function button(dom, it) {
  it.addListener('tap', () => {
    const owner = dom.closest('wx-form')
    if (owner && it.data.formType === 'submit') owner.submit()
    if (owner && it.data.formType === 'reset') owner.reset()
  })
  const flag = (name) => (on) => dom.toggleAttribute(name, on)
  return {
    type: (type) => dom.setAttribute('type', type),
    size: (size) => dom.setAttribute('size', size),
    plain: flag('plain'),
    disabled: flag('disabled'),
    loading: flag('loading'),
  }
}

function form(dom, it) {
  const fields = () => [...dom.querySelectorAll('*')].filter((each) => each.field && each.field.name())
  dom.submit = () =>
    it.triggerEvent('submit', { value: Object.fromEntries(fields().map((each) => [each.field.name(), each.field.value()])) })
  dom.reset = () => {
    for (const each of fields()) each.field.reset()
    it.triggerEvent('reset', {})
  }
}

function label(dom, it) {
  it.addListener('tap', (event) => {
    const named = it.data.for
      ? it.ownerShadowRoot.querySelector(`#${it.data.for}`)?.$$
      : [...dom.querySelectorAll('*')].find((each) => each.field)
    // A tap on the control itself has had its effect.
    if (named?.field && !named.contains(event.target.$$)) named.field.activate()
  })
}

function toggle(dom, it) {
  const flip = () => {
    if (it.data.disabled) return
    it.setData({ checked: !it.data.checked })
    it.triggerEvent('change', { value: it.data.checked })
  }
  it.addListener('tap', flip)
  dom.field = {
    name: () => it.data.name,
    value: () => it.data.checked,
    activate: flip,
    reset: () => it.setData({ checked: false }),
  }
  return {
    checked: (on) => dom.toggleAttribute('checked', on),
    disabled: (on) => dom.toggleAttribute('disabled', on),
    color: (color) => dom.style.setProperty('--own-color', color),
  }
}

function choice(dom, it, kind) {
  const flip = () => {
    if (it.data.disabled || (kind === 'radio' && it.data.checked)) return
    const owner = dom.closest(`wx-${kind}-group`)
    if (kind === 'radio' && owner) for (const other of owner.querySelectorAll('wx-radio')) other.choice.set(false)
    it.setData({ checked: !it.data.checked })
    if (owner) owner.changed()
  }
  it.addListener('tap', flip)
  dom.choice = { value: () => it.data.value, checked: () => it.data.checked, set: (checked) => it.setData({ checked }) }
  dom.field = { name: () => '', value: () => it.data.checked, activate: flip, reset: () => it.setData({ checked: false }) }
  return {
    checked: (on) => dom.toggleAttribute('checked', on),
    disabled: (on) => dom.toggleAttribute('disabled', on),
    color: (color) => dom.style.setProperty('--own-color', color),
  }
}

function group(dom, it, tag, valueOf) {
  const members = () => [...dom.querySelectorAll(tag)].map((each) => each.choice)
  const value = () =>
    valueOf(
      members()
        .filter((each) => each.checked())
        .map((each) => each.value()),
    )
  dom.changed = () => it.triggerEvent('change', { value: value() })
  dom.field = { name: () => it.data.name, value, activate() {}, reset: () => members().forEach((each) => each.set(false)) }
}

function picker(dom, it, surface) {
  it.addListener('tap', async () => {
    const { mode, range, rangeKey, disabled } = it.data
    if (disabled) return
    if (mode !== '' && mode !== 'selector') throw new Error(`this host has no picker of mode ${mode}`)
    const index = await surface.choose(range.map((each) => (rangeKey ? each[rangeKey] : each)))
    if (index < 0) return it.triggerEvent('cancel', {})
    it.setData({ value: index })
    it.triggerEvent('change', { value: index })
  })
  dom.field = { name: () => it.data.name, value: () => it.data.value, activate() {}, reset: () => it.setData({ value: 0 }) }
}
