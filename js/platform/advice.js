/**
 * Why a mini-program's socket failed: the host's own words, and what to do about them. Never shows an address.
 */

/** @type {[RegExp, string][]} */
const ADVICE = [
  [/domain list|\b600002\b|合法域名/i, 'add the host to the list of socket domains in the console of the mini-program ({0})'],
  [/exceed|max.*(count|limit)|\b600007\b/i, 'the host allows only so many sockets at once (WeChat: 5): disconnect() others first'],
  [
    /http status|code:? ?20\b|handshake|protocol/i,
    'the server takes no WebSocket of MQTT there: check port and path (often /mqtt), and that it confirms the sub-protocol mqtt',
  ],
  [/interrupt|\b600003\b|background/i, 'the mini-program was in the background, or the network changed'],
  [/certificate|ssl|tls/i, 'the certificate has to be complete, valid and of a known authority (TLS 1.2 or later)'],
  [/timed? ?out|timer expired/i, 'nobody answers: check host, port, firewall and network'],
]

const INSECURE = 'on a device an address has to begin with wss://'

const NO_WORDS = 'no cause is given: check the address, the network, the certificate and the list of socket domains ({0})'

/**
 * What a host said in an event or to a callback, with all that it calls it.
 * @param {any} said
 * @returns {string} '' where it said nothing
 */
export function wordsOf(said) {
  const { errMsg, errorMessage, message, errno, errCode, errorCode, error } = Object(said)
  const text = [errMsg, errorMessage, message].filter((one) => typeof one === 'string' && one !== '')[0]
  const code = [errno, errCode, errorCode, error].filter((one) => typeof one === 'number')[0]
  return [text, code].filter((one) => one !== undefined).join(' ')
}

/**
 * @param {any} said
 * @param {string} url
 * @param {string} domains where the host's console keeps its list
 */
export function explain(said, url, domains) {
  const words = wordsOf(said)
  const found = ADVICE.filter(([pattern]) => pattern.test(words))[0]
  const insecure = /^ws:/.test(url) && (!found || found === ADVICE[0])
  const advice = insecure ? INSECURE : found ? found[1] : words ? '' : NO_WORDS
  return [words, advice.replace('{0}', domains)].filter((one) => one !== '').join(': ')
}
