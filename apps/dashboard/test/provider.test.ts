import { type Script, say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { TestPage } from "./start-page.ts"
import { startShop } from "./start-shop.ts"

/** The provider asks to be left alone for a while at the first call, and only then. */
const makeScript = (): Script => {
  let calls = 0
  return () => {
    calls += 1
    if (calls > 1) return say("Done.")
    const fault = { type: "status", status: 429, code: "rate_limit_exceeded", retryAfterSeconds: 6 } as const
    return { items: [], fault }
  }
}

let at: TestPage
beforeAll(async () => {
  at = await startShop({ script: makeScript() })
})
afterAll(() => at[Symbol.asyncDispose]())

test("a provider that asks to be left alone is told in the queue and in the task, and that it goes on", async () => {
  const { page, errors } = await at.open("/")
  const body = { repo: "shop", lane: "deep", prompt: "Wait for the model" }
  const { id } = (await at.house.call("POST", "/v1/tasks", body)).body as { id: string }
  const limits = page.getByRole("region", { name: "Deep lane" }).getByRole("list", { name: "Models' limits" })
  await limits.getByText(/asked to be left alone/).waitFor()
  await page.locator(`[data-row="${id}"]`).click()
  const notes = page.locator("[data-entry=note]")
  await notes.getByText(/The model is asked later: .*429/).waitFor()
  await notes.getByText(/The model is asked again, after/).waitFor()
  await page.locator("[data-entry=ended]").getByText("Succeeded").waitFor()
  expect(errors).toEqual([])
})
