// Whether the phone has a network at all: what a page says while there is none. The client watches it by itself.

const { Listeners } = require('./listeners')

const network = { available: true, changed: new Listeners() }

function set(available) {
  if (network.available === available) return
  network.available = available
  network.changed.tell()
}

wx.onNetworkStatusChange(({ isConnected }) => set(isConnected))
wx.getNetworkType({ success: ({ networkType }) => set(networkType !== 'none') })

module.exports = network
