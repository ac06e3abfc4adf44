import fc from "fast-check"
import { expect, test } from "vitest"
import {
  foldEvents,
  type GroupOf,
  judgeCandidate,
  type NewEvent,
  type TaskEvent,
  type TaskState,
  viewGroup,
} from "../src/index.ts"
import { by, created, log } from "./make-log.ts"

const tasks = ["task_0", "task_1", "task_2"]
const group: GroupOf = {
  id: "group_0",
  candidates: tasks.map((task, index) => ({ task, lane: index === 0 ? "fast" : "deep" })),
}
const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null, steps: 1 }

/** What a candidate may have come to. */
type Came = {
  status: "queued" | "running" | "succeeded" | "failed" | "canceled"
  tests: "passed" | "failed" | "flaky" | "none_selected" | null
  lines: number
  trips: number
  costUsd: number | null
  review: "accepted" | "discarded" | null
  more: boolean
}
const came = fc.record<Came>({
  status: fc.constantFrom("queued", "running", "succeeded", "failed", "canceled"),
  tests: fc.constantFrom("passed", "failed", "flaky", "none_selected", null),
  lines: fc.integer({ min: 0, max: 3 }),
  trips: fc.integer({ min: 0, max: 2 }),
  costUsd: fc.constantFrom(null, 0.01, 0.02),
  review: fc.constantFrom("accepted", "discarded", null),
  more: fc.boolean(),
})
const three = fc.tuple(came, came, came)

const options = { options: {}, position: null, reason: "next", prompt: "p", by }
const outcomeOf = (status: "succeeded" | "failed" | "canceled") => {
  if (status === "failed") return { status, code: "tests-red" as const }
  return status === "canceled" ? { status, by } : { status }
}

/** A candidate's log, and the fold of it. */
const candidate = (
  index: number,
  { status, tests, lines, trips, costUsd, review, more }: Came,
): TaskState => {
  const lane = index === 0 ? ("fast" as const) : ("deep" as const)
  const ended = status !== "queued" && status !== "running"
  const first: typeof created = { ...created, group } as typeof created
  const events = log(
    first,
    { type: "turn.queued", lane, ...options },
    ...(status === "queued"
      ? []
      : [
          {
            type: "turn.started" as const,
            lane,
            worker: "w",
            model: "m",
            engine: "e",
            base: null,
            branch: "b",
            attempt: 1,
          },
        ]),
    ...Array.from({ length: status === "queued" ? 0 : trips }, () => ({
      type: "guardrail.tripped" as const,
      rule: "scope",
      stage: "patch" as const,
      verdict: "steer" as const,
      detail: "d",
    })),
    ...(status === "queued" || costUsd === null
      ? []
      : [
          {
            type: "usage.reported" as const,
            model: "m",
            inputTokens: 1,
            cachedTokens: 0,
            outputTokens: 1,
            costUsd,
            ttftMs: 1,
            durationMs: 1,
          },
        ]),
    ...(ended && tests !== null
      ? [{ type: "tests.ended" as const, status: tests, command: "t", durationMs: 1, output: "" }]
      : []),
    ...(ended && lines > 0
      ? [
          {
            type: "change.ready" as const,
            branch: "b",
            base: "a".repeat(40),
            head: "c".repeat(40),
            files: 1,
            added: lines,
            removed: 0,
          },
        ]
      : []),
    ...(ended ? [{ type: "turn.ended" as const, outcome: outcomeOf(status), usage }] : []),
    ...(ended && review !== null
      ? [{ type: "task.reviewed" as const, decision: review, by, turn: null }]
      : []),
    ...(ended && review === null && more
      ? [{ type: "turn.queued" as const, lane: "deep" as const, ...options, turn: "turn_2" }]
      : []),
  )
  return foldEvents(
    null,
    events.map(event => ({ ...event, task: tasks[index] ?? "" }) as TaskEvent),
  )
}

/** Writes what a candidate's judge says, as the store does. */
const written = (state: TaskState, events: readonly NewEvent[]): TaskState => {
  const [attempt = "0", n = "0"] = state.lastEventId.split("-")
  return foldEvents(
    state,
    events.map((event, index) => ({
      ...event,
      task: state.id,
      attempt: Number(attempt),
      id: `${attempt}-${Number(n) + index + 1}`,
    })),
  )
}

const judged = (states: readonly TaskState[]): TaskState[] =>
  states.map(state =>
    written(
      state,
      judgeCandidate(
        state,
        states.filter(({ id }) => id !== state.id),
        9_000,
      ),
    ),
  )

/** A worker ends what was told to end. */
const ended = (state: TaskState): TaskState =>
  written(
    state,
    state.turns
      .filter(({ status }) => status === "canceling")
      .map(({ id }) => ({
        type: "turn.ended",
        outcome: { status: "canceled", by },
        usage,
        turn: id,
        at: 9_500,
      })),
  )

test("what follows from a group for its candidates is written, settles, and leaves nothing open once one was accepted", () => {
  fc.assert(
    fc.property(three, all => {
      const states = all.map((one, index) => candidate(index, one))
      const accepted = states.some(({ review }) => review === "accepted")
      // What is canceled where nobody runs it has ended then, and is looked at once more.
      const once = judged(judged(states))
      expect(judged(once)).toEqual(once)
      const over = judged(once.map(ended))
      expect(judged(over)).toEqual(over)
      // Who was accepted stays so; a race touches nobody who had a further turn, or had ended.
      const stays = ({ review, turns, endedAt }: TaskState) =>
        review === "accepted" || (!accepted && (turns.length === 2 || endedAt !== undefined))
      const kept = states.filter(stays).map(({ id }) => id)
      expect(over.filter(({ id }) => kept.includes(id))).toEqual(states.filter(stays))
      const leftOpen = over.filter(
        ({ review, endedAt }) => endedAt === undefined || (review !== "accepted" && review !== "discarded"),
      )
      expect(accepted ? leftOpen : []).toEqual([])
    }),
  )
})

test("a comparison has each candidate once, in an order that no order of theirs changes, with green before what is not", () => {
  fc.assert(
    fc.property(three, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (all, order) => {
      const states = all.map((one, index) => candidate(index, one))
      const view = viewGroup(states, 9_000)
      expect(view.candidates.map(({ task }) => task).toSorted((a, b) => a.localeCompare(b))).toEqual(tasks)
      expect(view.candidates.map(({ rank }) => rank)).toEqual([1, 2, 3])
      const shuffled = viewGroup(
        order.flatMap(index => states[index] ?? []),
        9_000,
      )
      expect(shuffled.candidates).toEqual(view.candidates)
      const green = view.candidates.map(
        ({ status, tests, change, review }) =>
          review !== "discarded" &&
          status === "succeeded" &&
          tests?.status === "passed" &&
          (change?.files ?? 0) > 0,
      )
      const chosen = view.candidates.findLastIndex(({ review }) => review === "accepted")
      const ranked = chosen < 0 ? green : []
      expect(ranked).toEqual(ranked.toSorted((a, b) => Number(b) - Number(a)))
    }),
  )
})
