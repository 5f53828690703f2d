// One connection: its client, how it fares, and what belongs to it: rooms, presence, a console. Sessions share nothing,
// so that two of them on one phone never meet.

const { Client, Message, StorageStore } = require('wasmqtt')
const config = require('../config')
const { withSeconds } = require('./clock')
const { Console, attempt } = require('./console')
const { absence, advise } = require('./errors')
const { Listeners, soon } = require('./listeners')
const { addressOf } = require('./look')
const network = require('./network')
const { Presence } = require('./presence')
const { Rooms } = require('./rooms')
const topics = require('./topics')

/** Lines of the log that are kept. */
const logLines = 60
/** Reason codes about user name and password, of CONNACK before MQTT 5 and of MQTT 5. */
const credentials = [4, 5, 0x86, 0x87]
/** Milliseconds that a short absence may take without being spoken of. */
const shortAbsence = 5000
/** Milliseconds for which it is shown what an absence has cost. */
const noticeTime = 5000

class Session {
  constructor(account) {
    this.account = account
    this.me = topics.member(account.name, account.id)
    this.clientId = `chat-${account.id}`
    this.client = null
    this.changed = new Listeners()
    this.touch = soon(() => this.changed.tell())
    /** 'closed', 'connecting', 'connected' or 'reconnecting' */
    this.state = 'closed'
    this.attempt = 0
    /** When the next attempt is made. */
    this.nextAt = 0
    /** Why it is closed, as advise() says it; null if the user has closed it. */
    this.failure = null
    /** What was before the program was hidden, for a moment after it has come back. */
    this.returned = null
    this.log = []
    this.lines = 0
    this.counts = { received: 0, bytes: 0, sent: 0, losses: 0, errors: 0 }
    /** The store has lost something: what waited in it may be gone. */
    this.storeFailed = false
    this.hidden = null
    /** What is acknowledged when all of its turn is kept. */
    this.handled = []
    this.presence = new Presence(this)
    this.rooms = new Rooms(this)
    this.console = new Console(this)
    this.stopWatching = network.changed.add(this.touch)
  }

  /** The session outlives the connection, on the broker and on the phone. */
  get isKept() {
    return !this.account.clean
  }

  /** A password belongs to it that is not at hand: somebody has to enter it. */
  get needsPassword() {
    return this.account.asks === true && !this.account.password
  }

  /** How many messages the broker has not acknowledged. */
  get pending() {
    return this.client === null ? 0 : this.client.pending
  }

  // The connection.

  /**
   * @param {{ patient: boolean }} how patient: try on when the first attempt fails
   * @returns {Promise<void>} rejects when it does not come about
   */
  open({ patient }) {
    this.failure = null
    this.attempt = 0
    this.set('connecting')
    this.say(`正在连接 ${addressOf(this.account.url)}`)
    return attempt(() => {
      if (this.client === null) this.client = this.newClient()
      return this.client.connect(this.options(patient))
    }).then(() => {}, (error) => this.handleRefused(error))
  }

  newClient() {
    const client = new Client(this.account.url, this.clientId)
    client.onConnected = (again) => this.handleConnected(again)
    client.onConnectionLost = (loss) => this.handleLost(loss)
    client.onReconnecting = (next) => this.handleReconnecting(next)
    client.onWarning = (warning) => this.handleWarning(warning)
    client.onMessageArrived = (message) => this.handleMessage(message)
    return client
  }

  options(patient) {
    const { account } = this
    // Whoever looks at us sees us go when the phone dies: an empty retained message takes the place of the other.
    const willMessage = new Message('')
    willMessage.destinationName = topics.online(this.me)
    willMessage.qos = 1
    willMessage.retained = true
    const options = {
      mqttVersion: account.v5 ? 5 : 4,
      cleanSession: account.clean,
      keepAliveInterval: config.keepAlive,
      timeout: 15,
      reconnect: { minDelay: 1, maxDelay: 30, initial: patient },
      offline: config.waiting,
      willMessage,
      // Acknowledged by hand when it is kept: what the phone has not stored comes again.
      autoAck: false,
    }
    if (account.userName) options.userName = account.userName
    if (account.password) options.password = account.password
    if (this.isKept) options.store = new StorageStore()
    return options
  }

  /** Says good-bye, so that others need not wait for the will. */
  close(options) {
    const { client } = this
    if (client === null || client.state === 'disconnected') return Promise.resolve()
    if (!client.isConnected()) return client.disconnect()
    this.control(topics.online(this.me), '', { retained: true })
    return client.disconnect(Object.assign({ drain: 3 }, options))
  }

  /** Leaves all rooms, and forgets the session on both sides. */
  remove() {
    this.stopWatching()
    this.rooms.removeAll()
    this.console.remove()
    // Before MQTT 5 a broker forgets a kept session when it wants to.
    const options = this.account.v5 ? { properties: { sessionExpiryInterval: 0 } } : {}
    return this.close(options).then(() => {
      if (!this.isKept) return
      const store = new StorageStore()
      try {
        store.load(`${this.clientId}@${this.account.url.replace(/[?#].*|[^/@]*@/g, '')}`)
        store.clear()
        store.close()
      } catch (error) {
        // The records stay, and nobody asks for them any more.
      }
    })
  }

  /** Asks for a sign of life, or tries to connect, now. @returns {Promise<void>} never rejects */
  probe(then = () => {}) {
    return attempt(() => this.client.probe()).then(then, () => {})
  }

  // What the client tells.

