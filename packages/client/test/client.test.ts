import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ClientProblem, createClient, Unreachable } from "../src/index.ts"
import { startGateway, type TestGateway } from "./start-gateway.ts"

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const task = { repo: "shop", prompt: "mend sum" }
const canceled = ["task.created", "turn.queued", "cancel.requested", "cancel.confirmed", "turn.ended"]

test("a task is submitted, followed to its end, and read back", async () => {
  const { client } = gateway
  const { id, origin } = await client.submit(task)
  expect(origin).toBe("cli")
  const types: string[] = []
  for await (const event of client.follow(id)) {
    types.push(event.type)
    if (event.type === "turn.queued") await client.cancel(id, "not needed")
  }
  expect(types).toEqual(canceled)
  expect(await client.task(id)).toMatchObject({ id, status: "canceled" })
  const page = await client.events(id, { after: "0-3" })
  expect(page.items.map(({ type }) => type)).toEqual(["cancel.confirmed", "turn.ended"])
  const listed = await client.tasks({ status: "canceled", limit: 1 })
  expect(listed.items.map(item => item.id)).toEqual([id])
  const rest: string[] = []
  for await (const event of client.follow(id, { after: "0-4" })) rest.push(event.type)
  expect(rest).toEqual(["turn.ended"])
})

test("run is a fold over follow: it answers the task and its outcome", async () => {
  const { client } = gateway
  const seen: string[] = []
  const onEvent = (event: TaskEvent | TaskDelta) => {
    seen.push(event.type)
    if (event.type === "turn.queued") void client.cancel(event.task)
  }
  const { task: ended, outcome } = await client.run(task, { onEvent })
  expect(seen).toEqual(canceled)
  expect(outcome).toMatchObject({ status: "canceled", by: { name: "admin" } })
  expect(ended).toEqual(await client.task(ended.id).then(({ behind: _behind, ...shown }) => shown))
})

test("a follow goes on over a gateway that was killed, each event once", async () => {
  const { client } = gateway
  const { id } = await client.submit(task)
  const ids: string[] = []
  for await (const event of client.follow(id)) {
    if ("id" in event) ids.push(event.id)
    if (!("id" in event) || event.id !== "0-2") continue
    await gateway.restart()
    await client.addTurn(id, { prompt: "and this" })
    await client.cancel(id)
  }
  expect(ids).toEqual(["0-1", "0-2", "0-3", "0-4", "0-5", "0-6", "0-7", "0-8"])
})

test("the team's stream has a cursor to go on from", async () => {
  const { client } = gateway
  const stop = new AbortController()
  const seen: { cursor: string; type: string }[] = []
  const { id } = await client.submit(task)
  for await (const message of client.followTeam({ after: "0-0", signal: stop.signal })) {
    if (!("event" in message) || message.event.task !== id) continue
    seen.push({ cursor: message.cursor, type: message.event.type })
    if (seen.length === 2) stop.abort()
  }
  expect(seen.map(({ type }) => type)).toEqual(["task.created", "turn.queued"])
  await client.cancel(id)
})

test("a team's stream that breaks before anything came is a reset, and its reader hears of both connections", async () => {
  const stop = new AbortController()
  const states: string[] = []
  const onConnection = async ({ state }: { state: string }) => {
    states.push(state)
    if (states.length === 1) await gateway.restart()
  }
  for await (const message of gateway.client.followTeam({
    signal: stop.signal,
    onConnection: connection => void onConnection(connection),
  })) {
    expect(message).toEqual({ reset: true })
    stop.abort()
  }
  expect([states[0], states.at(-1)]).toEqual(["open", "open"])
  expect(states.length).toBeGreaterThan(1)
})

test("a signal ends a follow quietly", async () => {
  const { client } = gateway
  const { id } = await client.submit(task)
  const stop = new AbortController()
  const types: string[] = []
  for await (const event of client.follow(id, { signal: stop.signal })) {
    types.push(event.type)
    if (types.length === 2) stop.abort()
  }
  expect(types).toEqual(["task.created", "turn.queued"])
  await expect(client.run(task, { signal: stop.signal })).rejects.toThrow("aborted")
  await client.cancel(id)
})

