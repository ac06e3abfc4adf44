import { expect, test } from "vitest"
import { simulate } from "./simulate.ts"
import { trySeeds } from "./try-seeds.ts"

const minutes = 60_000

test(
  "seeds of dying, frozen and cut-off machines lose nothing and do nothing twice",
  async () => {
    const stories = await trySeeds(1, 1_000)
    // A suite in which nothing happens proves nothing.
    const sum = (of: "turns" | "attempts" | "faults" | "refused") =>
      stories.reduce((all, story) => all + story[of], 0)
    expect(sum("faults")).toBeGreaterThan(5_000)
    expect(sum("turns")).toBeGreaterThan(5_000)
    expect(sum("attempts") - sum("turns")).toBeGreaterThan(200)
    expect(sum("refused")).toBeGreaterThan(0)
  },
  20 * minutes,
)

test("a seed tells the same story again", async () => {
  expect(await simulate(7)).toEqual(await simulate(7))
})
