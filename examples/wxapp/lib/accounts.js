// Who connects where: one account a connection, kept on the phone. The password is kept only where the user says so.

const storage = require('./storage')
const config = require('../config')

const key = 'chat/accounts'
const formKey = 'chat/form'

/** Made once for an account: client identifier and member name are made of it. */
function newId() {
  let id = ''
  while (id.length < 10) id += Math.floor(Math.random() * 36).toString(36)
  return id
}

const isAccount = (one) =>
  one && typeof one === 'object' && [one.id, one.name, one.url, one.userName].every((field) => typeof field === 'string')

/** Those of last time, in order. */
const list = () => storage.load(key, []).filter(isAccount)

const write = (accounts) => storage.save(key, accounts)

/** Adds an account or replaces it. */
function put(account) {
  const asks = account.asks || account.password !== ''
  const kept = Object.assign({}, account, { asks, password: account.remember ? account.password : '' })
  const accounts = list()
  const at = accounts.findIndex(({ id }) => id === account.id)
  if (at < 0) accounts.push(kept)
  else accounts[at] = kept
  write(accounts)
}

const remove = (id) => write(list().filter((one) => one.id !== id))

/** What the login page shows first: what was entered last. */
function form() {
  const blank = { name: '', url: config.url, userName: '', v5: true, clean: false, remember: false }
  return Object.assign(blank, storage.load(formKey, {}))
}

function saveForm({ name, url, userName, v5, clean, remember }) {
  storage.save(formKey, { name, url, userName, v5, clean, remember })
}

module.exports = { newId, list, put, remove, form, saveForm }
