import { call, readConversation, type Script, say } from "@twolane/testkit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Shop, startShop } from "./start-shop.ts"

const greeting = (word: string): string => `export const greet = name => "${word} " + name`
const patch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: greet.js\n@@\n-${greeting(from)}\n+${greeting(to)}\n*** End Patch`
const counts = "for n in $(seq 1 600); do echo line $n; sleep 0.1; done"

const script: Script = ({ items }) => {
  const seen = readConversation(items)
  const start = seen.findLastIndex(({ kind }) => kind === "user")
  const said = seen[start]
  const prompt = said?.kind === "user" ? said.text : ""
  const calls = seen.slice(start).filter(({ kind }) => kind === "call").length
  if (calls > 0) return say("I call it done.")
  if (prompt.includes("Count")) return call(["shell", { command: counts }])
  if (prompt.includes("Plan it")) return say("First the parser, then the rest.")
  if (prompt.includes("docs alone")) return call(["apply_patch", patch("Hello", "Good day")])
  if (!prompt.includes("Greet")) return say("Done.")
  const tries = seen.filter(each => each.kind === "call").length
  return call(["apply_patch", tries === 0 ? patch("Hello", "Good night") : patch("Good night", "Good day")])
}

let at: Shop
beforeAll(async () => {
  at = await startShop({
    script,
    env: { TWOLANE_DEEP_CONCURRENCY: "4" },
    files: {
      "greet.js": `${greeting("Hello")}\n`,
      "greet.test.js": `import test from "node:test"
import assert from "node:assert/strict"
import { greet } from "./greet.js"
test("it greets by day", () => assert.notEqual(greet("Ada"), "Good night Ada"))
`,
      "package.json": '{ "type": "module", "scripts": { "test": "node --test" } }\n',
    },
  })
})
afterAll(() => at[Symbol.asyncDispose]())

const submit = async (prompt: string, more: Record<string, unknown> = {}): Promise<string> => {
  const answer = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt, ...more })
  expect(answer.status).toBe(202)
  return (answer.body as { id: string }).id
}
const entries = (page: Page, kind: string) => page.locator(`[data-entry=${kind}]`)

test("a command's output comes as it runs; its cancel is shown as asked for, and as proven only once it is", async () => {
  const { page, errors } = await at.open(`/tasks/${await submit("Count the lines")}`)
  await entries(page, "tool").getByText("line 7").waitFor()
  const ends = page.getByRole("button", { name: /^(Cancel|Interrupt|To the \w+ lane)/ })
  expect(await ends.count()).toBe(3)
  // A worker that does nothing for a moment: what was asked for is not yet so.
  at.house.workers[0]?.kill("SIGSTOP")
  try {
    await page.keyboard.press("x")
    await entries(page, "cancel").getByText("Cancel asked for by admin").waitFor()
    await entries(page, "cancel").getByText("Waiting for the proof that nothing runs").waitFor()
    await page.getByRole("status").getByText("Canceling").waitFor()
    await expect.poll(() => ends.count()).toBe(0)
    expect(await page.getByText("Nothing runs any more").count()).toBe(0)
  } finally {
    at.house.workers[0]?.kill("SIGCONT")
  }
  await entries(page, "cancel").getByText("Nothing runs any more").waitFor()
  await page.getByRole("status").getByText("Canceled").waitFor()
  expect(errors).toEqual([])
})

test("red tests show their tail, and one key tries again from the last checkpoint", async () => {
  const { page, errors } = await at.open(`/tasks/${await submit("Greet by day")}`)
  await page
    .locator("[data-entry=tests][data-status=failed]")
    .first()
    .getByText(/Good night Ada/)
    .first()
    .waitFor()
  await entries(page, "ended")
    .getByText(/tests-red/)
    .waitFor()
  await page.getByRole("button", { name: "Retry" }).waitFor()
  await page.keyboard.press("r")
  await entries(page, "prompt").nth(1).getByText("Greet by day").waitFor()
  await page.locator("[data-entry=tests][data-status=passed]").waitFor()
  await entries(page, "ended").nth(1).getByText("Succeeded").waitFor()
  await entries(page, "patch").nth(1).getByText("Good night").waitFor()

  await page.getByRole("link", { name: /^Changes/ }).click()
  const diff = page.getByRole("region", { name: "greet.js", exact: true })
  await diff.locator("table.diff-split").waitFor()
  await diff.locator(".token.keyword").first().waitFor()
  await diff.getByText("Hello").waitFor()
  await page.keyboard.press("v")
  await diff.locator("table.diff-unified").waitFor()
  await page.getByRole("button", { name: "Last turn" }).click()
  await diff.getByText("Good night").waitFor()
  expect(await diff.getByText("Hello").count()).toBe(0)
  expect(errors).toEqual([])
})

test("a guardrail that trips says which rule, where, and what was done", async () => {
  const { page } = await at.open(`/tasks/${await submit("Change the docs alone", { scope: ["docs/**"] })}`)
  const trip = entries(page, "trip").first()
  await trip.getByText("Guardrail scope").waitFor()
  expect(await trip.textContent()).toMatch(/the model was told and tries again/)
  expect(await trip.textContent()).toContain("greet.js")
})

test("a plan is denied with a note where it is read, and allowed the second time", async () => {
  const { page, errors } = await at.open(`/tasks/${await submit("Plan it", { plan: "approve" })}`)
  const gate = entries(page, "gate")
  await gate.getByText("First the parser").waitFor()
  await gate.getByRole("textbox").fill("The rest first.")
  await gate.getByRole("button", { name: "Deny" }).click()
  await gate.first().getByText("Denied by admin: The rest first.").waitFor()
  await gate.nth(1).getByRole("button", { name: "Allow" }).click()
  await gate.nth(1).getByText("Allowed by admin").waitFor()
  await entries(page, "ended").getByText("Succeeded").waitFor()
  expect(errors).toEqual([])
})

test("a busy lane says what its workers do, and why and behind what the next one waits", async () => {
  const [one, two] = [await submit("Count the first"), await submit("Count the second")]
  const { page, errors } = await at.open("/")
  const lane = page.getByRole("region", { name: "Deep lane" })
  await lane.getByText("2 of 4", { exact: true }).first().waitFor()
  const workers = lane.getByRole("listitem")
  await workers.getByRole("link", { name: /Count the first/ }).waitFor()
  await workers.getByRole("link", { name: /Count the second/ }).waitFor()
  const waits = await submit("Greet, some day")
  const row = page.locator(`[data-row="${waits}"]`)
  await row
    .getByText(/#1.*repo limit 2 of 2, behind “Count the (first|second)”, “Count the (first|second)”/)
    .waitFor()
  for (const task of [one, two]) await at.house.call("POST", `/v1/tasks/${task}/cancel`, {})
  await row.getByText("Failed", { exact: true }).waitFor()
  expect(errors).toEqual([])
})
