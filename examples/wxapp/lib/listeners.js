// Those who want to know that something has changed, and a way to tell them once for many changes.

class Listeners {
  constructor() {
    this.all = []
  }

  /** Gives the function that takes the listener away again. */
  add(listener) {
    this.all.push(listener)
    return () => {
      this.all = this.all.filter((one) => one !== listener)
    }
  }

  tell() {
    this.all.slice().forEach((listener) => listener())
  }
}

/** Milliseconds: a thousand messages at once are a few refreshes of a page. */
const beat = 32

/** A function that does its work once, a little after it was first called. */
function soon(work) {
  let timer = 0
  return () => {
    if (timer) return
    timer = setTimeout(() => {
      timer = 0
      work()
    }, beat)
  }
}

module.exports = { Listeners, soon }
