import { call, type Script, say } from "@twolane/testkit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { looks } from "./check-access.ts"
import { type Shop, startShop } from "./start-shop.ts"

const reversed = "\u202egnp.exe"
const markup =
  '<img src=x onerror="document.title=1"> <script>document.title=2</script> [look](javascript:alert(1)) ![x](https://evil.example/x.png)'
const terminal =
  "\u001b[31mred\u001b[0m \u001b]0;owned\u0007\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007"
const endless = "w".repeat(10_000)
const hostile = `${markup} ${reversed} ${terminal} \u0000 ${endless}`

const fileNames = [
  `${reversed}`,
  "<img src=x onerror=alert(1)>.txt",
  "javascript:alert(1).txt",
  `${"n".repeat(200)}.txt`,
]
/** The files' names and their text go to the shell in base64: this is about what is shown. */
const base64 = (text: string): string => Buffer.from(text).toString("base64")
const makesFiles = `node -e '
const read = text => Buffer.from(text, "base64").toString()
const text = read("${base64(`${markup}\n${reversed}\n${terminal}\n${endless}\n`)}")
for (const name of JSON.parse(read("${base64(JSON.stringify(fileNames))}"))) require("fs").writeFileSync(name, text)
console.log(text)
'`
const patch = `*** Begin Patch\n*** Update File: greet.js\n@@\n-export const hello = "Hello one"\n+export const hello = "Hullo one"\n*** End Patch`

const script: Script = ({ items }) => {
  const calls = items.filter(item => String(item.type).endsWith("_call")).length
  if (calls === 0)
    return { items: [{ type: "message", text: hostile }, ...call(["shell", { command: makesFiles }]).items] }
  if (calls === 1) return call(["apply_patch", patch])
  return say(hostile)
}

const testFile = `import test from "node:test"
import assert from "node:assert/strict"
import { hello } from "./greet.js"
test(${JSON.stringify(`says ${markup} ${reversed}`)}, () => {
  console.log(${JSON.stringify(hostile)})
  assert.equal(hello, "Hello one")
})
`

let at: Shop
let task: string
beforeAll(async () => {
  at = await startShop({
    script,
    files: {
      "greet.js": 'export const hello = "Hello one"\n',
      "greet.test.js": testFile,
      "package.json": '{ "type": "module", "scripts": { "test": "node --test" } }\n',
      "twolane.yaml": 'env: { FORCE_COLOR: "1" }\nguardrails:\n  deep: { maxChangedLines: 20000 }\n',
    },
  })
  const labels = ["<b>bold</b>", reversed, "l".repeat(100), "javascript:alert(1)"]
  const answer = await at.house.call("POST", "/v1/tasks", {
    repo: "shop",
    lane: "deep",
    prompt: hostile,
    labels,
  })
  task = (answer.body as { id: string }).id
})
afterAll(() => at[Symbol.asyncDispose]())

/** What acts unseen, in any text or name of the page that a person sees or hears; and what of the page is markup or goes elsewhere. */
const findings = `(() => {
  const unseen = /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) if (unseen.test(walk.currentNode.data)) found.push(walk.currentNode.data.slice(0, 80))
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes)
      if ((name === "title" || name.startsWith("aria-") || name === "alt") && unseen.test(value)) found.push(name + "=" + value.slice(0, 80))
  for (const element of document.querySelectorAll("main img, main iframe, main script, a[href^='javascript:']")) found.push(element.outerHTML)
  const view = document.getElementById("view")
  if (view.scrollWidth > view.clientWidth) found.push("wider than the screen by " + (view.scrollWidth - view.clientWidth))
  return found
})()`

/** Every line that opens, opened: calls, patches, tests, earlier lines. */
const openAll = async (page: Page): Promise<void> => {
  const closed = page.locator("main article [aria-expanded=false]")
  while ((await closed.count()) > 0) await closed.first().click()
}

test.each(looks)(
  "text that wants to be markup, a link, another order or a terminal's command is shown as what it is, and makes no view wider: $name",
  async ({ name: _name, ...look }) => {
    const { page, errors } = await at.open("/", look)
    const asked: string[] = []
    page.on("request", request => asked.push(new URL(request.url()).origin))
    page.on("dialog", dialog => asked.push(dialog.message()))
    const row = page.locator(`[data-row="${task}"]`)
    await row.getByText("Failed").waitFor()
    expect(await page.evaluate(findings)).toEqual([])
    const title = row.getByText("<img src=x", { exact: false })
    expect((await title.boundingBox())?.width).toBeGreaterThan(100)

    await row.click()
    await page.locator("[data-entry=ended]").waitFor()
    const tab = await page.title()
    await openAll(page)
    await page.locator("[data-entry=tests] .ansi-1").first().waitFor()
    expect(await page.locator("[data-entry=tool] .ansi-1").textContent()).toBe("red")
    // Each file's diff is made as one comes to it.
    for (const file of await page.locator("[data-entry=patch] section").all()) {
      await file.scrollIntoViewIfNeeded()
      await file.locator("table").waitFor()
    }
    expect(await page.locator("[data-entry=patch] table").count()).toBeGreaterThan(4)
    expect(await page.evaluate(findings)).toEqual([])
    await page.locator("[data-entry=prompt]").getByText("‹202E›gnp.exe").waitFor()

    await page.keyboard.press("2")
    const tree = page.getByRole("navigation", { name: "Changed files" })
    await tree.getByRole("button", { name: "added: ‹202E›gnp.exe" }).click()
    await page
      .getByRole("region", { name: "‹202E›gnp.exe", exact: true })
      .getByText("‹202E›gnp.exe")
      .first()
      .waitFor()
    await page.locator("section[aria-label] table").first().waitFor()
    expect(await page.evaluate(findings)).toEqual([])
    await page.keyboard.press("v")
    expect(await page.evaluate(findings)).toEqual([])

    expect(await page.title()).toBe(tab)
    expect(new Set(asked)).toEqual(new Set([at.house.url]))
    expect(errors).toEqual([])
    await page.context().close()
  },
)
