// One room as this phone knows it: entries, members, what is unread. It sends nothing.

const { History } = require('./history')
const topics = require('./topics')

/** Members that are told apart; a topic tree may be full of invented ones. */
const mostMembers = 500

class Room {
  constructor(account, { name, joined, unread }) {
    this.name = name
    /** When this phone joined it. */
    this.joined = joined
    this.unread = unread
    this.history = new History(`chat/${account.id}/room/${name}`)
    /** Since when they are members. */
    this.members = new Map()
    /** The broker has been asked for its messages, and we have said that we are a member. */
    this.entered = false
    /** Why nothing comes; '' while all is well. */
    this.refusal = ''
  }

  get last() {
    return this.history.entries[this.history.entries.length - 1]
  }

  /** Says whether the member is new and one of those that are told apart. */
  addMember(who, since) {
    const fresh = !this.members.has(who)
    if (fresh && this.members.size >= mostMembers) return false
    this.members.set(who, since)
    return fresh
  }

  /** A line that nobody has written. `id` tells it when it comes again. */
  addLine(id, who, text, time) {
    return this.history.add({ id, from: who, kind: 'system', text: `${topics.nameOf(who)} ${text}`, time })
  }

  toJSON() {
    const { name, joined, unread } = this
    return { name, joined, unread }
  }
}

module.exports = { Room }
