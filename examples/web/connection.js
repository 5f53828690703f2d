// The connection: its form, its client, and its state in words. It makes a client for each press of the button and hands
// it on; it subscribes to nothing, publishes nothing and never connects unasked.

import { Notice, element, isChecked, nameOf, numberIn, showFacts, textIn } from './entry.js'
import { Events } from './events.js'
import { entriesOf, recall, remember, restore } from './remembered.js'
import { Status } from './status.js'
import { EntryError } from './words.js'

const VERSIONS = /** @type {Record<number, string>} */ ({ 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5.0' })

/** What a server of MQTT 5 means when it leaves a limit out of CONNACK (OASIS 5.0, section 3.2.2.3). */
const DEFAULTS = {
  receiveMaximum: 65535,
  maximumQoS: 2,
  retainAvailable: true,
  maximumPacketSize: null,
  topicAliasMaximum: 0,
  wildcardSubscriptionAvailable: true,
  subscriptionIdentifierAvailable: true,
  sharedSubscriptionAvailable: true,
}

/** Seconds that disconnecting waits for what is in flight. */
const DRAIN = 30

/** @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting' | 'lost' | 'refused' | 'failed' | 'cancelled' | 'closed'} State */

/**
 * What the connection tells the parts of the page. Between `interrupted` and `resumed` the client reconnects by itself.
 * @typedef {{
 *   opened(client: any): void, interrupted(): void, resumed(client: any): void, closed(): void,
 *   arrived(message: any): void, warned(error: any): void, versionChanged(isFive: boolean): void,
 * }} Others
 */

export class Connection {
  /**
   * @param {any} wasmqtt the library
   * @param {import('./words.js').Words} words
   * @param {Others} others
   */
  constructor(wasmqtt, words, others) {
    this.wasmqtt = wasmqtt
    this.words = words
    this.others = others
    this.form = element('#connect-form')
    this.notice = new Notice(element('#connection-error'), words)
    this.status = new Status(words)
    this.events = new Events()
    /** @type {State} */ this.state = 'idle'
    this.host = ''
    /** While there is one to wait for. @type {any} */ this.client = null
    /** What the last CONNACK said. @type {any} */ this.connected = null
    /** Of reconnecting; 0 before the first. */
    this.attempt = 0
    /** Why the last one was needed. */
    this.cause = ''
    this.isDraining = false
    /** @type {AbortController | null} */ this.abort = null

    restore(this.form, recall().connection)
    const given = new URLSearchParams(location.search).get('url')
    const { address, clientId } = this.form.elements
    if (given) address.value = given
    if (address.value === '') address.value = 'ws://localhost:8083/mqtt'
    if (clientId.value === '') clientId.value = newId()

    this.form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault()
      this.open()
    })
    this.form.addEventListener('change', () => this.render())
    element('#new-id').addEventListener('click', () => (clientId.value = newId()))
    element('#again').addEventListener('click', () => this.open())
    element('#try-now').addEventListener('click', () => this.tryNow())
    element('#cancel').addEventListener('click', () => this.abort?.abort())
    element('#disconnect').addEventListener('click', () => this.close())
    words.listeners.push(() => this.render())
    this.render()
  }

  async open() {
    if (this.client !== null) return
    this.notice.clear()
    remember('connection', entriesOf(this.form))
    let client
    try {
      client = this.makeClient()
      this.abort = new AbortController()
      const options = this.options()
      this.client = client
      this.become('connecting')
      await client.connect({ ...options, signal: this.abort.signal })
    } catch (error) {
      this.client = null
      const { code, word } = /** @type {any} */ (error)
      if (code === 100) return this.become('cancelled')
      this.notice.show(error)
      this.become(word ? 'idle' : code === 6 ? 'refused' : 'failed')
    }
  }

  /** @private A client for what the form says, with its ears open before anything can arrive. */
  makeClient() {
    let url
    try {
      url = new URL(this.form.elements.address.value.trim())
    } catch {
      throw new EntryError('error-address')
    }
    if (!/^wss?:$/.test(url.protocol) || url.hostname === '') throw new EntryError('error-address')
    this.host = url.host
    // A server at the bare host listens at /mqtt, if anywhere: it is what all of them are set up with.
    if (url.pathname === '/') url.pathname = '/mqtt'
    const client = new this.wasmqtt.Client(url.href, this.form.elements.clientId.value)
    client.onMessageArrived = (/** @type {any} */ message) => this.others.arrived(message)
    // What an earlier client still says is of no interest.
    const present = (/** @type {(told: any) => void} */ handle) => (/** @type {any} */ told) => client === this.client && handle(told)
    client.onConnected = present((reconnected) => this.up(reconnected))
    client.onConnectionLost = present((failure) => this.lost(failure))
    client.onReconnecting = present((failure) => this.reconnecting(failure))
    client.onWarning = present((error) => {
      this.events.add(this.words.explain(error), 'warning')
      this.others.warned(error)
    })
    return client
  }

  /** @private */
  options() {
    const { form } = this
    const version = form.elements.version.value
    const [sessionExpiryInterval, willDelayInterval] = [numberIn(form, 'sessionExpiry'), numberIn(form, 'willDelay')]
    const options = {
      mqttVersion: version === 'auto' ? 'auto' : Number(version),
      keepAliveInterval: numberIn(form, 'keepAlive') ?? 60,
      cleanStart: isChecked(form, 'cleanStart'),
      userName: textIn(form, 'userName'),
      password: textIn(form, 'password'),
      properties: sessionExpiryInterval === undefined ? undefined : { sessionExpiryInterval },
      reconnect: isChecked(form, 'reconnect'),
      offline: isChecked(form, 'offline') && {
        maxMessages: numberIn(form, 'queueSize') ?? 1000,
        overflow: form.elements.overflow.value,
        qos0: isChecked(form, 'queueQos0'),
      },
      store: isChecked(form, 'store') ? new this.wasmqtt.IndexedDBStore() : undefined,
      willMessage: undefined,
    }
    const willTopic = textIn(form, 'willTopic')
    if (willTopic !== undefined) {
      const will = new this.wasmqtt.Message(textIn(form, 'willPayload') ?? '')
      will.destinationName = willTopic
      will.qos = Number(form.elements.willQos.value)
      will.retained = isChecked(form, 'willRetain')
      if (willDelayInterval !== undefined) will.properties = { willDelayInterval }
      options.willMessage = will
    }
    return options
  }

  /** The first press may wait for what is in flight, the second does not. */
  async close() {
    try {
      const closed = this.client.disconnect({ drain: element('#drain').checked ? DRAIN : 0 })
      this.isDraining = this.client !== null
      this.render()
      await closed
    } catch (error) {
      this.notice.show(error)
    }
  }

  /** @private */
  tryNow() {
    this.status.countDown(0)
    // What comes of it is told by the events.
    this.client.probe().catch(() => {})
  }

  // What the client tells.

  /** @private @param {boolean} reconnected */
  up(reconnected) {
    const { client, words, host } = this
    const { sessionPresent, mqttVersion, serverProperties: properties, pending } = client
    this.connected = { sessionPresent, mqttVersion, properties }
    this.status.countDown(null)
    this.become('connected')
    const session = words.say(sessionPresent ? 'session-present' : 'session-new')
    this.events.add(words.say('event-connected', { host, session }))
    if (!reconnected && pending > 0) this.events.add(words.say('event-stored', { n: pending }))
    if (reconnected) this.others.resumed(client)
    else this.others.opened(client)
  }

  /** @private @param {any} failure */
  lost(failure) {
    const { words, host, state } = this
    const isWanted = failure.errorCode === 0
    const word = isWanted ? 'event-closed' : state === 'reconnecting' ? 'event-given-up' : 'event-lost'
    this.events.add(words.say(word, { host, reason: words.explain(failure) }), isWanted ? 'happened' : 'lost')
    if (failure.reconnect) {
      this.attempt = 0
      return this.others.interrupted()
    }
    this.client = null
    this.isDraining = false
    this.status.countDown(null)
    if (!isWanted) this.notice.show(failure)
    this.others.closed()
    this.become(isWanted ? 'closed' : 'lost')
  }

  /** @private @param {any} failure why it is tried again, with the number of the next attempt and the seconds until then */
  reconnecting(failure) {
    const { words, attempt, cause } = this
    const reason = words.explain(failure)
    // A night without a server would else be a wall of the same sentence.
    if (attempt > 0) this.events.add(words.say('event-failed', { attempt, reason: reason === cause ? '' : reason }))
    this.attempt = failure.attempt
    this.cause = reason
    this.status.countDown(failure.delay)
    this.become('reconnecting')
  }

  /** @private @param {State} state */
  become(state) {
    const focused = document.activeElement
    this.state = state
    this.render()
    // The button that was pressed is gone; without this the keyboard would be back at the top of the page.
    if (!focused?.matches('button') || focused.checkVisibility()) return
    element(this.isUp ? '#disconnect' : state === 'connecting' ? '#cancel' : '#connect').focus()
  }

  /** There is a connection, or there was one and it is coming back. */
  get isUp() {
    return this.state === 'connected' || this.state === 'reconnecting'
  }

  /** The version in use, or the one that the form asks for. */
  get isFive() {
    const { value } = this.form.elements.version
    return this.isUp ? this.connected.mqttVersion === 5 : value === 'auto' || value === '5'
  }

  /** @private */
  render() {
    const { state, words, host, attempt, isUp, isDraining, form } = this
    const version = isUp ? VERSIONS[this.connected.mqttVersion] : ''
    document.body.dataset.state = state
    const told = state === 'connected' && isDraining ? 'draining' : state
    this.status.show(words.say(`state-${told}`, { host, version, attempt }), this.client)
    element('#connected').hidden = !isUp
    form.hidden = isUp
    form.querySelector('fieldset').disabled = state === 'connecting'
    // The form may be far away: in another tab of a phone, or scrolled out of sight.
    element('#again').hidden = state !== 'lost' && state !== 'closed'
    element('#try-now').hidden = state !== 'reconnecting'
    element('#cancel').hidden = state !== 'connecting'
    element('#drain-text').textContent = words.say('drain', { n: DRAIN })
    element('#disconnect').textContent = words.say(isDraining ? 'disconnect-now' : 'disconnect')
    const connect = element('#connect')
    connect.hidden = state === 'connecting'
    connect.textContent = words.say(state === 'idle' || state === 'cancelled' ? 'connect' : 'connect-again')
    for (const part of document.querySelectorAll('.v5')) /** @type {HTMLElement} */ (part).hidden = !this.isFive
    this.others.versionChanged(this.isFive)
    this.renderForm()
    if (isUp) this.renderConnected(version)
  }

  /** @private What has no meaning with the rest of the form is hidden. */
  renderForm() {
    const { cleanStart, sessionExpiry, store, reconnect, offline } = this.form.elements
    // What is stored belongs to a session that is kept.
    element('#clean-start').hidden = store.checked
    sessionExpiry.placeholder = cleanStart.checked && !store.checked ? '0' : this.words.say('not-limited')
    element('#queueing').hidden = !reconnect.checked
    element('#queue').hidden = !offline.checked
  }

  /** @private @param {string} version */
  renderConnected(version) {
    const { words, client, connected } = this
    const { properties, sessionPresent } = connected
    const id = properties.assignedClientIdentifier === undefined ? client.clientId : words.say('assigned-id', { id: client.clientId })
    showFacts(element('#connected-facts'), [
      [words.say('fact-address'), client.uri],
      [words.say('fact-version'), version],
      [words.say('fact-id'), id],
      [words.say('fact-session'), words.say(sessionPresent ? 'session-present' : 'session-new')],
    ])
    const said = Object.entries(properties).map(([name, value]) => [nameOf(name), this.spoken(name, value)])
    const unsaid = Object.entries(DEFAULTS)
      .filter(([name]) => connected.mqttVersion === 5 && !(name in properties))
      .map(([name, value]) => [nameOf(name), words.say('by-default', { value: this.spoken(name, value) })])
    const all = /** @type {[string, string][]} */ ([...said, ...unsaid])
    showFacts(element('#server-facts'), all.length > 0 ? all : [['', words.say('server-nothing')]])
  }

  /** @private @param {string} name @param {any} value */
  spoken(name, value) {
    const { words } = this
    if (value === null) return words.say('not-limited')
    if (typeof value === 'boolean') return words.say(value ? 'yes' : 'no')
    if (name === 'maximumPacketSize') return words.say('bytes', { n: value })
    if (name === 'serverKeepAlive' || name === 'sessionExpiryInterval') return words.say('seconds', { n: value })
    if (name === 'userProperties') return value.map((/** @type {string[]} */ pair) => pair.join(': ')).join('\n')
    return typeof value === 'number' ? words.numbers.format(value) : String(value)
  }
}

/** An identifier that every server takes: at most 23 letters and digits [MQTT-3.1.3-5]. */
function newId() {
  return 'workbench' + Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => (byte % 36).toString(36)).join('')
}
