import { once } from "node:events"
import { request } from "node:http"
import type { NewEvent, Task } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { WebSocket } from "ws"
import { openBrowser, signIn } from "./browser.ts"
import { apiKey, type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"
import { type Live, openLive, openSockets } from "./open-live.ts"

let gateway: OpenGateway
let claimed: (attempt: Attempt) => void = () => {}
beforeAll(async () => {
  gateway = await openGateway({ timing: { heartbeatMs: 100, stallMs: 300 } })
  await gateway.work(async attempt => {
    claimed(attempt)
    await untilStopped(attempt)
  }, 20)
})
afterAll(() => gateway[Symbol.asyncDispose]())

const running = async (): Promise<{ id: string; turn: string; attempt: Attempt }> => {
  const working = new Promise<Attempt>(resolve => {
    claimed = resolve
  })
  const { id, turn } = await gateway.submit()
  return { id, turn, attempt: await working }
}
const idsOf = (live: Live, task: string) =>
  live.events().flatMap(event => (event.task === task && event.id !== undefined ? [event.id] : []))
const message = (attempt: Attempt, text: string): NewEvent => ({
  type: "message.done",
  text,
  turn: attempt.turn,
  at: attempt.now(),
})
const open = () => openSockets(gateway)
const ended = (live: Live) => live.events().some(({ type }) => type === "turn.ended")

test("requests are answered by their ids with what the HTTP calls answer", async () => {
  await using live = await openLive(gateway.url)
  const body = { repo: "shop", prompt: "mend sum", lane: "deep", labels: ["live"] }
  const submitted = await live.ask({ id: "a", type: "submit", body })
  expect(submitted).toMatchObject({ status: 202, ok: { prompt: "mend sum", labels: ["live"], lane: "deep" } })
  const task = submitted.ok as Task
  const turn = task.turns[0]?.id
  await live.ask({ id: "b", type: "subscribe", task: task.id })
  await live.until(() => live.events().some(({ type }) => type === "turn.started"))
  const steered = await live.ask({ id: "c", type: "steer", task: task.id, body: { turn, prompt: "and so" } })
  expect(steered).toEqual({ id: "c", status: 202, ok: { steer: expect.stringMatching(/^steer_/) } })
  const more = await live.ask({ id: "d", type: "turn", task: task.id, body: { prompt: "more" } })
  expect(more).toMatchObject({ id: "d", status: 202, ok: { id: task.id, turns: [{}, { prompt: "more" }] } })
  expect(await live.ask({ id: "e", type: "interrupt", task: task.id })).toMatchObject({ status: 202 })
  await live.until(() => ended(live))
  const canceled = await live.ask({ id: "f", type: "cancel", task: task.id, body: { reason: "enough" } })
  expect(canceled).toMatchObject({ status: 202, ok: { id: task.id } })
  await live.until(() => live.events().filter(({ type }) => type === "turn.ended").length === 2)
  const again = await live.ask({ id: "g", type: "cancel", task: task.id })
  const overHttp = await gateway.call("POST", `/v1/tasks/${task.id}/cancel`, {})
  const id = expect.any(String)
  expect(again).toEqual({ id: "g", problem: { ...(overHttp.body as object), requestId: id } })
  const gate = await live.ask({
    id: "h",
    type: "gate",
    task: task.id,
    gate: `gate_${"0".repeat(26)}`,
    body: { decision: "allow" },
  })
  expect(gate).toMatchObject({ problem: { code: "not-found", detail: "There is no such gate." } })
})

test("a request with an idempotency key acts once, also when one came over HTTP", async () => {
  await using live = await openLive(gateway.url)
  const body = { repo: "shop", prompt: "once", lane: "deep" }
  const submit = { type: "submit", body, idempotencyKey: "live-1" }
  const first = await live.ask({ id: "1", ...submit })
  const second = await live.ask({ id: "2", ...submit })
  expect(second).toEqual({ ...first, id: "2", replayed: true })
  const overHttp = await gateway.call("POST", "/v1/tasks", body, { "idempotency-key": "live-1" })
  expect(overHttp.body).toEqual(first.ok)
  const other = await live.ask({ id: "3", ...submit, body: { ...body, prompt: "twice" } })
  expect(other).toMatchObject({ problem: { code: "idempotency-conflict", status: 409 } })
  await gateway.call("POST", `/v1/tasks/${(first.ok as Task).id}/cancel`)
})

test("a subscription gives the log after an event, then what happens with live text, until it is ended", async () => {
  const { id, attempt } = await running()
  await using live = await openLive(gateway.url)
  const subscribed = await live.ask({ id: "1", type: "subscribe", task: id, after: "0-1" })
  expect(subscribed).toMatchObject({ status: 200, ok: { id, status: "running" } })
  await live.until(() => idsOf(live, id).includes("1-1"))
  attempt.delta({ type: "message.delta", text: "hel" })
  await live.until(() => live.events().some(({ type }) => type === "message.delta"))
  await attempt.write([message(attempt, "hello")])
  await live.until(() => idsOf(live, id).includes("1-2"))
  expect(live.events().map(event => event.id ?? event.type)).toEqual(["0-2", "1-1", "message.delta", "1-2"])
  expect(await live.ask({ id: "2", type: "unsubscribe", task: id })).toEqual({
    id: "2",
    status: 204,
    ok: null,
  })
  await attempt.write([message(attempt, "unheard")])
  await live.ask({ id: "3", type: "subscribe", task: id, after: "1-3" })
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await live.until(() => ended(live))
  expect(idsOf(live, id).slice(2)).toEqual(["1-2", "1-4", "1-5", "1-6"])
})

test("several tasks share a socket, and one that comes back has no gap and no double", async () => {
  const [one, two] = [await running(), await running()]
  const seen: Record<string, string[]> = {}
  {
    await using live = await openLive(gateway.url)
    await live.ask({ id: "1", type: "subscribe", task: one.id })
    await live.ask({ id: "2", type: "subscribe", task: two.id })
    await one.attempt.write([message(one.attempt, "one")])
    await live.until(() => idsOf(live, one.id).length === 4 && idsOf(live, two.id).length === 3)
    seen[one.id] = idsOf(live, one.id)
    seen[two.id] = idsOf(live, two.id)
  }
  await one.attempt.write([message(one.attempt, "while nobody looked")])
  await two.attempt.write([message(two.attempt, "here too")])
  await using live = await openLive(gateway.url)
  for (const task of [one.id, two.id])
    await live.ask({ id: task, type: "subscribe", task, after: seen[task]?.at(-1) })
  for (const { id } of [one, two]) await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await live.until(() => live.events().filter(({ type }) => type === "turn.ended").length === 2)
  for (const { id } of [one, two]) {
    const { body } = await gateway.call("GET", `/v1/tasks/${id}/events`)
    const logged = (body as { items: { id: string }[] }).items.map(event => event.id)
    expect([...(seen[id] ?? []), ...idsOf(live, id)]).toEqual(logged)
  }
})

test("what is no request is answered with a problem, and the socket goes on", async () => {
  await using live = await openLive(gateway.url)
  const last = async () => {
    const before = live.messages.filter(({ problem }) => problem !== undefined).length
    await live.until(() => live.messages.filter(({ problem }) => problem !== undefined).length > before)
    return live.messages.findLast(({ problem }) => problem !== undefined)
  }
  const told = async (message: string | Buffer) => {
    const answer = last()
    live.socket.send(message)
    return answer
  }
  expect(await told("{")).toMatchObject({ id: null, problem: { code: "malformed-json" } })
  expect(await told("null")).toMatchObject({ id: null, problem: { code: "invalid" } })
  expect(await told("[".repeat(100_000))).toMatchObject({ id: null, problem: { code: "malformed-json" } })
  expect(await told(Buffer.from("{}"))).toMatchObject({
    id: null,
    problem: { code: "unsupported-media-type" },
  })
  expect(await told('{"id":"1","type":"fly"}')).toMatchObject({
    id: "1",
    problem: { code: "invalid", errors: [{ path: "type" }] },
  })
  expect(await told('{"id":"2","type":"unsubscribe","task":"t","more":1}')).toMatchObject({
    id: "2",
    problem: { code: "invalid", errors: [{ path: "more", message: "unknown field" }] },
  })
  expect(await told('{"id":"3","type":"subscribe","task":"t"}')).toMatchObject({
    id: "3",
    problem: { code: "not-found" },
  })
  expect(
    await told('{"id":"4","type":"submit","body":{"__proto__":{},"repo":"shop","prompt":"x"}}'),
  ).toMatchObject({
    id: "4",
    problem: { code: "malformed-json" },
  })
  expect(await told('{"id":"5","type":"cancel","task":"../../repos"}')).toMatchObject({
    id: "5",
    problem: { code: "not-found" },
  })
  expect(
    await told(`{"id":"6","type":"steer","task":"task_${"0".repeat(26)}","body":{"prompt":""}}`),
  ).toMatchObject({
    id: "6",
    problem: { code: "invalid", errors: [{ path: "prompt" }, { path: "turn" }] },
  })
  expect(live.socket.readyState).toBe(WebSocket.OPEN)
})

test("a message that is too large closes the socket alone", async () => {
  await using live = await openLive(gateway.url)
  live.send("x".repeat(5 * 1024 * 1024))
  expect(await live.closed).toBe(1009)
  await using next = await openLive(gateway.url)
  expect(await next.ask({ id: "1", type: "unsubscribe", task: "t" })).toMatchObject({ status: 204 })
})

test("a socket has at most 100 subscriptions; one that is asked for again from before begins again there", async () => {
  await using live = await openLive(gateway.url)
  await gateway.call("POST", "/v1/queue/pause")
  const tasks: string[] = []
  for (let count = 0; count < 101; count += 1) tasks.push((await gateway.submit()).id)
  const answers = []
  for (const task of tasks) answers.push(await live.ask({ id: task, type: "subscribe", task, after: "0-2" }))
  expect(answers.filter(answer => "ok" in answer)).toHaveLength(100)
  expect(answers.filter(answer => "problem" in answer)).toMatchObject([
    { problem: { code: "too-many-subscriptions", status: 409 } },
  ])
  const [task = ""] = tasks
  expect(idsOf(live, task)).toEqual([])
  await live.ask({ id: "again", type: "subscribe", task })
  await live.until(() => idsOf(live, task).length === 2)
  expect(idsOf(live, task)).toEqual(["0-1", "0-2"])
  for (const task of tasks) await gateway.call("POST", `/v1/tasks/${task}/cancel`)
  await gateway.call("POST", "/v1/queue/resume")
})

test("who has no key, or wants no socket, gets none", async () => {
  const upgrade = async (headers: Record<string, string>): Promise<[number | undefined, unknown]> => {
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/v1/live`, { headers })
    socket.on("error", () => {})
    const [, answer] = await once(socket, "unexpected-response")
    let text = ""
    for await (const chunk of answer) text += chunk
    return [answer.statusCode, JSON.parse(text).code]
  }
  expect(await upgrade({})).toEqual([401, "unauthorized"])
  expect(await upgrade({ authorization: "Bearer nobody" })).toEqual([401, "unauthorized"])
  const browser = openBrowser(gateway)
  await signIn(gateway, browser)
  const cookie = browser.cookie ?? ""
  expect(await upgrade({ cookie, origin: "https://elsewhere.example" })).toEqual([403, "foreign-origin"])
  const plain = await gateway.call("GET", "/v1/live")
  expect([plain.status, plain.body]).toMatchObject([426, { code: "upgrade-required" }])
  const elsewhere = request(`${gateway.url}/v1/tasks`, {
    headers: { connection: "Upgrade", upgrade: "websocket", authorization: `Bearer ${apiKey}` },
  }).end()
  const [answer] = await once(elsewhere, "response")
  expect(answer.statusCode).toBe(200)
  answer.resume()
})

test("a quiet socket has a heartbeat, and a peer that answers none is dropped", async () => {
  await using live = await openLive(gateway.url)
  await live.until(() => live.messages.filter(({ beat }) => beat !== undefined).length >= 4)
  expect(live.socket.readyState).toBe(WebSocket.OPEN)
  const dead = await openLive(gateway.url)
  await expect.poll(open).toBe(2)
  dead.socket.pause()
  await expect.poll(open).toBe(1)
  dead.socket.resume()
  expect(await dead.closed).toBe(1006)
})

test("a slow reader costs little, is dropped, and resumes without a gap", async () => {
  const { id, attempt } = await running()
  const slow = await openLive(gateway.url)
  await slow.ask({ id: "1", type: "subscribe", task: id })
  await slow.until(() => idsOf(slow, id).length === 3)
  await expect.poll(open).toBe(1)
  slow.socket.pause()
  const text = "x".repeat(200_000)
  for (let count = 0; count < 60; count += 1) await attempt.write([message(attempt, text)])
  const logged = Array.from({ length: 61 }, (_, n) => `1-${n + 1}`)
  const all = ["0-1", "0-2", ...logged]
  await expect.poll(open).toBe(0)
  slow.socket.resume()
  await slow.closed
  const got = idsOf(slow, id)
  expect(got.length).toBeLessThan(all.length)
  // On a busy machine the reader of the rest may be a slow one too: it comes back as often.
  while (got.length < all.length) {
    await using resumed = await openLive(gateway.url)
    await resumed.ask({ id: "1", type: "subscribe", task: id, after: got.at(-1) })
    await resumed.until(() => idsOf(resumed, id).at(-1) === all.at(-1))
    got.push(...idsOf(resumed, id))
  }
  expect(got).toEqual(all)
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
})

test("a gateway that stops closes its sockets, so that they come back to another", async () => {
  await using stopping = await openGateway()
  const { id } = await stopping.submit()
  await using live = await openLive(stopping.url)
  await live.ask({ id: "1", type: "subscribe", task: id })
  await stopping.stop()
  expect(await live.closed).toBe(1001)
})

test("the page's session opens a socket from the page, acts over it, and closes it when it ends", async () => {
  const browser = openBrowser(gateway)
  await signIn(gateway, browser)
  const headers = { authorization: null, cookie: browser.cookie ?? "", origin: gateway.url }
  await using live = await openLive(gateway.url, headers, "?origin=page")
  const body = { repo: "shop", prompt: "mend sum", lane: "deep" }
  const submitted = await live.ask({ id: "1", type: "submit", body })
  expect(submitted).toMatchObject({ status: 202, ok: { origin: "page", by: { name: "admin" } } })
  await gateway.call("POST", `/v1/tasks/${(submitted.ok as Task).id}/cancel`)
  expect((await browser.send("DELETE", "/v1/session")).status).toBe(204)
  expect(await live.closed).toBe(4401)
})
