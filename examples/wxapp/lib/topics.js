// Which topic carries what: the one place where topic names are made and read. Names come from anybody, so that
// everything read here is checked, and what does not fit is no message of ours.
//
//   chat/rooms/{room}/members/{member}       JSON, retained; empty when the member has left
//   chat/rooms/{room}/text/{member}/{id}     UTF-8 text
//   chat/rooms/{room}/image/{member}/{id}    a picture in the frame of image.js
//   chat/users/{member}/online               JSON, retained; empty when offline, which the will sees to
//   chat/users/{member}/receipts/{from}      JSON: what the client of `from` has got from `member`
//
// A member is `nickname~identifier`: messages need not repeat the name, and two people may have the same one.

const config = require('../config')

const memberPattern = /^(.{1,64})~([0-9a-z]{6,16})$/
const idPattern = /^([0-9a-z]{8})-[0-9a-z]{1,8}$/
const day = 24 * 3600 * 1000

const member = (name, id) => `${name}~${id}`
const isMember = (text) => memberPattern.test(text)
const nameOf = (text) => (memberPattern.exec(text) || ['', text])[1]

let count = 0

/** The identifier of a message: when it was written, and what tells it from others of that moment. */
function newId(now) {
  count = (count + 1) % 1296
  return `${now.toString(36).padStart(8, '0')}-${count.toString(36)}${Math.floor(Math.random() * 46656).toString(36)}`
}

/** When a message was written, if that can be true; else when it arrived. */
function timeOf(id, now) {
  const time = parseInt((idPattern.exec(id) || ['', ''])[1], 36)
  return time > now - 30 * day && time < now + 60 * 1000 ? time : now
}

/** What is wrong with a name for a room or a person; '' if nothing is. */
function complaint(name) {
  if (name === '') return '请输入名称'
  if (Array.from(name).length > config.name) return `名称最多 ${config.name} 个字`
  if (/[/+#]/.test(name)) return '名称不能含有 / + #'
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return '名称含有无法显示的字符'
  try {
    encodeURIComponent(name)
  } catch (error) {
    return '名称含有无法显示的字符'
  }
  return ''
}

const text = (room, who, id) => `chat/rooms/${room}/text/${who}/${id}`
const image = (room, who, id) => `chat/rooms/${room}/image/${who}/${id}`
const membership = (room, who) => `chat/rooms/${room}/members/${who}`
const online = (who) => `chat/users/${who}/online`
const receipt = (to, from) => `chat/users/${to}/receipts/${from}`

/** What a member of a room subscribes to. */
const roomFilters = (room) => [
  `chat/rooms/${room}/members/+`,
  `chat/rooms/${room}/text/+/+`,
  `chat/rooms/${room}/image/+/+`,
]

/** What a topic says; null for one that is not ours. */
function read(topic) {
  const [chat, place, name, kind, who, id, more] = topic.split('/')
  if (chat !== 'chat' || more !== undefined || !name) return null
  if (place === 'users' && isMember(name)) {
    if (kind === 'online' && who === undefined) return { kind, who: name }
    if (kind === 'receipts' && id === undefined && isMember(who)) return { kind: 'receipt', to: name, who }
  }
  if (place === 'rooms' && isMember(who)) {
    if (kind === 'members' && id === undefined) return { kind: 'member', room: name, who }
    if ((kind === 'text' || kind === 'image') && idPattern.test(id)) return { kind, room: name, who, id }
  }
  return null
}

module.exports = { member, nameOf, newId, timeOf, complaint, text, image, membership, online, receipt, roomFilters, read }
