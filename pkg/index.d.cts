/**
 * wasmqtt: MQTT 3.1, 3.1.1 and 5.0 for browsers, workers and Node.
 *
 * @example
 * import { connect } from 'wasmqtt'
 * const client = await connect('wss://broker.example.com/mqtt')
 * await client.subscribe('rooms/#', { qos: 1, onMessage: (message) => console.log(message.topic, message.payloadString) })
 * await client.publish('rooms/kitchen', 'hello', { qos: 1 })
 */

/** A quality of service: at most once, at least once, exactly once. */
export type QoS = 0 | 1 | 2

/** The protocol version by its number on the wire: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type MqttVersion = 3 | 4 | 5

/** What can be sent as a payload. Views are respected: only their part of the buffer is sent. */
export type Payload = string | ArrayBuffer | ArrayBufferView

/** User properties: pairs in order, or an object. They are read back as pairs. */
export type UserProperties = [string, string][] | Record<string, string | string[]>

/**
 * The properties of MQTT 5 by their names. Intervals are in seconds, sizes in bytes. Which of them a packet may carry is
 * said in the standard, and checked.
 *
 * @example
 * client.publish('a', 'b', { properties: { messageExpiryInterval: 60, userProperties: { trace: 'x1' } } })
 */
export interface Properties {
  payloadFormatIndicator?: 0 | 1
  messageExpiryInterval?: number
  contentType?: string
  responseTopic?: string
  correlationData?: Payload
  /** To SUBSCRIBE a number; read back from a message as a list. */
  subscriptionIdentifier?: number | number[]
  sessionExpiryInterval?: number
  authenticationMethod?: string
  authenticationData?: Payload
  requestProblemInformation?: boolean
  willDelayInterval?: number
  requestResponseInformation?: boolean
  serverReference?: string
  reasonString?: string
  receiveMaximum?: number
  topicAliasMaximum?: number
  userProperties?: UserProperties
  maximumPacketSize?: number
}

/** Properties as they are read from a packet. */
export interface ReceivedProperties {
  readonly payloadFormatIndicator?: 0 | 1
  readonly messageExpiryInterval?: number
  readonly contentType?: string
  readonly responseTopic?: string
  readonly correlationData?: Uint8Array
  readonly subscriptionIdentifier?: number[]
  readonly sessionExpiryInterval?: number
  readonly assignedClientIdentifier?: string
  readonly serverKeepAlive?: number
  readonly authenticationMethod?: string
  readonly authenticationData?: Uint8Array
  readonly responseInformation?: string
  readonly serverReference?: string
  readonly reasonString?: string
  readonly receiveMaximum?: number
  readonly topicAliasMaximum?: number
  readonly topicAlias?: number
  readonly maximumQoS?: 0 | 1
  readonly retainAvailable?: boolean
  readonly userProperties?: [string, string][]
  readonly maximumPacketSize?: number
  readonly wildcardSubscriptionAvailable?: boolean
  readonly subscriptionIdentifierAvailable?: boolean
  readonly sharedSubscriptionAvailable?: boolean
}

/**
 * An application message, sent or received. A received one reads its parts when they are asked for, once.
 *
 * @example
 * const message = new Message('21.5')
 * message.destinationName = 'rooms/kitchen'
 * message.qos = 1
 * client.send(message)
 */
export class Message {
  constructor(payload: Payload)
  /** The payload as text. Throws a MqttError with code 9 when it is not UTF-8. */
  readonly payloadString: string
  /** The payload as bytes: of a received message, a view of what came, to be copied if it is to be changed. */
  readonly payloadBytes: Uint8Array
  /** The topic name. */
  destinationName: string
  /** Another name of `destinationName`. */
  topic: string
  qos: QoS
  retained: boolean
  duplicate: boolean
  properties: Properties & ReceivedProperties
  /** The payload parsed as JSON. */
  json(): any
  /**
   * Acknowledges a received message when the client is connected with `autoAck: false`; a second time does nothing.
   * @param reasonCode for MQTT 5: 0x80 and above refuses the message
   */
  ack(reasonCode?: number): void
}

