const { greet } = require('greeting')

Page({
  data: {
    draft: '',
    messages: [],
    last: '',
    note: '',
    on: false,
    choices: [{ name: 'one' }, { name: 'two' }],
    choice: 0,
    greeting: greet('小明'),
  },
  onLoad() {
    this.note('load')
  },
  onShow() {
    this.note('show')
  },
  onReady() {
    this.note('ready')
  },
  onHide() {
    this.note('hide')
  },
  note(event) {
    getApp().globalData.events.push(`index ${event}`)
  },
  onDraft({ detail }) {
    this.setData({ draft: detail.value })
  },
  onSend() {
    const id = this.data.messages.length + 1
    this.setData({ messages: this.data.messages.concat({ id, text: this.data.draft }), draft: '', last: `message-${id}` })
  },
  onMessage(event) {
    this.setData({ note: `tapped ${event.currentTarget.dataset.id}` })
  },
  onHold(event) {
    this.setData({ note: `held ${event.currentTarget.dataset.id}` })
  },
  onBadge({ detail }) {
    this.setData({ note: `badge ${detail.count}` })
  },
  onSwitch({ detail }) {
    this.setData({ on: detail.value })
  },
  onChoice({ detail }) {
    this.setData({ choice: Number(detail.value) })
  },
  onForm({ detail }) {
    this.setData({ note: `form ${JSON.stringify(detail.value)}` })
  },
})
