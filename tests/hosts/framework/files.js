// The files of a device: a program's own under USER_DATA_PATH, which it may write, and temporary ones, which it may read.
// The program's own outlive it.

import { settle } from '../wx-thread.js'

export const USER_FILES = 'http://usr'
export const TEMPORARY = 'http://tmp'

const toBase64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''))

const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer

/** The files by path; another start in the same browser context finds the program's own again. */
export function storedFiles() {
  const saved = JSON.parse(localStorage.getItem('files') ?? '[]')
  return new Map(saved.map(([path, text]) => [path, fromBase64(text)]))
}

function save(files) {
  const own = [...files].filter(([path]) => path.startsWith(`${USER_FILES}/`))
  localStorage.setItem('files', JSON.stringify(own.map(([path, bytes]) => [path, toBase64(bytes)])))
}

/** Files under USER_DATA_PATH can be written, temporary ones read; what comes as text is UTF-8 or base64. */
export function addFiles(wx, files, later) {
  const read = ({ filePath, encoding, position = 0, length }) => {
    if (!files.has(filePath)) throw new Error(`no such file or directory, open ${filePath}`)
    const bytes = files.get(filePath).slice(position, length === undefined ? undefined : position + length)
    if (encoding === undefined) return { data: bytes }
    if (encoding === 'base64') return { data: toBase64(bytes) }
    if (/^utf-?8$/.test(encoding)) return { data: new TextDecoder().decode(bytes) }
    throw new Error(`invalid encoding ${encoding}`)
  }
  const write = ({ filePath, data, encoding = 'utf8' }) => {
    if (!String(filePath).startsWith(`${USER_FILES}/`)) throw new Error(`permission denied, open ${filePath}`)
    const isBuffer = Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    if (!isBuffer && typeof data !== 'string')
      throw new Error('parameter error: parameter.data should be String or ArrayBuffer')
    if (isBuffer) files.set(filePath, data.slice(0))
    else if (encoding === 'base64') files.set(filePath, fromBase64(data))
    else files.set(filePath, new TextEncoder().encode(data).buffer)
    save(files)
  }
  const access = ({ path }) => {
    if (!files.has(path)) throw new Error(`no such file or directory, access ${path}`)
  }
  const unlink = ({ filePath }) => {
    if (!files.delete(filePath)) throw new Error(`no such file or directory, unlink ${filePath}`)
    save(files)
  }
  const operations = { readFile: read, writeFile: write, access, unlink }
  const asynchronous = (name, work) => (options) => {
    try {
      const result = { ...work(options), errMsg: `${name}:ok` }
      later(() => settle(options, true, result))
    } catch (error) {
      later(() => settle(options, false, { errMsg: `${name}:fail ${error.message}` }))
    }
  }
  const manager = {
    ...Object.fromEntries(Object.entries(operations).map(([name, work]) => [name, asynchronous(name, work)])),
    readFileSync: (filePath, encoding, position, length) => read({ filePath, encoding, position, length }).data,
    writeFileSync: (filePath, data, encoding) => write({ filePath, data, encoding }),
    accessSync: (path) => access({ path }),
    unlinkSync: (filePath) => unlink({ filePath }),
  }
  wx.getFileSystemManager = () => manager
}

/** Where the document finds a picture that a program names. */
export function address(files, src, from = '') {
  if (files.has(src)) return URL.createObjectURL(new Blob([files.get(src)]))
  if (/^(https?|data|blob):/.test(src)) return src
  return src.startsWith('/') ? `/package${src}` : new URL(src, `${location.origin}/package/${from}`).href
}