/** Every failure: `code` is stable (see the README), `message` a sentence. */
export class MqttError extends Error {
  readonly code: number
  /** The server's reason code, where there is one. */
  readonly reasonCode?: number
  /** Its name in the standard. */
  readonly reasonName?: string
  /** One for each topic filter, in order. */
  readonly reasonCodes?: Uint8Array
  readonly properties?: ReceivedProperties
}

/** What Paho's callbacks get of a failure. */
export interface Failure {
  invocationContext?: object
  /** A number; for a refused subscription the codes of its filters. */
  errorCode: number | Uint8Array
  errorMessage: string
  reasonCode?: number
  reasonName?: string
  properties?: ReceivedProperties
}

/** How to connect. Names up to `uris` are Paho's. */
export interface ConnectOptions {
  /** Seconds for one attempt, socket and CONNACK together; 30. */
  timeout?: number
  userName?: string
  password?: Payload
  willMessage?: Message
  /** Seconds; 60. 0 switches it off. */
  keepAliveInterval?: number
  /** Begin a new session; true. */
  cleanSession?: boolean
  /** Use wss whatever the address says. */
  useSSL?: boolean
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object }) => void
  onFailure?: (failure: Failure) => void
  hosts?: string[]
  ports?: number[]
  /** Accepted; it has no effect in this version. */
  reconnect?: boolean
  /** 'auto' tries MQTT 5, then 3.1.1. By default 3.1.1, then 3.1, as Paho does; `connect()` defaults to 'auto'. */
  mqttVersion?: MqttVersion | 'auto'
  /** Accepted and ignored, as in Paho. */
  mqttVersionExplicit?: boolean
  uris?: string[]
  /** MQTT 5's name of `cleanSession`. */
  cleanStart?: boolean
  properties?: Properties
  /** false: messages with QoS 1 and 2 are acknowledged by `message.ack()`. */
  autoAck?: boolean
  /** Answers the server's challenges of enhanced authentication. */
  authenticate?: (challenge: Reason) => Properties | Promise<Properties>
  /** Sub-protocols to offer instead of MQTT's own. */
  protocols?: string[]
  /** false: one packet a WebSocket message, for servers that cannot read more. */
  batch?: boolean
  signal?: AbortSignal
}

/** A reason code with its name and properties. */
export interface Reason {
  reasonCode: number
  reasonName: string
  properties: ReceivedProperties
}

/** CONNACK. */
export interface Connected {
  sessionPresent: boolean
  mqttVersion: MqttVersion
  properties: ReceivedProperties
  uri: string
}

export interface SubscribeOptions {
  /** The maximum QoS to be sent with; 0. */
  qos?: QoS
  /** MQTT 5: not what this client publishes itself. */
  noLocal?: boolean
  /** MQTT 5: keep the retained flag as it was published. */
  retainAsPublished?: boolean
  /** MQTT 5: retained messages 0 always, 1 for a new subscription, 2 never. */
  retainHandling?: 0 | 1 | 2
  properties?: Properties
  /** Gets the messages that match; `onMessageArrived` gets them too. */
  onMessage?: (message: Message) => void
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object; grantedQos: Uint8Array }) => void
  onFailure?: (failure: Failure) => void
  /** Seconds. */
  timeout?: number
  signal?: AbortSignal
}

/** A topic filter with options of its own. */
export interface Filter extends Pick<SubscribeOptions, 'qos' | 'noLocal' | 'retainAsPublished' | 'retainHandling'> {
  filter: string
}

export interface UnsubscribeOptions {
  properties?: Properties
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object }) => void
  onFailure?: (failure: Failure) => void
  /** Seconds. */
  timeout?: number
  signal?: AbortSignal
}

