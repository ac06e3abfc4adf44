import { type EventBody, foldEvent, noUsage, type TaskEvent, type TaskState } from "@twolane/protocol"
import { expect, test } from "vitest"
import { createMetrics } from "../src/metrics.ts"
import { observeEvents } from "../src/metrics-events.ts"

const by = { key: "key_1", name: "Ada" }
const turn = "turn_1"
const story: [number, EventBody][] = [
  [
    0,
    {
      type: "task.created",
      team: "default",
      repo: "r",
      title: "t",
      prompt: "p",
      by,
      origin: "cli",
      labels: [],
      priority: "normal",
      base: null,
      baseAtSubmit: null,
    },
  ],
  [0, { type: "turn.queued", lane: "deep", position: 0, reason: "free", prompt: "p", by, options: {} }],
  [
    2_000,
    {
      type: "turn.started",
      lane: "deep",
      worker: "w",
      model: "m",
      engine: "builtin",
      base: null,
      branch: "b",
    },
  ],
  [
    3_000,
    {
      type: "usage.reported",
      model: "m",
      inputTokens: 10,
      cachedTokens: 4,
      outputTokens: 3,
      costUsd: 0.5,
      ttftMs: 250,
      durationMs: 900,
    },
  ],
  [4_000, { type: "patch.applied", files: [], diff: "", checkpoint: "c1" }],
  [5_000, { type: "tests.ended", status: "failed", command: "t", durationMs: 1, output: "" }],
  [6_000, { type: "patch.applied", files: [], diff: "", checkpoint: "c2" }],
  [7_000, { type: "tests.ended", status: "passed", command: "t", durationMs: 1, output: "" }],
  [7_500, { type: "change.ready", branch: "b", base: "a", head: "h", files: 1, added: 7, removed: 2 }],
  [8_000, { type: "turn.ended", outcome: { status: "succeeded" }, usage: noUsage }],
  [60_000, { type: "task.reviewed", decision: "accepted", by }],
]

const observed = async () => {
  const metrics = createMetrics(["m"])
  const observe = observeEvents(metrics)
  let state: TaskState | null = null
  for (const [index, [at, body]] of story.entries()) {
    const event: TaskEvent = { id: `1-${index + 1}`, task: "task_1", turn, attempt: 1, at, ...body }
    state = foldEvent(state, event)
    observe(state, event)
  }
  return metrics.registry.metrics()
}

test("a turn's events become the contract's metrics, in seconds", async () => {
  const text = await observed()
  for (const line of [
    'twolane_queue_wait_seconds_sum{lane="deep"} 2',
    'twolane_time_to_first_token_seconds_sum{lane="deep",model="m"} 0.25',
    'twolane_time_to_first_edit_seconds_sum{lane="deep"} 4',
    'twolane_time_to_green_seconds_sum{lane="deep"} 7',
    'twolane_correction_cycles_sum{lane="deep"} 2',
    'twolane_turn_duration_seconds_sum{lane="deep",outcome="succeeded"} 6',
    'twolane_loop_time_seconds_sum{lane="deep"} 60',
    'twolane_turns_total{lane="deep",outcome="succeeded"} 1',
    'twolane_test_runs_total{lane="deep",status="failed"} 1',
    'twolane_tokens_total{lane="deep",model="m",kind="input"} 6',
    'twolane_tokens_total{lane="deep",model="m",kind="cached"} 4',
    'twolane_cost_usd_total{lane="deep",model="m"} 0.5',
    'twolane_reviews_total{lane="deep",decision="accepted"} 1',
    'twolane_accepted_lines_total{lane="deep"} 9',
  ])
    expect(text).toContain(`${line}\n`)
})

test("a model that is not configured is counted as other, so that labels stay bounded", () => {
  const metrics = createMetrics(["m"])
  expect([metrics.modelLabel("m"), metrics.modelLabel("whatever")]).toEqual(["m", "other"])
})

test("every metric of ours carries the prefix", async () => {
  const metrics = createMetrics([])
  const names = (await metrics.registry.getMetricsAsJSON()).map(metric => metric.name)
  expect(names.filter(name => !name.startsWith("twolane_"))).toEqual([])
})
