/**
 * The public types, the same on every host.
 */

/** A quality of service: at most once, at least once, exactly once. */
export type QoS = 0 | 1 | 2

/** The protocol version by its number on the wire: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type MqttVersion = 3 | 4 | 5

/** Where a program runs: a mini-program by its host, or a page. */
export type Host =
  | 'wechat'
  | 'alipay'
  | 'douyin'
  | 'qq'
  | 'baidu'
  | 'kuaishou'
  | 'jd'
  | 'xiaohongshu'
  | 'dingtalk'
  | 'web'

/** An `AbortSignal`, where the host has one. */
export interface Signal {
  readonly aborted: boolean
  readonly reason?: any
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

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
  /** Seconds that the server keeps the session after the connection; 4294967295, for ever, with `cleanSession: false`, else 0. */
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
   * Acknowledges a received message when the client is connected with `autoAck: false`; a second time does nothing.
   * Acknowledgements leave in the order of arrival, whatever the order of the calls. When the connection that the message
   * came on has gone, a session that the server kept brings it again with QoS 1; with QoS 2 it is remembered that it was
   * acknowledged, and it does not come again.
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
 * `AbortError`, the code 100, and the signal's reason as `cause`. A publish or subscribe whose connection went (codes 4, 7,
 * 8, 21, 22, 60 and above) may have reached the server all the same.
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
  /** The topic filter that the server refused when it was subscribed again (103). */
  readonly filter?: string
  /** How the WebSocket was closed, where that is the cause. */
  readonly closeCode?: number
  readonly closeReason?: string
  /** What a store (50) or a function of the program (102) threw, or a signal's reason (100). */
  readonly cause?: unknown
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

/** A value, or a function that gives it, at once or by a promise. */
export type Given<T> = T | (() => T | Promise<T>)

/**
 * When to connect again. The first try is made at once; the wait before each further one is chosen at random between 0
 * and 1, 2, 4 … 60 s. It counts from the beginning after a connection that was up for as long as the next wait. The whole
 * list of addresses is gone round, one address a try. When the network or the page comes back, the next try is made at
 * once.
 *
 * @example await connect(url, { reconnect: { minDelay: 0.5, maxDelay: 30, maxAttempts: 10 } })
 */
export interface ReconnectOptions {
  /** The longest wait before the second try, in seconds; 1. Each further one may be twice as long. */
  minDelay?: number
  /** The longest wait of all, in seconds; 60. */
  maxDelay?: number
  /** How much of each wait is left to chance, from 0 (none) to 1 (all of it); 1. */
  jitter?: number
  /** How many tries in a row may fail before it ends, at least 1; any number. */
  maxAttempts?: number
  /**
   * The reason codes of CONNACK and DISCONNECT that end it, because to try again would not help. By default 1, 2, 4, 5
   * (before MQTT 5) and 0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x8E, 0x90, 0x95, 0x9A, 0x9B, 0x9D: version, client
   * identifier, credentials, a ban, a session taken over, what CONNECT asks for, a server that has moved. Of the default,
   * those about credentials (4, 5, 0x86, 0x87) do not end it where `userName`, `password`, `url` or `properties` is a
   * function.
   */
  giveUpOn?: number[]
  /** Try again too when the very first connection does not come about; false. */
  initial?: boolean
}

/**
 * What may wait for a connection: what is published while connecting and reconnecting. It leaves in the order of the
 * calls, behind what was in flight.
 *
 * @example await connect(url, { reconnect: true, offline: { maxMessages: 100, maxAge: 60, overflow: 'drop-oldest' } })
 */
export interface OfflineOptions {
  /** The most messages that wait; 1000. */
  maxMessages?: number
  /** The most bytes that their packets have together; 4194304. */
  maxBytes?: number
  /** Seconds after which a message that waits is dropped: its promise rejects with 29; 0, never. */
  maxAge?: number
  /**
   * When there is no room: `publish` throws 18 ('reject', the default), the oldest messages are dropped, or the new one
   * is. What is dropped rejects with 28.
   */
  overflow?: 'reject' | 'drop-oldest' | 'drop-newest'
  /** QoS 0 may wait too; false: it throws 11. It is never in a store. */
  qos0?: boolean
}

