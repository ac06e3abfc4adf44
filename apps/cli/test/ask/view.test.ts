import { type EventBody, noUsage, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { noView, type View, viewEvent } from "../../src/ask/view.ts"

const around = { task: "task_1", turn: "turn_1", attempt: 1, at: 0 }
const event = (body: EventBody): TaskEvent => ({ id: "1-1", ...around, ...body })
const message = (text: string): TaskDelta => ({ ...around, type: "message.delta", text })
const toolText = (call: string, text: string): TaskDelta => ({ ...around, type: "tool.delta", call, text })
const patched = event({
  type: "patch.applied",
  files: [{ path: "a.js", change: "modified", added: 1, removed: 1 }],
  diff: "diff --git a/a.js b/a.js\nindex 12ab..34cd 100644\n--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-one\n+two\n",
  checkpoint: "c",
})
const tests = (status: "passed" | "failed", output = "") =>
  event({ type: "tests.ended", status, command: "npm test", durationMs: 90, output })
const ended = event({ type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage })

/** The view after some events, 10 ms apart, and every line that was printed. */
const after = (live: boolean, ...events: (TaskEvent | TaskDelta)[]): { view: View; lines: string[] } => {
  let view = noView(live, 0)
  const lines: string[] = []
  for (const [at, each] of events.entries()) {
    const next = viewEvent(view, each, { now: (at + 1) * 10, columns: 20 })
    view = next.view
    lines.push(...next.lines.map(({ text }) => text))
  }
  return { view, lines }
}

test("a message is shown as it comes, row by row, and not again when it is whole", () => {
  const begun = after(true, message("The minutes are "), message("counted in sec"))
  expect([begun.lines, begun.view.partial]).toEqual([["The minutes are"], "counted in sec"])
  const text = "The minutes are counted in seconds."
  const whole = after(
    true,
    message("The minutes are "),
    message("counted in sec"),
    event({ type: "message.done", text }),
  )
  expect([whole.lines, whole.view.partial]).toEqual([["The minutes are", "counted in seconds."], ""])
  expect(after(false, message("The minutes"), event({ type: "message.done", text })).lines).toEqual([text])
})

test("what happens while a message is written is printed above its row", () => {
  const steer = event({ type: "steer.applied", steer: "steer_1" })
  const { view, lines } = after(true, message("The min"), steer, message("utes"))
  expect([lines, view.partial]).toEqual([["the steering note was taken up"], "The minutes"])
})

test("a patch is shown while it is written, and its diff once it is applied", () => {
  const begun = after(true, toolText("c", "*** Begin"), toolText("c", " Patch\n+tw"))
  expect([begun.lines, begun.view.tail]).toEqual([
    [],
    { call: "c", kind: "patch", text: "*** Begin Patch\n+tw" },
  ])
  const applied = after(true, toolText("c", "*** Begin"), patched)
  expect([applied.lines, applied.view.tail]).toEqual([
    ["  M a.js +1 -1", "--- a/a.js", "+++ b/a.js", "@@ -1 +1 @@", "-one", "+two"],
    null,
  ])
  expect(after(true, toolText("c", '{"command":')).view.tail?.kind).toBe("arguments")
  expect(after(false, toolText("c", "*** Begin")).view.tail).toBeNull()
})

test("tests are shown live; their output stays only when they are red", () => {
  const running = after(true, toolText("tests", "ok 1\n"), toolText("tests", "not ok 2\n"))
  expect(running.view.tail).toEqual({ call: "tests", kind: "output", text: "ok 1\nnot ok 2\n" })
  const red = after(true, toolText("tests", "not ok 2\n"), tests("failed", "not ok 2\n"))
  expect([red.lines, red.view.tail]).toEqual([["  tests failed (90 ms)", "    not ok 2"], null])
  expect(after(true, toolText("tests", "ok 1\n"), tests("passed", "ok 1")).lines).toEqual([
    "  tests passed (90 ms)",
  ])
})

test("the end of a turn has its timings as they were seen here", () => {
  const { lines } = after(true, toolText("c", "***"), patched, toolText("tests", "."), tests("passed"), ended)
  expect(lines.at(-1)).toBe("first token 10 ms · first edit 20 ms · green 40 ms · ended 50 ms")
  expect(after(true, ended).lines.at(-1)).toBe("no token · no edit · not green · ended 10 ms")
})

test("what a turn is handed to is measured from its own start", () => {
  const started = event({
    type: "turn.started",
    lane: "deep",
    worker: "w",
    model: "m",
    engine: "builtin",
    base: null,
    branch: "b",
  })
  expect(after(true, message("x"), ended, started, message("y"), ended).lines.at(-1)).toBe(
    "first token 10 ms · no edit · not green · ended 20 ms",
  )
})

test("a trip and a question say what happens now", () => {
  const trip = event({
    type: "guardrail.tripped",
    rule: "scope",
    stage: "stream",
    verdict: "steer",
    detail: "b.js",
  })
  expect(after(true, trip).lines).toEqual([
    "guardrail scope (stream): steer: b.js",
    "  the model is told, and tries again within the rule",
  ])
  const third = "  the rule scope has tripped 3 times: the turn ends; what was applied before is kept"
  expect(after(true, trip, trip, trip).lines.filter((_line, at) => at % 2 === 1)).toEqual([
    "  the model is told, and tries again within the rule",
    "  the model is told, and tries again within the rule",
    third,
  ])
  // Each turn begins to count anew.
  expect(after(true, trip, trip, { ...trip, turn: "turn_2" }).lines).not.toContain(third)
  const gate = event({ type: "gate.opened", gate: "gate_1", kind: "patch", detail: "b.js?" })
  expect(after(true, gate).lines).toEqual(["asks (patch): b.js?", "  /allow · /deny [what to do instead]"])
  expect(after(false, gate).lines).toContain("  twolane gates allow task_1 gate_1")
})

test("nothing that a model or a test says reaches the terminal with control characters", () => {
  // A unit of "binary" takes fast-check seconds to begin with.
  const unit = fc.integer({ min: 0, max: 0x2ff }).map(code => String.fromCodePoint(code))
  const nasty = fc.string({ unit }).map(text => `\x1b]0;x\x07${text}\x9b31m`)
  fc.assert(
    fc.property(nasty, fc.boolean(), (text, live) => {
      const files = [{ path: text, change: "added" as const, added: 1, removed: 0 }]
      const { view, lines } = after(
        live,
        message(text),
        toolText("tests", text),
        event({ type: "patch.applied", files, diff: text, checkpoint: "c" }),
        tests("failed", text),
        event({ type: "gate.opened", gate: "g", kind: "command", detail: text }),
        message(text),
        toolText("d", `*** Begin Patch\n${text}`),
      )
      for (const line of [...lines, view.partial]) expect(line).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/)
      expect(view.tail?.text ?? "").not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
    }),
  )
})
