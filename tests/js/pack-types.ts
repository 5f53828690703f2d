// The whole public API in strict TypeScript, as a program would use it: it is compiled against the installed package and
// never run. Each line under `@ts-expect-error` must be refused by the types.

import { Client, IndexedDBStore, MemoryStore, Message, MqttError, connect } from 'wasmqtt'
import { useWasm } from 'wasmqtt/slim'
import type {
  Change,
  ClientOptions,
  Connected,
  ConnectOptions,
  Failure,
  Filter,
  Given,
  Granted,
  MqttVersion,
  OfflineOptions,
  Payload,
  Properties,
  PublishOptions,
  QoS,
  Reason,
  ReceivedProperties,
  ReconnectOptions,
  Reconnecting,
  Store,
  SubscribeOptions,
  UnsubscribeOptions,
  UserProperties,
} from 'wasmqtt'

/** Is this type exactly that one? */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const sure = <T extends true>(): T | undefined => undefined

// Clients.

const byUri: Client = new Client('wss://broker.example.com/mqtt', 'a-client-id')
const byPort: Client = new Client('broker.example.com', 8884, 'a-client-id')
const client: Client = new Client('broker.example.com', 8884, '/mqtt', 'a-client-id')
const address: [string, number, string, string, string] = [
  client.host,
  client.port,
  client.path,
  client.uri,
  client.clientId,
]
// @ts-expect-error: a client has an identifier, if only an empty one
new Client('wss://broker.example.com/mqtt')
// @ts-expect-error: a port is a number
new Client('broker.example.com', '8884', 'a-client-id')
// @ts-expect-error: it is given once
client.clientId = 'another'

// Messages.

const payloads: Payload[] = ['text', new ArrayBuffer(2), new Uint8Array([1]), new DataView(new ArrayBuffer(1))]
const willMessage = new Message(payloads[0] ?? '')
willMessage.destinationName = 'rooms/kitchen/state'
willMessage.topic = willMessage.destinationName
willMessage.qos = 1
willMessage.retained = true
willMessage.duplicate = false
willMessage.properties = { willDelayInterval: 5, userProperties: { why: ['a', 'b'] } }
// @ts-expect-error: an object is no payload; JSON.stringify makes text of it
new Message({ on: true })
// @ts-expect-error: there is no QoS 3
willMessage.qos = 3
// @ts-expect-error: a payload is given once
willMessage.payloadString = 'other'

function read(message: Message): void {
  const text: string = message.payloadString
  const bytes: Uint8Array = message.payloadBytes
  const parsed = message.json() as { celsius?: number }
  const { correlationData, userProperties, subscriptionIdentifier }: ReceivedProperties = message.properties
  const answer: Uint8Array | undefined = correlationData
  const pairs: [string, string][] | undefined = userProperties
  const identifiers: number[] | undefined = subscriptionIdentifier
  const shown: string = message.toJSON().payloadString
  message.ack()
  message.ack(0x97)
  console.log(
    message.topic,
    text,
    bytes,
    parsed.celsius,
    answer,
    pairs,
    identifiers,
    shown,
    message.qos,
    message.retained,
  )
}

// Properties.

const userProperties: UserProperties = [['a', '1']]
const properties: Properties = {
  payloadFormatIndicator: 1,
  messageExpiryInterval: 60,
  contentType: 'text/plain',
  responseTopic: 'answers/me',
  correlationData: 'question 7',
  userProperties,
}
const ofConnect: Properties = {
  sessionExpiryInterval: 3600,
  receiveMaximum: 100,
  maximumPacketSize: 65536,
  topicAliasMaximum: 10,
  requestProblemInformation: false,
  requestResponseInformation: true,
  authenticationMethod: 'SCRAM-SHA-256',
  authenticationData: new Uint8Array(32),
}
// @ts-expect-error: MQTT has no such property
const unknownProperty: Properties = { contenttype: 'text/plain' }
// @ts-expect-error: an interval is a number of seconds
const textProperty: Properties = { messageExpiryInterval: '60' }
// @ts-expect-error: topic aliases are assigned by the client
const aliasProperty: Properties = { topicAlias: 1 }

// Callbacks of the client.

client.onConnected = (reconnect: boolean, uri: string) => console.log(reconnect, uri)
client.onConnectionLost = ({ errorCode, errorMessage, reasonName, properties: said, closeCode, reconnect, uri }) => {
  const code: number | Uint8Array = errorCode
  console.log(code, errorMessage.length, reasonName, said?.serverReference, closeCode, reconnect, uri)
}
client.onReconnecting = ({ attempt, delay, errorCode, errorMessage, reasonName }: Reconnecting) => {
  sure<Same<typeof attempt, number>>()
  sure<Same<typeof delay, number>>()
  console.log(errorCode, errorMessage, reasonName)
}
client.onWarning = ({ code, message, cause }) => {
  sure<Same<typeof cause, unknown>>()
  console.log(code === 103, message)
}
client.onMessageDelivered = (message) => console.log(message.topic)
client.onMessageArrived = async (message) => read(message)
client.trace = ({ severity, message }) => console.log(severity, message)
const before: ((message: Message) => void) | null = client.onMessageArrived
// @ts-expect-error: callbacks are functions
client.onMessageArrived = null
// @ts-expect-error: it gets a message
client.onMessageArrived = (text: string) => console.log(text)

