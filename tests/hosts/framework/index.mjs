// Runs a mini-program for a test: one call starts it in a browser context of its own, and what comes back does what a
// person does with a telephone (tap, type, read, put it away) and reaches the device underneath. An error that the
// program throws, or prints to the console, ends the test.

import { startBrowser } from '../../js/browser.mjs'
import { serveMiniProgram } from './serve.mjs'
import { toSelector } from './styles.mjs'

const DEADLINE = 15000

/**
 * @param {string} folder of the mini-program
 * @param {object} [options]
 * @param {Awaited<ReturnType<typeof startBrowser>>} [options.browser] where several run together; without one it starts its own
 * @param {{ domains?: string[], developer?: boolean }} [options.device] as createWx takes them
 * @param {boolean} [options.timerPromise] the Promise of iOS 15 and older
 * @param {string} [options.path] the first page, with a query
 * @param {any} [options.context] of Playwright: another size, a time zone
 */
export async function startMiniProgram(folder, { browser, device = {}, timerPromise = false, path, context = {} } = {}) {
  const own = browser ? null : await startBrowser(['--ignore-certificate-errors'])
  const server = await serveMiniProgram(folder)
  const hash = encodeURIComponent(JSON.stringify({ device, timerPromise, path }))
  const page = await (browser ?? own).open(`${server.url}app#${hash}`, {
    viewport: { width: 375, height: 812 },
    deviceScaleFactor: 2,
    hasTouch: true,
    ignoreHTTPSErrors: true,
    ...context,
  })
  page.setDefaultTimeout(DEADLINE)
  const app = createApp(page, {
    async end() {
      await page.context().close()
      await server.close()
      await own?.close()
    },
  })
  try {
    await app.started()
  } catch (error) {
    await app.discard()
    throw error
  }
  return app
}

function createApp(page, { end }) {
  const fine = () => {
    if (page.errors.length > 0) throw new Error(`the mini-program failed:\n${page.errors.join('\n')}`)
  }
  /** @param {string} selector as in WXSS, or text=… */
  const find = (selector) =>
    page.locator(/^text=/.test(selector) ? selector : toSelector(selector)).filter({ visible: true })

  /** Looks again and again until it is true; an error of the program ends it at once. */
  const until = async (look, what) => {
    const deadline = Date.now() + DEADLINE
    for (;;) {
      fine()
      const found = await look()
      if (found) return found
      if (Date.now() > deadline)
        throw new Error(`waited ${DEADLINE} ms for ${what}; the page shows:\n${await page.locator('body').innerText()}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const host = (work, value) =>
    page.evaluate(([code, given]) => (0, eval)(`(${code})`)(window.miniProgram, given), [`${work}`, value])

  const app = {
    /** Playwright's page, for what is not here. */
    page,
    find,
    async started() {
      const failed = () => page.evaluate(() => document.body.dataset.failed)
      await until(async () => (await failed()) || (await page.evaluate(() => window.miniProgram !== null)), 'the launch')
      if (await failed()) throw new Error(`the mini-program does not start:\n${await failed()}`)
      fine()
    },
    /** @param {string} selector @param {number} [index] of several */
    async tap(selector, index = 0) {
      await find(selector).nth(index).tap()
      fine()
    },
    /** A long press. */
    async hold(selector, index = 0) {
      const presses = () => host((program) => program.presses())
      const before = await presses()
      const box = await find(selector).nth(index).boundingBox()
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await page.mouse.down()
      await until(async () => (await presses()) > before, 'a long press')
      await page.mouse.up()
      fine()
    },
    /** Types into an input or a textarea instead of what is there; '\n' at the end is the key that confirms. */
    async type(selector, text) {
      const native = find(selector).first().locator('input, textarea')
      await native.fill(text.replace(/\n$/, ''))
      if (text.endsWith('\n')) await native.press('Enter')
      fine()
    },
    text: async (selector) => (await find(selector).first().innerText()).trim(),
    texts: async (selector) => (await find(selector).allInnerTexts()).map((text) => text.trim()),
    /** Waits until a selector, or a text, is to be seen. */
    waitFor: (selector) => until(() => find(selector).count(), selector),
    waitForText: (text) => until(() => page.getByText(text).filter({ visible: true }).count(), JSON.stringify(text)),
    waitUntil: (look, what = `${look}`) => until(look, what),
    /** The visible page: its path, query and data. */
    current: () =>
      host((program) => {
        const { path, query, instance } = program.pages.top()
        return { path, query, data: JSON.parse(JSON.stringify(instance.data)) }
      }),
    /** Calls a method of the visible page; gives its result, as far as it is JSON. */
    call: (name, ...values) =>
      host((program, [wanted, given]) => program.pages.top().instance[wanted](...given), [name, values]),
    depth: () => host((program) => program.pages.stack.length),
    title: async () => (await page.locator('.wx-window:not([hidden]) .wx-title span').innerText()).trim(),
    toast: async () => (await page.locator('.wx-toast').filter({ visible: true }).allInnerTexts())[0] ?? '',
    back: () => page.locator('.wx-window:not([hidden]) .wx-back').click(),
    /** Answers a dialog, or chooses from a sheet or a picker, by what the button says. */
    answer: (text) => page.locator('.wx-mask button').getByText(text, { exact: true }).click(),
    /** Runs in the page with the device's handle (see wx.js). */
    device: (work, value) =>
      page.evaluate(([code, given]) => (0, eval)(`(${code})`)(window.miniProgram.device, given), [`${work}`, value]),
    /** What wx was asked for: the first argument of each call, as far as it is JSON. */
    calls: (name) =>
      host(
        (program, wanted) =>
          program.device.calls
            .filter((call) => call.name === wanted)
            .map(({ values }) => JSON.parse(JSON.stringify(values[0] ?? null))),
        name,
      ),
    background: () => host((program) => program.background()),
    /** Suspended at once, and not only after five seconds. */
    suspend: () =>
      host((program) => {
        program.background()
        program.device.suspend()
      }),
    foreground: () => host((program) => program.foreground()),
    /** The program starts anew; its storage is as it was. */
    async restart() {
      await page.reload()
      await app.started()
    },
    screenshot: (path) => page.screenshot({ path }),
    /** Errors so far; who expects some takes them out. */
    errors: page.errors,
    async close() {
      await end()
      fine()
    },
    discard: end,
  }
  return app
}
