// The host's key-value storage, which may be full or hold what an older version wrote: neither stops the program.

/** What is stored under a key; `otherwise` if nothing of its kind is. */
function load(key, otherwise) {
  try {
    const value = wx.getStorageSync(key)
    const fits = value && typeof value === typeof otherwise && Array.isArray(value) === Array.isArray(otherwise)
    return fits ? value : otherwise
  } catch (error) {
    return otherwise
  }
}

/** Says whether it is stored. */
function save(key, value) {
  try {
    wx.setStorageSync(key, value)
    return true
  } catch (error) {
    return false
  }
}

function remove(key) {
  try {
    wx.removeStorageSync(key)
  } catch (error) {
    // What cannot be removed is written over some day.
  }
}

module.exports = { load, save, remove }
