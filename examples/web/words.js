// Every word that the workbench shows, in English and in Chinese, and how an error becomes a sentence. It never touches
// the connection and never builds markup: words reach the page as text alone.

// The library has English sentences of its own, so that Chinese has more errors here.
/** @type {Record<string, Record<string, string>>} */
export const dictionaries = {
  en: {
    'other-language': '中文', workbench: 'workbench', sections: 'Sections',
    connection: 'Connection', address: 'Broker address', version: 'Version', 'version-auto': 'Automatic',
    'keep-alive': 'Keep alive, s', 'client-id': 'Client identifier', 'new-id': 'New', user: 'User name',
    password: 'Password', session: 'Session', 'clean-start': 'Begin a new session',
    'session-expiry': 'Keep the session for, s', will: 'Will: what others hear when this client is lost',
    topic: 'Topic', payload: 'Payload', 'will-delay': 'Delay, s', retain: 'Retain', connect: 'Connect',
    'connect-again': 'Connect again', again: 'Reconnect', cancel: 'Cancel', disconnect: 'Disconnect', 'server-said': 'What the server said',
    store: 'Keep the session in this browser (IndexedDB)',
    'store-hint': 'What is not delivered survives a reload. It is found again by the client identifier and the address: keep both, and connect with them in one tab at a time. The session is kept at the server too. Messages with QoS 0 are not stored.',
    'when-lost': 'When the connection is lost', reconnect: 'Reconnect automatically', offline: 'Queue what is published meanwhile',
    'queue-size': 'Messages at most', overflow: 'When it is full', 'overflow-reject': 'Refuse new ones',
    'overflow-drop-oldest': 'Drop the oldest', 'overflow-drop-newest': 'Drop new ones', 'queue-qos0': 'QoS 0 too',
    drain: 'Wait for what is in flight, {n} s at most', 'disconnect-now': 'Disconnect now', 'try-now': 'Try now',
    'next-in': 'next in {n} s', 'next-now': 'trying…', pending: '{n} pending', events: 'Events of the connection',
    'event-connected': 'Connected to {host}. Session: {session}', 'event-lost': 'Connection lost. {reason}',
    'event-failed': 'Attempt {attempt} failed. {reason}', 'event-given-up': 'Reconnecting was given up. {reason}',
    'event-closed': 'Disconnected from {host}', 'event-stored': 'Messages kept in this browser, sent now: {n}',
    'state-idle': 'Not connected', 'state-connecting': 'Connecting to {host}…',
    'state-connected': 'Connected by {version} to {host}', 'state-reconnecting': 'Reconnecting to {host}: attempt {attempt}',
    'state-draining': 'Disconnecting from {host} when nothing is pending', 'state-lost': 'Connection to {host} lost',
    'state-refused': '{host} refused the connection', 'state-failed': 'No connection to {host}',
    'state-cancelled': 'Connecting was cancelled', 'state-closed': 'Disconnected from {host}',
    'session-new': 'new', 'session-present': 'resumed: the server kept it', 'fact-session': 'Session',
    'assigned-id': '{id}, assigned by the server', 'server-nothing': 'MQTT 3 servers say nothing about their limits.',
    'fact-version': 'Protocol', 'fact-address': 'Address', 'fact-id': 'Client', yes: 'yes', no: 'no', bytes: '{n} bytes',
    seconds: '{n} s', 'by-default': '{value}, by default', 'not-limited': 'not limited',
    subscriptions: 'Subscriptions', filter: 'Topic filter', subscribe: 'Subscribe', unsubscribe: 'Unsubscribe from {filter}',
    remove: 'Remove {filter}', 'options-v5': 'Options of MQTT 5', 'no-local': 'No Local: not what I publish myself',
    'retain-as-published': 'Retain As Published: keep the mark', 'retain-handling': 'Retained messages',
    'retain-handling-0': 'Send them', 'retain-handling-1': 'Send if new', 'retain-handling-2': 'Never send',
    'subscription-id': 'Identifier', 'sub-waiting': 'waits for a connection', 'sub-pending': 'asking the server…',
    'sub-granted': 'QoS {qos}', 'sub-lowered': 'QoS {qos} granted, {asked} asked', 'sub-refused': 'Refused: {reason}',
    'sub-failed': '{reason}', 'sub-none': 'None yet. # is every topic.', 'filter-missing': 'Which topics? # is every topic.',
    publish: 'Publish', 'entered-as': 'Entered as', 'kind-text': 'Text', 'kind-hex': 'Hex',
    'properties-v5': 'Properties of MQTT 5', 'content-type': 'Content type', 'message-expiry': 'Expires after, s',
    'response-topic': 'Response topic', correlation: 'Correlation data',
    'user-properties': 'User properties, a line each: name: value', 'payload-format': 'Say that the payload is UTF-8',
    repeat: 'Repeat, for load', 'repeat-count': 'Messages', 'repeat-every': 'Every, ms', start: 'Start', stop: 'Stop',
    'repeat-hint': '0 ms: as fast as the connection takes them. {{n}} in the payload becomes the number, {{time}} the time.',
    'repeat-progress': '{sent} of {count} sent, {done} done, {failed} failed; {rate} a second',
    published: 'What was published last', 'log-queued': 'queued…', 'log-delivered': 'delivered after {s} s',
    'log-waiting': 'sent, waiting…', 'log-handed': 'handed over, {ms} ms', 'log-done': 'acknowledged, {ms} ms',
    'log-reason': 'acknowledged, {ms} ms: {reason}', 'topic-missing': 'A message needs a topic.',
    'not-connected': 'Not connected: connect first.', 'bad-json': 'This is not JSON: {detail}',
    'bad-hex': 'Hex needs pairs of the digits 0 to 9 and a to f.', 'bad-base64': 'This is not Base64.',
    'bad-user-property': 'User properties need a line each, as name: value. This has no colon: {line}',
    'bad-number': '{name} must be a whole number from {min} to {max}.',
    traffic: 'Traffic', in: 'in', out: 'out', 'per-second': 'msg/s', 'round-trip': 'round trip', ping: 'ping',
    messages: 'Messages', search: 'Find in topics and payloads', 'search-short': 'Find text', pause: 'Pause', resume: 'Follow', clear: 'Clear',
    'follow-new': '↓ {n} new', 'none-yet': 'Nothing has arrived yet.', 'none-found': 'No message has this in it.',
    'counts': '{received} received', 'counts-found': '{found} found', 'counts-dropped': '{dropped} older ones no longer kept',
    retained: 'retained', duplicate: 'duplicate', close: 'Close', copy: 'Copy', copied: 'Copied.',
    'copy-failed': 'The browser does not let this page copy.', reuse: 'Resend…',
    'fact-time': 'Received', 'fact-size': 'Size', 'fact-marks': 'Marks', 'fact-user': 'User property', 'not-utf8': 'Not UTF-8, so shown as hex.',
    'with-reason': '{said}: {reason}.', 'full-stop': '.',
    'not-json': 'Not JSON: {detail}', 'empty-payload': 'The payload is empty.', 'show-more': 'Show more', 'more-items': '{n} more',
    'tab-connection': 'Connect', 'tab-subscriptions': 'Subscribe', 'tab-publisher': 'Publish', 'tab-messages': 'Messages',
    'no-library': 'The library could not be loaded: {detail}. Is /pkg/index.mjs served?', 'page-error': 'An error in the page: {detail}',
    'error-1': 'The server did not answer in time.', 'error-4': 'The server went silent: a ping was not answered.',
    'error-6': 'The server refused the connection', 'error-8': 'The server closed the connection without a word.',
    'error-7': 'Nothing could be reached there: wrong address, port or path, no WebSocket listener, or an untrusted certificate. Browsers do not say which.',
    'error-11': 'There is no connection that takes this, nor does the queue.',
    'error-18': 'The queue is full: it takes nothing more until the connection is back.',
    'error-21': 'The server ended the connection', 'error-22': 'The connection was lost before the server acknowledged.',
    'error-26': 'The server refused the message', 'error-27': 'The server refused the filter', 'error-100': 'Cancelled.',
    'error-28': 'Dropped: the queue was full.', 'error-29': 'Dropped: it waited too long for a connection.',
    'error-address': 'The address must begin with ws:// or wss:// and name a host.',
    'refused-1': 'Unacceptable protocol version', 'refused-2': 'Identifier rejected', 'refused-3': 'Server unavailable',
    'refused-4': 'Bad user name or password', 'refused-5': 'Not authorized', 'server-reason': 'It says: {text}',
  },
  zh: {
    'other-language': 'English', workbench: '工作台', sections: '板块',
    connection: '连接', address: '服务器地址', version: '协议版本', 'version-auto': '自动', 'keep-alive': '保活（秒）',
    'client-id': '客户端 ID', 'new-id': '换一个', user: '用户名', password: '密码', session: '会话', 'clean-start': '开始新会话',
    'session-expiry': '会话保留时长（秒）', will: '遗嘱：本客户端异常断线后他人收到的消息', topic: '主题', payload: '内容',
    'will-delay': '延迟（秒）', retain: '保留', connect: '连接', 'connect-again': '重新连接', again: '重连', cancel: '取消', disconnect: '断开',
    store: '将会话保存在本浏览器（IndexedDB）',
    'store-hint': '未送达的消息在刷新页面后仍会保留，并按客户端 ID 和地址找回：请保持两者不变，且同一时间只在一个标签页中使用。服务器也会保留会话。QoS 0 的消息不会保存。',
    'when-lost': '连接中断时', reconnect: '自动重连', offline: '断线期间发布的消息排队等待', 'queue-size': '最多条数', overflow: '队列满时',
    'overflow-reject': '拒绝新消息', 'overflow-drop-oldest': '丢弃最早的消息', 'overflow-drop-newest': '丢弃新消息', 'queue-qos0': 'QoS 0 也排队',
    drain: '等待未完成的消息，最多 {n} 秒', 'disconnect-now': '立即断开', 'try-now': '立即重试', 'next-in': '{n} 秒后重试', 'next-now': '正在尝试…',
    pending: '待完成 {n} 条', events: '连接记录', 'event-connected': '已连接到 {host}。会话：{session}', 'event-lost': '连接中断。{reason}',
    'event-failed': '第 {attempt} 次尝试失败。{reason}', 'event-given-up': '已放弃重连。{reason}', 'event-closed': '已断开与 {host} 的连接',
    'event-stored': '本浏览器中保存的消息现在发出：{n} 条',
    'server-said': '服务器的回应', 'state-idle': '未连接', 'state-connecting': '正在连接 {host}…',
    'state-connected': '已通过 {version} 连接到 {host}', 'state-reconnecting': '正在重连 {host}：第 {attempt} 次尝试',
    'state-draining': '消息全部完成后断开 {host}', 'state-lost': '与 {host} 的连接已中断', 'state-refused': '{host} 拒绝了连接',
    'state-failed': '无法连接到 {host}', 'state-cancelled': '已取消连接', 'state-closed': '已断开与 {host} 的连接',
    'session-new': '新会话', 'session-present': '已恢复：服务器保留了会话', 'fact-session': '会话',
    'assigned-id': '{id}（服务器分配）', 'server-nothing': 'MQTT 3 服务器不会告知自身的限制。', 'fact-version': '协议',
    'fact-address': '地址', 'fact-id': '客户端', yes: '是', no: '否', bytes: '{n} 字节', seconds: '{n} 秒',
    'by-default': '{value}（默认）', 'not-limited': '不限', subscriptions: '订阅', filter: '主题过滤器', subscribe: '订阅',
    unsubscribe: '取消订阅 {filter}', remove: '移除 {filter}', 'options-v5': 'MQTT 5 选项', 'no-local': 'No Local：不接收自己发布的消息',
    'retain-as-published': 'Retain As Published：沿用发布时的保留标志', 'retain-handling': '保留消息', 'retain-handling-0': '发送',
    'retain-handling-1': '仅新订阅时发送', 'retain-handling-2': '不发送', 'subscription-id': '订阅标识符', 'sub-waiting': '等待连接',
    'sub-pending': '正在订阅…', 'sub-granted': 'QoS {qos}', 'sub-lowered': '授予 QoS {qos}（请求 {asked}）',
    'sub-refused': '被拒绝：{reason}', 'sub-failed': '{reason}', 'sub-none': '还没有订阅。# 表示所有主题。',
    'filter-missing': '要订阅哪些主题？# 表示所有主题。', publish: '发布', 'entered-as': '输入格式', 'kind-text': '文本',
    'kind-hex': '十六进制', 'properties-v5': 'MQTT 5 属性', 'content-type': '内容类型', 'message-expiry': '有效期（秒）',
    'response-topic': '响应主题', correlation: '关联数据', 'user-properties': '用户属性，每行一个，格式为“名称: 值”',
    'payload-format': '声明内容为 UTF-8', repeat: '重复发送（压测）', 'repeat-count': '条数', 'repeat-every': '间隔（毫秒）',
    start: '开始', stop: '停止', 'repeat-hint': '0 毫秒：以连接允许的最快速度发送。内容中的 {{n}} 会替换为序号，{{time}} 替换为时间。',
    'repeat-progress': '共 {count} 条，已发 {sent}，完成 {done}，失败 {failed}；每秒 {rate} 条', 'log-waiting': '已发送，等待确认…',
    published: '最近发布的消息', 'log-queued': '排队中…', 'log-delivered': '{s} 秒后送达',
    'log-handed': '已发出（{ms} 毫秒）', 'log-done': '已确认（{ms} 毫秒）', 'log-reason': '已确认（{ms} 毫秒）：{reason}',
    'topic-missing': '请填写消息的主题。', 'not-connected': '未连接，请先连接。', 'bad-json': '不是有效的 JSON：{detail}',
    'bad-hex': '十六进制内容须由成对的 0–9、a–f 组成。', 'bad-base64': '不是有效的 Base64。', 'bad-user-property': '用户属性每行一个，写成“名称: 值”。这一行没有英文冒号：{line}',
    'bad-number': '“{name}”须为 {min} 到 {max} 之间的整数。', traffic: '流量', in: '收', out: '发', 'per-second': '条/秒',
    'round-trip': '往返时延', ping: '测量', messages: '消息', search: '在主题和内容中查找', 'search-short': '查找', pause: '暂停', resume: '继续',
    clear: '清空', 'follow-new': '↓ {n} 条新消息', 'none-yet': '尚未收到消息。', 'none-found': '没有匹配的消息。',
    'counts': '已收 {received} 条', 'counts-found': '匹配 {found} 条', 'counts-dropped': '较早的 {dropped} 条已清除',
    retained: '保留', duplicate: '重发', close: '关闭', copy: '复制', copied: '已复制。', 'copy-failed': '浏览器不允许本页面复制内容。',
    reuse: '再次发送…', 'fact-time': '接收时间', 'fact-size': '大小', 'fact-marks': '标志', 'fact-user': '用户属性', 'not-utf8': '内容不是 UTF-8，以十六进制显示。',
    'with-reason': '{said}：{reason}。', 'full-stop': '。',
    'not-json': '不是有效的 JSON：{detail}', 'empty-payload': '内容为空。', 'show-more': '显示更多', 'more-items': '还有 {n} 项',
    'tab-connection': '连接', 'tab-subscriptions': '订阅', 'tab-publisher': '发布', 'tab-messages': '消息',
    'no-library': '无法加载客户端库：{detail}。请确认 /pkg/index.mjs 可以访问。', 'page-error': '页面出错：{detail}',
    'error-1': '服务器没有及时应答。', 'error-4': '服务器失去响应：心跳请求没有得到应答。', 'error-6': '服务器拒绝了连接',
    'error-7': '无法连接：地址、端口或路径有误，未开启 WebSocket 监听，或证书不受信任。浏览器不会说明是哪一种。',
    'error-8': '服务器关闭了连接，未说明原因。', 'error-21': '服务器终止了连接', 'error-22': '连接在服务器确认之前中断了。',
    'error-26': '服务器拒绝了该消息', 'error-27': '服务器拒绝了该主题过滤器', 'error-100': '已取消。',
    'error-11': '当前没有可用的连接，队列也不接收。', 'error-18': '队列已满，恢复连接之前不再接收消息。', 'error-28': '已丢弃：队列已满。',
    'error-29': '已丢弃：等待连接的时间过长。', 'error-50': '浏览器存储出错：此后消息只保存在内存中。', 'error-51': '存储中有一条记录已损坏，已忽略。',
    'error-52': '存储正被另一个页面使用：请换一个客户端 ID。', 'error-103': '重连后服务器拒绝了一个主题过滤器',
    'error-30': '主题名不能为空，不能含通配符，最长 65535 字节。', 'error-31': '主题过滤器有误：# 须单独位于最后一级，+ 须独占一级。',
    'error-34': '报文超出服务器允许的最大长度。', 'error-35': '服务器不支持此 QoS。', 'error-36': '服务器不支持保留消息。',
    'error-37': '服务器不支持通配符订阅。', 'error-38': '服务器不支持共享订阅。', 'error-39': '服务器不支持订阅标识符。',
    'error-44': 'MQTT 5 之前的版本，设置密码时须同时设置用户名。', 'error-45': '保留会话时须指定客户端 ID。', 'error-46': '报文标识符已用完，请等待确认。',
    'error-address': '地址须以 ws:// 或 wss:// 开头，并包含主机名。', 'refused-1': '不支持的协议版本', 'refused-2': '客户端 ID 被拒绝',
    'refused-3': '服务器不可用', 'refused-4': '用户名或密码错误', 'refused-5': '未授权', 'server-reason': '服务器说明：{text}',
  },
}