/** SUBACK and UNSUBACK: a code for each filter, in order. */
export interface Granted {
  grantedQos: Uint8Array
  reasonCodes: Uint8Array
  properties: ReceivedProperties
}

export interface PublishOptions {
  qos?: QoS
  retained?: boolean
  properties?: Properties
  signal?: AbortSignal
}

/**
 * A client. What is named as in Paho behaves as in Paho; methods that wait return promises too, which always settle.
 *
 * @example
 * const client = new Client('broker.example.com', 8884, '/mqtt', 'a-client-id')
 * client.onMessageArrived = (message) => console.log(message.destinationName, message.payloadString)
 * client.connect({ useSSL: true, onSuccess: () => client.subscribe('rooms/#') })
 */
export class Client {
  constructor(host: string, port: number, path: string, clientId: string)
  constructor(host: string, port: number, clientId: string)
  constructor(uri: string, clientId: string)

  readonly host: string
  readonly port: number
  readonly path: string
  readonly uri: string
  /** After CONNACK, the identifier that the server assigned, if it did. */
  readonly clientId: string

  onConnected: ((reconnect: boolean, uri: string) => void) | null
  onConnectionLost: ((failure: Failure & { reconnect: boolean; uri: string }) => void) | null
  /** QoS 0: the bytes were handed to the socket. QoS 1 and 2: the server has acknowledged. */
  onMessageDelivered: ((message: Message) => void) | null
  onMessageArrived: ((message: Message) => void) | null
  trace: ((line: { severity: string; message: string }) => void) | null
  /** Accepted; it has no effect in this version. */
  disconnectedPublishing: boolean
  /** Accepted; it has no effect in this version. */
  disconnectedBufferSize: number

  /** Did the server keep the session? */
  readonly sessionPresent: boolean
  /** The version in use, once connected. */
  readonly mqttVersion: MqttVersion | undefined
  /** What the server said in CONNACK. */
  readonly serverProperties: ReceivedProperties

  connect(options?: ConnectOptions): Promise<Connected>
  /** @example await client.subscribe(['a', { filter: 'b/#', qos: 2 }], { qos: 1 }) */
  subscribe(filter: string | (string | Filter)[], options?: SubscribeOptions): Promise<Granted>
  unsubscribe(filter: string | string[], options?: UnsubscribeOptions): Promise<Granted>
  /** Settles when a QoS 0 message is handed to the socket, and when a QoS 1 or 2 message is acknowledged. */
  publish(message: Message): Promise<Reason>
  publish(topic: string, payload: Payload, qos?: QoS, retained?: boolean): Promise<Reason>
  publish(topic: string, payload: Payload, options: PublishOptions): Promise<Reason>
  /** As `publish`, without a promise: the cheapest way to send. */
  send(message: Message): void
  send(topic: string, payload: Payload, qos?: QoS, retained?: boolean): void
  /**
   * Subscribes, gives each message, and unsubscribes when the loop is left.
   * @example for await (const message of client.messages('rooms/#')) console.log(message.payloadString)
   */
  messages(filter: string | (string | Filter)[], options?: SubscribeOptions): AsyncIterableIterator<Message>
  /** MQTT 5: authenticates again on the live connection. */
  reauthenticate(properties?: Properties): Promise<Reason>
  /** Settles when the socket is closed. `reasonCode` 4 asks the server to publish the will all the same (MQTT 5). */
  disconnect(options?: { reasonCode?: number; properties?: Properties }): Promise<void>
  isConnected(): boolean

  startTrace(): void
  stopTrace(): void
  /** The last hundred lines. */
  getTraceLog(): string[] | undefined
}

/**
 * A connected client in one line: makes a client identifier and tries MQTT 5, then 3.1.1.
 * @param url ws:// or wss://; without a path, /mqtt
 */
export function connect(url: string, options?: ConnectOptions & { clientId?: string }): Promise<Client>
