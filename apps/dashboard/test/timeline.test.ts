import type { EventBody, TaskDelta, TaskEvent } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { emptyTimeline, foldTimeline, withGap } from "../src/views/task/timeline/timeline.ts"
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

test("a plan that is asked about stands once, and a call that waits for an answer says so", () => {
  const plan: EventBody = { type: "message.done", text: "First this, then that." }
  const asks = (detail: string): EventBody => ({ type: "gate.opened", gate: "gate_1", kind: "plan", detail })
  const kinds = (...bodies: EventBody[]) =>
    foldTimeline(emptyTimeline, log(queued, ...bodies)).entries.map(({ kind }) => kind)
  expect(kinds(plan, asks("First this, then that."))).toEqual(["prompt", "gate"])
  expect(kinds(plan, asks("Something else?"))).toEqual(["prompt", "message", "gate"])
  const { entries } = foldTimeline(emptyTimeline, log(queued, toolStarted, asks("May it?")))
  expect(entries).toMatchObject([{ kind: "prompt" }, { kind: "tool", asked: true }, { kind: "gate" }])
})

test("what a running turn does stands before the prompt of the turn that waits behind it", () => {
  const [first, next, delta1, done, end] = log(
    queued,
    { ...queued, prompt: "then this" },
    delta("I"),
    { type: "message.done", text: "I look." },
    ended,
  )
  if (!first || !next || !delta1 || !done || !end) throw new Error("no event")
  const news = [first, { ...next, turn: "turn_2" } as TaskEvent, delta1, done, end]
  expect(foldTimeline(emptyTimeline, news).entries).toMatchObject([
    { kind: "prompt", prompt: "mend it" },
    { kind: "message", text: "I look." },
    { kind: "ended" },
    { kind: "prompt", prompt: "then this" },
  ])
})

test("a hole in live text is marked, and gone with the whole text", () => {
  const live = withGap(foldTimeline(emptyTimeline, log(queued, delta("I lo"))))
  const [, , more, done] = log(queued, delta(""), delta("k."), { type: "message.done", text: "I look." })
  if (!more || !done) throw new Error("no event")
  const holed = foldTimeline(live, [more])
  expect(holed.entries.at(-1)).toMatchObject({ text: "I lo … k." })
  expect(foldTimeline(holed, [done]).entries.at(-1)).toMatchObject({ text: "I look.", live: false })
})

test("a wait for the model's provider, its end and an undo are told in a line", () => {
  const undone: EventBody = {
    type: "checkpoint.undone",
    undo: "u1",
    by: alice,
    checkpoint: null,
    head: "h",
    files: [],
    diff: "",
    portable: true,
    whole: { files: 0, added: 0, removed: 0 },
  }
  const waits: EventBody = { type: "model.waiting", detail: "api.example asks for a pause", atMostMs: 30_000 }
  const { entries } = foldTimeline(
    emptyTimeline,
    log(queued, waits, { type: "model.resumed", waitedMs: 1_500 }, undone),
  )
  expect(entries.slice(1).map(entry => (entry.kind === "note" ? [entry.tone, entry.text] : []))).toEqual([
    [
      "warn",
      "The model is asked later: api.example asks for a pause. In 30.0 s at most; time limits stand still until then.",
    ],
    ["plain", "The model is asked again, after 1.5 s"],
    ["plain", "Alice went back to the base"],
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

test("who comes later takes the first token's time from the model call, not from when text was first seen", () => {
  const reported: EventBody = {
    type: "usage.reported",
    model: "m",
    inputTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    costUsd: null,
    ttftMs: 5,
    durationMs: 12,
  }
  const news = log(queued, delta("I"), reported)
  expect(foldTimings(noTimings, news.slice(0, 2), 60_000).firstTokenMs).toBeNull()
  expect(foldTimings(noTimings, news, 60_000).firstTokenMs).toBe(13)
})

test("a turn's marks count from when it was asked for, and a further turn's from its own", () => {
  const first = foldTimings(noTimings, log(queued, delta("I"), patched, testsStarted, testsEnded, ended), 0)
  expect(first).toMatchObject({ firstTokenMs: 10, firstEditMs: 20, greenMs: 40, endedMs: 50 })
  const [again] = log(queued)
  if (again === undefined) throw new Error("no event")
  const second = foldTimings(first, [{ ...again, turn: "turn_2", at: 9_000 }], 0)
  expect(second).toEqual({
    turn: "turn_2",
    askedAt: 9_000,
    firstTokenMs: null,
    exact: false,
    firstEditMs: null,
    greenMs: null,
    endedMs: null,
  })
})
