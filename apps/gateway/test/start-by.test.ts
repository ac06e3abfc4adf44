import { endTurn, type Task } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const taskOf = async (id: string) => (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task
const inMs = (ms: number) => gateway.store.now() + ms
const ended = (id: string) =>
  expect.poll(async () => (await taskOf(id)).status, { interval: 100 }).not.toBe("queued")

test("what nobody began in time is ended by the queue, and what waits for it fails; a retry asks for it without the time", async () => {
  const startBy = inMs(4_000)
  const { id } = await gateway.submit({ startBy })
  const until = new Date(startBy).toISOString()
  expect((await taskOf(id)).queue).toMatchObject({
    startBy,
    reason: expect.stringMatching(`^no deep worker is there.*; it ends unless it begins by ${until}$`),
  })
  const after = await gateway.submit({ after: [id] })
  await ended(id)
  expect((await taskOf(id)).turns[0]?.outcome).toEqual({
    status: "failed",
    code: "expired",
    detail: `it was not begun by ${until}`,
  })
  expect((await taskOf(id)).endedAt).toBeGreaterThan(startBy)
  await ended(after.id)
  expect((await taskOf(after.id)).turns[0]?.outcome).toMatchObject({ code: "dependency-failed" })
  expect((await gateway.call("POST", `/v1/tasks/${id}/retry`, {})).status).toBe(202)
  const again = await taskOf(id)
  expect([again.status, again.queue?.startBy]).toEqual(["queued", undefined])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`, {})
})

test("one that waits for a time of its own, or for other tasks, ends as well", async () => {
  const late = await gateway.submit({ startBy: inMs(1_000), notBefore: inMs(900) })
  const other = await gateway.submit()
  const behind = await gateway.submit({ startBy: inMs(1_000), after: [other.id] })
  for (const { id } of [late, behind]) {
    await ended(id)
    expect((await taskOf(id)).turns[0]?.outcome).toMatchObject({ code: "expired" })
  }
  await gateway.call("POST", `/v1/tasks/${other.id}/cancel`, {})
})

test("what has begun in time goes on, however long it runs", async () => {
  let release = (): void => {}
  const held: RunTurn = async attempt => {
    await new Promise<void>(resolve => {
      release = resolve
    })
    await attempt.write((state, at) => endTurn(state, attempt.turn, { status: "succeeded" }, at))
  }
  await using _worker = await gateway.work(held, 1)
  const begun = await gateway.submit({ startBy: inMs(30_000) })
  await expect.poll(async () => (await taskOf(begun.id)).status).toBe("running")
  // One that came later and must begin sooner ends meanwhile: the queue has looked.
  const next = await gateway.submit({ startBy: inMs(1_000) })
  await ended(next.id)
  const state = await gateway.store.read({ team: "default", task: begun.id })
  expect(state?.turns[0]?.startBy).toBeDefined()
  release()
  await expect.poll(async () => (await taskOf(begun.id)).status).toBe("succeeded")
})

test("a time that is over, or that comes before the task may begin, is refused", async () => {
  const submit = async (more: Record<string, unknown>) =>
    (await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "x", lane: "deep", ...more })).body
  expect(await submit({ startBy: inMs(-1_000) })).toMatchObject({
    status: 422,
    code: "invalid",
    errors: [{ path: "startBy", message: "must be a time to come" }],
  })
  expect(await submit({ startBy: inMs(10_000), notBefore: inMs(20_000) })).toMatchObject({
    errors: [{ path: "startBy", message: "must be after notBefore" }],
  })
})
