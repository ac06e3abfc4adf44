import { execFileSync } from "node:child_process"
import type { Task, TaskEvent } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const changes = `diff --git a/sum.js b/sum.js
--- a/sum.js
+++ b/sum.js
@@ -1 +1 @@
-export const sum = (a, b) => a - b
+export const sum = (a, b) => a * b
`
const stale = changes.replace("a - b", "a / b")
const post = (more: Record<string, unknown>, headers = {}) =>
  gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "finish it", changes, ...more }, headers)
const eventsOf = async (task: string) =>
  ((await gateway.call("GET", `/v1/tasks/${task}/events?limit=200`)).body as { items: TaskEvent[] }).items
const waiting = async () =>
  ((await gateway.call("GET", "/v1/tasks?limit=200")).body as { items: Task[] }).items.length

test("a task begins with its caller's change: one write, a checkpoint before any attempt, a diff at once", async () => {
  const answer = await post({ base: await gateway.source.sha() })
  expect(answer, answer.text).toMatchObject({ status: 202 })
  const task = answer.body as Task
  const events = await eventsOf(task.id)
  expect(events.map(({ id, type }) => `${id} ${type}`)).toEqual([
    "0-1 task.created",
    "0-2 turn.queued",
    "0-3 checkpoint.saved",
  ])
  expect(events[2]).toMatchObject({
    turn: task.turns[0]?.id,
    attempt: 0,
    checkpoint: expect.stringMatching(/^[0-9a-f]{40}$/),
    files: [{ path: "sum.js", change: "modified", added: 1, removed: 1 }],
  })
  const diff = await gateway.call("GET", `/v1/tasks/${task.id}/diff?from=base`, undefined, {
    accept: "text/x-diff",
  })
  expect(diff.text).toContain("+export const sum = (a, b) => a * b\n")
  const saved = await gateway.store.pack({ team: "default", task: task.id })
  expect(saved?.checkpoint).toBe(events[2]?.type === "checkpoint.saved" ? events[2].checkpoint : null)
})

test("a change that does not apply is refused by the file's name, and no task is made", async () => {
  const before = await waiting()
  const answer = await post({ changes: stale })
  expect([answer.status, answer.body]).toMatchObject([
    422,
    {
      code: "changes-not-applicable",
      detail: expect.stringContaining("sum.js: patch does not apply"),
      paths: ["sum.js"],
      errors: [{ path: "changes", message: expect.stringContaining("sum.js") }],
      retryable: false,
    },
  ])
  expect(await waiting()).toBe(before)
})

test("a change that adds what looks like a secret is refused before anything is stored, and not repeated", async () => {
  const before = await waiting()
  const secret = `ghp_${"1a2B".repeat(9)}`
  const answer = await post({ changes: changes.replace("a * b", `"${secret}"`) })
  expect([answer.status, answer.body]).toMatchObject([
    422,
    { code: "guardrail-denied", errors: [{ path: "changes", message: expect.stringContaining("a secret") }] },
  ])
  expect(answer.text).not.toContain(secret)
  expect(await waiting()).toBe(before)
  // What it takes away is no doing of it; this one only does not apply.
  const taking = await post({ changes: changes.replace("a - b", `"${secret}"`) })
  expect(taking.body).toMatchObject({ code: "changes-not-applicable" })
})

test("a change is too large by a field's or by the body's limit, and says which", async () => {
  const field = await post({ changes: "x".repeat(900_001) })
  expect([field.status, field.body]).toMatchObject([422, { code: "invalid", errors: [{ path: "changes" }] }])
  // As large as it may be, and hard to write in JSON.
  const most = await post({ changes: "\n".repeat(900_000) })
  expect([most.status, most.body]).toMatchObject([422, { code: "changes-not-applicable" }])
  const body = await post({ changes: "x".repeat(5_000_000) })
  expect([body.status, body.body]).toMatchObject([413, { code: "body-too-large" }])
})

test("each item of a batch begins with its own change, or says alone why not", async () => {
  const item = { repo: "shop", prompt: "finish it" }
  const many = Array.from({ length: 12 }, () => ({ ...item, changes }))
  const answer = await gateway.call("POST", "/v1/tasks/batch", {
    tasks: [{ ...item, changes: stale }, ...many, item],
  })
  const { items } = answer.body as { items: (Task & { code?: string })[] }
  expect(items[0]).toMatchObject({
    code: "changes-not-applicable",
    detail: expect.stringContaining("sum.js: patch does not apply"),
  })
  const types = await Promise.all(items.slice(1).map(async ({ id }) => (await eventsOf(id)).at(-1)?.type))
  expect(types).toEqual([...many.map(() => "checkpoint.saved"), "turn.queued"])
})

test("one key at once is one task with one checkpoint", async () => {
  const key = { "idempotency-key": "with-changes" }
  const answers = await Promise.all(Array.from({ length: 20 }, () => post({}, key)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  const ids = new Set(answers.map(({ body }) => (body as Task).id))
  expect(ids.size).toBe(1)
  const [id = ""] = ids
  const saved = (await eventsOf(id)).filter(({ type }) => type === "checkpoint.saved")
  expect(saved).toHaveLength(1)
  const mirror = `${gateway.dataDir}/mirrors/default/shop.git`
  const ref = execFileSync("git", ["--git-dir", mirror, "rev-parse", `refs/twolane/${id}/0/1`])
  expect(saved).toMatchObject([{ checkpoint: ref.toString().trim() }])
  const refused = { "idempotency-key": "free-again" }
  expect((await post({ changes: stale }, refused)).status).toBe(422)
  expect((await post({}, refused)).status).toBe(202)
})
