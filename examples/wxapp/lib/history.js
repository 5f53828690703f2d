// The last entries of a room, kept on the phone: what is shown first, and what tells a message that comes a second time.

const config = require('../config')
const image = require('./image')
const storage = require('./storage')

/** Characters: a key of the storage has room for 1 MB. */
const most = 300000

const isEntry = (one) => one && ['id', 'from', 'kind'].every((field) => typeof one[field] === 'string')

class History {
  constructor(key) {
    this.key = key
    this.dirty = false
    /**
     * In the order of arrival. `kind` is text, image or system; `state`, of one's own: waiting, sent (the broker has
     * acknowledged), delivered (another member's client has it), failed.
     */
    this.entries = storage.load(key, []).filter(isEntry)
  }

  find(from, id) {
    return this.entries.find((one) => one.id === id && one.from === from)
  }

  /** Says whether it is new. */
  add(entry) {
    if (this.find(entry.from, entry.id)) return false
    this.entries.push(entry)
    this.dirty = true
    if (this.entries.length > config.history) this.drop(this.entries.length - config.history)
    return true
  }

  drop(count) {
    this.entries.splice(0, count).forEach(({ path }) => image.forget(path))
  }

  /** Writes what has changed. A full storage costs the older half, not the program. */
  save() {
    if (!this.dirty) return
    this.dirty = false
    while (JSON.stringify(this.entries).length > most || !storage.save(this.key, this.entries)) {
      if (this.entries.length < 2) return
      this.drop(this.entries.length >> 1)
    }
  }

  remove() {
    this.drop(this.entries.length)
    storage.remove(this.key)
  }
}

module.exports = { History }
