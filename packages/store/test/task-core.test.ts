import { Fault, foldEvents, lastTurn, type NewEvent } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { Store, TaskRef } from "../src/index.ts"
import { taskKeys } from "../src/keys.ts"
import {
  alice,
  type Bench,
  cancelRequest,
  ended,
  idsOf,
  message,
  newTask,
  queued,
  redisKinds,
  startBench,
  steer,
  team,
  typesOf,
} from "./open-for-test.ts"

/** How long the parts of a task's pack stay, in ms; -1 is for ever. */
const ttlOf = async ({ redis }: Bench, ref: TaskRef): Promise<number[]> => {
  const { pack, packInfo } = taskKeys(ref)
  const client = new Redis(redis.url)
  try {
    return await Promise.all([pack, packInfo].map(key => client.pttl(key)))
  } finally {
    client.disconnect()
  }
}

describe.each(redisKinds)("on $name", ({ cluster }) => {
  let bench: Bench
  let store: Store
  beforeAll(async () => {
    bench = await startBench({ cluster })
    store = await bench.open()
  })
  afterAll(() => bench[Symbol.asyncDispose]())
  afterEach(() => bench.expectNoErrors())

  test("a task is created once, and a repeated call finds the first one's", async () => {
    const task = newTask()
    const first = await store.create(task)
    expect(first.ok).toBe(true)
    expect(await store.create(task)).toEqual({ ok: false, why: "exists", state: first.state })
    expect(await store.read(task)).toEqual(first.state)
    expect(await store.read({ team: "other", task: task.task })).toBeNull()
  })

  test("the ids that the fold predicted are those that Redis stored, without a gap", async () => {
    const task = newTask()
    const created = await store.create(task)
    const written = await store.change({
      ...task,
      decide: () => [message(task.turn, "a"), message(task.turn, "b")],
    })
    const log = await store.events(task, "0-0", 100)
    expect(idsOf(log)).toEqual(["0-1", "0-2", "0-3", "0-4"])
    expect([...(created.ok ? created.events : []), ...(written.ok ? written.events : [])]).toEqual(log)
    expect(foldEvents(null, log)).toEqual(await store.read(task))
    expect(idsOf(await store.events(task, "0-2", 1))).toEqual(["0-3"])
  })

  test("twenty writers at once leave twenty events, one after another", async () => {
    const task = newTask()
    await store.create(task)
    const texts = Array.from({ length: 20 }, (_, index) => `note ${index}`)
    await Promise.all(texts.map(text => store.change({ ...task, decide: () => [message(task.turn, text)] })))
    const log = await store.events(task, "0-2", 100)
    expect(idsOf(log)).toEqual(texts.map((_, index) => `0-${index + 3}`))
    expect(new Set(log.map(event => event.type === "message.done" && event.text))).toEqual(new Set(texts))
  })

  test("steers keep the order in which they were accepted", async () => {
    const task = newTask()
    await store.create(task)
    for (const text of ["one", "two", "three"])
      await store.change({ ...task, decide: () => [steer(task.turn, text)] })
    const state = await store.read(task)
    expect(state?.steers.map(({ prompt }) => prompt)).toEqual(["one", "two", "three"])
  })

  test("whatever ends a turn rejects its open steers and closes its gates", async () => {
    const task = newTask()
    await store.create(task)
    await store.change({
      ...task,
      decide: () => [
        steer(task.turn, "hurry"),
        { type: "gate.opened", turn: task.turn, at: 1, gate: "gate_1", kind: "plan", detail: "a plan" },
      ],
    })
    expect((await store.gates(team, { limit: 50 })).items.map(({ id }) => id)).toContain("gate_1")
    await store.change({ ...task, decide: () => [ended(task.turn, { status: "canceled", by: alice })] })
    const log = await store.events(task, "0-4", 100)
    expect(typesOf(log)).toEqual(["steer.rejected", "gate.decided", "turn.ended"])
    const state = await store.read(task)
    expect([state?.steers, state?.gates]).toEqual([[], []])
    expect((await store.gates(team, { limit: 50 })).items.map(({ id }) => id)).not.toContain("gate_1")
  })

  test("a turn cannot end twice", async () => {
    const task = newTask()
    await store.create(task)
    await store.change({ ...task, decide: () => [ended(task.turn)] })
    await expect(store.change({ ...task, decide: () => [ended(task.turn)] })).rejects.toThrow(
      "ended succeeded",
    )
  })

  test("a change that decides nothing writes nothing, and a Fault of its decision passes", async () => {
    const task = newTask()
    const { state } = await store.create(task)
    expect(await store.change({ ...task, decide: () => [] })).toEqual({ ok: true, state, events: [] })
    const refuse = () => {
      throw new Fault("turn-not-running", "no")
    }
    await expect(store.change({ ...task, decide: refuse })).rejects.toMatchObject({
      code: "turn-not-running",
    })
    expect(await store.change({ team, task: "task_none", decide: () => [] })).toEqual({
      ok: false,
      why: "absent",
    })
  })

  test("the pack that a task begins with is there with it, and no later creation replaces it", async () => {
    const task = newTask()
    const checkpoint = "c".repeat(40)
    const events: NewEvent[] = [
      ...task.events,
      { type: "checkpoint.saved", turn: task.turn, at: Date.now(), files: [], diff: "", checkpoint },
    ]
    // Nobody created the task: what was saved for it goes away by itself.
    expect(await store.savePack(task, 0, checkpoint, Buffer.from("early"))).toBe(true)
    expect(Math.min(...(await ttlOf(bench, task)))).toBeGreaterThan(0)
    const pack = Buffer.alloc(2_500_000, "p")
    const created = await store.create({ ...task, events, pack: { checkpoint, pack } })
    expect(created.state).toMatchObject({
      base: "b".repeat(40),
      checkpoint: { sha: checkpoint, portable: true },
      lastEventId: "0-3",
    })
    expect(await store.pack(task)).toEqual({ checkpoint, pack })
    expect(await ttlOf(bench, task)).toEqual([-1, -1])
    const again = { checkpoint: "d".repeat(40), pack: Buffer.from("other") }
    expect((await store.createMany([{ ...task, events, pack: again }]))[0]?.ok).toBe(false)
    expect(await store.savePack(task, 0, again.checkpoint, again.pack)).toBe(false)
    expect(await store.pack(task)).toEqual({ checkpoint, pack })
  })

  test("an attempt that is not the newest is refused, also for packs", async () => {
    const task = newTask()
    await store.create(task)
    const late = await store.change({ ...task, attempt: 1, decide: () => [message(task.turn, "zombie")] })
    expect(late).toEqual({ ok: false, why: "stale" })
    expect(await store.savePack(task, 1, "c".repeat(40), Buffer.from("pack"))).toBe(false)
    expect(await store.pack(task)).toBeNull()
  })

  test("many are created at once, in order, and those that exist are found", async () => {
    const known = newTask({ repo: "many" })
    await store.create(known)
    const tasks = [newTask({ repo: "many" }), known, newTask({ repo: "many" })]
    const results = await store.createMany(tasks)
    expect(results.map(({ ok, state }) => [ok, state.id])).toEqual([
      [true, tasks[0]?.task],
      [false, known.task],
      [true, tasks[2]?.task],
    ])
    expect(await store.openTurns(team, "many")).toBe(3)
    expect((await store.list(team, { repo: "many" }, { limit: 10 })).items).toHaveLength(3)
  })

  test("a queued turn's cancel ends it in one write, and a follow-up opens the task again", async () => {
    const task = newTask({ repo: "cancels" })
    await store.create(task)
    await store.change({
      ...task,
      decide: () => [
        cancelRequest(task.turn),
        { type: "cancel.confirmed", turn: task.turn, at: 1, ms: 0, killed: 0, proof: "never_started" },
        ended(task.turn, { status: "canceled", by: alice }),
      ],
    })
    expect(await store.openTurns(team, "cancels")).toBe(0)
    const next = await store.change({ ...task, decide: () => [queued("turn_next")] })
    expect(next.ok && lastTurn(next.state)?.status).toBe("queued")
    expect(await store.openTurns(team, "cancels")).toBe(1)
  })
})
