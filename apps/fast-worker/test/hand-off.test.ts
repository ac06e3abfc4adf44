import type { TaskEvent } from "@twolane/protocol"
import {
  call,
  callsOf,
  getTask,
  type House,
  logOf,
  makeLibrary,
  only as ofType,
  playing,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, followUp, isType, only, taskOf } from "./lane.ts"

/** Red in the fast lane however often it tries; the deep lane mends it. */
const red: Scene = (seen, request) => {
  if (!isFast(request)) return mend(seen, request)
  const tries = callsOf(seen, "apply_patch")
  return call(["apply_patch", sumPatch(tries === 0 ? "a - b" : `a * ${tries}`, `a * ${tries + 1}`)])
}
const large: Scene = (seen, request) => {
  if (!isFast(request)) return mend(seen, request)
  const lines = Array.from({ length: 60 }, (_, line) => `+export const n${line} = ${line}`)
  const patch = `*** Begin Patch\n*** Add File: src/many.js\n${lines.join("\n")}\n*** End Patch`
  return { ...call(["apply_patch", patch]), tokensPerSecond: 1_000 }
}
const mend: Scene = (seen, { items }) =>
  callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch(lastSum(items), "a + b")]) : say("Done.")
const half: Scene = seen =>
  callsOf(seen, "apply_patch") === 0
    ? call(["apply_patch", sumPatch("a - b", "a * b")])
    : { ...say("word ".repeat(4_000)), tokensPerSecond: 300 }
const weigh: Scene = (seen, request) =>
  callsOf(seen, "shell") > 0 || isFast(request) ? say("Done.") : call(["shell", { command: "nice" }])
const goes: Scene = () => call(["apply_patch", sumPatch("a * b", "a + b")])

const isFast = ({ instructions }: { instructions: string }): boolean =>
  instructions.includes("small, exact change")

/** What the function returns by now, as all that was said and handed over tells; at first it subtracts. */
const lastSum = (items: readonly unknown[]): string =>
  [...JSON.stringify(items).matchAll(/\+export const sum = \(a, b\) => ([^\\"]+)/g)].at(-1)?.[1] ?? "a - b"

let stack: AsyncDisposableStack
let house: House

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const model = stack.use(await startModel({ script: playing({ red, large, mend, half, goes, weigh }) }))
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 1, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))
  const policy =
    "guardrails:\n  fast: { maxCycles: 2, afterCycles: hand_off, maxChangedLines: 20, overSize: hand_off }\n"
  await register(house, "eager", stack.use(await makeLibrary({ "twolane.yaml": policy })))
})
afterAll(() => stack.disposeAsync())

const typesAround = (log: readonly TaskEvent[], type: TaskEvent["type"]): string[] => {
  const at = log.findIndex(event => event.type === type)
  return log.slice(at - 1, at + 2).map(event => event.type)
}

test("red results used up: limited by default, and by policy on to the deep lane with all that was tried", async () => {
  await using limited = await ask(house, "[red] sum adds wrongly", { guardrails: { maxCycles: 2 } })
  expect(only(await limited.rest(), "turn.ended")).toMatchObject([
    { outcome: { status: "limited", which: "cycles" } },
  ])

  await using stream = await ask(house, "[red] sum adds wrongly", { repo: "eager" })
  const messages = await stream.rest()
  expect(only(messages, "turn.ended")).toMatchObject([
    { outcome: { status: "handed_off", detail: "2 red test results" } },
  ])
  const task = taskOf(messages)
  const ended = await untilTask(house, task, ({ endedAt }) => endedAt !== undefined)
  const log = await logOf(house, task)
  expect(typesAround(log, "handoff.created")).toEqual(["turn.ended", "handoff.created", "turn.queued"])
  expect(ofType(log, "handoff.created")).toMatchObject([
    {
      from: { lane: "fast" },
      to: { lane: "deep" },
      attempt: 1,
      packet: { tests: { status: "failed" }, missing: [] },
    },
  ])
  expect(ended.turns.map(({ lane, status }) => `${lane} ${status}`)).toEqual([
    "fast handed_off",
    "deep succeeded",
  ])
})

