/**
 * For tools that do not read `exports` in package.json, and so cannot tell a page from a mini-program: what there is in
 * either. `IndexedDBStore` is for pages and workers, `StorageStore` for mini-programs.
 */
export * from './index.js'
export { StorageStore } from './miniprogram/index.js'
