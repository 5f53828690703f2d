// npm paho-mqtt, Eclipse Paho's JavaScript client: 3.1.1.

export const paho = {
  name: 'paho',
  label: 'Paho 3.1.1',
  version: 4,
  lacks: { handlers: 'its messages come by one callback, not by filter' },
  load: (place) => place.script('/node_modules/paho-mqtt/paho-mqtt-min.js', 'Paho'),
  async connect({ Client }, { url, clientId, tally, text, failed }) {
    const client = new Client(url, clientId)
    const { seen } = tally
    if (text) client.onMessageArrived = (message) => seen(message.destinationName.length, message.payloadString.length)
    else client.onMessageArrived = (message) => seen(message.destinationName.length, message.payloadBytes.length)
    client.onConnectionLost = ({ errorCode, errorMessage }) => errorCode !== 0 && failed(new Error(errorMessage))
    const settled = (start) =>
      new Promise((onSuccess, reject) => start({ onSuccess, onFailure: ({ errorMessage }) => reject(new Error(errorMessage)) }))
    await settled((callbacks) => client.connect({ mqttVersion: 4, ...callbacks }))
    let acked = () => {}
    return {
      subscribe: (filter, qos) => settled((callbacks) => client.subscribe(filter, { qos, ...callbacks })),
      publish: (topic, payload, qos) => client.send(topic, payload, qos),
      publishAcked(topic, payload, qos, done) {
        if (acked !== done) {
          acked = done
          client.onMessageDelivered = (message) => message.qos > 0 && done()
        }
        client.send(topic, payload, qos)
      },
      close: async () => client.disconnect(),
    }
  },
}
