// The two charts: a minute of message rates and of round trips, drawn on canvases in the colours of the page, and the
// numbers beside them in words. It draws what a meter has counted, and nothing while the page is hidden.

import { element, setText } from './entry.js'
import { SECONDS } from './meter.js'

/** Milliseconds between two drawings; the scale glides when the person has nothing against motion. */
const GLIDING = 100
const STEPPING = 1000
/** Pixels above and below the curves; the upper ones hold the label of the scale. */
const ABOVE = 14
const BELOW = 1

export class Charts {
  /**
   * @param {import('./words.js').Words} words
   * @param {import('./meter.js').Meter} meter
   */
  constructor(words, meter) {
    this.words = words
    this.meter = meter
    this.calm = matchMedia('(prefers-reduced-motion: reduce)')
    this.rates = element('#rate-chart')
    this.trips = element('#trip-chart')
    this.drawn = 0
    setInterval(() => this.tick(), GLIDING)
  }

  /** @private */
  tick() {
    const now = performance.now()
    this.meter.advance(now)
    if (document.hidden || (this.calm.matches && now - this.drawn < STEPPING)) return
    this.drawn = now
    this.draw(now)
  }

  /** @private @param {number} now */
  draw(now) {
    const { meter, words } = this
    const style = getComputedStyle(document.documentElement)
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name)
    const part = this.calm.matches ? 0 : Math.min(1, (now - meter.began) / 1000)
    const { seconds } = meter
    const [ins, outs, p50s] = [seconds.map((one) => one.in), seconds.map((one) => one.out), seconds.map((one) => one.p50)]

    const rates = new Plot(this.rates, part, Math.max(...ins, ...outs), colour('--faint'), (top) => words.numbers.format(top))
    rates.area(ins, colour('--in'))
    // Where nothing goes out, its line would hide the foot of the other.
    if (outs.some((out) => out > 0)) rates.line(outs, colour('--out'))
    const trips = new Plot(this.trips, part, Math.max(0, ...p50s.filter((one) => !Number.isNaN(one))), colour('--faint'), milliseconds)
    trips.area(p50s, colour('--trip'))

    setText(element('#rate-in'), words.numbers.format(meter.last.in))
    setText(element('#rate-out'), words.numbers.format(meter.last.out))
    setText(element('#trip-p50'), milliseconds(meter.recent(0.5)))
    setText(element('#trip-p95'), milliseconds(meter.recent(0.95)))
  }
}

/** @param {number} ms */
function milliseconds(ms) {
  if (Number.isNaN(ms)) return '–'
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** One drawing on one canvas. */
class Plot {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} part how much of the present second has passed, by which all stands further left
   * @param {number} most the highest value
   * @param {string} faint the colour of the scale
   * @param {(top: number) => string} label
   */
  constructor(canvas, part, most, faint, label) {
    const { clientWidth: width, clientHeight: height } = canvas
    const ratio = devicePixelRatio
    // Setting the size clears the canvas, so it is set whether it has changed or not.
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    context.scale(ratio, ratio)
    this.context = context
    this.part = part
    this.width = width
    this.height = height
    this.top = scaleOf(most)
    context.strokeStyle = context.fillStyle = faint
    context.lineWidth = 1
    context.globalAlpha = 0.5
    context.beginPath()
    for (const y of [ABOVE, height - BELOW]) {
      context.moveTo(0, Math.round(y) - 0.5)
      context.lineTo(width, Math.round(y) - 0.5)
    }
    context.stroke()
    context.globalAlpha = 1
    context.font = '11px system-ui, sans-serif'
    context.textBaseline = 'top'
    if (most > 0) context.fillText(label(this.top), 0, 0)
  }

  /** @private @param {number} n */
  x(n) {
    return ((n - this.part) / (SECONDS - 2)) * this.width
  }

  /** @private @param {number} value */
  y(value) {
    return this.height - BELOW - 0.75 - (value / this.top) * (this.height - ABOVE - BELOW - 1)
  }

  /** @param {number[]} values @param {string} colour */
  line(values, colour) {
    const { context } = this
    context.strokeStyle = colour
    context.lineWidth = 1.5
    context.lineJoin = 'round'
    for (const [from, to] of runs(values)) {
      context.beginPath()
      for (let n = from; n < to; n++) context.lineTo(this.x(n), this.y(values[n]))
      // A lone value would be a line without a length.
      if (to - from === 1) context.lineTo(this.x(from) + 2, this.y(values[from]))
      context.stroke()
    }
  }

  /** @param {number[]} values @param {string} colour */
  area(values, colour) {
    const { context } = this
    context.fillStyle = colour
    context.globalAlpha = 0.16
    for (const [from, to] of runs(values)) {
      context.beginPath()
      context.moveTo(this.x(from), this.y(0))
      for (let n = from; n < to; n++) context.lineTo(this.x(n), this.y(values[n]))
      context.lineTo(this.x(to - 1), this.y(0))
      context.fill()
    }
    context.globalAlpha = 1
    this.line(values, colour)
  }
}

/** The stretches without a gap. @param {number[]} values @returns {[number, number][]} */
function runs(values) {
  /** @type {[number, number][]} */ const found = []
  for (let n = 0; n < values.length; n++) {
    if (Number.isNaN(values[n])) continue
    const last = found[found.length - 1]
    if (last && last[1] === n) last[1]++
    else found.push([n, n + 1])
  }
  return found
}

/** The next of 1, 2, 5, 10, 20, … so that the scale does not shiver. @param {number} most */
function scaleOf(most) {
  if (!(most > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((n) => n * power).find((top) => top >= most * 0.999) ?? most
}
