import { type NewEvent, noUsage } from "@twolane/protocol"
import { expect, test } from "vitest"
import { decideGate } from "../../src/decide/gate.ts"
import { after, alice, andThen, created, opened, queued, started } from "./log-of.ts"

const at = 9
const waiting = after(created, queued("turn_1"), started("turn_1"), opened("turn_1", "gate_1"))
const again: NewEvent = {
  type: "turn.queued",
  lane: "deep",
  position: null,
  reason: "goes on after a person's decision",
  prompt: "do turn_1",
  by: alice,
  options: { test: "all" },
  again: { why: "gate" },
  turn: "turn_1",
  at,
}
const decided = (more: { decision: "allow" | "deny"; note?: string }): NewEvent => ({
  type: "gate.decided",
  gate: "gate_1",
  by: alice,
  turn: "turn_1",
  at,
  ...more,
})

test("allow lets the turn go on, by a place in the queue", () => {
  const answer = { gate: "gate_1", decision: "allow" as const, by: alice }
  const events = decideGate(waiting, answer, at)
  expect(events).toEqual([decided({ decision: "allow" }), again])
  const state = andThen(waiting, events)
  expect(state.gates).toEqual([])
  expect(state.turns[0]).toMatchObject({
    status: "queued",
    decisions: [{ gate: "gate_1", decision: "allow" }],
  })
})

test("deny with a note lets it go on as well: the note is for the model", () => {
  const answer = { gate: "gate_1", decision: "deny" as const, note: "not so many files", by: alice }
  expect(decideGate(waiting, answer, at)).toEqual([
    decided({ decision: "deny", note: "not so many files" }),
    again,
  ])
})

test("deny without a note ends the turn as canceled", () => {
  const outcome = { status: "canceled" as const, by: alice, detail: "patch denied" }
  expect(decideGate(waiting, { gate: "gate_1", decision: "deny", by: alice }, at)).toEqual([
    decided({ decision: "deny" }),
    { type: "turn.ended", outcome, usage: noUsage, turn: "turn_1", at },
  ])
})

test.each([
  [{ which: "tokens" }, "tokens"],
  [{ which: "colour" }, "cost"],
  [undefined, "cost"],
  [null, "cost"],
])("a denied budget %j ends it as limited by %s", (subject, which) => {
  const gate = opened("turn_1", "gate_1", { kind: "budget", subject })
  const state = after(created, queued("turn_1"), started("turn_1"), gate)
  const ended = decideGate(state, { gate: "gate_1", decision: "deny", by: alice }, at).at(-1)
  expect(ended).toMatchObject({ type: "turn.ended", outcome: { status: "limited", which } })
})

test("a gate is decided once, and one that never was cannot be", () => {
  const answer = { gate: "gate_1", decision: "allow" as const, by: alice }
  const state = andThen(waiting, decideGate(waiting, answer, at))
  expect(() => decideGate(state, answer, at)).toThrow(expect.objectContaining({ code: "gate-decided" }))
  expect(() => decideGate(waiting, { ...answer, gate: "gate_2" }, at)).toThrow(
    expect.objectContaining({ code: "not-found" }),
  )
})

test("a turn that waits at two gates goes on after the second", () => {
  const state = andThen(waiting, [opened("turn_1", "gate_2")])
  const first = decideGate(state, { gate: "gate_1", decision: "allow", by: alice }, at)
  expect(first.map(event => event.type)).toEqual(["gate.decided"])
  const second = decideGate(andThen(state, first), { gate: "gate_2", decision: "allow", by: alice }, at)
  expect(second.map(event => event.type)).toEqual(["gate.decided", "turn.queued"])
})
