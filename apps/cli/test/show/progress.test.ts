import { type EventBody, noUsage, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { noProgress, type Piece, showEvent } from "../../src/show/progress.ts"

const task = "task_1"
const around = { task, turn: "turn_1", attempt: 1, at: 0 }
const event = (body: EventBody): TaskEvent => ({ id: "1-1", ...around, ...body })
const message = (text: string): TaskDelta => ({ ...around, type: "message.delta", text })
const toolText = (call: string, text: string): TaskDelta => ({ ...around, type: "tool.delta", call, text })

/** What is printed for some events, `~` before each line and `>` before running text. */
const shown = (live: boolean, events: readonly (TaskEvent | TaskDelta)[]): string[] => {
  let progress = noProgress(task, live)
  const pieces: Piece[] = []
  for (const each of events) {
    const next = showEvent(progress, each)
    progress = next.progress
    pieces.push(...next.pieces)
  }
  return pieces.map(({ kind, text }) => `${kind === "line" ? "~" : ">"}${text}`)
}

test("live text is shown as it comes, and not again with the event that has it whole", () => {
  const events = [message("Hel"), message("lo."), event({ type: "message.done", text: "Hello." })]
  expect(shown(true, events)).toEqual([">Hel", ">lo."])
  expect(shown(false, events)).toEqual(["~Hello."])
})

test("what live text did not bring is shown with the whole", () => {
  expect(shown(true, [message("Hel"), event({ type: "message.done", text: "Hello." })])).toEqual([
    ">Hel",
    ">lo.",
  ])
  expect(shown(true, [message("Other"), event({ type: "message.done", text: "Hello." })])).toEqual([
    ">Other",
    "~",
    "~Hello.",
  ])
})

test("a broken attempt's text is not taken for the next one's", () => {
  const events = [
    message("Half"),
    event({ type: "attempt.lost", lost: 1, reason: "its worker is gone" }),
    event({ type: "message.done", text: "Whole" }),
  ]
  expect(shown(true, events)).toEqual([">Half", "~attempt 1 was lost: its worker is gone", "~Whole"])
})

test("a command shows what it runs, its output when it failed, and how it ended", () => {
  const started = event({ type: "tool.started", call: "c", tool: "shell", input: { command: "npm test" } })
  const ended = event({
    type: "tool.ended",
    call: "c",
    tool: "shell",
    ok: false,
    exitCode: 1,
    output: "no\ngood\n",
    truncated: false,
    durationMs: 1_500,
  })
  expect(shown(false, [started, ended])).toEqual([
    "~$ npm test",
    "~  command failed (exit code 1) after 1.5 s",
    "~    no",
    "~    good",
  ])
  expect(shown(true, [started, toolText("c", "no\n"), ended])).toEqual([
    "~$ npm test",
    ">no\n",
    "~  command failed (exit code 1) after 1.5 s",
  ])
})

test("very long live output is cut", () => {
  const long = toolText("tests", "x".repeat(7_000))
  const pieces = shown(true, [long, long, toolText("tests", "more")])
  expect(pieces.map(piece => piece.length - 1)).toEqual([7_000, 1_000])
})

test("of the arguments that a model writes, a patch is shown and JSON is not", () => {
  expect(shown(true, [toolText("a", '{"command":'), toolText("a", '"npm test"}')])).toEqual([])
  expect(
    shown(true, [toolText("b", "*** Begin"), toolText("b", " Patch\n*** Up"), toolText("b", "date")]),
  ).toEqual([">*** Begin Patch\n*** Up", ">date"])
})

test("output of tests that was seen live is not shown again", () => {
  const ended = event({
    type: "tests.ended",
    status: "failed",
    command: "t",
    durationMs: 5,
    output: "1 != 2",
  })
  expect(shown(true, [toolText("tests", "1 != 2\n"), ended])).toEqual([">1 != 2\n", "~  tests failed (5 ms)"])
})

test("patches are shown as statistics", () => {
  const files = [
    { path: "src/a.ts", change: "modified" as const, added: 3, removed: 1 },
    { path: "b.png", change: "added" as const, added: 0, removed: 0, binary: true },
    { path: "new.ts", from: "old.ts", change: "renamed" as const, added: 0, removed: 0 },
  ]
  expect(shown(false, [event({ type: "patch.applied", files, diff: "", checkpoint: "c" })])).toEqual([
    "~  M src/a.ts +3 -1",
    "~  A b.png binary",
    "~  R old.ts → new.ts +0 -0",
  ])
})

test("a gate says how to answer it", () => {
  expect(
    shown(false, [event({ type: "gate.opened", gate: "gate_1", kind: "plan", detail: "1. read" })]),
  ).toEqual([
    "~asks (plan): 1. read",
    "~  twolane gates allow task_1 gate_1",
    '~  twolane gates deny task_1 gate_1 --note "…"',
  ])
})

test("red tests show their counts and output, and nothing selected is never green", () => {
  const red = {
    status: "failed" as const,
    command: "t",
    passed: 3,
    failed: 1,
    failedAtBase: 1,
    durationMs: 900,
    output: "1 != 2",
  }
  expect(shown(false, [event({ type: "tests.ended", ...red })])).toEqual([
    "~  tests failed: 3 passed, 1 failed, 1 of them fail at the base too (900 ms)",
    "~    1 != 2",
  ])
  const none = { status: "none_selected" as const, command: "t", durationMs: 10, output: "" }
  expect(shown(false, [event({ type: "tests.ended", ...none })])).toEqual([
    "~  no tests were selected: nothing is proven (10 ms)",
  ])
})

test("a turn of the simulated model says so", () => {
  const body = {
    lane: "deep" as const,
    worker: "w",
    model: "simulated",
    engine: "builtin",
    base: null,
    branch: "b",
  }
  expect(shown(false, [event({ type: "turn.started", ...body, simulated: true })])).toEqual([
    "~started on w with the SIMULATED model",
  ])
})

test("the end says the outcome and what it cost", () => {
  const usage = {
    ...noUsage,
    inputTokens: 1_000,
    cachedTokens: 400,
    outputTokens: 50,
    steps: 2,
    costUsd: 0.0123,
  }
  expect(
    shown(false, [
      event({
        type: "turn.ended",
        outcome: { status: "failed", code: "tests-red", detail: "2 fail" },
        usage,
      }),
    ]),
  ).toEqual(["~failed: tests-red (2 fail)", "~2 steps, 1000 tokens in (400 cached), 50 out, $0.0123"])
})

test("nothing that a model or a test says reaches the terminal with control characters", () => {
  const nasty = fc.string({ unit: "binary" }).map(text => `\x1b]0;x\x07${text}\x9b31m`)
  fc.assert(
    fc.property(nasty, fc.boolean(), (text, live) => {
      const usage = noUsage
      const events: (TaskEvent | TaskDelta)[] = [
        message(text),
        event({ type: "message.done", text }),
        event({ type: "tool.started", call: "c", tool: text, input: { command: text, path: text } }),
        toolText("c", text),
        event({
          type: "tool.ended",
          call: "c",
          tool: text,
          ok: false,
          output: text,
          truncated: false,
          durationMs: 1,
        }),
        event({
          type: "patch.applied",
          files: [{ path: text, change: "added", added: 1, removed: 0 }],
          diff: text,
          checkpoint: "c",
        }),
        event({ type: "tests.ended", status: "failed", command: text, durationMs: 1, output: text }),
        event({
          type: "guardrail.tripped",
          rule: "scope",
          stage: "patch",
          verdict: "steer",
          detail: text,
          path: text,
        }),
        event({ type: "gate.opened", gate: "g", kind: "command", detail: text }),
        event({ type: "turn.ended", outcome: { status: "succeeded", detail: text }, usage }),
      ]
      for (const line of shown(live, events)) expect(line).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
    }),
  )
})

test("the proof of a cancel counts the processes that were ended", () => {
  const confirmed = (killed: number) => event({ type: "cancel.confirmed", ms: 41, killed, proof: "worker" })
  expect(shown(true, [confirmed(1), confirmed(2)])).toEqual([
    "~nothing runs any more, after 41 ms (1 process ended, proof: worker)",
    "~nothing runs any more, after 41 ms (2 processes ended, proof: worker)",
  ])
})
