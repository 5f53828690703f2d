// A store for tests of the face: the test decides when it does what it is asked, and what a process that comes later finds.

/** A store that does what it is asked at once or, when it is `slow`, as soon as the test says so. */
export class Store {
  constructor(records = [], slow = false) {
    this.records = new Map(records)
    this.slow = slow
    this.taken = false
    /** What it was asked for, when it is done. @type {string[]} */
    this.log = []
    /** @type {(() => void)[]} */
    this.waiting = []
  }

  /** What a new process finds. */
  afterKill() {
    return new Store([...this.records].map(([key, value]) => [key, value.slice()]))
  }

  does(what, act) {
    const done = () => {
      this.log.push(what)
      return act()
    }
    return this.slow ? new Promise((resolve) => this.waiting.push(() => resolve(done()))) : done()
  }

  /** Does what it was asked so far. */
  async finish(host, count = this.waiting.length) {
    for (const act of this.waiting.splice(0, count)) act()
    await host.turn()
  }

  load(name) {
    if (this.taken) throw Object.assign(new Error('taken'), { code: 52 })
    this.taken = true
    return this.does(`load ${name}`, () => [...this.records])
  }
  put(key, value) {
    return this.does('put', () => void this.records.set(key, value.slice()))
  }
  delete(key) {
    return this.does('delete', () => void this.records.delete(key))
  }
  clear() {
    return this.does('clear', () => this.records.clear())
  }
  close() {
    return this.does('close', () => void (this.taken = false))
  }
}
