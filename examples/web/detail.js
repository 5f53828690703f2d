// One message in full: its marks and properties, and its payload as text, JSON or hex. It shows a part of a large
// payload at a time, and puts nothing of a message into the page but as text.

import { element, nameOf, showFacts } from './entry.js'
import { timeOf } from './messages.js'
import { ExactNumber, hexDump, hexOf, parseJson, sizeOf } from './payload.js'

/** Characters and bytes that are shown at once. */
const TEXT_PART = 50_000
const HEX_PART = 4096
/** Children of one JSON value that are shown at once. */
const ITEMS = 200
const INDENT = 2

/** @typedef {'text' | 'json' | 'hex'} View */

export class Detail {
  /**
   * @param {import('./words.js').Words} words
   * @param {(message: any, payload: { kind: string, input: string }) => void} reuse
   */
  constructor(words, reuse) {
    this.words = words
    this.place = element('#detail')
    this.payload = element('#detail-payload')
    this.note = element('#detail-note')
    /** @type {import('./ring.js').Row | null} */ this.row = null
    /** @type {View} */ this.view = 'text'
    /** @type {View | null} What the person chose last, which holds for the next message too. */ this.wish = null

    for (const view of /** @type {View[]} */ (['text', 'json', 'hex'])) {
      element(`#view-${view}`).addEventListener('click', () => {
        this.wish = view
        this.render(view)
      })
    }
    element('#detail [role=tablist]').addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.key(event))
    element('#detail-close').addEventListener('click', () => this.close())
    this.place.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && this.close())
    element('#copy').addEventListener('click', () => this.copy())
    element('#reuse').addEventListener('click', () => this.row && reuse(this.row.message, this.asEntry()))
    words.listeners.push(() => this.row && this.show(this.row))
  }

  /** @param {import('./ring.js').Row} row */
  show(row) {
    this.row = row
    this.place.hidden = false
    const { message } = row
    element('#detail-heading').textContent = message.topic
    const marks = [`QoS ${message.qos}`, message.retained && this.words.say('retained'), message.duplicate && this.words.say('duplicate')]
    showFacts(element('#detail-facts'), [
      [this.words.say('fact-time'), timeOf(row.at)],
      [this.words.say('fact-size'), sizeOf(row.size)],
      [this.words.say('fact-marks'), marks.filter(Boolean).join(' · ')],
      ...this.properties(message.properties),
    ])
    this.render(this.wish ?? this.fitting())
  }

  close() {
    this.place.hidden = true
    this.row = null
    element('#list').focus({ preventScroll: true })
  }

  /** @private @param {Record<string, any>} properties @returns {[string, string][]} */
  properties(properties) {
    return Object.entries(properties).flatMap(([name, value]) => {
      if (name === 'userProperties') {
        return value.map((/** @type {[string, string]} */ pair) => [this.words.say('fact-user'), pair.join(': ')])
      }
      return /** @type {[string, string][]} */ ([[nameOf(name), value instanceof Uint8Array ? `0x${hexOf(value, '')}` : String(value)]])
    })
  }

  /** @private The payload as text, or null when it is none. @returns {string | null} */
  text() {
    try {
      return this.row?.message.payloadString ?? ''
    } catch {
      // Code 9: not UTF-8.
      return null
    }
  }

  /** @private @returns {View} */
  fitting() {
    const text = this.text()
    if (text === null) return 'hex'
    return /^\s*[[{]/.test(text) && 'value' in this.json(text) ? 'json' : 'text'
  }

  /** @private @param {string} text @returns {{ value: any } | { detail: string }} */
  json(text) {
    try {
      return { value: parseJson(text) }
    } catch (error) {
      return { detail: /** @type {Error} */ (error).message }
    }
  }

  /** @private @param {View} wanted */
  render(wanted) {
    const bytes = this.row?.message.payloadBytes ?? new Uint8Array()
    const text = wanted === 'hex' ? null : this.text()
    let note = ''
    let view = wanted
    this.payload.replaceChildren()
    if (bytes.length === 0) note = this.words.say('empty-payload')
    else if (wanted === 'hex' || text === null) {
      view = 'hex'
      if (wanted !== 'hex') note = this.words.say('not-utf8')
      this.showHex(bytes, 0)
    } else {
      const json = wanted === 'json' ? this.json(text) : null
      if (json && 'value' in json) this.payload.append(tree('', json.value, this.words, 0))
      else {
        view = 'text'
        if (json) note = this.words.say('not-json', { detail: json.detail })
        this.showText(text, 0)
      }
    }
    this.view = view
    this.tell(note)
    for (const one of ['text', 'json', 'hex']) {
      const tab = element(`#view-${one}`)
      tab.setAttribute('aria-selected', String(one === view))
      tab.tabIndex = one === view ? 0 : -1
      if (one === view) this.payload.setAttribute('aria-labelledby', tab.id)
    }
  }

  /** @private @param {string} text @param {number} from */
  showText(text, from) {
    this.payload.append(text.slice(from, from + TEXT_PART))
    if (from + TEXT_PART < text.length) this.more(() => this.showText(text, from + TEXT_PART))
  }

  /** @private @param {Uint8Array} bytes @param {number} from */
  showHex(bytes, from) {
    const to = Math.min(bytes.length, from + HEX_PART)
    const columns = this.payload.clientWidth > 560 ? 16 : 8
    this.payload.append(hexDump(bytes, from, to, columns) + '\n')
    if (to < bytes.length) this.more(() => this.showHex(bytes, to))
  }

  /** @private @param {() => void} show */
  more(show) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = this.words.say('show-more')
    button.addEventListener('click', () => {
      button.remove()
      show()
    })
    this.payload.append(button)
  }

  /** @private @param {KeyboardEvent} event */
  key(event) {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    const views = /** @type {View[]} */ (['text', 'json', 'hex'])
    this.wish = views[(views.indexOf(this.view) + step + 3) % 3]
    this.render(this.wish)
    element(`#view-${this.view}`).focus()
  }

  /** @private What the view shows, whole. */
  whole() {
    if (!this.row) return ''
    if (this.view === 'hex') return hexOf(this.row.message.payloadBytes)
    const text = this.text() ?? ''
    const json = this.view === 'json' ? this.json(text) : null
    return json && 'value' in json ? printed(json.value) : text
  }

  /** @private @returns {{ kind: string, input: string }} */
  asEntry() {
    const text = this.text()
    if (text === null) return { kind: 'hex', input: hexOf(this.row?.message.payloadBytes) }
    return { kind: 'value' in this.json(text) ? 'json' : 'text', input: text }
  }

  /** @private */
  async copy() {
    try {
      await navigator.clipboard.writeText(this.whole())
      this.tell(this.words.say('copied'))
    } catch {
      // Not asked for, or a page that came neither over https nor from this machine.
      this.tell(this.words.say('copy-failed'))
    }
  }

  /** @private @param {string} note */
  tell(note) {
    this.note.hidden = note === ''
    this.note.textContent = note
  }
}

