// The storage of `wx`: text and what JSON can hold, so much by the key and in all.

const MAX_ENTRY = 1024 * 1024
const MAX_STORAGE = 10 * MAX_ENTRY

export function addStorage(wx, device, { storage, shape }) {
  const size = () => [...storage].reduce((sum, [key, text]) => sum + utf8Length(key) + utf8Length(text), 0)
  const named = (key) => {
    if (typeof key !== 'string' || key === '') throw new Error('parameter error: parameter.key should be a non-empty String')
    return key
  }
  device.storage = storage
  /** While it is a text, every writing fails with it. */
  device.storageFault = ''
  const operations = {
    setStorage({ key, data }) {
      const text = JSON.stringify({ data: stored(data) })
      if (device.storageFault) throw new Error(device.storageFault)
      if (utf8Length(text) > MAX_ENTRY) throw new Error('entry size limit reached')
      const before = storage.has(named(key)) ? utf8Length(key) + utf8Length(storage.get(key)) : 0
      if (size() - before + utf8Length(key) + utf8Length(text) > MAX_STORAGE) throw new Error('exceed storage max size 10Mb')
      storage.set(key, text)
    },
    getStorage({ key }) {
      if (!storage.has(named(key))) throw new Error('data not found')
      return { data: revived(JSON.parse(storage.get(key)).data) }
    },
    removeStorage({ key }) {
      if (device.storageFault) throw new Error(device.storageFault)
      storage.delete(named(key))
    },
    clearStorage() {
      storage.clear()
    },
    getStorageInfo: () => ({
      keys: [...storage.keys()],
      currentSize: Math.ceil(size() / 1024),
      limitSize: MAX_STORAGE / 1024,
    }),
  }
  for (const name of Object.keys(operations)) wx[name] = (options) => shape.call(name, options, operations[name])
  const now = (name, options) => {
    try {
      return operations[name](options)
    } catch (error) {
      throw new Error(`${name}Sync:fail ${error.message}`)
    }
  }
  wx.setStorageSync = (key, data) => now('setStorage', { key, data })
  wx.getStorageSync = (key) => (storage.has(key) ? now('getStorage', { key }).data : '')
  wx.removeStorageSync = (key) => now('removeStorage', { key })
  wx.clearStorageSync = () => now('clearStorage', {})
  wx.getStorageInfoSync = () => now('getStorageInfo', {})
}

/** A value as JSON can hold it, or an error: primitives, dates, and plain arrays and objects of these. */
function stored(value, above = []) {
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  if (kind === 'Date') return { '\0date': value.getTime() }
  if (['Null', 'String', 'Boolean', 'Number'].includes(kind)) return value
  if (!['Array', 'Object'].includes(kind)) throw new Error(`parameter error: a value of type ${kind} cannot be stored`)
  if (above.includes(value)) throw new Error('parameter error: a value that contains itself cannot be stored')
  if (kind === 'Array') return value.map((each) => stored(each, [...above, value]))
  // As JSON does, without what has no value.
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, stored(each, [...above, value])]))
}

function revived(value) {
  if (typeof value !== 'object' || value === null) return value
  if ('\0date' in value) return new Date(value['\0date'])
  if (Array.isArray(value)) return value.map(revived)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revived(each)]))
}

export function utf8Length(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.length
  let length = 0
  for (const character of text) {
    const point = character.codePointAt(0)
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return length
}
