// The round trip by a topic of this page's own: while it is switched on, one small message a second to itself. It
// never publishes before somebody has switched it on, and its messages are not counted as traffic.

const EVERY = 1000

export class Ping {
  /**
   * @param {HTMLInputElement} box
   * @param {import('./meter.js').Meter} meter
   * @param {(error: any) => void} failed
   */
  constructor(box, meter, failed) {
    this.box = box
    this.meter = meter
    this.failed = failed
    const id = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, '0')).join('')
    this.topic = `wasmqtt/workbench/${id}/ping`
    /** @type {any} */ this.client = null
    /** @type {any} */ this.timer = null
    box.addEventListener('change', () => (box.checked ? this.begin() : this.end()))
    this.box.disabled = true
  }

  /** @param {any} client */
  opened(client) {
    this.client = client
    this.box.disabled = false
    if (this.box.checked) this.begin()
  }

  /** What is queued comes late, and measures nothing. */
  interrupted() {
    this.closed()
  }

  /** @param {any} client */
  resumed(client) {
    this.opened(client)
  }

  closed() {
    this.client = null
    this.box.disabled = true
    clearInterval(this.timer)
  }

  /** @private */
  async begin() {
    const { client } = this
    try {
      await client.subscribe(this.topic)
      if (client !== this.client || !this.box.checked) return
      clearInterval(this.timer)
      this.timer = setInterval(() => this.once(), EVERY)
      this.once()
    } catch (error) {
      if (client !== this.client) return
      this.box.checked = false
      this.failed(error)
    }
  }

  /** @private */
  once() {
    this.client.publish(this.topic, String(performance.now())).catch((/** @type {any} */ error) => this.client && this.failed(error))
  }

  /** @private */
  end() {
    clearInterval(this.timer)
    const { client } = this
    client?.unsubscribe(this.topic).catch((/** @type {any} */ error) => client === this.client && this.failed(error))
  }

  /** Takes a message that is its own. @param {any} message @returns {boolean} it was */
  takes(message) {
    if (message.topic !== this.topic) return false
    const ms = performance.now() - Number(message.payloadString)
    // Others may publish there too.
    if (ms >= 0 && ms < 60_000) this.meter.trip(ms)
    return true
  }
}
