import { newId } from "@twolane/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { roles } from "../src/http/roles.ts"
import { keyOf, type OwnKey } from "./keys-of.ts"
import { callTool, connectMcp } from "./mcp/connect.ts"
import { type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"
import { openLive } from "./open-live.ts"
import { readStream } from "./read-stream.ts"

let gateway: OpenGateway
let ours: OwnKey
let stranger: OwnKey
/** A task of ours that runs, one that has a gate (a third one waits for its turn), and words that stand in nothing but ours. */
let running: { id: string; turn: string }
let gated: { id: string; turn: string; gate: string }
let marks: string[]

beforeAll(async () => {
  gateway = await openGateway()
  ours = await keyOf(gateway, { name: "Ours", role: "admin" })
  stranger = await keyOf(gateway, { name: "Stranger", role: "admin", team: "rivals" })
  await ours.call("PUT", "/v1/repos/shop/secrets/OUR_TOKEN", { value: "s3cret" })
  const { body } = await ours.call("POST", "/v1/webhooks", { url: "https://hooks.example.com/our-hook" })
  await ours.call("POST", "/v1/chat/links", {
    platform: "slack",
    workspace: "T1",
    user: "UOURS",
    key: ours.id,
  })
  await ours.call("PUT", "/v1/chat/channels/slack/T1/COURS", { repo: "shop" })
  const claimed = Promise.withResolvers<void>()
  await gateway.work(async attempt => {
    claimed.resolve()
    await untilStopped(attempt)
  }, 1)
  running = await gateway.submit({ prompt: "our-prompt", labels: ["our-label"] })
  await claimed.promise
  const waiting = await gateway.submit({ prompt: "our-prompt too" })
  const gate = newId("gate")
  const { id: task, turn } = waiting
  const opened = (_state: unknown, at: number) => [
    { type: "gate.opened", gate, kind: "plan", detail: "our-plan", turn, at } as const,
  ]
  await gateway.store.change({ team: "default", task, decide: opened })
  gated = { ...waiting, gate }
  await gateway.submit({ prompt: "our-prompt that waits" })
  const hook = (body as { id: string }).id
  marks = [running.id, running.turn, task, gate, ours.id, hook, "our-", "UOURS", "COURS", "OUR_TOKEN", "shop"]
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** What shows more than one thing that it names: the paths by which it is looked at. */
const looks: Record<string, string[]> = {
  "GET /v1/tasks": [
    "/v1/tasks",
    "/v1/tasks?q=our-prompt",
    "/v1/tasks?label=our-label",
    "/v1/tasks?repo=shop",
  ],
  "GET /v1/repos": ["/v1/repos"],
  "GET /v1/gates": ["/v1/gates"],
  "GET /v1/webhooks": ["/v1/webhooks"],
  "GET /v1/chat/links": ["/v1/chat/links"],
  "GET /v1/chat/channels": ["/v1/chat/channels"],
  "GET /v1/keys": ["/v1/keys"],
  "GET /v1/audit": ["/v1/audit", "/v1/audit?object=shop"],
  "GET /v1/workers": ["/v1/workers"],
  "GET /v1/queue/:lane/waiting": ["/v1/queue/deep/waiting"],
}
/** What has numbers alone. */
const numbers = [
  "GET /v1/queue",
  "GET /v1/tasks/counts",
  "GET /v1/kpis",
  "GET /v1/disk",
  "GET /v1/hindsight",
  "GET /v1/budget",
  "GET /v1/spend",
]
/** Every other route that names nothing in its path, and why nothing of others is behind it. */
const others: Record<string, string> = {
  "GET /v1/me": "says who calls",
  "DELETE /v1/session": "ends the caller's own",
  "DELETE /v1/sessions": "ends the caller's own",
  "POST /v1/chat/codes": "is for oneself",
  "POST /v1/sign-in-links": "teams.test.ts",
  "POST /v1/chat/links": "teams.test.ts",
  "POST /v1/tasks": "teams.test.ts",
  "POST /v1/tasks/batch": "teams.test.ts",
  "POST /v1/tasks/cancel": "teams.test.ts",
  "POST /v1/disk/reclaim": "teams.test.ts",
  "POST /v1/repos": "makes the team's own",
  "POST /v1/keys": "makes the team's own; teams.test.ts",
  "POST /v1/webhooks": "makes the team's own",
  "POST /v1/workers/:worker/drain": "a worker is everybody's",
  "POST /v1/workers/:worker/resume": "a worker is everybody's",
  "PUT /v1/budget": "spend.test.ts",
  "POST /v1/queue/limits": "limits.test.ts",
  "POST /v1/queue/pause": "a lane is everybody's",
  "POST /v1/queue/resume": "a lane is everybody's",
  "GET /v1/audit/verify": "says whether the caller's own chain holds",
  "GET /v1/events": "below",
  "GET /v1/live": "below",
  "GET /mcp": "405",
  "POST /mcp": "below",
  "DELETE /mcp": "405",
}

test("every route that names nothing is one of these", () => {
  const listed = [...Object.keys(looks), ...numbers, ...Object.keys(others)]
  expect(listed.toSorted()).toEqual(
    Object.keys(roles)
      .filter(route => !/:(?!lane|worker)/.test(route))
      .toSorted(),
  )
})

describe.each(Object.values(looks).flat())("%s", path => {
  test("shows us what is ours, and another team's admin nothing of it", async () => {
    const seenBy = async (key: OwnKey) => {
      const { status, text } = await key.call("GET", path)
      expect(status).toBe(200)
      return marks.filter(mark => text.includes(mark))
    }
    // A worker's next beat says what it holds.
    await expect.poll(async () => (await seenBy(ours)).length).toBeGreaterThan(0)
    expect(await seenBy(stranger)).toEqual([])
  })
})

test("another team's numbers count nothing of ours", async () => {
  const get = async (path: string) => (await stranger.call("GET", path)).body
  expect(await get("/v1/queue")).toMatchObject({ lanes: { deep: { waiting: 0, running: 0 } } })
  const { statuses } = (await get("/v1/tasks/counts")) as { statuses: Record<string, number> }
  expect(Object.entries(statuses).filter(([, count]) => count > 0)).toEqual([])
  const { items } = (await get("/v1/kpis?window=1h")) as { items: { count: number }[] }
  expect([items.length > 10, items.filter(({ count }) => count > 0)]).toEqual([true, []])
  expect(await get("/v1/disk")).toEqual({ hosts: [], items: [] })
  expect(await get("/v1/budget")).toMatchObject({ team: "rivals", state: "none" })
  expect(await get("/v1/spend")).toMatchObject({ items: [] })
  expect(await get("/v1/hindsight?status=canceled")).toEqual({ items: [], nextCursor: null })
})

test("the audit log as lines has nothing of another team either", async () => {
  const lines = async (key: OwnKey) =>
    (await key.call("GET", "/v1/audit", undefined, { accept: "application/x-ndjson" })).text
  expect(await lines(ours)).toContain(running.id)
  const foreign = await lines(stranger)
  expect(marks.filter(mark => foreign.includes(mark))).toEqual([])
})

test("the team's stream says nothing of another team's tasks", async () => {
  const streamOf = ({ secret }: OwnKey) =>
    readStream(`${gateway.url}/v1/events?after=0-0`, { authorization: `Bearer ${secret}` })
  await using own = await streamOf(ours)
  await using foreign = await streamOf(stranger)
  await own.until(() => own.messages.some(({ data }) => data.includes(gated.id)))
  // What came to us had time to come to them.
  const before = foreign.comments.length
  await foreign.until(() => foreign.comments.length > before)
  expect(foreign.messages.filter(({ data }) => marks.some(mark => data.includes(mark)))).toEqual([])
})

test("to a live socket of another team each of its requests is answered as if there were no such task", async () => {
  await using live = await openLive(gateway.url, { authorization: `Bearer ${stranger.secret}` })
  const absent = { id: newId("task"), turn: newId("turn"), gate: newId("gate"), repo: "absent" }
  const there = { ...gated, repo: "shop" }
  const requests: Record<string, (of: typeof absent) => Record<string, unknown>> = {
    submit: ({ repo }) => ({ body: { repo, prompt: "x", lane: "deep" } }),
    turn: ({ id }) => ({ task: id, body: { prompt: "x", lane: "deep" } }),
    steer: ({ id, turn }) => ({ task: id, body: { prompt: "x", turn } }),
    interrupt: ({ id }) => ({ task: id }),
    cancel: ({ id }) => ({ task: id }),
    undo: ({ id }) => ({ task: id }),
    gate: ({ id, gate }) => ({ task: id, gate, body: { decision: "allow" } }),
    subscribe: ({ id }) => ({ task: id }),
  }
  const told = async (type: string, of: typeof absent) => {
    const { problem } = await live.ask({ id: newId("req"), type, ...requests[type]?.(of) })
    return { ...(problem as object), requestId: "" }
  }
  for (const type of Object.keys(requests)) {
    const foreign = await told(type, there)
    expect([type, foreign]).toMatchObject([type, { status: 404 }])
    expect([type, foreign]).toEqual([type, await told(type, absent)])
  }
  expect(live.events()).toEqual([])
})

test("to another team's agent each tool answers as if there were no such task, and no resource is there", async () => {
  await using client = await connectMcp(gateway.url, stranger.secret)
  const absent = { id: newId("task"), turn: newId("turn"), gate: newId("gate"), repo: "absent" }
  const more: Record<string, (of: typeof absent) => Record<string, unknown>> = {
    submit: ({ repo }) => ({ repo, prompt: "x", lane: "deep" }),
    follow_up: ({ id }) => ({ task: id, prompt: "x" }),
    steer: ({ id, turn }) => ({ task: id, turn, prompt: "x" }),
    decide: ({ id, gate }) => ({ task: id, gate, decision: "allow" }),
    compare: ({ id }) => ({ group: id.replace("task_", "group_") }),
  }
  const { tools } = await client.listTools()
  const lists = tools.filter(({ name }) => ["list", "repos", "gates"].includes(name)).map(({ name }) => name)
  for (const name of lists)
    expect((await callTool(client, name)).value).toEqual({ items: [], nextCursor: null })
  const naming = tools.map(({ name }) => name).filter(name => !lists.includes(name))
  expect(naming.length).toBeGreaterThan(8)
  for (const name of naming) {
    const told = async (of: typeof absent) => {
      const { text, refused } = await callTool(client, name, more[name]?.(of) ?? { task: of.id })
      return { refused, text: text.replace(/req_\w+/g, "") }
    }
    const foreign = await told({ ...gated, repo: "shop" })
    expect([name, foreign]).toMatchObject([
      name,
      { refused: true, text: expect.stringContaining("(not-found)") },
    ])
    expect([name, foreign]).toEqual([name, await told(absent)])
  }
  expect((await client.listResources()).resources).toEqual([])
  for (const part of ["", "/diff", "/log"])
    await expect(client.readResource({ uri: `twolane://tasks/${gated.id}${part}` })).rejects.toThrow(
      /not found/i,
    )
})

test("all that is ours is as it was", async () => {
  expect(await gateway.types(gated.id)).toEqual(["task.created", "turn.queued", "gate.opened"])
  expect(await gateway.types(running.id)).toEqual(["task.created", "turn.queued", "turn.started"])
})
