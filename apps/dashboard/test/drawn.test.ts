import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { FirstLook } from "@twolane/protocol"
import { say } from "@twolane/testkit"
import type { BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { complaintsOf } from "./start-page.ts"
import { type Shop, startShop } from "./start-shop.ts"

let at: Shop
const tasks: string[] = []
beforeAll(async () => {
  at = await startShop({ script: () => say("Done.") })
  await at.house.call("POST", "/v1/queue/pause", { lane: "deep" })
  for (const prompt of ["Mend the <b>first</b>", "Mend the second"]) {
    const { body } = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt })
    tasks.push((body as { id: string }).id)
  }
  // The thread that draws starts with the first visit, and its first looks are slow: one that comes too late is left to the script.
  for (const options of [{}, { userAgent: phone }])
    await vi.waitUntil(async () => (await html("/", options)).includes("data-row"), {
      timeout: 60_000,
      interval: 200,
    })
})
afterAll(() => at[Symbol.asyncDispose]())

/** A signed-in browser profile whose page has not been opened. */
const signedIn = async (options: BrowserContextOptions = {}) => {
  const { page } = await at.open("/", options)
  const storageState = await page.context().storageState()
  await page.context().close()
  return await at.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options, storageState })
}

const html = async (path: string, options: BrowserContextOptions = {}): Promise<string> => {
  const context = await signedIn(options)
  const answer = await context.request.get(at.house.url + path)
  const text = await answer.text()
  await context.close()
  return text
}

const phone = "Mozilla/5.0 (Linux; Android 16) Chrome/142.0.0.0 Mobile Safari/537.36"
const styled = "link => link.sheet ?? new Promise(loaded => link.addEventListener('load', () => loaded()))"

/** Holds the page's script back until it is let go. */
const holdScript = async (page: Page): Promise<() => void> => {
  const held = Promise.withResolvers<void>()
  await page.route("**/assets/page-*.js", async route => {
    await held.promise
    await route.continue()
  })
  return held.resolve
}

/** Visits until the queue comes drawn: what a busy machine draws too late is left to the script, which is held back here. */
const visit = async (page: Page): Promise<void> => {
  const comesDrawn = async () => {
    await page.goto(`${at.house.url}/`, { waitUntil: "commit" })
    await expect.poll(() => page.evaluate("document.readyState")).not.toBe("loading")
    return (await page.locator("[data-row]").count()) > 0
  }
  await vi.waitUntil(comesDrawn, { timeout: 60_000 })
}

test.each(looks)(
  "the queue is there before any script, and is what the script then shows: $name",
  async ({ name: _name, ...look }) => {
    const context = await signedIn({ ...look, ...(look.viewport.width < 500 && { userAgent: phone }) })
    const page = await context.newPage()
    const errors = complaintsOf(page)
    const letGo = await holdScript(page)
    await visit(page)
    const row = page.locator(`[data-row="${tasks[0]}"]`)
    await row.waitFor()
    await page.locator("link[rel=stylesheet]").evaluate(styled)
    const shown = async () => ({
      row: ((await row.textContent()) ?? "").replaceAll(/\d+ s ago|now/g, "just now"),
      box: await row.boundingBox(),
      lane: await page.getByRole("region", { name: "Deep lane" }).boundingBox(),
      link: await row.getAttribute("href"),
    })
    const drawn = await shown()
    expect(drawn.row).toContain("Mend the <b>first</b>")
    expect(drawn.link).toBe(`/tasks/${tasks[0]}`)
    expect(await accessProblems(page)).toEqual([])
    letGo()
    await page.getByRole("status").getByText("Live").waitFor()
    expect(await page.locator(`[data-row="${tasks[0]}"]`).count()).toBe(1)
    expect(await shown()).toEqual(drawn)
    expect(errors).toEqual([])
    await context.close()
  },
)

