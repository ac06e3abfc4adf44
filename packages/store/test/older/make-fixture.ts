/**
 * Makes `data.json`: all that Redis has after some tasks, written by the tree that it runs in. It was run at commit 72a691b (the first one
 * that served tasks in both lanes), and the paths of its machine were replaced by `/srv/shop` and `/run/f.sock`.
 */
import { call, makeRepo, say, startHouse, startModel } from "@twolane/testkit"
import { Redis } from "ioredis"

const patch = `*** Begin Patch
*** Update File: sum.js
@@
-export const sum = (a, b) => a - b
+export const sum = (a, b) => a + b
*** End Patch`

const source = await makeRepo({ files: { "sum.js": "export const sum = (a, b) => a - b\n" } })
const model = await startModel({
  script: ({ items }) => {
    const text = JSON.stringify(items)
    const patched = text.includes("custom_tool_call_output")
    return text.includes("mend") && !patched ? call(["apply_patch", patch]) : say("Done: sum adds.")
  },
})
const house = await startHouse({ modelUrl: model.url, fastWorkers: 1 })
const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
  const { status, body: answer, text } = await house.call(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${text}`)
  return answer as Record<string, unknown>
}
const submit = async (more: Record<string, unknown>): Promise<string> =>
  String((await ask("POST", "/v1/tasks", { repo: "shop", lane: "deep", test: "none", ...more })).id)
const until = async (task: string, status: string): Promise<void> => {
  while ((await ask("GET", `/v1/tasks/${task}`)).status !== status)
    await new Promise(done => setTimeout(done, 50))
}

await ask("POST", "/v1/repos", { name: "shop", source: source.path })
await ask("PUT", "/v1/repos/shop/secrets/TOKEN", { value: "s3cret" })
const mended = await submit({ prompt: "mend sum", labels: ["bug"], priority: "high" })
await until(mended, "succeeded")
await ask("POST", `/v1/tasks/${mended}/turns`, { prompt: "say it again", lane: "deep" })
await until(mended, "succeeded")
await submit({ prompt: "mend sum at once", lane: "fast" })
await until(await submit({ prompt: "plan first", plan: "approve" }), "waiting")
await ask("POST", "/v1/queue/pause", {})
const canceled = await submit({ prompt: "never mind" })
await ask("POST", `/v1/tasks/${canceled}/cancel`, {})
await submit({ prompt: "wait for a worker" })
await new Promise(done => setTimeout(done, 1_000))

const client = new Redis(house.redis.url)
const read = async (key: string): Promise<unknown[]> => {
  const type = await client.type(key)
  if (type === "string") return [type, await client.get(key)]
  if (type === "hash") return [type, await client.hgetall(key)]
  // A pack is bytes.
  if (key.endsWith(":pack"))
    return ["bytes", (await client.lrangeBuffer(key, 0, -1)).map(chunk => chunk.toString("base64"))]
  if (type === "list") return [type, await client.lrange(key, 0, -1)]
  if (type === "set") return [type, await client.smembers(key)]
  if (type === "zset") return [type, await client.zrange(key, "0", "-1", "WITHSCORES")]
  return [type, await client.xrange(key, "-", "+")]
}
const data: Record<string, unknown> = {}
for (const key of (await client.keys("*")).toSorted()) {
  // What lives for seconds is no data.
  const livesMs = await client.pttl(key)
  if (livesMs < 0 || livesMs > 60_000) data[key] = await read(key)
}
process.stdout.write(`${JSON.stringify(data, null, 1)}\n`)
client.disconnect()
await house[Symbol.asyncDispose]()
await model[Symbol.asyncDispose]()
await source[Symbol.asyncDispose]()
