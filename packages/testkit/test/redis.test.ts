import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { Cluster, Redis } from "ioredis"
import { expect, test } from "vitest"
import { startRedis } from "../src/redis.ts"

test("a private Redis keeps acknowledged writes over kill -9, and leaves nothing when stopped", async () => {
  const server = await startRedis()
  const folder = dirname(server.socketPath ?? "")
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const first = new Redis(server.url, { retryStrategy: () => null })
  first.on("error", () => {})
  await first.set("a", "1")
  await server.kill9()
  first.disconnect()
  await server.restart()
  const second = new Redis(server.url)
  expect(await second.get("a")).toBe("1")
  expect(await second.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"])
  second.disconnect()
  await server.stop()
  expect(existsSync(folder)).toBe(false)
})

test("a paused Redis answers nothing until it is resumed", async () => {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  await redis.ping()
  server.pause()
  let answered = false
  const answer = redis.ping().then(() => {
    answered = true
  })
  await new Promise(resolve => setTimeout(resolve, 30))
  expect(answered).toBe(false)
  server.resume()
  await answer
  redis.disconnect()
})

test("the cluster variant serves every slot from one node, also after a restart", async () => {
  await using server = await startRedis({ cluster: true })
  const cluster = new Cluster([server.url])
  await cluster.set("{t:1}a", "1")
  await cluster.set("{t:2}a", "2")
  await server.restart()
  expect(await cluster.get("{t:2}a")).toBe("2")
  cluster.disconnect()
})

test("a server whose test process is killed goes with it, and so does its folder", async () => {
  const script = `
    const { startRedis } = await import(${JSON.stringify(import.meta.resolve("../src/redis.ts"))})
    const server = await startRedis()
    console.log(server.socketPath)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [line] = (await once(child.stdout, "data")) as [Buffer]
  const path = line.toString().trim()
  const redis = new Redis(path, { retryStrategy: () => null })
  redis.on("error", () => {})
  await redis.ping()
  const gone = once(redis, "close")
  child.kill("SIGKILL")
  await gone
  await expect.poll(() => existsSync(dirname(path))).toBe(false)
})

test("a setting that Redis refuses is an error with its reason", async () => {
  await expect(startRedis({ settings: { "maxmemory-policy": "none-such" } })).rejects.toThrow(
    "maxmemory-policy",
  )
})
