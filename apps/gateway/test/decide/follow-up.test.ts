import { Fault, type NewEvent } from "@twolane/protocol"
import { expect, test } from "vitest"
import { addTurn, maxWaitingTurns, retryTurn } from "../../src/decide/follow-up.ts"
import { discardTask } from "../../src/decide/review.ts"
import { after, alice, andThen, created, ended, opened, queued, started } from "./log-of.ts"

const at = 9
const next = { turn: "turn_9", prompt: "and test it", options: {}, by: alice, interrupt: false }
const added = (reason: string): NewEvent => ({
  type: "turn.queued",
  lane: "deep",
  position: null,
  reason,
  prompt: "and test it",
  by: alice,
  options: {},
  turn: "turn_9",
  at,
})
const codeOf = (act: () => unknown): string | null => {
  try {
    act()
  } catch (error) {
    return error instanceof Fault ? error.code : "not a fault"
  }
  return null
}

test("a turn after the last one's end waits for a worker alone", () => {
  const state = after(created, queued("turn_1"), started("turn_1"), ended("turn_1"))
  expect(addTurn(state, next, at)).toEqual([added("waits for a deep worker")])
})

test("a turn behind an open one says so, and adding it again changes nothing", () => {
  const state = after(created, queued("turn_1"), started("turn_1"))
  const events = addTurn(state, next, at)
  expect(events).toEqual([added("waits behind the open turn of this task")])
  expect(addTurn(andThen(state, events), next, at)).toEqual([])
})

test("ten turns may wait, whether or not one runs before them", () => {
  const turns = Array.from({ length: maxWaitingTurns }, (_, index) => `turn_${index + 10}`)
  const waiting = after(created, ...turns.map(queued))
  const behind = after(created, queued("turn_1"), started("turn_1"), ...turns.map(queued))
  const almost = after(created, queued("turn_1"), started("turn_1"), ...turns.slice(1).map(queued))
  expect(codeOf(() => addTurn(waiting, next, at))).toBe("too-many-turns")
  expect(codeOf(() => addTurn(behind, next, at))).toBe("too-many-turns")
  expect(codeOf(() => addTurn(almost, next, at))).toBeNull()
  // The one that is ended makes room.
  expect(codeOf(() => addTurn(waiting, { ...next, interrupt: true }, at))).toBeNull()
})

test("interrupt ends a running turn by its worker, and a waiting one at once", () => {
  const running = after(created, queued("turn_1"), started("turn_1"))
  const wish = { ...next, interrupt: true }
  expect(addTurn(running, wish, at).map(event => event.type)).toEqual(["cancel.requested", "turn.queued"])
  const gated = after(created, queued("turn_1"), started("turn_1"), opened("turn_1", "gate_1"))
  const events = addTurn(gated, wish, at)
  expect(events.map(event => event.type)).toEqual([
    "cancel.requested",
    "cancel.confirmed",
    "gate.decided",
    "turn.ended",
    "turn.queued",
  ])
  expect(andThen(gated, events).turns.map(turn => turn.status)).toEqual(["canceled", "queued"])
  const idle = after(created, queued("turn_1"), started("turn_1"), ended("turn_1"))
  expect(addTurn(idle, wish, at)).toEqual([added("waits for a deep worker")])
})

test("retry says the last turn again, with its options, from where it was told", () => {
  const state = after(created, queued("turn_1"), started("turn_1"), ended("turn_1"))
  expect(retryTurn(state, { turn: "turn_9", from: "base", by: alice }, at)).toEqual([
    {
      ...added("waits for a deep worker"),
      prompt: "do turn_1",
      options: { test: "all" },
      from: "base",
    },
  ])
})

test("retry waits for nothing, and a discarded task takes no turn", () => {
  const open = after(created, queued("turn_1"))
  expect(codeOf(() => retryTurn(open, { turn: "turn_9", from: "base", by: alice }, at))).toBe("task-open")
  const over = after(created, queued("turn_1"), started("turn_1"), ended("turn_1"))
  const discarded = andThen(over, discardTask(over, alice, at))
  expect(codeOf(() => addTurn(discarded, next, at))).toBe("task-discarded")
  expect(codeOf(() => retryTurn(discarded, { turn: "turn_9", from: "base", by: alice }, at))).toBe(
    "task-discarded",
  )
})
