import { startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { expect, test } from "vitest"
import { openStore } from "../src/index.ts"
import { checkRedis } from "../src/redis/check.ts"

const checkWith = async (settings: Record<string, string>, url?: string) => {
  await using server = await startRedis({ settings })
  const redis = new Redis(server.url)
  const check = await checkRedis(redis, url ?? server.url)
  redis.disconnect()
  return check
}

test("a Redis that keeps everything is accepted without a word", async () => {
  const check = await checkWith({ appendfsync: "always" })
  expect(check).toEqual({
    refusals: [],
    warnings: [],
    version: expect.stringMatching(/^Redis 7|^Redis 8|^Valkey/),
  })
})

test.each([
  [{ "maxmemory-policy": "allkeys-lru" }, "it would drop tasks when memory is full"],
  [{ appendonly: "no", save: "" }, "keeps nothing on disk"],
  [{ replicaof: "127.0.0.1 1" }, "is a replica"],
])("a Redis with %j is refused", async (settings, why) => {
  const { refusals } = await checkWith(settings)
  expect(refusals).toEqual([expect.stringContaining(why)])
})

test("what may cost the last seconds is a warning", async () => {
  expect((await checkWith({})).warnings).toEqual([expect.stringContaining("everysec")])
  expect((await checkWith({ appendonly: "no", save: "60 1" })).warnings).toEqual([
    expect.stringContaining("no append-only file"),
  ])
})

test("TCP beyond loopback needs a password", async () => {
  const refusals = async (url: string) => (await checkWith({}, url)).refusals
  expect(await refusals("redis://redis.internal:6379")).toEqual([
    expect.stringContaining("without a password"),
  ])
  for (const url of [
    "redis://:pw@redis.internal:6379",
    "redis://127.0.0.1:1",
    "redis://[::1]:1,redis://localhost:2",
  ])
    expect(await refusals(url)).toEqual([])
})

test("a store that cannot reach its Redis says so, in time", async () => {
  const secretKey = Buffer.alloc(32).toString("base64url")
  const opening = openStore({ url: "redis://127.0.0.1:1", secretKey, onError: () => {} })
  await expect(opening).rejects.toMatchObject({ code: "store-unavailable" })
})
