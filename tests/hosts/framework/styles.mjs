// WXSS to CSS, as WeChat's tools do it: rpx, imports, tag names, and the classes of a component that are its own. It
// reads no file itself, and leaves declarations as they are.

/**
 * What tells a component's classes from others'.
 * @param {string} path
 */
export const scopeOf = (path) => path.replace(/\W/g, '_')

const KEYFRAMES = /^@(-\w+-)?keyframes/

/**
 * A selector of WXSS for the document of the host, where every tag is wx- something and ids have a prefix.
 * @param {string} selector
 * @param {string} [scope] the component whose classes are its own
 */
export function toSelector(selector, scope = '') {
  return selector
    .replace(/(^|[\s>+~,]|:(?:not|is|where)\()([a-z][\w-]*)/g, (whole, before, tag) =>
      tag.startsWith('wx-') ? whole : `${before}wx-${tag}`,
    )
    .replace(/#([\w-]+)/g, '[id$="--$1"]')
    .replace(/\.(-?[_a-z][\w-]*)/gi, (whole, name) => (scope && !name.startsWith('wx-') ? `.${scope}--${name}` : whole))
    .replace(/:host/g, `[wx-host="${scope}"]`)
}

/**
 * Compiles one style sheet with what it imports.
 * @param {(path: string) => string | undefined} read the text of a file of the code package
 * @param {string} path
 * @param {string} [scope] as of toSelector
 * @returns {string}
 */
export function compileStyle(read, path, scope = '') {
  const source = read(path)
  if (source === undefined) throw new Error(`${path} does not exist`)
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '')
  const whole = text.replace(/@import\s+(?:url\()?["']([^"']+)["']\)?\s*;/g, (_, name) =>
    compileStyle(read, new URL(name, `file:///${path}`).pathname.slice(1), scope),
  )
  return units(selectors(whole, scope))
}

function selectors(text, scope) {
  const open = []
  return text.replace(/([^{};]*)([{};])/g, (whole, before, end) => {
    if (end === '}') open.pop()
    if (end !== '{') return whole
    const prelude = before.trim()
    const inKeyframes = open.some((outer) => KEYFRAMES.test(outer))
    open.push(prelude)
    // What an import gave is done already, and doing it twice changes nothing.
    return prelude.startsWith('@') || inKeyframes ? whole : `${before.replace(prelude, () => toSelector(prelude, scope))}{`
  })
}

/** The window of a page is smaller than the screen, which is the host's document: vh and safe areas are the page's. */
function units(text) {
  return text
    .replace(/(-?[\d.]+)rpx/g, (_, count) => `${Number((count / 7.5).toFixed(4))}vw`)
    .replace(/(-?[\d.]+)vh\b/g, 'calc($1 * var(--vh))')
    .replace(/env\(\s*(safe-area-inset-\w+)/g, 'var(--$1')
}
