/**
 * An application message, sent or received. A received one is lazy: it keeps the WebSocket message that it came in and
 * reads topic, payload and properties out of it when they are asked for, once.
 */

import { MqttError, invalidArgument } from './errors.js'
import { bytesOf, decodeProperties } from './properties.js'
import { decodeUtf8, utf8Bytes } from './utf8.js'

/** In `_flags`, as the core has them. */
const RETAINED = 1
const QOS = 3 << 1
const DUPLICATE = 1 << 3
const TO_ACKNOWLEDGE = 1 << 4

export class Message {
  /** @param {string | ArrayBuffer | ArrayBufferView} payload */
  constructor(payload) {
    if (typeof payload === 'string') {
      /** @type {string | null} */ this._text = payload
      /** @type {Uint8Array | null} */ this._bytes = null
    } else {
      this._text = null
      this._bytes = bytesOf(payload)
      if (this._bytes === null) throw invalidArgument(payload, 'newPayload')
    }
    /** @type {string | undefined} */ this._topic = undefined
    this._flags = 0
    /** @type {Record<string, any> | null} */ this._properties = null
  }

  /**
   * A message that the core found in `buffer`.
   * @param {import('./core.js').CoreClient} core which acknowledges it
   * @param {ArrayBuffer} buffer @param {number} payloadAt @param {number} payloadLength
   * @param {number} propertiesLength they stand before the payload
   * @param {string} topic
   * @param {number} flags retain, QoS << 1, DUP << 3, to be acknowledged << 4
   * @param {number} packetId what the core acknowledges it by
   * @param {number[] | null} routes ids of the handlers that match
   */
  static received(core, buffer, payloadAt, payloadLength, propertiesLength, topic, flags, packetId, routes) {
    return new Received(core, buffer, payloadAt, payloadLength, propertiesLength, topic, flags, packetId, routes)
  }

  /** The payload as text. @returns {string} */
  get payloadString() {
    if (this._text === null) {
      const bytes = this.payloadBytes
      this._text = decodeUtf8(bytes, 0, bytes.length)
    }
    return this._text
  }

  /** The payload as bytes. @returns {Uint8Array} */
  get payloadBytes() {
    if (this._bytes === null) this._bytes = utf8Bytes(/** @type {string} */ (this._text))
    return this._bytes
  }

  /** The payload parsed as JSON. @returns {any} */
  json() {
    return JSON.parse(this.payloadString)
  }

  /** What Paho's messages show as JSON, but for the bytes. A received one would bring its client along. */
  toJSON() {
    const { payloadString, destinationName, qos, retained, duplicate } = this
    return { payloadString, destinationName, qos, retained, duplicate }
  }

  /** @returns {string | undefined} */
  get destinationName() {
    return this._topic
  }
  set destinationName(topic) {
    if (typeof topic !== 'string') throw invalidArgument(topic, 'newDestinationName')
    this._topic = topic
  }

  /** Another name of `destinationName`. @returns {string | undefined} */
  get topic() {
    return this._topic
  }
  set topic(topic) {
    this.destinationName = topic
  }

  /** @returns {number} */
  get qos() {
    return (this._flags & QOS) >> 1
  }
  set qos(qos) {
    if (qos !== 0 && qos !== 1 && qos !== 2) throw new MqttError(13, 'Invalid argument:' + qos)
    this._flags = (this._flags & ~QOS) | (qos << 1)
  }

  get retained() {
    return (this._flags & RETAINED) !== 0
  }
  set retained(retained) {
    if (typeof retained !== 'boolean') throw invalidArgument(retained, 'newRetained')
    this._flags = retained ? this._flags | RETAINED : this._flags & ~RETAINED
  }

  get duplicate() {
    return (this._flags & DUPLICATE) !== 0
  }
  set duplicate(duplicate) {
    this._flags = duplicate ? this._flags | DUPLICATE : this._flags & ~DUPLICATE
  }

  /** @returns {Record<string, any>} */
  get properties() {
    return this._properties || (this._properties = {})
  }
  set properties(properties) {
    this._properties = properties
  }

  /** @param {number} [_reasonCode] */
  ack(_reasonCode) {}
}

class Received extends Message {
  /**
   * As for `Message.received`.
   * @param {import('./core.js').CoreClient} core
   * @param {ArrayBuffer} buffer @param {number} payloadAt @param {number} payloadLength @param {number} propertiesLength
   * @param {string} topic @param {number} flags @param {number} packetId @param {number[] | null} routes
   */
  constructor(core, buffer, payloadAt, payloadLength, propertiesLength, topic, flags, packetId, routes) {
    super('')
    /** @type {string | null} */ this._text = null
    this._topic = topic
    this._flags = flags
    this._core = core
    this._buffer = buffer
    this._payloadAt = payloadAt
    this._payloadLength = payloadLength
    this._propertiesLength = propertiesLength
    this._packetId = packetId
    this._routes = routes
    /** Loops that will acknowledge it together. */
    this._takers = 0
  }

  get payloadBytes() {
    return this._bytes || (this._bytes = new Uint8Array(this._buffer, this._payloadAt, this._payloadLength))
  }

  get properties() {
    if (this._properties === null) {
      const length = this._propertiesLength
      this._properties = decodeProperties(new Uint8Array(this._buffer, this._payloadAt - length, length))
    }
    return this._properties
  }
  set properties(properties) {
    this._properties = properties
  }

  /** Acknowledges it, with `autoAck: false`; a second time does nothing. @param {number} [reasonCode] for MQTT 5 */
  ack(reasonCode = 0) {
    if ((this._flags & TO_ACKNOWLEDGE) === 0) return
    this._core.owner.acknowledge(this._core, this._packetId, reasonCode)
    this._flags &= ~TO_ACKNOWLEDGE
  }
}
