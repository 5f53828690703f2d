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
 * said in the standard, and checked: a wrong name or type is refused with code 13, a property that may not stand on the
 * packet or is out of its range with 41, any property before MQTT 5 with 40. Topic aliases are assigned by the client.
 *
 * @example
 * client.publish('a', 'b', { properties: { messageExpiryInterval: 60, userProperties: { trace: 'x1' } } })
 */
export interface Properties {
  /** 1: the payload is UTF-8 text. */
  payloadFormatIndicator?: 0 | 1
  /** Seconds after which the server drops the message. */
  messageExpiryInterval?: number
  contentType?: string
  responseTopic?: string
  correlationData?: Payload
  /** For SUBSCRIBE, 1 to 268435455; read back from a message as a list. */
  subscriptionIdentifier?: number | number[]
  /** Seconds that the server keeps the session after the connection; 4294967295: for ever. */
  sessionExpiryInterval?: number
  authenticationMethod?: string
  authenticationData?: Payload
  requestProblemInformation?: boolean
  /** Seconds that the server waits before it publishes the will. */
  willDelayInterval?: number
  requestResponseInformation?: boolean
  serverReference?: string
  reasonString?: string
  /** How many messages of QoS 1 and 2 the server may send before they are acknowledged; 65535. */
  receiveMaximum?: number
  /** How many topic aliases the server may use; 0. */
  topicAliasMaximum?: number
  userProperties?: UserProperties
  /** Bytes; what is larger ends the connection with reason code 0x95. */
  maximumPacketSize?: number
}

/** Properties as they are read from a packet: from CONNACK, a message, an acknowledgement, a DISCONNECT. */
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
  /** @throws code 13 when the payload is neither text nor bytes */
  constructor(payload: Payload)
  /** The payload as text. Throws a MqttError with code 9 when it is not UTF-8. */
  readonly payloadString: string
  /** The payload as bytes: of a received message, a view of what came, to be copied if it is to be changed. */
  readonly payloadBytes: Uint8Array
  /** The topic name; of a message of one's own, undefined until it is set. */
  destinationName: string
  /** Another name of `destinationName`. */
  topic: string
  /** 0 unless it is set. */
  qos: QoS
  /** Sent: the server keeps it for new subscribers. Received: it was kept. */
  retained: boolean
  /** Received: it may have been delivered before. */
  duplicate: boolean
  /**
   * The properties of MQTT 5; empty before it. To send some, assign an object.
   * @example message.properties = { responseTopic: 'answers/me', correlationData: 'question 7' }
   */
  get properties(): ReceivedProperties
  set properties(properties: Properties)
  /**
   * The payload parsed as JSON.
   * @throws a MqttError with code 9 when it is not UTF-8, a SyntaxError when it is not JSON
   * @example const { celsius } = message.json()
   */
  json(): any
  /** What `JSON.stringify` shows: the payload as text, the topic name, QoS and flags. */
  toJSON(): { payloadString: string; destinationName: string; qos: QoS; retained: boolean; duplicate: boolean }
  /**
   * Acknowledges a received message when the client is connected with `autoAck: false`; a second time does nothing, nor
   * does it after the connection that the message came on: the server delivers it again. Acknowledgements leave in the
   * order of arrival, whatever the order of the calls.
   * @param reasonCode for MQTT 5: 0x80 and above refuses the message
   * @throws code 40 for a reason code before MQTT 5, 49 for one that is not legal
   * @example
   * client.onMessageArrived = async (message) => {
   *   await store(message.payloadBytes)
   *   message.ack()
   * }
   */
  ack(reasonCode?: number): void
}