/** A record to be put or, with null, to be deleted. The key '' deletes all records; it stands first if at all. */
export interface Change {
  key: string
  value: Uint8Array | null
}

/**
 * Where a session is kept beyond the life of a page or process: messages with QoS 1 and 2 on their way, identifiers of
 * received QoS 2 messages, subscriptions. A store answers undefined when a thing is done, or promises it; what depends on
 * a record leaves only then. It throws or rejects when it fails: `onWarning` gets code 50, and the client goes on without
 * it. One that has not answered for five seconds has failed. Keys have one lower-case letter and digits or lower-case
 * letters; nobody changes a value afterwards.
 *
 * @example
 * // Node: a directory a session, a file a record.
 * const store = {
 *   load: () => readdirSync(directory).map((key) => [key, new Uint8Array(readFileSync(join(directory, key)))]),
 *   put: (key, value) => writeFileSync(join(directory, key), value),
 *   delete: (key) => rmSync(join(directory, key), { force: true }),
 *   clear: () => readdirSync(directory).forEach((key) => rmSync(join(directory, key))),
 * }
 */
export interface Store {
  /**
   * All records of a session. `name` is the client identifier, `@`, and the first address without credentials and query.
   * A store that gives a session to one client at a time rejects with `new MqttError(52)` where somebody else has it:
   * then `connect` fails with it.
   */
  load(name: string): Iterable<[string, Uint8Array]> | PromiseLike<Iterable<[string, Uint8Array]>>
  /** Writes a record, in the place of an older one. */
  put(key: string, value: Uint8Array): void | PromiseLike<void>
  /** Deletes a record, if it is there. */
  delete(key: string): void | PromiseLike<void>
  /** Deletes all records of the session. */
  clear(): void | PromiseLike<void>
  /**
   * Takes the changes of a turn at once, in the place of the three above. If what it has called written turns out not to
   * be, it calls `failed`.
   */
  write?(changes: Change[], failed: (error: unknown) => void): void | PromiseLike<void>
  /**
   * Ends when all that `write`, `put`, `delete` and `clear` have called written outlives a crash of the host too; what
   * depends on it is sent then. Left out: it does so at once. Never rejects.
   */
  settled?(): PromiseLike<void>
  /** The session is given back: the client has ended. */
  close?(): void | PromiseLike<void>
}

/**
 * A store in memory: a session goes on from one client to the next one of the same program. One object is for one client
 * at a time (52).
 *
 * @example
 * const store = new MemoryStore()
 * const first = await connect(url, { clientId: 'kitchen', store })
 * await first.disconnect()
 * const second = await connect(url, { clientId: 'kitchen', store })
 */
export class MemoryStore implements Store {
  constructor()
  /** @throws code 52 when another client has it */
  load(): [string, Uint8Array][]
  put(key: string, value: Uint8Array): void
  delete(key: string): void
  clear(): void
  close(): void
}

