// One room: what was said, who is there, and what one says oneself.

const { full } = require('../../lib/clock')
const image = require('../../lib/image')
const { render, sessionPage } = require('../../lib/page')
const topics = require('../../lib/topics')

/** Milliseconds without a word after which the time is shown. */
const pause = 5 * 60 * 1000
/** Pixels of a picture in the list. */
const widest = 180
const highest = 240

const said = { waiting: '待发送', sent: '已发送', delivered: '已送达', failed: '未发出，点按重发' }

/** A picture's place, of its own shape; what others say of it is bounded. */
function shapeOf({ width, height }) {
  const scale = Math.min(widest / width, highest / height, 1)
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) }
}

/** An entry as the page shows it after the one before. */
function rowOf(entry, before, now) {
  const { id, from, kind, mine, text = '', path = '', state = '', problem = '' } = entry
  const isLate = !before || Math.abs(entry.time - before.time) > pause
  const row = { key: `${from}/${id}`, kind, clock: isLate ? full(entry.time, now) : '', text }
  if (kind === 'system') return row
  const isNext = before && !isLate && before.kind !== 'system' && before.from === from
  Object.assign(row, { from, mine: Boolean(mine), name: topics.nameOf(from), named: !mine && !isNext })
  Object.assign(row, { state, said: said[state] || '', problem: state === 'failed' ? problem || '未发出' : '' })
  return kind === 'image' ? Object.assign(row, { path }, shapeOf(entry)) : row
}

sessionPage({
  data: {
    session: '',
    rows: [],
    members: [],
    about: '',
    tone: '',
    draft: '',
    placeholder: '发消息',
    anchor: '',
    fresh: 0,
    isShowingMembers: false,
  },

  onLoad({ room }) {
    this.room = this.session.rooms.join(decodeURIComponent(room))
    this.isAtBottom = true
    this.top = 0
    this.setData({ session: this.session.account.id, draft: this.room.draft || '' })
  },

  onShow() {
    this.session.rooms.show(this.room)
  },

  onHide() {
    this.session.rooms.show(null)
  },

  onUnload() {
    this.session.rooms.show(null)
  },

  refresh() {
    const { session, room } = this
    const now = Date.now()
    const entries = room.history.entries
    const rows = entries.map((entry, at) => rowOf(entry, entries[at - 1], now))
    const members = Array.from(room.members.keys())
      .map((who) => ({ who, name: topics.nameOf(who), online: session.presence.isOnline(who), me: who === session.me }))
      .sort((one, other) => other.me - one.me || other.online - one.online || (one.name < other.name ? -1 : 1))
    const present = members.filter(({ online }) => online)
    const last = entries[entries.length - 1]
    const isNew = last !== this.last
    const isOwn = last && last.mine
    const count = this.last === undefined ? 0 : entries.length - 1 - entries.lastIndexOf(this.last)
    this.last = last
    render(this, {
      rows,
      members,
      tone: session.tone,
      about: session.state === 'closed' ? '未连接' : `在线 ${present.length} 人，共 ${members.length} 人`,
      placeholder: session.state === 'connected' ? '发消息' : '先写下，连上后发出',
    })
    this.title()
    if (!isNew) return
    if (this.isAtBottom || isOwn) this.toBottom()
    else this.setData({ fresh: this.data.fresh + count })
  },

  title() {
    const { refusal, name } = this.room
    const title = refusal ? `${name}（${refusal}）` : name
    if (title !== this.shownTitle) wx.setNavigationBarTitle({ title })
    this.shownTitle = title
  },

  // The list.

  toBottom() {
    this.isAtBottom = true
    // The same value twice would be no change.
    this.setData({ fresh: 0, anchor: '' }, () => this.setData({ anchor: 'end' }))
  },

  onScroll({ detail }) {
    if (detail.scrollTop < this.top - 4) this.isAtBottom = false
    this.top = detail.scrollTop
  },

  onBottom() {
    this.isAtBottom = true
    if (this.data.fresh) this.setData({ fresh: 0 })
  },

  onFresh() {
    this.toBottom()
  },

  onFocus() {
    if (this.isAtBottom) this.toBottom()
  },

  onPreview({ currentTarget }) {
    const urls = this.room.history.entries.filter(({ path }) => path).map(({ path }) => path)
    wx.previewImage({ current: currentTarget.dataset.path, urls })
  },

  /** The phone has cleared its files, or the picture is none. */
  onPictureGone({ currentTarget }) {
    this.session.rooms.losePicture(this.room, currentTarget.dataset.path)
  },

  onCopy({ currentTarget }) {
    const row = this.data.rows.find(({ key }) => key === currentTarget.dataset.key)
    if (row) wx.setClipboardData({ data: row.text })
  },

  // Speaking.

  onInput({ detail }) {
    this.room.draft = detail.value
    this.setData({ draft: detail.value })
  },

  onSend() {
    const text = this.data.draft.trim()
    if (text === '') return
    this.room.draft = ''
    this.setData({ draft: '' })
    this.session.rooms.sendText(this.room, text)
    this.refresh()
  },

  onPicture() {
    image.choose().then(
      (picture) => picture && this.session.rooms.sendImage(this.room, picture),
      ({ message }) => wx.showModal({ title: '图片没有发出', content: message, showCancel: false }),
    )
  },

  onResend({ currentTarget }) {
    const { key } = currentTarget.dataset
    const entry = this.room.history.entries.find(({ id, from }) => `${from}/${id}` === key)
    if (entry && entry.state === 'failed') this.session.rooms.resend(this.room, entry)
  },

  // Members.

  onMembers() {
    this.setData({ isShowingMembers: true })
  },

  onMembersEnd() {
    this.setData({ isShowingMembers: false })
  },

  onLeave() {
    wx.showModal({
      title: `离开「${this.room.name}」？`,
      content: '聊天记录会从这部手机上删除。',
      confirmText: '离开',
      confirmColor: '#fa5151',
      success: ({ confirm }) => {
        if (!confirm) return
        this.session.rooms.leave(this.room)
        wx.navigateBack()
      },
    })
  },
})
