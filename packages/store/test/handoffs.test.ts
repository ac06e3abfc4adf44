import { endTurn, type NewEvent, type TaskEvent } from "@twolane/protocol"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Attempt, Store } from "../src/index.ts"
import {
  alice,
  type Bench,
  eventsUntil,
  newTask,
  queued,
  startBench,
  succeed,
  until,
  untilAborted,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

let bench: Bench
let gateway: Store
let upkeep: AsyncDisposable
beforeAll(async () => {
  bench = await startBench()
  gateway = await bench.open()
  upkeep = gateway.startUpkeep()
})
afterAll(async () => {
  await upkeep[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
})
afterEach(() => bench.expectNoErrors())

const startFast = async (run: (attempt: Attempt) => Promise<void>) =>
  (await bench.open()).startWorker(workerOf(run, { lane: "fast" }))

/** A task whose one fast turn has run as `run` says. */
const afterFast = async (run: (attempt: Attempt) => Promise<void>) => {
  await using _worker = await startFast(run)
  const task = newTask({ lane: "fast" })
  await gateway.create(task)
  await untilEnded(gateway, task)
  return task
}

const patch = (turn: string): NewEvent => ({
  type: "patch.applied",
  files: [{ path: "a.js", change: "modified", added: 1, removed: 1 }],
  diff: "-a\n+b\n",
  checkpoint: "c".repeat(40),
  turn,
  at: Date.now(),
})

const patchAndEnd = async (attempt: Attempt): Promise<void> => {
  await attempt.write([patch(attempt.turn)])
  await succeed(attempt)
}

const idAndType = ({ id, type }: TaskEvent): string => `${id} ${type}`

test("a turn of the other lane is queued with what goes with it, in one write of the gateway's", async () => {
  const task = await afterFast(patchAndEnd)
  const before = await gateway.read(task)
  await gateway.change({ ...task, decide: () => [queued("turn_deep")] })
  const added = await gateway.events(task, before?.lastEventId ?? "0-0", 10)
  expect(added.map(idAndType)).toEqual(["1-4 turn.queued", "1-5 handoff.created"])
  expect(added[1]).toMatchObject({
    from: { turn: task.turn, lane: "fast" },
    to: { turn: "turn_deep", lane: "deep" },
    packet: {
      checkpoint: "c".repeat(40),
      diff: "-a\n+b\n",
      tried: [{ what: "patched a.js (+1 -1)" }, { what: "mend the cart", result: "succeeded" }],
      missing: [],
    },
  })
  // A second one goes on from the first.
  await gateway.change({ ...task, decide: () => [queued("turn_deeper")] })
  expect((await gateway.events(task, added[1]?.id ?? "0-0", 10)).map(({ type }) => type)).toEqual([
    "turn.queued",
  ])
})

test("a turn behind an open one of the other lane gets it when that one has ended, in that end's own write", async () => {
  const begun = Promise.withResolvers<void>()
  const word = Promise.withResolvers<void>()
  await using _worker = await startFast(async attempt => {
    begun.resolve()
    await word.promise
    await patchAndEnd(attempt)
  })
  const task = newTask({ lane: "fast" })
  await gateway.create(task)
  await begun.promise
  await gateway.change({ ...task, decide: () => [queued("turn_deep")] })
  word.resolve()
  const log = await eventsUntil(gateway, task, ({ type }) => type === "handoff.created")
  expect(log.map(idAndType)).toEqual([
    "0-1 task.created",
    "0-2 turn.queued",
    "1-1 turn.started",
    "1-2 turn.queued",
    "1-3 patch.applied",
    "1-4 turn.ended",
    "1-5 handoff.created",
  ])
  expect(log.at(-1)).toMatchObject({ to: { turn: "turn_deep" }, packet: { diff: "-a\n+b\n" } })
})

test("what a closed gate had asked goes with the task", async () => {
  const task = await afterGate()
  await gateway.change({
    ...task,
    decide: (state, at) => [
      ...endTurn(state, task.turn, { status: "handed_off" }, at),
      queued("turn_deep", { lane: "deep" }),
    ],
  })
  const [ended, created, next] = (await gateway.events(task, "1-2", 10)).filter(
    ({ type }) => type !== "gate.decided",
  )
  expect([ended?.type, created?.type, next?.type]).toEqual(["turn.ended", "handoff.created", "turn.queued"])
  expect(created).toMatchObject({ packet: { openQuestions: ["may it?"] } })
})

/** A task whose fast turn waits at a gate. */
const afterGate = async () => {
  await using _worker = await startFast(async attempt => {
    const { turn } = attempt
    await attempt.write([
      { type: "gate.opened", gate: "gate_1", kind: "patch", detail: "may it?", turn, at: Date.now() },
    ])
  })
  const task = newTask({ lane: "fast" })
  await gateway.create(task)
  await eventsUntil(gateway, task, ({ type }) => type === "gate.opened")
  return task
}

test("a direct turn that takes over brings it along, before it begins", async () => {
  const task = newTask()
  await using _deep = await (await bench.open()).startWorker(workerOf(succeed))
  await gateway.create(task)
  await untilEnded(gateway, task)
  await using fast = await startFast(succeed)
  const last = (await gateway.read(task))?.lastEventId ?? null
  const events = [queued("turn_fast", { lane: "fast" })]
  const turn = await fast.claim({ team: task.team, task: task.task, turn: "turn_fast", events, last }, null)
  if ("refused" in turn) throw new Error(turn.refused)
  await turn.run(succeed)
  expect(turn.events.map(idAndType)).toEqual(["1-3 turn.queued", "1-4 handoff.created", "2-1 turn.started"])
  expect((await gateway.events(task, last ?? "0-0", 10)).map(idAndType)).toEqual([
    ...turn.events.map(idAndType),
    "2-2 turn.ended",
  ])
})

test("a turn that never ran hands nothing over; the one that takes its place does", async () => {
  const task = await afterFast(patchAndEnd)
  await gateway.change({ ...task, decide: () => [queued("turn_deep")] })
  await gateway.change({
    ...task,
    decide: (state, at) => endTurn(state, "turn_deep", { status: "canceled", by: alice }, at),
  })
  await gateway.change({ ...task, decide: () => [queued("turn_again")] })
  const created = (await gateway.events(task, "0-0", 20)).filter(({ type }) => type === "handoff.created")
  expect(created).toMatchObject([
    { from: { turn: task.turn }, to: { turn: "turn_deep" } },
    { from: { turn: task.turn }, to: { turn: "turn_again" } },
  ])
})

test("a worker that is lost hands over too", async () => {
  const store = await bench.open()
  const worker = await store.startWorker(workerOf(untilAborted, { lane: "fast" }))
  const task = newTask({ lane: "fast" })
  await gateway.create(task)
  await eventsUntil(gateway, task, ({ type }) => type === "turn.started")
  await gateway.change({ ...task, decide: () => [queued("turn_deep")] })
  const request: NewEvent = {
    type: "cancel.requested",
    by: alice,
    scope: "turn",
    turn: task.turn,
    at: Date.now(),
  }
  await gateway.change({ ...task, decide: () => [request] })
  // It stops and says nothing: the store ends the turn in its name.
  await until(async () => (await gateway.read(task))?.turns[0]?.endedAt !== undefined)
  await worker[Symbol.asyncDispose]()
  const log = await gateway.events(task, "0-0", 30)
  expect(log.filter(({ type }) => type === "handoff.created")).toMatchObject([{ to: { turn: "turn_deep" } }])
})
