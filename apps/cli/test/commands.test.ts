import type { Kpi, Repo } from "@twolane/protocol"
import { expect, test } from "vitest"
import { kpiWords } from "../src/commands/team.ts"
import { chooseRepo } from "../src/commands/which-repo.ts"
import { exitCodeOf, exitCodeOfTask } from "../src/exit.ts"

const repo = (name: string, source: string): Repo => ({
  name,
  team: "default",
  source,
  defaultBranch: "main",
  createdAt: 0,
  credential: "none",
  secrets: [],
})
const repos = [repo("a", "/src/a"), repo("b", "https://h/b.git")]

test("the repo is the one whose source is this checkout, or its origin", () => {
  expect(chooseRepo(repos, "/src/a", null)).toBe("a")
  expect(chooseRepo(repos, "/elsewhere", "https://h/b.git")).toBe("b")
})

test("the only repo needs no name, several do, and none says how to begin", () => {
  expect(chooseRepo([repo("a", "/src/a")], null, null)).toBe("a")
  expect(() => chooseRepo(repos, null, null)).toThrow("Which repo? Name it with -r: a, b")
  expect(() => chooseRepo([], null, null)).toThrow("twolane repos add")
})

test("each outcome has the contract's exit code", () => {
  expect((["succeeded", "failed", "canceled", "limited"] as const).map(exitCodeOf)).toEqual([0, 1, 3, 4])
  expect(exitCodeOfTask({ status: "running" })).toBe(0)
})

test("a KPI is told by its figures, in its unit", () => {
  const kpi: Kpi = {
    name: "queue_wait",
    lane: "deep",
    unit: "ms",
    count: 4,
    never: 1,
    p50: 12,
    p90: 1_500,
    p99: null,
    rate: null,
    series: [],
  }
  expect(kpiWords(kpi)).toBe("4 measured, 1 never, p50 12 ms, p90 1.5 s")
  expect(kpiWords({ ...kpi, unit: "ratio", p50: null, p90: null, never: 0, rate: 0.25 })).toBe(
    "4 measured, rate 0.25",
  )
})
