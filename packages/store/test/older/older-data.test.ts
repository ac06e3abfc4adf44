import { readFileSync } from "node:fs"
import { endTurn, foldEvents, type TaskState } from "@twolane/protocol"
import { type PrivateRedis, startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openStore, type Store } from "../../src/index.ts"

/** What an older tree left in Redis; see make-fixture.ts. */
const data = JSON.parse(readFileSync(new URL("data.json", import.meta.url), "utf8")) as Record<
  string,
  [type: string, content: unknown]
>
const team = "default"
/** The testkit's, then as now. */
const secretKey = Buffer.alloc(32, 7).toString("base64url")

let redis: PrivateRedis
let store: Store
const errors: unknown[] = []
/** By prompt. */
let tasks: Map<string, TaskState>

beforeAll(async () => {
  redis = await startRedis()
  const client = new Redis(redis.url)
  for (const [key, [type, content]] of Object.entries(data)) await write(client, key, type, content)
  client.disconnect()
  store = await openStore({ url: redis.url, secretKey, onError: error => void errors.push(error) })
  const { items } = await store.list(team, {}, { limit: 50 })
  const states = await store.readMany(
    team,
    items.map(({ id }) => id),
  )
  tasks = new Map(states.flatMap(state => (state === null ? [] : [[state.prompt, state] as const])))
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await redis.stop()
})

const write = async (client: Redis, key: string, type: string, content: unknown): Promise<void> => {
  const texts = content as string[]
  if (type === "string") await client.set(key, content as string)
  else if (type === "hash") await client.hset(key, content as Record<string, string>)
  else if (type === "set") await client.sadd(key, ...texts)
  else if (type === "list") await client.rpush(key, ...texts)
  else if (type === "bytes") await client.rpush(key, ...texts.map(text => Buffer.from(text, "base64")))
  else if (type === "zset")
    for (let at = 0; at < texts.length; at += 2) await client.zadd(key, texts[at + 1] ?? 0, texts[at] ?? "")
  else for (const [id, fields] of content as [string, string[]][]) await client.xadd(key, id, ...fields)
}
const taskOf = (prompt: string): TaskState => {
  const state = tasks.get(prompt)
  if (state === undefined) throw new Error(`no task was asked to ${prompt}`)
  return state
}

test("its tasks are listed with what became of them", () => {
  const seen = [...tasks.values()].map(({ prompt, turns, review }) => [
    prompt,
    turns.map(({ lane, status }) => `${lane} ${status}`),
    review,
  ])
  expect(seen).toEqual([
    ["wait for a worker", ["deep queued"], "none"],
    ["never mind", ["deep canceled"], "none"],
    ["plan first", ["deep waiting"], "none"],
    ["mend sum at once", ["fast succeeded"], "open"],
    ["mend sum", ["deep succeeded", "deep succeeded"], "open"],
  ])
})

test("each log folds to the task that was kept, and has its transcript and checkpoint", async () => {
  for (const state of tasks.values()) {
    const log = await store.events({ team, task: state.id }, "0-0", 1_000)
    // A newer fold may say more.
    expect(foldEvents(null, log)).toMatchObject(state)
  }
  const mended = taskOf("mend sum")
  expect(await store.pack({ team, task: mended.id })).toMatchObject({ checkpoint: mended.checkpoint?.sha })
  expect(taskOf("mend sum").labels).toEqual(["bug"])
})

test("its indexes, gates, secrets, metrics and stream are read", async () => {
  const found = await store.list(team, { label: "bug", status: "succeeded" }, { limit: 5 })
  expect(found.items.map(({ prompt }) => prompt)).toEqual(["mend sum"])
  expect((await store.gates(team, { limit: 5 })).items).toMatchObject([{ kind: "plan" }])
  expect(await store.repo(team, "shop")).toMatchObject({ source: "/srv/shop", secrets: ["TOKEN"] })
  expect(await store.secrets(team, "shop")).toEqual({ TOKEN: "s3cret" })
  const turns = (await store.totals()).find(({ name }) => name === "twolane_turns_total")
  expect(turns?.series.map(({ labels }) => labels)).toContainEqual({ lane: "deep", outcome: "succeeded" })
  const stop = new AbortController()
  const { value } = await store.followTeam(team, "0-0", stop.signal)[Symbol.asyncIterator]().next()
  stop.abort()
  expect(value).toMatchObject({ event: { type: "task.created", prompt: "mend sum" } })
})

test("a task that waited then is run now, and one that waited for a person goes on when it is answered", async () => {
  await using _upkeep = store.startUpkeep()
  const host = (await store.repo(team, "shop"))?.host ?? "here"
  const ran: string[] = []
  await using _worker = await store.startWorker({
    lane: "deep",
    id: "worker_now",
    capacity: 2,
    version: "now",
    sandbox: "none",
    host,
    started: () => ({ model: "none", engine: "builtin" }),
    holding: () => null,
    run: async attempt => {
      ran.push(attempt.state().prompt)
      await attempt.write((state, at) => endTurn(state, attempt.turn, { status: "succeeded" }, at))
    },
    deliver: async () => ({ ok: false, code: "internal", detail: "nothing is delivered here" }),
  })
  await store.pause("deep", false)
  await expect.poll(() => ran).toEqual(["wait for a worker"])
  const planned = taskOf("plan first")
  const [gate] = planned.gates
  await store.change({
    team,
    task: planned.id,
    decide: (_state, at) => [
      {
        type: "gate.decided",
        gate: gate?.gate ?? "",
        decision: "allow",
        by: planned.by,
        turn: gate?.turn ?? "",
        at,
      },
      {
        type: "turn.queued",
        turn: gate?.turn ?? "",
        at,
        lane: "deep",
        position: null,
        reason: "the plan was allowed",
        prompt: planned.prompt,
        by: planned.by,
        options: {},
        again: { why: "gate" },
      },
    ],
  })
  await expect.poll(() => ran).toEqual(["wait for a worker", "plan first"])
  expect(errors).toEqual([])
})