/** How to connect. Names up to `uris` are Paho's. */
export interface ConnectOptions {
  /** Seconds for one attempt, socket and CONNACK together; 30. At most 2147483. */
  timeout?: number
  /** A function is asked again for each attempt, as are `password`, `properties` and `url`: tokens expire. */
  userName?: Given<string | undefined>
  /** @example password: async () => (await fetch('/token')).text() */
  password?: Given<Payload | undefined>
  willMessage?: Message
  /** Seconds, at most 65535; 60. 0 switches it off. A dead server is noticed within 1.5 times as long. */
  keepAliveInterval?: number
  /**
   * Begin a new session; true, or false with a `store`. What an older session still held is given up. With false,
   * MQTT 5 asks the server to keep the session for ever, unless `properties` has a `sessionExpiryInterval`.
   */
  cleanSession?: boolean
  /** Use wss whatever the address says. */
  useSSL?: boolean
  invocationContext?: object
  /** Called once, not again after a reconnect: `onConnected` tells of that. */
  onSuccess?: (answer: { invocationContext?: object }) => void
  onFailure?: (failure: Failure) => void
  /** Tried in order, with `ports`; or whole addresses. */
  hosts?: string[]
  ports?: number[]
  /**
   * A connection that is lost comes back by itself; false. true: with the defaults of `ReconnectOptions`. A core that
   * failed (101) ends it.
   */
  reconnect?: boolean | ReconnectOptions
  /** 'auto' tries MQTT 5, then 3.1.1. By default 3.1.1, then 3.1, as Paho does; `connect()` defaults to 'auto'. */
  mqttVersion?: MqttVersion | 'auto'
  /** Accepted and ignored, as in Paho. */
  mqttVersionExplicit?: boolean
  /** Addresses to try in order instead of the client's own. */
  uris?: string[]
  /** MQTT 5's name of `cleanSession`. */
  cleanStart?: boolean
  /** Of CONNECT; left out of an attempt with an older version. */
  properties?: Given<Properties | undefined>
  /**
   * The address instead of the client's own, or a function that gives it for each attempt; undefined stands for the
   * address that would be tried. A function of the program that fails ends the attempt with code 102.
   * @example url: async () => `wss://broker.example.com/mqtt?signature=${await sign()}`
   */
  url?: Given<string | undefined>
  /** MQTT 5: go where a server sends the client (Use another server, Server moved), at most three times in a row; false. */
  followServerReference?: boolean
  /** What is published without a connection waits for one; false. true: with the defaults of `OfflineOptions`. */
  offline?: boolean | OfflineOptions
  /** Keeps the session beyond this page. It needs a client identifier of the program's own (45). */
  store?: Store
  /** The most messages of QoS 1 and 2 in flight, 1 to 65535; 65535. The server's Receive Maximum holds too. */
  maxInflight?: number
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
  /** Mini-programs: the host, instead of the one that is found. */
  platform?: Host
  /**
   * Mini-programs: where the WebAssembly is in the code package; `/miniprogram_npm/wasmqtt/wasmqtt.wasm.br`, then the same
   * without `.br`. When it cannot be loaded, the JavaScript build runs instead, and `onWarning` says so (104).
   * @example wasmPath: '/packages/chat/miniprogram_npm/wasmqtt/wasmqtt.wasm.br'
   */
  wasmPath?: string
  /**
   * Mini-programs: what the host's connectSocket takes beside address and sub-protocols; times are in milliseconds.
   * @example socket: { header: { 'X-App': 'chat' }, tcpNoDelay: true, forceCellularNetwork: false }
   */
  socket?: Record<string, any>
  /** Ends the attempts to make the first connection; it has no effect on a live one. */
  signal?: Signal
}

/** What `onReconnecting` gets: why the last attempt or connection ended, and when the next attempt is made. */
export interface Reconnecting extends Failure {
  /** Since a connection that held, from 1. */
  attempt: number
  /** Seconds until it is made; 0 for the first. */
  delay: number
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
   * Gets the messages that match, until the filter is unsubscribed or subscribed with another handler, and over every
   * reconnect; `onMessageArrived` gets them too.
   */
  onMessage?: (message: Message) => void
  invocationContext?: object
  onSuccess?: (answer: { invocationContext?: object; grantedQos: Uint8Array; properties: ReceivedProperties }) => void
  onFailure?: (failure: Failure) => void
  /** Seconds to wait for the answer; without it, as long as the connection lives. */
  timeout?: number
  signal?: Signal
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
  signal?: Signal
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
  signal?: Signal
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

