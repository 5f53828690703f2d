// Turns the folder of a mini-program into what the host runs: the files of the code package, its templates compiled by
// WeChat's compiler, its styles as CSS, and each JavaScript file as it is. It transforms no JavaScript, and refuses what
// WeChat's tools refuse: a page without its files, a tag that nobody defines, a template that does not parse.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, posix, relative, sep } from 'node:path'
import { controls } from './controls.js'
import { compileStyle, scopeOf } from './styles.mjs'
import { views } from './views.js'

const { TmplGroup } = createRequire(import.meta.url)('glass-easel-template-compiler')

/** Tags that the template compiler itself knows. */
const SYNTAX = ['block', 'template', 'import', 'include', 'wxs', 'slot']

/** What stays out of the code package. */
const OUTSIDE = new Set([
  'node_modules',
  '.git',
  'project.config.json',
  'project.private.config.json',
  'package.json',
  'package-lock.json',
])

/**
 * Where the code package begins: project.config.json may say so.
 * @param {string} folder
 */
export function packageRoot(folder) {
  const config = join(folder, 'project.config.json')
  return existsSync(config) ? join(folder, JSON.parse(readFileSync(config, 'utf8')).miniprogramRoot ?? '') : folder
}

/**
 * @param {string} folder
 * @returns {{ app: any, files: string[], pages: string[], components: string[], configs: Record<string, any>,
 *   modules: Record<string, string>, templates: string, styles: Record<string, string> }} by path without extension
 */
export function buildMiniProgram(folder) {
  const root = packageRoot(folder)
  const files = list(root)
  const read = (path) => (files.has(path) ? readFileSync(join(root, path), 'utf8') : undefined)
  const json = (path) => JSON.parse(read(path) ?? '{}')
  if (!files.has('app.json')) throw new Error(`${root} has no app.json`)
  const app = json('app.json')
  const pages = [
    ...app.pages,
    ...(app.subPackages ?? app.subpackages ?? []).flatMap((part) => part.pages.map((page) => posix.join(part.root, page))),
  ]
  for (const page of pages) {
    for (const kind of ['.js', '.wxml'])
      if (!files.has(page + kind)) throw new Error(`app.json names ${page}, but there is no ${page}${kind}`)
  }
  const components = [...files]
    .filter((path) => path.endsWith('.json') && files.has(path.replace(/json$/, 'wxml')) && json(path).component)
    .map(bare)
  /** @type {Record<string, any>} */
  const configs = {}
  for (const path of [...pages, ...components]) {
    const config = json(`${path}.json`)
    configs[path] = {
      ...config,
      usingComponents: used(files, path, { ...absolute(app.usingComponents), ...config.usingComponents }),
    }
  }
  const styles = Object.fromEntries(
    ['app', ...pages, ...components]
      .filter((path) => files.has(`${path}.wxss`))
      .map((path) => [path, compileStyle(read, `${path}.wxss`, components.includes(path) ? scopeOf(path) : '')]),
  )
  return {
    app,
    files: [...files],
    pages,
    components: components.filter((path) => !pages.includes(path)),
    configs,
    modules: Object.fromEntries(
      [...files].filter((path) => path.endsWith('.js')).map((path) => [bare(path), read(path) ?? '']),
    ),
    templates: compileTemplates(files, read, configs),
    styles,
  }
}

/** Every file of the code package. */
export function list(root) {
  const found = new Set()
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (OUTSIDE.has(entry.name)) continue
      if (entry.isDirectory()) walk(join(folder, entry.name))
      else found.add(relative(root, join(folder, entry.name)).split(sep).join('/'))
    }
  }
  walk(root)
  return found
}

const bare = (path) => path.slice(0, -extname(path).length)

const absolute = (using = {}) =>
  Object.fromEntries(
    Object.entries(using).map(([tag, path]) => [tag, path.startsWith('.') ? `/${posix.normalize(path)}` : path]),
  )

/** The paths of used components, from the root: relative ones, and those of npm packages. */
function used(files, path, using) {
  return Object.fromEntries(
    Object.entries(using).map(([tag, name]) => {
      const near = name.startsWith('/') ? name.slice(1) : posix.join(dirname(path), name)
      const found = [near, `miniprogram_npm/${name}`, `miniprogram_npm/${name}/index`].find((each) =>
        files.has(`${each}.wxml`),
      )
      if (!found) throw new Error(`${path}.json uses <${tag}> from ${name}, which does not exist`)
      return [tag, `/${found}`]
    }),
  )
}

function compileTemplates(files, read, configs) {
  const group = new TmplGroup()
  // For the host's own components.
  group.addTmpl('@slot', '<slot />')
  group.addTmpl('@empty', '')
  for (const path of files) {
    if (path.endsWith('.wxs')) group.addScript(bare(path), read(path))
    if (!path.endsWith('.wxml')) continue
    const text = read(path)
    const wrong = group.addTmpl(bare(path), text).filter(({ isError, message }) => isError || /end tag/.test(message))
    if (wrong.length > 0) {
      throw new Error(
        wrong
          .map(({ message, startLine, startColumn }) => `${path}:${startLine + 1}:${startColumn + 1}: ${message}`)
          .join('\n'),
      )
    }
    const known = new Set([
      ...SYNTAX,
      ...Object.keys({ ...views, ...controls }),
      ...Object.keys(configs[bare(path)]?.usingComponents ?? {}),
    ])
    const markup = text.replace(/<!--[\s\S]*?-->|<wxs[\s\S]*?<\/wxs>|\{\{[\s\S]*?\}\}/g, '')
    // A file that others import may use their components.
    const unknown = configs[bare(path)] && [...markup.matchAll(/<([a-zA-Z][\w-]*)/g)].find(([, tag]) => !known.has(tag))
    if (unknown) throw new Error(`${path} has a <${unknown[1]}>, which neither the host nor usingComponents defines`)
  }
  const code = group.getTmplGenObjectGroups()
  group.free()
  return code
}