/**
 * A JSON value that folds. Children are made when their parent is opened: a payload may have millions.
 * @param {string} key
 * @param {any} value
 * @param {import('./words.js').Words} words
 * @param {number} depth
 * @returns {HTMLElement}
 */
function tree(key, value, words, depth) {
  const isParent = typeof value === 'object' && value !== null && !(value instanceof ExactNumber)
  const line = document.createElement(isParent ? 'summary' : 'div')
  if (key !== '') {
    const name = document.createElement('span')
    name.className = 'json-key'
    name.textContent = key
    line.append(name, ': ')
  }
  if (!isParent) {
    const shown = document.createElement('span')
    shown.className = `json-${value === null ? 'null' : value instanceof ExactNumber ? 'number' : typeof value}`
    shown.textContent = printed(value)
    line.append(shown)
    return line
  }
  const entries = Object.entries(value)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const size = document.createElement('span')
  size.className = 'json-size'
  size.textContent = entries.length === 0 ? `${open}${close}` : `${open} ${entries.length} ${close}`
  line.append(size)
  const parent = document.createElement('details')
  parent.append(line)
  let filled = false
  const fill = () => {
    if (filled || !parent.open) return
    filled = true
    for (const [name, one] of entries.slice(0, ITEMS)) parent.append(tree(name, one, words, depth + 1))
    if (entries.length > ITEMS) parent.append(words.say('more-items', { n: entries.length - ITEMS }))
  }
  parent.addEventListener('toggle', fill)
  parent.open = depth < 2
  fill()
  return parent
}

/** JSON, indented, with its exact numbers. @param {any} value @param {string} [indent] @returns {string} */
function printed(value, indent = '') {
  if (value instanceof ExactNumber) return value.source
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = indent + ' '.repeat(INDENT)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const items = Object.entries(value).map(([name, one]) => {
    const key = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `
    return deeper + key + printed(one, deeper)
  })
  return items.length === 0 ? open + close : `${open}\n${items.join(',\n')}\n${indent}${close}`
}
