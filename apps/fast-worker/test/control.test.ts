import {
  call,
  callsOf,
  getTask,
  type House,
  logOf,
  type ModelServer,
  makeLibrary,
  openStream,
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

const long = "word ".repeat(4_000)
const talk: Scene = seen =>
  seen.some(said => said.kind === "user" && said.text.includes("multiply"))
    ? call(["apply_patch", sumPatch("a - b", "a * b")])
    : { ...say(long), tokensPerSecond: 300 }
const mend: Scene = () => call(["apply_patch", sumPatch("a - b", "a + b")])
const deep: Scene = seen =>
  callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Done.")
const dependency: Scene = (seen, request) => {
  if (request.instructions.includes("small, exact change"))
    return call([
      "apply_patch",
      '*** Begin Patch\n*** Update File: package.json\n@@\n-{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }\n+{ "name": "sums", "type": "module", "scripts": { "test": "node --test" }, "dependencies": { "left-pad": "1.3.0" } }\n*** End Patch',
    ])
  return deep(seen, request)
}
const deepTalk: Scene = () => ({ ...say(long), tokensPerSecond: 300 })

let stack: AsyncDisposableStack
let house: House
let model: ModelServer
const prompts: string[] = []

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const play = playing({ talk, mend, deep, "deep talk": deepTalk, dependency })
  model = stack.use(
    await startModel({
      steering: "native",
      script: request => {
        prompts.push(JSON.stringify(request.items))
        return play(request)
      },
    }),
  )
  const workerEnv = { TWOLANE_FAST_CONCURRENCY: "2" }
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 1, fastWorkers: 1, workerEnv }))
  await register(house, "sums", stack.use(await makeLibrary()))
})
afterAll(() => stack.disposeAsync())

test("an interrupt in mid-sentence ends the turn at once and keeps the task", async () => {
  await using stream = await ask(house, "[talk] explain")
  const before = await stream.until(isType("message.delta"))
  const task = taskOf(before)
  expect((await house.call("POST", `/v1/tasks/${task}/interrupt`, {})).status).toBe(202)
  const messages = await stream.rest()
  expect(only(messages, "cancel.requested")).toMatchObject([{ scope: "turn", by: { name: "admin" } }])
  const told = messages.findIndex(isType("cancel.requested"))
  expect(messages.slice(told).some(isType("message.delta"))).toBe(false)
  expect(only(messages, "cancel.confirmed")).toMatchObject([{ proof: "worker" }])
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "canceled" } }])
  await using next = await followUp(house, task, { prompt: "[mend] now mend it" })
  expect(only(await next.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
})

test("a steer in mid-sentence is applied, and the model hears it", async () => {
  await using stream = await ask(house, "[talk] explain", { test: "none" })
  const before = await stream.until(isType("message.delta"))
  const task = taskOf(before)
  const turn = (await getTask(house, task)).turns[0]?.id
  const steered = await house.call("POST", `/v1/tasks/${task}/steer`, { prompt: "multiply instead", turn })
  expect(steered, steered.text).toMatchObject({ status: 202 })
  const messages = await stream.rest()
  expect(only(messages, "steer.applied")).toHaveLength(1)
  expect(only(messages, "patch.applied")).toHaveLength(1)
  // The model took it by itself: the patch came without another request.
  expect(model.requests.filter(({ body }) => JSON.stringify(body).includes("multiply instead"))).toEqual([])
})

test("a caller that leaves interrupts its turn, unless it said to go on", async () => {
  await using left = await ask(house, "[talk] explain")
  const task = taskOf(await left.until(isType("message.delta")))
  left.leave()
  const ended = await untilTask(house, task, ({ status }) => status === "canceled")
  expect(ended.turns[0]?.outcome).toMatchObject({ status: "canceled", detail: "the caller went away" })
  expect((await logOf(house, task)).map(({ type }) => type)).toContain("cancel.confirmed")

  const body = { repo: "sums", lane: "fast", prompt: "[mend] sum adds wrongly" }
  await using going = await openStream(house, "/v1/tasks?onDisconnect=continue", body)
  const other = taskOf(await going.until(isType("turn.started")))
  going.leave()
  expect(await untilTask(house, other, ({ endedAt }) => endedAt !== undefined)).toMatchObject({
    status: "succeeded",
  })
})

test("two fast turns at once on one task: the second is refused, or interrupts the first", async () => {
  await using first = await ask(house, "[talk] explain")
  const task = taskOf(await first.until(isType("message.delta")))
  const path = `/v1/tasks/${task}/turns`
  expect(await house.call("POST", path, { prompt: "[mend] this" })).toMatchObject({
    status: 409,
    body: { code: "turn-running" },
  })
  await using second = await followUp(house, task, { prompt: "[mend] this instead", interrupt: true })
  expect(only(await first.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "canceled" } }])
  expect(only(await second.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
})

