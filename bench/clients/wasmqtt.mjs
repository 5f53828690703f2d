// wasmqtt as shipped: pkg/index.mjs, with the defaults that users get.

/**
 * @param {{ version: number, entry?: string, promises?: boolean, only?: string[] }} how entry: the file of pkg/; promises:
 *   every message is published with one; only: the groups of work that it takes part in
 */
function wasmqtt({ version, entry = 'index', promises = false, only }) {
  const variant = [entry === 'index' ? '' : entry, promises ? 'promises' : ''].filter(Boolean)
  return {
    name: ['wasmqtt', ...variant, version].join('-'),
    label: `wasmqtt ${version === 5 ? '5' : '3.1.1'}${variant.map((word) => `, ${word}`).join('')}`,
    version,
    close: variant.length === 0,
    only,
    lacks: {},
    load: (place) => place.import(`/pkg/${entry}.mjs`),
    async connect({ Client }, { url, clientId, tally, text, handlers, failed }) {
      const client = new Client(url, clientId)
      const { seen } = tally
      if (text) client.onMessageArrived = (message) => seen(message.destinationName.length, message.payloadString.length)
      else if (!handlers) client.onMessageArrived = (message) => seen(message.destinationName.length, message.payloadBytes.length)
      client.onConnectionLost = ({ errorCode, errorMessage }) => errorCode !== 0 && failed(new Error(errorMessage))
      await client.connect({ mqttVersion: version })
      let acked = () => {}
      return {
        subscribe: (filter, qos) => client.subscribe(filter, { qos }),
        handle(filters) {
          const onMessage = (message) => seen(message.destinationName.length, message.payloadBytes.length)
          return client.subscribe(filters.map((filter) => ({ filter, onMessage })))
        },
        publish: promises
          ? (topic, payload, qos) => void client.publish(topic, payload, qos)
          : (topic, payload, qos) => client.send(topic, payload, qos),
        publishAcked: promises
          ? (topic, payload, qos, done) => void client.publish(topic, payload, qos).then(done, failed)
          : (topic, payload, qos, done) => {
              if (acked !== done) client.onMessageDelivered = acked = done
              client.send(topic, payload, qos)
            },
        // onMessageDelivered would tell of QoS 0 too from here on, and cost something each time.
        mark: (topic, done) => void client.publish(topic, 'x', 1).then(done, failed),
        close: () => client.disconnect(),
      }
    },
  }
}

export const wasmqtt4 = wasmqtt({ version: 4 })
export const wasmqtt5 = wasmqtt({ version: 5 })
export const wasmqttPromises = wasmqtt({ version: 4, promises: true, only: ['publish'] })
export const wasmqttSlim = wasmqtt({ version: 4, entry: 'slim', only: ['start'] })
