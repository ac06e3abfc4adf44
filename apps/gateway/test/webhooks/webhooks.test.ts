import { type Delivery, endTurn, type Webhook as Hook, system, type TaskEvent } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { type Received, type Receiver, startReceiver } from "@twolane/testkit"
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "../open-gateway.ts"
import { redisText } from "../redis-text.ts"

const endsWell: RunTurn = async attempt => {
  await attempt.write((state, at) => endTurn(state, attempt.turn, { status: "succeeded" }, at))
}

/** Receivers, each with a way of its own to answer. */
let good: Receiver
let hanging: Receiver
let moved: Receiver
let gone: Receiver
let failingOnce: Receiver
let gateway: OpenGateway

beforeAll(async () => {
  let failures = 0
  good = await startReceiver()
  hanging = await startReceiver(() => {})
  moved = await startReceiver(response => response.writeHead(302, { location: good.url }).end())
  gone = await startReceiver(response => response.writeHead(410).end())
  failingOnce = await startReceiver(response => response.writeHead(failures++ === 0 ? 500 : 200).end("x"))
  const hosts = [good, hanging, moved, gone, failingOnce].map(({ host }) => host)
  gateway = await openGateway({ env: { TWOLANE_WEBHOOK_HOSTS: hosts.join(",") } })
  await gateway.work(endsWell)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  for (const receiver of [good, hanging, moved, gone, failingOnce]) await receiver[Symbol.asyncDispose]()
})

const hookTo = async (
  url: string,
  more: Record<string, unknown> = {},
): Promise<Hook & { secret: string }> => {
  const { status, body, text } = await gateway.call("POST", "/v1/webhooks", { url, ...more })
  if (status !== 201) throw new Error(text)
  return body as Hook & { secret: string }
}
const remove = (hook: Hook) => gateway.call("DELETE", `/v1/webhooks/${hook.id}`)
const deliveries = async (hook: Hook): Promise<Delivery[]> => {
  const { body } = await gateway.call("GET", `/v1/webhooks/${hook.id}/deliveries`)
  return (body as { items: Delivery[] }).items
}
type Message = {
  type: string
  timestamp: string
  data: { team: string; task: { id: string }; event: TaskEvent }
}
const openMessage = (secret: string, { body, headers }: Received): Message =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as Message
const about = (receiver: Receiver, task: string) =>
  receiver.received.filter(({ body }) => body.includes(task))

test("a webhook hears each event that it asked for, signed, with the task as it is", async () => {
  const hook = await hookTo(good.url, { events: ["turn.queued", "turn.ended"] })
  const { id, turn } = await gateway.submit()
  await expect.poll(() => about(good, id).length).toBe(2)
  const [queued, ended] = about(good, id).map(received => openMessage(hook.secret, received))
  expect(queued).toMatchObject({
    type: "turn.queued",
    data: { team: "default", task: { id }, event: { turn } },
  })
  expect(ended).toMatchObject({
    type: "turn.ended",
    data: { task: { id, status: "succeeded" }, event: { turn, outcome: { status: "succeeded" } } },
  })
  expect(new Date(ended?.timestamp ?? "").getTime()).toBe(ended?.data.event.at)
  const ids = about(good, id).map(({ headers }) => headers["webhook-id"])
  await expect
    .poll(() => deliveries(hook))
    .toMatchObject([
      { id: ids[1], type: "turn.ended", task: id, status: "delivered", tries: [{ status: 204 }] },
      { id: ids[0], type: "turn.queued", task: id, status: "delivered", tries: [{ status: 204 }] },
    ])
  const replayed = await gateway.call("POST", `/v1/webhooks/${hook.id}/deliveries/${String(ids[0])}/replay`)
  expect([replayed.status, replayed.body]).toMatchObject([202, { id: ids[0], status: "waiting", tries: [] }])
  await expect
    .poll(() => about(good, id).map(({ headers }) => headers["webhook-id"]))
    .toEqual([...ids, ids[0]])
  await remove(hook)
})

