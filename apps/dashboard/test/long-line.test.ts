import { type ModelServer, makeRepo, say, startModel, type TempRepo } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startPage, type TestPage } from "./start-page.ts"

const waiting = 700

let model: ModelServer
let repo: TempRepo
let at: TestPage
beforeAll(async () => {
  model = await startModel({ script: () => say("Done.") })
  repo = await makeRepo({ files: { "a.txt": "a\n" } })
  at = await startPage({ modelUrl: model.url, deepWorkers: 0, env: { TWOLANE_READY_LANES: "" } })
  await at.house.call("POST", "/v1/repos", { name: "shop", source: repo.path })
  for (const count of [waiting - 500, 500]) {
    const tasks = Array.from({ length: count }, () => ({ repo: "shop", lane: "deep", prompt: "Wait" }))
    await at.house.call("POST", "/v1/tasks/batch", { tasks })
  }
}, 60_000)
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  await repo[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
})

test("a long line is scrolled through in its order without a gap, while only the rows in sight are there", async () => {
  const { page, errors } = await at.open("/")
  await page.getByRole("heading", { name: `Waiting ${waiting}` }).waitFor()
  const rows = page.locator("[data-row]")
  const seen: number[] = []
  const last = page.getByText(`#${waiting}`, { exact: true })
  for (let screens = 0; screens < 100 && !(await last.isVisible()); screens += 1) {
    const places = (await rows.allTextContents()).map(text => Number(/#(\d+)/.exec(text)?.[1]))
    seen.push(...places.filter(place => place > (seen.at(-1) ?? 0)))
    expect(places.length).toBeLessThan(80)
    const end = places.at(-1)
    await page.locator("#view").evaluate(view => view.scrollBy(0, view.clientHeight))
    // The next rows are there, or the end is.
    await expect
      .poll(
        async () =>
          (await last.isVisible()) || !(await page.getByText(`#${end}`, { exact: true }).isHidden()),
      )
      .toBe(true)
  }
  expect(seen).toEqual(Array.from(seen, (_, index) => index + 1))
  expect(seen.length).toBeGreaterThan(500)
  expect(errors).toEqual([])
})
