import { readFile } from "node:fs/promises"
import type { Kpi } from "@twolane/protocol"
import { say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { pairsOf, rowsOf } from "../src/views/numbers/by-name.ts"
import { toCsv } from "../src/views/numbers/csv.ts"
import { valueWords } from "../src/views/numbers/kpi-words.ts"
import type { TestPage } from "./start-page.ts"
import { startShop } from "./start-shop.ts"

const kpi = (more: Partial<Kpi>): Kpi => ({
  name: "turn_duration",
  lane: "fast",
  unit: "ms",
  count: 1,
  never: 0,
  p50: 1_500,
  p90: 2_000,
  p99: 2_000,
  rate: null,
  series: [],
  ...more,
})

test("values are in words of their unit, and nothing measured is a dash", () => {
  expect([
    valueWords(1_500, "ms"),
    valueWords(0.05, "ratio"),
    valueWords(0.5, "ratio"),
    valueWords(0.0123, "usd"),
  ]).toEqual(["1.5 s", "5.0 %", "50 %", "$0.012"])
  expect(valueWords(null, "ms")).toBe("–")
})

test("both lanes of a KPI stand beside each other, step by step", () => {
  const step = { at: 60_000, count: 2, p50: 10, rate: null }
  const [pair] = pairsOf([
    kpi({ series: [step] }),
    kpi({ lane: "deep", series: [{ ...step, p50: 30, count: 3 }] }),
  ])
  if (pair === undefined) throw new Error("no pair")
  expect(rowsOf(pair)).toEqual([{ at: 60_000, fast: 10, deep: 30, count: 5 }])
  const { fast, ...lanes } = pair.lanes
  expect(rowsOf({ ...pair, lanes })).toEqual([{ at: 60_000, fast: null, deep: 30, count: 3 }])
  expect(fast).toBeDefined()
})

test("the export quotes what a spreadsheet would run, and what has commas", () => {
  const csv = toCsv([kpi({ name: "=HYPERLINK(1,2)", series: [{ at: 0, count: 1, p50: 5, rate: null }] })])
  expect(csv.split("\r\n")).toEqual([
    "kpi,lane,unit,at,count,never,p50,p90,p99,rate",
    `"'=HYPERLINK(1,2)",fast,ms,,1,0,1500,2000,2000,`,
    `"'=HYPERLINK(1,2)",fast,ms,1970-01-01T00:00:00.000Z,1,,5,,,`,
    "",
  ])
})

let at: TestPage
beforeAll(async () => {
  at = await startShop({ script: () => say("Done.") })
})
afterAll(() => at[Symbol.asyncDispose]())

test("a turn that ended is in the numbers: figures, chart, the table behind it, and the export", async () => {
  const { page, errors } = await at.open("/")
  const answer = await at.house.call("POST", "/v1/tasks", {
    repo: "shop",
    lane: "deep",
    prompt: "look around",
  })
  const { id } = answer.body as { id: string }
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  await page.keyboard.press("g")
  await page.keyboard.press("n")
  const card = page.getByRole("region", { name: "Turn", exact: true })
  await card.getByText("1 measured").waitFor()
  await card.locator("canvas").waitFor()
  await card.locator(".u-over").hover()
  await card
    .locator(".u-legend")
    .getByText(/^[\d.]+ m?s$/)
    .waitFor()
  await card.getByRole("button", { name: "Table" }).click()
  expect(await card.getByRole("row").count()).toBe(2)
  await page.getByRole("button", { name: "Last 30 days" }).click()
  await page.waitForURL(/window=30d/)
  const saving = page.waitForEvent("download")
  await page.getByRole("button", { name: "Save as CSV" }).click()
  const file = await saving
  expect(file.suggestedFilename()).toBe("twolane-30d.csv")
  const csv = await readFile(await file.path(), "utf8")
  expect(csv.split("\r\n")[0]).toBe("kpi,lane,unit,at,count,never,p50,p90,p99,rate")
  expect(csv).toMatch(/^turn_duration,deep,ms,,1,0,[\d.]+,[\d.]+,[\d.]+,\r$/m)
  expect(csv).toMatch(/^turn_duration,deep,ms,20\d\d-\d\d-\d\dT\S+Z,1,,[\d.]+,,,\r$/m)
  await page.getByRole("combobox", { name: "Repo" }).selectOption("shop")
  await page.waitForURL(/repo=shop/)
  await card.getByText("1 measured").waitFor()
  await page.getByRole("textbox", { name: "Model" }).fill("a-model-that-nobody-runs")
  await page.keyboard.press("Enter")
  await page.getByText("Nothing was measured in this window").waitFor()
  expect(errors).toEqual([])
})
