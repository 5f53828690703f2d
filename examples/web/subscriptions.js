// The subscriptions: a form, a list that outlives the connection, and which of them a message belongs to. It keeps no
// message, and asks the server for nothing that is not in the list.

import { Notice, element, isChecked, numberIn, setText } from './entry.js'
import { entriesOf, recall, remember, restore } from './remembered.js'
import { EntryError } from './words.js'

/** How many colours panels.css has. */
const COLOURS = 8

/** The code of the warning that the server refused a filter after reconnecting. */
const LOST = 103

/**
 * @typedef {{
 *   filter: string, options: Record<string, any>, colour: number, count: number,
 *   state: 'waiting' | 'pending' | 'granted' | 'refused' | 'failed', granted: number, error: any, isEnding: boolean,
 *   parts: { item: HTMLElement, state: HTMLElement, count: HTMLElement, remove: HTMLButtonElement },
 * }} Subscription
 */

export class Subscriptions {
  /** @param {import('./words.js').Words} words */
  constructor(words) {
    this.words = words
    this.form = element('#subscribe-form')
    this.list = element('#subscription-list')
    this.notice = new Notice(element('#subscribe-error'), words)
    /** @type {Map<string, Subscription>} */ this.all = new Map()
    /** @type {any} */ this.client = null
    this.isUp = false
    this.isFive = true
    /** The first subscription that took the message which is just arriving. */
    this.taker = -1
    this.lastColour = -1

    const { form, list } = recall().subscriptions ?? {}
    restore(this.form, form)
    if (Array.isArray(list)) {
      for (const one of list) if (typeof one?.filter === 'string') this.add(one.filter, Object(one.options))
    }
    this.form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault()
      this.submit()
    })
    words.listeners.push(() => this.render())
    this.render()
  }

  /** Whatever is in the list is asked for again: a new session knows none of it. @param {any} client */
  opened(client) {
    this.client = client
    this.isUp = true
    for (const subscription of this.all.values()) this.ask(subscription)
  }

  /** The client asks again for what was granted; what was not waits. */
  interrupted() {
    this.isUp = false
    for (const subscription of this.all.values()) if (subscription.state === 'pending') subscription.state = 'waiting'
    this.render()
  }

  resumed() {
    this.isUp = true
    for (const subscription of this.all.values()) if (subscription.state === 'waiting') this.ask(subscription)
    this.render()
  }

  /** A server may refuse what it once granted. @param {any} error */
  warned(error) {
    const refused = [...this.all.values()].find(({ filter }) => error.code === LOST && error.filter === filter)
    if (!refused) return
    refused.error = error
    this.set(refused, 'refused')
  }

  closed() {
    this.client = null
    this.isUp = false
    for (const subscription of this.all.values()) if (subscription.state !== 'refused') this.set(subscription, 'waiting')
  }

  /** @private */
  submit() {
    this.notice.clear()
    try {
      const filter = this.form.elements.filter.value.trim()
      if (filter === '') throw new EntryError('filter-missing')
      const identifier = numberIn(this.form, 'subscriptionIdentifier')
      const options = {
        qos: Number(this.form.elements.qos.value),
        noLocal: isChecked(this.form, 'noLocal'),
        retainAsPublished: isChecked(this.form, 'retainAsPublished'),
        retainHandling: Number(this.form.elements.retainHandling.value),
        ...(identifier === undefined ? {} : { properties: { subscriptionIdentifier: identifier } }),
      }
      const subscription = this.add(filter, options)
      this.remember()
      if (this.isUp) this.ask(subscription)
      else this.set(subscription, 'waiting')
    } catch (error) {
      this.notice.show(error)
    }
  }

  /** @private @param {string} filter @param {Record<string, any>} options */
  add(filter, options) {
    const known = this.all.get(filter)
    if (known) {
      known.options = options
      return known
    }
    const item = document.createElement('li')
    const [name, state, count] = ['code', 'span', 'b'].map((tag) => document.createElement(tag))
    const remove = document.createElement('button')
    remove.type = 'button'
    remove.className = 'quiet'
    remove.append(element('#detail-close svg').cloneNode(true))
    name.textContent = filter
    state.className = 'substate'
    item.append(name, count, state, remove)
    const colour = (this.lastColour = (this.lastColour + 1) % COLOURS)
    item.classList.add(`c${colour}`)
    /** @type {Subscription} */
    const made = {
      filter, options, colour, count: 0, state: 'waiting', granted: 0, error: null, isEnding: false,
      parts: { item, state, count, remove },
    }
    remove.addEventListener('click', () => this.end(made))
    this.all.set(filter, made)
    this.list.append(item)
    this.render()
    return made
  }

  /** @private @param {Subscription} subscription */
  async ask(subscription) {
    const { client } = this
    const { filter, options } = subscription
    const { qos, ...five } = options
    this.set(subscription, 'pending')
    const isOver = () => subscription.state !== 'pending' || subscription.options !== options
    const onMessage = () => {
      // After a second SUBSCRIBE to the same filter only the present one counts.
      if (subscription.options !== options) return
      subscription.count++
      if (this.taker < 0) this.taker = subscription.colour
    }
    try {
      const { grantedQos } = await client.subscribe(filter, { qos, ...(this.isFive ? five : {}), onMessage })
      if (isOver()) return
      subscription.granted = grantedQos[0]
      this.set(subscription, 'granted')
    } catch (error) {
      if (isOver()) return
      subscription.error = error
      this.set(subscription, /** @type {any} */ (error).code === 27 ? 'refused' : 'failed')
    }
  }

  /** @private @param {Subscription} subscription */
  async end(subscription) {
    const { client } = this
    const { filter, parts } = subscription
    if (this.isUp && (subscription.state === 'granted' || subscription.state === 'pending')) {
      subscription.isEnding = true
      this.notice.clear()
      this.render()
      try {
        await client.unsubscribe(filter)
      } catch (error) {
        subscription.isEnding = false
        this.render()
        // Without a connection there is nothing left to unsubscribe from.
        if (client === this.client) return this.notice.show(error)
      }
    }
    this.all.delete(filter)
    parts.item.remove()
    this.remember()
    this.render()
    this.form.elements.filter.focus({ preventScroll: true })
  }

  /** The colour of the message that is just arriving, or -1: asked once, after the handlers of the subscriptions ran. */
  takeColour() {
    const { taker } = this
    this.taker = -1
    return taker
  }

  /** The counts, once a frame. */
  renderCounts() {
    for (const { count, parts } of this.all.values()) setText(parts.count, this.words.numbers.format(count))
  }

  /** @private @param {Subscription} subscription @param {Subscription['state']} state */
  set(subscription, state) {
    subscription.state = state
    this.render()
  }

  /** @private */
  render() {
    const { words, client, isUp } = this
    for (const subscription of this.all.values()) {
      const { filter, granted, options, error, isEnding, parts } = subscription
      const isInterrupted = client !== null && !isUp && subscription.state === 'granted'
      const state = isInterrupted ? 'waiting' : subscription.state
      const lowered = granted < options.qos
      const isNamed = state === 'refused' && error.reasonCode !== undefined
      const reason = error === null ? '' : isNamed ? words.reason(error) : words.explain(error)
      const text = words.say(`sub-${state === 'granted' && lowered ? 'lowered' : state}`, { qos: granted, asked: options.qos, reason })
      parts.state.textContent = text
      parts.item.dataset.state = state
      // It can be unsubscribed from when the connection is back.
      parts.remove.disabled = isEnding || isInterrupted
      parts.remove.setAttribute('aria-label', words.say(state === 'granted' ? 'unsubscribe' : 'remove', { filter }))
    }
    this.list.dataset.empty = words.say('sub-none')
    this.renderCounts()
  }

  /** @private */
  remember() {
    const list = [...this.all.values()].map(({ filter, options }) => ({ filter, options }))
    remember('subscriptions', { form: entriesOf(this.form), list })
  }
}
