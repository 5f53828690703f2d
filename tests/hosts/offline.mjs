// Closes the network to a Node process, before its program starts: by --import in NODE_OPTIONS, so that the processes it
// starts have none either. Pipes between processes stay.

import dns from 'node:dns'
import net from 'node:net'

function refuse() {
  throw new Error('the network is closed')
}

dns.lookup = dns.resolve = /** @type {any} */ (refuse)

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (/** @type {any[]} */ ...args) {
  const [first] = args
  const options = Array.isArray(first) ? first[0] : first
  return typeof options === 'string' || Object(options).path ? connect.apply(this, /** @type {any} */ (args)) : refuse()
}
