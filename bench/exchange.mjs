// The exchange of the soak: a client that publishes to itself while its connection is cut again and again. It runs in Node
// and in a page alike and knows neither; what it needs of its host it is given.

/** Messages on their way at once. */
const WINDOW = 1000

/**
 * @typedef {object} Place
 * @property {any} wasmqtt the package
 * @property {string} url
 * @property {string} userName
 * @property {string} password
 * @property {number} messages to be published
 * @property {number} cuts of the connection, spread evenly
 * @property {() => any} cut
 * @property {() => Promise<number>} heap bytes of the JavaScript heap, collected
 * @property {(line: Sample) => any} report
 *
 * @typedef {{ published: number, arrived: number, reconnects: number, heap: number, wasm: number }} Sample bytes
 */

/** The memory of every WebAssembly instance that is made from here on. @returns {() => number} bytes */
export function watchMemory() {
  /** @type {WebAssembly.Memory[]} */
  const memories = []
  const { instantiate } = WebAssembly
  WebAssembly.instantiate = /** @type {any} */ (
    async (/** @type {any} */ module, /** @type {any} */ imports) => {
      const made = /** @type {any} */ (await instantiate(module, imports))
      memories.push(/** @type {WebAssembly.Memory} */ ((made.instance || made).exports.memory))
      return made
    }
  )
  return () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)
}

/** @param {Place} place */
export async function exchange({ wasmqtt, url, userName, password, messages, cuts, cut, heap, report }) {
  const wasm = watchMemory()
  let arrived = 0
  let reconnects = 0
  let failed = 0
  const client = await wasmqtt.connect(url, {
    clientId: 'soak' + Math.random().toString(36).slice(2),
    userName,
    password,
    cleanSession: false,
    keepAliveInterval: 5,
    reconnect: { minDelay: 0.05, maxDelay: 1 },
    offline: { maxMessages: 10 * WINDOW, qos0: true },
    onMessageArrived: (/** @type {any} */ message) => {
      arrived++
      if (message.payloadBytes.length === 0) throw new Error('an empty payload')
    },
    onConnected: (/** @type {boolean} */ again) => {
      if (again) reconnects++
    },
  })
  await client.subscribe('soak/' + client.clientId + '/#', { qos: 2 })

  const sample = async (/** @type {number} */ published) =>
    report({ published, arrived, reconnects, heap: await heap(), wasm: wasm() })
  for (let n = 0; n < messages; n++) {
    // Half of them with QoS 0, a quarter with 1, a quarter with 2; of many lengths, on a thousand topics.
    const qos = [0, 1, 0, 2][n % 4]
    const topic = `soak/${client.clientId}/${n % 1000}`
    client.publish(topic, 'x'.repeat(1 + ((n * 7919) % 600)), { qos }).catch(() => failed++)
    if (n % WINDOW === WINDOW - 1) await client.drained(WINDOW / 4)
    if (n % Math.floor(messages / cuts) === 0 && n > 0) await cut()
    if (n % Math.floor(messages / 20) === 0) await sample(n)
  }
  await client.drained()
  await sample(messages)
  await client.disconnect()
  return { arrived, reconnects, failed }
}
