// Under the title of a page: how the connection fares, and how much waits for it. Not there while all is well.

const network = require('../../lib/network')
const sessions = require('../../lib/sessions')

const wait = (session) => Math.max(0, Math.ceil((session.nextAt - Date.now()) / 1000))

/** What to show of a session: words and tone. */
function wordsOf(session) {
  if (session.state === 'closed') {
    const { failure } = session
    if (session.needsPassword) return [`${failure ? failure.title : '需要密码'}，点按登录`, 'wrong']
    return failure ? [`${failure.title}，${failure.advice}。点按重试`, 'wrong'] : ['未连接，点按连接', 'wrong']
  }
  if (!network.available) return ['网络不可用，恢复后自动重连', 'wrong']
  if (session.state === 'connected') return [session.notice, 'good']
  if (session.attempt === 0) return [session.state === 'connecting' ? '连接中…' : '已断开，正在重连…', 'busy']
  const seconds = wait(session)
  return [`已断开，第 ${session.attempt} 次重连${seconds > 0 ? `（${seconds} 秒后）` : '…'}`, 'busy']
}

Component({
  properties: {
    session: { type: String, value: '' },
  },
  data: { text: '', tone: 'busy', waiting: 0 },
  lifetimes: {
    attached() {
      this.one = sessions.find(this.data.session)
      if (!this.one) return
      this.stop = this.one.changed.add(() => this.refresh())
      this.refresh()
    },
    detached() {
      if (this.stop) this.stop()
      clearInterval(this.timer)
    },
  },
  methods: {
    refresh() {
      const session = this.one
      const [text, tone] = wordsOf(session)
      const waiting = tone === 'good' ? 0 : session.pending
      const { data } = this
      if (text !== data.text || tone !== data.tone || waiting !== data.waiting) this.setData({ text, tone, waiting })
      this.count(session.state !== 'connected' && wait(session) > 0)
    },

    /** Counts the seconds down while there are some. */
    count(isOn) {
      if (isOn === Boolean(this.timer)) return
      if (!isOn) clearInterval(this.timer)
      this.timer = isOn ? setInterval(() => this.refresh(), 500) : 0
    },

    onRetry() {
      if (this.data.tone !== 'good') sessions.retry(this.one)
    },
  },
})