// Connecting.

const controller = new AbortController()
const options: ConnectOptions = {
  timeout: 10,
  userName: 'alice',
  password: 'secret',
  willMessage,
  keepAliveInterval: 30,
  cleanSession: false,
  useSSL: true,
  invocationContext: { of: 'this' },
  onSuccess: ({ invocationContext }) => console.log(invocationContext),
  onFailure: ({ errorCode, errorMessage, reasonCode, reasonName }: Failure) =>
    console.log(errorCode, errorMessage, reasonCode, reasonName),
  hosts: ['one.example.com', 'two.example.com'],
  ports: [8884, 8884],
  reconnect: true,
  mqttVersion: 'auto',
  mqttVersionExplicit: true,
  uris: ['wss://broker.example.com/mqtt'],
  cleanStart: false,
  properties: ofConnect,
  url: 'wss://broker.example.com/mqtt',
  followServerReference: true,
  offline: true,
  store: new IndexedDBStore(),
  maxInflight: 20,
  autoAck: false,
  authenticate: async ({ reasonCode, properties: challenge }: Reason) => {
    console.log(reasonCode, challenge.authenticationData?.length)
    return { authenticationData: new Uint8Array(32) }
  },
  protocols: ['mqtt'],
  batch: false,
  signal: controller.signal,
}
const connected: Connected = await client.connect(options)
const version: MqttVersion = connected.mqttVersion
const said: ReceivedProperties = connected.properties
console.log(
  version,
  connected.sessionPresent,
  connected.uri,
  said.maximumQoS,
  said.retainAvailable,
  said.serverKeepAlive,
)
console.log(
  client.isConnected(),
  client.sessionPresent,
  client.mqttVersion,
  client.serverProperties.assignedClientIdentifier,
)
const byBytes: ConnectOptions = { password: new Uint8Array([1, 2]), authenticate: () => ({}) }
// @ts-expect-error: MQTT has no version 6
const version6: ConnectOptions = { mqttVersion: 6 }
// @ts-expect-error: Paho's name is userName
const userName: ConnectOptions = { username: 'alice' }
// @ts-expect-error: seconds are a number
const seconds: ConnectOptions = { keepAliveInterval: '30' }

// Staying connected.

const reconnect: ReconnectOptions = {
  minDelay: 0.5,
  maxDelay: 30,
  jitter: 0.5,
  maxAttempts: Infinity,
  giveUpOn: [0x8e],
  initial: true,
}
const offline: OfflineOptions = { maxMessages: 100, maxBytes: 65536, maxAge: 60, overflow: 'drop-oldest', qos0: true }
const token: Given<Payload | undefined> = async () => new Uint8Array(32)
const asked: ConnectOptions = {
  reconnect,
  offline,
  userName: () => undefined,
  password: token,
  properties: async () => ({ userProperties }),
  url: async () => 'wss://broker.example.com/mqtt',
}
// @ts-expect-error: reason codes are numbers
const badReconnect: ReconnectOptions = { giveUpOn: 'banned' }
// @ts-expect-error: there are three ways
const badOffline: OfflineOptions = { overflow: 'drop' }
// @ts-expect-error: an address is text
const badUrl: ConnectOptions = { url: async () => 7 }
const state: 'disconnected' | 'connecting' | 'connected' | 'reconnecting' = client.state
const pending: number = client.pending
// @ts-expect-error: it is counted by the client
client.pending = 0
await client.drained(100)
await client.drained()
await client.probe()

// Stores.

const records = new Map<string, Uint8Array>()
const atOnceStore: Store = {
  load: () => records,
  put: (key, value) => void records.set(key, value),
  delete: (key) => void records.delete(key),
  clear: () => records.clear(),
}
const wholeStore: Store = {
  load: async (name) => [[name, new Uint8Array(1)]],
  async put() {},
  async delete() {},
  async clear() {},
  async write(changes: Change[], failed) {
    for (const { key, value } of changes) if (key === '' && value === null) failed(new Error('full'))
  },
  async close() {},
}
const stores: Store[] = [new IndexedDBStore(), new MemoryStore(), atOnceStore, wholeStore]
const some: [string, Uint8Array][] = new MemoryStore().load()
// @ts-expect-error: a store can be read
const noStore: Store = { put() {}, delete() {}, clear() {} }
console.log(asked, badReconnect, badOffline, badUrl, state, pending, stores, some, noStore)

