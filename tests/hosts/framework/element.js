// Elements of the document, made in one line.

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(tag, className = '', text = '') {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}

/**
 * @param {Element} parent
 * @param {string} tag
 * @param {string} [className]
 */
export function child(parent, tag, className) {
  const made = element(tag, className)
  parent.append(made)
  return made
}
