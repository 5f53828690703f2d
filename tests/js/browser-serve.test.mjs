// The static server behind `npm start` serves its folders with the right types, and nothing outside them.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'

let folder
let site
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmqtt-serve-'))
  mkdirSync(join(folder, 'site/sub'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  for (const [name, text] of Object.entries({
    'index.html': '<p>top',
    'sub/index.html': '<p>sub',
    'a b.js': '1',
    'x.wasm': '\0asm',
  })) {
    writeFileSync(join(folder, 'site', name), text)
  }
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'site/link.txt'))
  site = await serve({ '/': join(folder, 'site') })
})
after(async () => {
  await site?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** By hand, because fetch would tidy the path first. */
function get(path, method = 'GET') {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: site.port, path, method }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          type: response.headers['content-type'],
          location: response.headers.location,
          body,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

for (const [path, type, body] of [
  ['/', 'text/html; charset=utf-8', '<p>top'],
  ['/?a=b', 'text/html; charset=utf-8', '<p>top'],
  ['/sub/', 'text/html; charset=utf-8', '<p>sub'],
  ['/a%20b.js', 'text/javascript; charset=utf-8', '1'],
  ['/x.wasm', 'application/wasm', '\0asm'],
]) {
  test(`serves ${path}`, async () => {
    const got = await get(path)
    assert.deepEqual([got.status, got.type, got.body], [200, type, body])
  })
}

test('a folder without its slash is sent on', async () => {
  const got = await get('/sub')
  assert.deepEqual([got.status, got.location], [301, '/sub/'])
})

for (const path of [
  '/../secret.txt',
  '/sub/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/..%5csecret.txt',
  '/link.txt',
  '//etc/passwd',
  '/missing',
  '/%00',
  '/sub/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
]) {
  test(`serves nothing for ${path}`, async () => {
    const got = await get(path)
    assert.equal(got.status, 404)
    assert.ok(!got.body.includes('secret'))
  })
}

test('a path that cannot be decoded is the fault of who asks', async () => {
  assert.equal((await get('/%zz')).status, 400)
})

test('nothing is written', async () => {
  assert.equal((await get('/', 'POST')).status, 405)
  assert.equal((await get('/', 'PUT')).status, 405)
})
