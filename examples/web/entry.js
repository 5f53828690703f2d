// Reading a form: numbers that are whole and in range, properties of MQTT 5, and what is wrong in words beside the
// field. It knows neither the client nor where a form stands.

import { bytesOfHex } from './payload.js'
import { EntryError } from './words.js'

/** @typedef {import('./words.js').Words} Words */

/**
 * An element of the page that must be there.
 * @param {string} selector
 * @returns {any}
 */
export function element(selector) {
  const found = document.querySelector(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

/**
 * Changes a text only when it is another one: readers are told of every change.
 * @param {HTMLElement} place
 * @param {string} text
 */
export function setText(place, text) {
  if (place.textContent !== text) place.textContent = text
}

/**
 * A number field; undefined when it is empty or switched off.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function numberIn(form, name) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name))
  if (isOff(input) || (input.value.trim() === '' && !input.validity.badInput)) return undefined
  const [value, min, max] = [Number(input.value), Number(input.min), Number(input.max)]
  if (input.validity.badInput || !Number.isInteger(value) || value < min || value > max) {
    const label = input.closest('label')?.querySelector('span')?.textContent ?? name
    throw new EntryError('bad-number', { name: label, min, max })
  }
  return value
}

/**
 * A text field; undefined when it is empty or switched off.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {string | undefined}
 */
export function textIn(form, name) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name))
  return isOff(input) || input.value === '' ? undefined : input.value
}

/** @param {HTMLFormElement} form @param {string} name */
export function isChecked(form, name) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name))
  return !isOff(input) && input.checked
}

/** What MQTT 3 cannot do is hidden, and so not meant. @param {HTMLInputElement} input */
const isOff = (input) => input.closest('[hidden]') !== null

/**
 * The properties of PUBLISH that a form has.
 * @param {HTMLFormElement} form
 */
export function publishPropertiesIn(form) {
  const correlation = textIn(form, 'correlationData')
  const properties = {
    contentType: textIn(form, 'contentType'),
    messageExpiryInterval: numberIn(form, 'messageExpiryInterval'),
    responseTopic: textIn(form, 'responseTopic'),
    correlationData: correlation?.startsWith('0x') ? bytesOfHex(correlation) : correlation,
    userProperties: userPropertiesOf(textIn(form, 'userProperties') ?? ''),
    payloadFormatIndicator: isChecked(form, 'payloadFormat') ? 1 : undefined,
  }
  return Object.values(properties).some((value) => value !== undefined) ? properties : undefined
}

/**
 * @param {string} text a line each, name: value
 * @returns {[string, string][] | undefined}
 */
function userPropertiesOf(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return undefined
  return lines.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 0) throw new EntryError('bad-user-property', { line })
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
  })
}

/** The line that tells what went wrong in one part of the page. */
export class Notice {
  /**
   * @param {HTMLElement} place
   * @param {Words} words
   */
  constructor(place, words) {
    this.place = place
    this.words = words
    /** @type {any} */ this.error = null
    words.listeners.push(() => this.render())
  }

  /** @param {any} error */
  show(error) {
    this.error = error
    this.render()
  }

  clear() {
    this.error = null
    this.render()
  }

  render() {
    this.place.hidden = this.error === null
    this.place.textContent = this.error === null ? '' : this.words.explain(this.error)
  }
}

/** A property's name as it reads in the standard. @param {string} name in camel case */
export function nameOf(name) {
  const apart = name.replace(/(?<=[a-z])[A-Z](?=[a-z])(?!oS)/g, (letter) => ` ${letter.toLowerCase()}`).replace('QoS', ' QoS')
  return apart[0].toUpperCase() + apart.slice(1)
}

/**
 * Fills a list of terms and values.
 * @param {HTMLElement} list
 * @param {[string, string][]} facts
 */
export function showFacts(list, facts) {
  list.replaceChildren(
    ...facts.flatMap(([term, value]) => {
      const [dt, dd] = [document.createElement('dt'), document.createElement('dd')]
      dt.textContent = term
      dd.textContent = value
      return [dt, dd]
    }),
  )
}
