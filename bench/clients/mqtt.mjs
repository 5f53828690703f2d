// npm mqtt, MQTT.js: its browser bundle, in Node too, so that both run the same code.

/** @param {number} version */
const mqtt = (version) => ({
  name: `mqtt-${version}`,
  label: `MQTT.js ${version === 5 ? '5' : '3.1.1'}`,
  version,
  lacks: { handlers: 'its messages come by one callback, not by filter' },
  async load(place) {
    // The bundle reads it when it loads.
    if (typeof navigator === 'undefined') globalThis.navigator = { language: 'en' }
    return place.script('/node_modules/mqtt/dist/mqtt.min.js', 'mqtt')
  },
  async connect(mqtt, { url, clientId, tally, text, failed }) {
    // Node has no `document`, by which the bundle knows a browser.
    const more = typeof document === 'undefined' ? { forceNativeWebSocket: true } : {}
    const client = mqtt.connect(url, { clientId, protocolVersion: version, ...more })
    const { seen } = tally
    if (text) client.on('message', (topic, payload) => seen(topic.length, payload.toString().length))
    else client.on('message', (topic, payload) => seen(topic.length, payload.length))
    await new Promise((resolve, reject) => {
      client.once('connect', resolve)
      client.once('error', reject)
    })
    client.on('error', failed)
    return {
      subscribe: (filter, qos) => client.subscribeAsync(filter, { qos }),
      publish: (topic, payload, qos) => void client.publish(topic, payload, { qos }),
      publishAcked: (topic, payload, qos, done) =>
        void client.publish(topic, payload, { qos }, (error) => (error ? failed(error) : done())),
      close: () => client.endAsync(true),
    }
  },
})

export const mqtt4 = mqtt(4)
export const mqtt5 = mqtt(5)