/**
 * Every failure: `code` is stable (see the README), `message` a sentence without secrets. Wrong arguments and a wrong
 * state are thrown at once, as in Paho; whatever happens later rejects the promise. What a signal aborts has the name
 * `AbortError`, the code 100, and the signal's reason as `cause`.
 *
 * @example
 * try {
 *   await client.publish('rooms/kitchen', 'hello', { qos: 1, signal: AbortSignal.timeout(5000) })
 * } catch (error) {
 *   if (error.name === 'AbortError') console.log('too late')
 *   else if (error.code === 26) console.log('refused:', error.reasonName)
 *   else throw error
 * }
 */
export class MqttError extends Error {
  readonly name: 'MqttError' | 'AbortError'
  readonly code: number
  /** The server's reason code, where there is one. */
  readonly reasonCode?: number
  /** Its name in the standard. */
  readonly reasonName?: string
  /** One for each topic filter, in order; 0x80 and above are refusals. */
  readonly reasonCodes?: Uint8Array
  readonly properties?: ReceivedProperties
  /** How the WebSocket was closed, where that is the cause. */
  readonly closeCode?: number
  readonly closeReason?: string
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
  closeCode?: number
  closeReason?: string
}

/** How to connect. Names up to `uris` are Paho's. */
export interface ConnectOptions {
  /** Seconds for one attempt, socket and CONNACK together; 30. At most 2147483. */
  timeout?: number
  userName?: string
  password?: Payload
  willMessage?: Message
  /** Seconds, at most 65535; 60. 0 switches it off. A dead server is noticed within 1.5 times as long. */
  keepAliveInterval?: number
  /** Begin a new session; true. */
  cleanSession?: boolean
  /** Use wss whatever the address says. */
  useSSL?: boolean
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object }) => void
  onFailure?: (failure: Failure) => void
  /** Tried in order, with `ports`; or whole addresses. */
  hosts?: string[]
  ports?: number[]
  /** Accepted; it has no effect in this version. */
  reconnect?: boolean
  /** 'auto' tries MQTT 5, then 3.1.1. By default 3.1.1, then 3.1, as Paho does; `connect()` defaults to 'auto'. */
  mqttVersion?: MqttVersion | 'auto'
  /** Accepted and ignored, as in Paho. */
  mqttVersionExplicit?: boolean
  /** Addresses to try in order instead of the client's own. */
  uris?: string[]
  /** MQTT 5's name of `cleanSession`. */
  cleanStart?: boolean
  /** Of CONNECT; left out of an attempt with an older version. */
  properties?: Properties
  /** false: messages with QoS 1 and 2 are acknowledged by `message.ack()`. */
  autoAck?: boolean
  /**
   * Answers the server's challenges of enhanced authentication; `authenticationMethod` is added. When it throws or
   * rejects, the connection ends.
   * @example authenticate: async ({ properties }) => ({ authenticationData: await sign(properties.authenticationData) })
   */
  authenticate?: (challenge: Reason) => Properties | Promise<Properties>
  /** Sub-protocols to offer instead of MQTT's own. */
  protocols?: string[]
  /** false: one packet a WebSocket message, for servers that cannot read more. */
  batch?: boolean
  /** Ends the attempt; it has no effect on a live connection. */
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
  /**
   * Gets the messages that match, until the filter is unsubscribed or subscribed with another handler;
   * `onMessageArrived` gets them too.
   */
  onMessage?: (message: Message) => void
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object; grantedQos: Uint8Array; properties: ReceivedProperties }) => void
  onFailure?: (failure: Failure) => void
  /** Seconds to wait for the answer; without it, as long as the connection lives. */
  timeout?: number
  signal?: AbortSignal
}

/** A topic filter with options of its own; those of the call hold for what it has not. */
export interface Filter extends Pick<SubscribeOptions, 'qos' | 'noLocal' | 'retainAsPublished' | 'retainHandling' | 'onMessage'> {
  filter: string
}

export interface UnsubscribeOptions {
  properties?: Properties
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object; properties: ReceivedProperties }) => void
  onFailure?: (failure: Failure) => void
  /** Seconds to wait for the answer; without it, as long as the connection lives. */
  timeout?: number
  signal?: AbortSignal
}

