import { startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { expect, test } from "vitest"
import { makeClock } from "../src/redis/clock.ts"

test("the clock is Redis', whatever this machine's is set to meanwhile", async () => {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  const realNow = Date.now
  try {
    const clock = makeClock(redis)
    await clock.sync()
    for (const offMs of [86_400_000, -86_400_000]) {
      Date.now = () => realNow() + offMs
      expect(Math.abs(clock.now() - realNow())).toBeLessThan(1_000)
    }
  } finally {
    Date.now = realNow
    redis.disconnect()
  }
})
