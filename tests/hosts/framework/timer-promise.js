// The Promise of WeChat on iOS 15 and older: its reactions are timers, so that they come after every microtask and among
// the other timers. Only what programs use of it.

/** @param {(run: () => void, delay: number) => any} setTimeout the program's own, which stops when the program does */
export const timerPromise = (setTimeout) =>
  class TimerPromise {
    constructor(work) {
      this.state = 'pending'
      this.value = undefined
      this.reactions = []
      const settle = (state) => (value) => {
        if (this.state !== 'pending') return
        this.state = state
        this.value = value
        for (const reaction of this.reactions.splice(0)) setTimeout(reaction, 0)
      }
      const reject = settle('rejected')
      const fulfil = settle('fulfilled')
      let resolved = false
      const resolve = (value) => {
        if (resolved) return
        resolved = true
        if (value === this) return reject(new TypeError('a promise cannot wait for itself'))
        try {
          const then = Object(value) === value ? value.then : undefined
          if (typeof then !== 'function') return fulfil(value)
          setTimeout(() => new TimerPromise((next, fail) => then.call(value, next, fail)).then(fulfil, reject), 0)
        } catch (error) {
          reject(error)
        }
      }
      try {
        work(resolve, (reason) => {
          if (!resolved) reject(reason)
          resolved = true
        })
      } catch (error) {
        if (!resolved) reject(error)
        resolved = true
      }
    }

    then(fulfilled, rejected) {
      return new TimerPromise((resolve, reject) => {
        const react = () => {
          const handler = this.state === 'fulfilled' ? fulfilled : rejected
          try {
            if (typeof handler === 'function') resolve(handler(this.value))
            else if (this.state === 'fulfilled') resolve(this.value)
            else reject(this.value)
          } catch (error) {
            reject(error)
          }
        }
        if (this.state === 'pending') this.reactions.push(react)
        else setTimeout(react, 0)
      })
    }

    catch(rejected) {
      return this.then(undefined, rejected)
    }

    finally(run) {
      const after = (settle) => (value) => TimerPromise.resolve(run()).then(() => settle(value))
      return this.then(
        after((value) => value),
        after((reason) => TimerPromise.reject(reason)),
      )
    }

    static resolve(value) {
      return value instanceof TimerPromise ? value : new TimerPromise((resolve) => resolve(value))
    }

    static reject(reason) {
      return new TimerPromise((_, reject) => reject(reason))
    }

    static all(values) {
      return new TimerPromise((resolve, reject) => {
        const list = [...values]
        const results = []
        let open = list.length
        if (open === 0) resolve(results)
        list.forEach((value, index) =>
          TimerPromise.resolve(value).then((result) => {
            results[index] = result
            open -= 1
            if (open === 0) resolve(results)
          }, reject),
        )
      })
    }

    static race(values) {
      return new TimerPromise((resolve, reject) =>
        [...values].forEach((value) => TimerPromise.resolve(value).then(resolve, reject)),
      )
    }
  }
