// The rooms of one session: joining and leaving, what members say, and receipts for it. Everything that arrives comes
// from anybody, and is checked before it is kept.

const image = require('./image')
const { Room } = require('./room')
const storage = require('./storage')
const topics = require('./topics')
const { advise } = require('./errors')
const config = require('../config')

/** Bytes. Four of them make the longest character. */
const mostText = config.text * 4
const mostControl = 16384
/** Identifiers in one receipt. */
const mostReceipts = 100

/** Codes by which a message has failed for good; after all others a kept session goes on with it. */
const final = [11, 13, 18, 23, 26, 28, 29, 30, 33, 34, 35]

const isRoom = (one) => one && typeof one.name === 'string' && topics.complaint(one.name) === ''

class Rooms {
  constructor(session) {
    this.session = session
    this.key = `chat/${session.account.id}/rooms`
    const { rooms = [], left = [] } = storage.load(this.key, {})
    this.list = rooms.filter(isRoom).map((one) => new Room(session.account, one))
    /** Left while there was no connection: the broker does not know yet. */
    this.left = left
    this.isRemoved = false
    /** The room that the user looks at. */
    this.shown = ''
    /** Messages of others, ever. */
    this.received = 0
    /** What is to be confirmed to whom: member -> room -> identifiers. */
    this.receipts = new Map()
    // What was on its way when the program ended: the store has it, if there is one.
    this.waiting = this.entries().filter(({ state }) => state === 'waiting')
    if (!session.isKept) this.failWaiting()
  }

  find(name) {
    return this.list.find((room) => room.name === name)
  }

  entries() {
    return [].concat(...this.list.map((room) => room.history.entries))
  }

  unread() {
    return this.list.reduce((sum, room) => sum + room.unread, 0)
  }

  save() {
    if (this.isRemoved) return
    this.list.forEach((room) => room.history.save())
    storage.save(this.key, { rooms: this.list.map((room) => room.toJSON()), left: this.left })
    this.session.touch()
  }

  // Joining and leaving.

  /** @returns {Room} */
  join(name) {
    const known = this.find(name)
    if (known) return known
    const room = new Room(this.session.account, { name, joined: Date.now(), unread: 0 })
    this.left = this.left.filter((one) => one !== name)
    this.list.push(room)
    this.save()
    this.enter(room)
    return room
  }

  /** Asks the broker for what the members say, and tells them that we are one. */
  enter(room) {
    const { session } = this
    if (!session.isLive() || room.entered) return
    room.entered = true
    const [members, text, picture] = topics.roomFilters(room.name)
    // What we have said ourselves need not come back; before MQTT 5 it does, and is known.
    const own = session.client.mqttVersion === 5 ? { noLocal: true } : {}
    const said = [text, picture].map((filter) => Object.assign({ filter }, own))
    session.subscribe([members].concat(said)).then((granted) => {
      room.refusal = granted || !session.isLive() ? '' : '服务器不允许进入这个房间'
      if (!granted) room.entered = false
      session.touch()
    })
    this.present(room)
  }

  present(room) {
    const { session } = this
    session.control(topics.membership(room.name, session.me), JSON.stringify({ since: room.joined }), { retained: true })
  }

  leave(room) {
    this.list = this.list.filter((one) => one !== room)
    room.history.remove()
    Array.from(room.members.keys()).forEach((who) => this.session.presence.unwatch(who))
    if (this.session.isLive()) this.quit(room.name)
    else this.left.push(room.name)
    this.save()
  }

  quit(name) {
    this.session.control(topics.membership(name, this.session.me), '', { retained: true })
    this.session.unsubscribe(topics.roomFilters(name))
  }

  removeAll() {
    this.list.slice().forEach((room) => this.leave(room))
    // What comes before the connection has ended is not kept any more.
    this.isRemoved = true
    storage.remove(this.key)
  }

  handleConnected(again) {
    const { session } = this
    this.left.splice(0).forEach((name) => this.quit(name))
    this.list.forEach((room) => {
      if (!again) room.entered = false
      // The broker has lost its memory: it may have lost what it retained, and tells who is there once more.
      if (!session.client.sessionPresent) this.forgetMembers(room)
      if (room.entered && !session.client.sessionPresent) this.present(room)
      this.enter(room)
    })
    this.save()
    if (this.waiting.length > 0) session.client.drained().then(() => this.handleDrained(), () => {})
  }

  forgetMembers(room) {
    Array.from(room.members.keys()).forEach((who) => this.session.presence.unwatch(who))
    room.members.clear()
  }

  handleClosed() {
    this.list.forEach((room) => {
      room.entered = false
      this.forgetMembers(room)
    })
  }

  // Sending.

  sendText(room, text) {
    const now = Date.now()
    const entry = { id: topics.newId(now), from: this.session.me, kind: 'text', mine: true, text, time: now, state: 'waiting' }
    room.history.add(entry)
    this.send(room, entry, text)
  }

  sendImage(room, { file, format, width, height }) {
    const now = Date.now()
    const id = topics.newId(now)
    const path = image.keep(`${this.session.account.id}-${id}`, format, file)
    const entry = { id, from: this.session.me, kind: 'image', mine: true, path, width, height, time: now, state: 'waiting' }
    room.history.add(entry)
    this.send(room, entry, image.encode(file, width, height))
  }

