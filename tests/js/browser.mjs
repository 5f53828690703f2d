// Headless Chromium for tests, with the same switches as the tests of the Rust side (webdriver.json). Whatever a page
// reports as an error fails the test that opened it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { need, root } from '../../scripts/tools.mjs'

const { args } = JSON.parse(readFileSync(join(root, 'webdriver.json'), 'utf8'))['goog:chromeOptions']

/**
 * Starts the browser.
 * @param {string[]} [more] further switches
 */
export async function startBrowser(more = []) {
  const browser = await chromium.launch({ executablePath: need('chromium'), args: [...args, ...more] })
  return {
    /**
     * Opens a page and collects what goes wrong on it.
     * @param {string} url
     * @param {import('playwright-core').BrowserContextOptions} [options]
     */
    async open(url, options) {
      const context = await browser.newContext(options)
      const page = await context.newPage()
      const errors = []
      page.on('pageerror', (error) => errors.push(`${error}`))
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      await page.goto(url)
      return Object.assign(page, { errors })
    },
    close: () => browser.close(),
  }
}
