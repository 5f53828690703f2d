// The list of messages: only the rows that can be seen are in the page, painted once a frame, however many arrive. It
// keeps its messages in a ring (ring.js) and decodes the preview of a row when the row comes into sight, never before.

import { element } from './entry.js'
import { preview, sizeOf } from './payload.js'
import { Ring, Selection } from './ring.js'

/** Rows beyond each edge of the view, so that scrolling shows no gap. */
const MARGIN = 6

/** @typedef {import('./ring.js').Row} Row */
/** @typedef {{ element: HTMLElement, shown: Row | null, selected: boolean, parts: Record<string, HTMLElement> }} Line */

export class Messages {
  /**
   * @param {import('./words.js').Words} words
   * @param {(row: Row) => void} chosen
   */
  constructor(words, chosen) {
    this.words = words
    this.chosen = chosen
    this.ring = new Ring()
    this.list = element('#list')
    this.spacer = element('#spacer')
    this.search = element('#search')
    this.selection = new Selection(this.ring, '')
    /** Paused by the button, or because somebody scrolls up to read; the first stays until the button is pressed. */
    this.paused = /** @type {null | 'button' | 'scroll'} */ (null)
    /** How many had come when it was paused. */
    this.pausedAt = 0
    /** @type {Row | null} */ this.selected = null
    /** @type {Line[]} */ this.lines = []
    this.frame = 0
    this.height = -1

    this.listen()
    words.listeners.push(() => {
      for (const line of this.lines) line.shown = null
      this.schedule()
    })
    this.schedule()
  }