test("what is typed before the script is there filters, and the field keeps the focus", async () => {
  const context = await signedIn()
  const page = await context.newPage()
  const letGo = await holdScript(page)
  await visit(page)
  await page.getByRole("searchbox", { name: "Text in title or prompt" }).fill("second")
  letGo()
  await page.locator(`[data-row="${tasks[0]}"]`).waitFor({ state: "detached" })
  await page.locator(`[data-row="${tasks[1]}"]`).waitFor()
  expect(new URL(page.url()).search).toBe("?q=second")
  await page.keyboard.type(" thing")
  await page.getByText("No task is like that").waitFor()
  expect(new URL(page.url()).search).toBe("?q=second+thing")
  await context.close()
})

test("a row that has the focus before the script is there keeps it", async () => {
  const context = await signedIn()
  const page = await context.newPage()
  const letGo = await holdScript(page)
  await visit(page)
  await page.locator(`[data-row="${tasks[1]}"]`).focus()
  letGo()
  await page.getByRole("status").getByText("Live").waitFor()
  const focused = "document.activeElement?.getAttribute('data-row')"
  expect(await page.evaluate<string | null>(focused)).toBe(tasks[1])
  await page.keyboard.press("Enter")
  await page.waitForURL(`${at.house.url}/tasks/${tasks[1]}`)
  await context.close()
})

test("without any script the rows lead to their tasks, and the filter into the address", async () => {
  const context = await signedIn()
  const bare = await at.browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  })
  const page = await bare.newPage()
  const row = page.locator(`[data-row="${tasks[0]}"]`)
  // On a busy machine a page may come bare, since nobody waits long for the drawing.
  const drawnRows = async () => {
    await page.goto(`${at.house.url}/`)
    return row.count()
  }
  await expect.poll(drawnRows).toBe(1)
  expect(await row.getAttribute("href")).toBe(`/tasks/${tasks[0]}`)
  await page.getByRole("searchbox", { name: "Text in title or prompt" }).fill("second")
  await page.keyboard.press("Enter")
  await page.waitForURL(/q=second/)
  await bare.close()
  await context.close()
})

test("what is drawn has the colours that were chosen", async () => {
  const { page } = await at.open("/")
  await page.getByRole("button", { name: "Theme: system. Change to light" }).click()
  await page.getByRole("button", { name: "Theme: light. Change to dark" }).click()
  await page.reload({ waitUntil: "commit" })
  await page.locator("html[data-theme=dark]").waitFor()
  const answer = await page.context().request.get(`${at.house.url}/`)
  expect(await answer.text()).toContain('<html data-theme="dark" lang="en">')
  await page.getByRole("button", { name: "Theme: dark. Change to system" }).click()
  expect(await (await page.context().request.get(`${at.house.url}/`)).text()).toContain('<html lang="en">')
  await page.context().close()
})

test("readers who are drawn for at once see nothing of each other, nor does a later one", async () => {
  const module = pathToFileURL(resolve(import.meta.dirname, "../dist/.draw/draw.js")).href
  const { drawQueue } = (await import(module)) as {
    drawQueue: (look: FirstLook, window: { narrow: boolean }) => Promise<string>
  }
  const text = await html("/")
  const block = /<script type="application\/json" id="first-look">(.*)<\/script>/.exec(text)?.[1] ?? ""
  const lookOf = (name: string): FirstLook => {
    const look = JSON.parse(block.replaceAll("Mend the", `Of ${name}:`)) as FirstLook
    return { ...look, me: { ...look.me, key: { ...look.me.key, name } } }
  }
  const names = ["Vera", "Wim", "Xaver", "Yann"]
  const drawn = await Promise.all(
    names.map((name, index) => drawQueue(lookOf(name), { narrow: index % 2 === 1 })),
  )
  drawn.push(await drawQueue({ me: lookOf("Zoe").me, queue: null }, { narrow: false }))
  for (const [index, name] of [...names, "Zoe"].entries())
    for (const other of [...names, "Zoe"])
      expect([name, other, drawn[index]?.includes(other)]).toEqual([name, other, name === other])
  expect(drawn.at(-1)).not.toContain("data-row")
})
