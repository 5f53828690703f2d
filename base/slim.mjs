// js/errors.js
var TEXTS = {
  0: "AMQJSC0000I OK.",
  1: "AMQJSC0001E Connect timed out.",
  2: "AMQJS0002E Subscribe timed out.",
  3: "AMQJS0003E Unsubscribe timed out.",
  4: "AMQJS0004E Ping timed out.",
  5: "AMQJS0005E Internal error. Error Message: {0}, Stack trace: {1}",
  6: "AMQJS0006E Bad Connack return code:{0} {1}.",
  7: "AMQJS0007E Socket error:{0}.",
  8: "AMQJS0008I Socket closed.",
  9: "AMQJS0009E Malformed UTF data:{0} {1} {2}.",
  10: "AMQJS0010E {0} is not supported by this browser.",
  11: "AMQJS0011E Invalid state {0}.",
  12: "AMQJS0012E Invalid type {0} for {1}.",
  13: "AMQJS0013E Invalid argument {0} for {1}.",
  14: "AMQJS0014E Unsupported operation.",
  16: "AMQJS0016E Invalid MQTT message type {0}.",
  17: "AMQJS0017E Malformed Unicode string:{0} {1}.",
  18: "AMQJS0018E Message buffer is full, maximum buffer size: {0}.",
  45: "A session that is to be kept needs a client identifier.",
  50: "The store failed: from now on messages are kept in memory only.",
  52: "The store is in use by another page or program: use another client identifier.",
  100: "Aborted by the AbortSignal.",
  101: "The core failed, which is a fault of wasmqtt: please report it. A new connection works.",
  102: "The function that gives {0} failed; see the cause.",
  103: "The server refused a topic filter that was subscribed again: {0}",
  104: "The WebAssembly could not be loaded, and the slower JavaScript build runs instead: see the cause and the option wasmPath."
};
var CONNACK_TEXTS = [
  "Connection Accepted",
  "Connection Refused: unacceptable protocol version",
  "Connection Refused: identifier rejected",
  "Connection Refused: server unavailable",
  "Connection Refused: bad user name or password",
  "Connection Refused: not authorized"
];
function errorText(code, args = []) {
  return (TEXTS[code] || "").replace(/\{(\d)\}/g, (_, n) => String(args[n]));
}
function refusedText(reasonCode, name) {
  return errorText(6, [reasonCode, name ? "Connection Refused: " + name : CONNACK_TEXTS[reasonCode] || ""]);
}
var hidden = (text2) => text2.replace(/[?#][^\s'"]*/g, "?\u2026").replace(/(\w+:\/\/)?\S*@/g, "$1");
var MqttError = class _MqttError extends Error {
  /**
   * @param {number} code
   * @param {unknown[] | string} [detail] what goes into Paho's text, or the whole sentence
   * @param {{ reasonCode?: number, reasonName?: string, reasonCodes?: Uint8Array, properties?: object, filter?: string }} [more]
   */
  constructor(code, detail = [], more = {}) {
    super(typeof detail === "string" ? detail : errorText(code, detail));
    Object.setPrototypeOf(this, _MqttError.prototype);
    this.name = "MqttError";
    this.code = code;
    Object.assign(this, more);
  }
};
function aborted(signal) {
  const error = new MqttError(100);
  error.name = "AbortError";
  error.cause = signal.reason;
  return error;
}
var invalidState = (state) => new MqttError(11, [state]);
var invalidType = (value, name) => new MqttError(12, [typeof value === "object" ? value : typeof value, name]);
var invalidArgument = (value, name) => new MqttError(13, [value, name]);

// js/pending.js
function take(waiters, ticket) {
  const waiter = waiters.get(ticket);
  waiters.delete(ticket);
  return waiter;
}
var promised = (run) => new Promise((resolve) => resolve(run()));
function abortable(platform, waiter, signal, begin, stop) {
  if (signal && signal.aborted) platform.defer(() => waiter.fail(aborted(signal)));
  else {
    begin();
    if (signal && !waiter.settled) {
      const abort = () => {
        waiter.fail(aborted(signal));
        if (stop) stop();
      };
      signal.addEventListener("abort", abort);
      waiter.finally(() => signal.removeEventListener("abort", abort));
    }
  }
  return waiter.promise;
}
var Waiter = class {
  /**
   * @param {{ succeed?: (value: any) => void, fail?: (error: any) => void, message?: any }} [more]
   */
  constructor(more = {}) {
    this.settled = false;
    this.more = more;
    this.cleanups = [];
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {
    });
  }
  /** Called when it settles, or is settled already: takes back a timer or a listener. @param {() => void} cleanup */
  finally(cleanup) {
    if (this.settled) cleanup();
    else this.cleanups.push(cleanup);
  }
  /** @param {any} value */
  succeed(value) {
    if (!this.settle()) return;
    if (this.more.succeed) this.more.succeed(value);
    if (this.resolve) this.resolve(value);
  }
  /** @param {Error} error */
  fail(error) {
    if (!this.settle()) return;
    if (this.more.fail) this.more.fail(error);
    if (this.reject) this.reject(error);
  }
  /** @private */
  settle() {
    if (this.settled) return false;
    this.settled = true;
    for (const cleanup of this.cleanups) cleanup();
    return true;
  }
};

// js/utf8.js
var CHUNK = 4096;
function encodeUtf8(text2, bytes, at) {
  let end = at;
  for (let i = 0; i < text2.length; i++) {
    let unit = text2.charCodeAt(i);
    if (unit < 128) {
      bytes[end++] = unit;
      continue;
    }
    if (unit < 2048) {
      bytes[end++] = 192 | unit >> 6;
    } else {
      if (unit >= 55296 && unit < 57344) {
        const low = text2.charCodeAt(i + 1);
        if (unit >= 56320 || !(low >= 56320 && low < 57344)) {
          throw new MqttError(17, [unit, low]);
        }
        unit = 65536 + (unit - 55296 << 10) + (low - 56320);
        i++;
        bytes[end++] = 240 | unit >> 18;
        bytes[end++] = 128 | unit >> 12 & 63;
      } else {
        bytes[end++] = 224 | unit >> 12;
      }
      bytes[end++] = 128 | unit >> 6 & 63;
    }
    bytes[end++] = 128 | unit & 63;
  }
  return end - at;
}
function utf8Bytes(text2) {
  const bytes = new Uint8Array(text2.length * 3);
  return bytes.slice(0, encodeUtf8(text2, bytes, 0));
}
function decodeUtf8(bytes, from, to) {
  let text2 = "";
  let at = from;
  const units = [];
  while (at < to) {
    const first = bytes[at];
    let length = 1;
    let point = first;
    if (first >= 128) {
      length = first >= 194 && first < 224 ? 2 : first >= 224 && first < 240 ? 3 : first >= 240 && first < 245 ? 4 : 0;
      const least = first === 224 ? 160 : first === 240 ? 144 : 128;
      const most = first === 237 ? 159 : first === 244 ? 143 : 191;
      let valid = length > 0 && at + length <= to && bytes[at + 1] >= least && bytes[at + 1] <= most;
      point = first & 127 >> length;
      for (let n = 1; valid && n < length; n++) {
        const next = bytes[at + n];
        valid = (next & 192) === 128;
        point = point << 6 | next & 63;
      }
      if (!valid) {
        throw new MqttError(9, [first, bytes[at + 1] || 0, bytes[at + 2] || 0].map((byte) => byte.toString(16)));
      }
    }
    if (point < 65536) units.push(point);
    else units.push(55296 + (point - 65536 >> 10), 56320 + (point - 65536 & 1023));
    at += length;
    if (units.length >= CHUNK) text2 += String.fromCharCode.apply(null, units.splice(0));
  }
  return text2 + String.fromCharCode.apply(null, units);
}

// js/properties.js
var FLAG = 0;
var VARIABLE = 5;
var STRING = 6;
var BINARY = 7;
var PAIR = 8;
var TABLE = [
  ["payloadFormatIndicator", 1, 1],
  ["messageExpiryInterval", 2, 4],
  ["contentType", 3, STRING],
  ["responseTopic", 8, STRING],
  ["correlationData", 9, BINARY],
  ["subscriptionIdentifier", 11, VARIABLE],
  ["sessionExpiryInterval", 17, 4],
  ["assignedClientIdentifier", 18, STRING],
  ["serverKeepAlive", 19, 2],
  ["authenticationMethod", 21, STRING],
  ["authenticationData", 22, BINARY],
  ["requestProblemInformation", 23, FLAG],
  ["willDelayInterval", 24, 4],
  ["requestResponseInformation", 25, FLAG],
  ["responseInformation", 26, STRING],
  ["serverReference", 28, STRING],
  ["reasonString", 31, STRING],
  ["receiveMaximum", 33, 2],
  ["topicAliasMaximum", 34, 2],
  ["topicAlias", 35, 2],
  ["maximumQoS", 36, 1],
  ["retainAvailable", 37, FLAG],
  ["userProperties", 38, PAIR],
  ["maximumPacketSize", 39, 4],
  ["wildcardSubscriptionAvailable", 40, FLAG],
  ["subscriptionIdentifierAvailable", 41, FLAG],
  ["sharedSubscriptionAvailable", 42, FLAG]
];
var BY_NAME = new Map(TABLE.map((row) => [row[0], row]));
var BY_ID = new Map(TABLE.map((row) => [row[1], row]));
function encodeProperties(properties) {
  if (properties === null || properties === void 0) return null;
  const out = [];
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    if (value === void 0) continue;
    const row = BY_NAME.get(name);
    if (row === void 0) throw new MqttError(13, [name, "properties (a name that MQTT 5 does not have)"]);
    const values = row[2] === PAIR ? pairs(value) : row[2] === VARIABLE && Array.isArray(value) ? value : [value];
    for (const one of values) {
      out.push(row[1]);
      encodeValue(row, one, out);
    }
  }
  return out.length > 0 ? Uint8Array.from(out) : null;
}
function pairs(value) {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) throw refused(typeof value, "userProperties");
  const list = [];
  for (const key of Object.keys(value)) for (const one of [].concat(value[key])) list.push([key, one]);
  return list;
}
function encodeValue([name, , kind], value, out) {
  if (kind === PAIR) {
    if (!Array.isArray(value) || value.length !== 2) throw refused(typeof value, name);
    pushBinary(text(value[0], name), out);
    pushBinary(text(value[1], name), out);
  } else if (kind === BINARY && typeof value !== "string") {
    const bytes = bytesOf(value);
    if (bytes === null) throw refused(typeof value, name);
    pushBinary(bytes, out);
  } else if (kind === STRING || kind === BINARY) pushBinary(text(value, name), out);
  else pushNumber(kind === FLAG && typeof value === "boolean" ? Number(value) : value, kind, name, out);
}
function text(value, name) {
  if (typeof value !== "string") throw refused(typeof value, name);
  return utf8Bytes(value);
}
function bytesOf(value) {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]" ? new Uint8Array(value) : null;
}
function pushBinary(bytes, out) {
  if (bytes.length > 65535) throw new MqttError(32, "A string or binary value must not be longer than 65535 bytes.");
  out.push(bytes.length >> 8, bytes.length & 255);
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i]);
}
function pushNumber(value, kind, name, out) {
  const most = kind === FLAG ? 1 : kind === VARIABLE ? 268435455 : 256 ** kind - 1;
  if (!(Number.isInteger(value) && value >= 0 && value <= most)) throw refused(typeof value === "number" ? value : typeof value, name);
  if (kind === VARIABLE) {
    for (; value >= 128; value >>= 7) out.push(value & 127 | 128);
    out.push(value);
  } else for (let left = kind || 1; left > 0; left--) out.push(value >>> left * 8 - 8 & 255);
}
var refused = (shown2, name) => new MqttError(13, [shown2, "properties." + name]);
function decodeProperties(section) {
  const properties = {};
  if (section === null) return properties;
  let at = 0;
  const number = (size) => {
    let value = 0;
    for (; size > 0; size--) value = value * 256 + section[at++];
    return value;
  };
  const binary = () => {
    const length = number(2);
    at += length;
    return section.subarray(at - length, at);
  };
  const string = () => {
    const bytes = binary();
    return decodeUtf8(bytes, 0, bytes.length);
  };
  while (at < section.length) {
    const [name, , kind] = (
      /** @type {(typeof TABLE)[0]} */
      BY_ID.get(section[at++])
    );
    if (kind === PAIR) (properties[name] = properties[name] || []).push([string(), string()]);
    else if (kind === VARIABLE) {
      let value = section[at] & 127;
      for (let shift = 7; section[at++] >= 128; shift += 7) value |= (section[at] & 127) << shift;
      (properties[name] = properties[name] || []).push(value);
    } else if (kind === STRING) properties[name] = string();
    else if (kind === BINARY) properties[name] = binary().slice();
    else {
      const value = number(kind || 1);
      properties[name] = kind === FLAG ? value === 1 : value;
    }
  }
  return properties;
}