  handleConnected(again) {
    const { client } = this
    this.attempt = 0
    this.failure = null
    this.set('connected')
    const version = client.mqttVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1'
    this.say(`已连接（${version}，${client.sessionPresent ? '会话继续' : '新会话'}）`)
    // Retained messages come again to a new subscription and tell who is there, but not who has gone.
    if (!client.sessionPresent) this.presence.clear()
    this.control(topics.online(this.me), JSON.stringify({ since: Date.now() }), { retained: true })
    this.presence.handleConnected(again)
    this.rooms.handleConnected(again)
    this.console.handleConnected(again)
  }

  handleLost(loss) {
    this.counts.losses++
    if (loss.reconnect) {
      this.say(`连接断开：${advise(loss).title}`)
      return this.set('reconnecting')
    }
    if (loss.errorCode !== 0) this.fail(loss)
    this.handleClosed()
  }

  handleReconnecting({ attempt, delay }) {
    this.attempt = attempt
    this.nextAt = Date.now() + delay * 1000
    this.say(`第 ${attempt} 次重连${delay >= 1 ? `，${Math.round(delay)} 秒后` : ''}`)
    this.set(this.state === 'connecting' ? 'connecting' : 'reconnecting')
  }

  handleWarning(warning) {
    if (warning.code === 50 || warning.code === 51) this.storeFailed = true
    this.say(advise(warning).title, true)
  }

  /** The first connection has not come about. */
  handleRefused(error) {
    if (error.code !== 0) this.fail(error)
    this.handleClosed()
    throw error
  }

  handleClosed() {
    if (this.state === 'closed') return
    this.rooms.handleClosed()
    this.presence.handleClosed()
    this.say('已断开')
    this.set('closed')
  }

  handleMessage(message) {
    this.counts.received++
    this.counts.bytes += message.payloadBytes.length
    if (this.handled.length === 0) Promise.resolve().then(() => this.settle())
    this.handled.push(message)
    // Whatever somebody sends, the next message is handled too.
    try {
      this.console.take(message)
      const said = topics.read(message.destinationName)
      if (said) this.take(said, message)
    } catch (error) {
      this.say(`忽略了一条无法处理的消息：${error.message}`, true)
    }
    this.touch()
  }

  take(said, message) {
    if (said.kind === 'online') this.presence.take(said.who, message.payloadBytes.length > 0)
    else if (said.kind !== 'receipt') this.rooms.take(said, message)
    else if (said.to === this.me) this.rooms.takeReceipt(said.who, message)
  }

  /** What came in one turn is kept and answered together, and acknowledged then. */
  settle() {
    this.rooms.settle()
    this.presence.settle()
    this.handled.splice(0).forEach((message) => message.ack())
  }

  // Sending.

  /** Publishes with QoS 1 unless told otherwise; whatever is wrong rejects. */
  publish(topic, payload, options) {
    this.touch()
    return attempt(() => this.client.publish(topic, payload, Object.assign({ qos: 1 }, options))).then(() => {
      this.counts.sent++
      this.touch()
    })
  }

  /** What the program says by itself: a failure goes into the log. */
  control(topic, payload, options) {
    this.publish(topic, payload, options).catch((error) => this.isLive() && this.say(advise(error).title, true))
  }

  /** @returns {Promise<boolean>} granted? */
  subscribe(filters) {
    return attempt(() => this.client.subscribe(filters, { qos: 1 })).then(
      () => true,
      (error) => {
        if (this.isLive()) this.say(advise(error).title, true)
        return false
      },
    )
  }

  unsubscribe(filters) {
    // What fails for want of a connection is not asked for again by the next one.
    attempt(() => this.client.unsubscribe(filters)).catch(() => {})
  }

  isLive() {
    return this.state === 'connected'
  }

  // The program is hidden and shown; the client itself looks after the connection.

  handleHide() {
    this.hidden = { at: Date.now(), losses: this.counts.losses, received: this.rooms.received }
  }

  handleShow() {
    const { hidden } = this
    this.hidden = null
    if (!hidden || this.state === 'closed') return
    const away = Date.now() - hidden.at
    // By then the client knows how the connection has fared.
    this.probe(() => {
      if (away < shortAbsence && this.counts.losses === hidden.losses) return
      this.returned = Object.assign({ away }, hidden)
      this.say(this.notice)
      setTimeout(() => {
        this.returned = null
        this.touch()
      }, noticeTime)
    })
  }

  /** What the time in the background has cost; '' when there is nothing to tell. Messages may still be coming. */
  get notice() {
    if (this.returned === null) return ''
    const { away, losses, received } = this.returned
    return absence(away, this.counts.losses > losses, this.rooms.received - received)
  }

  // What is shown.

  /** The state, and why it is not what it seems to be: the network or the broker has said no. */
  get tone() {
    if (this.failure) return 'failed'
    return this.state === 'connected' && !network.available ? 'reconnecting' : this.state
  }

  set(state) {
    this.state = state
    this.touch()
  }

  fail(error) {
    this.failure = advise(error)
    // What was refused is not tried again.
    if (credentials.includes(error.reasonCode)) Object.assign(this.account, { asks: true, password: '' })
    this.say(`${this.failure.title}：${this.failure.advice}`, true)
  }

  say(text, wrong = false) {
    if (wrong) this.counts.errors++
    this.log.unshift({ key: ++this.lines, time: withSeconds(Date.now()), text, wrong })
    this.log.splice(logLines)
    this.touch()
  }
}

module.exports = { Session }
