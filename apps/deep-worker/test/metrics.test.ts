import type { TaskEvent } from "@twolane/protocol"
import {
  call,
  callsOf,
  follow,
  type House,
  makeLibrary,
  only,
  playing,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { amountOf, type Family, parsePrometheus } from "./prometheus.ts"

const mend: Scene = seen => {
  if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b + 1")])
  const told = seen.some(said => said.kind === "user" && said.text.includes("The tests are red"))
  if (told && callsOf(seen, "apply_patch") === 1) return call(["apply_patch", sumPatch("a + b + 1", "a + b")])
  return say("Done.")
}

let stack: AsyncDisposableStack
let house: House
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const library = stack.use(await makeLibrary())
  const model = stack.use(
    await startModel({
      script: playing({ mend, talk: () => say("No change.") }),
      models: ["simulated", "gpt-unheard-of"],
    }),
  )
  house = stack.use(await startHouse({ modelUrl: model.url, env: { TWOLANE_DEEP_MODEL: "simulated" } }))
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

/** Numbers are settled just after the event that they count, so it may take a moment until they are there. */
const metricsWhen = async (
  holds: (families: Map<string, Family>) => boolean,
): Promise<Map<string, Family>> => {
  const until = performance.now() + 10_000
  for (;;) {
    const families = parsePrometheus(await (await fetch(`${house.url}/metrics`)).text())
    if (holds(families) || performance.now() > until) return families
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const at = (events: readonly TaskEvent[], type: TaskEvent["type"]): number =>
  events.find(event => event.type === type)?.at ?? Number.NaN

test("the gateway's metrics are the events of the worker's turns", async () => {
  const { id } = await submit(house, { repo: "sums", prompt: "[mend] sum adds wrongly" })
  const events = await follow(house, id)
  const accepted = await house.call("POST", `/v1/tasks/${id}/accept`, {})
  expect(accepted, accepted.text).toMatchObject({ status: 200 })
  const all = await follow(house, id)
  const talked = await submit(house, { repo: "sums", prompt: "[talk] what is it?", model: "gpt-unheard-of" })
  const talk = await follow(house, talked.id)
  const deep = { lane: "deep" }
  const shown = await metricsWhen(
    families =>
      amountOf(families, "twolane_turns_total", deep) === 2 &&
      amountOf(families, "twolane_reviews_total", deep) === 1,
  )
  const value = (name: string, labels: Record<string, string> = {}) =>
    amountOf(shown, `twolane_${name}`, { ...deep, ...labels })

  expect(only(events, "turn.ended").map(({ outcome }) => outcome.status)).toEqual(["succeeded"])
  expect(value("turns_total", { outcome: "succeeded" })).toBe(2)
  expect(value("turn_duration_seconds_count", { outcome: "succeeded" })).toBe(2)
  const seconds = (log: readonly TaskEvent[], from: TaskEvent["type"], to: TaskEvent["type"]) =>
    (at(log, to) - at(log, from)) / 1_000
  const waits = [events, talk].map(log => seconds(log, "turn.queued", "turn.started"))
  expect(value("queue_wait_seconds_sum")).toBeCloseTo(waits.reduce((sum, wait) => sum + wait))
  for (const le of ["0.1", "1", "30"])
    expect(value("queue_wait_seconds_bucket", { le })).toBe(waits.filter(wait => wait <= Number(le)).length)
  expect(value("time_to_first_edit_seconds_count")).toBe(1)
  expect(value("time_to_first_edit_seconds_sum")).toBeCloseTo(
    seconds(events, "turn.started", "patch.applied"),
  )
  const green = only(events, "tests.ended").find(({ status }) => status === "passed")?.at ?? Number.NaN
  expect(value("time_to_green_seconds_sum")).toBeCloseTo((green - at(events, "turn.started")) / 1_000)
  expect(value("correction_cycles_sum")).toBe(only(events, "patch.applied").length)
  expect(value("loop_time_seconds_sum")).toBeCloseTo(seconds(all, "turn.queued", "task.reviewed"))
  for (const status of ["passed", "failed"])
    expect(value("test_runs_total", { status })).toBe(
      only(events, "tests.ended").filter(ended => ended.status === status).length,
    )

  const output = (log: readonly TaskEvent[]) =>
    only(log, "usage.reported").reduce((sum, { outputTokens }) => sum + outputTokens, 0)
  expect(value("tokens_total", { kind: "output", model: "simulated" })).toBe(output(events))
  expect(value("tokens_total", { kind: "output", model: "other" })).toBe(output(talk))
  const [ready] = only(events, "change.ready")
  expect(value("accepted_lines_total")).toBe((ready?.added ?? 0) + (ready?.removed ?? 0))
  expect(value("reviews_total", { decision: "accepted" })).toBe(1)
})

test("every label of every metric has few values, and none is an id or a repo", async () => {
  const families = await metricsWhen(() => true)
  const labels = [...families]
    .filter(([name]) => name.startsWith("twolane_") && !name.startsWith("twolane_process_runtime_"))
    .flatMap(([, { samples }]) => samples.flatMap(sample => Object.entries(sample.labels)))
  expect(labels.map(([name]) => name)).not.toContain("repo")
  expect(labels.filter(([, value]) => /^(?:task|turn|key|worker)_/.test(value) || value === "sums")).toEqual(
    [],
  )
})