  /**
   * After each CONNACK; `reconnect` is true where the connection came back by itself. This and the callbacks below take
   * functions only; null says that none was set.
   * @example client.onConnected = (reconnect, uri) => console.log(reconnect ? 'back at' : 'at', uri)
   */
  get onConnected(): ((reconnect: boolean, uri: string) => void) | null
  set onConnected(callback: (reconnect: boolean, uri: string) => void)
  /**
   * When a connection that was up has ended: `errorCode` is 0 after `disconnect()`; a server's DISCONNECT brings its
   * reason code with name and properties, a closed socket its close code. `reconnect`: the client tries again by itself;
   * if it gives up, this is called once more, with false.
   * @example client.onConnectionLost = ({ errorCode, errorMessage, reasonName }) => console.log(errorCode, errorMessage, reasonName)
   */
  get onConnectionLost(): ((loss: Failure & { reconnect: boolean; uri: string }) => void) | null
  set onConnectionLost(callback: (loss: Failure & { reconnect: boolean; uri: string }) => void)
  /**
   * Before each try to connect again, and with `initial` before the first connection: the wait in seconds, the number of
   * the try since a connection that held, and why the last one ended.
   * @example client.onReconnecting = ({ attempt, delay, errorMessage }) => console.log(`try ${attempt} in ${delay} s: ${errorMessage}`)
   */
  get onReconnecting(): ((next: Reconnecting) => void) | null
  set onReconnecting(callback: (next: Reconnecting) => void)
  /**
   * Something is worse than the program thinks, and the connection goes on: 50 the store failed (see `cause`), 51 one of
   * its records is damaged and was left out, 103 the server refused a filter that was subscribed again after it had lost
   * the session; its handler is gone and its loop has ended.
   * @example client.onWarning = ({ code, message }) => console.warn(code, message)
   */
  get onWarning(): ((warning: MqttError) => void) | null
  set onWarning(callback: (warning: MqttError) => void)
  /** QoS 0: the bytes were handed to the socket. QoS 1 and 2: the server has acknowledged. */
  get onMessageDelivered(): ((message: Message) => void) | null
  set onMessageDelivered(callback: (message: Message) => void)
  /** Every message, whichever subscription it came by. */
  get onMessageArrived(): ((message: Message) => void) | null
  set onMessageArrived(callback: (message: Message) => void)
  /** Gets each line of the trace. Passwords and payloads are never in it. */
  get trace(): ((line: { severity: string; message: string }) => void) | null
  set trace(callback: (line: { severity: string; message: string }) => void)
  /** Paho's name of `offline: { qos0: true }`, without a limit in bytes; false. The option `offline` goes before it. */
  disconnectedPublishing: boolean
  /** The most messages that wait so; 5000. */
  disconnectedBufferSize: number

  /**
   * 'connecting' until the first connection is up, 'reconnecting' while one is to come back.
   * @example if (client.state === 'reconnecting') banner.hidden = false
   */
  readonly state: 'disconnected' | 'connecting' | 'connected' | 'reconnecting'
  /**
   * How many messages are not done: with QoS 1 and 2 those that the server has not acknowledged, wherever they wait; with
   * QoS 0 those that the socket has not taken.
   * @example progress.textContent = `${client.pending} to go`
   */
  readonly pending: number

  /** Did the server keep the session? */
  readonly sessionPresent: boolean
  /** The version in use, once connected. */
  readonly mqttVersion: MqttVersion | undefined
  /** What the server said in CONNACK (MQTT 5): its limits, the assigned client identifier. */
  readonly serverProperties: ReceivedProperties

