// Time that passes when a test says so, and the timers on it.

export class Clock {
  constructor() {
    /** Milliseconds. */
    this.time = 1_700_000_000_000
    /** @type {{ at: number, run: () => void }[]} */
    this.timers = []
  }

  /** @param {() => void} run @param {number} delay milliseconds */
  setTimer(run, delay) {
    const timer = { at: this.time + delay, run }
    this.timers.push(timer)
    return timer
  }

  /** @param {any} timer */
  clearTimer(timer) {
    this.timers = this.timers.filter((one) => one !== timer)
  }

  /** Everything that is due in this turn is done: microtasks, and promises behind them. */
  async turn() {
    await new Promise(setImmediate)
  }

  /** Time passes, and every timer fires when it is due. @param {number} [milliseconds] */
  async pass(milliseconds = 0) {
    const end = this.time + milliseconds
    await this.turn()
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.clearTimer(due)
      this.time = Math.max(this.time, due.at)
      due.run()
      await this.turn()
    }
    this.time = end
  }
}
