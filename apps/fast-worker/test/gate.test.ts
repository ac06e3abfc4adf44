import {
  call,
  callsOf,
  getTask,
  type House,
  logOf,
  type PlayedHouse,
  type Scene,
  type Stream,
  say,
  startPlayedHouse,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, isType, only, taskOf, typesOf, workspaceOf } from "./lane.ts"

const dependency = sumPatch("a - b", "a + b").replace(
  "*** End Patch",
  `*** Update File: package.json
@@
-{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }
+{ "name": "sums", "type": "module", "scripts": { "test": "node --test" }, "dependencies": { "left-pad": "1.3.0" } }
*** End Patch`,
)
const asks: Scene = seen =>
  call(["apply_patch", callsOf(seen, "apply_patch") === 0 ? dependency : sumPatch("a - b", "b + a")])
const answer: Scene = () => say("It adds two numbers.")
const talks: Scene = seen =>
  callsOf(seen, "apply_patch") === 0
    ? call(["apply_patch", dependency])
    : { ...say("word ".repeat(4_000)), tokensPerSecond: 300 }

let played: PlayedHouse
let house: House

beforeAll(async () => {
  const workerEnv = { TWOLANE_FAST_CONCURRENCY: "1" }
  const files = { "twolane.yaml": "guardrails:\n  fast: { newDependencies: ask }\n" }
  played = await startPlayedHouse(
    { asks, answer, talks },
    { deepWorkers: 0, fastWorkers: 1, workerEnv, files },
  )
  house = played.house
})
afterAll(() => played[Symbol.asyncDispose]())

/** A turn that waits at the gate that its patch opened. */
const untilGate = async (stream: Stream) => {
  const messages = await stream.until(isType("gate.opened"))
  const [opened] = only(messages, "gate.opened")
  const task = taskOf(messages)
  const decide = (body: Record<string, unknown>) =>
    house.call("POST", `/v1/tasks/${task}/gates/${opened?.gate}`, body)
  return { messages, opened, task, decide }
}

/** Somebody else's turn on the only slot. */
const otherTurn = () =>
  house.call("POST", "/v1/tasks", { repo: "sums", lane: "fast", prompt: "[answer] what?" })

test("a patch that needs a person's leave waits at a gate without a slot, and goes on in the same stream and workspace", async () => {
  await using stream = await ask(house, "[asks] use a library")
  const { messages, opened, task, decide } = await untilGate(stream)
  expect(opened).toMatchObject({ kind: "dependency", detail: expect.stringContaining("left-pad") })
  expect(only(messages, "patch.applied")).toEqual([])
  expect((await getTask(house, task)).status).toBe("waiting")

  // The only slot is free for somebody else's turn.
  const other = await otherTurn()
  expect(other, other.text).toMatchObject({ status: 200, body: { status: "succeeded" } })

  const workspace = await workspaceOf(house, task)
  expect(await decide({ decision: "allow" })).toMatchObject({ status: 200 })
  const rest = await stream.rest()
  // The call is told while its workspace is still being made.
  const types = typesOf(rest)
  expect(types.indexOf("workspace.ready")).toBeLessThan(types.indexOf("patch.applied"))
  expect(types).toContain("workspace.ready")
  expect(types.filter(type => type !== "usage.reported" && type !== "workspace.ready")).toEqual([
    "gate.decided",
    "turn.queued",
    "turn.started",
    "tool.started",
    "patch.applied",
    "tool.ended",
    "tests.started",
    "tests.ended",
    "change.ready",
    "turn.ended",
  ])
  expect(only(rest, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  expect(await workspaceOf(house, task)).toBe(workspace)
  expect((await decide({ decision: "deny" })).status).toBe(409)
})

test("a note with the refusal reaches the model, which goes on without what was refused", async () => {
  await using stream = await ask(house, "[asks] use a library")
  const { decide } = await untilGate(stream)
  expect(await decide({ decision: "deny", note: "no left-pad in this house" })).toMatchObject({ status: 200 })
  const rest = await stream.rest()
  expect(only(rest, "patch.applied")).toMatchObject([{ files: [{ path: "src/sum.js" }] }])
  expect(only(rest, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  expect(played.heard.at(-1)).toContain("no left-pad in this house")
})

test("a refusal without a note ends the turn, and its stream", async () => {
  await using stream = await ask(house, "[asks] use a library")
  const { decide, task } = await untilGate(stream)
  expect(await decide({ decision: "deny" })).toMatchObject({ status: 200 })
  const rest = await stream.rest()
  expect(typesOf(rest)).toEqual(["gate.decided", "tool.ended", "turn.ended"])
  expect(only(rest, "turn.ended")).toMatchObject([
    { outcome: { status: "canceled", detail: "dependency denied" } },
  ])
  expect((await getTask(house, task)).review).toBe("none")
})

test("a caller that leaves at a gate leaves the question open, and whoever allows it lets the turn go on", async () => {
  await using stream = await ask(house, "[asks] use a library")
  const { decide, task } = await untilGate(stream)
  stream.leave()
  // The worker has seen its caller go once it has served another one.
  await otherTurn()
  expect(await getTask(house, task)).toMatchObject({ status: "waiting" })
  expect(await decide({ decision: "allow" })).toMatchObject({ status: 200 })
  const ended = await untilTask(house, task, ({ endedAt }) => endedAt !== undefined)
  expect(ended).toMatchObject({ status: "succeeded", change: { files: 2 } })
})

test("a caller that leaves after the gate interrupts the turn, as before it", async () => {
  await using stream = await ask(house, "[talks] use a library", { test: "none" })
  const { decide, task } = await untilGate(stream)
  expect(await decide({ decision: "deny", note: "talk about it" })).toMatchObject({ status: 200 })
  await stream.until(isType("message.delta"))
  stream.leave()
  const ended = await untilTask(house, task, ({ endedAt }) => endedAt !== undefined)
  expect(ended.turns[0]?.outcome).toMatchObject({ status: "canceled", detail: "the caller went away" })
})

test("a worker that is killed while its turn waits: the caller is told, and the turn goes on at another one", async () => {
  await using stream = await ask(house, "[asks] use a library")
  const { decide, task } = await untilGate(stream)
  const [worker] = house.fastWorkers
  worker?.kill("SIGKILL")
  const rest = await stream.rest()
  expect(rest.at(-1)).toMatchObject({ event: "problem", data: { code: "no-worker", retryable: true } })
  house.addFastWorker()
  expect(await decide({ decision: "allow" })).toMatchObject({ status: 200 })
  await untilTask(house, task, ({ status }) => status === "succeeded")
  const log = await logOf(house, task)
  expect(log.filter(({ type }) => type === "attempt.lost")).toEqual([])
  expect(log.filter(({ type }) => type === "patch.applied")).toHaveLength(1)
})