test("a change too large for the fast lane goes to the deep one in mid-stream, where the policy says so", async () => {
  await using stream = await ask(house, "[large] many constants", { repo: "eager" })
  const messages = await stream.rest()
  expect(only(messages, "guardrail.tripped")).toMatchObject([
    { rule: "maxChangedLines", stage: "stream", verdict: "hand_off" },
  ])
  expect(only(messages, "patch.applied")).toEqual([])
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "handed_off" } }])
  await untilTask(house, taskOf(messages), ({ endedAt }) => endedAt !== undefined)
})

test("a turn of the other lane is handed over as it is queued, before anybody begins it", async () => {
  await using stream = await ask(house, "[half] begin it")
  const task = taskOf(await stream.until(isType("message.delta")))
  await house.call("POST", `/v1/tasks/${task}/interrupt`, {})
  await stream.rest()
  await house.call("POST", "/v1/queue/pause", { lane: "deep" })
  const prompt = "[mend] do it thoroughly"
  expect((await house.call("POST", `/v1/tasks/${task}/turns`, { lane: "deep", prompt })).status).toBe(202)
  const log = await logOf(house, task)
  expect(log.slice(-2)).toMatchObject([
    { type: "turn.queued", attempt: 1 },
    {
      type: "handoff.created",
      attempt: 1,
      packet: { diff: expect.stringContaining("+export const sum = (a, b) => a * b") },
    },
  ])
  await house.call("POST", "/v1/queue/resume", { lane: "deep" })
  await untilTask(house, task, ({ status }) => status === "succeeded")
  expect(ofType(await logOf(house, task), "handoff.created")).toHaveLength(1)
})

test("a deep turn behind an open fast one gets its packet when that one has ended", async () => {
  await using stream = await ask(house, "[half] begin it")
  const task = taskOf(await stream.until(isType("message.delta")))
  const prompt = "[mend] then do it thoroughly"
  expect((await house.call("POST", `/v1/tasks/${task}/turns`, { lane: "deep", prompt })).status).toBe(202)
  expect(ofType(await logOf(house, task), "handoff.created")).toEqual([])
  await house.call("POST", `/v1/tasks/${task}/interrupt`, {})
  await untilTask(house, task, ({ status }) => status === "succeeded")
  const log = await logOf(house, task)
  expect(typesAround(log, "handoff.created")).toEqual(["turn.ended", "handoff.created", "turn.started"])
  expect(ofType(log, "handoff.created")).toMatchObject([{ attempt: 1 }])
})

test("taken over from deep, the turn ends at once at its last checkpoint, and the fast one goes on from there", async () => {
  const body = { repo: "sums", lane: "deep", prompt: "[half] begin it", test: "none" }
  const { id } = (await house.call("POST", "/v1/tasks", body)).body as { id: string }
  while (ofType(await logOf(house, id), "patch.applied").length === 0);
  await using taken = await followUp(house, id, { lane: "fast", prompt: "[goes] at once", interrupt: true })
  expect(only(await taken.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  const log = await logOf(house, id)
  expect(typesAround(log, "handoff.created")).toEqual(["turn.queued", "handoff.created", "turn.started"])
  const [first, second] = ofType(log, "patch.applied")
  expect(ofType(log, "handoff.created")).toMatchObject([
    { from: { lane: "deep" }, to: { lane: "fast" }, packet: { checkpoint: first?.checkpoint } },
  ])
  expect(second?.diff).toContain("-export const sum = (a, b) => a * b\n+export const sum = (a, b) => a + b\n")
  expect((await getTask(house, id)).turns.map(({ lane, status }) => `${lane} ${status}`)).toEqual([
    "deep handed_off",
    "fast succeeded",
  ])
})

test("a deep turn's commands run at a lower CPU weight than the fast lane's", async () => {
  const body = { repo: "sums", lane: "deep", prompt: "[weigh] how nice?", test: "none" }
  const { id } = (await house.call("POST", "/v1/tasks", body)).body as { id: string }
  await untilTask(house, id, ({ endedAt }) => endedAt !== undefined)
  expect(ofType(await logOf(house, id), "tool.ended")).toMatchObject([
    { ok: true, output: expect.stringContaining("17") },
  ])
})
