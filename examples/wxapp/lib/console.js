// What a developer looks at: what arrives as it is, and subscriptions by hand. It keeps the last of it only.

const { advise } = require('./errors')
const { withSeconds } = require('./clock')
const storage = require('./storage')

const most = 100
/** Bytes of a payload that are kept. */
const head = 512

const hexOf = (bytes) => Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join(' ')

class Console {
  constructor(session) {
    this.session = session
    this.count = 0
    this.arrivals = []
    this.key = `chat/${session.account.id}/filters`
    /** What was subscribed by hand. A kept session goes on with it when the program starts again. */
    this.filters = storage.load(this.key, [])
  }

  take(message) {
    const bytes = message.payloadBytes
    this.arrivals.unshift({
      key: ++this.count,
      time: withSeconds(Date.now()),
      topic: message.destinationName,
      qos: message.qos,
      retained: message.retained,
      duplicate: message.duplicate,
      size: bytes.length,
      text: textOf(message),
      // A copy: what the message shows is a view into a larger buffer.
      head: bytes.slice(0, head),
    })
    this.arrivals.splice(most)
  }

  /** @returns {Promise<void>} rejects with what advise() can tell */
  subscribe(filter, qos) {
    return attempt(() => this.session.client.subscribe(filter, { qos })).then(({ grantedQos }) => {
      this.keep(this.filters.filter((one) => one.filter !== filter).concat({ filter, qos: grantedQos[0] }))
    })
  }

  unsubscribe(filter) {
    return attempt(() => this.session.client.unsubscribe(filter)).then(() => {
      this.keep(this.filters.filter((one) => one.filter !== filter))
    })
  }

  keep(filters) {
    this.filters = filters
    storage.save(this.key, filters)
    this.session.touch()
  }

  remove() {
    storage.remove(this.key)
  }

  /** A broker need not have kept them. */
  handleConnected(again) {
    if (again) return
    this.filters.forEach(({ filter, qos }) => this.subscribe(filter, qos).catch((error) => this.fail(error)))
  }

  fail(error) {
    const { title, advice } = advise(error)
    this.session.say(`${title}：${advice}`, true)
  }
}

/** A payload of a reasonable size as text; null where it is none. */
function textOf(message) {
  if (message.payloadBytes.length > 16384) return null
  try {
    const text = message.payloadString
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text.slice(0, 1000)
  } catch (error) {
    return null
  }
}

/** What throws, rejects. */
function attempt(action) {
  try {
    return action()
  } catch (error) {
    return Promise.reject(error)
  }
}

module.exports = { Console, hexOf, attempt }