test("a request whose answer was lost is sent again and acts once", async () => {
  let lost = 0
  const losing: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    if (lost > 0) return response
    lost += 1
    throw new TypeError("the answer was lost")
  }
  const client = createClient({ baseUrl: gateway.url, apiKey: gateway.apiKey, fetch: losing })
  const { id } = await client.submit({ ...task, labels: ["lost"] })
  const { items } = await client.tasks({ label: "lost" })
  expect([lost, items.map(item => item.id)]).toEqual([1, [id]])
})

test("a refusal is thrown with its whole document", async () => {
  const refused = await gateway.client.submit({ ...task, repo: "nowhere" }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ClientProblem)
  expect((refused as ClientProblem).problem).toEqual({
    type: "urn:twolane:problem:not-found",
    title: "There is no such thing",
    status: 404,
    detail: "There is no such repo.",
    code: "not-found",
    requestId: expect.stringMatching(/^req_/),
    retryable: false,
  })
  const unknown = gateway.client.follow(`task_${"0".repeat(26)}`).next()
  await expect(unknown).rejects.toMatchObject({ code: "not-found" })
  const stranger = createClient({ baseUrl: gateway.url, apiKey: "tl_wrong" })
  await expect(stranger.queue()).rejects.toMatchObject({ code: "unauthorized", status: 401 })
})

test("a gateway that is not there is another error", async () => {
  const nowhere = createClient({ baseUrl: "http://127.0.0.1:9", apiKey: "x" })
  await expect(nowhere.tasks()).rejects.toBeInstanceOf(Unreachable)
  await expect(nowhere.follow("task_x").next()).rejects.toBeInstanceOf(Unreachable)
})

test("batch, repos, secrets, gates, queue, workers, KPIs and readiness are there", async () => {
  const { client } = gateway
  const { items } = await client.submitBatch([task, { ...task, repo: "nowhere" }])
  expect(items).toMatchObject([{ status: "queued" }, { code: "not-found" }])
  expect((await client.repos()).items.map(({ name }) => name)).toEqual(["shop"])
  await client.setSecret("shop", "TOKEN", "value")
  expect((await client.repo("shop")).secrets).toEqual(["TOKEN"])
  await client.removeSecret("shop", "TOKEN")
  // Its source is a path, which asks for none; one may be set before its repo is there.
  await client.setCredential("elsewhere", { kind: "token", token: "x" })
  await client.removeCredential("elsewhere")
  expect(await client.gates()).toEqual({ items: [], nextCursor: null })
  expect((await client.pauseQueue({ lane: "deep" })).lanes.deep.paused).toBe(true)
  expect((await client.resumeQueue()).lanes.deep.paused).toBe(false)
  expect((await client.queue()).lanes.deep.waiting).toBeGreaterThan(0)
  expect(await client.workers()).toEqual({ items: [], nextCursor: null })
  expect((await client.kpis({ window: "1h" })).window).toBe("1h")
  expect(await client.readiness()).toMatchObject({ status: "ready", workers: { deep: 0 } })
})

test("turns and changes of a task are asked for", async () => {
  const { client } = gateway
  const { id, turns } = await client.submit(task)
  const turn = turns[0]?.id ?? ""
  await expect(client.steer(id, { prompt: "x", turn })).rejects.toMatchObject({ code: "turn-not-running" })
  await expect(client.interrupt(id)).rejects.toMatchObject({ code: "turn-not-running" })
  await client.cancel(id)
  expect((await client.retry(id, "base")).turns).toHaveLength(2)
  await client.cancel(id)
  expect(await client.diff(id)).toBe("")
  expect(await client.diffFiles(id)).toEqual({ files: [] })
  await expect(client.accept(id)).rejects.toMatchObject({ code: "nothing-to-accept" })
  expect((await client.discard(id)).review).toBe("discarded")
  const gate = `gate_${"0".repeat(26)}`
  await expect(client.decideGate(id, gate, { decision: "allow" })).rejects.toMatchObject({
    code: "not-found",
  })
  await expect(client.removeRepo("nowhere")).rejects.toMatchObject({ code: "not-found" })
})