// js/attempt.js
var ASKED = ["url", "userName", "password", "properties"];
var FUNCTION_FAILED = 102;
var given = (value) => typeof value === "function" ? void 0 : value;
function connectProperties(properties, kept) {
  return encodeProperties(kept ? { sessionExpiryInterval: 4294967295, ...properties } : properties);
}
var secret = (password) => typeof password === "string" ? password : bytesOf(password);
var asks = (options) => ASKED.some((name) => typeof options[name] === "function");
function ask(options, core, kept, present) {
  const asked = ASKED.map(
    (name) => promised(() => typeof options[name] === "function" ? options[name]() : options[name]).catch((cause) => {
      const error = new MqttError(FUNCTION_FAILED, [name]);
      error.cause = cause;
      throw error;
    })
  );
  return Promise.all(asked).then((answers) => present() ? tell(answers, core, kept) : void 0);
}
function tell([url, userName, password, properties], core, kept) {
  for (
    const [name, answer] of
    /** @type {[string, any][]} */
    [["url", url], ["userName", userName], ["password", password]]
  ) {
    const fits = answer === void 0 || typeof answer === "string" || name === "password" && bytesOf(answer) !== null;
    if (!fits) throw invalidArgument("(hidden)", "connectOptions." + name);
  }
  core.setCredentials(userName === void 0 ? null : userName, secret(password), connectProperties(properties, kept));
  return url;
}
function referredTo(reference, uri) {
  return reference.split(/\s+/).filter((one) => one !== "").map((one) => /^\w+:\/\//.test(one) ? one : uri.replace(/^(\w+:\/\/)[^/?#]*/, (_, scheme) => scheme + one));
}

// js/outcome.js
var FAILURE = 128;
var LOST = 22;
var REFUSED = 6;
var SOCKET_ERROR = 7;
var PUBLISH_REFUSED = 26;
var SUBSCRIBE_REFUSED = 27;
function errorOf(words, code, more) {
  return new MqttError(code, errorText(code) || words.errorText(code), more);
}
function thrown(error) {
  if (error instanceof MqttError) return error;
  return new MqttError(5, [error && error.message, error && error.stack]);
}
function reasonOf(words, reasonCode, properties) {
  return { reasonCode, reasonName: words.reasonName(reasonCode), properties: decodeProperties(properties) };
}
function endingOf(words, { code, reasonCode, properties }, socket) {
  if (code === SOCKET_ERROR) return typeof socket.failure === "string" ? new MqttError(code, [socket.failure]) : socket.failure;
  if (code === REFUSED) {
    const name = reasonCode >= FAILURE ? words.reasonName(reasonCode) : "";
    return new MqttError(code, refusedText(reasonCode, name), reasonOf(words, reasonCode, properties));
  }
  if (reasonCode === 0) return errorOf(words, code, code === 0 ? {} : socket.closed);
  const more = reasonOf(words, reasonCode, properties);
  return code === 0 ? new MqttError(0) : new MqttError(code, `${words.errorText(code)} ${more.reasonName}.`, more);
}
function publishRefused(words, reason) {
  return new MqttError(PUBLISH_REFUSED, `${words.errorText(PUBLISH_REFUSED)} ${reason.reasonName}.`, reason);
}
function subscribeRefused(words, reasonCodes, properties) {
  const refused2 = Array.prototype.find.call(reasonCodes, (code) => code >= FAILURE);
  const reason = reasonOf(words, refused2, properties);
  return new MqttError(SUBSCRIBE_REFUSED, `${words.errorText(SUBSCRIBE_REFUSED)} ${reason.reasonName}.`, { ...reason, reasonCodes });
}
function failureOf(error) {
  const { code, message, name, reasonCodes, ...more } = error;
  return { errorCode: reasonCodes || code, errorMessage: message, ...more };
}

// js/authentication.js
var CONTINUE = 24;
var RE_AUTHENTICATE = 25;
var NO_AUTHENTICATION = 25;
var Authentication = class {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   * @param {import('./link.js').Link} link
   * @param {(error: any) => void} giveUp ends the connection
   */
  constructor(platform, holder, link, giveUp) {
    this.platform = platform;
    this.holder = holder;
    this.link = link;
    this.giveUp = giveUp;
    this.waiter = null;
  }
  /** Starts a re-authentication. @param {import('./core.js').CoreClient} core @param {Record<string, any>} properties */
  again(core, properties) {
    if (this.waiter !== null) throw invalidState("already authenticating");
    core.authenticate(RE_AUTHENTICATE, encodeProperties(properties), this.platform.now());
    this.waiter = new Waiter();
    this.link.flushSoon();
    return this.waiter.promise;
  }
  /**
   * AUTH from the server.
   * @param {{ reasonCode: number, properties: Uint8Array | null }} event
   * @param {((challenge: object) => any) | undefined} authenticate the program's own function
   */
  handleAuth({ reasonCode, properties }, authenticate) {
    const reason = reasonOf(this.holder, reasonCode, properties);
    if (reasonCode !== CONTINUE) {
      if (this.waiter !== null) this.waiter.succeed(reason);
      this.waiter = null;
      return;
    }
    const { link } = this;
    const { socket } = link;
    Promise.resolve(reason).then((challenge) => {
      if (!authenticate) throw errorOf(this.holder, NO_AUTHENTICATION);
      return authenticate(challenge);
    }).then((answer) => {
      if (link.socket !== socket || link.core === null) return;
      link.core.authenticate(CONTINUE, encodeProperties(answer), this.platform.now());
      link.pump();
    }).catch((error) => {
      this.platform.report(error);
      if (link.socket !== socket) return;
      this.handleLost(thrown(error));
      this.giveUp(error);
    });
  }
  /** @param {Error} error */
  handleLost(error) {
    if (this.waiter !== null) this.waiter.fail(error);
    this.waiter = null;
  }
};

// js/link.js
var HIGH_MARK = 1024 * 1024;
var LOOK_AGAIN = 20;
var SOCKET_ERROR2 = 7;
var SOCKET_CLOSED = 8;
var Barrier = class {
  /** @param {Promise<any>} written */
  constructor(written) {
    this.written = written;
    this.done = false;
  }
};
var Link = class {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {{ handleEvent(event: any): void, handlePumped(): void, protocols(version: number): string[],
   *   parameters(): import('./platform/contract.js').SocketParameters,
   *   prepare(host: number, present: () => boolean): string | Promise<string> }} client `prepare` gives the address of an
   *   attempt, and does nothing more when that is not the `present` one any more
   */
  constructor(platform, client) {
    this.platform = platform;
    this.client = client;
    this.core = null;
    this.persistence = null;
    this.socket = null;
    this.attempt = null;
    this.failure = "";
    this.closed = {};
    this.events = [];
    this.told = 0;
    this.held = [];
    this.unsent = 0;
    this.handovers = [];
    this.flushing = false;
    this.timer = null;
    this.timerAt = 0;
    this.heldTimer = null;
    this.onClosed = [];
  }
  /** Sends what commands have produced, at the end of this turn. */
  flushSoon() {
    if (this.flushing) return;
    this.flushing = true;
    this.platform.defer(() => {
      this.flushing = false;
      this.pump();
    });
  }
  /** Drains the core: sends first, then tells. A callback may come here again: what is older is told before. */
  pump() {
    if (this.core === null) return;
    const now = this.platform.now();
    const { changes, sends, events, timeout } = this.core.poll(now);
    if (changes.length > 0) this.persist(changes);
    const last = sends.length > 0 && events.some((event) => event.kind === "close");
    this.send(sends, last ? Infinity : HIGH_MARK);
    const leaving = last && this.held.length > 0 ? this.handovers.splice(0) : null;
    this.setTimer(timeout, now);
    for (const event of events) this.events.push(event);
    while (this.told < this.events.length) this.handle(this.events[this.told++], leaving);
    this.events.length = this.told = 0;
    this.client.handlePumped();
  }
  /** The device was asleep, or the network may have changed. @param {boolean} network */
  wake(network) {
    if (this.core === null) return;
    this.core.handleWake(network, this.platform.now());
    this.pump();
  }
  /** @private @param {any} event @param {((error: Error | null) => void)[] | null} leaving as for `close` */
  handle(event, leaving) {
    if (event.kind === "open") this.open(event.host, event.version);
    else if (event.kind === "close") this.close(leaving);
    else this.client.handleEvent(event);
  }
  /** @private What is sent from here on waits until the changes are written. @param {import('./persistence.js').Change[]} changes */
  persist(changes) {
    const written = this.persistence && this.persistence.write(changes);
    if (!written) return;
    const barrier = new Barrier(written);
    this.held.push(barrier);
    written.then(() => {
      barrier.done = true;
      this.send([], HIGH_MARK);
      this.client.handlePumped();
    });
  }
  /** @private @param {ArrayBuffer[]} sends @param {number} mark */
  send(sends, mark) {
    for (const data of sends) this.held.push(data);
    const { socket, held } = this;
    if (socket === null) return;
    let sent = 0;
    for (; sent < held.length; sent++) {
      const next = held[sent];
      if (next instanceof Barrier ? !next.done : socket.bufferedAmount > mark) break;
      if (!(next instanceof Barrier)) socket.send(next);
    }
    held.splice(0, sent);
    if (held.length === 0) return this.handOver(null);
    if (this.heldTimer !== null || held[0] instanceof Barrier) return;
    this.heldTimer = this.platform.setTimer(() => {
      this.heldTimer = null;
      this.send([], HIGH_MARK);
      this.client.handlePumped();
    }, LOOK_AGAIN);
  }
  /** @param {Error | null} error */
  handOver(error) {
    this.unsent = 0;
    if (this.handovers.length === 0) return;
    for (const told of this.handovers.splice(0)) told(error);
  }
  /** @private @param {number} timeout @param {number} now */
  setTimer(timeout, now) {
    if (timeout < 0) return this.clearTimer();
    const at = now + timeout;
    if (this.timer !== null && this.timerAt <= at) return;
    this.clearTimer();
    this.timerAt = at;
    this.timer = this.platform.setTimer(() => {
      this.timer = null;
      if (this.core === null) return;
      this.core.handleTimeout(this.platform.now());
      this.pump();
    }, timeout);
  }
  /** @private */
  clearTimer() {
    if (this.timer !== null) this.platform.clearTimer(this.timer);
    this.timer = null;
  }
  /** @private @param {number} host @param {number} version */
  open(host, version) {
    this.close(null);
    this.failure = "";
    this.closed = {};
    const attempt = this.attempt = {};
    const present = () => this.attempt === attempt && this.core !== null;
    const failed = (error) => {
      if (!present() || this.core === null) return;
      this.failure = error instanceof MqttError ? error : hidden(String(error));
      this.core.handleClose(SOCKET_ERROR2, this.platform.now());
      this.pump();
    };
    try {
      const address2 = this.client.prepare(host, present);
      if (typeof address2 === "string") return this.connect(address2, version);
      address2.then((given2) => present() && this.connect(given2, version)).catch(failed);
    } catch (error) {
      this.platform.defer(() => failed(error));
    }
  }
  /** @private @param {string} address @param {number} version */
  connect(address2, version) {
    const onClosed = this.onClosed = [];
    let socket = null;
    const present = () => socket !== null && socket === this.socket && this.core !== null;
    const report = (code) => {
      if (!present() || this.core === null) return;
      this.core.handleClose(code, this.platform.now());
      this.pump();
    };
    const url = address2.replace(/^(wxs|alis):/, "wss:");
    const handlers = {
      onOpen: () => {
        if (!present() || this.core === null) return;
        this.core.handleOpen(this.platform.now());
        this.pump();
      },
      onMessage: (buffer) => {
        if (!present() || this.core === null) return;
        this.core.handleInput(buffer, this.platform.now());
        this.pump();
      },
      onError: (text2) => {
        if (present()) this.failure = hidden(text2);
        report(SOCKET_ERROR2);
      },
      onClose: (code, reason) => {
        if (present()) this.closed = { closeCode: code, closeReason: reason };
        report(SOCKET_CLOSED);
        for (const told of onClosed.splice(0)) told();
      }
    };
    socket = this.platform.openSocket(url, this.client.protocols(version), handlers, this.client.parameters());
    this.socket = socket;
  }
  /** @private @param {((error: Error | null) => void)[] | null} leaving what is held still leaves, and they are told */
  close(leaving) {
    const { socket, held } = this;
    this.socket = this.attempt = null;
    this.held = held.filter((one) => one instanceof Barrier && !one.done);
    if (this.heldTimer !== null) this.platform.clearTimer(this.heldTimer);
    this.heldTimer = null;
    if (socket === null) return;
    if (leaving === null) return socket.close();
    Promise.all(this.held.map((barrier) => barrier.written)).then(() => {
      for (const one of held) if (!(one instanceof Barrier)) socket.send(one);
      for (const told of leaving) told(null);
      socket.close();
    });
  }
};

// js/message.js
var RETAINED = 1;
var DUPLICATE = 1 << 3;
var TO_ACKNOWLEDGE = 1 << 4;
var Message = class {
  /** @param {string | ArrayBuffer | ArrayBufferView} payload */
  constructor(payload) {
    if (typeof payload === "string") {
      this._text = payload;
      this._bytes = null;
    } else {
      this._text = null;
      this._bytes = bytesOf(payload);
      if (this._bytes === null) throw invalidArgument(payload, "newPayload");
    }
    this._topic = void 0;
    this._flags = 0;
    this._qos = 0;
    this._properties = null;
  }
  /**
   * A message that the core found in `buffer`.
   * @param {ArrayBuffer} buffer @param {number} payloadAt @param {number} payloadLength @param {string} topic
   * @param {number} flags retain, QoS << 1, DUP << 3, to be acknowledged << 4
   * @param {number} packetId what the core acknowledges it by
   * @param {number} propertiesAt @param {number} propertiesLength
   * @param {number[] | null} routes ids of the handlers that match
   */
  static received(buffer, payloadAt, payloadLength, topic, flags, packetId, propertiesAt, propertiesLength, routes) {
    return new Received(buffer, payloadAt, payloadLength, topic, flags, packetId, propertiesAt, propertiesLength, routes);
  }
  /** The payload as text. @returns {string} */
  get payloadString() {
    if (this._text === null) {
      const bytes = this.payloadBytes;
      this._text = decodeUtf8(bytes, 0, bytes.length);
    }
    return this._text;
  }
  /** The payload as bytes. @returns {Uint8Array} */
  get payloadBytes() {
    if (this._bytes === null) this._bytes = utf8Bytes(
      /** @type {string} */
      this._text
    );
    return this._bytes;
  }
  /** The payload parsed as JSON. @returns {any} */
  json() {
    return JSON.parse(this.payloadString);
  }
  /** What Paho's messages show as JSON, but for the bytes. A received one would bring its client along. */
  toJSON() {
    const { payloadString, destinationName, qos, retained, duplicate } = this;
    return { payloadString, destinationName, qos, retained, duplicate };
  }
  /** @returns {string | undefined} */
  get destinationName() {
    return this._topic;
  }
  set destinationName(topic) {
    if (typeof topic !== "string") throw invalidArgument(topic, "newDestinationName");
    this._topic = topic;
  }
  /** Another name of `destinationName`. @returns {string | undefined} */
  get topic() {
    return this._topic;
  }
  set topic(topic) {
    this.destinationName = topic;
  }
  /** @returns {number} */
  get qos() {
    return this._qos;
  }
  set qos(qos) {
    if (qos !== 0 && qos !== 1 && qos !== 2) throw new MqttError(13, "Invalid argument:" + qos);
    this._qos = qos;
  }
  get retained() {
    return (this._flags & RETAINED) !== 0;
  }
  set retained(retained) {
    if (typeof retained !== "boolean") throw invalidArgument(retained, "newRetained");
    this._flags = retained ? this._flags | RETAINED : this._flags & ~RETAINED;
  }
  get duplicate() {
    return (this._flags & DUPLICATE) !== 0;
  }
  set duplicate(duplicate) {
    this._flags = duplicate ? this._flags | DUPLICATE : this._flags & ~DUPLICATE;
  }
  /** @returns {Record<string, any>} */
  get properties() {
    return this._properties || (this._properties = {});
  }
  set properties(properties) {
    this._properties = properties;
  }
  /** @param {number} [_reasonCode] */
  ack(_reasonCode) {
  }
};
var Received = class extends Message {
  /**
   * @param {ArrayBuffer} buffer @param {number} payloadAt @param {number} payloadLength @param {string} topic
   * @param {number} flags @param {number} packetId @param {number} propertiesAt @param {number} propertiesLength
   * @param {number[] | null} routes
   */
  constructor(buffer, payloadAt, payloadLength, topic, flags, packetId, propertiesAt, propertiesLength, routes) {
    super("");
    this._text = null;
    this._topic = topic;
    this._flags = flags & ~6;
    this._qos = flags >> 1 & 3;
    this._buffer = buffer;
    this._payloadAt = payloadAt;
    this._payloadLength = payloadLength;
    this._propertiesAt = propertiesAt;
    this._propertiesLength = propertiesLength;
    this._packetId = packetId;
    this._routes = routes;
    this._client = null;
    this._takers = 0;
    this._core = null;
  }
  get payloadBytes() {
    return this._bytes || (this._bytes = new Uint8Array(this._buffer, this._payloadAt, this._payloadLength));
  }
  get properties() {
    if (this._properties === null) {
      this._properties = decodeProperties(new Uint8Array(this._buffer, this._propertiesAt, this._propertiesLength));
    }
    return this._properties;
  }
  set properties(properties) {
    this._properties = properties;
  }
  /** Acknowledges it, with `autoAck: false`; a second time does nothing. @param {number} [reasonCode] for MQTT 5 */
  ack(reasonCode = 0) {
    if ((this._flags & TO_ACKNOWLEDGE) === 0 || this._client === null) return;
    this._client._acknowledge(this._core, this._packetId, reasonCode);
    this._flags &= ~TO_ACKNOWLEDGE;
  }
};

// js/options.js
var URI = /^(?:wss?|wxs|alis):\/\/(?:[^/?#@]*@)?(?:\[([^\]]+)\]|([^/:?#@]+))(?::(\d+))?(\/.*)$/;
var NUMBER = "number";
var STRING2 = "string";
var BOOLEAN = "boolean";
var OBJECT = "object";
var FUNCTION = "function";
var CONNECT = {
  timeout: NUMBER,
  userName: "string|function",
  password: "string|binary|function",
  willMessage: OBJECT,
  keepAliveInterval: NUMBER,
  cleanSession: BOOLEAN,
  useSSL: BOOLEAN,
  invocationContext: OBJECT,
  onSuccess: FUNCTION,
  onFailure: FUNCTION,
  hosts: OBJECT,
  ports: OBJECT,
  reconnect: "boolean|object",
  mqttVersion: "number|auto",
  mqttVersionExplicit: BOOLEAN,
  uris: OBJECT,
  cleanStart: BOOLEAN,
  properties: "object|function",
  url: "string|function",
  followServerReference: BOOLEAN,
  offline: "boolean|object",
  store: OBJECT,
  maxInflight: NUMBER,
  autoAck: BOOLEAN,
  authenticate: FUNCTION,
  protocols: OBJECT,
  batch: BOOLEAN,
  signal: OBJECT,
  platform: STRING2,
  wasmPath: STRING2,
  socket: OBJECT
};
var RECONNECT = {
  minDelay: NUMBER,
  maxDelay: NUMBER,
  jitter: NUMBER,
  maxAttempts: NUMBER,
  giveUpOn: OBJECT,
  initial: BOOLEAN
};
var OFFLINE = { maxMessages: NUMBER, maxBytes: NUMBER, maxAge: NUMBER, overflow: STRING2, qos0: BOOLEAN };
var OVERFLOW = ["reject", "drop-oldest", "drop-newest"];
var ANSWER = { invocationContext: OBJECT, onSuccess: FUNCTION, onFailure: FUNCTION, timeout: NUMBER };
var OF_FILTER = { noLocal: BOOLEAN, retainAsPublished: BOOLEAN, retainHandling: NUMBER };
var SUBSCRIBE = { qos: NUMBER, ...ANSWER, ...OF_FILTER, properties: OBJECT, onMessage: FUNCTION, signal: OBJECT };
var FILTER = { filter: STRING2, qos: NUMBER, ...OF_FILTER, onMessage: FUNCTION };
var UNSUBSCRIBE = { ...ANSWER, properties: OBJECT, signal: OBJECT };
var PUBLISH = { qos: NUMBER, retained: BOOLEAN, properties: OBJECT, signal: OBJECT };
var LONGEST = 2147483;
var CLIENT_ID_NEEDED = 45;
var NO_ADDRESS = "ws://-/";
var shown = (uri) => hidden(String(uri));
function checked(options, types) {
  const copy2 = {};
  for (const key of Object.keys(options || copy2)) {
    const value = (
      /** @type {any} */
      options[key]
    );
    const type = types[key];
    if (type === void 0) {
      throw new MqttError(12, `Unknown property, ${key}. Valid properties are: ${Object.keys(types).join(" ")}`);
    }
    if (value === void 0) continue;
    const fits = type.split("|").indexOf(typeof value) >= 0 || type.indexOf("binary") >= 0 && bytesOf(value) !== null || type === "number|auto" && value === "auto";
    if (!fits) throw new MqttError(12, [typeof value, key]);
    copy2[key] = value;
  }
  return copy2;
}
function clientArguments(args) {
  let [host, port, path, clientId] = args;
  if (typeof host !== "string") throw new MqttError(12, [typeof host, "host"]);
  let uri;
  if (args.length === 2) {
    clientId = port;
    uri = host;
    const match = URI.exec(uri);
    if (!match) throw invalidArgument(shown(host), "host");
    host = match[1] || match[2];
    port = match[3] === void 0 ? NaN : Number(match[3]);
    path = match[4];
  } else {
    if (args.length === 3) {
      clientId = path;
      path = "/mqtt";
    }
    if (typeof port !== "number" || port < 0) throw new MqttError(12, [typeof port, "port"]);
    if (typeof path !== "string") throw new MqttError(12, [typeof path, "path"]);
    uri = address(host, port, path);
  }
  if (typeof clientId !== "string" || clientId.length > 65535) throw invalidArgument(clientId, "clientId");
  return { host, port, path, uri, clientId };
}
function address(host, port, path) {
  const bracketed = host.indexOf(":") >= 0 && host[0] !== "[" ? `[${host}]` : host;
  return `ws://${bracketed}:${port}${path}`;
}
function connectOptions(options, client) {
  const o = checked(options, CONNECT);
  if (typeof o.mqttVersion === "number" && [3, 4, 5].indexOf(o.mqttVersion) < 0) {
    throw invalidArgument(o.mqttVersion, "connectOptions.mqttVersion");
  }
  if (o.password !== void 0 && o.userName === void 0 && o.mqttVersion !== 5 && o.mqttVersion !== "auto") {
    throw new MqttError(13, ["(hidden)", "connectOptions.password"]);
  }
  if (o.willMessage) {
    if (!(o.willMessage instanceof Message)) throw invalidType(o.willMessage, "connectOptions.willMessage");
    if (typeof o.willMessage.destinationName !== "string") {
      throw new MqttError(12, [typeof o.willMessage.destinationName, "connectOptions.willMessage.destinationName"]);
    }
  }
  inRange(o, "connectOptions", { keepAliveInterval: 65535, timeout: LONGEST, maxInflight: 65535 });
  if (o.maxInflight < 1) throw invalidArgument(o.maxInflight, "connectOptions.maxInflight");
  if (typeof o.url === "string") {
    if (!URI.test(o.url)) throw invalidArgument(shown(o.url), "connectOptions.url");
    o.uris = [o.url];
    delete o.hosts;
    delete o.url;
  }
  if (o.store) {
    if (typeof o.store.load !== FUNCTION) throw invalidType(o.store, "connectOptions.store");
    if (client.clientId === "") throw new MqttError(CLIENT_ID_NEEDED);
    if (o.cleanStart === void 0 && o.cleanSession === void 0) o.cleanStart = false;
  }
  return { ...o, uris: uris(o, client), reconnect: reconnectOptions(o.reconnect), offline: offlineOptions(o.offline) };
}
function reconnectOptions(given2) {
  if (!given2) return null;
  const o = checked(given2 === true ? {} : given2, RECONNECT);
  inRange(o, "connectOptions.reconnect", { minDelay: LONGEST, maxDelay: LONGEST, jitter: 1, maxAttempts: Infinity });
  const { minDelay = 1, maxDelay = 60, jitter = 1, maxAttempts = Infinity, giveUpOn = null, initial = false } = o;
  if (giveUpOn !== null && !(Array.isArray(giveUpOn) && giveUpOn.every((code) => code >= 0 && code <= 255))) {
    throw invalidArgument(giveUpOn, "connectOptions.reconnect.giveUpOn");
  }
  return {
    minDelay: minDelay * 1e3,
    maxDelay: Math.max(minDelay, maxDelay) * 1e3,
    jitter: jitter * 100,
    maxAttempts: maxAttempts === Infinity ? 0 : Math.max(1, maxAttempts),
    giveUpOn,
    initial
  };
}
function offlineOptions(given2) {
  if (!given2) return null;
  const o = checked(given2 === true ? {} : given2, OFFLINE);
  inRange(o, "connectOptions.offline", { maxMessages: LONGEST, maxBytes: 4294967295, maxAge: LONGEST });
  const { maxMessages = 1e3, maxBytes = 4194304, maxAge = 0, overflow = OVERFLOW[0], qos0 = false } = o;
  if (OVERFLOW.indexOf(overflow) < 0) throw invalidArgument(overflow, "connectOptions.offline.overflow");
  return { maxMessages, maxBytes, maxAge: maxAge * 1e3, overflow: OVERFLOW.indexOf(overflow), qos0 };
}
function inRange(o, name, most) {
  for (const key of Object.keys(most)) {
    if (o[key] !== void 0 && !(o[key] >= 0 && o[key] <= most[key])) throw invalidArgument(o[key], `${name}.${key}`);
  }
}
function uris(o, client) {
  const secure = (uri) => o.useSSL ? uri.replace(/^[^:]+/, "wss") : uri;
  if (!o.hosts) {
    if (!o.uris) return [secure(client.uri)];
    if (!Array.isArray(o.uris) || o.uris.length < 1) throw invalidArgument(shown(o.uris), "connectOptions.uris");
    o.uris.forEach((uri, i) => {
      if (typeof uri !== "string") throw new MqttError(12, [typeof uri, `connectOptions.uris[${i}]`]);
      if (!URI.test(uri)) throw invalidArgument(shown(uri), `connectOptions.uris[${i}]`);
    });
    return o.uris.map(secure);
  }
  if (!Array.isArray(o.hosts) || o.hosts.length < 1) throw invalidArgument(shown(o.hosts), "connectOptions.hosts");
  const full = o.hosts.map((host, i) => {
    if (typeof host !== "string") throw new MqttError(12, [typeof host, `connectOptions.hosts[${i}]`]);
    return URI.test(host);
  });
  full.forEach((one, i) => {
    if (one !== full[0]) throw invalidArgument(shown(o.hosts[i]), `connectOptions.hosts[${i}]`);
  });
  if (full[0]) return o.hosts.map(secure);
  if (!Array.isArray(o.ports) || o.ports.length !== o.hosts.length) throw invalidArgument(o.ports, "connectOptions.ports");
  o.ports.forEach((port, i) => {
    if (typeof port !== "number" || port < 0) throw new MqttError(12, [typeof port, `connectOptions.ports[${i}]`]);
  });
  return o.hosts.map((host, i) => secure(address(host, o.ports[i], client.path)));
}
function subscribeOptions(filter, options) {
  const o = checked(options, SUBSCRIBE);
  const list = Array.isArray(filter) ? filter : [filter];
  const filters = list.map((one) => {
    const own = { ...o, ...typeof one === "object" && one !== null ? checked(one, FILTER) : { filter: one } };
    if (typeof own.filter !== "string") throw new MqttError(13, "Invalid argument:" + one);
    const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0 } = own;
    if ([0, 1, 2].indexOf(qos) < 0) throw invalidArgument(qos, "subscribeOptions.qos");
    if ([0, 1, 2].indexOf(retainHandling) < 0) throw invalidArgument(retainHandling, "subscribeOptions.retainHandling");
    const byte = qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | retainHandling << 4;
    return (
      /** @type {[string, number, Function | undefined]} */
      [own.filter, byte, own.onMessage]
    );
  });
  checkTimeout(o, "subscribeOptions");
  return { filters, options: o };
}
function messageOf(args) {
  if (args.length === 0) throw new MqttError(13, "Invalid argument.length");
  const [topic, payload, third, retained] = args;
  const message = new Message(payload);
  message.destinationName = topic;
  const options = typeof third === "object" && third !== null ? checked(third, PUBLISH) : { qos: third, retained };
  if (options.qos !== void 0) message.qos = options.qos;
  if (options.retained !== void 0) message.retained = options.retained;
  if (options.properties !== void 0) message.properties = options.properties;
  return message;
}
function unsubscribeOptions(filter, options) {
  const o = checked(options, UNSUBSCRIBE);
  const filters = Array.isArray(filter) ? filter : [filter];
  for (const one of filters) if (typeof one !== "string") throw new MqttError(13, "Invalid argument:" + one);
  checkTimeout(o, "unsubscribeOptions");
  return { filters: (
    /** @type {string[]} */
    filters
  ), options: o };
}
function checkTimeout(o, name) {
  if (o.timeout !== void 0 && !(o.timeout >= 0)) throw invalidArgument(o.timeout, name + ".timeout");
}
function callback(name, value) {
  if (typeof value !== "function") throw new MqttError(12, [typeof value, name]);
  return value;
}

// js/persistence.js
var STORE_FAILED = 50;
var STORE_IN_USE = 52;
var PATIENCE = 2500;
var WHOLE = 0;
var DELETIONS = 1;
var NOTHING = 2;
function merge(waiting, changes) {
  for (const { key, value } of changes) {
    if (key === "") waiting.clear();
    waiting.set(key, value);
  }
}
var isPromise = (answer) => answer != null && typeof answer.then === "function";
var Persistence = class {
  /**
   * @param {Store} store
   * @param {(error: MqttError) => void} warn told once, when the store fails
   * @param {Pick<import('./platform/contract.js').Platform, 'setTimer' | 'clearTimer'>} timers
   */
  constructor(store, warn, timers) {
    this._store = store;
    this._warn = warn;
    this._timers = timers;
    this._asked = NOTHING;
    this._held = false;
    this._closed = false;
    this._keys = /* @__PURE__ */ new Set();
    this._waiting = /* @__PURE__ */ new Map();
    this._loading = null;
    this._writing = null;
    this._next = null;
  }
  /**
   * The records of a session; none if the store fails, and then nothing more is asked of it.
   * @param {string} name
   * @returns {[string, Uint8Array][] | Promise<[string, Uint8Array][]>} at once where the store does it at once
   * @throws code 52, or rejects with it
   */
  load(name) {
    const loaded = (entries) => {
      if (this._closed) {
        this._release();
        return [];
      }
      const records = [...entries];
      if (!records.every(([, value]) => ArrayBuffer.isView(value))) throw new TypeError("a record is not a Uint8Array");
      this._keys = new Set(records.map(([key]) => key));
      this._asked = WHOLE;
      this._held = true;
      return records;
    };
    const failed = (error) => {
      if (error && error.code === STORE_IN_USE) throw error instanceof MqttError ? error : new MqttError(STORE_IN_USE);
      this._release();
      this._tell(error);
      return [];
    };
    this._closed = false;
    try {
      const answer = this._store.load(name);
      if (!isPromise(answer)) return loaded(answer);
      const records = this._within(answer).then(loaded).catch(failed);
      const ended = () => void (this._loading = null);
      this._loading = records.then(ended, ended);
      return records;
    } catch (error) {
      return failed(error);
    }
  }
  /** Does the store have everything? */
  get whole() {
    return this._asked === WHOLE;
  }
  /**
   * Whoever sends what depends on the changes waits for the promise.
   * @param {Change[]} changes
   * @returns {Promise<any> | null} null when they are written or given up; a promise of that, which never rejects
   */
  write(changes) {
    merge(this._waiting, changes);
    if (this._writing === null) return this._begin() || this._settled();
    if (this._next === null) this._next = this._writing.then(() => this._begin() || this._settled());
    return this._next;
  }
  /** @returns {Promise<any> | null} */
  _settled() {
    if (this._asked === NOTHING || !this._store.settled) return null;
    return this._within(this._store.settled()).catch(() => {
    });
  }
  /**
   * Gives the store back when what was asked before is done.
   * @returns {Promise<any> | null} never rejects
   */
  close() {
    this._closed = true;
    if (!this._held) return this._loading;
    this._held = false;
    const end = () => {
      this._asked = NOTHING;
      return this._release();
    };
    const last = this._next || this._writing;
    return last === null ? end() : last.then(end);
  }
  /** @returns {Promise<any> | null} */
  _begin() {
    this._next = null;
    const changes = Array.from(this._waiting, ([key, value]) => ({ key, value }));
    this._waiting = /* @__PURE__ */ new Map();
    const done = this._hand(changes);
    this._writing = done && done.then(() => {
      if (this._next === null) this._writing = null;
    });
    return this._writing;
  }
  /** @param {Change[]} changes @returns {Promise<any> | null} */
  _hand(changes) {
    const whole = this._store.write !== void 0;
    const after = !whole && changes.length > 0 && changes[0].key === "" ? changes.splice(1) : [];
    const answers = [];
    for (const given2 of whole ? [changes] : changes.map((change) => [change])) {
      const group = this._possible(given2);
      if (group.length === 0) continue;
      const asked = this._asked;
      const done = () => this._done(group);
      const failed = (error) => void after.unshift(...this._failed(asked, group, error));
      try {
        const answer = this._ask(group, (error) => void this.write(this._failed(asked, group, error)));
        if (isPromise(answer)) answers.push(this._within(answer).then(done, failed));
        else done();
      } catch (error) {
        failed(error);
      }
    }
    const rest = () => after.length > 0 ? this._hand(after) : null;
    return answers.length > 0 ? Promise.all(answers).then(rest) : rest();
  }
  /**
   * What may still be asked. After a failure no record is put; but one that would be replaced must go, as it is not true
   * any more: it would bring a message back after a restart.
   * @param {Change[]} changes
   * @returns {Change[]}
   */
  _possible(changes) {
    if (this._asked === WHOLE) return changes;
    if (this._asked === NOTHING) return [];
    return changes.filter(({ key }) => key === "" || this._keys.has(key)).map(({ key }) => ({ key, value: null }));
  }
  /** @param {Change[]} group of one change, unless the store has `write` @param {(error: unknown) => void} failed */
  _ask(group, failed) {
    const store = this._store;
    if (store.write) return store.write(group, failed);
    const [{ key, value }] = group;
    return key === "" ? store.clear() : value === null ? store.delete(key) : store.put(key, value);
  }
  /** @param {Change[]} group */
  _done(group) {
    for (const { key, value } of group) {
      if (key === "") this._keys.clear();
      else if (value === null) this._keys.delete(key);
      else this._keys.add(key);
    }
  }
  /**
   * @param {number} asked what was asked of the store when it was given the group
   * @param {Change[]} group
   * @param {unknown} error
   * @returns {Change[]} what is to be done once more, as deletions
   */
  _failed(asked, group, error) {
    if (asked !== WHOLE) {
      this._asked = NOTHING;
      return [];
    }
    if (this._asked === WHOLE) {
      this._asked = DELETIONS;
      this._tell(error);
    }
    for (const { key } of group) this._keys.add(key);
    return group;
  }
  /** @param {unknown} cause */
  _tell(cause) {
    const error = new MqttError(STORE_FAILED);
    error.cause = cause;
    this._warn(error);
  }
  /**
   * What the store answers, in time. Of the two halves of its patience a page that was frozen loses only one.
   * @template T @param {PromiseLike<T>} answer @returns {Promise<T>}
   */
  _within(answer) {
    return new Promise((resolve, reject) => {
      const { setTimer, clearTimer } = this._timers;
      let timer = setTimer(() => {
        timer = setTimer(() => reject(new Error("The store does not answer.")), PATIENCE);
      }, PATIENCE);
      const stop = () => clearTimer(timer);
      answer.then(resolve, reject);
      answer.then(stop, stop);
    });
  }
  /** @returns {Promise<any> | null} */
  _release() {
    try {
      const answer = this._store.close && this._store.close();
      return isPromise(answer) ? this._within(answer).catch(() => {
      }) : null;
    } catch (_) {
      return null;
    }
  }
};

// js/connection.js
var RECORD_DAMAGED = 51;
var USE_ANOTHER_SERVER = 156;
var SERVER_MOVED = 157;
var CLOSING = 2e3;
var Connection = class {
  /**
   * @param {import('./client.js').Client} client
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   */
  constructor(client, platform, holder) {
    this.client = client;
    this.platform = platform;
    this.holder = holder;
    this.link = new Link(platform, {
      handleEvent: (event) => client._handle(event),
      handlePumped: () => client._publishing.handlePumped(),
      prepare: (host, present) => this.prepare(host, present),
      protocols: (version) => this.options.protocols || [version === 3 ? "mqttv3.1" : "mqtt"],
      parameters: () => this.options.socket || {}
    });
    this.authentication = new Authentication(platform, holder, this.link, (error) => this.giveUp(error));
    this.state = "disconnected";
    this.draining = false;
    this.options = {};
    this.uri = client._at.uri;
    this.referred = [];
    this.reference = void 0;
    this.failedStore = null;
    this.waiter = null;
    this.probes = [];
    this.unwatch = () => {
    };
    this.storeClosed = null;
  }
  // What the program wants.
  /** @param {Record<string, any>} options checked @param {Waiter} waiter */
  connect(options, waiter) {
    this.options = options;
    this.state = "connecting";
    this.waiter = waiter;
    this.referred = [];
    this.reference = void 0;
    this.unwatch = this.platform.watch((network) => this.link.wake(network));
    this.client._updateOffline();
    const present = () => this.waiter === waiter;
    const failed = (error) => present() && this.fail(thrown(error));
    const start = (core) => {
      if (!present()) return;
      try {
        if (this.storeClosed !== null) return void this.storeClosed.then(() => start(core));
        const records = this.load(core);
        if (Array.isArray(records)) this.start(core, records);
        else records.then((loaded) => present() && this.start(core, loaded)).catch(failed);
      } catch (error) {
        failed(error);
      }
    };
    const ready = this.holder.ready;
    if (ready) start(ready);
    else this.holder.open(options, (error) => this.client._warn(error)).then(start, failed);
  }
  /** @param {{ reasonCode?: number, properties?: Record<string, any> }} options @returns {Promise<void>} */
  disconnect(options) {
    const { link, platform } = this;
    const active = link.core !== null && link.core.active ? link.core : null;
    if (active !== null) active.disconnect(options.reasonCode || 0, encodeProperties(options.properties), platform.now());
    const closed = new Promise((resolve) => {
      if (link.socket === null) return resolve(void 0);
      const timer = platform.setTimer(() => resolve(void 0), CLOSING);
      link.onClosed.push(() => {
        platform.clearTimer(timer);
        resolve(void 0);
      });
    });
    if (active !== null) link.pump();
    else this.fail(new MqttError(0));
    return Promise.all([closed, this.storeClosed]).then(() => {
    });
  }
  /** Disconnects when nothing is pending, or after so many seconds. @param {number} seconds @param {object} options */
  drain(seconds, options) {
    const { platform } = this;
    this.draining = true;
    const waiter = this.client._publishing.drained(0);
    const timer = platform.setTimer(() => waiter.succeed(void 0), seconds * 1e3);
    waiter.finally(() => platform.clearTimer(timer));
    return waiter.promise.then(
      () => {
        if (!this.draining) return;
        this.draining = false;
        return this.disconnect(options);
      },
      // It has ended without us.
      () => {
      }
    );
  }
  /** Asks the server for a sign of life now, or tries to connect now. @returns {Promise<void>} */
  probe() {
    if (this.state === "disconnected") throw invalidState("not connecting or connected");
    const waiter = new Waiter();
    this.probes.push(waiter);
    this.link.wake(false);
    return waiter.promise;
  }
  // Making it.
  /** @private What the store has, for a core that knows nothing yet. @param {import('./core.js').Core} core */
  load(core) {
    const { link, options } = this;
    const { store } = options;
    const another = store && store !== this.failedStore;
    if (link.core !== null && (link.core.core !== core || another)) this.release();
    if (!store || link.core !== null) return [];
    const warn = (error) => this.platform.defer(() => this.client._warn(error));
    link.persistence = new Persistence(store, warn, this.platform);
    return link.persistence.load(`${this.client._at.clientId}@${options.uris[0].replace(/[?#].*|[^/@]*@/g, "")}`);
  }
  /** @private @param {import('./core.js').Core} core @param {[string, Uint8Array][]} records */
  start(core, records) {
    const { client, link, options: o } = this;
    if (link.core === null) {
      link.core = core.createClient(() => this.platform.defer(() => link.pump()));
      client._subscribing.routes.attach(link.core);
    }
    const damaged = this.restore(link.core, records);
    const version = o.mqttVersion;
    const will = o.willMessage;
    client._subscribing.autoAck = o.autoAck !== false;
    link.core.connect(
      {
        versions: version === "auto" ? [5, 4] : version ? [version] : [4, 3],
        hosts: o.uris.length,
        clientId: client._at.clientId,
        cleanStart: !this.keepsSession,
        keepAlive: o.keepAliveInterval === void 0 ? 60 : Math.ceil(o.keepAliveInterval),
        timeout: (o.timeout || 30) * 1e3,
        userName: o.userName === void 0 || asks(o) ? null : o.userName,
        password: asks(o) ? null : secret(o.password),
        will: will ? { topic: will.destinationName, payload: will.payloadBytes, qos: will.qos, retained: will.retained, properties: encodeProperties(will.properties) } : null,
        properties: connectProperties(given(o.properties), this.asksToKeep),
        autoAck: client._subscribing.coreAcks,
        batch: o.batch !== false,
        maxInflight: o.maxInflight || 65535,
        seed: Math.floor(Math.random() * 4294967296),
        reconnect: o.reconnect,
        followServerReference: o.followServerReference === true,
        persist: o.store !== void 0,
        offline: client._publishing.offline,
        asks: asks(o)
      },
      this.platform.now()
    );
    if (!asks(o)) delete o.password;
    if (damaged.length > 0) this.drop(damaged);
    client._publishing.handleLoaded(client._callbacks.onMessageDelivered !== null);
    link.pump();
  }
  /** @private @param {import('./core.js').CoreClient} core @param {[string, Uint8Array][]} records @returns those that are damaged */
  restore(core, records) {
    return records.filter(([key, record]) => {
      try {
        core.restore(key, record);
        return false;
      } catch (error) {
        if (core.core.retired) throw error;
        return true;
      }
    });
  }
  /** @private @param {[string, Uint8Array][]} damaged */
  drop(damaged) {
    const { persistence } = this.link;
    if (persistence !== null) persistence.write(damaged.map(([key]) => ({ key, value: null })));
    for (const _ of damaged) this.client._warn(errorOf(this.holder, RECORD_DAMAGED));
  }
  /**
   * @private The address of an attempt; the core gets what the program gives for it.
   * @param {number} host @param {() => boolean} present
   * @returns {string | Promise<string>}
   */
  prepare(host, present) {
    const { options } = this;
    const { core } = this.link;
    const { reference } = this;
    this.uri = reference || options.uris[host];
    if (core === null || !asks(options)) return this.uri;
    return ask(options, core, this.asksToKeep, present).then((url) => {
      if (url !== void 0 && reference === void 0) this.uri = url;
      return this.uri;
    });
  }
  /** @private The session shall outlive its connection. MQTT 5's name of the option wins. */
  get keepsSession() {
    const { cleanStart, cleanSession } = this.options;
    return (cleanStart === void 0 ? cleanSession : cleanStart) === false;
  }
  /** @private MQTT 5 asks for that by a property. */
  get asksToKeep() {
    const { mqttVersion } = this.options;
    return this.keepsSession && (mqttVersion === 5 || mqttVersion === "auto");
  }
  // What the core tells.
  /** @param {any} event */
  handleConnected(event) {
    const { client, waiter, uri } = this;
    this.state = "connected";
    client.sessionPresent = event.sessionPresent;
    client.mqttVersion = event.version;
    client.serverProperties = decodeProperties(event.properties);
    const assigned = client.serverProperties.assignedClientIdentifier;
    if (assigned !== void 0) client._at.clientId = assigned;
    client._subscribing.handleConnected(event.sessionPresent, !event.reconnected && !this.keepsSession);
    client._log("Client.connected", shown(uri), event.version);
    this.referred = [];
    this.waiter = null;
    if (waiter !== null) {
      waiter.succeed({ sessionPresent: event.sessionPresent, mqttVersion: event.version, properties: client.serverProperties, uri });
    }
    this.handleAlive();
    if (this.state === "connected") client._call(client._callbacks.onConnected, event.reconnected, uri);
  }
  /** The server has given a sign of life. */
  handleAlive() {
    for (const waiter of this.probes.splice(0)) waiter.succeed(void 0);
  }
  /** @param {any} event */
  handleLost(event) {
    const { client, holder } = this;
    const error = endingOf(holder, event, this.link);
    const lost = error.code === 0 ? errorOf(holder, LOST) : error;
    if (event.reconnecting) {
      this.state = "reconnecting";
      this.refer(error);
    } else this.end(error);
    client._log("Client.connectionLost", error.message);
    client._subscribing.handleLost(lost);
    this.link.handOver(lost);
    this.authentication.handleLost(lost);
    this.tellLost(error, event.reconnecting);
  }
  /** AUTH. @param {any} event */
  handleAuth(event) {
    this.authentication.handleAuth(event, this.options.authenticate);
  }
  /** No connection came about, or none came back. @param {any} event */
  handleFailed(event) {
    this.fail(endingOf(this.holder, event, this.link));
  }
  /** @private There is no connection, and none is tried any more. @param {MqttError} error */
  fail(error) {
    const { client, waiter } = this;
    const wasUp = this.state === "reconnecting";
    this.waiter = null;
    this.end(error);
    client._log("Client.connect failed", error.message);
    if (waiter !== null) waiter.fail(error);
    if (wasUp) this.tellLost(error, false);
  }
  /** @private @param {MqttError} error @param {boolean} reconnect */
  tellLost(error, reconnect) {
    const { client, uri } = this;
    client._call(client._callbacks.onConnectionLost, { ...failureOf(error), reconnect, uri });
  }
  /** @param {any} event */
  handleReconnecting(event) {
    const { client } = this;
    const error = endingOf(this.holder, event, this.link);
    this.refer(error);
    this.reference = this.referred.shift();
    client._log("Client.reconnecting", event.attempt, event.delay);
    const { attempt, delay } = event;
    client._call(client._callbacks.onReconnecting, { ...failureOf(error), attempt, delay: delay / 1e3 });
  }
  /** @private The next attempts go where the server sends us on to, if we may. @param {any} error */
  refer({ reasonCode, properties = {} }) {
    if (!this.options.followServerReference || reasonCode !== USE_ANOTHER_SERVER && reasonCode !== SERVER_MOVED) return;
    const uris2 = referredTo(properties.serverReference || "", this.uri);
    if (uris2.length === 0) return;
    this.referred = uris2;
    if (reasonCode === SERVER_MOVED) this.options.uris = this.options.uris.map((_, n) => uris2[n % uris2.length]);
  }
  /** @private The program cannot or will not answer the server. @param {any} error */
  giveUp(error) {
    if (this.waiter !== null) this.waiter.fail(thrown(error));
    if (this.state !== "disconnected") this.disconnect({});
  }
  /** @private Everybody who waits is told. @param {MqttError} error */
  end(error) {
    const { client, link } = this;
    const { persistence } = link;
    const stored = persistence !== null && persistence.whole;
    const lost = error.code === 0 ? errorOf(this.holder, LOST) : error;
    this.state = "disconnected";
    this.draining = false;
    this.unwatch();
    this.unwatch = () => {
    };
    if (persistence !== null) {
      if (!this.keepsSession) persistence.write([{ key: "", value: null }]);
      this.failedStore = stored ? null : this.options.store;
      const closed = this.storeClosed = persistence.close();
      if (closed !== null) closed.then(() => this.storeClosed = null);
      link.persistence = null;
    }
    if (!this.keepsSession || stored) this.release();
    client._publishing.handleEnded(lost);
    for (const waiter of this.probes.splice(0)) waiter.fail(lost);
    client._subscribing.handleEnded(error.code === 0 ? null : lost);
  }
  /** @private */
  release() {
    if (this.link.core !== null) this.link.core.free();
    this.link.core = null;
    this.client._subscribing.routes.detach();
  }
};

// js/publishing.js
var QUEUE_FULL = 18;
var Publishing = class {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} words
   * @param {import('./link.js').Link} link
   * @param {(message: Message) => void} delivered tells the program
   */
  constructor(platform, words, link, delivered) {
    this.platform = platform;
    this.words = words;
    this.link = link;
    this.delivered = delivered;
    this.waiters = /* @__PURE__ */ new Map();
    this.early = [];
    this.drains = [];
    this.offline = null;
  }
  /**
   * @param {any} message
   * @param {Waiter | null} waiter
   * @param {boolean} told shall `delivered` hear of it?
   * @param {'disconnected' | 'connecting' | 'connected' | 'reconnecting'} state
   */
  publish(message, waiter, told, state) {
    const topic = message instanceof Message ? message.destinationName : void 0;
    if (topic === void 0) {
      if (message instanceof Message || typeof message === "string") throw invalidArgument(void 0, "Message.destinationName");
      throw new MqttError(13, "Invalid argument:" + typeof message);
    }
    if (state !== "connected" && (state === "disconnected" || this.offline === null)) throw invalidState("not connected");
    const { core } = this.link;
    const payload = message._text === null ? message.payloadBytes : message._text;
    const properties = message._properties === null ? null : encodeProperties(message._properties);
    if (core !== null && core.active) {
      return this.hand(message, waiter, told, topic, payload, message.qos, message.retained, properties);
    }
    const copy2 = typeof payload === "string" ? payload : payload.slice();
    this.early.push([message, waiter, topic, copy2, message.qos, message.retained, properties]);
  }
  /**
   * @private
   * @param {Message} message @param {Waiter | null} waiter @param {boolean} told
   * @param {string} topic @param {string | Uint8Array} payload @param {number} qos @param {boolean} retained
   * @param {Uint8Array | null} properties
   */
  hand(message, waiter, told, topic, payload, qos, retained, properties) {
    const { core } = this.link;
    if (core === null) throw invalidState("not connected");
    let ticket;
    try {
      ticket = core.publish(topic, payload, qos, retained, properties, this.platform.now());
    } catch (error) {
      const full = (
        /** @type {any} */
        error.code === QUEUE_FULL && this.offline !== null
      );
      throw full ? new MqttError(QUEUE_FULL, [
        /** @type {any} */
        this.offline.maxMessages
      ]) : error;
    }
    if (ticket === 0) this.link.unsent++;
    if (waiter !== null || told) {
      if (ticket > 0) this.waiters.set(ticket, waiter || new Waiter({ message }));
      else this.link.handovers.push((error) => this.handedOver(error, message, waiter));
    }
    this.link.flushSoon();
  }
  /** The core is there now. @param {boolean} told */
  handleLoaded(told) {
    for (const [message, waiter, ...packet] of this.early.splice(0)) {
      try {
        this.hand(message, waiter, told, ...packet);
      } catch (error) {
        if (waiter === null) this.platform.report(error);
        else waiter.fail(
          /** @type {any} */
          error
        );
      }
    }
  }
  /** @private @param {Error | null} error @param {Message} message @param {Waiter | null} waiter */
  handedOver(error, message, waiter) {
    if (error !== null) {
      if (waiter !== null) waiter.fail(error);
      return;
    }
    this.delivered(message);
    if (waiter !== null) waiter.succeed(reasonOf(this.words, 0, null));
  }
  /** @param {{ ticket: number, reasonCode: number, properties: Uint8Array | null }} event */
  handleDelivered({ ticket, reasonCode, properties }) {
    const waiter = take(this.waiters, ticket);
    if (waiter === void 0) return;
    const reason = reasonOf(this.words, reasonCode, properties);
    if (reasonCode >= FAILURE) return waiter.fail(publishRefused(this.words, reason));
    this.delivered(waiter.more.message);
    waiter.succeed(reason);
  }
  /** @param {{ ticket: number, code: number }} event */
  handleUndelivered({ ticket, code }) {
    const waiter = take(this.waiters, ticket);
    if (waiter !== void 0) waiter.fail(errorOf(this.words, code));
  }
  /** @param {import('./core.js').Offline | null} offline */
  setOffline(offline) {
    this.offline = offline;
    if (this.link.core !== null) this.link.core.setOffline(offline);
  }
  /** How many messages are not done: not acknowledged, or with QoS 0 not handed to the socket. */
  get pending() {
    const { core, unsent } = this.link;
    return this.early.length + (core === null ? 0 : core.pending() + unsent);
  }
  /** @param {number} most @returns {Waiter} succeeds when no more than so many messages are pending */
  drained(most) {
    const waiter = new Waiter();
    this.drains.push({ most, waiter });
    this.handlePumped();
    return waiter;
  }
  handlePumped() {
    if (this.drains.length === 0) return;
    const { pending } = this;
    const before = this.drains;
    this.drains = before.filter(({ most, waiter }) => pending > most && !waiter.settled);
    for (const { most, waiter } of before) if (pending <= most) waiter.succeed(void 0);
  }
  /**
   * There is no connection any more, and none is tried. What a kept session still delivers is told by
   * onMessageDelivered; its promise is settled now.
   * @param {Error} error
   */
  handleEnded(error) {
    const early = this.early.splice(0).map(([, waiter]) => waiter);
    const drains = this.drains.splice(0).map(({ waiter }) => waiter);
    for (const waiter of early.concat(Array.from(this.waiters.values()), drains)) if (waiter !== null) waiter.fail(error);
    if (this.link.core === null) this.waiters.clear();
    this.link.handOver(error);
  }
};

// js/stream.js
var MessageStream = class {
  /**
   * @param {any} client
   * @param {{ filters: [string, number, any][], options: Record<string, any> }} subscription
   */
  constructor(client, subscription) {
    this.client = client;
    this.subscription = subscription;
    this.messages = [];
    this.readers = [];
    this.error = null;
    this.ended = false;
    this.subscribed = null;
    this.taken = null;
    this.deafen = () => {
    };
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  /** @returns {Promise<{ done: boolean, value: any }>} */
  next() {
    if (this.subscribed === null && !this.ended) this.subscribed = this.subscribe();
    return Promise.resolve(this.subscribed).then(() => this.take());
  }
  /** @private */
  take() {
    this.acknowledge(this.taken);
    this.taken = null;
    if (this.messages.length > 0) return { done: false, value: this.taken = this.messages.shift() };
    if (this.error !== null) {
      const error = this.error;
      this.error = null;
      throw error;
    }
    if (this.ended) return { done: true, value: void 0 };
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }
  return() {
    this.end(null);
    this.letGo();
    return this.leave().then(() => ({ done: true, value: void 0 }));
  }
  /** @private Acknowledges what nobody will come for: all that came later waits for it. */
  letGo() {
    for (const message of [this.taken].concat(this.messages.splice(0))) this.acknowledge(message);
    this.taken = null;
  }
  /** @private What several loops have taken is acknowledged when the last is done with it. @param {any} message */
  acknowledge(message) {
    if (message !== null && message._takers > 0 && --message._takers === 0) message.ack();
  }
  /** The server has the session: it sends again what was not acknowledged. */
  handleResumed() {
    this.messages = this.messages.filter((message) => message.qos === 0);
  }
  /** @private Takes back what nobody else wants. @returns {Promise<any>} never rejects */
  leave() {
    const { client } = this;
    const unwanted = this.filters().filter((filter) => client._subscribing.routes.removeStream(filter, this));
    const left = unwanted.length > 0 && client.isConnected();
    return promised(() => left && client.unsubscribe(unwanted)).catch(() => {
    });
  }
  /** @private @returns {Promise<any>} */
  subscribe() {
    const { client } = this;
    client._subscribing.addStream(this);
    const route = (filter) => {
      client._subscribing.routes.addStream(filter, this);
      return (error) => error.reasonCodes && client._subscribing.routes.removeStream(filter, this);
    };
    const failed = (error) => {
      if (this.ended && this.error === null) return;
      this.error = null;
      this.end(null);
      this.letGo();
      this.leave();
      throw error;
    };
    return promised(() => client._subscribing.subscribe(this.subscription, route)).then(() => this.listen()).catch(failed);
  }
  /** @private An abort ends a loop that waits for messages, too. */
  listen() {
    const { signal } = this.subscription.options;
    if (!signal || this.ended) return;
    const abort = () => {
      this.end(aborted(signal));
      this.leave();
    };
    this.deafen = () => signal.removeEventListener("abort", abort);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  }
  /** The names of its topic filters. */
  filters() {
    return this.subscription.filters.map(([filter]) => filter);
  }
  /** @param {any} message */
  push(message) {
    if (this.ended) return;
    if (this.client._subscribing.autoAck) message._takers++;
    const reader = this.readers.shift();
    if (!reader) return void this.messages.push(message);
    this.acknowledge(this.taken);
    reader.resolve({ done: false, value: this.taken = message });
  }
  /** The connection is gone; a session that the server keeps must not hold the loop's place. @param {Error | null} error */
  handleLost(error) {
    this.end(error);
    this.leave();
  }
  /** @param {Error | null} error null: as wanted */
  end(error) {
    if (this.ended) return;
    this.ended = true;
    this.deafen();
    this.client._subscribing.removeStream(this);
    const readers = this.readers.splice(0);
    if (error !== null && readers.length === 0) this.error = error;
    for (const reader of readers) error === null ? reader.resolve({ done: true, value: void 0 }) : reader.reject(error);
  }
};

// js/routes.js
var Routes = class {
  constructor() {
    this.core = null;
    this.byFilter = /* @__PURE__ */ new Map();
    this.byId = /* @__PURE__ */ new Map();
    this.lastId = 0;
  }
  /** A core client that knows no routes yet takes over. @param {import('./core.js').CoreClient} core */
  attach(core) {
    this.core = core;
    for (const route of this.byId.values()) this.match(route);
  }
  /** The core client is gone; the routes stay for the next one. */
  detach() {
    this.core = null;
    for (const route of this.byId.values()) route.matched = false;
  }
  /** @private @param {string} filter @returns {Route} */
  of(filter) {
    let route = this.byFilter.get(filter);
    if (route === void 0) {
      route = { id: ++this.lastId, filter, handler: null, streams: [], kept: null, matched: false };
      this.byFilter.set(filter, route);
      this.byId.set(route.id, route);
    }
    return route;
  }
  /** @private The core matches what somebody listens to, and nothing else. @param {Route} route */
  match(route) {
    const heard = route.handler !== null || route.streams.length > 0;
    if (this.core === null || heard === route.matched) return;
    if (heard) this.core.route(route.filter, route.id);
    else this.core.unroute(route.filter, route.id);
    route.matched = heard;
  }
  /** @private What `undo` takes back when the core has no room for the filter. @param {Route} route @param {() => void} undo */
  listen(route, undo) {
    try {
      this.match(route);
    } catch (error) {
      undo();
      throw error;
    }
    return undo;
  }
  /**
   * A subscription with its handler, if it has one.
   * @param {string} filter
   * @param {Function | undefined} handler
   * @returns {() => void} takes it back, for a filter that the server refused
   */
  keep(filter, handler) {
    const route = this.of(filter);
    const before = { handler: route.handler, kept: route.kept };
    const kept = route.kept = {};
    if (handler !== void 0) route.handler = handler;
    return this.listen(route, () => {
      if (route.kept === kept) Object.assign(route, before);
      this.settle(route);
    });
  }
  /** @param {string} filter @param {import('./stream.js').MessageStream} stream */
  addStream(filter, stream) {
    const route = this.of(filter);
    route.streams = route.streams.concat(stream);
    this.listen(route, () => this.removeStream(filter, stream));
  }
  /**
   * @param {string} filter @param {import('./stream.js').MessageStream} stream
   * @returns {boolean} nobody wants the filter any more
   */
  removeStream(filter, stream) {
    const route = this.byFilter.get(filter);
    if (route === void 0) return false;
    route.streams = route.streams.filter((one) => one !== stream);
    return this.settle(route);
  }
  /** @private @param {string} filter @param {import('./stream.js').MessageStream} stream */
  has(filter, stream) {
    const route = this.byFilter.get(filter);
    return route !== void 0 && route.streams.indexOf(stream) >= 0;
  }
  /**
   * The program unsubscribes.
   * @param {string} filter
   * @returns {() => void} to be called when the server has agreed: takes away what is there now, and not what the
   *   program subscribes to again meanwhile
   */
  removal(filter) {
    const route = this.byFilter.get(filter);
    if (route === void 0) return () => {
    };
    const { kept, streams } = route;
    return () => {
      if (route.kept === kept) route.kept = route.handler = null;
      for (const stream of streams) {
        this.removeStream(filter, stream);
        if (!stream.filters().some((one) => this.has(one, stream))) stream.end(null);
      }
      this.settle(route);
    };
  }
  /** The server does not want to keep the subscription. @param {string} filter @param {Error} error */
  drop(filter, error) {
    const route = this.byFilter.get(filter);
    if (route === void 0) return;
    const { streams } = route;
    Object.assign(route, { handler: null, streams: [], kept: null });
    this.settle(route);
    for (const stream of streams) if (!stream.filters().some((one) => this.has(one, stream))) stream.end(error);
  }
  /** The server has no session of ours, so it has no subscription either. */
  clear() {
    for (const route of Array.from(this.byId.values())) {
      Object.assign(route, { handler: null, streams: [], kept: null });
      this.settle(route);
    }
  }
  /** @private Forgets a filter that nobody wants. @param {Route} route */
  settle(route) {
    this.match(route);
    const unwanted = route.kept === null && route.streams.length === 0;
    if (unwanted && this.byId.delete(route.id)) this.byFilter.delete(route.filter);
    return unwanted;
  }
};

// js/subscribing.js
var SUBSCRIBE_TIMED_OUT = 2;
var UNSUBSCRIBE_TIMED_OUT = 3;
var SUBSCRIPTION_LOST = 103;
var Subscribing = class {
  /**
   * @param {import('./client.js').Client} client
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} words
   * @param {import('./link.js').Link} link
   */
  constructor(client, platform, words, link) {
    this.client = client;
    this.platform = platform;
    this.words = words;
    this.link = link;
    this.routes = new Routes();
    this.streams = /* @__PURE__ */ new Set();
    this.waiters = /* @__PURE__ */ new Map();
    this.autoAck = true;
  }
  /**
   * @param {ReturnType<typeof import('./options.js').subscribeOptions>} checked
   * @param {(filter: string, handler?: Function) => (error: any) => void} [route] makes the way for the messages of a
   *   filter; gives what undoes it
   */
  subscribe({ filters, options: o }, route = (filter, handler) => this.routes.keep(filter, handler)) {
    const { client } = this;
    const context = { invocationContext: o.invocationContext };
    const undo = [];
    const waiter = new Waiter({
      succeed: (answer) => client._call(o.onSuccess, { ...context, grantedQos: answer.grantedQos, properties: answer.properties }),
      fail: (error) => {
        const { reasonCodes } = error;
        undo.forEach((back, at) => (!reasonCodes || reasonCodes[at] >= FAILURE) && back(error));
        client._call(o.onFailure, { ...context, ...failureOf(error) });
      }
    });
    const core = client._connected();
    return abortable(this.platform, waiter, o.signal, () => {
      let ticket;
      try {
        for (const [name, , handler] of filters) undo.push(route(name, handler));
        ticket = core.subscribe(filters, encodeProperties(o.properties), this.platform.now());
      } catch (error) {
        for (const back of undo.splice(0)) back(error);
        throw error;
      }
      client._log("Client.subscribe", filters.map(([name]) => name));
      this.wait(ticket, waiter, o.timeout, SUBSCRIBE_TIMED_OUT);
    });
  }
  /** @param {ReturnType<typeof import('./options.js').unsubscribeOptions>} checked */
  unsubscribe({ filters, options: o }) {
    const { client } = this;
    const context = { invocationContext: o.invocationContext };
    let removals = [];
    const waiter = new Waiter({
      succeed: (answer) => {
        for (const remove of removals) remove();
        client._call(o.onSuccess, { ...context, properties: answer.properties });
      },
      fail: (error) => {
        const { reasonCodes } = error;
        removals.forEach((remove, at) => reasonCodes && reasonCodes[at] < FAILURE && remove());
        client._call(o.onFailure, { ...context, ...failureOf(error) });
      }
    });
    const core = client._connected();
    return abortable(this.platform, waiter, o.signal, () => {
      const ticket = core.unsubscribe(filters, encodeProperties(o.properties), this.platform.now());
      client._log("Client.unsubscribe", filters);
      removals = filters.map((one) => this.routes.removal(one));
      this.wait(ticket, waiter, o.timeout, UNSUBSCRIBE_TIMED_OUT);
    });
  }
  /** @private @param {number} ticket @param {Waiter} waiter @param {number | undefined} timeout @param {number} code */
  wait(ticket, waiter, timeout, code) {
    this.waiters.set(ticket, waiter);
    if (timeout) {
      const timer = this.platform.setTimer(() => waiter.fail(new MqttError(code)), timeout * 1e3);
      waiter.finally(() => this.platform.clearTimer(timer));
    }
    this.link.flushSoon();
  }
  // What the core tells.
  /** SUBACK and UNSUBACK. @param {{ ticket: number, codes: Uint8Array, properties: Uint8Array | null }} event */
  handleAnswer({ ticket, codes, properties }) {
    const waiter = take(this.waiters, ticket);
    if (waiter === void 0) return;
    if (codes.some((code) => code >= FAILURE)) waiter.fail(subscribeRefused(this.words, codes, properties));
    else waiter.succeed({ grantedQos: codes, reasonCodes: codes, properties: decodeProperties(properties) });
  }
  /** SUBACK to what the core has asked for again. @param {{ filters: string[], codes: Uint8Array }} event */
  handleResubscribed({ filters, codes }) {
    filters.forEach((filter, n) => {
      const reasonCode = codes[n];
      if (reasonCode < FAILURE) return;
      const reasonName = this.words.reasonName(reasonCode);
      const error = new MqttError(SUBSCRIPTION_LOST, [filter], { reasonCode, reasonName, filter });
      this.routes.drop(filter, error);
      this.client._warn(error);
    });
  }
  /** @param {any} message */
  handleMessage(message) {
    const { client } = this;
    message._client = client;
    message._core = this.link.core;
    let taken = !this.autoAck;
    if (message._routes !== null) {
      for (const id of message._routes) {
        const route = this.routes.byId.get(id);
        if (route === void 0) continue;
        for (const stream of route.streams) stream.push(message);
        taken = taken || route.streams.length > 0;
        client._call(route.handler, message);
      }
    }
    client._call(client._callbacks.onMessageArrived, message);
    if (!taken) message.ack();
  }
  /**
   * Shall the core acknowledge by itself, before a message is told? Not with loops, which acknowledge what they have taken;
   * nor with a store, where a program that is killed would lose what is recorded and was not told yet.
   */
  get coreAcks() {
    return this.autoAck && this.streams.size === 0 && this.link.persistence === null;
  }
  /** A loop begins. @param {import('./stream.js').MessageStream} stream */
  addStream(stream) {
    this.streams.add(stream);
    this.updateAutoAck();
  }
  /** A loop has ended. @param {import('./stream.js').MessageStream} stream */
  removeStream(stream) {
    this.streams.delete(stream);
    this.updateAutoAck();
  }
  /** @private */
  updateAutoAck() {
    if (this.link.core !== null) this.link.core.setAutoAck(this.coreAcks);
  }
  /** CONNACK. @param {boolean} sessionPresent @param {boolean} forgotten a new session was asked for */
  handleConnected(sessionPresent, forgotten) {
    if (forgotten) this.routes.clear();
    if (sessionPresent) for (const stream of this.streams) stream.handleResumed();
  }
  /** What was asked on the connection will not be answered. @param {Error} error */
  handleLost(error) {
    const waiters = Array.from(this.waiters.values());
    this.waiters.clear();
    for (const waiter of waiters) waiter.fail(error);
  }
  /** No connection will come any more. @param {Error | null} error null: as wanted */
  handleEnded(error) {
    for (const stream of Array.from(this.streams)) stream.handleLost(error);
  }
};

// js/trace.js
var KEPT = 100;
var Trace = class {
  constructor() {
    this.callback = null;
    this.lines = null;
  }
  start() {
    if (this.lines === null) this.lines = [];
  }
  stop() {
    this.lines = null;
  }
  /** Is anybody reading? Ask before a line is put together. */
  get active() {
    return this.callback !== null || this.lines !== null;
  }
  /** @param {string} message @returns {any} what the callback gave */
  write(message) {
    if (this.lines !== null) {
      this.lines.push(message);
      if (this.lines.length > KEPT) this.lines.shift();
    }
    if (this.callback !== null) return this.callback({ severity: "Debug", message });
  }
};

// js/client.js
var CALLBACKS = ["onConnected", "onConnectionLost", "onMessageDelivered", "onMessageArrived", "onReconnecting", "onWarning"];
var Client = class {
  /**
   * @param {import('./platform/contract.js').Platform} platform
   * @param {import('./instance.js').CoreHolder} holder
   * @param {any[]} args Paho's constructor arguments
   */
  constructor(platform, holder, args) {
    this._at = clientArguments(args);
    this._platform = platform;
    this._trace = new Trace();
    this._callbacks = {};
    for (const name of CALLBACKS) this._callbacks[name] = null;
    this._connection = new Connection(this, platform, holder);
    const { link } = this._connection;
    this._publishing = new Publishing(platform, holder, link, (message) => this._call(this._callbacks.onMessageDelivered, message));
    this._subscribing = new Subscribing(this, platform, holder, link);
    this._disconnectedPublishing = false;
    this._disconnectedBufferSize = 5e3;
    this.sessionPresent = false;
    this.mqttVersion = void 0;
    this.serverProperties = {};
  }
  get trace() {
    return this._trace.callback;
  }
  set trace(value) {
    this._trace.callback = /** @type {any} */
    callback("onTrace", value);
  }
  startTrace() {
    this._trace.start();
  }
  stopTrace() {
    this._trace.stop();
  }
  getTraceLog() {
    return this._trace.lines === null ? void 0 : this._trace.lines.slice();
  }
  // The connection.
  isConnected() {
    return this.state === "connected";
  }
  get state() {
    return this._connection.state;
  }
  /** @param {Record<string, any>} [options] */
  connect(options = {}) {
    const connection = this._connection;
    const checked2 = connectOptions(options, this._at);
    if (this.state !== "disconnected") throw invalidState("already connected");
    if (checked2.platform) this._platform.use(checked2.platform);
    this._log("Client.connect", checked2.uris.map(shown), checked2.mqttVersion);
    const context = { invocationContext: checked2.invocationContext };
    const waiter = new Waiter({
      succeed: () => this._call(checked2.onSuccess, { ...context }),
      fail: (error) => this._call(checked2.onFailure, { ...context, ...failureOf(error) })
    });
    const begin = () => connection.connect(checked2, waiter);
    return abortable(this._platform, waiter, checked2.signal, begin, () => connection.waiter === waiter && this.disconnect());
  }
  /** Is the connection alive? Asks the server now, or tries to connect now. */
  probe() {
    return this._connection.probe();
  }
  /** @param {{ reasonCode?: number, properties?: Record<string, any>, drain?: number }} [options] */
  disconnect(options = {}) {
    if (this.state === "disconnected") throw invalidState("not connecting or connected");
    this._log("Client.disconnect");
    const { drain = 0 } = options;
    if (drain > 0 && !this._connection.draining) return this._connection.drain(drain, options);
    return this._connection.disconnect(options);
  }
  /** Authenticates again on a live connection (MQTT 5). @param {Record<string, any>} [properties] */
  reauthenticate(properties = {}) {
    return this._connection.authentication.again(this._connected(), properties);
  }
  // Subscriptions.
  /** @param {any} filter @param {Record<string, any>} [options] */
  subscribe(filter, options = {}) {
    return this._subscribing.subscribe(subscribeOptions(filter, options));
  }
  /** @param {any} filter @param {Record<string, any>} [options] */
  unsubscribe(filter, options = {}) {
    return this._subscribing.unsubscribe(unsubscribeOptions(filter, options));
  }
  /** Messages of a filter, one after the other. @param {any} filter @param {Record<string, any>} [options] */
  messages(filter, options = {}) {
    return new MessageStream(this, subscribeOptions(filter, options));
  }
  /** By a message of ours. @param {import('./core.js').CoreClient} core @param {number} id @param {number} reasonCode */
  _acknowledge(core, id, reasonCode) {
    const { link } = this._connection;
    if (link.core !== core) return;
    core.acknowledge(id, reasonCode, this._platform.now());
    link.flushSoon();
  }
  // Messages of our own.
  /**
   * Paho's send: no promise, hence no garbage. `onMessageDelivered` tells of the delivery.
   * @param {...any} args a Message, or topic, payload, qos, retained
   */
  send(...args) {
    this._publish(args.length === 1 ? args[0] : messageOf(args), null);
  }
  /** As `send`, with a promise. @param {...any} args */
  publish(...args) {
    const message = args.length === 1 ? args[0] : messageOf(args);
    const waiter = new Waiter({ message });
    return abortable(this._platform, waiter, Object(args[2]).signal, () => this._publish(message, waiter));
  }
  /** @private @param {any} message @param {Waiter | null} waiter */
  _publish(message, waiter) {
    const connection = this._connection;
    if (connection.draining) throw invalidState("disconnecting");
    this._publishing.publish(message, waiter, this._callbacks.onMessageDelivered !== null, connection.state);
    if (this._trace.active) this._log("Client.send", message.destinationName, message.qos);
  }
  get pending() {
    return this._publishing.pending;
  }
  /**
   * Settles when no more than so many messages are pending.
   * @param {number} [most]
   * @returns {Promise<void>}
   */
  drained(most = 0) {
    return this._publishing.drained(most).promise;
  }
  get disconnectedPublishing() {
    return this._disconnectedPublishing;
  }
  set disconnectedPublishing(allowed) {
    this._disconnectedPublishing = allowed;
    this._updateOffline();
  }
  get disconnectedBufferSize() {
    return this._disconnectedBufferSize;
  }
  set disconnectedBufferSize(messages) {
    this._disconnectedBufferSize = messages;
    this._updateOffline();
  }
  /** Paho's names for what the option `offline` says. */
  _updateOffline() {
    const paho = { maxMessages: this._disconnectedBufferSize, maxBytes: 4294967295, maxAge: 0, overflow: 0, qos0: true };
    this._publishing.setOffline(this._connection.options.offline || (this._disconnectedPublishing ? paho : null));
  }
  // Shared by the parts.
  /** @param {any} event */
  _handle(event) {
    if (event instanceof Message) return this._subscribing.handleMessage(event);
    switch (event.kind) {
      case "connected":
        return this._connection.handleConnected(event);
      case "failed":
        return this._connection.handleFailed(event);
      case "lost":
        return this._connection.handleLost(event);
      case "reconnecting":
        return this._connection.handleReconnecting(event);
      case "alive":
        return this._connection.handleAlive();
      case "auth":
        return this._connection.handleAuth(event);
      case "delivered":
        return this._publishing.handleDelivered(event);
      case "undelivered":
        return this._publishing.handleUndelivered(event);
      case "subscribed":
      case "unsubscribed":
        return this._subscribing.handleAnswer(event);
      case "resubscribed":
        return this._subscribing.handleResubscribed(event);
    }
  }
  _connected() {
    const { link, draining } = this._connection;
    if (this.state !== "connected" || draining || link.core === null) throw invalidState("not connected");
    return link.core;
  }
  /** Runs a program's own function; its exceptions are its own. @param {Function | null | undefined} fn @param {...any} args */
  _call(fn, ...args) {
    if (!fn) return;
    try {
      const result = fn(...args);
      if (result && typeof result.then === "function") result.then(void 0, (e) => this._platform.report(e));
    } catch (error) {
      this._platform.report(error);
    }
  }
  /** @param {MqttError} error */
  _warn(error) {
    this._log("Client.warning", error.message);
    this._call(this._callbacks.onWarning, error);
  }
  /** @param {...any} words */
  _log(...words) {
    if (this._trace.active) this._call(() => this._trace.write(words.map(String).join(" ")));
  }
};
for (const name of ["host", "port", "path", "uri", "clientId"]) {
  Object.defineProperty(Client.prototype, name, {
    get() {
      return this._at[name];
    },
    set() {
      throw new MqttError(14);
    }
  });
}
for (const name of CALLBACKS) {
  Object.defineProperty(Client.prototype, name, {
    get() {
      return this._callbacks[name];
    },
    set(value) {
      this._callbacks[name] = callback(name, value);
    }
  });
}

// js/batch.js
var ABSENT = 4294967295;
var RECORD = 12;
var FRESH = 1 << 5;
var TRANSMIT = 1;
var OPEN = 2;
var CLOSE = 3;
var CONNECTED = 4;
var FAILED = 5;
var LOST2 = 6;
var MESSAGE = 7;
var DELIVERED = 8;
var SUBSCRIBED = 9;
var UNSUBSCRIBED = 10;
var AUTH = 11;
var RECONNECTING = 12;
var UNDELIVERED = 13;
var RESUBSCRIBED = 14;
var ALIVE = 15;
var PERSIST = 16;
var CLEAR = 0;
var PUT = 2;
var LONGEST_TIMER = 2147483647;
function readBatch(client, at, input, batch) {
  const { core } = client;
  core.refresh();
  const { words } = core;
  const head = at >>> 0 >> 2;
  batch.timeout = words[head + 1] === ABSENT ? -1 : Math.min(words[head + 1], LONGEST_TIMER);
  let record = words[head + 2] >> 2;
  for (let left = words[head]; left > 0; left--, record += RECORD) {
    if (words[record] === TRANSMIT) batch.sends.push(copy(core, words[record + 4], words[record + 5]));
    else if (words[record] === PERSIST) batch.changes.push(readChange(core, record));
    else batch.events.push(words[record] === MESSAGE ? readMessage(core, record, input) : readEvent(client, record));
  }
}
function readMessage(core, record, input) {
  const { words } = core;
  const flags = words[record + 1];
  const number = words[record + 3];
  if ((flags & FRESH) !== 0) {
    core.topics[number] = decodeUtf8(core.bytes, words[record + 4], words[record + 4] + words[record + 5]);
  }
  let payloadAt = words[record + 6];
  let propertiesAt = words[record + 8];
  const payloadLength = words[record + 7];
  const propertiesLength = words[record + 9];
  const start = propertiesLength > 0 ? propertiesAt : payloadAt;
  let buffer = input;
  if (buffer !== null && start >= core.at && payloadAt + payloadLength <= core.at + buffer.byteLength) {
    payloadAt -= core.at;
    propertiesAt -= core.at;
  } else {
    buffer = copy(core, start, payloadAt + payloadLength - start);
    payloadAt -= start;
    propertiesAt = 0;
  }
  const count = words[record + 11];
  let routes = null;
  if (count > 0) {
    const at = words[record + 10] >> 2;
    routes = Array.from(words.subarray(at, at + count));
  }
  return Message.received(
    buffer,
    payloadAt,
    payloadLength,
    core.topics[number],
    flags & ~FRESH,
    words[record + 2],
    propertiesAt,
    propertiesLength,
    routes
  );
}
function readChange(core, record) {
  const { words } = core;
  const does = words[record + 1];
  return {
    key: does === CLEAR ? "" : String.fromCharCode(words[record + 3]) + words[record + 2].toString(36),
    value: does === PUT ? new Uint8Array(copy(core, words[record + 4], words[record + 5])) : null
  };
}
function readFilters(bytes, at, length) {
  const names = [];
  for (let next = at; next < at + length; ) {
    const start = next + 2;
    const end = start + (bytes[next] << 8) + bytes[next + 1];
    names.push(decodeUtf8(bytes, start, end));
    next = end + 1;
  }
  return names;
}
function readEvent(client, record) {
  const { core } = client;
  const { words } = core;
  const flags = words[record + 1];
  const id = words[record + 2];
  const code = words[record + 3];
  const length = words[record + 9];
  const properties = length > 0 ? new Uint8Array(copy(core, words[record + 8], length)) : null;
  switch (words[record]) {
    case OPEN:
      return { kind: "open", host: id, version: code };
    case CONNECTED:
      client.connected = true;
      return {
        kind: "connected",
        host: id,
        version: code,
        sessionPresent: (flags & 1) !== 0,
        reconnected: (flags & 2) !== 0,
        reasonCode: 0,
        properties
      };
    case FAILED:
      client.active = client.connected = false;
      return { kind: "failed", code: id, reasonCode: code, properties };
    case LOST2:
      client.connected = false;
      client.active = flags !== 0;
      return { kind: "lost", code: id, reasonCode: code, properties, reconnecting: flags !== 0 };
    case RECONNECTING:
      return { kind: "reconnecting", code: id, reasonCode: code, properties, attempt: flags, delay: words[record + 10] };
    case UNDELIVERED:
      return { kind: "undelivered", ticket: id, code };
    case RESUBSCRIBED:
      return {
        kind: "resubscribed",
        codes: new Uint8Array(copy(core, words[record + 4], words[record + 5])),
        filters: readFilters(core.bytes, words[record + 6], words[record + 7])
      };
    case ALIVE:
      return { kind: "alive" };
    case DELIVERED:
      return { kind: "delivered", ticket: id, reasonCode: code, properties };
    case SUBSCRIBED:
    case UNSUBSCRIBED:
      return {
        kind: words[record] === SUBSCRIBED ? "subscribed" : "unsubscribed",
        ticket: id,
        codes: new Uint8Array(copy(core, words[record + 4], words[record + 5])),
        properties
      };
    case AUTH:
      return { kind: "auth", reasonCode: code, properties };
    case CLOSE:
    default:
      return { kind: "close" };
  }
}
function copy(core, at, length) {
  return core.exports.memory.buffer.slice(at, at + length);
}

// js/core.js
var ABSENT2 = 4294967295;
var TRAPPED = 101;
var KEPT2 = 64 * 1024;
var LARGE = 1024 * 1024;
var LONGEST_PACKET = 268435455;
var offlineFlags = (offline) => offline === null ? 0 : 1 | offline.overflow << 1 | (offline.qos0 ? 1 << 3 : 0);
var offlineNumbers = (offline) => offline === null ? [0, 0, 0] : [offline.maxMessages, offline.maxBytes, offline.maxAge];
var Core = class {
  /**
   * @param {any} exports of wasmqtt.wasm
   * @param {(error: unknown) => void} report gets the engine's own words about a trap
   */
  constructor(exports, report) {
    this.exports = exports;
    this.report = report;
    this.retired = false;
    this.clients = /* @__PURE__ */ new Set();
    this.reasonNames = {};
    this.topics = [];
    this.space = 0;
    this.at = 0;
    this.bytes = new Uint8Array(0);
    this.words = new Uint32Array(0);
  }
  /**
   * @param {() => void} wake called when the core has something for the client although nobody called: after a trap
   */
  createClient(wake) {
    const client = new CoreClient(this, this.call("client_new"), wake);
    this.clients.add(client);
    return client;
  }
  /** The sentence for an error code, or ''. @param {number} code */
  errorText(code) {
    return this.text(this.attempt("error_text", code));
  }
  /** The standard's name of a reason code, or ''. @param {number} code */
  reasonName(code) {
    const known = this.reasonNames[code];
    return known === void 0 ? this.reasonNames[code] = this.text(this.attempt("reason_name", code)) : known;
  }
  /**
   * Calls into the core. A trap, which is a bug of ours, ends every client of this instance with a clear error.
   * @param {string} name
   * @param {...number} args
   * @returns {number}
   */
  call(name, ...args) {
    if (this.retired) throw new MqttError(TRAPPED);
    try {
      return this.exports[name](...args);
    } catch (error) {
      this.retire(error);
      throw new MqttError(TRAPPED);
    }
  }
  /**
   * As `call`, where a trap must not keep anybody from going on: every client hears of it by its lost connection.
   * @param {string} name
   * @param {...number} args
   */
  attempt(name, ...args) {
    try {
      return this.call(name, ...args);
    } catch (error) {
      return 0;
    }
  }
  /** @param {unknown} error */
  retire(error) {
    if (this.retired) return;
    this.retired = true;
    this.report(error);
    for (const client of this.clients) client.wake();
  }
  /** Views of the memory as it is now. Growth replaces its buffer, and wasm2js does not detach the old one. */
  refresh() {
    const buffer = this.exports.memory.buffer;
    if (this.bytes.buffer !== buffer) {
      this.bytes = new Uint8Array(buffer);
      this.words = new Uint32Array(buffer);
    }
  }
  /** Makes room for the arguments of a call. @param {number} length */
  reserve(length) {
    if (length > this.space || this.space > LARGE && length < KEPT2) {
      this.space = Math.max(length, KEPT2);
      this.at = this.call("reserve", this.space) >>> 0;
    }
    this.refresh();
  }
  /** Writes a string or bytes at `at` and gives the length. @param {string | Uint8Array} value @param {number} at */
  write(value, at) {
    if (typeof value === "string") return encodeUtf8(value, this.bytes, at);
    this.bytes.set(value, at);
    return value.length;
  }
  /** @param {number} at address of an address and a length, or 0 */
  text(at) {
    if (at === 0) return "";
    this.refresh();
    const word = at >>> 0 >> 2;
    const from = this.words[word];
    return decodeUtf8(this.bytes, from, from + this.words[word + 1]);
  }
};
var CoreClient = class {
  /**
   * @param {Core} core
   * @param {number} handle
   * @param {() => void} wake
   */
  constructor(core, handle, wake) {
    this.core = core;
    this.handle = handle;
    this.wake = wake;
    this.active = false;
    this.connected = false;
    this.batch = null;
  }
  // Commands.
  /** @param {ConnectOptions} options @param {number} now */
  connect(options, now) {
    const { core } = this;
    const { will, reconnect, offline } = options;
    const strings = [
      options.clientId,
      options.userName,
      options.password,
      will && will.topic,
      will && will.payload,
      will && (will.properties || ""),
      options.properties || "",
      reconnect && reconnect.giveUpOn && Uint8Array.from(reconnect.giveUpOn)
    ];
    const flags = (options.cleanStart ? 1 : 0) | (will && will.retained ? 2 : 0) | (will ? will.qos << 2 : 0) | (options.autoAck ? 1 << 4 : 0) | (options.batch ? 1 << 5 : 0) | (reconnect ? 1 << 6 : 0) | (reconnect && reconnect.initial ? 1 << 7 : 0) | (options.followServerReference ? 1 << 8 : 0) | (options.persist ? 1 << 9 : 0) | offlineFlags(offline) << 10 | (options.asks ? 1 << 14 : 0);
    const versions = options.versions.reduce((digits, version) => digits * 10 + version, 0);
    const numbers = [options.hosts, options.keepAlive, options.timeout, flags, versions, options.maxInflight, options.seed].concat(
      reconnect ? [reconnect.minDelay, reconnect.maxDelay, reconnect.jitter, reconnect.maxAttempts] : [0, 0, 0, 0],
      offlineNumbers(offline)
    );
    const before = (numbers.length + strings.length) * 4;
    const lengths = this.writeAll(strings, before);
    numbers.concat(lengths).forEach((number, n) => {
      for (let byte = 0; byte < 4; byte++) core.bytes[core.at + n * 4 + byte] = number >>> byte * 8;
    });
    const answer = core.call("connect", this.handle, now);
    this.check(answer);
    this.active = true;
  }
  /**
   * Takes over a record of the store, before `connect`.
   * @param {string} key a letter and a number in base 36
   * @param {Uint8Array} record
   */
  restore(key, record) {
    const [length] = this.writeAll([record]);
    const number = parseInt(key.slice(1), 36);
    this.check(this.core.call("restore", this.handle, key.charCodeAt(0), number, length));
  }
  /**
   * For the attempt that `open` told last.
   * @param {string | null} userName @param {string | Uint8Array | null} password @param {Uint8Array | null} properties
   */
  setCredentials(userName, password, properties) {
    const [user, secret2, sections] = this.writeAll([userName, password, properties || ""]);
    this.check(this.core.call("credentials", this.handle, user, secret2, sections));
  }
  /** What may wait for a connection. @param {Offline | null} offline */
  setOffline(offline) {
    this.core.attempt("offline", this.handle, offlineFlags(offline), ...offlineNumbers(offline));
  }
  /** Are messages acknowledged when they are delivered, or by `acknowledge`? @param {boolean} on */
  setAutoAck(on) {
    this.core.attempt("auto_ack", this.handle, on ? 1 : 0);
  }
  /** How many messages the server has not acknowledged yet. */
  pending() {
    return this.core.attempt("pending", this.handle);
  }
  /**
   * @param {string} topic
   * @param {string | Uint8Array} payload
   * @param {number} qos
   * @param {boolean} retained
   * @param {Uint8Array | null} properties
   * @param {number} now
   */
  publish(topic, payload, qos, retained, properties, now) {
    const core = this.core;
    if (payload.length > LONGEST_PACKET) this.check(-34);
    const sections = properties === null ? 0 : properties.length;
    const room = typeof payload === "string" ? payload.length * 3 : payload.length;
    core.reserve(topic.length * 3 + room + sections);
    const at = core.at;
    const topicLength = encodeUtf8(topic, core.bytes, at);
    const payloadLength = core.write(payload, at + topicLength);
    if (properties !== null) core.bytes.set(properties, at + topicLength + payloadLength);
    const flags = qos << 1 | (retained ? 1 : 0);
    if (core.retired) core.call("publish");
    let answer;
    try {
      answer = core.exports.publish(this.handle, flags, topicLength, payloadLength, sections, now);
    } catch (error) {
      core.retire(error);
      throw new MqttError(TRAPPED);
    }
    return answer < 0 ? this.check(answer) : answer;
  }
  /** @param {[string, number, any?][]} filters each with its options byte @param {Uint8Array | null} properties @param {number} now */
  subscribe(filters, properties, now) {
    return this.filters("subscribe", filters, properties, now);
  }
  /** @param {string[]} filters @param {Uint8Array | null} properties @param {number} now */
  unsubscribe(filters, properties, now) {
    return this.filters("unsubscribe", filters.map((filter) => [filter, -1]), properties, now);
  }
  /** @param {number} packetId as the message had it @param {number} reasonCode @param {number} now */
  acknowledge(packetId, reasonCode, now) {
    this.check(this.core.call("acknowledge", this.handle, packetId, reasonCode, now));
  }
  /** @param {number} reasonCode @param {Uint8Array | null} properties @param {number} now */
  authenticate(reasonCode, properties, now) {
    const [length] = this.writeAll([properties || ""]);
    this.check(this.core.call("authenticate", this.handle, reasonCode, length, now));
  }
  /** @param {number} reasonCode @param {Uint8Array | null} properties @param {number} now */
  disconnect(reasonCode, properties, now) {
    const [length] = this.writeAll([properties || ""]);
    this.check(this.core.call("disconnect", this.handle, reasonCode, length, now));
  }
  /** @param {string} filter @param {number} id */
  route(filter, id) {
    const [length] = this.writeAll([filter]);
    this.check(this.core.call("route", this.handle, length, id));
  }
  /** @param {string} filter @param {number} id */
  unroute(filter, id) {
    try {
      const [length] = this.writeAll([filter]);
      this.core.call("unroute", this.handle, length, id);
    } catch (error) {
    }
  }
  // What happened outside.
  /** @param {number} now */
  handleOpen(now) {
    this.happened("handle_open", now);
  }
  /** @param {ArrayBuffer} buffer @param {number} now */
  handleInput(buffer, now) {
    const core = this.core;
    if (core.retired) return;
    try {
      core.reserve(buffer.byteLength);
      core.bytes.set(new Uint8Array(buffer), core.at);
      this.read(core.exports.handle_input(this.handle, buffer.byteLength, now), buffer);
    } catch (error) {
      core.retire(error);
    }
  }
  /** @param {number} code 7: it failed, 8: it closed @param {number} now */
  handleClose(code, now) {
    this.happened("handle_close", code, now);
  }
  /** @param {number} now */
  handleTimeout(now) {
    this.happened("handle_timeout", now);
  }
  /** The device was asleep, or the network may have changed. @param {boolean} network @param {number} now */
  handleWake(network, now) {
    this.happened("handle_wake", network ? 1 : 0, now);
  }
  // What to do now.
  /**
   * Everything since the last poll, copied out of memory.
   * @param {number} now
   * @returns {import('./batch.js').Batch}
   */
  poll(now) {
    if (this.batch === null) this.happened("poll", now);
    if (this.batch !== null && this.batch.timeout === 0) this.happened("handle_timeout", now);
    const batch = this.batch || { changes: [], sends: [], events: [], timeout: -1 };
    this.batch = null;
    if (this.core.retired) this.endTrapped(batch);
    return batch;
  }
  free() {
    this.core.clients.delete(this);
    this.core.attempt("client_free", this.handle);
  }
  /** @private @param {string} name @param {...number} args */
  happened(name, ...args) {
    if (this.core.retired) return;
    try {
      this.read(this.core.exports[name](this.handle, ...args), null);
    } catch (error) {
      this.core.retire(error);
    }
  }
  /** @private The one lost connection that a trap surfaces as. @param {import('./batch.js').Batch} batch */
  endTrapped(batch) {
    if (!this.active) return;
    const trapped = { code: TRAPPED, reasonCode: 0, properties: null };
    batch.events.push(this.connected ? { kind: "lost", ...trapped, reconnecting: false } : { kind: "failed", ...trapped });
    batch.events.push({ kind: "close" });
    this.active = this.connected = false;
  }
  /** @private @param {number} at address of the batch @param {ArrayBuffer | null} input as for `readBatch` */
  read(at, input) {
    if (this.batch === null) this.batch = { changes: [], sends: [], events: [], timeout: -1 };
    readBatch(this, at, input, this.batch);
  }
  /**
   * @private
   * @param {'subscribe' | 'unsubscribe'} name
   * @param {(string | number)[][]} filters
   * @param {Uint8Array | null} properties
   * @param {number} now
   */
  filters(name, filters, properties, now) {
    const core = this.core;
    const sections = properties === null ? 0 : properties.length;
    core.reserve(filters.reduce((room, [filter]) => room + 3 + String(filter).length * 3, sections));
    const { bytes, at } = core;
    let end = at;
    for (const [filter, options] of filters) {
      const length = encodeUtf8(String(filter), bytes, end + 2);
      if (length > 65535) this.check(-31);
      bytes[end] = length >> 8;
      bytes[end + 1] = length & 255;
      end += 2 + length;
      if (name === "subscribe") bytes[end++] = Number(options);
    }
    if (properties !== null) bytes.set(properties, end);
    return this.check(core.call(name, this.handle, end - at, sections, now));
  }
  /**
   * @private
   * Writes values one behind the other; gives their lengths, ABSENT for null.
   * @param {(string | Uint8Array | null | undefined)[]} values
   * @param {number} [before] bytes to be left free in front of them
   */
  writeAll(values, before = 0) {
    const core = this.core;
    core.reserve(values.reduce((room, value) => room + (value ? value.length * 3 : 0), before));
    let end = core.at + before;
    return values.map((value) => {
      if (value === null || value === void 0) return ABSENT2;
      const length = core.write(value, end);
      end += length;
      return length;
    });
  }
  /** @private Throws what the core refused. @param {number} answer */
  check(answer) {
    if (answer < 0) throw new MqttError(-answer, this.core.errorText(-answer));
    return answer;
  }
};

// js/instance.js
var CoreHolder = class {
  /** @param {import('./platform/contract.js').Platform} platform */
  constructor(platform) {
    this.platform = platform;
    this.core = null;
    this.loading = null;
  }
  /** The core if it is there and sound. */
  get ready() {
    return this.core !== null && !this.core.retired ? this.core : null;
  }
  /** The sentence for an error code of the core, or ''. @param {number} code */
  errorText(code) {
    return this.core === null ? "" : this.core.errorText(code);
  }
  /** The standard's name of a reason code, or ''. @param {number} reasonCode */
  reasonName(reasonCode) {
    return this.core === null ? "" : this.core.reasonName(reasonCode);
  }
  /** @param {{ wasmPath?: string }} options @param {(error: import('./errors.js').MqttError) => void} warn as for the platform @returns {Promise<Core>} */
  open(options, warn) {
    if (this.ready) return Promise.resolve(this.ready);
    if (this.loading === null) {
      this.loading = this.platform.loadCore(options, warn).then(
        (exports) => {
          this.loading = null;
          return this.core = new Core(exports, this.platform.report);
        },
        (error) => {
          this.loading = null;
          throw error;
        }
      );
    }
    return this.loading;
  }
};

// js/api.js
function clientFor(platform) {
  const holder = new CoreHolder(platform);
  class PlatformClient extends Client {
    /** @param {...any} args */
    constructor(...args) {
      super(platform, holder, args);
    }
  }
  const connect2 = (url, options = {}) => promised(() => {
    const { clientId = options.store ? "" : randomClientId(), mqttVersion = "auto", ...rest } = options;
    const whole = (given2) => typeof given2 === "string" ? given2.replace(/^(\w+:\/\/[^/]+)$/, "$1/mqtt") : given2;
    const client = new PlatformClient(typeof url === "function" ? NO_ADDRESS : whole(url), clientId);
    if (typeof url === "function") rest.url = () => promised(url).then(whole);
    for (const name of CALLBACKS) {
      if (rest[name] !== void 0) client[name] = rest[name];
      delete rest[name];
    }
    return client.connect({ mqttVersion, ...rest }).then(() => client);
  });
  return { Client: PlatformClient, Message, connect: connect2 };
}
function randomClientId() {
  let id = "w" + Date.now().toString(36);
  while (id.length < 23) id += Math.floor(Math.random() * 36).toString(36);
  return id;
}

// js/platform/web-timer.js
var SOURCE = "onmessage=e=>setTimeout(()=>postMessage(e.data[0]),e.data[1])";
function webTimers() {
  const pending = /* @__PURE__ */ new Map();
  let address2 = "";
  let worker = null;
  let refused2 = false;
  const close = () => {
    if (worker !== null) worker.terminate();
    worker = null;
  };
  const refuse = () => {
    refused2 = true;
    close();
  };
  const open2 = () => {
    try {
      if (address2 === "") address2 = URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
      worker = new Worker(address2);
      worker.onmessage = ({ data }) => fire(data);
      worker.onerror = refuse;
      for (const [timer, { at }] of pending) worker.postMessage([timer, at - performance.now()]);
    } catch (_) {
      refuse();
    }
  };
  const look = () => {
    if (pending.size === 0) document.removeEventListener("visibilitychange", look);
    if (pending.size === 0 || !document.hidden) close();
    else if (worker === null && !refused2) open2();
  };
  const fire = (timer) => {
    const found = pending.get(timer);
    if (found === void 0) return;
    clearTimer(timer);
    found.run();
  };
  const setTimer = (run, delay) => {
    if (typeof document === "undefined" || typeof Worker === "undefined") return setTimeout(run, delay);
    const timer = setTimeout(() => fire(timer), delay);
    pending.set(timer, { run, at: performance.now() + delay });
    document.addEventListener("visibilitychange", look);
    if (worker !== null) worker.postMessage([timer, delay]);
    else look();
    return timer;
  };
  const clearTimer = (timer) => {
    clearTimeout(timer);
    if (pending.delete(timer)) void Promise.resolve().then(look);
  };
  return { setTimer, clearTimer };
}

// js/platform/web.js
var NO_CAUSE = "no cause is given: check the address, the network and the certificate";
var NORMAL = 1e3;
var CLOSING2 = 2;
function webAssemblyCore(wasm) {
  let compiled = null;
  return async () => {
    if (compiled === null) {
      compiled = Promise.resolve(wasm()).then((found) => found instanceof WebAssembly.Module ? found : WebAssembly.compile(found));
    }
    try {
      return (await WebAssembly.instantiate(await compiled, {})).exports;
    } catch (error) {
      compiled = null;
      throw error;
    }
  };
}
var nodeSocket = () => import("ws").then((ws) => ws.WebSocket, () => null);
function webPlatform(loadCore, findSocket = () => Promise.resolve(null)) {
  const { setTimer, clearTimer } = webTimers();
  let foundSocket = null;
  return {
    use(name) {
      if (name !== "web") throw new MqttError(10, [name]);
    },
    loadCore() {
      if (typeof WebSocket !== "undefined" || foundSocket !== null) return loadCore();
      return findSocket().then((socket) => {
        foundSocket = socket;
        return loadCore();
      });
    },
    openSocket(url, protocols, handlers) {
      const Socket = typeof WebSocket === "undefined" ? foundSocket : WebSocket;
      if (!Socket) throw new MqttError(10, ["WebSocket"]);
      const socket = new Socket(url, protocols);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => handlers.onOpen();
      socket.onmessage = (event) => {
        if (typeof event.data === "string") handlers.onError("the server sent a text message");
        else handlers.onMessage(event.data);
      };
      socket.onerror = (event) => handlers.onError(event.message || NO_CAUSE);
      socket.onclose = (event) => handlers.onClose(event.code, String(event.reason));
      return {
        send: (data) => socket.send(data),
        close: () => {
          if (socket.readyState < CLOSING2) socket.close(NORMAL);
        },
        get bufferedAmount() {
          return socket.bufferedAmount;
        }
      };
    },
    now: () => Date.now(),
    setTimer,
    clearTimer,
    watch,
    defer: (run) => typeof queueMicrotask === "function" ? queueMicrotask(run) : void Promise.resolve().then(run),
    report: (error) => {
      if (typeof reportError === "function") reportError(error);
      else console.error(error);
    }
  };
}
function watch(wake) {
  const page = typeof document === "undefined" ? null : document;
  const scope = typeof self === "undefined" ? null : self;
  const connection = typeof navigator === "undefined" ? null : (
    /** @type {any} */
    navigator.connection
  );
  const network = () => navigator.onLine && connection.type;
  let last = connection && network();
  const changed = () => {
    const now = network();
    if (now === last) return;
    last = now;
    if (now !== false) wake(true);
  };
  const events = [
    [scope, "online", () => wake(true)],
    [connection, "change", changed],
    [page, "visibilitychange", () => document.hidden || wake(false)],
    [page, "resume", () => wake(false)],
    [scope, "pageshow", (event) => event.persisted && wake(false)]
  ];
  const present = events.filter(([target]) => target && target.addEventListener);
  for (const [target, name, handle] of present) target.addEventListener(name, handle);
  return () => {
    for (const [target, name, handle] of present) target.removeEventListener(name, handle);
  };
}

// js/stores/indexeddb.js
var UNSUPPORTED = 10;
var STORE_IN_USE2 = 52;
var PREFIX = "wasmqtt:";
var RECORDS = "records";
var MARK = "-";
var JOURNAL_LIMIT = 64 * 1024;
var LOCK_PATIENCE = 500;
var IndexedDBStore = class {
  constructor() {
    this._name = "";
    this._taken = false;
    this._database = null;
    this._unlock = null;
    this._owner = "";
    this._sequence = 0;
    this._first = 1;
    this._group = null;
    this._last = Promise.resolve();
  }
  /** @param {string} name @returns {Promise<[string, Uint8Array][]>} */
  load(name) {
    if (this._taken) return Promise.reject(new MqttError(STORE_IN_USE2));
    this._taken = true;
    const loaded = this._last.then(() => this._load(PREFIX + name)).catch(async (error) => {
      await this._release();
      this._taken = false;
      throw error;
    });
    this._last = loaded.catch(() => {
    });
    return loaded;
  }
  /** @param {string} key @param {Uint8Array} value */
  put(key, value) {
    return this.write([{ key, value }]);
  }
  /** @param {string} key */
  delete(key) {
    return this.write([{ key, value: null }]);
  }
  clear() {
    return this.write([{ key: "", value: null }]);
  }
  /**
   * Without somebody to hear of a late failure nothing counts as written before the database has it.
   * @param {Change[]} changes
   * @param {(error: unknown) => void} [failed]
   * @returns {Promise<void> | undefined}
   */
  write(changes, failed) {
    const group = this._group || (this._group = this._open());
    merge(group.changes, changes);
    if (changes.some(({ value }) => value !== null)) group.put = true;
    group.sequence = ++this._sequence;
    if (failed === void 0 || !writeItem(this._name, this._owner, group.sequence, changes)) return group.done;
    group.done.catch(failed);
  }
  /** All that was asked before is in the database, or has failed. @returns {Promise<void>} */
  settled() {
    return this._last;
  }
  /** Gives the session back when everything is written. @returns {Promise<void>} */
  close() {
    this._taken = false;
    return this._last = this._last.then(() => this._release());
  }
  /** @param {string} name @returns {Promise<[string, Uint8Array][]>} */
  async _load(name) {
    this._unlock = await lock(name);
    const database = this._database = await open(name);
    const records = /* @__PURE__ */ new Map();
    let items = [];
    await transact(database, (store, mark) => {
      const keys = store.getAllKeys();
      const values = store.getAll();
      values.onsuccess = () => {
        keys.result.forEach((key, i) => records.set(String(key), values.result[i]));
        records.delete(MARK);
        const journal = readItems(name, mark);
        items = journal.items;
        for (const [key, value] of journal.changes) {
          if (key === "") records.clear();
          else if (value === null) records.delete(key);
          else records.set(key, value);
        }
        this._sequence = journal.sequence;
        const kept = this._unlock !== null && mark !== void 0;
        this._owner = kept ? mark.owner : Date.now().toString(36) + Math.random().toString(36).slice(2);
        apply(store, journal.changes, kept ? null : { owner: this._owner, sequence: this._sequence });
      };
    });
    for (const item of items) removeItem(item);
    this._name = name;
    this._first = this._sequence + 1;
    return [...records];
  }
  /** @returns {Group} */
  _open() {
    const group = {
      changes: /* @__PURE__ */ new Map(),
      put: false,
      sequence: 0,
      failure: null,
      done: this._last.then(() => this._commit(group))
    };
    this._last = group.done.catch(() => {
    });
    return group;
  }
  /** @param {Group} group */
  async _commit(group) {
    if (group.failure !== null) throw group.failure;
    this._group = null;
    try {
      if (this._database === null) throw new Error("The store is closed.");
      await transact(this._database, (store, mark) => {
        if (mark === void 0 || mark.owner !== this._owner) throw new MqttError(STORE_IN_USE2);
        apply(store, group.changes, group.put ? { owner: this._owner, sequence: group.sequence } : null);
      });
    } catch (error) {
      this._fail(error);
      throw error;
    }
    while (this._first <= group.sequence) removeItem(itemKey(this._name, this._owner, this._first++));
  }
  /** What waits stands upon what failed, and fails with it. @param {unknown} error */
  _fail(error) {
    if (this._group !== null) this._group.failure = error;
    this._group = null;
  }
  /** @returns {Promise<void>} */
  async _release() {
    if (this._database !== null) this._database.close();
    this._database = null;
    if (this._unlock !== null) await this._unlock();
    this._unlock = null;
  }
};
function lock(name) {
  if (typeof navigator === "undefined" || !navigator.locks) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LOCK_PATIENCE);
    const released = navigator.locks.request(name, { signal: patience.signal }, () => {
      clearTimeout(timer);
      return new Promise(
        (release) => resolve(() => {
          release();
          return released;
        })
      );
    }).catch((error) => reject(patience.signal.aborted ? new MqttError(STORE_IN_USE2) : error));
  });
}
function open(name) {
  return new Promise((resolve, reject) => {
    if (typeof indexedDB === "undefined") throw new MqttError(UNSUPPORTED, ["IndexedDB"]);
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}
function transact(database, act) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(RECORDS, "readwrite", { durability: "strict" });
    const records = transaction.objectStore(RECORDS);
    let failure = null;
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(failure || transaction.error || new Error("The transaction was aborted."));
    const mark = records.get(MARK);
    mark.onsuccess = () => {
      try {
        act(records, mark.result);
      } catch (error) {
        failure = error;
        transaction.abort();
      }
    };
  });
}
function apply(records, changes, mark) {
  for (const [key, value] of changes) {
    if (key === "") records.delete(IDBKeyRange.lowerBound(MARK, true));
    else if (value === null) records.delete(key);
    else records.put(value.slice(), key);
  }
  if (mark !== null) records.put(mark, MARK);
}
var itemKey = (name, owner, sequence) => `${name}:${owner}:${sequence}`;
function writeItem(name, owner, sequence, changes) {
  let size = 0;
  for (const { value } of changes) size += value === null ? 0 : value.length;
  if (size > JOURNAL_LIMIT) return false;
  try {
    const item = JSON.stringify(changes.map(({ key, value }) => [key, value && toText(value)]));
    localStorage.setItem(itemKey(name, owner, sequence), item);
    return true;
  } catch (_) {
    return false;
  }
}
function removeItem(key) {
  try {
    localStorage.removeItem(key);
  } catch (_) {
  }
}
function readItems(name, mark = { owner: "", sequence: 0 }) {
  const changes = /* @__PURE__ */ new Map();
  const items = [];
  let sequence = mark.sequence;
  try {
    for (const key of Object.keys(localStorage)) {
      const [, its, owner, number] = /^([^]*):(\w+):(\d+)$/.exec(key) || [];
      if (its === name) items.push({ key, owner, number: Number(number) });
    }
    items.sort((a, b) => a.number - b.number);
    for (const { key, owner, number } of items) {
      if (owner !== mark.owner || number <= sequence) continue;
      merge(changes, fromItem(localStorage.getItem(key) || ""));
      sequence = number;
    }
  } catch (_) {
  }
  return { changes, items: items.map(({ key }) => key), sequence };
}
function fromItem(text2) {
  try {
    return JSON.parse(text2).map(([key, value]) => ({
      key,
      value: value === null ? null : Uint8Array.from(atob(value), (one) => one.charCodeAt(0))
    }));
  } catch (_) {
    return [];
  }
}
function toText(bytes) {
  let text2 = "";
  for (const byte of bytes) text2 += String.fromCharCode(byte);
  return btoa(text2);
}

