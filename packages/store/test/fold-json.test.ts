import { foldEvents, type NewEvent, type TaskState } from "@twolane/protocol"
import { expect, test } from "vitest"
import { decodeFold, encodeFold } from "../src/task/fold-json.ts"
import { nameEvents } from "../src/task/log.ts"
import { alice, ended, newTask, queued, steer } from "./open-for-test.ts"

const fold = (before: TaskState | null, task: string, attempt: number, events: readonly NewEvent[]) =>
  foldEvents(before, nameEvents(task, before?.lastEventId ?? "0-0", attempt, events))

const usage: NewEvent = {
  type: "usage.reported",
  turn: null,
  at: 5,
  model: "m",
  inputTokens: 7,
  cachedTokens: 1,
  outputTokens: 2,
  costUsd: null,
  ttftMs: null,
  durationMs: 3,
}

/** A task in every stage of a life with two turns. */
const stages = (): TaskState[] => {
  const { task, turn, events } = newTask({ labels: ["ui"], priority: "high" })
  const started: NewEvent = {
    type: "turn.started",
    turn,
    at: 4,
    lane: "deep",
    worker: "w",
    model: "m",
    engine: "builtin",
    base: "b".repeat(40),
    branch: `twolane/${task}`,
  }
  const gate: NewEvent = { type: "gate.opened", turn, at: 6, gate: "gate_1", kind: "plan", detail: "so" }
  const allow: NewEvent = { type: "gate.decided", turn, at: 7, gate: "gate_1", decision: "allow", by: alice }
  const writes: [number, NewEvent[]][] = [
    [0, events],
    [1, [started, { ...usage, turn }, steer(turn, "so")]],
    [1, [gate]],
    [1, [allow, ended(turn), queued("turn_next", { by: { key: "k", name: "B" }, from: "base" })]],
    [1, [{ ...usage, turn: "turn_next" }]],
  ]
  const states: TaskState[] = []
  for (const [attempt, ofWrite] of writes) states.push(fold(states.at(-1) ?? null, task, attempt, ofWrite))
  return states
}

test("a fold reads back as it was written, in every stage that follows from the last, also one that was written whole", () => {
  for (const state of stages()) {
    expect(decodeFold(encodeFold(state))).toEqual(state)
    expect(decodeFold(JSON.stringify(state))).toEqual(state)
  }
})

test("a waiting task's fold takes half the space", () => {
  const { task, events } = newTask()
  const state = fold(null, task, 0, events)
  expect(encodeFold(state).length).toBeLessThan(JSON.stringify(state).length / 2)
})

test("folds that were read share nothing that an event could change", () => {
  const [state] = stages()
  if (state === undefined) throw new Error("there is a first stage")
  const [one, other] = [decodeFold(encodeFold(state)), decodeFold(encodeFold(state))]
  one.turns[0]?.decisions.push({ gate: "g", kind: "plan", decision: "allow", by: alice })
  one.steers.push({ steer: "s", turn: "t", prompt: "p", at: 1 })
  expect(other).toEqual(state)
})
