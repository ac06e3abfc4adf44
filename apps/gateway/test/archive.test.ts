import { randomBytes } from "node:crypto"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { derivedId, noUsage, type TaskEvent } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import { apiKey, type OpenGateway, openGateway } from "./open-gateway.ts"
import { readStream } from "./read-stream.ts"

const daysAgo = (days: number) => Date.now() - days * 86_400_000

let one: OpenGateway
let client: Redis
let base: string

beforeAll(async () => {
  one = await openGateway()
  client = new Redis(one.redis.url)
  base = await one.source.sha()
})
afterAll(async () => {
  client.disconnect()
  await one[Symbol.asyncDispose]()
})

/** A task that succeeded so many days ago. */
const finished = async (days: number, prompt: string): Promise<string> => {
  const at = daysAgo(days)
  const task = derivedId("task", at, randomBytes(16))
  const turn = derivedId("turn", at, randomBytes(16))
  const by = { key: "key_alice", name: "Alice" }
  const result = await one.store.create({
    team: "default",
    task,
    events: [
      {
        type: "task.created",
        turn: null,
        at,
        team: "default",
        repo: "shop",
        title: prompt,
        prompt,
        by,
        origin: "api",
        labels: ["till"],
        priority: "normal",
        base: null,
        baseAtSubmit: base,
      },
      {
        type: "turn.queued",
        turn,
        at,
        lane: "deep",
        position: null,
        reason: "next",
        prompt,
        by,
        options: {},
      },
      { type: "message.done", turn, at, text: "It is mended." },
      { type: "turn.ended", turn, at, outcome: { status: "succeeded" }, usage: noUsage },
    ],
  })
  if (!result.ok) throw new Error("it was there already")
  return task
}

const isInRedis = async (task: string) => (await client.exists(`tl:{default/${task}}:state`)) === 1
const get = (path: string) => one.call("GET", path).then(({ status, body }) => ({ status, body }))

/** Starts another gateway, which is due for a sweep, as each is six hours after the last; it ends when the tasks have left. */
const archive = async (...tasks: string[]) => {
  // The indexes know of all that was written.
  await one.store.list("default", {}, { limit: 1 })
  await one.store.lease("archive", 1_000).setPlace("0")
  await using _another = await one.start()
  for (const task of tasks) await expect.poll(() => isInRedis(task), { interval: 20 }).toBe(false)
}

test("a gateway archives what finished long ago, and whoever reads it sees no difference", async () => {
  const old = await finished(31, "mend the till")
  const young = await finished(29, "mend the bell")
  const paths = [
    `/v1/tasks/${old}`,
    `/v1/tasks/${old}/events`,
    `/v1/tasks/${old}/events?after=0-2`,
    `/v1/tasks/${old}/diff`,
    "/v1/tasks?label=till",
    "/v1/tasks?q=mend%20the%20till",
    "/v1/tasks?status=succeeded&repo=shop&limit=1",
    "/v1/hindsight",
    "/v1/kpis?window=30d",
    "/v1/audit",
  ]
  // How far it is behind is counted while it is asked for the first time.
  await expect.poll(() => get(`/v1/tasks/${old}`)).toMatchObject({ body: { behind: 0 } })
  const before = await Promise.all(paths.map(get))
  await archive(old)
  expect(await isInRedis(young)).toBe(true)
  expect(await Promise.all(paths.map(get))).toEqual(before)
  expect((await readdir(join(one.dataDir, "archive", "default"))).length).toBe(1)
  expect((await one.call("GET", "/metrics")).text).toContain("twolane_archived_tasks_total 1\n")
  await using stream = await streamOf(old, "0-2")
  await stream.ended
  expect(stream.messages.map(({ id }) => id)).toEqual(["0-3", "0-4"])
})

test("an archived task takes a next turn, a verdict and a cancel as any other one", async () => {
  const [asked, judged, over] = [
    await finished(40, "ask"),
    await finished(41, "judge"),
    await finished(42, "end"),
  ]
  await archive(asked, judged, over)
  expect((await one.call("POST", `/v1/tasks/${over}/cancel`, {})).status).toBe(409)
  expect(await isInRedis(over)).toBe(false)
  const discarded = await one.call("POST", `/v1/tasks/${judged}/discard`)
  expect([discarded.status, (discarded.body as { review: string }).review]).toEqual([200, "discarded"])
  await using stream = await streamOf(asked, "0-4", "&follow=always")
  const next = await one.call("POST", `/v1/tasks/${asked}/turns`, { prompt: "and the drawer", lane: "deep" })
  expect(next.status).toBe(202)
  expect((next.body as { turns: { prompt: string }[] }).turns.map(({ prompt }) => prompt)).toEqual([
    "ask",
    "and the drawer",
  ])
  await using _worker = await one.work(async attempt => {
    await attempt.write([
      {
        type: "turn.ended",
        turn: attempt.turn,
        at: attempt.now(),
        outcome: { status: "succeeded" },
        usage: noUsage,
      },
    ])
  })
  await stream.until(() => stream.messages.some(({ data }) => typeOf(data) === "turn.ended"))
  expect(stream.messages.map(({ data, id }) => [typeOf(data), id])).toEqual([
    ["turn.queued", "0-5"],
    ["turn.started", "1-1"],
    ["turn.ended", "1-2"],
  ])
  const { body } = await one.call("GET", `/v1/tasks/${asked}/events`)
  expect((body as { items: TaskEvent[] }).items.map(({ id }) => id)).toEqual([
    "0-1",
    "0-2",
    "0-3",
    "0-4",
    "0-5",
    "1-1",
    "1-2",
  ])
})

const typeOf = (data: string) => (JSON.parse(data) as TaskEvent).type

const streamOf = (task: string, after: string, more = "") =>
  readStream(`${one.url}/v1/tasks/${task}/events?after=${after}${more}`, {
    authorization: `Bearer ${apiKey}`,
  })
