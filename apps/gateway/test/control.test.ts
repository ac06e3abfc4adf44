import type { Task, TaskState } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"

let gateway: OpenGateway
const started = new Map<string, (attempt: Attempt) => void>()
const atWork = (task: string): Promise<Attempt> => new Promise(resolve => started.set(task, resolve))
beforeAll(async () => {
  gateway = await openGateway()
  await gateway.work(async attempt => {
    started.get(attempt.task)?.(attempt)
    await untilStopped(attempt)
  }, 50)
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** A task whose turn a worker has in its hands. */
const running = async (): Promise<{ id: string; turn: string; attempt: Attempt }> => {
  await gateway.call("POST", "/v1/queue/pause")
  const { id, turn } = await gateway.submit()
  const working = atWork(id)
  await gateway.call("POST", "/v1/queue/resume")
  return { id, turn, attempt: await working }
}

/** A task that waits, because the queue is paused. */
const waiting = async (): Promise<{ id: string; turn: string }> => {
  await gateway.call("POST", "/v1/queue/pause")
  return gateway.submit()
}

const quiet = async (task: string): Promise<TaskState> => {
  const stop = new AbortController()
  for await (const event of gateway.store.follow({ team: "default", task }, "0-0", stop.signal))
    if (event.type === "turn.ended") break
  const state = await gateway.store.read({ team: "default", task })
  if (state === null) throw new Error("the task is gone")
  return state
}

test("a waiting task is canceled at once, and a second cancel finds it ended", async () => {
  const { id } = await waiting()
  const { status, body } = await gateway.call("POST", `/v1/tasks/${id}/cancel`, { reason: "wrong repo" })
  expect(status).toBe(202)
  expect(body).toMatchObject({
    status: "canceled",
    turns: [{ outcome: { status: "canceled", by: { name: "admin" } } }],
  })
  expect(await gateway.types(id)).toEqual([
    "task.created",
    "turn.queued",
    "cancel.requested",
    "cancel.confirmed",
    "turn.ended",
  ])
  const again = await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  expect([again.status, again.body]).toMatchObject([409, { code: "task-ended" }])
})

test("a hundred cancels of a running task at once are one event, and its worker ends it", async () => {
  const { id } = await running()
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => gateway.call("POST", `/v1/tasks/${id}/cancel`)),
  )
  const codes = new Set(answers.map(answer => answer.status))
  expect([...codes].filter(code => code !== 202 && code !== 409)).toEqual([])
  const state = await quiet(id)
  expect(state.turns[0]?.outcome).toMatchObject({ status: "canceled", by: { name: "admin" } })
  expect((await gateway.types(id)).filter(type => type === "cancel.requested")).toEqual(["cancel.requested"])
})

test("interrupt ends the running turn, and the one behind it goes on", async () => {
  const { id, turn } = await running()
  const added = await gateway.call("POST", `/v1/tasks/${id}/turns`, { prompt: "and then this" })
  expect(added.status).toBe(202)
  const [, behind] = (added.body as Task).turns
  const next = atWork(id)
  const interrupted = await gateway.call("POST", `/v1/tasks/${id}/interrupt`)
  expect([interrupted.status, (interrupted.body as Task).turns[0]?.status]).toEqual([202, "canceling"])
  expect((await next).turn).toBe(behind?.id)
  const state = await gateway.store.read({ team: "default", task: id })
  expect(state?.turns.map(({ id, status }) => [id, status])).toEqual([
    [turn, "canceled"],
    [behind?.id, "running"],
  ])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
})

test("interrupt and steer need a running turn", async () => {
  const { id, turn } = await waiting()
  const interrupted = await gateway.call("POST", `/v1/tasks/${id}/interrupt`)
  expect([interrupted.status, interrupted.body]).toMatchObject([409, { code: "turn-not-running" }])
  const steered = await gateway.call("POST", `/v1/tasks/${id}/steer`, { prompt: "use b", turn })
  expect([steered.status, steered.body]).toMatchObject([409, { code: "turn-not-running" }])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
})

test("a note reaches the worker that runs the turn", async () => {
  const { id, turn, attempt } = await running()
  const changed = attempt.changed(new AbortController().signal)
  const { status, body } = await gateway.call("POST", `/v1/tasks/${id}/steer`, { prompt: "use b", turn })
  expect([status, body]).toEqual([202, { steer: expect.stringMatching(/^steer_/) }])
  await changed
  expect(attempt.state().steers).toMatchObject([{ prompt: "use b", turn }])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  const state = await quiet(id)
  expect(state.steers).toEqual([])
  expect(await gateway.types(id)).toContain("steer.rejected")
})

test("ten turns wait behind an open one, and an eleventh does not", async () => {
  const { id } = await waiting()
  const add = () => gateway.call("POST", `/v1/tasks/${id}/turns`, { prompt: "more" })
  for (let count = 0; count < 9; count += 1) expect((await add()).status).toBe(202)
  const last = await add()
  expect([last.status, last.body]).toMatchObject([409, { code: "too-many-turns" }])
  const canceled = await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  expect(new Set((canceled.body as Task).turns.map(turn => turn.status))).toEqual(new Set(["canceled"]))
})

test("a canceled task takes a retry and further turns until it is discarded", async () => {
  const { id } = await waiting()
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  const retried = await gateway.call("POST", `/v1/tasks/${id}/retry`, { from: "base" })
  expect([retried.status, retried.body]).toMatchObject([
    202,
    { status: "queued", turns: [{}, { prompt: "mend sum" }] },
  ])
  const open = await gateway.call("POST", `/v1/tasks/${id}/discard`)
  expect([open.status, open.body]).toMatchObject([409, { code: "task-open" }])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  const discarded = await gateway.call("POST", `/v1/tasks/${id}/discard`)
  expect([discarded.status, discarded.body]).toMatchObject([200, { review: "discarded" }])
  for (const path of ["retry", "turns", "accept"]) {
    const refused = await gateway.call(
      "POST",
      `/v1/tasks/${id}/${path}`,
      path === "turns" ? { prompt: "x" } : {},
    )
    expect([refused.status, refused.body]).toMatchObject([409, { code: "task-discarded" }])
  }
})
