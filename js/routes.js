/**
 * Which of a program's functions get a message. Filters are matched in the core, which names them by number; here stands
 * what each of them is wanted for, so that the end of one loop does not end somebody else's subscription.
 */

/**
 * One topic filter. `handler` belongs to the subscription and is replaced with it [MQTT-3.8.4-3]; `streams` come and go
 * beside it; `kept` says that `subscribe` was called, so that it stays when the last stream ends.
 * @typedef {{ id: number, filter: string, handler: Function | null, streams: import('./stream.js').MessageStream[], kept: boolean }} Route
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
    for (const route of this.byId.values()) core.route(route.filter, route.id)
  }

  /** The core client is gone; the routes stay for the next one. */
  detach() {
    this.core = null
  }

  /** @private @param {string} filter @returns {Route} */
  of(filter) {
    let route = this.byFilter.get(filter)
    if (route === undefined) {
      route = { id: ++this.lastId, filter, handler: null, streams: [], kept: false }
      this.byFilter.set(filter, route)
      this.byId.set(route.id, route)
      if (this.core !== null) this.core.route(filter, route.id)
    }
    return route
  }

  /**
   * A subscription with its handler, if it has one.
   * @param {string} filter
   * @param {Function | undefined} handler
   * @returns {() => void} takes it back, for a filter that the server refused
   */
  keep(filter, handler) {
    const route = this.of(filter)
    const { handler: before, kept } = route
    route.kept = true
    if (handler !== undefined) route.handler = handler
    return () => {
      route.kept = kept
      if (route.handler === handler) route.handler = before
      this.settle(route)
    }
  }

  /** @param {string} filter @param {import('./stream.js').MessageStream} stream */
  addStream(filter, stream) {
    this.of(filter).streams.push(stream)
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

  /** The program has unsubscribed. @param {string} filter */
  remove(filter) {
    const route = this.byFilter.get(filter)
    if (route === undefined) return
    this.byFilter.delete(filter)
    this.byId.delete(route.id)
    if (this.core !== null && !this.core.core.retired) this.core.unroute(filter, route.id)
  }

  /** The server has no session of ours, so it has no subscription either. */
  clear() {
    for (const filter of Array.from(this.byFilter.keys())) this.remove(filter)
  }

  /** @private @param {Route} route */
  settle(route) {
    const unwanted = !route.kept && route.streams.length === 0
    if (unwanted) this.remove(route.filter)
    return unwanted
  }
}
