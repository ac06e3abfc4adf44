import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Kpi, Lane } from "@twolane/protocol"
import {
  call,
  callsOf,
  eventsIn,
  getTask,
  type House,
  makeLibrary,
  makeTempFolder,
  openStream,
  playing,
  register,
  type Scene,
  type Stream,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

const right = sumPatch("a - b", "a + b")
const hanging = "a - b\n+await new Promise(() => setInterval(() => {}, 1_000))"
const unhang = `*** Begin Patch
*** Update File: src/sum.js
@@
-export const sum = (a, b) => a - b
-await new Promise(() => setInterval(() => {}, 1_000))
+export const sum = (a, b) => a + b
*** End Patch`
const outside = `*** Begin Patch
*** Update File: src/other.js
@@
-export const other = 1
+export const other = 2
*** End Patch`

const long = () => ({ ...say("word ".repeat(4_000)), tokensPerSecond: 300 })
const patches =
  (...texts: string[]): Scene =>
  seen => {
    const text = texts[callsOf(seen, "apply_patch")]
    return text === undefined ? say("Done.") : call(["apply_patch", text])
  }
let deepTries = 0
const scenes: Record<string, Scene> = {
  green: patches(right),
  twice: patches(sumPatch("a - b", "a * b"), sumPatch("a * b", "a + b")),
  why: () => say("It adds now."),
  talk: long,
  hangs: patches(sumPatch("a - b", hanging), unhang),
  outside: (seen, request) =>
    JSON.stringify(request.items).includes("guardrails refuse")
      ? patches(right)(seen, request)
      : { ...call(["apply_patch", outside]), tokensPerSecond: 1_000 },
  "second time": (seen, request) => {
    if (callsOf(seen, "apply_patch") === 0) deepTries += 1
    return deepTries === 1 ? long() : patches(right)(seen, request)
  },
}

let stack: AsyncDisposableStack
let house: House

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-kpis-"))
  const price = { input: 1, cachedInput: 1, output: 4 }
  const prices = join(folder.path, "prices.json")
  await writeFile(prices, JSON.stringify({ quick: price, thorough: price }))
  const model = stack.use(await startModel({ script: playing(scenes), models: ["quick", "thorough"] }))
  const env = { TWOLANE_FAST_MODEL: "quick", TWOLANE_DEEP_MODEL: "thorough", TWOLANE_PRICES: prices }
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 1, fastWorkers: 1, env }))
  await register(house, "sums", stack.use(await makeLibrary()))
  await register(house, "other", stack.use(await makeLibrary()))
})
afterAll(() => stack.disposeAsync())

const ask = (prompt: string, more: Record<string, unknown> = {}): Promise<Stream> =>
  openStream(house, "/v1/tasks", { repo: "sums", lane: "fast", prompt, ...more })

/** The task of a stream, known from its first event of a type. */
const taskAt = async (stream: Stream, type: string): Promise<string> => {
  const seen = await stream.until(({ data }) => "type" in data && data.type === type)
  const [event] = eventsIn(seen)
  if (event === undefined) throw new Error("no event")
  return event.task
}

const post = async (path: string, body: Record<string, unknown> = {}): Promise<void> => {
  const answer = await house.call("POST", `/v1/tasks/${path}`, body)
  expect([200, 202], answer.text).toContain(answer.status)
}

const done = (id: string, turns: number) =>
  untilTask(house, id, task => task.turns.length === turns && task.endedAt !== undefined)

/** A fast turn from its prompt to its end. */
const whole = async (prompt: string, more: Record<string, unknown> = {}): Promise<string> => {
  await using stream = await ask(prompt, more)
  const task = await taskAt(stream, "turn.queued")
  await stream.rest()
  return task
}