/** SUBACK and UNSUBACK: a code for each filter, in order; empty for UNSUBACK before MQTT 5. */
export interface Granted {
  grantedQos: Uint8Array
  reasonCodes: Uint8Array
  properties: ReceivedProperties
}

export interface PublishOptions {
  /** 0. */
  qos?: QoS
  /** false. */
  retained?: boolean
  properties?: Properties
  /** Ends the wait; what has left cannot be called back. */
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
  /** @throws codes 12 and 13 for arguments of a wrong type or an address that is none */
  constructor(host: string, port: number, path: string, clientId: string)
  constructor(host: string, port: number, clientId: string)
  constructor(uri: string, clientId: string)

  readonly host: string
  readonly port: number
  readonly path: string
  readonly uri: string
  /** After CONNACK, the identifier that the server assigned, if it did. */
  readonly clientId: string

  /** After CONNACK. This and the callbacks below take functions only; null says that none was set. */
  get onConnected(): ((reconnect: boolean, uri: string) => void) | null
  set onConnected(callback: (reconnect: boolean, uri: string) => void)
  /**
   * When a connection that was up has ended: `errorCode` is 0 after `disconnect()`; a server's DISCONNECT brings its
   * reason code with name and properties, a closed socket its close code.
   * @example client.onConnectionLost = ({ errorCode, errorMessage, reasonName }) => console.log(errorCode, errorMessage, reasonName)
   */
  get onConnectionLost(): ((loss: Failure & { reconnect: boolean; uri: string }) => void) | null
  set onConnectionLost(callback: (loss: Failure & { reconnect: boolean; uri: string }) => void)
  /** QoS 0: the bytes were handed to the socket. QoS 1 and 2: the server has acknowledged. */
  get onMessageDelivered(): ((message: Message) => void) | null
  set onMessageDelivered(callback: (message: Message) => void)
  /** Every message, whichever subscription it came by. */
  get onMessageArrived(): ((message: Message) => void) | null
  set onMessageArrived(callback: (message: Message) => void)
  /** Gets each line of the trace. Passwords and payloads are never in it. */
  get trace(): ((line: { severity: string; message: string }) => void) | null
  set trace(callback: (line: { severity: string; message: string }) => void)
  /** Accepted; it has no effect in this version. */
  disconnectedPublishing: boolean
  /** Accepted; it has no effect in this version. */
  disconnectedBufferSize: number

  /** Did the server keep the session? */
  readonly sessionPresent: boolean
  /** The version in use, once connected. */
  readonly mqttVersion: MqttVersion | undefined
  /** What the server said in CONNACK (MQTT 5): its limits, the assigned client identifier. */
  readonly serverProperties: ReceivedProperties

