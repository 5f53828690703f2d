// What went wrong, in the user's words, and what to do about it. Codes are those of the library's README.

const { duration } = require('./clock')

/** By code: what happened, what to do. */
const byCode = {
  1: ['连接超时', '检查地址、端口和网络；服务器可能没有启动'],
  4: ['服务器没有响应', '网络可能已中断，会自动重连'],
  7: ['无法建立连接', '检查地址和端口；真机只能用 wss://，域名须在「socket 合法域名」中'],
  8: ['连接被关闭', '检查服务器和网络；同一客户端标识是否在别处登录'],
  11: ['当前没有连接', '连接之后再试'],
  12: ['参数类型不对', '检查填写的内容'],
  13: ['地址或参数不对', '地址形如 wss://主机:端口/mqtt'],
  18: ['待发送的消息太多', '等连接恢复、消息发出后再试'],
  21: ['服务器断开了连接', '见原因码'],
  22: ['确认之前连接中断', '会自动重发'],
  23: ['服务器丢失了会话', '消息可能已送达，也可能没有；需要时请重发'],
  26: ['服务器拒绝了消息', '检查该用户的发布权限'],
  27: ['服务器拒绝了订阅', '检查该用户的订阅权限'],
  28: ['等待的消息太多，有的被丢弃', '请重发'],
  29: ['等待太久，消息被丢弃', '请重发'],
  30: ['主题名不对', '不能为空，不能含有通配符 + 和 #'],
  31: ['主题过滤器不对', '# 只能单独在最后一级，+ 必须独占一级'],
  34: ['消息太大', '超过了服务器允许的大小，请缩小后再发'],
  35: ['服务器不支持这个 QoS', '换一个较低的 QoS'],
  36: ['服务器不支持保留消息', '不要勾选「保留」'],
  37: ['服务器不支持通配符订阅', '改用完整的主题名'],
  38: ['服务器不支持共享订阅', '去掉 $share 前缀'],
  44: ['密码需要用户名', 'MQTT 3.1.1 中，有密码就必须有用户名'],
  50: ['本地存储失败', '存储可能已满：未发出的消息只在内存中'],
  51: ['有一条本地记录已损坏', '已略过，不影响使用'],
  52: ['会话正被占用', '另一个客户端在使用这个会话'],
  101: ['内核出错', '这是 wasmqtt 的缺陷，请报告；重新连接即可继续'],
  103: ['服务器拒绝恢复订阅', '检查该用户的订阅权限'],
  104: ['WebAssembly 无法加载', '已改用 JavaScript 版本，功能相同；检查 wasm 文件是否在代码包中'],
}

/** By the server's reason code, of CONNACK before MQTT 5 (below 6) and of MQTT 5. */
const byReason = {
  1: ['服务器不支持这个协议版本', '切换「MQTT 5」开关再试'],
  2: ['客户端标识被拒绝', '删除这个连接后重新添加'],
  3: ['服务器暂不可用', '稍后再试'],
  4: ['用户名或密码不对', '检查后重新登录'],
  5: ['没有登录权限', '检查用户名、密码和服务器的权限设置'],
  0x84: ['服务器不支持这个协议版本', '关闭「MQTT 5」再试'],
  0x85: ['客户端标识被拒绝', '删除这个连接后重新添加'],
  0x86: ['用户名或密码不对', '检查后重新登录'],
  0x87: ['没有权限', '检查用户名和密码，以及该用户在服务器上的权限'],
  0x88: ['服务器暂不可用', '稍后再试'],
  0x89: ['服务器繁忙', '稍后再试'],
  0x8a: ['该客户端被封禁', '联系服务器管理员'],
  0x8b: ['服务器正在关闭', '会自动重连'],
  0x8d: ['保活超时', '会自动重连'],
  0x8e: ['会话被别处接管', '同一客户端标识在别处登录；删除这个连接后重新添加'],
  0x95: ['消息太大', '超过了服务器允许的大小'],
  0x97: ['超出服务器的配额', '稍后再试'],
  0x98: ['被管理员断开', '联系服务器管理员'],
}

/** Codes of a server that breaks the protocol. */
const broken = ['服务器违反了 MQTT 协议', '把错误码告诉服务器的维护者']

/** What to show of a failure; of a callback's too, which has errorCode and errorMessage. */
function advise(failure) {
  const { code, errorCode, message, errorMessage, reasonCode, reasonName } = Object(failure)
  const number = typeof code === 'number' ? code : typeof errorCode === 'number' ? errorCode : undefined
  const ofServer = number === 6 || number === 21 || number === 26 ? byReason[reasonCode] : undefined
  const [title, advice] =
    ofServer || byCode[number] || (number >= 60 && number < 100 ? broken : ['出错了', '请再试一次'])
  const detail = `${message || errorMessage || failure}${reasonName ? `（${reasonName}）` : ''}`
  return { code: number === undefined ? '' : `${number}`, title, advice, detail }
}

/** What the time in the background has cost. */
function absence(ms, lost, fresh) {
  const news = fresh > 0 ? `，收到 ${fresh} 条新消息` : ''
  return `${lost ? `离开 ${duration(ms)}，连接已恢复` : `离开 ${duration(ms)}，连接正常`}${news}`
}

module.exports = { absence, advise }
