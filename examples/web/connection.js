// The connection: its form, its client, and its state in words. It makes one client a connection and hands it on; it
// subscribes to nothing, publishes nothing and never connects unasked.

import { Notice, element, isChecked, nameOf, numberIn, showFacts, textIn } from './entry.js'
import { entriesOf, recall, remember, restore } from './remembered.js'
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

/** @typedef {'idle' | 'connecting' | 'connected' | 'lost' | 'refused' | 'failed' | 'cancelled' | 'closed'} State */

export class Connection {
  /**
   * @param {any} wasmqtt the library
   * @param {import('./words.js').Words} words
   * @param {{ opened(client: any): void, closed(): void, arrived(message: any): void, versionChanged(isFive: boolean): void }} others
   */
  constructor(wasmqtt, words, others) {
    this.wasmqtt = wasmqtt
    this.words = words
    this.others = others
    this.form = element('#connect-form')
    this.notice = new Notice(element('#connection-error'), words)
    /** @type {State} */ this.state = 'idle'
    this.host = ''
    /** @type {any} */ this.client = null
    /** @type {any} */ this.connected = null
    /** @type {AbortController | null} */ this.abort = null

    restore(this.form, recall().connection)
    const given = new URLSearchParams(location.search).get('url')
    const { address, clientId, version } = this.form.elements
    if (given) address.value = given
    if (address.value === '') address.value = 'ws://localhost:8083/mqtt'
    if (clientId.value === '') clientId.value = newId()

    this.form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault()
      this.open()
    })
    version.addEventListener('change', () => this.render())
    element('#new-id').addEventListener('click', () => (clientId.value = newId()))
    element('#again').addEventListener('click', () => this.open())
    element('#cancel').addEventListener('click', () => this.abort?.abort())
    element('#disconnect').addEventListener('click', () => this.close())
    words.listeners.push(() => this.render())
    this.render()
  }

  async open() {
    if (this.state === 'connecting' || this.state === 'connected') return
    this.notice.clear()
    remember('connection', entriesOf(this.form))
    let client
    try {
      client = this.makeClient()
      this.abort = new AbortController()
      const options = this.options()
      this.client = client
      this.become('connecting')
      const connected = await client.connect({ ...options, signal: this.abort.signal })
      // A server may end the connection in the breath that it was made in; `lost` has told it already.
      if (client !== this.client) return
      this.connected = connected
      this.become('connected')
      this.others.opened(client)
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
    client.onConnectionLost = (/** @type {any} */ failure) => this.lost(client, failure)
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

  async close() {
    if (this.state !== 'connected') return
    element('#disconnect').disabled = true
    try {
      await this.client.disconnect()
    } catch (error) {
      this.notice.show(error)
    }
  }

  /** @private @param {any} client @param {any} failure */
  lost(client, failure) {
    if (client !== this.client) return
    this.client = null
    if (failure.errorCode !== 0) this.notice.show(failure)
    this.others.closed()
    this.become(failure.errorCode === 0 ? 'closed' : 'lost')
  }

  /** @private @param {State} state */
  become(state) {
    const hadFocus = document.activeElement?.matches('#connection button, #again') ?? false
    this.state = state
    this.render()
    // The button that was pressed is gone; without this the keyboard would be back at the top of the page.
    if (hadFocus) element(state === 'connected' ? '#disconnect' : state === 'connecting' ? '#cancel' : '#connect').focus()
  }

  /** The version in use, or the one that the form asks for. */
  get isFive() {
    const { value } = this.form.elements.version
    return this.state === 'connected' ? this.connected.mqttVersion === 5 : value === 'auto' || value === '5'
  }

  /** @private */
  render() {
    const { state, words, host } = this
    const version = state === 'connected' ? VERSIONS[this.connected.mqttVersion] : ''
    document.body.dataset.state = state
    element('#state').textContent = words.say(`state-${state}`, { host, version })
    element('#connected').hidden = state !== 'connected'
    this.form.hidden = state === 'connected'
    this.form.querySelector('fieldset').disabled = state === 'connecting'
    // The form may be far away: in another tab of a phone, or scrolled out of sight.
    element('#again').hidden = state !== 'lost' && state !== 'closed'
    element('#cancel').hidden = state !== 'connecting'
    element('#disconnect').disabled = false
    const connect = element('#connect')
    connect.hidden = state === 'connecting'
    connect.textContent = words.say(state === 'idle' || state === 'cancelled' ? 'connect' : 'connect-again')
    for (const part of document.querySelectorAll('.v5')) /** @type {HTMLElement} */ (part).hidden = !this.isFive
    this.others.versionChanged(this.isFive)
    if (state === 'connected') this.renderConnected(version)
  }

  /** @private @param {string} version */
  renderConnected(version) {
    const { words, client, connected } = this
    const { properties, sessionPresent, uri } = connected
    const id = properties.assignedClientIdentifier === undefined ? client.clientId : words.say('assigned-id', { id: client.clientId })
    showFacts(element('#connected-facts'), [
      [words.say('fact-address'), uri],
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
