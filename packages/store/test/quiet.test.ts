import { expect, test } from "vitest"
import { makeStillQuiet } from "../src/follow/quiet.ts"

test("of many readers of one log, one looks whether it still ends there, and again when that is long ago", async () => {
  let now = 0
  const looked: string[] = []
  const stillQuiet = makeStillQuiet(100, () => now)
  const ask = (log: string, last: `${number}-${number}`, quiet = true) =>
    stillQuiet(log, last, async () => {
      looked.push(`${log} ${last} at ${now}`)
      return quiet
    })
  expect(await Promise.all([ask("a", "1-1"), ask("a", "1-1"), ask("b", "1-1", false)])).toEqual([
    true,
    true,
    false,
  ])
  now = 99
  expect(await Promise.all([ask("a", "1-1"), ask("b", "1-1")])).toEqual([true, false])
  expect(await ask("a", "1-2")).toBe(true)
  now = 199
  expect(await ask("a", "1-2")).toBe(true)
  expect(looked).toEqual(["a 1-1 at 0", "b 1-1 at 0", "a 1-2 at 99", "a 1-2 at 199"])
})
