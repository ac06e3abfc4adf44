import { describe, expect, test } from "vitest"
import {
  cutOff,
  type EventBody,
  endTurn,
  foldEvent,
  foldEvents,
  headToReview,
  noUsage,
  openTurn,
  system,
  type TaskEvent,
  type TaskState,
  viewTask,
} from "../src/index.ts"

const by = { key: "key_1", name: "Ada" }
const turn = "turn_1"

const log = (...bodies: (EventBody & { turn?: string | null; attempt?: number })[]): TaskEvent[] => {
  const counts = new Map<number, number>()
  let newest = 0
  return bodies.map((body, index) => {
    newest = Math.max(newest, body.attempt ?? newest)
    const n = (counts.get(newest) ?? 0) + 1
    counts.set(newest, n)
    return {
      turn,
      ...body,
      task: "task_1",
      attempt: newest,
      id: `${newest}-${n}`,
      at: 1_000 + index * 10,
    } as TaskEvent
  })
}

const created: EventBody & { turn: null } = {
  type: "task.created",
  turn: null,
  team: "default",
  repo: "api",
  title: "Mend it",
  prompt: "Mend it",
  by,
  origin: "api",
  labels: [],
  priority: "normal",
  base: null,
  baseAtSubmit: "a".repeat(40),
}
const queued: EventBody = {
  type: "turn.queued",
  lane: "deep",
  position: 0,
  reason: "next",
  prompt: "Mend it",
  by,
  options: {},
}
const started = (attempt: number): EventBody & { attempt: number } => ({
  type: "turn.started",
  attempt,
  lane: "deep",
  worker: `worker_${attempt}`,
  model: "m",
  engine: "builtin",
  base: null,
  branch: "twolane/task_1",
})
const saved: EventBody = { type: "patch.applied", files: [], diff: "", checkpoint: "c".repeat(40) }

const lastOf = (state: TaskState) => state.turns.at(-1)

describe("the fold", () => {
  test("a task goes from queued over running to its outcome", () => {
    const events = log(created, queued, started(1), {
      type: "turn.ended",
      outcome: { status: "succeeded" },
      usage: noUsage,
    })
    const statuses = events
      .slice(1)
      .map((_, index) => lastOf(foldEvents(null, events.slice(0, index + 2)))?.status)
    expect(statuses).toEqual(["queued", "running", "succeeded"])
  })

  test("it leaves the state that it was given as it was", () => {
    const [first, ...rest] = log(created, queued, started(1))
    const before = foldEvents(null, first === undefined ? [] : [first])
    const copy = structuredClone(before)
    foldEvents(before, rest)
    expect(before).toEqual(copy)
  })

  test("running time stops at a gate and goes on after it", () => {
    const events = log(
      created,
      queued,
      started(1),
      { type: "gate.opened", gate: "gate_1", kind: "command", detail: "rm" },
      { type: "gate.decided", gate: "gate_1", decision: "allow", by },
      { ...queued, again: { why: "gate" } },
      started(2),
      { type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage },
    )
    const state = foldEvents(null, events)
    expect(lastOf(state)).toMatchObject({
      runningMs: 20,
      attempts: 2,
      decisions: [{ gate: "gate_1", decision: "allow" }],
    })
    expect(state.gates).toEqual([])
  })

  test("a turn is waiting while its gate is open", () => {
    const state = foldEvents(
      null,
      log(created, queued, started(1), { type: "gate.opened", gate: "gate_1", kind: "plan", detail: "…" }),
    )
    expect(viewTask(state)).toMatchObject({
      status: "waiting",
      gates: [{ id: "gate_1", kind: "plan", turn }],
    })
  })

  test("a new checkpoint forgives lost attempts, a lost attempt without one does not", () => {
    const lost: EventBody = { type: "attempt.lost", lost: 1, reason: "lease" }
    const once = foldEvents(null, log(created, queued, started(1), lost, started(2), lost, started(3)))
    expect(lastOf(once)?.lostInRow).toBe(2)
    const forgiven = foldEvents(
      null,
      log(created, queued, started(1), lost, started(2), saved, lost, started(3)),
    )
    expect(lastOf(forgiven)?.lostInRow).toBe(1)
  })

  test("a cancel of the task covers its waiting turns, an interrupt only the running one", () => {
    const two = [created, queued, started(1), { ...queued, turn: "turn_2" }] as const
    const cancel = foldEvents(null, log(...two, { type: "cancel.requested", by, scope: "task" }))
    expect(cancel.turns.map(({ status }) => status)).toEqual(["canceling", "canceling"])
    const interrupt = foldEvents(null, log(...two, { type: "cancel.requested", by, scope: "turn" }))
    expect(interrupt.turns.map(({ status }) => status)).toEqual(["canceling", "queued"])
  })

  test("red results use up cycles, flaky and empty ones do not", () => {
    const tests = (status: "failed" | "flaky" | "none_selected" | "timed_out"): EventBody => ({
      type: "tests.ended",
      status,
      command: "npm test",
      durationMs: 1,
      output: "",
    })
    const events = log(
      created,
      queued,
      started(1),
      tests("failed"),
      tests("flaky"),
      tests("none_selected"),
      tests("timed_out"),
    )
    expect(lastOf(foldEvents(null, events))?.cycles).toBe(2)
  })

  test("cost is null as soon as one model has no price", () => {
    const usage = (costUsd: number | null): EventBody => ({
      type: "usage.reported",
      model: "m",
      inputTokens: 10,
      cachedTokens: 4,
      outputTokens: 2,
      costUsd,
      ttftMs: 5,
      durationMs: 9,
    })
    const state = foldEvents(null, log(created, queued, started(1), usage(0.5), usage(null), usage(0.5)))
    expect(state.usage).toEqual({
      inputTokens: 30,
      cachedTokens: 12,
      outputTokens: 6,
      costUsd: null,
      steps: 3,
    })
  })

  test("a retry from the base forgets the checkpoint, from the checkpoint keeps it", () => {
    const first = [
      created,
      queued,
      started(1),
      saved,
      { type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage },
    ] as const
    const again = (from: "base" | "checkpoint") =>
      foldEvents(null, log(...first, { ...queued, turn: "turn_2", from }, { ...started(2), turn: "turn_2" }))
    expect(again("base").checkpoint).toBeNull()
    expect(again("checkpoint").checkpoint?.sha).toBe(saved.type === "patch.applied" ? saved.checkpoint : "")
  })

  test("a next turn opens an ended task again", () => {
    const ended: EventBody = { type: "turn.ended", outcome: { status: "canceled", by }, usage: noUsage }
    const state = foldEvents(null, log(created, queued, started(1), ended, { ...queued, turn: "turn_2" }))
    expect([state.endedAt, openTurn(state)?.id, viewTask(state).status]).toEqual([
      undefined,
      "turn_2",
      "queued",
    ])
  })

  test("the end of a turn rejects its open steers and closes its open gates", () => {
    const state = foldEvents(
      null,
      log(
        created,
        queued,
        started(1),
        { type: "steer.accepted", steer: "steer_1", prompt: "left" },
        { type: "gate.opened", gate: "gate_1", kind: "patch", detail: "" },
      ),
    )
    const events = endTurn(state, turn, { status: "canceled", by: system }, 5)
    expect(events.map(({ type }) => type)).toEqual(["steer.rejected", "gate.decided", "turn.ended"])
  })

  test("an event of a type that a newer version added changes nothing but the last id", () => {
    const state = foldEvents(null, log(created, queued))
    const foreign = {
      id: "0-3",
      task: "task_1",
      turn,
      attempt: 0,
      at: 9,
      type: "moon.rose",
    } as unknown as TaskEvent
    expect(foldEvent(state, foreign)).toEqual({ ...state, lastEventId: "0-3" })
  })

  test("a log that does not begin with the task's creation is refused", () => {
    expect(() => foldEvents(null, log(queued))).toThrow("a log cannot begin with turn.queued")
  })
})