const playFast = async (): Promise<void> => {
  await post(`${await whole("[green] mend it")}/accept`)
  await whole("[green] mend it", { repo: "other" })
  await whole("[outside] mend it", { scope: ["src/sum.js"] })
  const twice = await whole("[twice] mend it")
  await using why = await openStream(house, `/v1/tasks/${twice}/turns`, { prompt: "[why] is it right?" })
  await why.rest()
  await post(`${twice}/discard`)
  await using hangs = await ask("[hangs] mend it")
  const steered = await taskAt(hangs, "tests.started")
  const [turn] = (await getTask(house, steered)).turns
  await post(`${steered}/steer`, { prompt: "it hangs!", turn: turn?.id })
  const ended = eventsIn(await hangs.rest()).filter(event => event.type === "tests.ended")
  expect(ended).toMatchObject([{ superseded: true }, { status: "passed" }])
}

const playAcrossLanes = async (): Promise<void> => {
  await using talk = await ask("[talk] explain")
  const interrupted = await taskAt(talk, "message.delta")
  await post(`${interrupted}/interrupt`)
  await talk.rest()
  await post(`${interrupted}/turns`, { lane: "deep", prompt: "[green] thoroughly" })
  await done(interrupted, 2)
  await using again = await ask("[talk] explain")
  const handed = await taskAt(again, "message.delta")
  await post(`${handed}/turns`, { lane: "deep", prompt: "[green] thoroughly", interrupt: true })
  await again.rest()
  await done(handed, 2)
  await post(`${handed}/accept`)
  const { id } = await submit(house, { repo: "sums", prompt: "[second time] mend it" })
  while (deepTries === 0) await untilTask(house, id, ({ status }) => status === "running")
  await post(`${id}/cancel`)
  await done(id, 1)
  await post(`${id}/retry`, { from: "base" })
  await done(id, 2)
}

type ByName = Record<string, Kpi>
const kpis = async (lane: Lane, query = ""): Promise<ByName> => {
  const answer = await house.call("GET", `/v1/kpis?window=1h&lane=${lane}${query}`)
  const { items } = answer.body as { items: Kpi[] }
  return Object.fromEntries(items.map(kpi => [kpi.name, kpi]))
}

/** Numbers are settled just after the event that they count. */
const kpisWhen = async (lane: Lane, turns: number, reviews: number): Promise<ByName> => {
  for (const until = performance.now() + 10_000; ; ) {
    const found = await kpis(lane)
    const counted = [found.queue_wait?.count, found.acceptance_rate?.count]
    if ((counted[0] === turns && counted[1] === reviews) || performance.now() > until) return found
    await new Promise(resolve => setTimeout(resolve, 30))
  }
}

/** Count, never, and rate or the middle: what can be told exactly. */
const counts = (found: ByName) =>
  Object.fromEntries(
    Object.values(found).map(({ name, count, never, rate }) => [
      name,
      rate === null ? [count, never] : [count, never, Math.round(rate * 1_000) / 1_000],
    ]),
  )

