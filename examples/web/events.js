// What has happened to the connection, line by line, the newest first. It reads out warnings alone: everything else is in
// the line at the top too. It asks nobody anything.

import { element } from './entry.js'

/** How many lines are kept: of long nights without a server only the end is of interest. */
const KEPT = 50

export class Events {
  constructor() {
    this.list = element('#events')
  }

  /** @param {string} text @param {'happened' | 'lost' | 'warning'} [kind] */
  add(text, kind = 'happened') {
    const item = document.createElement('li')
    const [time, words] = ['time', 'span'].map((tag) => document.createElement(tag))
    time.textContent = new Date().toLocaleTimeString('en-GB')
    words.dataset.kind = kind
    item.append(time, ' ', words)
    this.list.prepend(item)
    // A live region tells what comes into it, so that it has to be there first.
    if (kind === 'warning') words.setAttribute('role', 'alert')
    words.textContent = text
    while (this.list.children.length > KEPT) this.list.lastElementChild.remove()
  }
}