  /**
   * Connects. Rejects when every address and version was tried (1 time-out, 6 refused by the server, 7 and 8 socket), on
   * `disconnect()` (0) and on an abort (100).
   * @throws code 11 when it is connecting or connected, 12 and 13 for options
   * @example
   * const { sessionPresent, mqttVersion } = await client.connect({ mqttVersion: 'auto', userName: 'alice', password: 'secret' })
   */
  connect(options?: ConnectOptions): Promise<Connected>
  /**
   * Subscribes to one or more topic filters, `$share/group/filter` among them. Rejects with 27 when the server refuses
   * one (`reasonCodes` tells which; the others hold), 2 after `timeout`.
   * @throws 11 without a connection; 31 for a filter, 37 to 39 for what the server does not support
   * @example
   * await client.subscribe('rooms/+/temperature', { qos: 1, onMessage: (message) => console.log(message.payloadString) })
   * await client.subscribe(['a', { filter: 'b/#', qos: 2, noLocal: true }], { qos: 1 })
   */
  subscribe(filter: string | Filter | (string | Filter)[], options?: SubscribeOptions): Promise<Granted>
  /**
   * Unsubscribes; the handlers and loops of the filters end with it. Rejects with 27 when the server refuses, 3 after
   * `timeout`.
   * @example await client.unsubscribe(['a', 'b/#'])
   */
  unsubscribe(filter: string | string[], options?: UnsubscribeOptions): Promise<Granted>
  /**
   * Publishes. Settles when a QoS 0 message is handed to the socket, and when a QoS 1 or 2 message is acknowledged.
   * Rejects with 26 when the server refuses the message, and with the cause when the connection is lost before.
   * @throws 11 without a connection; 30 for a topic name, 34 to 36 for what the server does not take
   * @example
   * await client.publish('rooms/kitchen', 'hello', 1, true)
   * await client.publish('rooms/kitchen', bytes, { qos: 2, properties: { contentType: 'image/png' } })
   */
  publish(message: Message): Promise<Reason>
  publish(topic: string, payload: Payload, qos?: QoS, retained?: boolean): Promise<Reason>
  publish(topic: string, payload: Payload, options: PublishOptions): Promise<Reason>
  /**
   * As `publish`, without a promise: the cheapest way to send. `onMessageDelivered` tells of the delivery.
   * @example client.send('rooms/kitchen', 'hello')
   */
  send(message: Message): void
  send(topic: string, payload: Payload, qos?: QoS, retained?: boolean): void
  /**
   * Subscribes when the loop begins, gives each message, and unsubscribes when the loop is left, unless somebody else
   * wants the filter. The loop ends when the program disconnects or unsubscribes, and throws when the connection is
   * lost or `signal` aborts.
   * @example for await (const message of client.messages('rooms/#', { qos: 1 })) console.log(message.payloadString)
   */
  messages(
    filter: string | Omit<Filter, 'onMessage'> | (string | Omit<Filter, 'onMessage'>)[],
    options?: Omit<SubscribeOptions, 'onMessage'>,
  ): AsyncIterableIterator<Message>
  /**
   * MQTT 5: authenticates again on the live connection, by the method of CONNECT; `authenticate` answers challenges.
   * @throws 40 before MQTT 5, 48 without a method in CONNECT, 11 while one is under way
   * @example await client.reauthenticate({ authenticationData: await newToken() })
   */
  reauthenticate(properties?: Properties): Promise<Reason>
  /**
   * Ends the connection, or the attempt to make one; what was published before leaves first. Settles when the socket is
   * closed, or two seconds later. `reasonCode` 4 asks the server to publish the will all the same (MQTT 5).
   * @throws 11 when there is nothing to end; 40, 41, 49 for what MQTT does not allow
   * @example await client.disconnect({ reasonCode: 4, properties: { sessionExpiryInterval: 0 } })
   */
  disconnect(options?: { reasonCode?: number; properties?: Properties }): Promise<void>
  /** @example if (client.isConnected()) client.send('a', 'b') */
  isConnected(): boolean

  /** Begins to keep the trace. @example client.startTrace() */
  startTrace(): void
  /** Forgets it. @example client.stopTrace() */
  stopTrace(): void
  /** The last hundred lines; undefined while none are kept. @example console.log(client.getTraceLog()) */
  getTraceLog(): string[] | undefined
}

/** What `connect(url, options)` takes: how to connect, and the callbacks, which are there before the first message. */
export interface ClientOptions extends ConnectOptions {
  /** Made up when it is left out. */
  clientId?: string
  onConnected?: (reconnect: boolean, uri: string) => void
  onConnectionLost?: (failure: Failure & { reconnect: boolean; uri: string }) => void
  onMessageDelivered?: (message: Message) => void
  onMessageArrived?: (message: Message) => void
}

/**
 * A connected client in one line: makes a client identifier and tries MQTT 5, then 3.1.1. Whatever is wrong rejects.
 * @param url ws:// or wss://; without a path, /mqtt
 * @example const client = await connect('wss://broker.example.com', { userName: 'alice', password: 'secret' })
 */
export function connect(url: string, options?: ClientOptions): Promise<Client>
