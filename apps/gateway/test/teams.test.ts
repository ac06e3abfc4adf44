import { newId, type Task } from "@twolane/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { roles } from "../src/http/roles.ts"
import { keyOf, type OwnKey } from "./keys-of.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
let ours: OwnKey
let stranger: OwnKey
/** What our team has, and what nobody has. */
let there: Record<string, string>
const absent = {
  id: newId("task"),
  group: newId("group"),
  turn: newId("turn"),
  gate: newId("gate"),
  name: "absent",
  key: "NONE",
  keyId: newId("key"),
  hookId: newId("hook"),
  message: newId("task").replace("task_", "msg_"),
  platform: "slack",
  workspace: "T9",
  user: "U9",
  channel: "C9",
}

beforeAll(async () => {
  gateway = await openGateway()
  ours = await keyOf(gateway, { name: "Ours", role: "admin" })
  stranger = await keyOf(gateway, { name: "Stranger", role: "admin", team: "rivals" })
  await ours.call("PUT", "/v1/repos/shop/secrets/TOKEN", { value: "s3cret" })
  const { id, turn } = await gateway.submit()
  const candidates = await ours.call("POST", "/v1/tasks", { repo: "shop", prompt: "x", candidates: 2 })
  const group = (candidates.body as Task).group?.id ?? ""
  const gate = newId("gate")
  await gateway.store.change({
    team: "default",
    task: id,
    decide: (_state, at) => [{ type: "gate.opened", gate, kind: "plan", detail: "the plan", turn, at }],
  })
  const hook = await ours.call("POST", "/v1/webhooks", { url: "https://hooks.example.com/" })
  const hookId = (hook.body as { id: string }).id
  const chat = { platform: "slack", workspace: "T1", user: "U1", channel: "C1" }
  await ours.call("POST", "/v1/chat/links", { platform: "slack", workspace: "T1", user: "U1", key: ours.id })
  await ours.call("PUT", "/v1/chat/channels/slack/T1/C1", { repo: "shop" })
  there = {
    id,
    group,
    turn,
    gate,
    name: "shop",
    key: "TOKEN",
    keyId: ours.id,
    hookId,
    message: absent.message,
    ...chat,
  }
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** A request that our own team's admin could send, for each route that names something. */
const requests: Record<string, (ids: Record<string, string>) => unknown> = {
  "GET /v1/repos/:name": () => undefined,
  "DELETE /v1/repos/:name": () => undefined,
  "PUT /v1/repos/:name/credential": () => ({ kind: "token", token: "x" }),
  "DELETE /v1/repos/:name/credential": () => undefined,
  "PUT /v1/repos/:name/github": () => ({}),
  "DELETE /v1/repos/:name/github": () => undefined,
  "PUT /v1/repos/:name/secrets/:key": () => ({ value: "x" }),
  "DELETE /v1/repos/:name/secrets/:key": () => undefined,
  "POST /v1/tasks": ({ name }) => ({ repo: name, prompt: "x", lane: "deep" }),
  "POST /v1/tasks/batch": ({ name }) => ({ tasks: [{ repo: name, prompt: "x" }] }),
  "POST /v1/tasks/cancel": ({ id }) => ({ tasks: [id] }),
  "GET /v1/groups/:id": () => undefined,
  "POST /v1/groups/:id/cancel": () => ({}),
  "GET /v1/tasks/:id": () => undefined,
  "GET /v1/tasks/:id/events": () => undefined,
  "GET /v1/tasks/:id/diff": () => undefined,
  "POST /v1/tasks/:id/turns": () => ({ prompt: "x", lane: "deep" }),
  "POST /v1/tasks/:id/retry": () => ({}),
  "POST /v1/tasks/:id/steer": ({ turn }) => ({ prompt: "x", turn }),
  "POST /v1/tasks/:id/cancel": () => ({}),
  "POST /v1/tasks/:id/interrupt": () => ({}),
  "POST /v1/tasks/:id/gates/:gate": () => ({ decision: "allow" }),
  "POST /v1/tasks/:id/accept": () => ({}),
  "POST /v1/tasks/:id/undo": () => ({}),
  "POST /v1/tasks/:id/discard": () => ({}),
  "POST /v1/disk/reclaim": ({ name }) => ({ repo: name }),
  "POST /v1/sign-in-links": ({ keyId }) => ({ key: keyId }),
  "DELETE /v1/keys/:id": () => undefined,
  "GET /v1/webhooks/:id": () => undefined,
  "GET /v1/webhooks/:id/deliveries": () => undefined,
  "POST /v1/webhooks/:id/deliveries/:message/replay": () => ({}),
  "POST /v1/webhooks/:id/test": () => ({}),
  "POST /v1/webhooks/:id/rotate": () => ({}),
  "DELETE /v1/webhooks/:id": () => undefined,
  "POST /v1/chat/links": ({ keyId }) => ({ platform: "slack", workspace: "T2", user: "U2", key: keyId }),
  "DELETE /v1/chat/links/:platform/:workspace/:user": () => undefined,
  "PUT /v1/chat/channels/:platform/:workspace/:channel": ({ name }) => ({ repo: name }),
  "DELETE /v1/chat/channels/:platform/:workspace/:channel": () => undefined,
}

/** Which of the ids is meant by `:id`. */
const ownIds: Record<string, string> = { keys: "keyId", webhooks: "hookId", groups: "group", tasks: "id" }

const ask = async (route: string, ids: Record<string, string>, headers: Record<string, string> = {}) => {
  const [method = "", path = ""] = route.split(" ")
  const kind = Object.keys(ownIds).find(name => path.includes(`/${name}/`)) ?? "tasks"
  const own = ids[ownIds[kind] ?? "id"]
  const named: Record<string, string> = { ...ids, id: own ?? "" }
  const url = path.replace(/:(\w+)/g, (_whole, name: string) => named[name] ?? "")
  const { status, text } = await stranger.call(method, url, requests[route]?.(ids), headers)
  return { status, text: text.replace(/req_\w+/g, "req") }
}

test("every route that names something is tried here", () => {
  // Lanes and workers are everybody's; what waits in a lane is not (teams-lists.test.ts).
  const naming = Object.keys(roles).filter(route => /:(?!lane|worker)/.test(route))
  expect(Object.keys(requests)).toEqual(expect.arrayContaining(naming))
})

describe.each(Object.keys(requests))("to another team %s", route => {
  test("answers as if there were no such thing", async () => {
    const foreign = await ask(route, there)
    expect(foreign).toEqual(await ask(route, absent))
    // Credentials and secrets may be set before there is a repo: then in the caller's own team.
    expect(foreign.status === 404 || /credential|secrets|batch|tasks\/cancel/.test(route)).toBe(true)
  })
})

test("a stream of another team's task, and its events, are not there either", async () => {
  const accept = { accept: "text/event-stream" }
  expect(await ask("GET /v1/tasks/:id/events", there, accept)).toEqual(
    await ask("GET /v1/tasks/:id/events", absent, accept),
  )
})

test("another team's admin sees to no team but its own, and to no path of this machine", async () => {
  const wish = { name: "x", team: "default" }
  for (const answer of [
    await stranger.call("POST", "/v1/keys", wish),
    await stranger.call("GET", "/v1/keys?team=default"),
    await stranger.call("POST", "/v1/repos", { name: "mine", source: gateway.source.path }),
  ])
    expect([answer.status, answer.body]).toMatchObject([403, { code: "forbidden" }])
})

test("all that is ours is as it was", async () => {
  expect(await gateway.types(there.id ?? "")).toEqual(["task.created", "turn.queued", "gate.opened"])
  expect((await ours.call("GET", "/v1/repos/shop")).body).toMatchObject({
    secrets: ["TOKEN"],
    credential: "none",
  })
  expect((await ours.call("GET", "/v1/me")).status).toBe(200)
  expect((await ours.call("GET", "/v1/webhooks")).body).toMatchObject({ items: [{ id: there.hookId }] })
})
