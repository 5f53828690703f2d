// How people and brokers look: the first character of a nickname on a colour that is always the same; an address without
// what it may hold of a secret.

const colours = ['#5b8ff9', '#45b787', '#f2a33a', '#e8684a', '#7c6fd6', '#2ba3a8', '#d1629b', '#8a7a68']

function colourOf(text) {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) >>> 0
  return colours[hash % colours.length]
}

/** A character may be two code units. */
const initialOf = (name) => (Array.from(name.trim())[0] || '?').toUpperCase()

const addressOf = (url) => url.replace(/^(\w+:\/\/)[^/?#]*@/, '$1').replace(/[?#].*/, '')

const hostOf = (url) => addressOf(url).replace(/^\w+:\/\//, '').replace(/\/.*/, '')

module.exports = { colourOf, initialOf, addressOf, hostOf }
