import { Fault, type NewEvent, noUsage } from "@twolane/protocol"
import { expect, test } from "vitest"
import { cancelTask, interruptTurn } from "../../src/decide/cancel.ts"
import { after, alice, andThen, created, ended, opened, queued, started, steered } from "./log-of.ts"

const at = 9
const wish = { by: alice, reason: "wrong repo" }
const requested: NewEvent = { type: "cancel.requested", ...wish, scope: "task", turn: null, at }
const endAtOnce = (turn: string, between: NewEvent[] = []): NewEvent[] => [
  { type: "cancel.confirmed", ms: 0, killed: 0, proof: "never_started", turn, at },
  ...between,
  { type: "turn.ended", outcome: { status: "canceled", by: alice }, usage: noUsage, turn, at },
]

test("a queued turn ends at once: nothing runs that could be killed", () => {
  const state = after(created, queued("turn_1"))
  const events = cancelTask(state, wish, at)
  expect(events).toEqual([requested, ...endAtOnce("turn_1")])
  expect(andThen(state, events).turns[0]?.status).toBe("canceled")
})

test("a turn at a gate ends at once, and its gate is closed", () => {
  const state = after(created, queued("turn_1"), started("turn_1"), opened("turn_1", "gate_1"))
  const by = { key: "system", name: "Twolane" }
  const closed: NewEvent = {
    type: "gate.decided",
    gate: "gate_1",
    decision: "closed",
    by,
    turn: "turn_1",
    at,
  }
  expect(cancelTask(state, wish, at)).toEqual([requested, ...endAtOnce("turn_1", [closed])])
})

test("a running turn is only told, and those behind it end at once", () => {
  const state = after(created, queued("turn_1"), started("turn_1"), queued("turn_2"), queued("turn_3"))
  const events = cancelTask(state, wish, at)
  expect(events).toEqual([requested, ...endAtOnce("turn_2"), ...endAtOnce("turn_3")])
  const canceled = andThen(state, events)
  expect(canceled.turns.map(turn => turn.status)).toEqual(["canceling", "canceled", "canceled"])
  expect(cancelTask(canceled, wish, at)).toEqual([])
})

test("a cancel after an interrupt still ends what waits", () => {
  const running = after(created, queued("turn_1"), started("turn_1"), queued("turn_2"))
  const interrupted = andThen(running, interruptTurn(running, alice, at))
  expect(cancelTask(interrupted, wish, at)).toEqual([requested, ...endAtOnce("turn_2")])
})

test("a task whose turns have ended cannot be canceled", () => {
  const state = after(created, queued("turn_1"), started("turn_1"), ended("turn_1"))
  expect(() => cancelTask(state, wish, at)).toThrow(new Fault("task-ended", "All its turns have ended."))
})

test("an attempt that was lost before it ended leaves a turn that nobody runs", () => {
  const lost: NewEvent = { type: "attempt.lost", lost: 1, reason: "lease", turn: "turn_1", at: 4 }
  const state = after(created, queued("turn_1"), started("turn_1"), steered("turn_1", "steer_1"), lost)
  const rejected: NewEvent = {
    type: "steer.rejected",
    steer: "steer_1",
    reason: expect.any(String),
    turn: "turn_1",
    at,
  }
  expect(cancelTask(state, wish, at)).toEqual([requested, ...endAtOnce("turn_1", [rejected])])
})

test("an interrupt tells the running turn alone, and once", () => {
  const state = after(created, queued("turn_1"), started("turn_1"), queued("turn_2"))
  const events = interruptTurn(state, alice, at)
  expect(events).toEqual([{ type: "cancel.requested", by: alice, scope: "turn", turn: "turn_1", at }])
  const told = andThen(state, events)
  expect(told.turns.map(turn => turn.status)).toEqual(["canceling", "queued"])
  expect(interruptTurn(told, alice, at)).toEqual([])
})

test("an interrupt needs a running turn", () => {
  const state = after(created, queued("turn_1"))
  expect(() => interruptTurn(state, alice, at)).toThrow(Fault)
})
