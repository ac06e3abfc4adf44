import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import {
  call,
  type ModelServer,
  makeRepo,
  type Script,
  say,
  startModel,
  type TempRepo,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startPage, type TestPage } from "./start-page.ts"

const plan = call([
  "update_plan",
  { explanation: "First the parser, then the rest.", plan: [{ step: "Move it", status: "pending" }] },
])
const script: Script = ({ items }) => (JSON.stringify(items).includes("plan first") ? plan : say("Done."))

let model: ModelServer
let repo: TempRepo
let at: TestPage
beforeAll(async () => {
  model = await startModel({ script })
  repo = await makeRepo({ files: { "a.txt": "a\n" } })
  at = await startPage({ modelUrl: model.url })
  await at.house.call("POST", "/v1/repos", { name: "shop", source: repo.path })
})
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  await repo[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
})

const submit = async (prompt: string, more: Record<string, unknown> = {}): Promise<string> => {
  const answer = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt, ...more })
  expect(answer.status).toBe(202)
  return (answer.body as { id: string }).id
}

test("a task that somebody submits shows up and ends without reloading", async () => {
  const { page, errors } = await at.open("/")
  await page.getByText("Nothing has been asked yet").waitFor()
  await page.getByRole("status").getByText("Live").waitFor()
  const id = await submit("Write a haiku about queues", { labels: ["poetry"] })
  const row = page.locator(`[data-row="${id}"]`)
  await row.getByText("Succeeded").waitFor()
  expect(await row.textContent()).toContain("Write a haiku about queues")
  expect(errors).toEqual([])
})

test("a lane is paused on the page, what waits says so, and goes on when it is resumed", async () => {
  const { page, errors } = await at.open("/")
  await page.getByRole("button", { name: "Pause the deep lane" }).click()
  await page.getByText("Paused").waitFor()
  const id = await submit("Wait for it")
  const row = page.locator(`[data-row="${id}"]`)
  await row.getByText("#1").waitFor()
  expect(await row.textContent()).toContain("paused")
  await page.getByRole("button", { name: "Resume the deep lane" }).click()
  await row.getByText("Succeeded").waitFor()
  expect(errors).toEqual([])
})

test("the queue has no accessibility problem, in light and dark, on a desk and on a phone", async () => {
  const axe = createRequire(import.meta.url).resolve("axe-core")
  for (const colorScheme of ["light", "dark"] as const)
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const { page } = await at.open("/", { colorScheme, viewport })
      await page.getByRole("heading", { name: "Ended" }).waitFor()
      // Not as a script tag: the policy of the page forbids it.
      await page.evaluate(await readFile(axe, "utf8"))
      const found = await page.evaluate("axe.run()")
      const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] }
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(" ")}`)).toEqual(
        [],
      )
      await page.context().close()
    }
})
