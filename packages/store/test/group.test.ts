import { type GroupOf, groupOfFirst, type NewEvent, siblingId, type TaskState } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Context } from "../src/context.ts"
import type { Store } from "../src/index.ts"
import { loadScripts, scriptRunner } from "../src/redis/script.ts"
import { append, prepare } from "../src/task/append.ts"
import { beforeCreation, savePack } from "../src/task/packs.ts"
import {
  alice,
  type Bench,
  ended,
  newTask,
  queued,
  shortTiming,
  startBench,
  succeed,
  team,
  until,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

let bench: Bench
let store: Store
let redis: Redis
beforeEach(async () => {
  bench = await startBench()
  store = await bench.open()
  redis = new Redis(bench.url)
})
afterEach(async () => {
  redis.disconnect()
  await bench[Symbol.asyncDispose]()
  bench.expectNoErrors()
})

const dirtyKey = `tl:{team:${team}}:dirty`

/** The first task of a group: of so many deep candidates, or with a fast one before them. */
const newGroup = (lanes: readonly ("fast" | "deep")[]) => {
  const plain = newTask({ lane: lanes[0] ?? "deep" })
  const task = siblingId(plain.task, 0)
  const tasks = lanes.map((_, index) => siblingId(task, index))
  const group: GroupOf = {
    id: groupOfFirst(task),
    candidates: lanes.map((lane, index) => ({ task: siblingId(task, index), lane, model: `model-${index}` })),
  }
  const turn = task.replace("task_", "turn_")
  const events = plain.events.map(
    (event): NewEvent =>
      event.type === "task.created" ? { ...event, group, base: "b".repeat(40) } : { ...event, turn },
  )
  return { first: { team, task, events }, tasks, group }
}

/** What a process has that dies. */
const crashing = (): Context => {
  const parts = { timing: shortTiming, run: scriptRunner(redis, loadScripts()) } satisfies Partial<Context>
  return parts as unknown as Context
}

/** Writes as a process that dies right behind its write: nothing that follows from it is done, and its mark stays, which is old by now. */
const writeAndDie = async (task: string, before: TaskState | null, events: readonly NewEvent[]) => {
  await redis.sadd("tl:{upkeep}:teams", team)
  await redis.zadd(dirtyKey, Date.now() - 60_000, `${task}/crashed`)
  const write = prepare({ ref: { team, task }, before, events })
  expect(await append(crashing(), write)).toMatchObject({ ok: true })
}

const statesOf = async (tasks: readonly string[]): Promise<TaskState[]> =>
  (await store.readMany(team, tasks)).filter(state => state !== null)

const allSettled = () => until(async () => (await redis.zcard(dirtyKey)) === 0)

test("a group is created as a whole, each candidate with its own lane and model and all else alike, and once", async () => {
  const { first, tasks, group } = newGroup(["fast", "deep", "deep"])
  const made = await store.createGroup(first)
  expect(
    made.map(({ id, group: of, turns }) => [id, of?.id, turns[0]?.lane, turns[0]?.options.model]),
  ).toEqual(
    tasks.map((id, index) => [
      id,
      group.id,
      group.candidates[index]?.lane,
      index === 0 ? undefined : `model-${index}`,
    ]),
  )
  expect(
    new Set(made.map(({ baseRef, prompt, createdAt }) => `${baseRef} ${prompt} ${createdAt}`)).size,
  ).toBe(1)
  await allSettled()
  const again = await store.createGroup(first)
  expect(again.map(({ id, lastEventId }) => [id, lastEventId])).toEqual(
    made.map(({ id, lastEventId }) => [id, lastEventId]),
  )
  expect((await store.list(team, {}, { limit: 10 })).items.map(({ id }) => id)).toEqual(tasks.toReversed())
})

test("a writer that dies behind the first candidate: the others are made by whoever has the upkeep, also once the first one has ended", async () => {
  const { first, tasks } = newGroup(["deep", "deep", "deep"])
  await redis.zadd(
    dirtyKey,
    Date.now() - 60_000,
    `${tasks[1]}/group`,
    Date.now() - 60_000,
    `${tasks[2]}/group`,
  )
  await writeAndDie(first.task, null, first.events)
  const before = await store.read(first)
  await store.change({ ...first, decide: () => [ended(before?.turns[0]?.id ?? "")] })
  // Nothing is left of its own writes: the marks of the missing ones alone tell of them.
  await redis.zrem(dirtyKey, `${first.task}/crashed`)
  expect(await statesOf(tasks)).toHaveLength(1)
  await using _upkeep = store.startUpkeep()
  await using _worker = await store.startWorker(workerOf(succeed))
  for (const task of tasks.slice(1)) {
    await until(async () => (await store.read({ team, task })) !== null)
    await untilEnded(store, { team, task })
  }
  await allSettled()
  expect((await statesOf(tasks)).map(({ turns }) => turns.map(({ status }) => status))).toEqual(
    Array(3).fill(["succeeded"]),
  )
})

/** The first task of a group that begins with its caller's own change. */
const newGroupWithChange = () => {
  const { first, ...rest } = newGroup(["deep", "deep", "deep"])
  const checkpoint = "d".repeat(40)
  const diff = "diff of the caller's"
  const files = [{ path: "a.txt", change: "modified" as const, added: 1, removed: 1 }]
  const whole = { files: 1, added: 1, removed: 1 }
  const at = Date.now()
  const turn = turnOf(first.task)
  const saved: NewEvent = { type: "checkpoint.saved", files, diff, checkpoint, whole, turn, at }
  const pack = { checkpoint, pack: Buffer.from("objects") }
  return { ...rest, first: { ...first, events: [...first.events, saved], pack }, checkpoint }
}

/** What each candidate begins with: the checkpoint of its log and fold, and its own pack, which stays. */
const broughtTo = async (tasks: readonly string[]) =>
  await Promise.all(
    tasks.map(async task => {
      const ref = { team, task }
      const saved = (await store.events(ref, "0-0", 10)).find(({ type }) => type === "checkpoint.saved")
      const pack = await store.pack(ref)
      return [
        saved?.type === "checkpoint.saved" ? [saved.diff, saved.checkpoint, saved.turn] : null,
        (await store.read(ref))?.brought,
        pack === null ? null : [pack.checkpoint, Buffer.from(pack.pack).toString()],
        await redis.ttl(`tl:{${team}/${task}}:pack`),
      ]
    }),
  )

const eachBrought = (tasks: readonly string[], checkpoint: string) =>
  tasks.map(task => [
    ["diff of the caller's", checkpoint, turnOf(task)],
    checkpoint,
    [checkpoint, "objects"],
    -1,
  ])

test("each candidate begins with the change that the caller brought, with a pack of its own", async () => {
  const { first, tasks, checkpoint } = newGroupWithChange()
  await store.createGroup(first)
  await allSettled()
  expect(await broughtTo(tasks)).toEqual(eachBrought(tasks, checkpoint))
})

test.each([
  ["keeps what was saved for each before the first", 0],
  ["takes it from the first one where that is gone", 2],
])(
  "a writer that dies behind a first candidate with a change: whoever makes the others %s",
  async (_what, gone) => {
    const { first, tasks, checkpoint } = newGroupWithChange()
    const { pack, events } = first
    for (const task of tasks.slice(0, tasks.length - gone))
      await savePack(crashing(), { team, task }, beforeCreation, pack)
    for (const task of tasks.slice(1)) await redis.zadd(dirtyKey, Date.now() - 60_000, `${task}/group`)
    await writeAndDie(first.task, null, events)
    await using _upkeep = store.startUpkeep()
    for (const task of tasks.slice(1)) await until(async () => (await store.read({ team, task })) !== null)
    await allSettled()
    expect(await broughtTo(tasks)).toEqual(eachBrought(tasks, checkpoint))
  },
)

/** A fast turn that ends green with a change of one file. */
const green = (turn: string, more: { tests?: "passed" | "failed"; files?: number } = {}): NewEvent[] => {
  const { tests = "passed", files = 1 } = more
  const at = Date.now()
  return [
    { type: "tests.ended", status: tests, command: "t", durationMs: 1, output: "", turn, at },
    {
      type: "change.ready",
      branch: "x",
      base: "b".repeat(40),
      head: "c".repeat(40),
      files,
      added: 1,
      removed: 0,
      turn,
      at,
    },
    ended(turn),
  ]
}

const turnOf = (task = ""): string => task.replace("task_", "turn_")

test("a winner whose process dies before it told the others: whoever has the upkeep cancels them", async () => {
  const { first, tasks } = newGroup(["fast", "deep", "deep"])
  await store.createGroup(first)
  await allSettled()
  await writeAndDie(first.task, await store.read(first), green(turnOf(first.task)))
  await using _upkeep = store.startUpkeep()
  for (const task of tasks.slice(1)) await untilEnded(store, { team, task })
  const [, ...others] = await statesOf(tasks)
  for (const { turns } of others)
    expect(turns[0]?.outcome).toMatchObject({ status: "canceled", by: { key: "system" } })
})

test("an accept whose process dies before it told the others: they are discarded all the same", async () => {
  const { first, tasks } = newGroup(["deep", "deep"])
  const [one = "", two = ""] = tasks
  await store.createGroup(first)
  for (const task of tasks) await store.change({ team, task, decide: () => green(turnOf(task)) })
  await allSettled()
  const accepted: NewEvent = {
    type: "task.reviewed",
    decision: "accepted",
    by: alice,
    turn: null,
    at: Date.now(),
  }
  await writeAndDie(two, await store.read({ team, task: two }), [accepted])
  await using _upkeep = store.startUpkeep()
  await until(async () => (await store.read({ team, task: one }))?.review === "discarded")
  expect((await store.read({ team, task: two }))?.review).toBe("accepted")
})

test.each([
  ["is red", { tests: "failed" as const }],
  ["changed nothing", { files: 0 }],
])("a fast candidate that %s wins nothing", async (_what, more) => {
  const { first, tasks } = newGroup(["fast", "deep"])
  await store.createGroup(first)
  await store.change({ ...first, decide: () => green(turnOf(first.task), more) })
  await allSettled()
  expect((await statesOf(tasks)).map(({ turns }) => turns[0]?.status)).toEqual(["succeeded", "queued"])
})

test("a candidate that a person gave a further turn is not canceled by the one that won", async () => {
  const { first, tasks } = newGroup(["fast", "deep"])
  const [, deep = ""] = tasks
  await store.createGroup(first)
  const again: NewEvent = {
    type: "turn.queued",
    lane: "deep",
    position: null,
    reason: "next",
    prompt: "and this",
    by: alice,
    options: {},
    turn: `${turnOf(deep)}x`,
    at: Date.now(),
  }
  await store.change({ team, task: deep, decide: () => [again] })
  await store.change({ ...first, decide: () => green(turnOf(first.task)) })
  await allSettled()
  expect((await store.read({ team, task: deep }))?.turns.map(({ status }) => status)).toEqual([
    "queued",
    "queued",
  ])
})

test.each([
  ["gives way to a deep one that is there", false, "canceled"],
  ["goes on where the deep one has ended", true, "queued"],
])("a fast candidate that its rules hand to the deep lane %s", async (_what, over, status) => {
  const { first, tasks } = newGroup(["fast", "deep"])
  const [fast = "", deep = ""] = tasks
  await store.createGroup(first)
  if (over) await store.change({ team, task: deep, decide: () => [ended(turnOf(deep))] })
  await store.change({
    team,
    task: fast,
    decide: () => [
      ended(turnOf(fast), { status: "handed_off" }),
      queued(`${turnOf(fast)}x`, { lane: "deep" }),
    ],
  })
  await allSettled()
  const state = await store.read({ team, task: fast })
  expect(state?.turns.map(turn => turn.status)).toEqual(["handed_off", status])
})