  /**
   * Connects. Rejects when every address and version was tried (1 time-out, 6 refused by the server, 7 and 8 socket, 102 a
   * function of the program), unless `reconnect.initial` tries on; on `disconnect()` (0), on an abort (100), and when
   * somebody else has the store (52).
   * @throws code 11 when it is connecting or connected, 12 and 13 for options, 45 for a store without a client identifier
   * @example
   * const { sessionPresent, mqttVersion } = await client.connect({ mqttVersion: 'auto', userName: 'alice', password: 'secret' })
   */
  connect(options?: ConnectOptions): Promise<Connected>
  /**
   * Subscribes to one or more topic filters, `$share/group/filter` among them. What the server grants is asked for again
   * by the client where a reconnect finds no session. Rejects with 27 when the server refuses one (`reasonCodes` tells
   * which; the others hold), 2 after `timeout`, and with the cause when the connection is lost before the answer: then
   * nothing is asked again.
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
   * Publishes. Settles when a QoS 0 message is handed to the socket, and when a QoS 1 or 2 message is acknowledged, over
   * any number of reconnects. Rejects with 26 when the server refuses the message, 28 and 29 when it is dropped from the
   * offline queue, and with the cause when the connection is lost for good before (QoS 0: when it is lost).
   * @throws 11 without a connection, unless `offline` lets it wait, and 18 when its queue is full; 30 for a topic name, 34
   *   to 36 for what the server does not take
   * @example
   * await client.publish('rooms/kitchen', 'hello', 1, true)
   * await client.publish('rooms/kitchen', bytes, { qos: 2, properties: { contentType: 'image/png' } })
   */
  publish(message: Message): Promise<Reason>
  publish(topic: string, payload: Payload, qos?: QoS, retained?: boolean): Promise<Reason>
  publish(topic: string, payload: Payload, options: PublishOptions): Promise<Reason>
  /**
   * As `publish`, without a promise: the cheapest way to send. `onMessageDelivered` tells of the delivery; `onWarning` of
   * what the server refused (26) or the queue for messages without a connection dropped (28, 29).
   * @example client.send('rooms/kitchen', 'hello')
   */
  send(message: Message): void
  send(topic: string, payload: Payload, qos?: QoS, retained?: boolean): void
  /**
   * Subscribes when the loop begins, gives each message, and unsubscribes when the loop is left, unless somebody else
   * wants the filter. The loop goes on over reconnects. It ends when the program disconnects or unsubscribes, and throws
   * when the connection is lost for good, when the server refuses the filter (27; 103 after a reconnect) or when `signal`
   * aborts.
   *
   * Unless `autoAck` is false, a message of QoS 1 or 2 is acknowledged when the loop comes for the next one: a slow loop
   * slows the server down to its `receiveMaximum`, and what a loop has not done comes again after a reconnect.
   * Acknowledgements leave in the order of arrival, so that those of other messages wait for it too.
   * @example for await (const message of client.messages('rooms/#', { qos: 1 })) await save(message.payloadBytes)
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
   * Settles when no more than `most` messages are pending (0), over any number of reconnects; rejects when the connection
   * ends for good before.
   * @example
   * for (const line of lines) {
   *   client.publish('log', line, { qos: 1 })
   *   await client.drained(100)
   * }
   */
  drained(most?: number): Promise<void>
  /**
   * Is the connection alive? Asks the server now; without an answer in four times as long as CONNACK took (0.5 to 5 s) the
   * connection is lost. While reconnecting, the next try is made now. Settles with the next sign of life, if need be after a
   * reconnect; rejects when the connection ends for good before.
   * @throws 11 when there is no connection, and none is tried
   * @example await client.probe()
   */
  probe(): Promise<void>
  /**
   * Ends the connection, or the attempts to make one; what was published before leaves first. Settles when the socket and
   * the store are closed, or the socket did not within two seconds. `reasonCode` 4 asks the server to publish the will all
   * the same (MQTT 5). With `drain` it waits until nothing is pending, at most so many seconds; nothing new is taken
   * meanwhile (11).
   * @throws 11 when there is nothing to end; 40, 41, 49 for what MQTT does not allow (with `drain` it rejects, and the
   *   connection goes on)
   * @example
   * await client.disconnect({ reasonCode: 4, properties: { sessionExpiryInterval: 0 } })
   * await client.disconnect({ drain: 5 })
   */
  disconnect(options?: { reasonCode?: number; properties?: Properties; drain?: number }): Promise<void>
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
  /** Made up when it is left out, except with a `store`. */
  clientId?: string
  onConnected?: (reconnect: boolean, uri: string) => void
  onConnectionLost?: (failure: Failure & { reconnect: boolean; uri: string }) => void
  onReconnecting?: (next: Reconnecting) => void
  onWarning?: (warning: MqttError) => void
  onMessageDelivered?: (message: Message) => void
  onMessageArrived?: (message: Message) => void
}

/**
 * A connected client in one line: makes a client identifier and tries MQTT 5, then 3.1.1. Whatever is wrong rejects.
 * @param url ws:// or wss://; without a path, /mqtt. A function gives it for each attempt.
 * @example const client = await connect('wss://broker.example.com', { userName: 'alice', password: 'secret' })
 * @example const client = await connect(async () => (await fetch('/signed-address')).text(), { reconnect: true })
 */
export function connect(url: string | (() => string | Promise<string>), options?: ClientOptions): Promise<Client>