/** The words of one language, and the numbers as it writes them. */
export class Words {
  /** @param {string} language en or zh; anything else reads English */
  constructor(language) {
    this.language = language.startsWith('zh') ? 'zh' : 'en'
    /** @type {(() => void)[]} */ this.listeners = []
    this.numbers = new Intl.NumberFormat(this.language)
  }

  /** @param {string} language */
  change(language) {
    this.language = language
    this.numbers = new Intl.NumberFormat(language)
    for (const changed of this.listeners) changed()
  }

  /**
   * The words for a key, with values in place of {name}.
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  say(key, values = {}) {
    const text = dictionaries[this.language][key]
    if (text === undefined) throw new Error(`no word for ${key}`)
    return text.replace(/(?<!\{)\{(\w+)\}(?!\})/g, (_, name) => {
      const value = values[name]
      return typeof value === 'number' ? this.numbers.format(value) : value
    })
  }

  /** @param {string} key */
  has(key) {
    return dictionaries[this.language][key] !== undefined
  }

  /** Puts the words of this language into the page. @param {Document} document */
  apply(document) {
    document.documentElement.lang = this.language === 'zh' ? 'zh-CN' : 'en'
    for (const element of document.querySelectorAll('[data-word]')) {
      element.textContent = this.say(/** @type {HTMLElement} */ (element).dataset.word ?? '')
    }
    for (const element of document.querySelectorAll('[data-word-label]')) {
      element.setAttribute('aria-label', this.say(/** @type {HTMLElement} */ (element).dataset.wordLabel ?? ''))
    }
    for (const element of document.querySelectorAll('[data-word-placeholder]')) {
      element.setAttribute('placeholder', this.say(/** @type {HTMLElement} */ (element).dataset.wordPlaceholder ?? ''))
    }
  }