test("every KPI says what a day of both lanes came to, and twolane kpis prints it", async () => {
  const since = performance.now()
  await playFast()
  await playAcrossLanes()
  const mostMs = performance.now() - since
  const fast = await kpisWhen("fast", 8, 2)
  const deep = await kpisWhen("deep", 4, 1)
  expect(counts(fast)).toEqual({
    queue_wait: [8, 0],
    time_to_first_token: [8, 0],
    time_to_first_edit: [5, 3],
    time_to_green: [5, 3],
    turn_duration: [8, 0],
    loop_time: [5, 0],
    cancel_to_quiet: [2, 0],
    interrupt_rate: [8, 0, 0.25],
    correction_cycles: [5, 0],
    steer_rate: [8, 0, 0.125],
    restart_rate: [8, 0, 0.125],
    handoff_rate: [8, 0, 0.125],
    lane_changed_rate: [3, 0, 0.667],
    guardrail_trips: [8, 0],
    "guardrail_trips.scope": [1, 0],
    acceptance_rate: [2, 0, 0.5],
    tokens: [1, 0],
    cost_usd: [1, 0],
  })
  expect(counts(deep)).toEqual({
    queue_wait: [4, 0],
    time_to_first_token: [4, 0],
    time_to_first_edit: [3, 1],
    time_to_green: [3, 1],
    turn_duration: [4, 0],
    loop_time: [2, 0],
    cancel_to_quiet: [1, 0],
    interrupt_rate: [4, 0, 0],
    correction_cycles: [3, 0],
    steer_rate: [4, 0, 0],
    restart_rate: [4, 0, 0.25],
    handoff_rate: [4, 0, 0],
    lane_changed_rate: [1, 0, 0],
    guardrail_trips: [4, 0],
    acceptance_rate: [1, 0, 1],
    tokens: [1, 0],
    cost_usd: [1, 0],
  })
  expect(fast.correction_cycles).toMatchObject({ p50: 1, p90: 2, p99: 2 })
  expect(fast.guardrail_trips).toMatchObject({ p50: 0, p90: 1, p99: 1 })
  for (const kpi of [...Object.values(fast), ...Object.values(deep)]) {
    expect(
      kpi.series.reduce((sum, { count }) => sum + count, 0),
      kpi.name,
    ).toBe(kpi.count)
    const { unit, count, p50, p90, p99 } = kpi
    const spread = [p50, p90, p99].map(Number)
    expect(spread, kpi.name).toEqual(spread.toSorted((a, b) => a - b))
    expect(p50 === null, kpi.name).toBe(unit === "ratio" || count === 0)
    expect(unit === "ms" ? Number(p99) : 0, kpi.name).toBeLessThan(mostMs * 1.06)
  }
  expect(fast.tokens?.p50).toBeGreaterThan(10)
  expect(fast.cost_usd?.p50).toBeGreaterThan(0)

  const other = await kpis("fast", "&repo=other")
  expect(counts(other)).toMatchObject({ queue_wait: [1, 0], loop_time: [0, 0] })
  // One turn: middles of different sets of turns would say nothing of each other.
  const marks = [other.time_to_first_token, other.time_to_first_edit, other.time_to_green]
  expect(marks.map(mark => mark?.count)).toEqual([1, 1, 1])
  const [token, edit, green] = marks.map(mark => Number(mark?.p50))
  expect(token).toBeGreaterThan(0)
  expect(edit).toBeGreaterThanOrEqual(Number(token))
  expect(green).toBeGreaterThan(Number(edit))
  expect(counts(await kpis("fast", "&repo=sums"))).toMatchObject({
    queue_wait: [7, 0],
    time_to_green: [4, 3],
  })
  expect(await kpis("fast", "&model=quick")).toEqual(fast)
  expect(counts(await kpis("fast", "&model=thorough"))).toMatchObject({ queue_wait: [0, 0] })
  expect(await kpis("deep", "&model=thorough")).toEqual(deep)

  const twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
  const json = await twolane(["kpis", "--window", "1h", "--json"])
  expect([json.code, JSON.parse(json.out)]).toEqual([
    0,
    { window: "1h", items: [...Object.values(fast), ...Object.values(deep)], nextCursor: null },
  ])
  const { code, out } = await twolane(["kpis", "--window", "1h", "--lane", "fast", "--repo", "sums"])
  expect([code, out.split("\n")[0]]).toEqual([0, "The last 1h:"])
  expect(out).toMatch(/^ {2}fast {2}time_to_green +4 measured, 3 never, p50 \S+ m?s, p90 .*p99 /m)
  expect(out).toMatch(/^ {2}fast {2}guardrail_trips\.scope +1 measured, p50 1, p90 1, p99 1$/m)
  expect(out).toMatch(/^ {2}fast {2}lane_changed_rate +3 measured, rate 0\.6667$/m)
  expect(out).not.toContain("deep")
})
