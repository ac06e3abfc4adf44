import { expect, test } from "vitest"
import { cutOff, type EventBody, endTurn, foldEvents, headToReview, noUsage, viewTask } from "../src/index.ts"
import { by, created, log, queued, started, turn } from "./make-log.ts"

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

test("what came before any attempt is its caller's own, as long as the task goes on from it", () => {
  const brought = "c".repeat(40)
  const first = [created, queued, checkpointed(1)]
  const mine: EventBody = { type: "patch.applied", files: [], diff: "", checkpoint: "d".repeat(40) }
  const undone = (checkpoint: string | null): EventBody => ({
    type: "checkpoint.undone",
    undo: "op_1",
    by,
    checkpoint,
    head: "a".repeat(40),
    portable: true,
    files: [],
    diff: "",
    whole: { files: 0, added: 0, removed: 0 },
  })
  const after = (...more: EventBody[]) => foldEvents(null, log(...first, started(1), ...more)).brought
  expect(foldEvents(null, log(...first)).brought).toBe(brought)
  expect(after(mine)).toBe(brought)
  expect(after(mine, canceled, undone(brought))).toBe(brought)
  expect(after(mine, canceled, undone(brought), undone(null))).toBeUndefined()
  const again = [
    { ...queued, turn: "turn_2", from: "base" as const },
    { ...started(2), turn: "turn_2" },
  ]
  expect(after(mine, canceled, ...again)).toBeUndefined()
  expect(foldEvents(null, log(created, queued, started(1), mine)).brought).toBeUndefined()
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