// js/stores/memory.js
var STORE_IN_USE3 = 52;
var MemoryStore = class {
  constructor() {
    this._records = /* @__PURE__ */ new Map();
    this._taken = false;
  }
  load() {
    if (this._taken) throw new MqttError(STORE_IN_USE3);
    this._taken = true;
    return [...this._records];
  }
  /** @param {string} key @param {Uint8Array} value */
  put(key, value) {
    this._records.set(key, value);
  }
  /** @param {string} key */
  delete(key) {
    this._records.delete(key);
  }
  clear() {
    this._records.clear();
  }
  close() {
    this._taken = false;
  }
};

// js/slim.js
var source = null;
function useWasm(wasm) {
  source = wasm;
}
async function load() {
  const from = source === null ? new URL("wasmqtt.wasm", import.meta.url) : source;
  if (typeof from !== "string" && !(from instanceof URL)) return from;
  const url = new URL(from, import.meta.url);
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`wasmqtt.wasm: HTTP ${response.status}`);
  return response.arrayBuffer();
}
var { Client: Client2, Message: Message2, connect } = clientFor(webPlatform(webAssemblyCore(load), nodeSocket));
export {
  Client2 as Client,
  IndexedDBStore,
  MemoryStore,
  Message2 as Message,
  MqttError,
  connect,
  useWasm
};
