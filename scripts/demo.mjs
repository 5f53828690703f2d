// `npm start`: a broker on loopback, the workbench page, and a short demonstration in which every message is
// accounted for. Needs Node alone: it uses the pkg/ of the clone. With --once it ends after the demonstration, with
// code 1 where anything was lost.

import { join } from 'node:path'
import { setUp } from './setup.mjs'
import { root } from './tools.mjs'

const count = 2000
/** Without a message or an acknowledgement for so long, what is missing counts as lost (milliseconds). */
const patience = 10_000

/**
 * Sends `count` messages through the broker and waits for all of them.
 * @param {typeof import('wasmqtt')} wasmqtt
 * @param {string} url
 * @param {4 | 5} version
 * @param {0 | 1 | 2} qos
 */
async function exchange(wasmqtt, url, version, qos) {
  const receiver = await wasmqtt.connect(url, { mqttVersion: version })
  const sender = await wasmqtt.connect(url, { mqttVersion: version })
  const topic = `demonstration/${version}/${qos}`
  const seen = new Set()
  const tally = { sent: 0, received: 0, acknowledged: 0, repeated: 0 }
  const label = `MQTT ${version === 4 ? '3.1.1' : '5.0  '}  QoS ${qos}`
  const progress = new Progress(label, tally)

  await receiver.subscribe(topic, {
    qos,
    onMessage(/** @type {{ payloadString: string }} */ message) {
      const number = Number(message.payloadString.split(' ')[1])
      if (seen.has(number)) tally.repeated++
      seen.add(number)
      tally.received = seen.size
      progress.changed()
    },
  })
  const started = performance.now()
  for (let number = 0; number < count; number++) {
    sender.publish(topic, `message ${number} ${'.'.repeat(48)}`, { qos }).then(
      () => {
        tally.acknowledged++
        progress.changed()
      },
      (/** @type {Error} */ error) => progress.failed(error),
    )
    tally.sent++
  }
  const complete = await progress.until(() => tally.received === count && tally.acknowledged === count)
  const seconds = (performance.now() - started) / 1000
  await Promise.all([sender.disconnect(), receiver.disconnect()])
  // QoS 2 promises exactly once.
  const fine = complete && (qos !== 2 || tally.repeated === 0)
  progress.end(fine, seconds)
  return fine
}

/** One line that grows while messages go through, and the wait for its end. */
class Progress {
  /**
   * @param {string} label
   * @param {{ sent: number, received: number, acknowledged: number, repeated: number }} tally
   */
  constructor(label, tally) {
    this.label = label
    this.tally = tally
    this.shown = 0
    /** @type {Error | null} */ this.error = null
    /** @type {() => boolean} */ this.isDone = () => false
    /** @type {(complete: boolean) => void} */ this.settle = () => {}
    this.last = performance.now()
  }

  changed() {
    this.last = performance.now()
    if (process.stdout.isTTY && this.last - this.shown > 50) {
      this.shown = this.last
      process.stdout.write(`\r${this.line()}`)
    }
    if (this.isDone()) this.settle(true)
  }

  /** @param {Error} error */
  failed(error) {
    this.error ??= error
    this.settle(false)
  }

  /** @param {() => boolean} isDone */
  async until(isDone) {
    this.isDone = isDone
    const timer = setInterval(() => {
      if (performance.now() - this.last > patience) this.settle(false)
    }, 500)
    const complete = await new Promise((resolve) => {
      this.settle = resolve
      if (this.error) resolve(false)
      else if (isDone()) resolve(true)
    })
    clearInterval(timer)
    return complete
  }

  line() {
    const { sent, received, acknowledged } = this.tally
    return `  ${this.label}   ${sent} sent   ${received} received   ${acknowledged} ${this.label.endsWith('0') ? 'handed over' : 'acknowledged'}`
  }

  /**
   * @param {boolean} fine
   * @param {number} seconds
   */
  end(fine, seconds) {
    const rate = Math.round(count / seconds).toLocaleString('en')
    const verdict = fine
      ? `${(seconds * 1000).toFixed(0)} ms, ${rate} messages/s`
      : `LOST: ${this.error?.message ?? `no progress for ${patience / 1000} s`}`
    console.log(`${process.stdout.isTTY ? '\r' : ''}${this.line()}   ${verdict}`)
  }
}

async function main() {
  const once = process.argv.includes('--once')
  await setUp('start')
  // Imported here because they need npm packages, which set-up may just have brought.
  const { startBroker } = await import('./broker.mjs')
  const { serve } = await import('./serve.mjs')
  const wasmqtt = await import('wasmqtt')

  const broker = await startBroker({ port: once ? 0 : 8083, options: { topicAliasMaximum: 100 } })
  const page = await serve({ '/': join(root, 'examples/web'), '/pkg/': join(root, 'pkg') }, { port: once ? 0 : 8080 })
  console.log(`A broker listens at ${broker.url}\n\n${count} messages from one client to another, through it:`)
  let fine = true
  for (const version of /** @type {const} */ ([4, 5])) {
    for (const qos of /** @type {const} */ ([0, 1, 2])) fine = (await exchange(wasmqtt, broker.url, version, qos)) && fine
  }
  console.log(fine ? '\nEvery message is accounted for.' : '\nMessages were lost.')
  if (once || !fine) {
    await Promise.all([page.close(), broker.close()])
    process.exitCode = fine ? 0 : 1
    return
  }
  console.log(`\nThe workbench: ${page.url}?url=${broker.url}\nCtrl-C ends it all.`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => Promise.all([page.close(), broker.close()]))
}

try {
  await main()
} catch (error) {
  console.error(`start: ${/** @type {Error} */ (error).stack}`)
  process.exit(1)
}
