import { foldEvents, type NewEvent, packetOf } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Total } from "../src/index.ts"
import { factsOf } from "../src/kpis/derive.ts"
import { addTo, bucketOf, type Histogram, quantileOf } from "../src/kpis/histogram.ts"
import {
  alice,
  ended,
  newTask,
  queued,
  startBench,
  succeed,
  team,
  until,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"
import { at, name, started, usage } from "./turn-events.ts"

const tests = (status: "passed" | "failed"): NewEvent => ({
  type: "tests.ended",
  turn: "t1",
  at: 0,
  status,
  command: "npm test",
  durationMs: 5,
  output: "",
})
const patch: NewEvent = { type: "patch.applied", turn: "t1", at: 0, files: [], diff: "", checkpoint: "c" }
const trip: NewEvent = {
  type: "guardrail.tripped",
  turn: "t1",
  at: 0,
  rule: "scope",
  stage: "patch",
  verdict: "steer",
  detail: "",
}
const ready: NewEvent = {
  type: "change.ready",
  turn: "t1",
  at: 0,
  branch: "b",
  base: "x",
  head: "y",
  files: 1,
  added: 8,
  removed: 2,
}

test("a whole task's log says what it should", () => {
  const log = name([
    ...newTask().events.slice(0, 1),
    at(1_000, queued("t1")),
    at(1_500, started),
    at(2_300, usage),
    at(2_400, patch),
    at(2_500, tests("failed")),
    at(2_550, trip),
    at(2_600, patch),
    at(2_700, tests("passed")),
    at(2_800, ready),
    at(3_000, ended("t1")),
    at(9_000, queued("t2", { lane: "fast" })),
    at(9_500, ended("t2", { status: "canceled", by: alice })),
    at(11_000, { type: "task.reviewed", turn: null, at: 0, decision: "accepted", by: alice }),
  ])
  const facts = factsOf(log)
  expect(facts.map(({ id, lane, model }) => `${id} ${lane} ${model}`)).toEqual([
    "0-11 deep m",
    "0-12 deep m",
    "0-13 fast ",
    "0-14 fast ",
  ])
  expect(facts[0]?.samples).toEqual([
    { name: "queue_wait", value: 500 },
    { name: "time_to_first_token", value: 340 },
    { name: "time_to_first_edit", value: 900 },
    { name: "time_to_green", value: 1_200 },
    { name: "turn_duration", value: 1_500 },
    { name: "correction_cycles", value: 2 },
    { name: "interrupt_rate", of: 1, hits: 0 },
    { name: "steer_rate", of: 1, hits: 0 },
    { name: "handoff_rate", of: 1, hits: 0 },
    { name: "restart_rate", of: 1, hits: 0 },
    { name: "guardrail_trips", value: 1 },
    { name: "guardrail_trips.scope", value: 1 },
  ])
  expect(facts[1]?.samples).toEqual([
    { name: "loop_time", value: 8_000 },
    { name: "lane_changed_rate", of: 1, hits: 1 },
  ])
  expect(facts[2]?.samples[0]).toEqual({ name: "queue_wait", value: null })
  expect(facts[3]?.samples).toEqual([
    { name: "loop_time", value: 2_000 },
    { name: "acceptance_rate", of: 1, hits: 1 },
    { name: "tokens", value: 100 },
    { name: "cost_usd", value: 0.05 },
  ])
})

test("a hand-off by policy is nobody's prompt: the loop goes from the person's own to their verdict", () => {
  const packet = packetOf(foldEvents(null, name(newTask().events.slice(0, 1))), [])
  const [from, to] = [
    { turn: "t1", lane: "fast" },
    { turn: "t2", lane: "deep" },
  ] as const
  const log = name([
    ...newTask().events.slice(0, 1),
    at(1_000, queued("t1", { lane: "fast" })),
    at(3_000, ended("t1", { status: "handed_off" })),
    { type: "handoff.created", turn: "t1", at: 3_000, from, to, packet },
    at(3_000, queued("t2")),
    at(8_000, ended("t2")),
    at(9_000, { type: "task.reviewed", turn: null, at: 0, decision: "accepted", by: alice }),
  ])
  const samples = factsOf(log).flatMap(fact => fact.samples)
  expect(samples.filter(({ name }) => name === "loop_time")).toEqual([{ name: "loop_time", value: 8_000 }])
  expect(samples.filter(({ name }) => name === "lane_changed_rate")).toEqual([
    { name: "lane_changed_rate", of: 1, hits: 1 },
  ])
})

test("a fact's counts are its samples in base units, and its events", () => {
  const log = name([
    ...newTask().events.slice(0, 1),
    at(1_000, queued("t1")),
    at(1_500, started),
    at(2_300, { ...usage, cachedTokens: 300 }),
    at(2_550, trip),
    at(3_000, ended("t1")),
    at(9_000, queued("t2", { lane: "fast" })),
    at(11_000, { type: "task.reviewed", turn: null, at: 0, decision: "discarded", by: alice }),
  ])
  const [turn, followUp, review] = factsOf(log)
  const lane = "deep"
  expect(turn?.counts).toEqual([
    { metric: "twolane_queue_wait_seconds", labels: { lane }, value: 0.5 },
    { metric: "twolane_time_to_first_token_seconds", labels: { lane, model: "m" }, value: 0.34 },
    { metric: "twolane_turn_duration_seconds", labels: { lane, outcome: "succeeded" }, value: 1.5 },
    { metric: "twolane_tokens_total", labels: { lane, model: "m", kind: "input" }, value: 600 },
    { metric: "twolane_tokens_total", labels: { lane, model: "m", kind: "cached" }, value: 300 },
    { metric: "twolane_tokens_total", labels: { lane, model: "m", kind: "output" }, value: 100 },
    { metric: "twolane_cost_usd_total", labels: { lane, model: "m" }, value: 0.5 },
    { metric: "twolane_guardrail_trips_total", labels: { lane, rule: "scope" }, value: 1 },
    { metric: "twolane_turns_total", labels: { lane, outcome: "succeeded" }, value: 1 },
  ])
  expect(followUp?.counts).toEqual([
    { metric: "twolane_loop_time_seconds", labels: { lane }, value: 8 },
    { metric: "twolane_lane_changes_total", labels: { lane }, value: 1 },
    { metric: "twolane_follow_ups_total", labels: { lane }, value: 1 },
  ])
  expect(review?.counts).toEqual([
    { metric: "twolane_loop_time_seconds", labels: { lane: "fast" }, value: 2 },
    { metric: "twolane_restarts_total", labels: { lane: "fast" }, value: 1 },
    { metric: "twolane_reviews_total", labels: { lane: "fast", decision: "discarded" }, value: 1 },
  ])
})

test("a turn canceled in the queue counts no running, and its cancel's time", () => {
  const log = name([
    at(1_000, queued("t1")),
    at(2_000, { type: "cancel.requested", turn: "t1", at: 0, by: alice, scope: "turn" }),
    at(2_030, { type: "cancel.confirmed", turn: "t1", at: 0, ms: 30, killed: 0, proof: "never_started" }),
    at(2_030, ended("t1", { status: "canceled", by: alice })),
  ])
  const names = factsOf(log)[0]?.samples.map(sample => sample.name)
  expect(names).not.toContain("turn_duration")
  expect(factsOf(log)[0]?.samples).toContainEqual({ name: "cancel_to_quiet", value: 30 })
  expect(factsOf(log)[0]?.samples).toContainEqual({ name: "interrupt_rate", of: 1, hits: 1 })
})

test("a quantile read from buckets is within 5 % of the real one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 60 }),
      values => {
        const histogram: Histogram = new Map()
        for (const value of values) addTo(histogram, bucketOf(value), 1)
        const sorted = values.toSorted((a, b) => a - b)
        for (const share of [0.5, 0.9, 0.99]) {
          const real = sorted[Math.ceil(share * values.length) - 1] ?? 0
          expect(Math.abs((quantileOf(histogram, share) ?? 0) / real - 1)).toBeLessThan(0.051)
        }
      },
    ),
  )
})

