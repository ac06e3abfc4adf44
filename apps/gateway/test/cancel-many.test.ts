import { newId, type Task } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const cancel = (tasks: unknown, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  gateway.call("POST", "/v1/tasks/cancel", { tasks, ...more }, headers)
const taskOf = async (id: string): Promise<Task> =>
  (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task

test("five hundred at once are canceled; asked again with the same key, the answer is the first one", async () => {
  const made = await gateway.call("POST", "/v1/tasks/batch", {
    tasks: Array.from({ length: 500 }, () => ({ repo: "shop", prompt: "x" })),
  })
  const ids = (made.body as { items: Task[] }).items.map(({ id }) => id)
  const first = await cancel(ids, {}, { "idempotency-key": "all-of-them" })
  expect(first.body).toEqual({ items: ids.map(id => ({ id, status: "canceled" })) })
  const again = await cancel(ids, {}, { "idempotency-key": "all-of-them" })
  expect([again.headers.get("idempotent-replay"), again.body]).toEqual(["true", first.body])
})

test("each of many tasks is canceled, or says what it alone has; what waits never starts, what runs is ended by its worker", async () => {
  await gateway.work(untilStopped, 1)
  const running = await gateway.submit()
  await expect.poll(async () => (await taskOf(running.id)).status).toBe("running")
  const [queued, ended] = [await gateway.submit(), await gateway.submit()]
  await gateway.call("POST", `/v1/tasks/${ended.id}/cancel`)
  const answer = await cancel([running.id, newId("task"), queued.id, ended.id], { reason: "a bad release" })
  expect(answer).toMatchObject({
    status: 200,
    body: {
      items: [
        { id: running.id, status: "canceling" },
        { status: 404, code: "not-found" },
        { id: queued.id, status: "canceled" },
        { status: 409, code: "task-ended" },
      ],
    },
  })
  await expect.poll(async () => (await taskOf(running.id)).status).toBe("canceled")
  const stopped = await taskOf(queued.id)
  expect([stopped.status, stopped.turns[0]?.attempts]).toEqual(["canceled", 0])
  const log = await gateway.call("GET", `/v1/tasks/${queued.id}/events`)
  expect(JSON.stringify(log.body)).toContain("a bad release")
})

test.each([
  ["none", [], /at least|>=1/i],
  ["too many", Array.from({ length: 501 }, () => newId("task")), /at most|<=500/i],
  ["what is no id", ["shop"], /tasks/],
])("%s is refused, and says where", async (_what, tasks, says) => {
  const answer = await cancel(tasks)
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringMatching(says)])
})
