// All connections of this phone at once: how each fares, and the way into its rooms and its console.

const config = require('../../config')
const { soon } = require('../../lib/listeners')
const { addressOf } = require('../../lib/look')
const { render } = require('../../lib/page')
const sessions = require('../../lib/sessions')

const words = { closed: '未连接', connecting: '连接中', connected: '已连接', reconnecting: '重连中' }

Page({
  data: { connections: [], isFull: false, most: config.connections },

  onShow() {
    this.watch()
    this.stopList = sessions.changed.add(() => this.watch())
  },

  onHide() {
    this.unwatch()
    this.stopList()
  },

  onUnload() {
    this.onHide()
  },

  watch() {
    this.unwatch()
    const refresh = soon(() => this.refresh())
    this.stops = sessions.all().map((session) => session.changed.add(refresh))
    this.refresh()
  },

  unwatch() {
    if (this.stops) this.stops.forEach((stop) => stop())
    this.stops = []
  },

  refresh() {
    const connections = sessions.all().map((session) => ({
      id: session.account.id,
      member: session.me,
      name: session.account.name,
      url: addressOf(session.account.url),
      open: session.state !== 'closed',
      state: words[session.state] + (session.attempt ? `（第 ${session.attempt} 次）` : ''),
      tone: session.tone,
      advice: session.failure ? `${session.failure.title}，${session.failure.advice}` : '',
      version: session.account.v5 ? 'MQTT 5' : 'MQTT 3.1.1',
      rooms: session.rooms.list.length,
      unread: session.rooms.unread(),
      received: session.counts.received,
      sent: session.counts.sent,
      pending: session.pending,
    }))
    render(this, { connections, isFull: sessions.isFull() })
  },

  session({ currentTarget }) {
    return sessions.find(currentTarget.dataset.id)
  },

  onEnter(event) {
    wx.reLaunch({ url: `/pages/rooms/rooms?session=${this.session(event).account.id}` })
  },

  onConsole(event) {
    wx.navigateTo({ url: `/pages/console/console?session=${this.session(event).account.id}` })
  },

  onToggle(event) {
    const session = this.session(event)
    if (session.state === 'closed') sessions.open(session)
    else sessions.close(session)
  },

  onRemove(event) {
    const session = this.session(event)
    wx.showModal({
      title: `删除「${session.account.name}」的连接？`,
      content: '会离开它的所有房间，聊天记录会从这部手机上删除。',
      confirmText: '删除',
      confirmColor: '#fa5151',
      success: ({ confirm }) => {
        if (!confirm) return
        sessions.remove(session)
        if (sessions.all().length === 0) wx.reLaunch({ url: '/pages/login/login' })
      },
    })
  },

  onMore() {
    wx.navigateTo({ url: '/pages/login/login?more=1' })
  },
})