const oneLine: Client = await connect('wss://broker.example.com', { clientId: 'me', keepAliveInterval: 30 })
sure<Same<ReturnType<typeof connect>, Promise<Client>>>()
await connect(async () => 'wss://broker.example.com', { reconnect: true, store: new MemoryStore(), clientId: 'me' })
// @ts-expect-error: an address is text
await connect(new URL('wss://broker.example.com'))

// Subscribing.

const filters: (string | Filter)[] = [
  'a',
  { filter: 'b/#', qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2, onMessage: read },
]
const subscribing: SubscribeOptions = {
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
  properties: { subscriptionIdentifier: 7 },
  onMessage: read,
  invocationContext: {},
  onSuccess: ({ grantedQos, properties: answer }) => console.log(grantedQos[0], answer.reasonString),
  onFailure: ({ errorCode }) => console.log(errorCode),
  timeout: 5,
  signal: controller.signal,
}
const granted: Granted = await client.subscribe(filters, subscribing)
const codes: [Uint8Array, Uint8Array] = [granted.grantedQos, granted.reasonCodes]
await client.subscribe('$share/workers/jobs', { onMessage: async (message) => message.ack() })
await client.subscribe({ filter: 'c' })
// @ts-expect-error: a filter is text or an object with one
await client.subscribe(['a', { topic: 'b' }])
// @ts-expect-error: there is no Retain Handling 3
await client.subscribe('a', { retainHandling: 3 })

const unsubscribing: UnsubscribeOptions = {
  timeout: 5,
  properties: { userProperties },
  onSuccess: () => {},
  signal: controller.signal,
}
const gone: Granted = await client.unsubscribe(['a', 'b/#'], unsubscribing)
// @ts-expect-error: filters are named by their text
await client.unsubscribe({ filter: 'a' })

// Publishing.

const how: PublishOptions = { qos: 2, retained: true, properties, signal: AbortSignal.timeout(5000) }
const reason: Reason = await client.publish('rooms/kitchen', 'hello', how)
await client.publish('rooms/kitchen', new Float32Array([21.5]), 1, false)
await client.publish('rooms/kitchen', 'hello')
await client.publish(willMessage)
const nothing: void = client.send('rooms/kitchen', 'hello', 1, true)
client.send(willMessage)
const levels: QoS[] = [0, 1, 2]
// @ts-expect-error: Paho's name is retained
await client.publish('rooms/kitchen', 'hello', { retain: true })
// @ts-expect-error: a number is no payload
await client.publish('rooms/kitchen', 21.5)
// @ts-expect-error: send takes Paho's arguments alone
client.send('rooms/kitchen', 'hello', { qos: 1 })

// Loops.

for await (const message of client.messages(['rooms/#', { filter: 'b', qos: 1 }], {
  qos: 1,
  signal: controller.signal,
})) {
  sure<Same<typeof message, Message>>()
  read(message)
  if (message.retained) break
}
// @ts-expect-error: the loop itself handles the messages
client.messages('rooms/#', { onMessage: read })

// Errors.

try {
  await client.reauthenticate({ authenticationData: 'again' })
} catch (error) {
  if (!(error instanceof MqttError)) throw error
  const known: Error = error
  const { code, message, name, reasonCode, reasonName, reasonCodes, properties: why, closeCode, closeReason } = error
  sure<Same<typeof code, number>>()
  sure<Same<typeof reasonCodes, Uint8Array | undefined>>()
  console.log(known, message, name === 'AbortError', reasonCode, reasonName, why?.reasonString, closeCode, closeReason)
}

// The end.

client.startTrace()
const lines: string[] | undefined = client.getTraceLog()
client.stopTrace()
client.disconnectedPublishing = false
client.disconnectedBufferSize = 100
await client.disconnect({ reasonCode: 4, properties: { sessionExpiryInterval: 0 } })
await client.disconnect({ drain: 5 })
await Promise.all([byUri, byPort, oneLine].map((one) => one.disconnect()))
// @ts-expect-error: a reason is a number
await client.disconnect({ reasonCode: 'will' })

console.log(address, before, byBytes, codes, gone, reason, nothing, levels, lines)
console.log(unknownProperty, textProperty, aliasProperty, version6, userName, seconds)

const atOnce: ClientOptions = {
  clientId: 'me',
  onMessageArrived: (message) => console.log(message.topic),
  onConnectionLost: (loss) => console.log(loss.uri),
  onReconnecting: ({ delay }) => console.log(delay),
  onWarning: ({ code }) => console.log(code),
}
await connect('wss://broker.example.com', atOnce)
useWasm(new URL('https://example.com/wasmqtt.wasm'))
