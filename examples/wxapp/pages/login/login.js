// Who one is and which broker to go to. With ?more=1 it adds a connection to those that there are; with ?session= it asks
// for the password of one of them.

const accounts = require('../../lib/accounts')
const { advise } = require('../../lib/errors')
const sessions = require('../../lib/sessions')
const topics = require('../../lib/topics')

Page({
  data: {
    name: '',
    url: '',
    userName: '',
    password: '',
    v5: true,
    clean: false,
    remember: false,
    isMore: false,
    isKnown: false,
    busy: false,
    failure: null,
  },

  onLoad({ more, session }) {
    const isMore = more === '1'
    this.known = session ? sessions.find(session) : null
    const { name, url, userName, v5, clean, remember } = this.known ? this.known.account : accounts.form()
    this.setData({ isMore, isKnown: Boolean(this.known), name, url, userName, v5, clean, remember })
  },

  onReady() {
    if (this.data.isMore) wx.setNavigationBarTitle({ title: '添加连接' })
  },

  onUnload() {
    this.onCancel()
  },

  onInput({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.field]: detail.value })
  },

  onSwitch({ currentTarget, detail }) {
    this.setData({ [currentTarget.dataset.field]: detail.value })
  },

  onConnect() {
    if (this.data.busy) return
    const { userName, password, v5, clean, remember } = this.data
    const name = this.data.name.trim()
    const url = this.data.url.trim()
    const complaint = topics.complaint(name)
    if (complaint) return this.fail({ title: '昵称不对', advice: complaint })
    if (!/^(wss?|wxs):\/\/[^\s/]+/.test(url)) return this.fail({ title: '地址不对', advice: '地址形如 wss://主机:端口/mqtt' })
    const fields = { name, url, userName, password, v5, clean, remember }
    accounts.saveForm(fields)
    this.setData({ busy: true, failure: null })
    this.attempt = this.known ? sessions.reopen(this.known, fields) : sessions.add(fields)
    this.attempt.then(
      (session) => {
        this.attempt = null
        wx.reLaunch({ url: `/pages/rooms/rooms?session=${session.account.id}` })
      },
      (error) => {
        this.attempt = null
        // 0: called off.
        this.fail(error.code === 0 ? null : advise(error))
      },
    )
  },

  onCancel() {
    if (this.attempt) this.attempt.cancel()
  },

  fail(failure) {
    this.setData({ busy: false, failure })
  },
})
