import type { Group, Task } from "@twolane/protocol"
import { mendUnlessWrong, type PlayedHouse, raceForFast, startPlayedHouse } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

let played: PlayedHouse
let twolane = caller({})
beforeAll(async () => {
  played = await startPlayedHouse(
    { mend: mendUnlessWrong, race: raceForFast },
    { deepWorkers: 1, fastWorkers: 1 },
  )
  twolane = caller({ TWOLANE_URL: played.house.url, TWOLANE_API_KEY: played.house.apiKey })
})
afterAll(() => played[Symbol.asyncDispose]())

test("candidates by models are waited for and compared, the best one's end is the exit code, and any of them leads to the others", async () => {
  const run = await twolane(["run", "--wait", "--candidates", "wrong,right", "[mend] sum adds wrongly"])
  expect(run).toMatchObject({ code: 0, notes: "" })
  const group = /group_\w+/.exec(run.out)?.[0] ?? ""
  const lines = run.out.split("\n")
  const table = lines.slice(lines.findIndex(line => line.startsWith(group)))
  expect(table[0]).toMatch(/candidates in sums, ended: \[mend\] sum adds wrongly$/)
  expect(table[1]).toMatch(/^1\. task_\w+ {2}deep, right$/)
  expect(table[2]).toMatch(/succeeded · tests passed · 1 file, \+1 -1 · no guardrail tripped · /)
  expect(table[3]).toBe("   it succeeded, and its tests passed; the next one is not green")
  expect(table[4]).toMatch(/^2\. task_\w+ {2}deep, wrong$/)
  expect(table[5]).toContain("failed: tests-red")
  const [best = "", other = ""] = table.flatMap(line => /^\d\. (task_\w+)/.exec(line)?.[1] ?? [])

  expect((await twolane(["accept", best])).out).toContain("is accepted")
  const compared = JSON.parse((await twolane(["compare", other, "--json"])).out) as Group
  expect(compared).toMatchObject({ id: group, chosen: best, candidates: [{ task: best }, { task: other }] })
  expect((await twolane(["compare", group])).out).toContain(`${best}  deep, right  ← chosen`)
})

test("a race is asked for by one word, and won by the fast one", async () => {
  const run = await twolane(["run", "--wait", "--race", "--json", "[race] sum adds wrongly"])
  expect(run.code).toBe(0)
  expect(JSON.parse(run.out)).toMatchObject({
    race: true,
    candidates: [
      { lane: "fast", status: "succeeded" },
      { lane: "deep", status: "canceled" },
    ],
  })
})

test("a group is canceled by its id, and what stands alone has nothing to be compared with", async () => {
  const run = await twolane(["run", "--no-wait", "--candidates", "2", "--json", "[race] sum adds wrongly"])
  const { id } = JSON.parse(run.out) as Group
  const canceled = await twolane(["cancel", id, "--reason", "no more need"])
  expect(canceled).toMatchObject({ code: 0 })
  expect(canceled.out.match(/cancel(?:ed|ing)/g)?.length).toBeGreaterThanOrEqual(2)
  const alone = JSON.parse((await twolane(["run", "--no-wait", "--json", "[mend] it"])).out) as Task
  const compared = await twolane(["compare", alone.id])
  expect(compared).toMatchObject({ code: 1, notes: expect.stringContaining("no other candidates") })
  const both = await twolane(["run", "--race", "--candidates", "2", "x"])
  expect(both).toMatchObject({ code: 2, notes: expect.stringContaining("a race has one candidate") })
})
