import { endTurn, newId, type WorkerView } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { keyOf } from "./keys-of.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
/** Ends the turns that run. */
let release = (): void => {}
const held: RunTurn = async attempt => {
  await new Promise<void>(resolve => {
    release = resolve
  })
  await attempt.write((state, at) => endTurn(state, attempt.turn, { status: "succeeded" }, at))
}
beforeAll(async () => {
  gateway = await openGateway()
  await gateway.work(held, 2)
})
afterAll(() => gateway[Symbol.asyncDispose]())

const worker = async (): Promise<WorkerView | undefined> => {
  const { body } = await gateway.call("GET", "/v1/workers")
  return (body as { items: WorkerView[] }).items[0]
}
const reasonOf = async (id: string) => {
  const { body } = await gateway.call("GET", `/v1/tasks/${id}`)
  return (body as { queue?: { reason: string } }).queue?.reason
}

test("a worker that is drained ends what it has, takes nothing new, and takes turns again when it is resumed", async () => {
  const first = await gateway.submit()
  await expect.poll(() => gateway.types(first.id)).toContain("turn.started")
  const drained = await gateway.call("POST", "/v1/workers/worker_0/drain", {})
  expect([drained.status, drained.body]).toMatchObject([200, { id: "worker_0", holding: "drained" }])
  const again = await gateway.call("POST", "/v1/workers/worker_0/drain", {})
  expect([again.status, again.body]).toMatchObject([200, { holding: "drained" }])

  const second = await gateway.submit()
  await expect.poll(() => reasonOf(second.id)).toBe("workers hold: drained")
  release()
  await expect.poll(() => gateway.types(first.id)).toContain("turn.ended")
  await expect.poll(worker).toMatchObject({ busy: 0, holding: "drained" })
  // It has beaten since, and the picker has looked.
  expect(await gateway.types(second.id)).toEqual(["task.created", "turn.queued"])

  const resumed = await gateway.call("POST", "/v1/workers/worker_0/resume", {})
  expect([resumed.status, (resumed.body as WorkerView).holding]).toEqual([200, undefined])
  await expect.poll(() => gateway.types(second.id)).toContain("turn.started")
  release()
  await expect.poll(() => gateway.types(second.id)).toContain("turn.ended")
})

test("who is drained and goes is forgotten, and another worker takes turns", async () => {
  const other = await gateway.work(held, 1)
  await gateway.call("POST", "/v1/workers/worker_0/drain", {})
  const task = await gateway.submit()
  await expect.poll(() => gateway.types(task.id)).toContain("turn.started")
  const { body } = await gateway.call("GET", "/v1/workers")
  expect((body as { items: WorkerView[] }).items).toMatchObject([
    { id: "worker_0", busy: 0, holding: "drained" },
    { id: "worker_1" },
  ])
  release()
  await expect.poll(() => gateway.types(task.id)).toContain("turn.ended")
  await gateway.call("POST", "/v1/workers/worker_1/drain", {})
  await other[Symbol.asyncDispose]()
  const { status, body: problem } = await gateway.call("POST", "/v1/workers/worker_1/resume", {})
  expect([status, problem]).toMatchObject([404, { code: "not-found", detail: "There is no such worker." }])
})

test("a worker that is not there, and one who may not, change nothing", async () => {
  for (const verb of ["drain", "resume"])
    expect((await gateway.call("POST", `/v1/workers/${newId("worker")}/${verb}`, {})).status).toBe(404)
  const member = await keyOf(gateway, { name: "Mem", role: "member" })
  expect((await member.call("POST", "/v1/workers/worker_0/resume", {})).body).toMatchObject({
    needs: "admin",
  })
  expect(await worker()).toMatchObject({ id: "worker_0", holding: "drained" })
})