const valueIn = (totals: readonly Total[], metric: string): number =>
  (totals.find(total => total.name === metric)?.series ?? []).reduce(
    (sum, series) => sum + ("value" in series ? series.value : series.count),
    0,
  )

test("KPIs are counted once, by lane, repo and model, also after a review", async () => {
  await using bench = await startBench()
  const store = await bench.open()
  await using _upkeep = store.startUpkeep()
  await using _worker = await store.startWorker(workerOf(succeed))
  const tasks = [newTask({ repo: "a" }), newTask({ repo: "a" }), newTask({ repo: "b" })]
  for (const task of tasks) await store.create(task)
  await Promise.all(tasks.map(task => untilEnded(store, task)))
  for (const task of tasks.slice(0, 2)) {
    await store.change({
      ...task,
      decide: (state, now) => [
        {
          type: "task.reviewed",
          turn: null,
          at: now,
          decision: state.repo === "a" ? "accepted" : "discarded",
          by: alice,
        },
      ],
    })
  }
  const read = async (query: { repo?: string; model?: string }) => {
    const kpis = await store.kpis(team, { window: "1h", lane: "deep", ...query })
    return Object.fromEntries(kpis.map(kpi => [kpi.name, kpi]))
  }
  // Each write is counted a moment after it, by whoever made it.
  await until(async () => {
    const { queue_wait, turn_duration, time_to_first_edit, acceptance_rate } = await read({})
    const turns = [queue_wait?.count, turn_duration?.count, time_to_first_edit?.never]
    return turns.every(count => count === 3) && acceptance_rate?.count === 2
  })
  expect((await read({ repo: "a" })).queue_wait).toMatchObject({ count: 2, never: 0, unit: "ms" })
  expect((await read({ model: "simulated" })).turn_duration).toMatchObject({ count: 3 })
  expect((await read({ model: "other" })).turn_duration).toMatchObject({ count: 0, p50: null, series: [] })
  expect((await read({})).time_to_first_edit).toMatchObject({ count: 0, never: 3 })
  expect((await read({})).acceptance_rate).toMatchObject({ count: 2, rate: 1 })
  // Another process on the same Redis shows the same totals.
  const other = await bench.open()
  await until(async () => valueIn(await other.totals(), "twolane_reviews_total") === 2)
  const totals = await other.totals()
  expect(totals).toEqual(await store.totals())
  expect(valueIn(totals, "twolane_turns_total")).toBe(3)
  expect(totals.find(({ name: wanted }) => wanted === "twolane_queue_wait_seconds")?.series).toMatchObject([
    { labels: { lane: "deep" }, count: 3 },
  ])
  bench.expectNoErrors()
})
