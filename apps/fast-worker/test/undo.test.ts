import {
  call,
  callsOf,
  getTask,
  type House,
  logOf,
  makeLibrary,
  playing,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  sumPatch,
  type TempRepo,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, followUp, taskOf } from "./lane.ts"

const prompts: string[] = []
const patchOnce =
  (from: string, to: string): Scene =>
  (seen, request) => {
    prompts.push(JSON.stringify(request.items))
    return callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch(from, to)]) : say("Done.")
  }
const twice: Scene = seen =>
  [call(["apply_patch", sumPatch("a - b", "a * b")]), call(["apply_patch", sumPatch("a * b", "a + b")])][
    callsOf(seen, "apply_patch")
  ] ?? say("Done.")
const slow: Scene = () => ({ ...say("word ".repeat(400)), tokensPerSecond: 50 })

let stack: AsyncDisposableStack
let house: House
let library: TempRepo
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const scenes = {
    twice,
    one: patchOnce("a - b", "a * b"),
    slow,
    more: patchOnce("a + b", "b + a"),
    other: patchOnce("a * b", "b + a"),
    "go on": patchOnce("a * b", "a + b"),
  }
  const model = stack.use(await startModel({ script: playing(scenes) }))
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 1, fastWorkers: 1 }))
  library = stack.use(await makeLibrary())
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

const run = async (prompt: string): Promise<string> => {
  await using stream = await ask(house, prompt)
  return taskOf(await stream.rest())
}
/** Two turns, each of which leaves a commit. */
const runTwo = async (): Promise<string> => {
  await using first = await ask(house, "[one] sum adds wrongly", { test: "none" })
  const task = taskOf(await first.rest())
  await using second = await followUp(house, task, { prompt: "[go on] and now rightly", test: "none" })
  await second.rest()
  return task
}
const undo = (task: string, headers = {}) => house.call("POST", `/v1/tasks/${task}/undo`, {}, headers)
const diffOf = async (task: string) =>
  (await house.call("GET", `/v1/tasks/${task}/diff`, undefined, { accept: "text/x-diff" })).text

test("an undo goes back one checkpoint at a time, for the diff, the change and the review", async () => {
  const task = await run("[twice] sum adds wrongly")
  expect(await diffOf(task)).toContain("+export const sum = (a, b) => a + b\n")
  const once = await undo(task)
  expect(once).toMatchObject({
    status: 200,
    body: { review: "open", change: { files: 1, added: 1, removed: 1 }, status: "succeeded" },
  })
  expect(await diffOf(task)).toContain("+export const sum = (a, b) => a * b\n")
  const event = (await logOf(house, task)).at(-1)
  expect(event).toMatchObject({
    type: "checkpoint.undone",
    by: { name: "admin" },
    files: [{ path: "src/sum.js", change: "modified", added: 1, removed: 1 }],
    whole: { files: 1, added: 1, removed: 1 },
  })
  expect(await undo(task)).toMatchObject({ status: 200, body: { review: "none", change: { files: 0 } } })
  expect(await diffOf(task)).toBe("")
  expect(await house.call("POST", `/v1/tasks/${task}/accept`, {})).toMatchObject({
    status: 409,
    body: { code: "nothing-to-accept" },
  })
  expect(await undo(task)).toMatchObject({ status: 409, body: { code: "nothing-to-undo" } })
})

test("the next turn begins where the undo left the files, and its model is told", async () => {
  const task = await runTwo()
  await undo(task)
  prompts.length = 0
  await using stream = await followUp(house, task, { prompt: "[other] the other way round", test: "none" })
  const messages = await stream.rest()
  expect(messages.at(-1)?.data).toMatchObject({ type: "turn.ended", outcome: { status: "succeeded" } })
  expect(prompts[0]).toContain("took back its last change")
  expect(await diffOf(task)).toContain(
    "-export const sum = (a, b) => a - b\n+export const sum = (a, b) => b + a\n",
  )
})

test("what is accepted after an undo is what it left, on a branch without what was undone", async () => {
  const task = await runTwo()
  await using stream = await followUp(house, task, { prompt: "[more] the other way round", test: "none" })
  await stream.rest()
  await undo(task)
  const accepted = await house.call("POST", `/v1/tasks/${task}/accept`, {})
  expect(accepted).toMatchObject({ status: 200, body: { review: "accepted" } })
  expect(await diffOf(task)).toContain("+export const sum = (a, b) => a + b\n")
  const branch = `twolane/${task}`
  expect((await library.git("rev-list", "--count", `main..${branch}`)).trim()).toBe("2")
  expect(await library.git("show", `${branch}:src/sum.js`)).toBe("export const sum = (a, b) => a + b")
  expect(await undo(task)).toMatchObject({ status: 409, body: { code: "task-accepted" } })
})

test("a repeated undo undoes once; one while a turn runs is refused", async () => {
  const task = await runTwo()
  const key = { "idempotency-key": "undo-once" }
  const first = await undo(task, key)
  const second = await undo(task, key)
  expect([second.status, second.body]).toEqual([200, first.body])
  expect((await logOf(house, task)).filter(({ type }) => type === "checkpoint.undone")).toHaveLength(1)
  await using stream = await followUp(house, task, { prompt: "[slow] explain" })
  await stream.until(({ data }) => "type" in data && data.type === "turn.started")
  expect(await undo(task)).toMatchObject({ status: 409, body: { code: "turn-running" } })
  stream.leave()
})

test("a fast turn goes on from a person's unfinished change, and an undo takes back the turn's alone", async () => {
  const changes =
    "--- a/src/sum.js\n+++ b/src/sum.js\n@@ -1 +1 @@\n-export const sum = (a, b) => a - b\n+export const sum = (a, b) => a * b\n"
  await using stream = await ask(house, "[go on] finish it", { changes, test: "none" })
  const messages = await stream.rest()
  expect(messages.at(-1)?.data).toMatchObject({ type: "turn.ended", outcome: { status: "succeeded" } })
  const task = taskOf(messages)
  expect((await logOf(house, task)).slice(0, 4).map(({ type }) => type)).toEqual([
    "task.created",
    "turn.queued",
    "checkpoint.saved",
    "turn.started",
  ])
  expect(await diffOf(task)).toContain(
    "-export const sum = (a, b) => a - b\n+export const sum = (a, b) => a + b\n",
  )
  const own = await house.call("GET", `/v1/tasks/${task}/diff?from=turn`, undefined, {
    accept: "text/x-diff",
  })
  expect(own.text).toContain("-export const sum = (a, b) => a * b\n+export const sum = (a, b) => a + b\n")
  await undo(task)
  expect(await diffOf(task)).toContain("+export const sum = (a, b) => a * b\n")
  expect((await getTask(house, task)).turns).toHaveLength(1)
  const bad = await house.call("POST", "/v1/tasks", {
    repo: "sums",
    lane: "fast",
    prompt: "x",
    changes: "nonsense",
  })
  expect(bad).toMatchObject({ status: 422, body: { code: "changes-not-applicable" } })
})
