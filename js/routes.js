/**
 * Which of a program's functions get a message. Filters are matched in the core, which names them by number; here stands
 * what each of them is wanted for, so that the end of one loop does not end somebody else's subscription.
 */

/**
 * One topic filter. `handler` belongs to the subscription and is replaced with it [MQTT-3.8.4-3]; `streams` come and go
 * beside it; `kept` stands for the last `subscribe`, so that it stays when the last stream ends. `matched`: the core has it.
 * @typedef {{ id: number, filter: string, handler: Function | null, streams: import('./stream.js').MessageStream[],
 *   kept: object | null, matched: boolean }} Route
 */

export class Routes {
  constructor() {
    /** @type {import('./core.js').CoreClient | null} */
    this.core = null
    /** @type {Map<string, Route>} */
    this.byFilter = new Map()
    /** @type {Map<number, Route>} */
    this.byId = new Map()
    this.lastId = 0
  }

  /** A core client that knows no routes yet takes over. @param {import('./core.js').CoreClient} core */
  attach(core) {
    this.core = core
    for (const route of this.byId.values()) this.match(route)
  }

  /** The core client is gone; the routes stay for the next one. */
  detach() {
    this.core = null
    for (const route of this.byId.values()) route.matched = false
  }

  /** @private @param {string} filter @returns {Route} */
  of(filter) {
    let route = this.byFilter.get(filter)
    if (route === undefined) {
      route = { id: ++this.lastId, filter, handler: null, streams: [], kept: null, matched: false }
      this.byFilter.set(filter, route)
      this.byId.set(route.id, route)
    }
    return route
  }

  /** @private The core matches what somebody listens to, and nothing else. @param {Route} route */
  match(route) {
    const heard = route.handler !== null || route.streams.length > 0
    if (this.core === null || heard === route.matched) return
    if (heard) this.core.route(route.filter, route.id)
    else this.core.unroute(route.filter, route.id)
    route.matched = heard
  }

  /** @private What `undo` takes back when the core has no room for the filter. @param {Route} route @param {() => void} undo */
  listen(route, undo) {
    try {
      this.match(route)
    } catch (error) {
      undo()
      throw error
    }
    return undo
  }

  /**
   * A subscription with its handler, if it has one.
   * @param {string} filter
   * @param {Function | undefined} handler
   * @returns {() => void} takes it back, for a filter that the server refused
   */
  keep(filter, handler) {
    const route = this.of(filter)
    const before = { handler: route.handler, kept: route.kept }
    const kept = (route.kept = {})
    if (handler !== undefined) route.handler = handler
    return this.listen(route, () => {
      if (route.kept === kept) Object.assign(route, before)
      this.settle(route)
    })
  }

  /** @param {string} filter @param {import('./stream.js').MessageStream} stream */
  addStream(filter, stream) {
    const route = this.of(filter)
    route.streams = route.streams.concat(stream)
    this.listen(route, () => this.removeStream(filter, stream))
  }

  /**
   * @param {string} filter @param {import('./stream.js').MessageStream} stream
   * @returns {boolean} nobody wants the filter any more
   */
  removeStream(filter, stream) {
    const route = this.byFilter.get(filter)
    if (route === undefined) return false
    route.streams = route.streams.filter((one) => one !== stream)
    return this.settle(route)
  }

  /** @private @param {string} filter @param {import('./stream.js').MessageStream} stream */
  has(filter, stream) {
    const route = this.byFilter.get(filter)
    return route !== undefined && route.streams.indexOf(stream) >= 0
  }

  /**
   * The program unsubscribes.
   * @param {string} filter
   * @returns {() => void} to be called when the server has agreed: takes away what is there now, and not what the
   *   program subscribes to again meanwhile
   */
  removal(filter) {
    const route = this.byFilter.get(filter)
    if (route === undefined) return () => {}
    const { kept, streams } = route
    return () => {
      if (route.kept === kept) route.kept = route.handler = null
      for (const stream of streams) {
        this.removeStream(filter, stream)
        if (!stream.filters().some((one) => this.has(one, stream))) stream.end(null)
      }
      this.settle(route)
    }
  }

  /** The server does not want to keep the subscription. @param {string} filter @param {Error} error */
  drop(filter, error) {
    const route = this.byFilter.get(filter)
    if (route === undefined) return
    const { streams } = route
    Object.assign(route, { handler: null, streams: [], kept: null })
    this.settle(route)
    for (const stream of streams) if (!stream.filters().some((one) => this.has(one, stream))) stream.end(error)
  }

  /** The server has no session of ours, so it has no subscription either. */
  clear() {
    for (const route of Array.from(this.byId.values())) {
      Object.assign(route, { handler: null, streams: [], kept: null })
      this.settle(route)
    }
  }

  /** @private Forgets a filter that nobody wants. @param {Route} route */
  settle(route) {
    this.match(route)
    const unwanted = route.kept === null && route.streams.length === 0
    if (unwanted && this.byId.delete(route.id)) this.byFilter.delete(route.filter)
    return unwanted
  }
}
