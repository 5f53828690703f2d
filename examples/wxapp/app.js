// The program: goes on with the connections of last time, and tells them when it is hidden and shown.

const sessions = require('./lib/sessions')

App({
  onLaunch() {
    sessions.resume()
  },

  onShow() {
    sessions.handleShow()
  },

  onHide() {
    sessions.handleHide()
  },
})
