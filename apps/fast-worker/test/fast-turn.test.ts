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
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, followUp, isType, only, taskOf, typesOf, workspaceOf } from "./lane.ts"

const mend: Scene = () => call(["apply_patch", sumPatch("a - b", "a + b")])
const mendTwice: Scene = seen =>
  callsOf(seen, "apply_patch") === 0
    ? call(["apply_patch", sumPatch("a - b", "a * b")])
    : call(["apply_patch", sumPatch("a * b", "a + b")])
const again: Scene = () => call(["apply_patch", sumPatch("a + b", "b + a")])
const answer: Scene = () => say("It adds two numbers.")
const stray: Scene = seen =>
  callsOf(seen, "apply_patch") === 0 && seen.length === 0
    ? {
        ...call([
          "apply_patch",
          `*** Begin Patch\n*** Update File: package.json\n@@\n-{ "name": "sums"\n+{ "name": "x"\n${" pad\n".repeat(400)}*** End Patch`,
        ]),
        tokensPerSecond: 400,
      }
    : call(["apply_patch", sumPatch("a - b", "a + b")])

let stack: AsyncDisposableStack
let house: House
let model: ModelServer

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  model = stack.use(
    await startModel({
      script: playing({ mend, "mend twice": mendTwice, again, answer, stray }),
    }),
  )
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))
})
afterAll(() => stack.disposeAsync())