  /**
   * The name of a reason code with its number.
   * @param {{ reasonCode?: number, reasonName?: string }} reason
   */
  reason({ reasonCode, reasonName }) {
    if (reasonCode === undefined) return ''
    // Codes 1 to 5 are those of CONNACK before MQTT 5: the standard's table of names begins at 0x80 for failures.
    const early = reasonCode > 0 && reasonCode < 0x80 && this.has(`refused-${reasonCode}`)
    const name = early ? this.say(`refused-${reasonCode}`) : reasonName || ''
    return `${name} (${early ? reasonCode : `0x${reasonCode.toString(16)}`})`.trim()
  }

  /**
   * Any error in a sentence, with its code.
   * @param {any} error a MqttError, what Paho's callbacks get, or something thrown by the browser
   */
  explain(error) {
    const code = typeof error.errorCode === 'number' ? error.errorCode : error.code
    if (error.word) return this.say(error.word, error.values)
    const own = typeof code === 'number' && this.has(`error-${code}`)
    const said = own ? this.say(`error-${code}`) : String(error.errorMessage ?? error.message ?? error).replace(/^AMQJSC?\d+[EI] /, '')
    const sentence =
      own && error.reasonCode
        ? this.say('with-reason', { said, reason: this.reason(error) })
        : said.replace(/[^.。!?…]$/, `$&${this.say('full-stop')}`)
    const server = error.properties?.reasonString
    const spoken = server ? ` ${this.say('server-reason', { text: server })}` : ''
    return `${sentence}${spoken}${typeof code === 'number' ? ` [${code}]` : ''}`
  }
}

/** Something the person entered that cannot be used; shown beside the field, in the language of the page. */
export class EntryError extends Error {
  /**
   * @param {string} word
   * @param {Record<string, string | number>} [values]
   */
  constructor(word, values = {}) {
    super(word)
    this.word = word
    this.values = values
  }
}
