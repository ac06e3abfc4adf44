import { makeTempFolder, startPart, startRedis } from "@twolane/testkit"
import { expect, test } from "vitest"
import { readStream } from "./read-stream.ts"

const apiKey = "tl_test_0123456789abcdef"

test("a wrong setting is one line that names it, and nothing listens", async () => {
  await using folder = await makeTempFolder("twl-main-")
  const env = { HOME: folder.path, TWOLANE_DATA_DIR: folder.path }
  await using without = startPart("gateway", env)
  await without.ended
  expect(without.output()).toBe("REDIS_URL: must be set; npm start runs a private Redis by itself\n")
  await using redis = await startRedis({ settings: { "maxmemory-policy": "allkeys-lru" } })
  await using evicting = startPart("gateway", { ...env, REDIS_URL: redis.url })
  await evicting.ended
  expect(evicting.output().trim().split("\n")).toEqual([expect.stringMatching(/^REDIS_URL: .*allkeys-lru/)])
})

test("a Redis that does not answer is one line after what its connection said", async () => {
  await using folder = await makeTempFolder("twl-main-")
  const env = { HOME: folder.path, TWOLANE_DATA_DIR: folder.path, LOG_LEVEL: "error" }
  await using part = startPart("gateway", { ...env, REDIS_URL: "redis://127.0.0.1:1" })
  await part.ended
  expect(part.output()).toBe("REDIS_URL: Redis does not answer\n")
})

test("a gateway that does not have the archive of its Redis says so in one line, and does not start", async () => {
  await using first = await makeTempFolder("twl-main-")
  await using second = await makeTempFolder("twl-main-")
  await using redis = await startRedis()
  const env = (folder: string) => ({
    HOME: folder,
    TWOLANE_DATA_DIR: folder,
    TWOLANE_PORT: "0",
    TWOLANE_ARCHIVE: `${folder}/archive`,
    REDIS_URL: redis.url,
  })
  await using one = startPart("gateway", env(first.path))
  while (!one.output().includes("gateway listens")) await new Promise(resolve => setTimeout(resolve, 10))
  await using apart = startPart("gateway", { ...env(second.path), LOG_LEVEL: "error" })
  await apart.ended
  expect(apart.output()).toBe(
    `TWOLANE_ARCHIVE: the archive of finished tasks is not at ${second.path}/archive: share its folder with this host, or keep it in S3 (TWOLANE_ARCHIVE)\n`,
  )
  await using off = startPart("gateway", { ...env(first.path), LOG_LEVEL: "error", TWOLANE_ARCHIVE: "off" })
  await off.ended
  expect(off.output()).toBe("TWOLANE_ARCHIVE: finished tasks lie in an archive, and TWOLANE_ARCHIVE is off\n")
})

test("the process says where it listens, and ends on SIGTERM with streams open", async () => {
  await using folder = await makeTempFolder("twl-main-")
  await using redis = await startRedis()
  await using part = startPart("gateway", {
    HOME: folder.path,
    TWOLANE_DATA_DIR: folder.path,
    TWOLANE_PORT: "0",
    TWOLANE_API_KEY: apiKey,
    REDIS_URL: redis.url,
  })
  const url = () => /"url":"([^"]+)".*"gateway listens"/.exec(part.output())?.[1]
  while (url() === undefined) await new Promise(resolve => setTimeout(resolve, 10))
  await using stream = await readStream(`${url()}/v1/events`, { authorization: `Bearer ${apiKey}` })
  await stream.until(() => stream.comments.length > 0)
  part.kill("SIGTERM")
  await Promise.all([part.ended, stream.ended])
  expect(part.output()).toContain("gateway stops")
  expect(part.output()).not.toContain(apiKey)
})