test("a fast turn streams as it happens: text, the patch, its tests, green, the end", async () => {
  await using stream = await ask(house, "[mend] sum adds wrongly")
  expect(stream.status).toBe(200)
  expect(stream.headers.get("content-type")).toMatch(/^text\/event-stream/)
  const messages = await stream.rest()
  expect(typesOf(messages).filter(type => type !== "usage.reported" && type !== "workspace.ready")).toEqual([
    "task.created",
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
  const task = taskOf(messages)
  expect(messages.filter(({ id }) => id !== undefined).map(({ data }) => data)).toEqual(
    await logOf(house, task),
  )
  expect(await getTask(house, task)).toMatchObject({
    lane: "fast",
    status: "succeeded",
    change: { files: 1, added: 1, removed: 1 },
    tests: { status: "passed" },
    turns: [{ attempts: 1 }],
  })
})

test("without an event stream asked for, the answer is the task when its turn has ended", async () => {
  const body = { repo: "sums", lane: "fast", prompt: "[answer] what does sum do?" }
  const answered = await house.call("POST", "/v1/tasks", body)
  expect(answered, answered.text).toMatchObject({
    status: 200,
    body: { lane: "fast", status: "succeeded", review: "none" },
  })
})

test("red tests go back to the model, and its second patch is green", async () => {
  await using stream = await ask(house, "[mend twice] sum adds wrongly")
  const messages = await stream.rest()
  expect(only(messages, "tests.ended").map(({ status }) => status)).toEqual(["failed", "passed"])
  expect(only(messages, "patch.applied")).toHaveLength(2)
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
})

test("a patch that leaves the scope is stopped while it is written, and the next one is applied", async () => {
  await using stream = await ask(house, "[stray] sum adds wrongly", { scope: ["src/**"] })
  const messages = await stream.rest()
  expect(only(messages, "guardrail.tripped")[0]).toMatchObject({ stage: "stream", path: "package.json" })
  expect(only(messages, "patch.applied")).toMatchObject([{ files: [{ path: "src/sum.js" }] }])
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
})

test("its caller's own change outside of the scope is not held against the model, and is part of the whole", async () => {
  const changes = `diff --git a/notes.txt b/notes.txt
new file mode 100644
--- /dev/null
+++ b/notes.txt
@@ -0,0 +1 @@
+half done
`
  const more = { changes, scope: ["src/**"], guardrails: { maxFiles: 1 } }
  await using stream = await ask(house, "[mend] sum adds wrongly", more)
  const messages = await stream.rest()
  expect(only(messages, "guardrail.tripped")).toEqual([])
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  expect(await getTask(house, taskOf(messages))).toMatchObject({ change: { files: 2 }, review: "open" })
})

test("a follow-up goes on in the same workspace", async () => {
  await using first = await ask(house, "[mend] sum adds wrongly")
  const before = await first.rest()
  const task = taskOf(before)
  const workspace = await workspaceOf(house, task)
  await using second = await followUp(house, task, { prompt: "[again] the other way round" })
  const messages = await second.rest()
  expect(typesOf(messages)[0]).toBe("turn.queued")
  expect(await workspaceOf(house, task)).toBe(workspace)
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  const shown = await getTask(house, task)
  expect(shown.turns.map(({ lane, status }) => `${lane} ${status}`)).toEqual([
    "fast succeeded",
    "fast succeeded",
  ])
  const diff = await house.call("GET", `/v1/tasks/${task}/diff`, undefined, { accept: "text/x-diff" })
  expect(diff.text).toContain("+export const sum = (a, b) => b + a\n")
})

test("a follow-up that is asked for as soon as the turn before tells its end finds the workspace", async () => {
  await using first = await ask(house, "[answer] what does sum do?")
  const task = taskOf(await first.until(isType("turn.ended")))
  const workspace = await workspaceOf(house, task)
  for (let count = 0; count < 6; count += 1) {
    await using next = await followUp(house, task, { prompt: "[answer] and again?" })
    expect(only(await next.until(isType("turn.ended")), "turn.ended")).toMatchObject([
      { outcome: { status: "succeeded" } },
    ])
    expect(await workspaceOf(house, task)).toBe(workspace)
  }
})

test("after a turn the model reads what the next one begins with; the follow-up sends its request alone", async () => {
  await using first = await ask(house, "[mend] sum adds wrongly, once more")
  const task = taskOf(await first.rest())
  const asked = model.requests.find(({ body }) => JSON.stringify(body).includes("once more"))
  const onItsSocket = () => model.requests.filter(({ connection }) => connection === asked?.connection)
  await expect.poll(() => onItsSocket().length).toBe(2)
  const ahead = onItsSocket()[1]
  expect(ahead?.body).toMatchObject({
    generate: false,
    input: [{ type: "custom_tool_call_output" }, { type: "message", role: "user" }],
  })
  expect(await ahead?.ended).toBe("answered")
  await using second = await followUp(house, task, { prompt: "[again] the other way round" })
  await second.rest()
  expect(onItsSocket()[2]?.body).toMatchObject({
    previous_response_id: expect.any(String),
    input: [{ type: "message", role: "user" }],
  })
})

test("a request repeated with its key gets the same turn's events from their start", async () => {
  const headers = { "idempotency-key": "fast-once" }
  const body = { repo: "sums", lane: "fast", prompt: "[answer] what does sum do?" }
  await using first = await openStream(house, "/v1/tasks", body, headers)
  const messages = await first.rest()
  await using second = await openStream(house, "/v1/tasks", body, headers)
  expect(second.headers.get("idempotent-replay")).toBe("true")
  const withIds = (all: typeof messages) => all.filter(({ id }) => id !== undefined)
  expect(withIds(await second.rest())).toEqual(withIds(messages))
  const other = await house.call("POST", "/v1/tasks", { ...body, prompt: "[mend] other" }, headers)
  expect(other).toMatchObject({ status: 409, body: { code: "idempotency-conflict" } })
})

test("a refused request had no effect, and its key is free again", async () => {
  const headers = { "idempotency-key": "fast-refused" }
  const body = { repo: "sums", lane: "fast", prompt: "[answer] what?", plan: "approve" }
  expect(await house.call("POST", "/v1/tasks", body, headers)).toMatchObject({
    status: 422,
    body: { code: "not-in-fast-lane", errors: [{ path: "plan" }] },
  })
  expect(await house.call("POST", "/v1/tasks", { ...body, plan: "none" }, headers)).toMatchObject({
    status: 200,
  })
})

test("a lane that is paused takes no follow-up either, and nothing of it stays", async () => {
  await using first = await ask(house, "[answer] what does it do?")
  const task = taskOf(await first.rest())
  const before = await logOf(house, task)
  await house.call("POST", "/v1/queue/pause", { lane: "fast" })
  const refused = await house.call("POST", `/v1/tasks/${task}/turns`, { prompt: "[answer] and now?" })
  await house.call("POST", "/v1/queue/resume", { lane: "fast" })
  expect([refused.status, refused.body]).toMatchObject([503, { code: "no-worker" }])
  expect(await logOf(house, task)).toEqual(before)
})

test("the lane shows its worker and its slots, and nobody sees its socket", async () => {
  const workers = await house.call("GET", "/v1/workers")
  expect(workers.body).toMatchObject({ items: [{ lane: "fast", capacity: 8 }] })
  expect(workers.text).not.toMatch(/\.sock/)
  expect(await house.call("GET", "/v1/queue")).toMatchObject({
    body: { lanes: { fast: { slots: 8, waiting: 0 } } },
  })
})

test("live text comes as it is said, without an id", async () => {
  await using stream = await ask(house, "[answer] what does sum do?")
  const messages = await stream.until(isType("message.delta"))
  expect(messages.at(-1)).not.toHaveProperty("id")
  const rest = await stream.rest()
  expect(only(rest, "message.done")).toMatchObject([{ text: "It adds two numbers." }])
})
