// The publisher: a form for one message, what became of the last few, and the same message many times over. It sends
// nothing that was not asked for, and says of everything sent how it ended.

import { Burst } from './burst.js'
import { Notice, element, isChecked, numberIn, publishPropertiesIn, setText, textIn } from './entry.js'
import { payloadOf } from './payload.js'
import { entriesOf, recall, remember, restore } from './remembered.js'
import { EntryError } from './words.js'

/** How many messages the log keeps. */
const LOGGED = 50

export class Publisher {
  /**
   * @param {any} wasmqtt the library
   * @param {import('./words.js').Words} words
   * @param {import('./meter.js').Meter} meter
   */
  constructor(wasmqtt, words, meter) {
    this.wasmqtt = wasmqtt
    this.words = words
    this.meter = meter
    this.form = element('#publish-form')
    this.log = element('#publish-log')
    this.notice = new Notice(element('#publish-error'), words)
    /** @type {any} */ this.client = null
    this.isUp = false
    /** When the last connection came, and when it went. */
    this.upSince = 0
    this.downSince = 0
    /** @type {Burst | null} */ this.burst = null

    restore(this.form, recall().publisher)
    this.form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault()
      this.attempt(() => this.publishOnce())
    })
    this.form.elements.payload.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.form.requestSubmit()
    })
    element('#repeat-start').addEventListener('click', () => this.attempt(() => this.repeat()))
    element('#repeat-stop').addEventListener('click', () => this.burst?.stop())
  }

  /** @param {any} client */
  opened(client) {
    this.client = client
    this.notice.clear()
    this.resumed()
  }

  interrupted() {
    this.isUp = false
    this.downSince = performance.now()
  }

  resumed() {
    this.isUp = true
    this.upSince = performance.now()
  }

  closed() {
    this.client = null
    this.burst?.stop()
  }

  /**
   * Puts a message that came into the form, to be sent again as it is or changed.
   * @param {any} message
   * @param {{ kind: string, input: string }} payload
   */
  take(message, { kind, input }) {
    const { elements } = this.form
    elements.topic.value = message.topic
    elements.payload.value = input
    elements.kind.value = kind
    elements.qos.value = String(message.qos)
    elements.retain.checked = message.retained
    elements.payload.focus()
  }

  /** @private @param {() => void} act */
  attempt(act) {
    this.notice.clear()
    try {
      remember('publisher', entriesOf(this.form))
      act()
    } catch (error) {
      this.notice.show(error)
    }
  }

  /**
   * @private
   * @param {string} input the payload as it was typed
   */
  message(input = this.form.elements.payload.value) {
    const { form } = this
    const topic = textIn(form, 'topic')
    if (topic === undefined) throw new EntryError('topic-missing')
    if (!this.client) throw new EntryError('not-connected')
    const message = new this.wasmqtt.Message(payloadOf(form.elements.kind.value, input))
    message.destinationName = topic
    message.qos = Number(form.elements.qos.value)
    message.retained = isChecked(form, 'retain')
    const properties = publishPropertiesIn(form)
    if (properties !== undefined) message.properties = properties
    return message
  }

  /** @private */
  publishOnce() {
    const message = this.message()
    const sent = performance.now()
    const { isUp } = this
    const settled = this.client.publish(message)
    this.countSent()
    const line = this.logLine(message)
    settled.then(
      (/** @type {any} */ reason) => {
        const ms = performance.now() - sent
        this.countDone(message.qos, ms)
        const key = reason.reasonCode > 0 ? 'log-reason' : !isUp ? 'log-delivered' : message.qos === 0 ? 'log-handed' : 'log-done'
        line.textContent = this.words.say(key, { ms: ms.toFixed(1), s: (ms / 1000).toFixed(1), reason: this.words.reason(reason) })
        line.dataset.state = 'done'
      },
      (/** @type {any} */ error) => {
        line.textContent = this.words.explain(error)
        line.dataset.state = 'failed'
      },
    )
  }

  /** @private What is queued has not left yet. */
  countSent() {
    if (this.isUp) this.meter.sent()
  }

  /** @private Only what one connection took both ways was a round trip. @param {number} qos @param {number} ms */
  countDone(qos, ms) {
    const sent = performance.now() - ms
    if (sent >= this.upSince) qos > 0 && this.meter.trip(ms)
    else if (sent >= this.downSince) this.meter.sent()
  }

  /** @private A line of the log; gives the part that tells how it ended. @param {any} message */
  logLine(message) {
    const item = document.createElement('li')
    const [time, topic, state] = ['time', 'code', 'span'].map((tag) => document.createElement(tag))
    time.textContent = new Date().toLocaleTimeString('en-GB')
    topic.textContent = message.topic
    state.dataset.state = this.isUp ? 'waiting' : 'queued'
    state.textContent = this.words.say(`log-${state.dataset.state}`)
    item.append(time, topic, ` QoS ${message.qos} `, state)
    this.log.prepend(item)
    while (this.log.children.length > LOGGED) this.log.lastElementChild.remove()
    return state
  }

  /** @private */
  repeat() {
    const count = numberIn(this.form, 'count') ?? 1
    const every = numberIn(this.form, 'every') ?? 0
    const typed = this.form.elements.payload.value
    const kind = this.form.elements.kind.value
    const changes = /\{\{(n|time)\}\}/.test(typed) && (kind === 'text' || kind === 'json')
    const filled = (/** @type {number} */ n) => typed.replaceAll('{{n}}', String(n)).replaceAll('{{time}}', String(Date.now()))
    const same = this.message(changes ? filled(1) : typed)
    const { client } = this
    const send = (/** @type {number} */ n) => {
      if (!changes) return client.publish(same)
      const message = new this.wasmqtt.Message(filled(n))
      message.destinationName = same.destinationName
      message.qos = same.qos
      message.retained = same.retained
      message.properties = same.properties
      return client.publish(message)
    }
    this.burst = new Burst({
      count,
      every,
      send,
      sent: () => this.countSent(),
      done: (ms) => this.countDone(same.qos, ms),
      failed: (error) => this.notice.show(error),
      ended: () => this.renderBurst(),
    })
    this.burst.start()
    this.renderBurst()
  }

  /** How far the repetition is, once a frame. */
  renderBurst() {
    const { burst } = this
    if (!burst) return
    element('#repeat-start').hidden = burst.isRunning
    element('#repeat-stop').hidden = !burst.isRunning
    const { count, sent, done, failed } = burst
    const text = this.words.say('repeat-progress', { count, sent, done, failed, rate: Math.round(burst.rate) })
    setText(element('#repeat-progress'), text)
  }
}
