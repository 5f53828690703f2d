// The workbench put together: each part in its file, the library in the middle, the language and the tabs here. It
// holds no state of its own but which part a phone shows.

import { Charts } from './chart.js'
import { Connection } from './connection.js'
import { Detail } from './detail.js'
import { Notice, element } from './entry.js'
import { Messages } from './messages.js'
import { Meter } from './meter.js'
import { Ping } from './ping.js'
import { Publisher } from './publisher.js'
import { recall, remember } from './remembered.js'
import { Subscriptions } from './subscriptions.js'
import { EntryError, Words } from './words.js'

const words = new Words(recall().language ?? navigator.language)
const trouble = new Notice(element('#trouble'), words)
const pageError = (/** @type {any} */ error) => trouble.show(new EntryError('page-error', { detail: String(error?.message ?? error) }))
addEventListener('error', (event) => pageError(event.error ?? event.message))
addEventListener('unhandledrejection', (event) => pageError(event.reason))

/** @param {string} tab */
function showTab(tab) {
  document.body.dataset.tab = tab
  for (const button of document.querySelectorAll('#tabs button')) {
    button.setAttribute('aria-current', String(/** @type {HTMLElement} */ (button).dataset.tab === tab))
  }
}

/** @param {any} wasmqtt */
function start(wasmqtt) {
  const meter = new Meter(performance.now())
  const publisher = new Publisher(wasmqtt, words, meter)
  const subscriptions = new Subscriptions(words)
  const detail = new Detail(words, (message, payload) => {
    showTab('publisher')
    publisher.take(message, payload)
  })
  const messages = new Messages(words, (row) => detail.show(row))
  const ping = new Ping(element('#ping'), meter, (error) => trouble.show(error))
  const parts = [subscriptions, publisher, ping]
  new Charts(words, meter)
  new Connection(wasmqtt, words, {
    opened(client) {
      trouble.clear()
      for (const part of parts) part.opened(client)
    },
    interrupted() {
      for (const part of parts) part.interrupted()
    },
    resumed(client) {
      for (const part of parts) part.resumed(client)
    },
    closed() {
      for (const part of parts) part.closed()
    },
    arrived(message) {
      const colour = subscriptions.takeColour()
      if (ping.takes(message)) return
      meter.received()
      messages.arrived(message, colour)
    },
    warned(error) {
      subscriptions.warned(error)
    },
    versionChanged(isFive) {
      subscriptions.isFive = isFive
    },
  })
  const paint = () => {
    subscriptions.renderCounts()
    publisher.renderBurst()
    requestAnimationFrame(paint)
  }
  paint()
  element('main').inert = false
  if (new URLSearchParams(location.search).has('url')) element('#connect').focus({ preventScroll: true })
}

for (const button of document.querySelectorAll('#tabs button')) {
  button.addEventListener('click', () => showTab(/** @type {HTMLElement} */ (button).dataset.tab ?? ''))
}
showTab('connection')

words.listeners.push(() => {
  words.apply(document)
  element('#language').textContent = words.say('other-language')
})
element('#language').addEventListener('click', () => {
  words.change(words.language === 'en' ? 'zh' : 'en')
  remember('language', words.language)
})
words.change(words.language)

try {
  start(await import(/** @type {any} */ ('/pkg/index.mjs')))
} catch (error) {
  trouble.show(new EntryError('no-library', { detail: /** @type {Error} */ (error).message }))
}
