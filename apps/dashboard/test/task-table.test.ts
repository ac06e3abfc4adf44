import { foldEvents, noUsage, type TaskEvent, viewTask } from "@twolane/protocol"
import { expect, test } from "vitest"
import { createTaskTable } from "../src/live/task-table.ts"

const task = "task_00000000000000000000000001"
const by = { key: "key_1", name: "Ada" }
const at = (id: string, body: Record<string, unknown>): TaskEvent =>
  ({ id, task, turn: "turn_1", attempt: Number(id.split("-")[0]), at: 1_000, ...body }) as TaskEvent

const log: TaskEvent[] = [
  at("0-1", {
    type: "task.created",
    turn: null,
    team: "t",
    repo: "shop",
    title: "Mend",
    prompt: "Mend",
    by,
    origin: "page",
    labels: ["a"],
    priority: "normal",
    base: null,
    baseAtSubmit: "abc",
  }),
  at("0-2", {
    type: "turn.queued",
    lane: "deep",
    position: 1,
    reason: "next",
    prompt: "Mend",
    by,
    options: {},
  }),
  at("1-1", {
    type: "turn.started",
    lane: "deep",
    worker: "w",
    model: "m",
    engine: "builtin",
    base: "abc",
    branch: "b",
  }),
  at("1-2", { type: "workspace.ready", base: "abc", from: "new", durationMs: 5, setup: "none" }),
  at("1-3", {
    type: "usage.reported",
    model: "m",
    inputTokens: 10,
    cachedTokens: 0,
    outputTokens: 3,
    costUsd: 0.5,
    ttftMs: 1,
    durationMs: 2,
  }),
  at("1-4", { type: "gate.opened", gate: "gate_1", kind: "plan", detail: "Two steps" }),
  at("1-5", { type: "gate.decided", gate: "gate_1", decision: "allow", by }),
  at("1-6", {
    type: "turn.queued",
    lane: "deep",
    position: 1,
    reason: "next",
    prompt: "Mend",
    by,
    options: {},
    again: { why: "gate" },
  }),
  at("2-1", {
    type: "turn.started",
    lane: "deep",
    worker: "w",
    model: "m",
    engine: "builtin",
    base: "abc",
    branch: "b",
  }),
  at("2-2", {
    type: "patch.applied",
    files: [],
    diff: "",
    checkpoint: "c1",
    whole: { files: 1, added: 1, removed: 0 },
  }),
  at("2-3", { type: "tests.ended", status: "passed", command: "t", durationMs: 3, output: "" }),
  at("2-4", { type: "cancel.requested", by, scope: "turn" }),
  at("2-5", { type: "change.ready", branch: "b", base: "abc", head: "def", files: 1, added: 2, removed: 1 }),
  at("2-6", { type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage }),
  at("2-7", { type: "task.reviewed", decision: "accepted", by }),
]

const nothingMissing = { unknown: new Set(), broken: new Set() }

const atEnd = log.findIndex(event => event.type === "turn.ended")
const upTo = (count: number) => log.slice(0, count)
const viewAt = (count: number) => viewTask(foldEvents(null, upTo(count)))

test("wherever a view is loaded in a turn, the events after it give what the whole log gives", () => {
  for (let loaded = 1; loaded < atEnd; loaded += 1) {
    const table = createTaskTable()
    table.learn([viewAt(loaded)])
    // The stream may bring again what the view has.
    expect(table.fold(upTo(atEnd))).toEqual(nothingMissing)
    expect(table.read().find(task)).toEqual(viewAt(atEnd))
    // What a turn leaves behind may have been told before the view.
    expect(table.fold(log.slice(atEnd)).broken).toEqual(new Set([task]))
  }
})

test("a review of an ended task is folded onto its view", () => {
  const table = createTaskTable()
  table.learn([viewAt(atEnd + 1)])
  expect(table.fold(log)).toEqual(nothingMissing)
  expect(table.read().find(task)).toEqual(viewAt(log.length))
})

test("a task that is followed from its first event on is what its whole log gives", () => {
  const table = createTaskTable()
  for (const event of log) expect(table.fold([event])).toEqual(nothingMissing)
  expect(table.read().find(task)).toEqual(viewTask(foldEvents(null, log)))
  expect(table.read().order).toEqual({ gated: [], running: [], queued: [], ended: [task] })
})

test("a task that is created on the stream needs no loading; a gap in its events asks for its view", () => {
  const table = createTaskTable()
  expect(table.fold(log.slice(0, 3))).toEqual(nothingMissing)
  expect(table.read().order.running).toEqual([task])
  expect(table.fold(log.slice(4, 6)).broken).toEqual(new Set([task]))
  table.learn([viewTask(foldEvents(null, log.slice(0, 6)))])
  expect(table.read().order).toEqual({ gated: [task], running: [], queued: [], ended: [] })
})

test("an older view that arrives late changes nothing, and an unknown task is asked for", () => {
  const table = createTaskTable()
  expect(table.fold(log.slice(2, 3)).unknown).toEqual(new Set([task]))
  table.learn([viewTask(foldEvents(null, log))])
  table.learn([viewTask(foldEvents(null, log.slice(0, 2)))])
  expect(table.read().order.ended).toEqual([task])
})

test("after a gap in the stream, what was not loaded again and had no event is forgotten", () => {
  const other = "task_00000000000000000000000002"
  const table = createTaskTable()
  table.fold(log.slice(0, 2))
  table.fold(log.slice(0, 2).map(event => ({ ...event, task: other })))
  table.doubt("everything")
  table.fold(log.slice(2, 3))
  table.sweep()
  expect([table.read().find(task)?.id, table.read().find(other)]).toEqual([task, undefined])
})

test("what has ended is not in doubt when the page begins to listen to a stream: only what was open may have gone on", () => {
  const open = "task_00000000000000000000000003"
  const table = createTaskTable()
  table.fold(log)
  table.fold(log.slice(0, 2).map(event => ({ ...event, task: open })))
  table.doubt("open tasks")
  expect(table.sweep()).toEqual([open])
  expect([table.read().find(task)?.id, table.read().find(open)]).toEqual([task, undefined])
})
