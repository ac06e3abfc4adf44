import type { EventBody, TaskEvent } from "@twolane/protocol"
import { expect, test } from "vitest"
import { spansOfAttempt } from "../../src/trace/spans-of-attempt.ts"

const turn = "turn_a"
const by = { key: "key_a", name: "Ada" }
const usage = { steps: 1, inputTokens: 7, cachedTokens: 2, outputTokens: 3, costUsd: null }
const log = (...bodies: (EventBody & { at: number; attempt: number })[]): TaskEvent[] =>
  bodies.map(
    (body, index) => ({ ...body, task: "task_a", turn, id: `${body.attempt}-${index}` }) as TaskEvent,
  )
const queued = (at: number, attempt: number, more: object = {}) =>
  ({
    type: "turn.queued",
    lane: "deep",
    position: null,
    reason: "",
    prompt: "mend it",
    by,
    options: {},
    at,
    attempt,
    ...more,
  }) as const
const started = (at: number, attempt: number) =>
  ({
    type: "turn.started",
    lane: "deep",
    worker: "w",
    model: "gpt-x",
    engine: "builtin",
    base: null,
    branch: "b",
    at,
    attempt,
  }) as const

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
const events = log(
  queued(100, 0, { trace }),
  started(150, 1),
  { type: "attempt.lost", lost: 1, reason: "gone", at: 400, attempt: 2 },
  queued(410, 2, { again: { why: "retry" } }),
  started(500, 2),
  { type: "message.done", text: "I am at it.", at: 690, attempt: 2 },
  { type: "usage.reported", model: "gpt-x", ...usage, ttftMs: 40, durationMs: 180, at: 700, attempt: 2 },
  { type: "tool.started", call: "c1", tool: "shell", input: { command: "ls" }, at: 710, attempt: 2 },
  {
    type: "tool.ended",
    call: "c1",
    tool: "shell",
    ok: false,
    exitCode: 2,
    output: "nothing",
    truncated: false,
    durationMs: 30,
    at: 745,
    attempt: 2,
  },
  {
    type: "turn.ended",
    outcome: { status: "failed", code: "tests-red" },
    usage: { ...usage, seconds: 1 },
    at: 800,
    attempt: 2,
  } as EventBody & { at: number; attempt: number },
)

test("an attempt is its wait, its run, and what it did, below who asked", () => {
  const spans = spansOfAttempt(events, { task: "task_a", turn, attempt: 2, content: false })
  const [queue, run, chat, tool] = spans
  expect(spans.map(({ name, startedAt, endedAt, failed }) => [name, startedAt, endedAt, failed])).toEqual([
    ["queue deep", 410, 500, undefined],
    ["invoke_agent twolane-deep", 500, 800, "tests-red"],
    ["chat gpt-x", 520, 700, undefined],
    ["execute_tool shell", 710, 745, "the tool failed"],
  ])
  const asked = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true }
  expect([queue?.parent, run?.parent]).toEqual([asked, asked])
  expect([chat?.parent, tool?.parent]).toEqual([run?.place, run?.place])
  expect(new Set(spans.map(({ place }) => place.spanId)).size).toBe(4)
  expect(chat?.attributes).toEqual({
    "gen_ai.conversation.id": "task_a",
    "twolane.lane": "deep",
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-x",
    "gen_ai.usage.input_tokens": 7,
    "gen_ai.usage.output_tokens": 3,
    "gen_ai.usage.cache_read.input_tokens": 2,
    "gen_ai.response.time_to_first_chunk": 0.04,
  })
  expect(JSON.stringify(spans)).not.toMatch(/mend it|I am at it|"ls"|nothing/)
})

test("prompts, words, and what tools were given and answered are told only where that is asked for", () => {
  const [, run, chat, tool] = spansOfAttempt(events, { task: "task_a", turn, attempt: 2, content: true })
  expect(run?.attributes["gen_ai.input.messages"]).toContain("mend it")
  expect(chat?.attributes["gen_ai.output.messages"]).toContain("I am at it.")
  expect(tool?.attributes).toMatchObject({
    "gen_ai.tool.call.arguments": '{"command":"ls"}',
    "gen_ai.tool.call.result": "nothing",
  })
})

test("without a trace of who asked, all attempts of a turn are one trace; one that never began has no spans", () => {
  const plain = events.map(event => (event.type === "turn.queued" ? { ...event, trace: undefined } : event))
  const wish = { task: "task_a", turn, content: false }
  const [first] = spansOfAttempt(plain as TaskEvent[], { ...wish, attempt: 1 })
  const [second] = spansOfAttempt(plain as TaskEvent[], { ...wish, attempt: 2 })
  expect(first?.place.traceId).toBe(second?.place.traceId)
  expect(first?.place.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(first?.parent).toBeNull()
  expect(spansOfAttempt(events, { ...wish, attempt: 3 })).toEqual([])
})
