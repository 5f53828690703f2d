// A page about one session: finds it, refreshes while it is shown, and sends to the view only what has changed.

const sessions = require('./sessions')

const differ = (one, other) => JSON.stringify(one) !== JSON.stringify(other)

/** setData() with the differences alone; lists that grow are compared item by item. What is given is kept: copies only. */
function render(page, next) {
  const changes = {}
  Object.keys(next).forEach((key) => {
    const before = page.data[key]
    const after = next[key]
    if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && before.length <= after.length) {
      after.forEach((item, at) => {
        if (differ(before[at], item)) changes[`${key}[${at}]`] = item
      })
    } else if (differ(before, after)) changes[key] = after
  })
  if (Object.keys(changes).length > 0) page.setData(changes)
}

/** As Page(), for a page that is opened with ?session= and has refresh(). `this.session` is there before its onLoad. */
function sessionPage(page) {
  const call = (self, name, ...args) => page[name] && self.session && page[name].apply(self, args)
  const stop = (self) => self.stop && self.stop()
  Page(
    Object.assign({}, page, {
      onLoad(query) {
        this.session = sessions.find(query.session)
        call(this, 'onLoad', query)
      },
      onReady() {
        // Not before: a page can be left when it is there.
        if (!this.session) wx.reLaunch({ url: '/pages/login/login' })
      },
      onShow() {
        if (!this.session) return
        stop(this)
        this.stop = this.session.changed.add(() => this.refresh())
        call(this, 'onShow')
        this.refresh()
      },
      onHide() {
        stop(this)
        call(this, 'onHide')
      },
      onUnload() {
        stop(this)
        call(this, 'onUnload')
      },
    }),
  )
}

module.exports = { render, sessionPage }