const checkpointed = (files: number): EventBody => ({
  type: "checkpoint.saved",
  files: [],
  diff: "",
  checkpoint: "c".repeat(40),
  whole: { files, added: files, removed: 0 },
})
const canceled: EventBody = { type: "turn.ended", outcome: { status: "canceled", by }, usage: noUsage }

test("work that no commit holds is there for review once the turn has ended, and no longer once it is undone", () => {
  const running = foldEvents(null, log(created, queued, started(1), checkpointed(2)))
  expect(viewTask(running)).toMatchObject({ review: "none" })
  const over = foldEvents(null, log(created, queued, started(1), checkpointed(2), canceled))
  expect(viewTask(over)).toMatchObject({ review: "open", change: { files: 2, added: 2, removed: 0 } })
  expect(headToReview(over)).toBe("c".repeat(40))
  const undone = foldEvents(
    null,
    log(created, queued, started(1), checkpointed(2), checkpointed(0), canceled),
  )
  expect(viewTask(undone)).toMatchObject({ review: "none", change: { files: 0 } })
})

test("what tests said is of the tree that they ran on", () => {
  const tests: EventBody = { type: "tests.ended", status: "passed", command: "x", durationMs: 1, output: "" }
  const tested = foldEvents(null, log(created, queued, started(1), checkpointed(1), tests))
  expect(tested.tests).toEqual({ status: "passed" })
  const changed = foldEvents(null, log(created, queued, started(1), checkpointed(1), tests, checkpointed(2)))
  expect(changed.tests).toBeUndefined()
})

test("a turn's end ends its open calls with what they had said", () => {
  const call: EventBody = { type: "tool.started", call: "c1", tool: "shell", input: {} }
  const ended: EventBody = {
    type: "tool.ended",
    call: "c1",
    tool: "shell",
    ok: true,
    output: "",
    truncated: false,
    durationMs: 1,
  }
  const open = foldEvents(null, log(created, queued, started(1), call))
  const said = new Map([["c1", { text: "half", truncated: true }]])
  expect(cutOff(open, turn, 2_030, said)).toEqual([
    {
      type: "tool.ended",
      call: "c1",
      tool: "shell",
      ok: false,
      output: "half\n[cut off: the turn ended before this call did]",
      truncated: true,
      durationMs: 1_000,
      turn,
      at: 2_030,
    },
  ])
  expect(endTurn(open, turn, { status: "canceled", by }, 2_030).map(({ type }) => type)).toEqual([
    "tool.ended",
    "turn.ended",
  ])
  expect(cutOff(open, "turn_2", 2_030)).toEqual([])
  expect(foldEvents(null, log(created, queued, started(1), call, ended)).calls).toBeUndefined()
})
