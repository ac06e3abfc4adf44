import { execFile } from "node:child_process"
import { resolve } from "node:path"
import { promisify } from "node:util"
import type { SignInLink } from "@twolane/protocol"
import { type House, type HouseOptions, startHouse } from "@twolane/testkit"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"

/** A whole house with its page, and a browser to look at it with. */
export type TestPage = AsyncDisposable & {
  readonly house: House
  readonly browser: Browser
  /** A sign-in link that has not been used. */
  link(): Promise<string>
  /** Signs in by a link in a browser profile of its own, and opens a path. */
  open(path: string, options?: BrowserContextOptions): Promise<OpenPage>
}

/** A page in a browser, and what it or its content security policy complained about. */
export type OpenPage = { page: Page; errors: string[] }

const chromiumPath = "/usr/bin/chromium"
/** What a page waits for comes later on a busy machine; this only ends what would wait for ever. */
const patienceMs = 90_000

/** Builds the page if it is not as its sources are, and starts everything. */
export const startPage = async (options: HouseOptions): Promise<TestPage> => {
  await build()
  return openPageOf(await startHouse(options))
}

/** Looks at a house whose page is built; disposing ends the house as well. */
export const openPageOf = async (house: House): Promise<TestPage> => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] })
  browser.on("context", context => context.setDefaultTimeout(patienceMs))
  const link = async () => ((await house.call("POST", "/v1/sign-in-links", {})).body as SignInLink).url
  return {
    house,
    browser,
    link,
    open: async (path, contextOptions = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions })
      const page = await context.newPage()
      const errors = complaintsOf(page)
      await page.goto(await link())
      await page.waitForURL(`${house.url}/`)
      if (path !== "/") await page.goto(house.url + path)
      return { page, errors }
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await house[Symbol.asyncDispose]()
    },
  }
}

/** Builds the page if it is not as its sources are, in a process of its own: here `NODE_ENV` says test, and React would be built for development. */
export const build = async (): Promise<void> => {
  const { NODE_ENV: _test, ...env } = process.env
  const main = resolve(import.meta.dirname, "../build/main.ts")
  await promisify(execFile)(process.execPath, [main, "--if-needed"], { env })
}

/** Gathers what a page's console says is wrong. */
export const complaintsOf = (page: Page): string[] => {
  const errors: string[] = []
  page.on("pageerror", error => errors.push(String(error)))
  page.on("console", message => message.type() === "error" && errors.push(message.text()))
  return errors
}
