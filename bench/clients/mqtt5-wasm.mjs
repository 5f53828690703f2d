// The crate mqtt5-wasm, built by bench/mqtt5-wasm.mjs for speed: MQTT 5. Payloads are bytes only, so that a program
// encodes its text.

export const mqtt5wasm = {
  name: 'mqtt5-wasm',
  label: 'mqtt5-wasm 5',
  version: 5,
  lacks: {},
  needs: '.cache/mqtt5-wasm/speed/mqtt5_wasm.js',
  async load(place) {
    const folder = '/.cache/mqtt5-wasm/speed'
    const module = await place.import(`${folder}/mqtt5_wasm.js`)
    await module.default({ module_or_path: await place.bytes(`${folder}/mqtt5_wasm_bg.wasm`) })
    return module
  },
  async connect({ MqttClient }, { url, clientId, tally, text, failed }) {
    const client = new MqttClient(clientId)
    client.onError(failed)
    await client.connect(url)
    const { seen } = tally
    const encoder = new TextEncoder()
    const decoder = new TextDecoder()
    const bytes = (payload) => (typeof payload === 'string' ? encoder.encode(payload) : payload)
    const handle = text
      ? (topic, payload) => seen(topic.length, decoder.decode(payload).length)
      : (topic, payload) => seen(topic.length, payload.length)
    return {
      subscribe: (filter) => client.subscribeWithCallback(filter, handle),
      async handle(filters) {
        for (const filter of filters) await client.subscribeWithCallback(filter, handle)
      },
      publish: (topic, payload) => void client.publish(topic, bytes(payload)).catch(failed),
      publishAcked: (topic, payload, qos, done) =>
        void client[qos === 1 ? 'publishQos1' : 'publishQos2'](topic, bytes(payload), (code) =>
          code < 128 ? done() : failed(new Error(`refused: ${code}`)),
        ).catch(failed),
      async close() {
        await client.disconnect()
        client.destroy()
      },
    }
  },
}
