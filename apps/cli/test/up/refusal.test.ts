import { makeTempFolder, startRedis } from "@twolane/testkit"
import { expect, test } from "vitest"
import { startUp } from "./start-up.ts"

test("a Redis that would lose tasks stops the start with the reason, and nothing is tried again", async () => {
  await using folder = await makeTempFolder("twl-up-")
  await using redis = await startRedis({
    settings: { "maxmemory-policy": "allkeys-lru", maxmemory: "100mb" },
  })
  const up = await startUp(folder.path, { REDIS_URL: redis.url, TWOLANE_DEEP_WORKERS: "0" })
  expect(await up.ended).toBe(1)
  // Gateway and fast worker start beside each other: the first that refuses ends the start, and the other may have refused by then.
  const reasons = up.notes.filter(line => line.startsWith("REDIS_URL: "))
  expect([new Set(reasons).size, reasons.length <= 2]).toEqual([1, true])
  expect(up.notes.at(-1)).toMatch(
    /^twolane: Stopped: (?:gateway|fast-worker) refused to start \(its reason is above\)$/,
  )
})
