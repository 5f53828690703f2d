// What a program finds of names that devices do not have: [the type, what use of it gives].
const use = (run) => {
  try {
    return String(run())
  } catch (error) {
    return error.name
  }
}

module.exports = () => ({
  TextEncoder: [typeof TextEncoder, use(() => new TextEncoder())],
  URL: [typeof URL, use(() => new URL('a:b'))],
  fetch: [typeof fetch, use(() => fetch('/'))],
  WebSocket: [typeof WebSocket, use(() => new WebSocket('ws://localhost'))],
  WebAssembly: [typeof WebAssembly, use(() => WebAssembly.Module)],
  crypto: [typeof crypto, use(() => crypto.subtle)],
  performance: [typeof performance, use(() => performance.now())],
  queueMicrotask: [typeof queueMicrotask, use(() => queueMicrotask(() => {}))],
  structuredClone: [typeof structuredClone, use(() => structuredClone(1))],
  BigInt: [typeof BigInt, use(() => BigInt(1))],
  Proxy: [typeof Proxy, use(() => new Proxy({}, {}))],
  WeakRef: [typeof WeakRef, use(() => new WeakRef({}))],
  AbortController: [typeof AbortController, use(() => new AbortController())],
  navigator: [typeof navigator, use(() => navigator.onLine)],
  localStorage: [typeof localStorage, use(() => localStorage.length)],
  atob: [typeof atob, use(() => atob(''))],
  globalThis: [typeof globalThis, use(() => globalThis.Object)],
  self: [typeof self, use(() => self.Object)],
})
