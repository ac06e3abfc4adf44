import type { Task } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const noUsage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: null, steps: 0 }

test("a task goes in and is answered whole, with its address", async () => {
  const prompt = "  \nMend the sum\nof two numbers"
  const { status, headers, body } = await gateway.call("POST", "/v1/tasks", {
    repo: "shop",
    prompt,
    labels: ["bug"],
  })
  const task = body as Task
  expect(status).toBe(202)
  expect(headers.get("location")).toBe(`/v1/tasks/${task.id}`)
  expect(task).toEqual({
    id: expect.stringMatching(/^task_[0-9a-z]{26}$/),
    team: "default",
    repo: "shop",
    lane: "deep",
    status: "queued",
    title: "Mend the sum",
    prompt,
    by: { key: expect.stringMatching(/^key_/), name: "admin" },
    origin: "api",
    labels: ["bug"],
    priority: "normal",
    base: await gateway.source.sha(),
    branch: `twolane/${task.id}`,
    createdAt: expect.any(Number),
    turns: [
      {
        id: expect.stringMatching(/^turn_[0-9a-z]{26}$/),
        lane: "deep",
        status: "queued",
        prompt,
        attempts: 0,
        queuedAt: expect.any(Number),
        usage: noUsage,
      },
    ],
    gates: [],
    review: "none",
    usage: noUsage,
    lastEventId: "0-2",
  })
  const shown = await gateway.call("GET", `/v1/tasks/${task.id}`)
  const place = (shown.body as Task).queue
  expect(shown.body).toEqual({ ...task, behind: 0, queue: place })
  expect(place).toMatchObject({ position: expect.any(Number), reason: expect.any(String) })
})

test("auto means deep while no fast worker is there, and says so; fast has no worker", async () => {
  const { id } = await gateway.submit({ lane: "auto" })
  const { body } = await gateway.call("GET", `/v1/tasks/${id}/events`)
  expect(body).toMatchObject({
    items: [
      { id: "0-1", type: "task.created" },
      {
        id: "0-2",
        type: "turn.queued",
        lane: "deep",
        reason: "waits for a deep worker: auto, and no fast worker is there",
      },
    ],
    nextCursor: "0-2",
  })
  const fast = await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "x", lane: "fast" })
  expect([fast.status, fast.body]).toMatchObject([503, { code: "no-worker" }])
})

test("the log is read page by page, to an empty one", async () => {
  const { id } = await gateway.submit()
  const first = await gateway.call("GET", `/v1/tasks/${id}/events?limit=1`)
  expect(first.body).toMatchObject({ items: [{ id: "0-1" }], nextCursor: "0-1" })
  const second = await gateway.call("GET", `/v1/tasks/${id}/events?cursor=0-1`)
  expect(second.body).toMatchObject({ items: [{ id: "0-2" }], nextCursor: "0-2" })
  const end = await gateway.call("GET", `/v1/tasks/${id}/events?after=0-2`, undefined, { accept: "*/*" })
  expect(end.body).toEqual({ items: [], nextCursor: null })
})

test("tasks are listed newest first, by filter and page", async () => {
  const ids = []
  for (const label of ["red", "blue", "red"])
    ids.push((await gateway.submit({ labels: [label, "listed"], prompt: `paint it ${label}` })).id)
  const idsOf = ({ body }: { body: unknown }) => (body as { items: Task[] }).items.map(task => task.id)
  const listed = await gateway.call("GET", "/v1/tasks?label=listed")
  expect(idsOf(listed)).toEqual(ids.toReversed())
  expect(idsOf(await gateway.call("GET", "/v1/tasks?label=red"))).toEqual([ids[2], ids[0]])
  expect(
    idsOf(await gateway.call("GET", "/v1/tasks?q=paint+it+blue&status=queued&lane=deep&repo=shop")),
  ).toEqual([ids[1]])
  const page = await gateway.call("GET", "/v1/tasks?label=listed&limit=2")
  const { nextCursor } = page.body as { nextCursor: string }
  const rest = await gateway.call("GET", `/v1/tasks?label=listed&limit=2&cursor=${nextCursor}`)
  expect([...idsOf(page), ...idsOf(rest)]).toEqual(ids.toReversed())
})

test("a batch takes each item for itself, in order", async () => {
  const { status, body } = await gateway.call("POST", "/v1/tasks/batch", {
    tasks: [
      { repo: "shop", prompt: "one" },
      { repo: "nowhere", prompt: "two" },
      { repo: "shop", prompt: "three", color: "red" },
      { repo: "shop", prompt: "four", lane: "fast" },
      { repo: "shop", prompt: "five", idempotencyKey: "five" },
    ],
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    items: [
      { title: "one", status: "queued" },
      { code: "not-found", detail: "There is no such repo.", status: 404 },
      { code: "invalid", errors: [{ path: "color", message: "unknown field" }] },
      { code: "invalid", errors: [{ path: "lane", message: "a batch takes deep tasks" }] },
      { title: "five", status: "queued" },
    ],
  })
  const again = await gateway.call("POST", "/v1/tasks/batch", {
    tasks: [{ repo: "shop", prompt: "five", idempotencyKey: "five" }],
  })
  const idOf = (answer: unknown, index: number) => (answer as { items: Task[] }).items[index]?.id
  expect(idOf(again.body, 0)).toBe(idOf(body, 4))
})

test("the queue, its pause, the workers and the KPIs are shown", async () => {
  const queue = await gateway.call("GET", "/v1/queue")
  expect(queue.body).toMatchObject({ lanes: { deep: { paused: false, running: 0 }, fast: { waiting: 0 } } })
  const paused = await gateway.call("POST", "/v1/queue/pause", { lane: "deep" })
  expect(paused.body).toMatchObject({ lanes: { deep: { paused: true }, fast: { paused: false } } })
  const resumed = await gateway.call("POST", "/v1/queue/resume")
  expect(resumed.body).toMatchObject({ lanes: { deep: { paused: false }, fast: { paused: false } } })
  expect((await gateway.call("GET", "/v1/workers")).body).toEqual({ items: [], nextCursor: null })
  const kpis = await gateway.call("GET", "/v1/kpis?window=1h&lane=deep")
  expect(kpis.body).toMatchObject({ window: "1h", items: expect.any(Array) })
})
