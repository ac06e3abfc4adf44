import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Store, TaskFilter } from "../src/index.ts"
import { type Bench, ended, eventsUntil, message, newTask, startBench, team } from "./open-for-test.ts"

let bench: Bench
let store: Store
const tasks = Array.from({ length: 25 }, (_, index) =>
  newTask({
    repo: index % 2 === 0 ? "even" : "odd",
    prompt: `task number ${index}`,
    labels: index % 5 === 0 ? ["five", "Ünïcode {label}"] : [],
  }),
)
const newestFirst = tasks
  .map(({ task }) => task)
  .toSorted()
  .toReversed()
beforeAll(async () => {
  bench = await startBench()
  store = await bench.open()
  await store.createMany(tasks)
  for (const task of tasks.slice(0, 3)) await store.change({ ...task, decide: () => [ended(task.turn)] })
})
afterAll(() => bench[Symbol.asyncDispose]())
afterEach(() => bench.expectNoErrors())

const listAll = async (filter: TaskFilter, limit: number): Promise<string[]> => {
  const seen: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await store.list(team, filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    seen.push(...page.items.map(({ id }) => id))
    if (page.nextCursor === null) return seen
    cursor = page.nextCursor
  }
}
const expected = (fits: (index: number) => boolean) =>
  newestFirst.filter(id => fits(tasks.findIndex(({ task }) => task === id)))

test("pages hold every task once, newest first, whatever their size", async () => {
  for (const limit of [1, 7, 25, 200]) expect(await listAll({}, limit)).toEqual(newestFirst)
})

test.each<[string, TaskFilter, (index: number) => boolean]>([
  ["repo", { repo: "odd" }, index => index % 2 === 1],
  ["status", { status: "succeeded" }, index => index < 3],
  ["lane", { lane: "fast" }, () => false],
  ["label", { label: "Ünïcode {label}" }, index => index % 5 === 0],
  ["who, by key", { by: "key_alice" }, () => true],
  ["who, by name", { by: "Alice" }, () => true],
  ["several", { repo: "even", label: "five", status: "queued" }, index => index % 10 === 0 && index >= 3],
  ["text", { q: "NUMBER 1" }, index => index === 1 || (index >= 10 && index < 20)],
  ["text and repo", { q: "number 1", repo: "odd" }, index => [1, 11, 13, 15, 17, 19].includes(index)],
  ["a repo that cannot be one", { repo: "}:x{ *" }, () => false],
])("lists can be filtered by %s", async (_name, filter, fits) => {
  expect(await listAll(filter, 4)).toEqual(expected(fits))
})

test("a cursor of another list, or no cursor at all, is refused", async () => {
  const { nextCursor } = await store.list(team, { repo: "odd" }, { limit: 2 })
  for (const cursor of [nextCursor ?? "", "", "nonsense", "e30", Buffer.from("null").toString("base64url")])
    await expect(store.list(team, {}, { limit: 2, cursor })).rejects.toMatchObject({ code: "bad-cursor" })
  await expect(store.gates(team, { limit: 2, cursor: "x" })).rejects.toMatchObject({ code: "bad-cursor" })
  await expect(store.repos(team, { limit: 2, cursor: "x" })).rejects.toMatchObject({ code: "bad-cursor" })
})

test("what somebody has seen in a task's log is in the lists at once", async () => {
  for (let round = 0; round < 20; round += 1) {
    const task = newTask({ ofTeam: "quick" })
    const gate = `gate_${round}`
    const detail = "a plan"
    await store.create(task)
    const writing = store.change({
      ...task,
      decide: () => [{ type: "gate.opened", turn: task.turn, at: 1, gate, kind: "plan", detail }],
    })
    await eventsUntil(store, task, ({ type }) => type === "gate.opened")
    const [gates, waiting] = await Promise.all([
      store.gates("quick", { limit: 50 }),
      store.list("quick", { status: "waiting" }, { limit: 50 }),
    ])
    expect(gates.items.map(({ id }) => id)).toContain(gate)
    expect(waiting.items.map(({ id }) => id)).toContain(task.task)
    await writing
  }
})

