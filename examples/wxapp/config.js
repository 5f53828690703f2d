// What a team changes first. Nothing else in the program names a broker or a limit.

module.exports = {
  // The broker of `npm run example:wxapp`. WeChat's tools take ws:// while 不校验合法域名 is ticked; a phone takes wss:// only.
  url: 'ws://127.0.0.1:8083/mqtt',
  // Offered on the page of rooms while there is none.
  rooms: ['大厅', '技术交流', '周末去哪儿'],
  // WeChat lets a program have five sockets.
  connections: 4,
  // Seconds; less than the time after which phones and gateways drop what is idle.
  keepAlive: 30,
  // What waits for a connection, and for how much of it there is room in the storage of 10 MB.
  waiting: { maxMessages: 500, maxBytes: 2 << 20 },
  // Entries a room that are kept on the phone.
  history: 200,
  // Characters.
  text: 2000,
  name: 16,
  // Bytes of a picture: what is sent is made to fit, what is larger is not taken from others.
  picture: 256 << 10,
}
