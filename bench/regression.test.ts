import { expect, test } from "vitest"
import { regressionsOf } from "./regression.ts"
import type { RowReport } from "./report.ts"
import type { Line } from "./row.ts"

const line = (what: string, unit: Line["unit"], ratio: number | null): Line => ({
  what,
  unit,
  ratio,
  floor: 1,
  ours: 1,
  goal: "",
  ok: null,
})
const rowOf = (...lines: Line[]): RowReport => ({
  name: "row",
  mustHold: true,
  tookMs: 1,
  result: { lines, profile: [] },
  failure: null,
})
const known = { "row: cost": 1.5, "row: rate": 0.4, "other: cost": 1 }

test("a cost that has doubled and a rate that has halved are regressions, less is noise", () => {
  expect(regressionsOf(rowOf(line("cost", "ms", 3.1), line("rate", "/s", 0.19)), known)).toEqual([
    { line: "row: cost", known: 1.5, now: 3.1 },
    { line: "row: rate", known: 0.4, now: 0.19 },
  ])
  expect(regressionsOf(rowOf(line("cost", "ms", 2.9), line("rate", "/s", 0.21)), known)).toEqual([])
  expect(regressionsOf(rowOf(line("cost", "ms", 0.1), line("rate", "/s", 9)), known)).toEqual([])
})

test("a row that failed is worse in all that is known of it", () => {
  const failed = { ...rowOf(), result: null, failure: "it hangs" }
  expect(regressionsOf(failed, known).map(({ line: name }) => name)).toEqual(["row: cost", "row: rate"])
})

test("a line without a ratio is not judged, and one of which nothing is known says how to keep it", () => {
  expect(regressionsOf(rowOf(line("new", "ms", null)), known)).toEqual([])
  expect(() => regressionsOf(rowOf(line("new", "ms", 1)), known)).toThrow("npm run bench -- --keep row")
})
