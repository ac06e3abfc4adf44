import type { Task } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Answer, type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const submit = (key: string, more: Record<string, unknown> = {}): Promise<Answer> =>
  gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "mend sum", ...more }, { "idempotency-key": key })
const idOf = (answer: Answer) => (answer.body as Task).id
const replayed = (answer: Answer) => answer.headers.get("idempotent-replay")

test("a hundred requests with one key at once are one task", async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => submit("hundred", { labels: ["hundred"] })),
  )
  expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([202]))
  expect(new Set(answers.map(idOf)).size).toBe(1)
  expect(answers.filter(answer => replayed(answer) === null)).toHaveLength(1)
  const listed = await gateway.call("GET", "/v1/tasks?label=hundred")
  expect((listed.body as { items: Task[] }).items).toHaveLength(1)
})

test("a replay gives the first answer, whatever became of the task", async () => {
  const first = await submit("replay")
  await gateway.call("POST", `/v1/tasks/${idOf(first)}/cancel`)
  const second = await submit("replay")
  expect([second.status, second.body, replayed(second)]).toEqual([202, first.body, "true"])
  expect(second.headers.get("location")).toBe(first.headers.get("location"))
})

test("one key with another body or route is a conflict", async () => {
  const first = await submit("conflict")
  for (const answer of [
    await submit("conflict", { prompt: "something else" }),
    await gateway.call("POST", `/v1/tasks/${idOf(first)}/cancel`, {}, { "idempotency-key": "conflict" }),
  ])
    expect([answer.status, answer.body]).toMatchObject([409, { code: "idempotency-conflict" }])
  const task = await gateway.call("GET", `/v1/tasks/${idOf(first)}`)
  expect(task.body).toMatchObject({ status: "queued" })
})

test("a refused request leaves its key free", async () => {
  expect((await submit("free", { base: "nowhere" })).status).toBe(422)
  expect((await submit("free")).status).toBe(202)
})

test("a request that died after its key was taken is done by whoever repeats it, with the id that it chose", async () => {
  const chosen = idOf(await submit("donor")).replace(/.$/, letter => (letter === "0" ? "1" : "0"))
  const body = { repo: "shop", prompt: "mend sum" }
  const { actor } = {
    actor: (await gateway.call("GET", `/v1/tasks/${idOf(await submit("donor"))}`)).body as Task,
  }
  const { hashOf } = await import("../src/http/idempotency.ts")
  const parsed = { ...body, lane: "auto", priority: "normal", labels: [] }
  const hash = hashOf("POST", "/v1/tasks", parsed)
  expect(await gateway.store.reserve(`default/${actor.by.key}`, "died", hash, chosen)).toEqual({
    state: "new",
  })
  const answer = await submit("died")
  expect([answer.status, idOf(answer), replayed(answer)]).toEqual([202, chosen, "true"])
})

test("a turn, a cancel and a note with a key act once", async () => {
  let claimed = () => {}
  const working = new Promise<void>(resolve => {
    claimed = resolve
  })
  await using _worker = await gateway.work(async attempt => {
    if (attempt.task !== id) return
    claimed()
    await untilStopped(attempt)
  }, 300)
  const { id, turn } = await gateway.submit()
  await working
  const post = (path: string, body: unknown, key: string) =>
    gateway.call("POST", `/v1/tasks/${id}/${path}`, body, { "idempotency-key": key })
  const steers = await Promise.all(
    Array.from({ length: 5 }, () => post("steer", { turn, prompt: "use b" }, "s")),
  )
  expect(new Set(steers.map(answer => answer.text)).size).toBe(1)
  const turns = await Promise.all(Array.from({ length: 5 }, () => post("turns", { prompt: "more" }, "t")))
  expect(new Set(turns.map(answer => (answer.body as Task).turns.length))).toEqual(new Set([2]))
  const cancels = await Promise.all(Array.from({ length: 5 }, () => post("cancel", {}, "c")))
  expect(new Set(cancels.map(answer => answer.status))).toEqual(new Set([202]))
  const types = await gateway.types(id)
  const count = (type: string) => types.filter(other => other === type).length
  expect([count("steer.accepted"), count("turn.queued"), count("cancel.requested")]).toEqual([1, 2, 1])
})