test("a full lane says so, and when to come back", async () => {
  await using one = await ask(house, "[talk] one")
  await using two = await ask(house, "[talk] two")
  const tasks = [
    taskOf(await one.until(isType("turn.started"))),
    taskOf(await two.until(isType("turn.started"))),
  ]
  await using three = await ask(house, "[talk] three")
  expect(three.status).toBe(429)
  expect(three.headers.get("retry-after")).toMatch(/^\d+$/)
  for (const stream of [one, two]) stream.leave()
  for (const task of tasks) await untilTask(house, task, ({ endedAt }) => endedAt !== undefined)
})

test("a hand-off to the deep lane and back carries what is known", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  const handed = await house.call("POST", `/v1/tasks/${task}/turns`, {
    lane: "deep",
    prompt: "[deep] do it thoroughly",
    interrupt: true,
  })
  expect(handed, handed.text).toMatchObject({ status: 202 })
  expect(only(await stream.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "handed_off" } }])
  const deepDone = await untilTask(house, task, ({ status }) => status === "succeeded")
  expect(deepDone.turns.map(({ lane, status }) => `${lane} ${status}`)).toEqual([
    "fast handed_off",
    "deep succeeded",
  ])
  const handoffs = (await logOf(house, task)).filter(({ type }) => type === "handoff.created")
  expect(handoffs).toMatchObject([{ from: { lane: "fast" }, to: { lane: "deep" }, packet: { missing: [] } }])
  expect(prompts.some(prompt => prompt.includes("handed over from the fast lane"))).toBe(true)

  await using back = await followUp(house, task, { lane: "fast", prompt: "[talk] and now?" })
  await back.until(isType("message.delta"))
  expect(prompts.some(prompt => prompt.includes("handed over from the deep lane"))).toBe(true)
  back.leave()
  await untilTask(house, task, ({ status }) => status === "canceled")
  expect((await logOf(house, task)).filter(({ type }) => type === "handoff.created")).toHaveLength(2)
})

test("a running deep turn is taken over at once, and ends handed off", async () => {
  const body = { repo: "sums", lane: "deep", prompt: "[deep talk] think" }
  const { id } = (await house.call("POST", "/v1/tasks", body)).body as { id: string }
  await untilTask(house, id, ({ status }) => status === "running")
  await using taken = await followUp(house, id, { lane: "fast", prompt: "[mend] at once", interrupt: true })
  expect(only(await taken.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  expect((await getTask(house, id)).turns.map(({ lane, status }) => `${lane} ${status}`)).toEqual([
    "deep handed_off",
    "fast succeeded",
  ])
})

test("a rule that hands off gives the turn to the deep lane, with what was learnt", async () => {
  const policy = "guardrails:\n  fast: { newDependencies: hand_off }\n"
  await using repo = await makeLibrary({ "twolane.yaml": policy })
  await register(house, "strict", repo)
  await using stream = await ask(house, "[dependency] use a library", { repo: "strict" })
  const messages = await stream.rest()
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "handed_off" } }])
  expect(only(messages, "patch.applied")).toEqual([])
  const task = taskOf(messages)
  const ended = await untilTask(house, task, ({ endedAt }) => endedAt !== undefined)
  expect(ended.turns.map(({ lane, status }) => `${lane} ${status}`)).toEqual([
    "fast handed_off",
    "deep succeeded",
  ])
  const [handoff] = (await logOf(house, task)).filter(({ type }) => type === "handoff.created")
  expect(handoff).toMatchObject({ packet: { trips: [{ rule: "newDependencies" }] } })
})

test("auto goes fast or deep by its rules, and says which fired", async () => {
  await using fast = await ask(house, "[mend] mend src/sum.js", { lane: "auto" })
  const messages = await fast.rest()
  expect(only(messages, "turn.queued")).toMatchObject([
    { lane: "fast", reason: expect.stringMatching(/auto \(.*files-named/) },
  ])
  const prompt = "[deep] refactor the whole codebase, migrate every module and investigate all callers"
  const body = { repo: "sums", lane: "auto", prompt }
  const deepTask = await house.call("POST", "/v1/tasks", body, { "idempotency-key": "auto-deep" })
  expect(deepTask).toMatchObject({ status: 202, body: { lane: "deep" } })
  const again = await house.call("POST", "/v1/tasks", body, { "idempotency-key": "auto-deep" })
  expect(again.headers.get("idempotent-replay")).toBe("true")
  expect(again.body).toEqual(deepTask.body)
})
