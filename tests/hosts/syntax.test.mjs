// The files that mini-programs get are of ES2017, syntax and library, without async functions and generators, and make no
// code out of text: packers refuse what is newer, old devices too, and no device has eval. Read as TypeScript's compiler
// reads them, so that no text is taken for code.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import ts from 'typescript'
import { LATER_NAMES } from './engine-scope.js'
import { packageFile } from './engines.mjs'

const kinds = ts.SyntaxKind

/** The names that TypeScript gives what came after ES2017. */
const laterKinds = new Map(
  Object.entries({
    SpreadAssignment: 'spread in an object (2018)',
    QuestionDotToken: '?. (2020)',
    QuestionQuestionToken: '?? (2020)',
    BigIntLiteral: 'a BigInt (2020)',
    ImportKeyword: 'import() (2020)',
    MetaProperty: 'import.meta (2020)',
    QuestionQuestionEqualsToken: '??= (2021)',
    BarBarEqualsToken: '||= (2021)',
    AmpersandAmpersandEqualsToken: '&&= (2021)',
    PropertyDeclaration: 'a class field (2022)',
    PrivateIdentifier: 'a private name (2022)',
    ClassStaticBlockDeclaration: 'a static block (2022)',
    ImportDeclaration: 'import (a module)',
    ExportKeyword: 'export (a module)',
    ExportDeclaration: 'export (a module)',
    ExportAssignment: 'export (a module)',
  }).map(([name, words]) => [kinds[name], words]),
)

/** @param {ts.Node} node @param {ts.SourceFile} file @param {string[]} own names of methods @returns {string} what is wrong, or '' */
function fault(node, file, own) {
  if (ts.isMetaProperty(node) && node.keywordToken === kinds.NewKeyword) return ''
  if (laterKinds.has(node.kind)) return laterKinds.get(node.kind)
  if (ts.isBindingElement(node) && node.dotDotDotToken && ts.isObjectBindingPattern(node.parent)) return 'rest of an object (2018)'
  if (ts.isForOfStatement(node) && node.awaitModifier) return 'for await (2018)'
  // Older packers turn both into calls of a regeneratorRuntime, which is nowhere.
  if (ts.isFunctionLike(node) && (node.asteriskToken || node.modifiers?.some(({ kind }) => kind === kinds.AsyncKeyword))) {
    return 'an async function or a generator'
  }
  if (ts.isCatchClause(node) && !node.variableDeclaration) return 'catch without a name (2019)'
  if (ts.isNumericLiteral(node) && node.getText(file).includes('_')) return '1_000 (2021)'
  if (ts.isAwaitExpression(node) && !ts.findAncestor(node, ts.isFunctionLike)) return 'await outside of functions (2022)'
  if (ts.isRegularExpressionLiteral(node) && /\(\?<|\\[pPk]|\/[^/]*[sdv][^/]*$/.test(node.text)) return `${node.text} (2018 or later)`
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const name = node.expression.name.text
    if (LATER_NAMES.includes(name) && !own.includes(name)) return `.${name}() (2018 or later)`
  }
  // A property may have these names.
  const property = /** @type {any} */ (node.parent)?.name === node
  if (ts.isIdentifier(node) && !property && ['eval', 'Function'].includes(node.text)) return `${node.text}: code out of text`
  const timer = ts.isCallExpression(node) && /^set(Timeout|Interval)$/.test(node.expression.getText(file))
  if (timer && ts.isStringLiteralLike(node.arguments[0])) return 'a timer of text'
  return ''
}

/** @param {string} source @param {string} [name] */
function faults(source, name = 'file.js') {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const found = file.parseDiagnostics.map(({ messageText }) => String(messageText))
  const every = (/** @type {ts.Node} */ node, /** @type {(node: ts.Node) => void} */ look) => {
    look(node)
    ts.forEachChild(node, (child) => every(child, look))
  }
  /** What a file has methods of, it may call: who looks cannot tell whose it is. @type {string[]} */
  const own = []
  every(file, (node) => ts.isMethodDeclaration(node) && own.push(node.name.getText(file)))
  every(file, (node) => {
    const wrong = fault(node, file, own)
    if (wrong) found.push(`${wrong}: ${node.getText(file).slice(0, 60)}`)
  })
  return found
}

for (const name of ['index.js', 'wasm2js.js']) {
  test(`${name} is of ES2017 and makes no code out of text`, () => {
    assert.deepEqual(faults(packageFile(name), name), [])
  })
}

describe('what is newer is found:', () => {
  for (const source of [
    '({ ...a })',
    'const { a, ...b } = c',
    '({ a, ...b } = c)',
    'async function f() { for await (const a of b) a() }',
    'async function f() {}',
    'async () => {}',
    'function* f() {}',
    'class A { async f() {} }',
    'class A { *f() {} }',
    'class A { async *f() {} }',
    'try { a() } catch { b() }',
    'a?.b',
    'a?.[0]',
    'a?.()',
    'a ?? b',
    '1n',
    'import("a")',
    'import.meta.url',
    'a ??= b',
    'a ||= b',
    'a &&= b',
    '1_000',
    'class A { a = 1 }',
    'class A { static a }',
    'class A { #a() {} }',
    'class A { static { a() } }',
    '#a in b',
    'await a',
    'import a from "a"',
    'export const a = 1',
    'export default 1',
    '/a/s',
    '/(?<a>b)/',
    '/(?<!a)b/',
    '/\\p{L}/u',
    'Object.fromEntries(a)',
    'a.flatMap(b)',
    'a.finally(b)',
    'eval("a")',
    '(0, eval)("a")',
    'new Function("a")',
    'Function("a")()',
    'setTimeout("a", 0)',
  ]) {
    test(source, () => assert.notDeepEqual(faults(source), []))
  }
})

test('what is of ES2017 is taken', () => {
  const source = `'use strict'
    class A extends B { constructor() { super(); new.target } static a() {} get b() { return 1 } c(a, b,) { a ** b } [d]() {} }
    const { a, b: [c, ...d], e = 1 } = { a, [b]: 1, c() {}, get d() {} }, f = (...g) => [...g, \`\${a}\`]
    let at = x.at + /a\\/[s]/giu.test('?. ?? ...') || 0b11, key = { Function: 1, eval: 2 }.eval
    for (const x of y) try { a(...b) } catch (_) {} finally { setTimeout(() => {}, 0) }`
  assert.deepEqual(faults(source), [])
})
