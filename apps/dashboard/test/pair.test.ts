import { call, type Reply, readConversation, type Script } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Shop, startShop } from "./start-shop.ts"

const greeting = (word: string): string => `export const greet = name => "${word} " + name`
const patch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: greet.js\n@@\n-${greeting(from)}\n+${greeting(to)}\n*** End Patch`

/** What the model says goes on once the page was seen to show its beginning. */
const wordsSeen = Promise.withResolvers<void>()
const patchSeen = Promise.withResolvers<void>()

/** As slow as a person reads. */
const slowly = (reply: Reply): Reply => ({ ...reply, tokensPerSecond: 30 })
const saying = (text: string, reply: Reply): Reply => ({
  items: [{ type: "message", text }, ...reply.items],
})

/** First a mistake, then it is mended; and a turn that has much to say until it is told to be short. */
const script: Script = ({ items }) => {
  const seen = readConversation(items)
  const said = seen.findLast(({ kind }) => kind === "user")
  const prompt = said?.kind === "user" ? said.text : ""
  if (prompt.includes("be short"))
    return slowly({ items: [{ type: "message", text: "In short, as you say. ".repeat(80) }] })
  if (prompt.includes("Explain"))
    return slowly({ items: [{ type: "message", text: "At great length I tell. ".repeat(80) }] })
  const patches = seen.filter(({ kind }) => kind === "call").length
  if (patches > 0) return call(["apply_patch", patch("Good night", "Good day")])
  const words = "I greet as a butler does, in greet.js."
  const first = saying(words, call(["apply_patch", patch("Hello", "Good night")]))
  const wordTokens = words.length / 4
  return slowly({
    ...first,
    holds: [
      { afterDeltas: Math.floor(wordTokens), until: wordsSeen.promise },
      { afterDeltas: Math.ceil(wordTokens) + 12, until: patchSeen.promise },
    ],
  })
}

let at: Shop
beforeAll(async () => {
  at = await startShop({
    script,
    fastWorkers: 1,
    files: {
      "greet.js": `${greeting("Hello")}\n`,
      "greet.test.js": `import test from "node:test"
import assert from "node:assert/strict"
import { setTimeout } from "node:timers/promises"
import { greet } from "./greet.js"
test("it greets by day", async () => {
  await setTimeout(1_000)
  assert.equal(greet("Ada"), "Good day Ada")
})
`,
      "package.json": '{ "type": "module", "scripts": { "test": "node --test" } }\n',
    },
  })
})
afterAll(() => at[Symbol.asyncDispose]())

test("a fast task is watched as it is made: words, the patch as it forms, red, green, its times; then it is steered and interrupted", async () => {
  const { page, errors } = await at.open("/ask")
  const entry = (kind: string) => page.locator(`[data-entry=${kind}]`)
  await page.getByRole("radio", { name: "Fast" }).check({ force: true })
  await page.getByRole("textbox", { name: "What is to change" }).fill("Greet by day, in greet.js")
  await page.getByRole("button", { name: "Ask", exact: true }).click()

  await page.locator("[data-entry=message][data-live]").getByText("I greet").waitFor()
  const marks = page.getByLabel("Timings and cost")
  await expect.poll(() => marks.textContent()).toMatch(/First token[\d.]+ m?s.*First edit…/)
  wordsSeen.resolve()
  await entry("tool").getByText("writing a patch").waitFor()
  await entry("tool").getByText("*** Update File: greet.js").waitFor()
  patchSeen.resolve()
  await entry("patch").getByText("Good night").waitFor()
  await page.locator("[data-entry=tests][data-status=running]").getByText("Tests run").waitFor()
  const red = page.locator("[data-entry=tests][data-status=failed]")
  await red.getByText("0 passed, 1 failed").waitFor()
  await red
    .getByText(/Good night Ada/)
    .first()
    .waitFor()
  await page.locator("[data-entry=tests][data-status=passed]").getByText("1 passed").waitFor()
  await entry("ended").getByText("Succeeded").waitFor()
  expect(await marks.textContent()).toMatch(
    /First token[\d.]+ m?s.*First edit[\d.]+ m?s.*Green[\d.]+ m?s.*Ended[\d.]+ m?s/,
  )

  await page.getByLabel("What next?").fill("Explain it")
  await page.keyboard.press("Enter")
  await page.locator("[data-entry=message][data-live]").getByText("At great length").waitFor()
  await page.getByLabel("Steer", { exact: true }).fill("be short")
  await page.keyboard.press("Enter")
  await page.locator("[data-entry=steer][data-answer=applied]").getByText("be short").waitFor()
  await page.locator("[data-entry=message][data-live]").getByText("In short, as you say").waitFor()
  await page.getByLabel("Steer", { exact: true }).blur()
  await page.keyboard.press("Escape")
  await entry("cancel").getByText("Nothing runs any more").waitFor()
  await entry("ended").nth(1).getByText("Canceled").waitFor()
  expect(errors).toEqual([])
})
