// Base64 both ways, held against Node's own, which is more lenient.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64, toBase64 } from '../../js/base64.js'

/** Bytes that look random, the same in each run. @param {number} length */
function bytesOf(length) {
  let state = length + 1
  return Uint8Array.from({ length }, () => (state = (state * 48271) % 2147483647))
}

test('bytes of any length, and all their values, are what Node makes of them, and come back', () => {
  const samples = Array.from({ length: 300 }, (_, length) => bytesOf(length))
  for (const bytes of [...samples, Uint8Array.from({ length: 256 }, (_, value) => value), bytesOf(256 * 1024)]) {
    const text = toBase64(bytes)
    assert.equal(text, Buffer.from(bytes).toString('base64'))
    assert.deepEqual(fromBase64(text), bytes)
  }
})

test('a view is read where it lies, and what comes back has a buffer of its own, to its size', () => {
  const text = toBase64(Uint8Array.of(0, 1, 2, 3, 0).subarray(1, 4))
  assert.equal(text, 'AQID')
  for (const length of [0, 1, 2, 3]) assert.equal(fromBase64(toBase64(bytesOf(length)))?.buffer.byteLength, length)
})

test('what lacks its padding, or has too much or anything behind it, is refused', () => {
  const texts = 'A AA AAA AAAAA AA= = == ==== A=== AA=A =AAA AA==AAAA AAA=AAAA AAAA===='
  for (const text of texts.split(' ')) assert.equal(fromBase64(text), null, text)
})

test('a character that is no digit is refused, wherever it stands', () => {
  const digits = /[A-Za-z0-9+/]/
  for (let unit = 0; unit < 0x300; unit++) {
    const character = String.fromCharCode(unit)
    if (digits.test(character)) continue
    for (let at = 0; at < 8; at++) {
      if (character === '=' && at === 7) continue
      assert.equal(fromBase64('AAAAAAAA'.slice(0, at) + character + 'AAAAAAAA'.slice(at + 1)), null, `${unit} at ${at}`)
    }
  }
})

test('bits that belong to no byte are zero, so that bytes have one text only', () => {
  const digits = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/']
  const taken = (/** @type {string} */ before, /** @type {string} */ behind) =>
    digits.filter((digit) => fromBase64(before + digit + behind) !== null).join('')
  assert.equal(taken('A', '=='), 'AQgw')
  assert.equal(taken('AA', '='), 'AEIMQUYcgkosw048')
})
