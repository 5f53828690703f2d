// What the page remembers from visit to visit: one JSON object in localStorage. It never sees a password, and a browser
// that blocks storage costs nothing but the memory.

const KEY = 'wasmqtt workbench'

/** @returns {Record<string, any>} */
export function recall() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof found === 'object' && found !== null ? found : {}
  } catch {
    // Blocked by the browser's settings, or written by something else.
    return {}
  }
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), [name]: value }))
  } catch {
    // Blocked or full.
  }
}

/**
 * The state of a form's named controls, without passwords.
 * @param {HTMLFormElement} form
 */
export function entriesOf(form) {
  /** @type {Record<string, string | boolean>} */
  const entries = {}
  for (const control of controls(form)) {
    if (control.type === 'password') continue
    entries[control.name] = control.type === 'checkbox' ? control.checked : control.value
  }
  return entries
}

/**
 * Puts remembered entries back into a form.
 * @param {HTMLFormElement} form
 * @param {unknown} entries
 */
export function restore(form, entries) {
  if (typeof entries !== 'object' || entries === null) return
  for (const control of controls(form)) {
    const value = /** @type {any} */ (entries)[control.name]
    if (control.type === 'checkbox' && typeof value === 'boolean') control.checked = value
    else if (typeof value === 'string') control.value = value
  }
}

/** @param {HTMLFormElement} form @returns {HTMLInputElement[]} inputs, selects and text areas alike */
function controls(form) {
  return /** @type {any} */ ([...form.elements].filter((control) => 'name' in control && control.name && 'value' in control))
}
