/**
 * What a host gives the client: a socket, timers, a clock, the core, word of sleep and network. Types only.
 */

/**
 * A socket. `bufferedAmount` is in bytes, 0 where the host does not tell. One that `copies` takes a Uint8Array too, and has
 * made a copy of what it was given when `send` returns.
 * @typedef {{ send(data: ArrayBuffer | Uint8Array): void, close(): void, readonly bufferedAmount: number,
 *   readonly copies?: boolean }} Socket
 *
 * None of these is called before `openSocket` has returned; `onMessage` gives its buffer away.
 * @typedef {{ onOpen(): void, onMessage(data: ArrayBuffer): void, onError(text: string): void, onClose(code: number, reason: string): void }} SocketHandlers
 *
 * What a program may set for a socket: the host's own parameters.
 * @typedef {Record<string, any>} SocketParameters
 *
 * Times are in milliseconds. `use` makes sure of a host by its name, and throws where it cannot be. `loadCore` gives what
 * the core exports, and warns where it is not the one that it should be. `watch` tells, until the function that it gives
 * is called: with true, that the network may be another or back; with false, that the program was asleep or hidden and is
 * back. One cause may be told more than once.
 * @typedef {{
 *   use(name: string): void,
 *   loadCore(options: { wasmPath?: string }, warn: (error: import('../errors.js').MqttError) => void): Promise<any>,
 *   openSocket(url: string, protocols: string[], handlers: SocketHandlers, parameters: SocketParameters): Socket,
 *   now(): number,
 *   setTimer(run: () => void, delay: number): any,
 *   clearTimer(timer: any): void,
 *   watch(wake: (network: boolean) => void): () => void,
 *   defer(run: () => void): void,
 *   report(error: unknown): void,
 * }} Platform
 *
 * A host's storage of text, synchronous; each throws when it fails. What is missing is '', null or undefined.
 * @typedef {{
 *   get(key: string): string | null | undefined,
 *   set(key: string, text: string): void,
 *   remove(key: string): void,
 *   keys(): string[],
 * }} KeyValue
 */

export {}
