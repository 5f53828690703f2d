// The connections of this phone, each with its own client, rooms and console.

const accounts = require('./accounts')
const config = require('../config')
const { Listeners } = require('./listeners')
const { Session } = require('./session')

/** In the order in which they were added. */
let all = []
/** One was added or has gone. */
const changed = new Listeners()

/** The one of that identifier, or the first; undefined while there is none. */
const find = (id) => all.find((one) => one.account.id === id) || all[0]

/** Goes on with those of last time; those that the user had closed stay closed. */
function resume() {
  all = accounts.list().slice(0, config.connections).map((account) => new Session(account))
  all.forEach((session) => {
    if (session.account.open && !session.needsPassword) session.open({ patient: true }).catch(() => {})
  })
}

/** Connects for the first time. @returns {Promise<Session>} rejects with what advise() can tell */
function add(fields) {
  const session = new Session(Object.assign({ id: accounts.newId(), open: true }, fields))
  const added = session.open({ patient: false }).then(
    () => {
      all.push(session)
      accounts.put(session.account)
      changed.tell()
      return session
    },
    (error) => {
      session.stopWatching()
      throw error
    },
  )
  // Whoever has waited long enough may call it off.
  return Object.assign(added, { cancel: () => session.close() })
}

/** Connects with what the login page gives. @returns {Promise<Session>} rejects as add() */
function reopen(session, fields) {
  Object.assign(session.account, fields, { open: true })
  const opened = session.open({ patient: false }).then(() => {
    accounts.put(session.account)
    return session
  })
  return Object.assign(opened, { cancel: () => session.close() })
}

/** Connects again, at once or when somebody has entered the password. */
function open(session) {
  if (session.needsPassword) return wx.navigateTo({ url: `/pages/login/login?session=${session.account.id}` })
  session.account.open = true
  accounts.put(session.account)
  return session.open({ patient: true }).catch(() => {})
}

/** The user does not want to wait for the next attempt. */
function retry(session) {
  if (session.state === 'closed') open(session)
  else session.probe()
}

function close(session) {
  session.account.open = false
  accounts.put(session.account)
  return session.close()
}

function remove(session) {
  all = all.filter((one) => one !== session)
  accounts.remove(session.account.id)
  changed.tell()
  return session.remove()
}

module.exports = {
  all: () => all,
  find,
  resume,
  add,
  reopen,
  open,
  retry,
  close,
  remove,
  changed,
  isFull: () => all.length >= config.connections,
  handleShow: () => all.forEach((session) => session.handleShow()),
  handleHide: () => all.forEach((session) => session.handleHide()),
}
