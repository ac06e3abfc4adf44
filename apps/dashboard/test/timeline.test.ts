import type { EventBody, TaskDelta, TaskEvent } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { emptyTimeline, foldTimeline } from "../src/views/task/timeline/timeline.ts"
import { foldTimings, noTimings } from "../src/views/task/timeline/timings.ts"

const alice = { key: "key_a", name: "Alice" }
const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null, steps: 1 }

/** Events of one turn, 10 ms apart. */
const log = (...bodies: (EventBody | Pick<TaskDelta, "type" | "text">)[]): (TaskEvent | TaskDelta)[] =>
  bodies.map((body, index) => {
    const at = { task: "task_1", turn: "turn_1", attempt: 1, at: 1_000 + 10 * index }
    return (
      "text" in body && body.type.endsWith(".delta")
        ? { ...at, ...body }
        : { ...at, id: `1-${index + 1}`, ...body }
    ) as TaskEvent | TaskDelta
  })

const queued: EventBody = {
  type: "turn.queued",
  lane: "fast",
  position: null,
  reason: "",
  prompt: "mend it",
  by: alice,
  options: {},
}
const toolStarted: EventBody = { type: "tool.started", call: "c1", tool: "shell", input: { command: "ls" } }
const toolEnded: EventBody = {
  type: "tool.ended",
  call: "c1",
  tool: "shell",
  ok: true,
  output: "a\nb\n",
  truncated: false,
  durationMs: 5,
}
const patched: EventBody = { type: "patch.applied", files: [], diff: "", checkpoint: "c".repeat(40) }
const testsStarted: EventBody = {
  type: "tests.started",
  command: "npm test",
  selection: "targeted",
  files: [],
}
const testsEnded: EventBody = {
  type: "tests.ended",
  status: "passed",
  command: "npm test",
  passed: 3,
  durationMs: 9,
  output: "ok",
}
const steered: EventBody = { type: "steer.accepted", steer: "s1", prompt: "smaller", by: alice }
const canceled: EventBody = { type: "cancel.requested", by: alice, scope: "turn" }
const confirmed: EventBody = { type: "cancel.confirmed", ms: 7, killed: 2, proof: "worker" }
const ended: EventBody = { type: "turn.ended", outcome: { status: "succeeded" }, usage }
const delta = (text: string) => ({ type: "message.delta" as const, text })

test("live text becomes the message that ends it, in its place", () => {
  const live = foldTimeline(emptyTimeline, log(queued, delta("I lo"), delta("ok")))
  expect(live.entries.at(-1)).toMatchObject({ kind: "message", text: "I look", live: true })
  const { entries } = foldTimeline(
    emptyTimeline,
    log(queued, delta("I lo"), { type: "message.done", text: "I look." }),
  )
  expect(entries.map(entry => entry.kind)).toEqual(["prompt", "message"])
  expect(entries[1]).toMatchObject({ text: "I look.", live: false })
})

test("what goes on is told where it began: a call, the tests, a steer, a cancel", () => {
  const { entries } = foldTimeline(
    emptyTimeline,
    log(
      queued,
      toolStarted,
      steered,
      toolEnded,
      { type: "steer.applied", steer: "s1" },
      testsStarted,
      testsEnded,
      canceled,
      confirmed,
      ended,
    ),
  )
  expect(entries).toMatchObject([
    { kind: "prompt", lane: "fast" },
    { kind: "tool", output: "a\nb\n", end: { ok: true } },
    { kind: "steer", answer: "applied" },
    { kind: "tests", status: "passed", passed: 3, output: "ok" },
    { kind: "cancel", proven: { killed: 2, proof: "worker" } },
    { kind: "ended", outcome: { status: "succeeded" } },
  ])
})

test("a call that its worker took with it is over when the attempt is lost", () => {
  const lost: EventBody = { type: "attempt.lost", lost: 1, reason: "worker went away" }
  const { entries } = foldTimeline(emptyTimeline, log(queued, toolStarted, lost))
  expect(entries).toMatchObject([
    { kind: "prompt" },
    { kind: "tool", end: { ok: false, durationMs: 10 } },
    { kind: "note", tone: "warn" },
  ])
})

test("however the news are cut into frames, the timeline is the same", () => {
  const one = fc.constantFrom(
    queued,
    toolStarted,
    toolEnded,
    patched,
    testsStarted,
    testsEnded,
    steered,
    canceled,
    confirmed,
    ended,
    delta("x"),
  )
  fc.assert(
    fc.property(fc.array(one, { maxLength: 30 }), fc.nat(), (bodies, seed) => {
      const news = log(...bodies)
      const cut = news.length === 0 ? 0 : seed % (news.length + 1)
      const whole = foldTimeline(emptyTimeline, news)
      expect(foldTimeline(foldTimeline(emptyTimeline, news.slice(0, cut)), news.slice(cut))).toEqual(whole)
      expect(new Set(whole.entries.map(({ key }) => key)).size).toBe(whole.entries.length)
    }),
  )
})

test("a turn's marks count from when it was asked for, and a further turn's from its own", () => {
  const first = foldTimings(noTimings, log(queued, delta("I"), patched, testsStarted, testsEnded, ended))
  expect(first).toMatchObject({ firstTokenMs: 10, firstEditMs: 20, greenMs: 40, endedMs: 50 })
  const [again] = log(queued)
  if (again === undefined) throw new Error("no event")
  const second = foldTimings(first, [{ ...again, turn: "turn_2", at: 9_000 }])
  expect(second).toEqual({
    turn: "turn_2",
    askedAt: 9_000,
    firstTokenMs: null,
    firstEditMs: null,
    greenMs: null,
    endedMs: null,
  })
})