  /** Once more, what has failed: with the same identifier, so that nobody sees it twice. */
  resend(room, entry) {
    if (entry.kind === 'text') return this.send(room, entry, entry.text)
    const file = image.kept(entry.path)
    if (file) this.send(room, entry, image.encode(file, entry.width, entry.height))
  }

  send(room, entry, payload) {
    const { session } = this
    const topic = topics[entry.kind](room.name, session.me, entry.id)
    const mark = (state) => {
      // A receipt may have been faster than the acknowledgement.
      if (entry.state !== 'delivered') entry.state = state
      room.history.dirty = true
      this.save()
    }
    mark('waiting')
    const properties = entry.kind === 'text' ? { payloadFormatIndicator: 1 } : { contentType: 'application/octet-stream' }
    session.publish(topic, payload, session.account.v5 ? { properties } : {}).then(
      () => mark('sent'),
      (error) => {
        if (session.isKept && !final.includes(error.code)) return this.waiting.push(entry)
        entry.problem = advise(error).title
        mark('failed')
      },
    )
  }

  /** Nothing is pending: what waited when the program ended has been acknowledged, unless the store has lost it. */
  handleDrained() {
    if (this.session.storeFailed) return this.failWaiting()
    this.settleWaiting('sent')
  }

  failWaiting() {
    this.settleWaiting('failed')
  }

  settleWaiting(state) {
    const waiting = this.waiting.splice(0)
    waiting.forEach((entry) => {
      if (entry.state === 'waiting') entry.state = state
    })
    this.list.forEach((room) => {
      room.history.dirty = room.history.dirty || room.history.entries.some((entry) => waiting.includes(entry))
    })
    this.save()
  }

  // What arrives.

  take(said, message) {
    const room = this.find(said.room)
    if (!room) return
    if (said.kind === 'member') return this.takeMember(room, said.who, message)
    if (said.who === this.session.me) return
    const now = Date.now()
    const entry = { id: said.id, from: said.who, kind: said.kind, time: topics.timeOf(said.id, now) }
    if (room.history.find(said.who, said.id)) return this.confirm(said)
    if (said.kind === 'text') {
      if (message.payloadBytes.length > mostText) return
      entry.text = message.payloadString.slice(0, config.text)
      if (entry.text.trim() === '') return
    } else {
      const picture = image.decode(message.payloadBytes)
      if (!picture) return
      const { file, format, width, height } = picture
      entry.path = image.keep(`${this.session.account.id}-${said.id}-${said.who.split('~').pop()}`, format, file)
      Object.assign(entry, { width, height })
    }
    room.history.add(entry)
    this.received++
    if (this.shown !== room.name) room.unread++
    this.confirm(said)
  }

  takeMember(room, who, message) {
    const { session } = this
    const length = message.payloadBytes.length
    if (length > mostControl) return
    if (length === 0) {
      const since = room.members.get(who) || Date.now()
      if (room.members.delete(who)) session.presence.unwatch(who)
      if (!message.retained && who !== session.me) room.addLine(`out-${since}`, who, '离开了房间', Date.now())
      return
    }
    const { since } = Object(message.json())
    const time = typeof since === 'number' ? since : 0
    const fresh = room.addMember(who, time)
    if (fresh) session.presence.watch(who)
    // Who was there before us is no news, and neither is who is told of once more.
    if (fresh && !message.retained && who !== session.me && time >= room.joined - 60000) {
      room.addLine(`in-${time}`, who, '加入了房间', Date.now())
    }
  }

  // Receipts.

  confirm({ who, room, id }) {
    const rooms = this.receipts.get(who) || new Map()
    this.receipts.set(who, rooms)
    rooms.set(room, (rooms.get(room) || []).concat(id))
  }

  takeReceipt(who, message) {
    if (message.payloadBytes.length > mostControl) return
    const { room: name, ids } = Object(message.json())
    const room = this.find(name)
    if (!room || !Array.isArray(ids)) return
    ids.slice(0, mostReceipts).forEach((id) => {
      const entry = room.history.find(this.session.me, id)
      if (!entry || entry.state === 'delivered') return
      entry.state = 'delivered'
      room.history.dirty = true
    })
  }

  /** The end of a turn: all is kept, and confirmed. */
  settle() {
    this.save()
    const { session } = this
    this.receipts.forEach((rooms, who) =>
      rooms.forEach((ids, room) => {
        for (let at = 0; at < ids.length; at += mostReceipts) {
          session.control(topics.receipt(who, session.me), JSON.stringify({ room, ids: ids.slice(at, at + mostReceipts) }))
        }
      }),
    )
    this.receipts.clear()
  }

  losePicture(room, path) {
    room.history.entries.forEach((entry) => {
      if (entry.path === path) entry.path = ''
    })
    room.history.dirty = true
    this.save()
  }

  /** The user looks at a room, or at none. */
  show(room) {
    this.shown = room ? room.name : ''
    if (room && room.unread > 0) {
      room.unread = 0
      this.save()
    }
  }
}

module.exports = { Rooms }