test("a webhook hears of the repos and labels that it asked for, and of nothing before it was made or after it was removed", async () => {
  const before = await gateway.submit({ labels: ["release"] })
  await expect.poll(() => gateway.types(before.id)).toContain("turn.ended")
  const [labelled, ofRepo, ofOther] = [
    await hookTo(good.url, { events: ["turn.ended"], labels: ["release", "urgent"] }),
    await hookTo(good.url, { events: ["turn.ended"], repos: ["shop"] }),
    await hookTo(good.url, { events: ["turn.ended"], repos: ["other"] }),
  ]
  const plain = await gateway.submit()
  const release = await gateway.submit({ labels: ["release"] })
  await expect.poll(() => about(good, plain.id).length).toBe(1)
  await expect.poll(() => about(good, release.id).length).toBe(2)
  const tasksOf = async (hook: Hook) => (await deliveries(hook)).map(({ task }) => task)
  expect(await tasksOf(labelled)).toEqual([release.id])
  expect(await tasksOf(ofRepo)).toEqual([release.id, plain.id])
  expect(await tasksOf(ofOther)).toEqual([])
  for (const hook of [labelled, ofRepo, ofOther]) expect((await remove(hook)).status).toBe(204)
  const after = await gateway.submit({ labels: ["release"] })
  const last = await hookTo(good.url, { events: ["turn.ended"] })
  const seen = await gateway.submit()
  await expect.poll(() => about(good, seen.id).length).toBe(1)
  expect(about(good, after.id)).toEqual([])
  await remove(last)
})

test("a receiver that fails gets the same message again, and one that hangs delays no other", async () => {
  const slow = await hookTo(hanging.url, { events: ["turn.ended"] })
  const failing = await hookTo(failingOnce.url, { events: ["turn.ended"] })
  const quick = await hookTo(good.url, { events: ["turn.ended"] })
  const { id } = await gateway.submit()
  await expect.poll(() => about(good, id).length).toBe(1)
  await expect.poll(() => about(failingOnce, id).length).toBe(1)
  await expect
    .poll(() => deliveries(failing))
    .toMatchObject([
      { status: "waiting", nextAt: expect.any(Number), tries: [{ status: 500, error: "answered 500" }] },
    ])
  const { body } = await gateway.call("GET", `/v1/webhooks/${failing.id}`)
  expect(body).toMatchObject({ waiting: 1, failuresInRow: 1 })
  await expect.poll(() => about(failingOnce, id).length).toBe(2)
  const [first, second] = about(failingOnce, id)
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"])
  expect(second?.body).toBe(first?.body)
  await expect
    .poll(() => deliveries(failing))
    .toMatchObject([{ status: "delivered", tries: [{ status: 500 }, { status: 200 }] }])
  expect((await gateway.call("GET", `/v1/webhooks/${failing.id}`)).body).toMatchObject({
    waiting: 0,
    failuresInRow: 0,
  })
  await expect
    .poll(() => deliveries(slow))
    .toMatchObject([{ status: "waiting", tries: [{ error: "no answer within 10 s" }] }])
  for (const hook of [slow, failing, quick]) await remove(hook)
})

test("a redirect is not followed, and a receiver that is gone gets nothing more", async () => {
  const redirected = await hookTo(moved.url)
  const leaving = await hookTo(gone.url, { events: ["turn.ended"] })
  const before = good.received.length
  const answer = await gateway.call("POST", `/v1/webhooks/${redirected.id}/test`)
  expect([answer.status, answer.body]).toMatchObject([
    200,
    { status: "failed", tries: [{ status: 302, error: "redirects are not followed" }] },
  ])
  expect(good.received.length).toBe(before)
  await remove(redirected)
  await gateway.submit()
  const read = async () => (await gateway.call("GET", `/v1/webhooks/${leaving.id}`)).body
  await expect.poll(read).toMatchObject({ disabledBecause: "its receiver answered 410 Gone" })
  expect(await deliveries(leaving)).toMatchObject([{ status: "failed", tries: [{ status: 410 }] }])
  await remove(leaving)
})

