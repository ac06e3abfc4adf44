import { describe, expect, test } from "vitest"
import {
  type EventBody,
  endTurn,
  foldEvent,
  foldEvents,
  noUsage,
  openTurn,
  system,
  type TaskEvent,
  type TaskState,
  viewTask,
} from "../src/index.ts"
import { by, created, log, queued, saved, started, turn } from "./make-log.ts"

/** In a module whoever writes to it throws. */
const deepFrozen = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  for (const each of Object.values(value)) deepFrozen(each)
  return Object.freeze(value)
}

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

  test("an event changes neither a state that it was given nor a turn that it does not concern", () => {
    const second = { turn: "turn_2" }
    const events = log(
      created,
      queued,
      started(1),
      { ...queued, ...second },
      { type: "model.waiting", detail: "short of tokens", atMostMs: 5_000 },
      { type: "model.resumed", waitedMs: 3 },
      { type: "guardrail.tripped", rule: "scope", stage: "patch", verdict: "steer", detail: "out" },
      { type: "steer.accepted", steer: "steer_1", prompt: "So.", by },
      saved,
      { type: "gate.opened", gate: "gate_1", kind: "plan", detail: "so" },
      { type: "gate.decided", gate: "gate_1", decision: "allow", by },
      { ...queued, again: { why: "gate" } },
      started(2),
      { type: "attempt.lost", lost: 2, reason: "gone" },
      { type: "cancel.requested", by, scope: "task" },
      { type: "turn.ended", outcome: { status: "canceled", by }, usage: noUsage },
      {
        type: "checkpoint.undone",
        undo: "undo_1",
        by,
        diff: "",
        checkpoint: null,
        head: "b".repeat(40),
        portable: true,
        files: [],
        whole: { files: 0, added: 0, removed: 0 },
      },
      { ...started(3), ...second },
      { ...queued, ...second, again: { why: "retry" } },
    )
    let state: TaskState | null = null
    for (const event of events) {
      const before: TaskState | null = state
      state = foldEvent(before === null ? null : deepFrozen(before), event)
      const changed = state.turns.filter(
        (each, at) => at < (before?.turns.length ?? 0) && each !== before?.turns[at],
      )
      const ofTask = event.type === "cancel.requested"
      expect(changed.every(({ id }) => ofTask || id === event.turn)).toBe(true)
    }
    expect(state?.turns.map(({ status }) => status)).toEqual(["canceled", "queued"])
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

  test("a wait for the model's limits is no running time, and a word about its end starts no clock that an end has stopped", () => {
    const waiting: EventBody = { type: "model.waiting", detail: "short of tokens", atMostMs: 5_000 }
    const resumed: EventBody = { type: "model.resumed", waitedMs: 10 }
    const ended: EventBody = { type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage }
    const state = foldEvents(null, log(created, queued, started(1), waiting, resumed, ended))
    expect(lastOf(state)?.runningMs).toBe(20)
    const waits = foldEvents(null, log(created, queued, started(1), waiting))
    expect(lastOf(waits)).toMatchObject({ status: "running", runningMs: 10 })
    const late = lastOf(foldEvents(null, log(created, queued, started(1), waiting, ended, resumed)))
    expect(late).toMatchObject({ runningMs: 10, status: "succeeded" })
    expect(late).not.toHaveProperty("runningSince")
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
