// A connection by hand: what arrives as it is, subscribing, publishing, and a log of how the connection has fared.

const { hexOf } = require('../../lib/console')
const { advise } = require('../../lib/errors')
const { addressOf } = require('../../lib/look')
const { render, sessionPage } = require('../../lib/page')
const sessions = require('../../lib/sessions')

/** Arrivals that are shown at once: a flood must not freeze the page. */
const shown = 30

/** A number that fits into its place. */
function brief(number) {
  if (number < 10000) return `${number}`
  return number < 1e6 ? `${Math.floor(number / 1000)}k` : `${(number / 1e6).toFixed(1)}M`
}

const payloadOf = ({ head, size }) => (size === 0 ? '（空）' : `${hexOf(head)}${size > head.length ? ' …' : ''}`)

sessionPage({
  data: {
    session: '',
    arrivals: [],
    filters: [],
    log: [],
    counts: [],
    tabs: ['消息', '订阅', '发布', '记录'],
    levels: [0, 1, 2],
    tab: 0,
    hex: false,
    filter: '',
    filterQos: 1,
    topic: '',
    payload: '',
    qos: 1,
    retained: false,
    outcome: null,
  },

  refresh() {
    const { session } = this
    const { account, counts, console: all } = session
    const { hex } = this.data
    render(this, {
      session: account.id,
      state: session.tone,
      open: session.state !== 'closed',
      url: addressOf(account.url),
      clientId: session.clientId,
      version: account.v5 ? 'MQTT 5' : 'MQTT 3.1.1',
      kept: session.isKept,
      counts: [
        { name: '收到', value: brief(counts.received) },
        { name: '字节', value: brief(counts.bytes) },
        { name: '已发', value: brief(counts.sent) },
        { name: '待确认', value: brief(session.pending) },
        { name: '断线', value: brief(counts.losses) },
        { name: '错误', value: brief(counts.errors) },
      ],
      arrivals: all.arrivals.slice(0, shown).map((one) => {
        const { key, time, topic, qos, retained, duplicate, size, text } = one
        const isHex = hex || text === null || size === 0
        const payload = isHex ? payloadOf(one) : text
        return { key, time, topic: topic.slice(0, 200), qos, retained, duplicate, size, isHex, payload }
      }),
      filters: all.filters.slice(),
      log: session.log.slice(),
    })
  },

  onToggle() {
    if (this.session.state === 'closed') sessions.open(this.session)
    else sessions.close(this.session)
  },

  onTab({ currentTarget }) {
    this.setData({ tab: currentTarget.dataset.tab, outcome: null })
  },

  onHex() {
    this.setData({ hex: !this.data.hex })
    this.refresh()
  },

  onClear() {
    this.session.console.arrivals = []
    this.refresh()
  },

  onField({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.field]: detail.value })
  },

  onChoice({ currentTarget }) {
    this.setData({ [currentTarget.dataset.field]: currentTarget.dataset.value })
  },

  onRetained() {
    this.setData({ retained: !this.data.retained })
  },

  onSubscribe() {
    const { filter, filterQos } = this.data
    this.tell(this.session.console.subscribe(filter, filterQos), `已订阅 ${filter}`)
  },

  onUnsubscribe({ currentTarget }) {
    const { filter } = currentTarget.dataset
    this.tell(this.session.console.unsubscribe(filter), `已取消订阅 ${filter}`)
  },

  onPublish() {
    const { topic, payload, qos, retained } = this.data
    const done = qos === 0 ? '已交给网络' : '服务器已确认'
    if (this.session.state !== 'connected') this.setData({ outcome: { title: '已排队，连接后发出' } })
    this.tell(this.session.publish(topic, payload, { qos, retained }), `${done}：${topic}`)
  },

  /** What has become of something done by hand. */
  tell(done, title) {
    done.then(
      () => this.setData({ outcome: { title } }),
      (error) => {
        const { code, title: what, advice, detail } = advise(error)
        this.session.say(`${what}：${advice}`, true)
        this.setData({ outcome: { wrong: true, title: code ? `${what}（${code}）` : what, advice, detail } })
      },
    )
  },
})
