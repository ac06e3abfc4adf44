import { say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { TestPage } from "./start-page.ts"
import { startShop } from "./start-shop.ts"

const waiting = 700

let at: TestPage
beforeAll(async () => {
  at = await startShop({ script: () => say("Done."), deepWorkers: 0, env: { TWOLANE_READY_LANES: "" } })
  for (const count of [waiting - 500, 500]) {
    const tasks = Array.from({ length: count }, () => ({ repo: "shop", lane: "deep", prompt: "Wait" }))
    await at.house.call("POST", "/v1/tasks/batch", { tasks })
  }
})
afterAll(() => at[Symbol.asyncDispose]())

test("a long line is scrolled through in its order without a gap, while only the rows in sight are there", async () => {
  const { page, errors } = await at.open("/")
  await page.getByRole("heading", { name: `Waiting ${waiting}` }).waitFor()
  const rows = page.locator("[data-row]")
  const places = async () => (await rows.allTextContents()).map(text => Number(/#(\d+)/.exec(text)?.[1]))
  const seen: number[] = []
  for (let end = 0; end < waiting; ) {
    // Scrolled to, the next rows come: those behind the loaded ones once they are.
    await expect.poll(async () => Math.max(...(await places()))).toBeGreaterThan(end)
    const shown = (await places()).filter(place => place > 0)
    expect(shown.length).toBeLessThan(80)
    seen.push(...shown.filter(place => place > end))
    end = Math.max(...shown)
    await page.locator("#view").evaluate(view => view.scrollBy(0, view.clientHeight / 2))
  }
  expect(seen).toEqual(Array.from({ length: waiting }, (_, index) => index + 1))
  expect(errors).toEqual([])
})
