import { type AuditCheck, type AuditRecord, newId } from "@twolane/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { roles } from "../src/http/roles.ts"
import { openBrowser, signIn } from "./browser.ts"
import { keyOf, type OwnKey } from "./keys-of.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"
import { breakAudit } from "./redis-text.ts"

let gateway: OpenGateway
let ada: OwnKey
beforeAll(async () => {
  gateway = await openGateway()
  ada = await keyOf(gateway, { name: "Ada", role: "admin" })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const recordsOf = async (request: string): Promise<AuditRecord[]> => {
  const { body } = await gateway.call("GET", "/v1/audit?limit=200")
  return (body as { items: AuditRecord[] }).items.filter(record => record.request === request).toReversed()
}

const message = `msg_${newId("op").slice("op_".length)}_1-1`

type Ids = { task: string; turn: string; gate: string }
type Asked = { path?: (ids: Ids) => string; body?: (ids: Ids) => unknown; record: Record<string, unknown> }
/** A request for each route with an effect, and what its record says. */
const effects: Record<string, Asked> = {
  "POST /v1/tasks": {
    body: () => ({ repo: "shop", prompt: "secret plan", lane: "deep" }),
    record: { action: "task.submit", object: { kind: "task" }, detail: { repo: "shop", lane: "deep" } },
  },
  "POST /v1/tasks/batch": {
    body: () => ({ tasks: [{ repo: "shop", prompt: "secret plan" }] }),
    record: { action: "task.submit-batch", detail: { tasks: [expect.stringMatching(/^task_/)] } },
  },
  "POST /v1/tasks/cancel": {
    body: ({ task }) => ({ tasks: [task], reason: "secret plan" }),
    record: { action: "task.cancel-many", detail: { tasks: [expect.stringMatching(/^task_/)] } },
  },
  "POST /v1/groups/:id/cancel": {
    path: () => `/v1/groups/${newId("group")}/cancel`,
    record: { action: "group.cancel", object: { kind: "group" } },
  },
  "POST /v1/tasks/:id/turns": {
    body: () => ({ prompt: "secret plan", lane: "deep" }),
    record: { action: "turn.add", detail: { turn: expect.stringMatching(/^turn_/), lane: "deep" } },
  },
  "POST /v1/tasks/:id/retry": { record: { action: "turn.retry" } },
  "POST /v1/tasks/:id/steer": {
    body: ({ turn }) => ({ prompt: "secret plan", turn }),
    record: { action: "turn.steer" },
  },
  "POST /v1/tasks/:id/cancel": { record: { action: "task.cancel" } },
  "POST /v1/tasks/:id/interrupt": { record: { action: "turn.interrupt" } },
  "POST /v1/tasks/:id/gates/:gate": {
    body: () => ({ decision: "allow", note: "secret plan" }),
    record: { action: "gate.decide", detail: { decision: "allow" } },
  },
  "POST /v1/tasks/:id/accept": { record: { action: "task.accept", detail: { how: "push" } } },
  "POST /v1/tasks/:id/undo": { record: { action: "task.undo" } },
  "POST /v1/tasks/:id/discard": { record: { action: "task.discard" } },
  "POST /v1/repos": {
    body: () => ({ name: "again", source: gateway.source.path }),
    record: { action: "repo.register", object: { kind: "repo", id: "again" } },
  },
  "DELETE /v1/repos/:name": { path: () => "/v1/repos/again", record: { action: "repo.remove" } },
  "PUT /v1/repos/:name/credential": {
    path: () => "/v1/repos/later/credential",
    body: () => ({ kind: "token", token: "secret plan" }),
    record: { action: "credential.set", object: { kind: "repo", id: "later" }, detail: { kind: "token" } },
  },
  "DELETE /v1/repos/:name/credential": {
    path: () => "/v1/repos/later/credential",
    record: { action: "credential.remove" },
  },
  "PUT /v1/repos/:name/github": {
    path: () => "/v1/repos/shop/github",
    body: () => ({ label: "twolane", fixTurns: 2 }),
    record: { action: "github.link", object: { kind: "repo", id: "shop" }, detail: { fixTurns: 2 } },
  },
  "DELETE /v1/repos/:name/github": {
    path: () => "/v1/repos/shop/github",
    record: { action: "github.unlink", object: { kind: "repo", id: "shop" } },
  },
  "PUT /v1/repos/:name/secrets/:key": {
    path: () => "/v1/repos/shop/secrets/TOKEN",
    body: () => ({ value: "secret plan" }),
    record: { action: "secret.set", detail: { secret: "TOKEN" } },
  },
  "DELETE /v1/repos/:name/secrets/:key": {
    path: () => "/v1/repos/shop/secrets/TOKEN",
    record: { action: "secret.remove", detail: { secret: "TOKEN" } },
  },
  "POST /v1/queue/pause": {
    body: () => ({ lane: "fast" }),
    record: { action: "queue.pause", object: { kind: "queue", id: "fast" } },
  },
  "POST /v1/queue/resume": {
    body: () => ({ repo: "shop" }),
    record: { action: "queue.resume", object: { kind: "queue", id: "both" }, detail: { repo: "shop" } },
  },
  "POST /v1/queue/limits": {
    body: () => ({ perRepo: 3 }),
    record: { action: "queue.limits", object: { kind: "queue", id: "deep" }, detail: { perRepo: 3 } },
  },
  "PUT /v1/budget": {
    body: () => ({ tokens: 1_000_000_000 }),
    record: {
      action: "budget.set",
      object: { kind: "team", id: "own" },
      detail: { tokens: 1_000_000_000 },
    },
  },
  "POST /v1/workers/:worker/drain": {
    path: () => "/v1/workers/worker_0/drain",
    record: { action: "worker.drain", object: { kind: "worker", id: "worker_0" } },
  },
  "POST /v1/workers/:worker/resume": {
    path: () => "/v1/workers/worker_0/resume",
    record: { action: "worker.resume", object: { kind: "worker", id: "worker_0" } },
  },
  "POST /v1/disk/reclaim": {
    body: () => ({ repo: "shop" }),
    record: { action: "disk.reclaim", object: { kind: "repo", id: "shop" } },
  },
  "POST /v1/keys": {
    body: () => ({ name: "Bob", role: "viewer" }),
    record: { action: "key.create", object: { kind: "key" }, detail: { name: "Bob", role: "viewer" } },
  },
  "DELETE /v1/keys/:id": {
    path: () => `/v1/keys/${newId("key")}`,
    record: { action: "key.revoke", object: { kind: "key" } },
  },
  "POST /v1/webhooks": {
    body: () => ({ url: "https://hooks.example.com/", events: ["turn.ended"] }),
    record: { action: "webhook.create", object: { kind: "webhook" }, detail: { events: ["turn.ended"] } },
  },
  "DELETE /v1/webhooks/:id": {
    path: () => `/v1/webhooks/${newId("hook")}`,
    record: { action: "webhook.remove", object: { kind: "webhook" } },
  },
  "POST /v1/webhooks/:id/deliveries/:message/replay": {
    path: () => `/v1/webhooks/${newId("hook")}/deliveries/${message}/replay`,
    record: { action: "webhook.replay", object: { kind: "webhook" }, detail: { message } },
  },
  "POST /v1/webhooks/:id/test": {
    path: () => `/v1/webhooks/${newId("hook")}/test`,
    record: { action: "webhook.test", object: { kind: "webhook" } },
  },
  "POST /v1/webhooks/:id/rotate": {
    path: () => `/v1/webhooks/${newId("hook")}/rotate`,
    record: { action: "webhook.rotate", object: { kind: "webhook" } },
  },
  "POST /v1/chat/codes": { record: { action: "chat.code" } },
  "POST /v1/chat/links": {
    body: () => ({ platform: "slack", workspace: "T1", user: "U1", key: newId("key") }),
    record: { action: "chat.link", object: { kind: "person", id: "slack/T1/U1" } },
  },
  "DELETE /v1/chat/links/:platform/:workspace/:user": {
    path: () => "/v1/chat/links/slack/T1/U2",
    record: { action: "chat.unlink", object: { kind: "person", id: "slack/T1/U2" } },
  },
  "PUT /v1/chat/channels/:platform/:workspace/:channel": {
    path: () => "/v1/chat/channels/slack/T1/C1",
    body: () => ({ repo: "shop" }),
    record: {
      action: "chat.set-channel",
      object: { kind: "channel", id: "slack/T1/C1" },
      detail: { repo: "shop" },
    },
  },
  "DELETE /v1/chat/channels/:platform/:workspace/:channel": {
    path: () => "/v1/chat/channels/slack/T1/C2",
    record: { action: "chat.clear-channel", object: { kind: "channel", id: "slack/T1/C2" } },
  },
  "POST /v1/sign-in-links": { record: { action: "link.create" } },
  "DELETE /v1/session": { record: { action: "session.end" } },
  "DELETE /v1/sessions": { record: { action: "session.end-all" } },
}
/** What its tools do is recorded as the routes that they call. */
const ofTools = /mcp/

test("every route with an effect is tried here", () => {
  const withEffect = Object.keys(roles).filter(route => !route.startsWith("GET ") && !ofTools.test(route))
  expect(Object.keys(effects).toSorted()).toEqual(withEffect.toSorted())
})

describe.each(Object.entries(effects))("%s", (route, { path, body, record }) => {
  test("is recorded, with who asked and from where, and without what was said", async () => {
    const { id: task, turn } = await gateway.submit()
    const ids = { task, turn, gate: newId("gate") }
    await gateway.store.change({
      team: "default",
      task,
      decide: (_state, at) => [{ type: "gate.opened", gate: ids.gate, kind: "plan", detail: "", turn, at }],
    })
    const [method = "", pattern = ""] = route.split(" ")
    const url = path?.(ids) ?? pattern.replace(":id", task).replace(":gate", ids.gate)
    const headers = { "x-forwarded-for": "192.0.2.9", "twolane-origin": "cli" }
    const answer = await ada.call(method, url, body?.(ids), headers)
    const [first, ...rest] = await recordsOf(answer.headers.get("x-request-id") ?? "")
    expect(first).toMatchObject({
      by: { key: ada.id, name: "Ada" },
      from: { via: "key", origin: "cli", address: "127.0.0.1", forwarded: "192.0.2.9" },
      ...record,
    })
    const code = (answer.body as { code?: string }).code
    expect(rest).toMatchObject(answer.status < 400 ? [] : [{ detail: { refused: code, of: first?.seq } }])
    expect(JSON.stringify([first, ...rest])).not.toContain("secret plan")
  })
})

test("signing in is recorded with whose link it was, and what a session does as a session's", async () => {
  const browser = openBrowser(gateway)
  const me = await signIn(gateway, browser)
  const signedIn = (
    (await gateway.call("GET", "/v1/audit?action=session.begin")).body as { items: AuditRecord[] }
  ).items[0]
  expect(signedIn).toMatchObject({
    by: { key: me.key.id, name: "admin" },
    from: { via: "link", address: "127.0.0.1" },
    detail: { linkBy: me.key.id },
  })
  const paused = await browser.send("POST", "/v1/queue/resume", {})
  expect(await recordsOf(String(paused.headers["x-request-id"]))).toMatchObject([
    { from: { via: "session" } },
  ])
})

test("a request that is sent again is one act", async () => {
  const again = { "idempotency-key": newId("req") }
  const first = await gateway.call("POST", "/v1/queue/resume", {}, again)
  const second = await gateway.call("POST", "/v1/queue/resume", {}, again)
  expect(second.headers.get("idempotent-replay")).toBe("true")
  expect(await recordsOf(first.headers.get("x-request-id") ?? "")).toHaveLength(1)
  expect(await recordsOf(second.headers.get("x-request-id") ?? "")).toHaveLength(0)
})

test("what an admin asks for is not done while it cannot be recorded", async () => {
  await using away = await openGateway()
  const { call } = away
  await using redis = await breakAudit(away)
  const refused = await call("POST", "/v1/keys", { name: "Ghost" })
  expect([refused.status, refused.body]).toMatchObject([500, { code: "internal" }])
  await redis.mend()
  const { body } = await call("GET", "/v1/keys")
  expect(body).toEqual({ items: [], nextCursor: null })
})

test("pages, the export and the proof are one log", async () => {
  const page = (await gateway.call("GET", "/v1/audit?limit=5")).body as {
    items: AuditRecord[]
    nextCursor: string
  }
  const next = (await gateway.call("GET", `/v1/audit?limit=200&cursor=${page.nextCursor}`))
    .body as typeof page
  const lines = await gateway.call("GET", "/v1/audit", undefined, { accept: "application/x-ndjson" })
  const exported = lines.text
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as AuditRecord)
  expect(exported.slice(-205).toReversed()).toEqual([...page.items, ...next.items].slice(0, exported.length))
  const check = (await gateway.call("GET", "/v1/audit/verify")).body as AuditCheck
  const last = exported.at(-1)
  expect(check).toEqual({ ok: true, from: 1, head: { seq: last?.seq, mac: last?.mac }, problems: [] })
  const known = await gateway.call("GET", `/v1/audit/verify?seq=${last?.seq}&mac=${"A".repeat(43)}`)
  expect(known.body).toMatchObject({ ok: false, problems: [{ seq: last?.seq }] })
  expect((await gateway.call("GET", "/v1/audit/verify?seq=3")).status).toBe(422)
  expect((await gateway.call("GET", "/v1/audit?cursor=x")).status).toBe(400)
})
