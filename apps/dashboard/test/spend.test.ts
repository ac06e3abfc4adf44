import { readFile } from "node:fs/promises"
import type { BudgetView, Task } from "@twolane/protocol"
import { say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { type Shop, startShop } from "./start-shop.ts"

let at: Shop
beforeAll(async () => {
  at = await startShop({ script: () => say("Done.") })
})
afterAll(() => at[Symbol.asyncDispose]())

const submit = async (prompt: string): Promise<string> => {
  const { body } = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt })
  return (body as Task).id
}
const budget = async () => (await at.house.call("GET", "/v1/budget")).body as BudgetView

test("what turns cost is told on the page, a budget is set there, and the queue says that it is used up", async () => {
  const { page, errors } = await at.open("/")
  await page.getByRole("status").getByText("Live").waitFor()
  const id = await submit("use some tokens")
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  await expect.poll(async () => (await budget()).spent.tokens).toBeGreaterThan(1)
  await page.keyboard.press("g")
  await page.keyboard.press("n")
  const part = page.getByRole("region", { name: "What it cost" })
  await part.getByText("The team has no budget.").waitFor()
  await part.getByRole("rowheader", { name: "shop" }).waitFor()
  await part.getByRole("combobox", { name: "Told apart by" }).selectOption("person")
  await part.getByRole("rowheader", { name: "admin" }).waitFor()
  const saving = page.waitForEvent("download")
  await part.getByRole("button", { name: "Save the spend as CSV" }).click()
  const csv = await readFile(await (await saving).path(), "utf8")
  expect(csv).toMatch(/^month,team,lane,repo,person,model,turns,.*\r\n\d{4}-\d\d,default,deep,shop,admin,/)

  await part.getByRole("button", { name: "Set the budget" }).click()
  const form = page.getByRole("dialog", { name: "What the team may spend in a month" })
  // Its models have no price here: dollars are refused, and the form stays.
  await form.getByLabel("US dollars").fill("10")
  await form.getByRole("button", { name: "Set it" }).click()
  await page
    .getByText(/there is no price for/)
    .first()
    .waitFor()
  await form.getByLabel("US dollars").fill("")
  await form.getByLabel("Tokens, in and out").fill("1")
  await page.keyboard.press("Enter")
  await part.getByText(/^Used up, and no turn starts: [\d,.]+ of 1 tokens/).waitFor()
  expect(await budget()).toMatchObject({ tokens: 1, usd: null, state: "stopped" })

  await page.keyboard.press("g")
  await page.keyboard.press("q")
  await page
    .getByRole("region", { name: "Budget" })
    .getByText(/Used up/)
    .waitFor()
  const next = await submit("come after it")
  await page
    .locator(`[data-row="${next}"]`)
    .getByText(/the team's budget for .* is used up/)
    .waitFor()
  await at.house.call("PUT", "/v1/budget", { tokens: null })
  await page.locator(`[data-row="${next}"]`).getByText("Succeeded").waitFor()
  expect(errors.filter(error => !error.includes("422"))).toEqual([])
})

test.each(looks)(
  "spend and budget have no accessibility problem: $name",
  async ({ name: _name, ...look }) => {
    await at.house.call("PUT", "/v1/budget", { tokens: 1 })
    const { page } = await at.open("/", look)
    await page.getByRole("region", { name: "Budget" }).waitFor()
    expect(await accessProblems(page)).toEqual([])
    await page.goto(`${at.house.url}/numbers`)
    await page.getByRole("region", { name: "What it cost" }).getByRole("table").waitFor()
    expect(await accessProblems(page)).toEqual([])
    await page.getByRole("button", { name: "Set the budget" }).click()
    await page.getByRole("dialog").waitFor()
    expect(await accessProblems(page)).toEqual([])
  },
)
