// The rooms of one connection: what is new in them, joining and leaving.

const config = require('../../config')
const { short } = require('../../lib/clock')
const { hostOf } = require('../../lib/look')
const { render, sessionPage } = require('../../lib/page')
const sessions = require('../../lib/sessions')
const topics = require('../../lib/topics')

/** The last entry in a line. */
function lineOf(entry) {
  if (!entry) return '还没有消息'
  const text = entry.kind === 'image' ? '[图片]' : entry.text.slice(0, 60).replace(/\s+/g, ' ')
  return entry.kind === 'system' || entry.mine ? text : `${topics.nameOf(entry.from)}：${text}`
}

const problems = { waiting: '[待发送]', failed: '[未发出]' }

sessionPage({
  data: { session: '', rooms: [], ideas: config.rooms, isJoining: false, draft: '', complaint: '' },

  refresh() {
    const { session } = this
    const { account } = session
    const now = Date.now()
    const rooms = session.rooms.list
      .map((room) => ({ room, last: room.last, time: room.last ? room.last.time : room.joined }))
      .sort((one, other) => other.time - one.time)
    render(this, {
      session: account.id,
      member: session.me,
      name: account.name,
      state: session.tone,
      host: hostOf(account.url),
      version: account.v5 ? 'MQTT 5' : 'MQTT 3.1.1',
      others: sessions.all().length > 1 ? sessions.all().length : 0,
      rooms: rooms.map(({ room, last, time }) => ({
        name: room.name,
        unread: room.unread,
        time: last ? short(time, now) : '',
        last: lineOf(last),
        problem: room.refusal || (last && problems[last.state]) || '',
      })),
    })
  },

  onConnections() {
    wx.navigateTo({ url: '/pages/connections/connections' })
  },

  open(name) {
    wx.navigateTo({ url: `/pages/chat/chat?session=${this.session.account.id}&room=${encodeURIComponent(name)}` })
  },

  onOpen({ currentTarget }) {
    this.open(currentTarget.dataset.name)
  },

  onIdea({ currentTarget }) {
    const { name } = currentTarget.dataset
    this.session.rooms.join(name)
    this.open(name)
  },

  onJoin() {
    this.setData({ isJoining: true, draft: '', complaint: '' })
  },

  onJoinEnd() {
    this.setData({ isJoining: false })
  },

  onDraft({ detail }) {
    this.setData({ draft: detail.value, complaint: '' })
  },

  onJoinDone() {
    const name = this.data.draft.trim()
    const complaint = topics.complaint(name)
    if (complaint) return this.setData({ complaint })
    this.setData({ isJoining: false })
    this.session.rooms.join(name)
    this.open(name)
  },

  onLeave({ currentTarget }) {
    const room = this.session.rooms.find(currentTarget.dataset.name)
    wx.showModal({
      title: `离开「${room.name}」？`,
      content: '聊天记录会从这部手机上删除。',
      confirmText: '离开',
      confirmColor: '#fa5151',
      success: ({ confirm }) => confirm && this.session.rooms.leave(room),
    })
  },
})
