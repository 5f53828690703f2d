// One message many times over, at a pace or as fast as the connection takes it. It knows no form and no page, and holds
// no more than a window of messages in flight, so that the page stays alive whatever the number.

/** Messages whose end is still open: enough to fill any line, too few to fill a memory. */
const WINDOW = 4000
/** Messages at a time before the page gets its turn. */
const SLICE = 500

export class Burst {
  /**
   * @param {{
   *   count: number, every: number, send(number: number): Promise<any>, sent(): void, done(ms: number): void,
   *   failed(error: any): void, ended(): void,
   * }} task every: milliseconds between two messages; 0 for as fast as possible
   */
  constructor(task) {
    this.task = task
    this.count = task.count
    this.sent = 0
    this.done = 0
    this.failed = 0
    this.isRunning = false
    this.began = 0
    this.finished = 0
    // A message to oneself is a turn of the event loop without the four milliseconds that nested timers wait.
    this.turn = new MessageChannel()
    this.turn.port1.onmessage = () => this.step()
  }

  start() {
    this.isRunning = true
    this.began = performance.now()
    this.step()
  }

  /** What is under way still ends, and is counted. */
  stop() {
    if (this.isRunning) this.end()
  }

  /** Messages a second so far. */
  get rate() {
    const seconds = ((this.isRunning ? performance.now() : this.finished) - this.began) / 1000
    return seconds > 0 ? this.sent / seconds : 0
  }

  /** @private */
  get due() {
    const { every } = this.task
    // By the clock, because timers come late: the pace holds on average.
    const byNow = every === 0 ? this.count : 1 + Math.floor((performance.now() - this.began) / every)
    return Math.min(this.count, byNow) - this.sent
  }

  /** @private */
  step() {
    if (!this.isRunning) return
    const open = this.sent - this.done - this.failed
    for (let n = Math.min(this.due, SLICE, WINDOW - open); n > 0 && this.isRunning; n--) this.one()
    if (!this.isRunning) return
    if (this.sent === this.count) {
      if (this.done + this.failed === this.count) this.end()
      return
    }
    // With the window full, the next acknowledgement goes on (in `settled`).
    if (this.sent - this.done - this.failed >= WINDOW) return
    if (this.task.every === 0 || this.due > 0) this.turn.port2.postMessage(null)
    else setTimeout(() => this.step(), Math.max(1, this.began + this.sent * this.task.every - performance.now()))
  }

  /** @private */
  one() {
    const at = performance.now()
    const wasFull = () => this.sent - this.done - this.failed >= WINDOW
    try {
      const settled = this.task.send(++this.sent)
      this.task.sent()
      settled.then(
        () => {
          const full = wasFull()
          this.done++
          this.task.done(performance.now() - at)
          this.settled(full)
        },
        (error) => this.fail(error, wasFull()),
      )
    } catch (error) {
      this.fail(error, false)
      // What is refused before it is sent (a bad topic, no connection) will be refused again.
      this.stop()
    }
  }

  /** @private @param {any} error @param {boolean} full */
  fail(error, full) {
    this.failed++
    this.task.failed(error)
    this.settled(full)
  }

  /** @private @param {boolean} full */
  settled(full) {
    if (!this.isRunning) return
    if (full || this.done + this.failed === this.count) this.turn.port2.postMessage(null)
  }

  /** @private */
  end() {
    this.isRunning = false
    this.finished = performance.now()
    this.task.ended()
  }
}