test("another team sees nothing of it", async () => {
  expect(await store.list("other", {}, { limit: 50 })).toEqual({ items: [], nextCursor: null })
})

test("a list says of waiting tasks where they stand", async () => {
  const { items } = await store.list(team, { status: "queued" }, { limit: 200 })
  expect(new Set(items.map(({ queue }) => queue?.reason))).toEqual(new Set(["no deep worker is there"]))
  const positions = items.map(({ queue }) => queue?.position ?? 0).toSorted((a, b) => a - b)
  expect(positions).toEqual(Array.from({ length: 22 }, (_, index) => index + 1))
})

test("following resumes after an id, and the team's stream after a cursor, each event once", async () => {
  const task = newTask({ ofTeam: "streams" })
  await store.create(task)
  const stop = new AbortController()
  const seen: string[] = []
  const following = (async () => {
    for await (const item of store.follow(task, "0-1", stop.signal)) if ("id" in item) seen.push(item.id)
  })()
  for (let n = 0; n < 30; n++) await store.change({ ...task, decide: () => [message(task.turn, String(n))] })
  const cursors: string[] = []
  const ids: string[] = []
  const teamStop = new AbortController()
  for await (const item of store.followTeam("streams", "0-0", teamStop.signal)) {
    if (!("cursor" in item)) continue
    cursors.push(item.cursor)
    ids.push(item.event.id)
    if (ids.length === 32) teamStop.abort()
  }
  const all = Array.from({ length: 32 }, (_, index) => `0-${index + 1}`)
  expect(ids).toEqual(all)
  // The first two events came in one write.
  for (const seenBefore of [1, 2, 10]) {
    const again = new AbortController()
    const later: string[] = []
    for await (const item of store.followTeam("streams", cursors[seenBefore - 1] ?? "", again.signal)) {
      if ("cursor" in item) later.push(item.event.id)
      if (later.length === 32 - seenBefore) again.abort()
    }
    expect(later).toEqual(all.slice(seenBefore))
  }
  await store.change({ ...task, decide: () => [message(task.turn, "x".repeat(100_000))] })
  while (seen.length < 32) await new Promise(resolve => setTimeout(resolve, 5))
  stop.abort()
  await following
  expect(seen).toEqual([...all.slice(1), "0-33"])
})

test("a team cursor that is not kept any more gets a reset, and a malformed one is refused", async () => {
  const stop = new AbortController()
  for await (const item of store.followTeam("streams", "5-0", stop.signal)) {
    expect(item).toEqual({ reset: true })
    stop.abort()
  }
  const malformed = store.followTeam("streams", "$", stop.signal)[Symbol.asyncIterator]()
  await expect(malformed.next()).rejects.toMatchObject({ code: "bad-cursor" })
})

test("a follower misses nothing when its subscription is cut", async () => {
  const { Redis } = await import("ioredis")
  const redis = new Redis(bench.url)
  const task = newTask({ ofTeam: "cuts" })
  await store.create(task)
  const stop = new AbortController()
  const seen: string[] = []
  const following = (async () => {
    for await (const item of store.follow(task, "0-0", stop.signal)) {
      if ("id" in item) seen.push(item.id)
      if (seen.length === 42) stop.abort()
    }
  })()
  for (let n = 0; n < 40; n++) {
    if (n % 8 === 0) await redis.call("CLIENT", "KILL", "TYPE", "pubsub")
    await store.change({ ...task, decide: () => [message(task.turn, String(n))] })
  }
  await following
  expect(seen).toEqual(Array.from({ length: 42 }, (_, index) => `0-${index + 1}`))
  redis.disconnect()
  bench.errors.splice(0)
})