test("a test message is sent at once, and a name that leads to a private address is not connected to", async () => {
  const hook = await hookTo(good.url, { description: "CI" })
  const sent = await gateway.call("POST", `/v1/webhooks/${hook.id}/test`)
  expect([sent.status, sent.body]).toMatchObject([200, { type: "webhook.test", status: "delivered" }])
  const received = good.received.at(-1)
  expect(received && openMessage(hook.secret, received)).toMatchObject({
    type: "webhook.test",
    data: { team: "default" },
  })
  expect((await deliveries(hook))[0]).toMatchObject({ type: "webhook.test", status: "delivered" })
  await remove(hook)
  const inside = await hookTo("https://localhost/hook")
  const refused = await gateway.call("POST", `/v1/webhooks/${inside.id}/test`)
  expect(refused.body).toMatchObject({
    status: "failed",
    tries: [{ error: expect.stringMatching(/^localhost leads to \S+, which is not public$/) }],
  })
  await remove(inside)
})

test("a secret is shown once and kept encrypted, and a new one signs beside the one before", async () => {
  const hook = await hookTo(good.url, { events: ["turn.ended"] })
  expect(hook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  const { body } = await gateway.call("GET", "/v1/webhooks")
  expect(body).toMatchObject({ items: [{ id: hook.id, url: good.url, events: ["turn.ended"] }] })
  expect(JSON.stringify(body)).not.toContain(hook.secret)
  const rotated = (await gateway.call("POST", `/v1/webhooks/${hook.id}/rotate`)).body as { secret: string }
  const { id } = await gateway.submit()
  await expect.poll(() => about(good, id).length).toBe(1)
  const [received] = about(good, id)
  for (const secret of [hook.secret, rotated.secret])
    expect(received && openMessage(secret, received)).toMatchObject({ type: "turn.ended" })
  const text = await redisText(gateway.redis.url)
  for (const secret of [hook.secret, rotated.secret])
    expect(text).not.toContain(secret.slice("whsec_".length))
  await remove(hook)
})

test.each([
  ["no url", {}, "url"],
  ["a url that is none", { url: "hooks" }, "url"],
  ["http", { url: "http://hooks.example.com/" }, "url"],
  ["a private address", { url: "https://10.0.0.1/" }, "url"],
  ["an event that there is not", { url: "https://hooks.example.com/", events: ["turn.begun"] }, "events.0"],
  ["a delta", { url: "https://hooks.example.com/", events: ["message.delta"] }, "events.0"],
  ["an empty list", { url: "https://hooks.example.com/", repos: [] }, "repos"],
  ["an unknown field", { url: "https://hooks.example.com/", secret: "mine" }, "secret"],
])("a webhook with %s is refused, and says where", async (_what, wish, path) => {
  const { status, body } = await gateway.call("POST", "/v1/webhooks", wish)
  expect([status, body]).toMatchObject([422, { code: "invalid", errors: [{ path }] }])
})

test("what happens while no gateway is there is sent by the next one, once", async () => {
  const { id } = await gateway.submit()
  await expect.poll(() => gateway.types(id)).toContain("turn.ended")
  const hook = await hookTo(good.url, { events: ["task.reviewed"] })
  await gateway.stop()
  const { store } = gateway
  await store.change({
    team: "default",
    task: id,
    decide: (_state, at) => [{ type: "task.reviewed", turn: null, at, decision: "discarded", by: system }],
  })
  const found: Delivery[] = []
  const asThree = async <Result>(act: () => Promise<Result>) => await Promise.all([1, 2, 3].map(act))
  await expect
    .poll(async () => {
      await asThree(() => store.webhooks.gather(hook))
      found.push(...(await asThree(() => store.webhooks.take(hook, 4))).flat())
      return found.length
    })
    .toBe(1)
  expect(found).toMatchObject([{ task: id, type: "task.reviewed" }])
})
