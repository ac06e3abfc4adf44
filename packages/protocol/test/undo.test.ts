import { expect, test } from "vitest"
import { type EventBody, foldEvents, headToReview, noUsage, stepBackOf, viewTask } from "../src/index.ts"
import { by, created, log, queued, started } from "./make-log.ts"

const base = "a".repeat(40)
const sha = (letter: string) => letter.repeat(40)
const size = (files: number) => ({ files, added: files, removed: 0 })
const patched = (letter: string): EventBody => ({
  type: "patch.applied",
  files: [],
  diff: "",
  checkpoint: sha(letter),
  whole: size(1),
})
const ready = (letter: string): EventBody => ({
  type: "change.ready",
  branch: "b",
  base,
  head: sha(letter),
  ...size(1),
})
const ended: EventBody = { type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage }
const undone = (to: string | null, head: string): EventBody => ({
  type: "checkpoint.undone",
  undo: "op_1",
  by,
  checkpoint: to,
  head,
  portable: true,
  files: [],
  diff: "",
  whole: size(to === null ? 0 : 1),
})
const oneTurn = [created, queued, started(1), patched("c"), patched("d"), ready("1"), ended]

test("an undo goes back to the checkpoint before the newest; a commit counts as the checkpoint whose tree it has", () => {
  expect(stepBackOf(log(...oneTurn))).toEqual({ to: sha("c"), head: null, portable: true })
  expect(stepBackOf(log(created, queued, started(1), ended))).toBeNull()
})

test("a second undo goes one further, to the base in the end, and then there is nothing left", () => {
  const once = [...oneTurn, undone(sha("c"), base)]
  expect(stepBackOf(log(...once))).toEqual({ to: null, head: null, portable: true })
  expect(stepBackOf(log(...once, undone(null, base)))).toBeNull()
})

test("a change after an undo stands on what was gone back to", () => {
  const next = { ...queued, turn: "turn_2" }
  const second = [
    ...oneTurn,
    undone(sha("c"), base),
    next,
    { ...started(2), turn: "turn_2" },
    { ...patched("e"), turn: "turn_2" },
    { ...ready("2"), turn: "turn_2" },
    { ...ended, turn: "turn_2" },
  ]
  // The checkpoint of the turn before is on its worker's machine alone.
  expect(stepBackOf(log(...second))).toEqual({ to: sha("c"), head: null, portable: false })
})

test("what was committed before a turn is what the branch goes back to", () => {
  const next = { ...queued, turn: "turn_2" }
  const second = [...oneTurn, next, { ...started(2), turn: "turn_2" }, { ...patched("e"), turn: "turn_2" }]
  expect(stepBackOf(log(...second))).toEqual({ to: sha("1"), head: sha("1"), portable: true })
})

test("a task shows, and would deliver, what an undo left", () => {
  const tests: EventBody = { type: "tests.ended", status: "passed", command: "x", durationMs: 1, output: "" }
  const back = foldEvents(null, log(...oneTurn.slice(0, -1), tests, ended, undone(sha("c"), base)))
  expect(back.tests).toBeUndefined()
  expect(viewTask(back)).toMatchObject({ review: "open", change: size(1), head: base })
  expect(headToReview(back)).toBe(sha("c"))
  expect(back.turns[0]?.undone).toBe(true)
  const nothing = foldEvents(null, log(...oneTurn, undone(null, base)))
  expect(viewTask(nothing)).toMatchObject({ review: "none", change: size(0) })
  expect(nothing.checkpoint).toBeNull()
})