  /** @private */
  listen() {
    const { list } = this
    element('#pause').addEventListener('click', () => (this.paused === null ? this.pause('button') : this.follow()))
    element('#follow').addEventListener('click', () => this.follow())
    element('#clear').addEventListener('click', () => this.clear())
    this.search.addEventListener('input', () => this.select())
    list.addEventListener('scroll', () => {
      const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 4
      if (this.paused === 'scroll' && isAtEnd) this.follow()
      else if (this.paused === null && !isAtEnd) this.pause('scroll')
      this.schedule()
    })
    list.addEventListener('wheel', (/** @type {WheelEvent} */ event) => {
      if (event.deltaY < 0 && list.scrollTop > 0 && this.paused === null) this.pause('scroll')
    }, { passive: true })
    // The row under the finger may show another message before it is lifted, so the message is taken at once.
    /** @type {Row | null} */ let pressed = null
    list.addEventListener('pointerdown', (/** @type {Event} */ event) => (pressed = this.rowOf(event)))
    list.addEventListener('click', () => {
      if (pressed) this.choose(pressed)
      pressed = null
    })
    list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.key(event))
    new ResizeObserver(() => this.schedule()).observe(list)
  }

  /** @param {any} message @param {number} colour */
  arrived(message, colour) {
    this.ring.push(message, colour)
    this.schedule()
  }

  /** Paints in the next frame, once, whatever else asks for it. */
  schedule() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint())
  }

  /** @private @param {'button' | 'scroll'} by */
  pause(by) {
    this.paused = by
    this.pausedAt = this.ring.next
    this.select(this.ring.freeze())
  }

  /** @private */
  follow() {
    this.paused = null
    this.select(this.ring)
  }

  /** @private */
  clear() {
    this.ring.clear()
    this.selected = null
    this.follow()
  }

  /** @private @param {import('./ring.js').Rows} rows */
  select(rows = this.selection.rows) {
    this.selection = new Selection(rows, this.search.value.trim())
    this.schedule()
  }

  /** @private @param {Event} event @returns {Row | null} */
  rowOf(event) {
    const target = /** @type {Element} */ (event.target).closest('.row')
    return this.lines.find((line) => line.element === target)?.shown ?? null
  }

  /** @private @param {Row} row */
  choose(row) {
    this.selected = row
    this.chosen(row)
    this.schedule()
  }

  /** @private @param {KeyboardEvent} event */
  key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / this.rowHeight) - 1)
    const steps = /** @type {Record<string, number>} */ ({
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
    })
    if (!(event.key in steps) || this.selection.length === 0) return
    event.preventDefault()
    // A list that runs on cannot be walked through.
    if (this.paused === null && event.key !== 'End') this.pause('scroll')
    this.selection.advance()
    const last = this.selection.length - 1
    const from = this.selected === null ? last + 1 : this.selection.indexOf(this.selected)
    const index = Math.min(last, Math.max(0, (from < 0 ? last + 1 : from) + steps[event.key]))
    this.choose(this.selection.row(index))
    const top = index * this.rowHeight
    if (top < this.list.scrollTop) this.list.scrollTop = top
    const below = top + this.rowHeight - this.list.clientHeight
    if (below > this.list.scrollTop) this.list.scrollTop = below
  }

  /** @private */
  get rowHeight() {
    return parseFloat(getComputedStyle(this.list).getPropertyValue('--row')) || 32
  }

  /** @private */
  paint() {
    this.frame = 0
    const { list, selection } = this
    if (!selection.advance()) this.schedule()
    this.paintCounts()
    const view = list.clientHeight
    // On a phone another part of the page may be in front.
    if (view === 0) return
    const row = this.rowHeight
    const { length } = selection
    if (this.height !== length * row) {
      this.height = length * row
      this.spacer.style.height = `${this.height}px`
    }
    const end = Math.max(0, length * row - view)
    if (this.paused === null && list.scrollTop !== end) list.scrollTop = end
    const first = Math.max(0, Math.floor(list.scrollTop / row) - MARGIN)
    const count = Math.ceil(view / row) + 2 * MARGIN
    while (this.lines.length < count) this.lines.push(this.makeLine())
    for (const [n, line] of this.lines.entries()) {
      // Each index has its own line, so that scrolling by one row changes one line.
      const index = first + ((n - (first % this.lines.length) + this.lines.length) % this.lines.length)
      this.fill(line, index < first + count && index < length ? selection.row(index) : null, index)
    }
  }

  /** @private @returns {Line} */
  makeLine() {
    const row = document.createElement('div')
    row.className = 'row'
    row.setAttribute('role', 'option')
    row.id = `row-${this.lines.length}`
    /** @type {Record<string, HTMLElement>} */ const parts = {}
    for (const name of ['time', 'topic', 'marks', 'payload', 'size']) {
      parts[name] = document.createElement('span')
      parts[name].className = name
      row.append(parts[name])
    }
    this.spacer.append(row)
    return { element: row, shown: null, selected: false, parts }
  }

  /** @private @param {Line} line @param {Row | null} row @param {number} index */
  fill(line, row, index) {
    const { element: place, parts } = line
    place.hidden = row === null
    if (row === null) return void (line.shown = null)
    place.style.transform = `translateY(${index * this.rowHeightNow}px)`
    const selected = row === this.selected
    if (selected) this.list.setAttribute('aria-activedescendant', place.id)
    if (line.shown === row && line.selected === selected) return
    line.selected = selected
    place.setAttribute('aria-selected', String(selected))
    if (line.shown === row) return
    line.shown = row
    const { message } = row
    row.preview ??= preview(message.payloadBytes)
    place.className = row.colour < 0 ? 'row' : `row c${row.colour}`
    const time = timeOf(row.at)
    parts.time.replaceChildren(time.slice(0, 8), part('small', time.slice(8)))
    parts.topic.textContent = message.topic
    parts.marks.replaceChildren(...this.marksOf(message))
    parts.payload.textContent = row.preview.text
    parts.payload.classList.toggle('binary', !row.preview.isText)
    parts.size.textContent = sizeOf(row.size)
  }

  /** @private Read once a frame in `paint`: what is asked here would ask the layout for every row. */
  get rowHeightNow() {
    return this.height / Math.max(1, this.selection.length)
  }

  /** @private @param {any} message */
  marksOf(message) {
    const marks = [['qos', `Q${message.qos}`, `QoS ${message.qos}`]]
    if (message.retained) marks.push(['retained', 'R', this.words.say('retained')])
    if (message.duplicate) marks.push(['duplicate', 'D', this.words.say('duplicate')])
    return marks.map(([name, short, long]) => {
      const mark = part('abbr', short)
      mark.className = name
      mark.title = long
      return mark
    })
  }

  /** @private */
  paintCounts() {
    const { words, ring, selection } = this
    const said = [words.say('counts', { received: ring.next })]
    if (selection.text !== '') said.push(words.say('counts-found', { found: selection.length }))
    if (ring.first > 0) said.push(words.say('counts-dropped', { dropped: ring.first }))
    setText(element('#counts'), said.join(' · '))
    setText(element('#tab-count'), ring.next === 0 ? '' : words.numbers.format(ring.next))
    setText(element('#pause'), words.say(this.paused === null ? 'pause' : 'resume'))
    element('#pause').setAttribute('aria-pressed', String(this.paused !== null))
    const fresh = ring.next - this.pausedAt
    element('#follow').hidden = this.paused === null || fresh === 0
    setText(element('#follow'), words.say('follow-new', { n: fresh }))
    element('#empty').hidden = selection.length > 0
    setText(element('#empty p'), words.say(ring.next === 0 ? 'none-yet' : 'none-found'))
  }
}

/** @param {string} tag @param {string} text */
function part(tag, text) {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}

/** Unchanged text costs no layout. @param {HTMLElement} place @param {string} text */
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text
}

/** @param {number} at */
export function timeOf(at) {
  const date = new Date(at)
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
