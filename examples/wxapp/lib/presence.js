// Who is online. A member's client keeps a retained message; its will empties it when the phone dies. It is looked at
// for those alone with whom we share a room.

const topics = require('./topics')

class Presence {
  constructor(session) {
    this.session = session
    /** Members who are. */
    this.online = new Set()
    /** Members who are looked at, and for how many rooms. */
    this.watched = new Map()
    /** Those of them whom the broker has been asked about. */
    this.asked = new Set()
  }

  isOnline(who) {
    return who === this.session.me ? this.session.state === 'connected' : this.online.has(who)
  }

  watch(who) {
    this.watched.set(who, (this.watched.get(who) || 0) + 1)
  }

  unwatch(who) {
    const rooms = (this.watched.get(who) || 0) - 1
    if (rooms > 0) return this.watched.set(who, rooms)
    this.watched.delete(who)
    this.online.delete(who)
    if (this.asked.delete(who)) this.session.unsubscribe(topics.online(who))
  }

  take(who, isOnline) {
    if (!this.watched.has(who)) return
    if (isOnline) this.online.add(who)
    else this.online.delete(who)
  }

  /** Asks about those who are new, together. */
  settle() {
    if (this.session.state !== 'connected') return
    const fresh = Array.from(this.watched.keys()).filter((who) => who !== this.session.me && !this.asked.has(who))
    if (fresh.length === 0) return
    fresh.forEach((who) => this.asked.add(who))
    this.session.subscribe(fresh.map(topics.online)).then((granted) => {
      if (!granted) fresh.forEach((who) => this.asked.delete(who))
    })
  }

  handleConnected() {
    this.session.subscribe(topics.receipt(this.session.me, '+'))
    this.settle()
  }

  clear() {
    this.online.clear()
  }

  handleClosed() {
    this.asked.clear()
    this.online.clear()
  }
}

module.exports = { Presence }
