import { endTurn, type QueueView, type Task } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { makeRepo, type TempRepo } from "@twolane/testkit"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { keyOf } from "./keys-of.ts"
import { apiKey, type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
let other: TempRepo
/** Ends the turns that run, by their tasks. */
const running = new Map<string, () => void>()
const held: RunTurn = async attempt => {
  await new Promise<void>(resolve => running.set(attempt.task, resolve))
  running.delete(attempt.task)
  await attempt.write((state, at) => endTurn(state, attempt.turn, { status: "succeeded" }, at))
}
beforeAll(async () => {
  gateway = await openGateway()
  other = await makeRepo({ files: { "a.txt": "a\n" } })
  await gateway.call("POST", "/v1/repos", { name: "other", source: other.path })
  await gateway.work(held, 4)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

const limit = (change: Record<string, unknown>) => gateway.call("POST", "/v1/queue/limits", change)
const limitsOf = async () => ((await gateway.call("GET", "/v1/queue")).body as QueueView).lanes.deep.limits
const placeOf = async (id: string) => ((await gateway.call("GET", `/v1/tasks/${id}`)).body as Task).queue
const runs = (id: string) => expect.poll(() => running.has(id)).toBe(true)
const end = async (id: string) => {
  await runs(id)
  running.get(id)?.()
  await expect.poll(() => gateway.types(id)).toContain("turn.ended")
}

const noLimits = {
  perRepo: null,
  perTeam: null,
  perPerson: null,
  urgent: null,
  teams: { default: { repos: { shop: null } } },
}
beforeEach(async () => {
  await limit(noLimits)
})

test("a repo is paused alone: what waits of it says so in each gateway, others run, and it goes on when it is resumed", async () => {
  const paused = await gateway.call("POST", "/v1/queue/pause", { lane: "deep", repo: "shop" })
  expect(paused.body).toMatchObject({
    lanes: { deep: { paused: false, pausedRepos: ["shop"] }, fast: { pausedRepos: [] } },
  })
  const waiting = await gateway.submit()
  const free = await gateway.submit({ repo: "other" })
  await runs(free.id)
  expect(await placeOf(waiting.id)).toMatchObject({ reason: "repo shop is paused", hold: "repo-paused" })
  {
    await using second = await gateway.start()
    const seen = await fetch(`${second.url}/v1/queue`, { headers: { authorization: `Bearer ${apiKey}` } })
    expect(await seen.json()).toMatchObject({ lanes: { deep: { pausedRepos: ["shop"] } } })
  }
  await gateway.call("POST", "/v1/queue/resume", { lane: "deep", repo: "shop" })
  await end(waiting.id)
  await end(free.id)
})

test("a repo that is paused in the fast lane takes no fast turn, and what is left to us goes deep", async () => {
  await gateway.call("POST", "/v1/queue/pause", { lane: "fast", repo: "shop" })
  const refused = await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "now", lane: "fast" })
  expect([refused.status, refused.body]).toMatchObject([
    503,
    { code: "no-worker", detail: "The fast lane is paused for repo shop." },
  ])
  const { id } = await gateway.submit({ lane: "auto" })
  await end(id)
  const { body } = await gateway.call("GET", `/v1/tasks/${id}/events`)
  expect(JSON.stringify(body)).toContain("auto, and the fast lane is paused for this repo")
  await gateway.call("POST", "/v1/queue/resume", { repo: "shop" })
})

test.each([
  ["each repo", { perRepo: 1 }, "repo", /^repo limit 1 of 1, behind task_/],
  ["one repo", { teams: { default: { repos: { shop: 1 } } } }, "repo", /^repo limit 1 of 1, behind task_/],
  ["each team", { perTeam: 1 }, "team", /^team limit 1 of 1$/],
  ["each person", { perPerson: 1 }, "person", /^limit of one person 1 of 1$/],
  ["what is urgent", { urgent: 3 }, "reserved", /^the 3 free slots are kept for urgent turns$/],
] as const)(
  "a limit of %s holds what comes after, which says it, and goes on once it is taken away",
  async (_of, change, hold, reason) => {
    const set = await limit(change)
    expect([set.status, (set.body as QueueView).lanes.deep.limits]).toMatchObject([200, change])
    const first = await gateway.submit()
    await runs(first.id)
    const second = await gateway.submit()
    await expect.poll(() => placeOf(second.id)).toMatchObject({ hold, reason: expect.stringMatching(reason) })
    expect(running.has(second.id)).toBe(false)
    await limit(noLimits)
    await end(second.id)
    await end(first.id)
  },
)

test("what a change does not name stays, and null takes one away", async () => {
  await limit({ perTeam: 7, providers: { "models.example.com": 3 } })
  await limit({ perRepo: 3, perTeam: null, teams: { rivals: { share: 2, reserved: 1 } } })
  expect(await limitsOf()).toEqual({
    perRepo: 3,
    providers: { "models.example.com": 3 },
    teams: { rivals: { share: 2, reserved: 1 } },
  })
  await limit({
    perRepo: null,
    providers: { "models.example.com": null },
    teams: { rivals: { share: null, reserved: null } },
  })
  expect(await limitsOf()).toEqual({ perRepo: 2 })
})

test("a team's admin changes the limits of its own repos and people alone, and sees no other team's", async () => {
  const rival = await keyOf(gateway, { name: "Rival", role: "admin", team: "rivals" })
  await limit({ teams: { default: { share: 2 } } })
  const ask = (change: Record<string, unknown>) => rival.call("POST", "/v1/queue/limits", change)
  for (const [change, name] of [
    [{ perRepo: 5 }, "perRepo"],
    [{ teams: { default: { perPerson: 1 } } }, "default"],
    [{ teams: { rivals: { share: 9 } } }, "share"],
  ] as const)
    expect((await ask(change)).body).toMatchObject({
      code: "forbidden",
      detail: `A team sees to its own repos and people: ask whoever runs Twolane to change ${name}.`,
    })
  const own = await ask({ teams: { rivals: { perPerson: 2 } } })
  expect([own.status, (own.body as QueueView).lanes.deep.limits]).toEqual([
    200,
    { perRepo: 2, teams: { rivals: { perPerson: 2 } } },
  ])
  expect((await limitsOf()).teams).toEqual({ default: { share: 2 }, rivals: { perPerson: 2 } })
  await limit({ teams: { default: { share: null }, rivals: { perPerson: null } } })
})

test("what is no limit is refused, and says what is wrong", async () => {
  expect((await limit({ lane: "fast", perRepo: 1 })).body).toMatchObject({
    status: 422,
    code: "not-in-fast-lane",
  })
  for (const [change, path] of [
    [{ perRepo: 0 }, "perRepo"],
    [{ perRepos: 1 }, "perRepos"],
    [{ providers: { "A.example": 1 } }, "providers.A.example"],
    [{ teams: { default: { share: 1.5 } } }, "teams.default.share"],
  ] as const)
    expect((await limit(change)).body).toMatchObject({ status: 422, code: "invalid", errors: [{ path }] })
  const unknown = { teams: { default: { repos: { shpo: 1 } } } }
  expect((await limit(unknown)).body).toMatchObject({ status: 404, detail: "There is no such repo: shpo." })
  expect((await gateway.call("POST", "/v1/queue/pause", { repo: "shpo" })).status).toBe(404)
  expect(await limitsOf()).toEqual({ perRepo: 2 })
})

test("a repo that goes takes its limits and its pause along", async () => {
  const gone = { name: "gone", source: other.path }
  await gateway.call("POST", "/v1/repos", gone)
  await limit({ teams: { default: { repos: { gone: 1 } } } })
  await gateway.call("POST", "/v1/queue/pause", { repo: "gone" })
  expect((await gateway.call("DELETE", "/v1/repos/gone")).status).toBe(204)
  await gateway.call("POST", "/v1/repos", gone)
  const { lanes } = (await gateway.call("GET", "/v1/queue")).body as QueueView
  expect([lanes.deep.limits, lanes.deep.pausedRepos, lanes.fast.pausedRepos]).toEqual([
    { perRepo: 2 },
    [],
    [],
  ])
})
