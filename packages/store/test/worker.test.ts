import { lastTurn, type NewEvent } from "@twolane/protocol"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { Attempt, Store } from "../src/index.ts"
import {
  alice,
  type Bench,
  cancelRequest,
  ended,
  eventsUntil,
  message,
  newTask,
  queued,
  redisKinds,
  startBench,
  steer,
  succeed,
  typesOf,
  untilAborted,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

describe.each(redisKinds)("on $name", ({ cluster }) => {
  let bench: Bench
  let gateway: Store
  let upkeep: AsyncDisposable
  beforeAll(async () => {
    bench = await startBench({ cluster })
    gateway = await bench.open()
    upkeep = gateway.startUpkeep()
  })
  afterAll(async () => {
    await upkeep[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
  })
  afterEach(() => bench.expectNoErrors())

  test("a task goes in and ends, with the transcript stored beside the step's events", async () => {
    const store = await bench.open()
    const entry = { turn: "turn_x", attempt: 1, model: "simulated", items: [{ type: "message" }] }
    let transcript: unknown
    await using _worker = await store.startWorker(
      workerOf(async attempt => {
        await attempt.write([message(attempt.turn, "done")], { transcript: [entry] })
        transcript = await attempt.transcript()
        await succeed(attempt)
      }),
    )
    const task = newTask()
    await gateway.create(task)
    const log = await untilEnded(gateway, task)
    expect(log.map(({ id, type }) => `${id} ${type}`)).toEqual([
      "0-1 task.created",
      "0-2 turn.queued",
      "1-1 turn.started",
      "1-2 message.done",
      "1-3 turn.ended",
    ])
    expect(log[2]).toMatchObject({ model: "simulated", base: "b".repeat(40), attempt: 1 })
    expect(transcript).toEqual([entry])
  })

  test("turns of one task run one after another, in the order they were queued", async () => {
    const order: string[] = []
    const store = await bench.open()
    await using _worker = await store.startWorker(
      workerOf(async attempt => {
        order.push(attempt.turn)
        await succeed(attempt)
      }),
    )
    const task = newTask()
    await gateway.create({ ...task, events: [...task.events, queued("turn_b"), queued("turn_c")] })
    await untilEnded(gateway, task, 3)
    expect(order).toEqual([task.turn, "turn_b", "turn_c"])
  })

  test("two workers that race for turns run each exactly once", async () => {
    const ran: string[] = []
    const run = async (attempt: Attempt) => {
      ran.push(attempt.task)
      await succeed(attempt)
    }
    const stores = [await bench.open(), await bench.open()]
    await using _one = await (stores[0] as Store).startWorker(workerOf(run, { capacity: 4 }))
    await using _two = await (stores[1] as Store).startWorker(workerOf(run, { capacity: 4 }))
    const tasks = Array.from({ length: 12 }, (_, index) => newTask({ repo: `race-${index}` }))
    await gateway.createMany(tasks)
    await Promise.all(tasks.map(task => untilEnded(gateway, task)))
    expect(ran.toSorted()).toEqual(tasks.map(({ task }) => task).toSorted())
  })

  test("a running turn hears a cancel, with its actor, and a steer", async () => {
    const store = await bench.open()
    const steered = Promise.withResolvers<string>()
    const started = Promise.withResolvers<void>()
    const reason = Promise.withResolvers<unknown>()
    await using _worker = await store.startWorker(
      workerOf(async attempt => {
        const changed = attempt.changed(AbortSignal.timeout(60_000))
        started.resolve()
        await changed
        steered.resolve(attempt.state().steers[0]?.prompt ?? "")
        await untilAborted(attempt)
        reason.resolve(attempt.signal.reason)
        await attempt.write([
          { type: "cancel.confirmed", turn: attempt.turn, at: Date.now(), ms: 1, killed: 0, proof: "worker" },
          ended(attempt.turn, { status: "canceled", by: alice }),
        ])
      }),
    )
    const task = newTask()
    await gateway.create(task)
    await started.promise
    await gateway.change({ ...task, decide: () => [steer(task.turn, "left instead")] })
    expect(await steered.promise).toBe("left instead")
    await gateway.change({ ...task, decide: () => [cancelRequest(task.turn)] })
    expect(await reason.promise).toMatchObject({ by: "user", scope: "task", actor: alice })
    const log = await untilEnded(gateway, task)
    expect(typesOf(log).slice(2)).toEqual([
      "turn.started",
      "steer.accepted",
      "cancel.requested",
      "cancel.confirmed",
      "steer.rejected",
      "turn.ended",
    ])
  })

  test("a turn whose run says nothing fails as internal, and so does one that throws", async () => {
    const store = await bench.open()
    const calls: string[] = []
    await using _worker = await store.startWorker(
      workerOf(async ({ task }) => {
        calls.push(task)
        if (calls.length === 2) throw new Error("a bug")
      }),
    )
    const outcomes = []
    for (const task of [newTask(), newTask()]) {
      await gateway.create(task)
      await untilEnded(gateway, task)
      outcomes.push(lastTurn((await gateway.read(task)) ?? never())?.outcome)
    }
    expect(outcomes).toEqual([
      { status: "failed", code: "internal", detail: "the turn's run ended without saying how" },
      { status: "failed", code: "internal", detail: "a bug" },
    ])
    expect(bench.errors.splice(0)).toHaveLength(1)
  })

  test("a turn that waits at a gate holds no worker, and goes on when it is queued again", async () => {
    const store = await bench.open()
    await using _worker = await store.startWorker(
      workerOf(async attempt => {
        const open = attempt.state().turns[0]?.decisions.length === 0
        const gate: NewEvent = {
          type: "gate.opened",
          turn: attempt.turn,
          at: Date.now(),
          gate: "gate_a",
          kind: "plan",
          detail: "go?",
        }
        await attempt.write([open ? gate : ended(attempt.turn)])
      }),
    )
    const task = newTask()
    await gateway.create(task)
    await eventsUntil(gateway, task, ({ type }) => type === "gate.opened")
    await gateway.change({
      ...task,
      decide: (_, at) => [
        { type: "gate.decided", turn: task.turn, at, gate: "gate_a", decision: "allow", by: alice },
        queued(task.turn, { again: { why: "gate" } }),
      ],
    })
    const log = await untilEnded(gateway, task)
    expect(log.filter(({ type }) => type === "turn.started").map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(typesOf(log)).not.toContain("attempt.lost")
  })

  test("a draining worker's turn goes back in line and is run by another, without spending a retry", async () => {
    const [first, second] = [await bench.open(), await bench.open()]
    const started = Promise.withResolvers<void>()
    const leaving = await first.startWorker(
      workerOf(async attempt => {
        started.resolve()
        await untilAborted(attempt)
      }),
    )
    const task = newTask()
    await gateway.create(task)
    await started.promise
    await leaving[Symbol.asyncDispose]()
    await using _worker = await second.startWorker(workerOf(succeed))
    const log = await untilEnded(gateway, task)
    expect(typesOf(log).slice(2)).toEqual(["turn.started", "turn.queued", "turn.started", "turn.ended"])
    expect(lastTurn((await gateway.read(task)) ?? never())).toMatchObject({
      retries: 0,
      lostInRow: 0,
      attempts: 2,
    })
  })
})

const never = (): never => {
  throw new Error("the task is there")
}
