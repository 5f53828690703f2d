// npm u8-mqtt: MQTT 5, without QoS 2.

export const u8mqtt = {
  name: 'u8-mqtt',
  label: 'u8-mqtt 5',
  version: 5,
  lacks: { qos2: 'it has no QoS 2', publish0: 'its QoS 0 publish throws in 0.6.7' },
  load: (place) => place.import('/node_modules/u8-mqtt/esm/web/v5.min.js'),
  async connect({ mqtt_v5 }, { url, clientId, tally, text, failed }) {
    const client = mqtt_v5({ log_conn() {}, on_error: failed, sess_stg: null })
    client.with_websock(url)
    await client.connect({ client_id: clientId })
    const { seen } = tally
    const handle = text
      ? (packet) => seen(packet.topic.length, packet.text().length)
      : (packet) => seen(packet.topic.length, packet.payload.length)
    return {
      async subscribe(filter, qos) {
        client.on_topic(filter, true, handle)
        await client.subscribe([[filter, { qos }]])
      },
      async handle(filters) {
        for (const filter of filters) client.subscribe_topic(filter, handle)
        await client.subs_settled()
      },
      publish: (topic, payload, qos) => void client.pub({ topic, payload, qos }).catch(failed),
      publishAcked: (topic, payload, qos, done) =>
        void client.pub({ topic, payload, qos }).then(([packet, error]) => (packet ? done() : failed(new Error(error))), failed),
      close: () => client.disconnect(),
    }
  },
}
