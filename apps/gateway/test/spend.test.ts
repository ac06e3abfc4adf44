import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type BudgetView, endTurn, type NewEvent, type SpendRow, type Task } from "@twolane/protocol"
import { monthOf, type RunTurn } from "@twolane/store"
import { makeTempFolder } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { keyOf, type OwnKey } from "./keys-of.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

const price = { input: 1, cachedInput: 0.1, output: 10 }
let folder: Awaited<ReturnType<typeof makeTempFolder>>
let gateway: OpenGateway
let ada: OwnKey
beforeAll(async () => {
  folder = await makeTempFolder("twl-prices-")
  const prices = join(folder.path, "prices.json")
  await writeFile(prices, JSON.stringify({ quick: price, thorough: price }))
  gateway = await openGateway({
    env: { TWOLANE_PRICES: prices, TWOLANE_FAST_MODEL: "quick", TWOLANE_DEEP_MODEL: "thorough" },
  })
  ada = await keyOf(gateway, { name: '=Ada, "the first"', role: "member" })
  await gateway.work(spending)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** A prompt says what its turn uses: `thorough 1000 0.25`, of which a tenth is output; no price: null. */
const spending: RunTurn = async attempt => {
  await attempt.write((state, at) => {
    const turn = state.turns.find(({ id }) => id === attempt.turn)
    const used = (turn?.prompt ?? "").split("; ").map((text): NewEvent => {
      const [model = "", tokens = "0", cost] = text.split(" ")
      const outputTokens = Number(tokens) / 10
      return {
        type: "usage.reported",
        model,
        inputTokens: Number(tokens) - outputTokens,
        cachedTokens: 0,
        outputTokens,
        costUsd: cost === undefined ? null : Number(cost),
        ttftMs: null,
        durationMs: 1,
        turn: attempt.turn,
        at,
      }
    })
    return [...used, ...endTurn(state, attempt.turn, { status: "succeeded" }, at)]
  })
}

const budget = async () => (await gateway.call("GET", "/v1/budget")).body as BudgetView
const setBudget = (change: Record<string, unknown>) => gateway.call("PUT", "/v1/budget", change)
const taskOf = async (id: string) => (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task
const spend = async (query = "") =>
  (await gateway.call("GET", `/v1/spend${query}`)).body as { total: SpendRow; items: SpendRow[] }
const run = async (prompt: string) => {
  const { id } = await gateway.submit({ prompt })
  await expect.poll(async () => (await taskOf(id)).status).toBe("succeeded")
}
const counted = (tokens: number) => expect.poll(async () => (await budget()).spent.tokens).toBe(tokens)

test("what turns used is told by team, lane, repo, person and model, as JSON and as CSV", async () => {
  await run("thorough 1000 0.25; quick 500 0.01")
  const asked = await ada.call("POST", "/v1/tasks", {
    repo: "shop",
    prompt: "thorough 2000 0.5",
    lane: "deep",
  })
  expect(asked.status).toBe(202)
  await counted(3_500)
  const { total, items } = await spend()
  expect(total).toMatchObject({ turns: 2, inputTokens: 3_150, outputTokens: 350, costUsd: 0.76, repo: null })
  expect(items).toMatchObject([
    {
      team: "default",
      lane: "deep",
      repo: "shop",
      model: "thorough",
      costUsd: 0.5,
      person: { name: ada.name },
    },
    { model: "thorough", costUsd: 0.25, turns: 1, person: { name: "admin" } },
    { model: "quick", costUsd: 0.01, turns: 0, inputTokens: 450, outputTokens: 50 },
  ])
  expect((await spend("?by=model")).items).toMatchObject([
    { model: "thorough", costUsd: 0.75, team: null, person: null },
    { model: "quick", costUsd: 0.01 },
  ])
  const csv = await gateway.call("GET", "/v1/spend?by=person", undefined, { accept: "text/csv" })
  expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8")
  const month = monthOf(gateway.store.now())
  expect(csv.text.split("\r\n")).toEqual([
    "month,person,turns,inputTokens,cachedTokens,outputTokens,costUsd",
    `${month},"'=Ada, ""the first""",1,1800,0,200,0.5`,
    `${month},admin,1,1350,0,150,0.26`,
    "",
  ])
  expect((await spend("?month=2020-01")).items).toEqual([])
  expect((await gateway.call("GET", "/v1/spend?by=colour")).status).toBe(422)
})

test("from a share on the budget warns, at its end nothing starts, what waits says until when, and a raise lets it go on", async () => {
  expect(await budget()).toMatchObject({ usd: null, tokens: null, state: "none" })
  const set = await setBudget({ usd: 1, warnAt: 0.8 })
  expect([set.status, set.body]).toMatchObject([
    200,
    { usd: 1, state: "open", which: "usd", spent: { usd: 0.76 } },
  ])
  await run("thorough 100 0.05")
  await expect.poll(budget).toMatchObject({ state: "warned", spent: { usd: 0.81 } })
  // What runs goes on, also beyond it.
  await run("thorough 100 0.3")
  await expect.poll(budget).toMatchObject({ state: "stopped", spent: { usd: 1.11 } })
  const { resetsAt, month } = await budget()
  const held = await gateway.submit({ prompt: "thorough 10 0.01" })
  const reset = new Date(resetsAt).toISOString()
  const reason = `the team's budget for ${month} is used up, $1.11 of $1.00; it resets ${reset}`
  await expect.poll(async () => (await taskOf(held.id)).queue).toMatchObject({ hold: "budget", reason })
  const fast = await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "now", lane: "fast" })
  expect([fast.status, fast.body]).toMatchObject([
    429,
    { code: "budget-used-up", retryable: false, detail: `No turn starts: ${reason}.` },
  ])
  // Another team has its own.
  expect((await gateway.call("GET", "/v1/budget?team=rivals")).body).toMatchObject({ state: "none" })
  expect((await taskOf(held.id)).status).toBe("queued")
  await setBudget({ usd: 5 })
  await expect.poll(async () => (await taskOf(held.id)).status).toBe("succeeded")
  await counted(3_710)
  await setBudget({ usd: null })
  expect(await budget()).toMatchObject({ usd: null, state: "none" })
})

test("a budget in tokens needs no price, and outlives a gateway", async () => {
  const { spent } = await budget()
  await run("unknown 1000")
  await counted(spent.tokens + 1_000)
  expect((await budget()).spent).toMatchObject({ unpricedTokens: 1_000 })
  expect((await spend("?by=model")).items.find(({ model }) => model === "unknown")?.costUsd).toBe(null)
  await setBudget({ tokens: spent.tokens + 500 })
  await using second = await gateway.start()
  const authorization = `Bearer ${ada.secret}`
  const seen = await fetch(`${second.url}/v1/budget`, { headers: { authorization } })
  expect(await seen.json()).toMatchObject({ tokens: spent.tokens + 500, state: "stopped", which: "tokens" })
  const held = await gateway.submit({ prompt: "thorough 10 0.01" })
  await expect
    .poll(async () => (await taskOf(held.id)).queue?.reason)
    .toMatch(/used up, \d+ of \d+ tokens; it resets/)
  await setBudget({ tokens: null })
  await expect.poll(async () => (await taskOf(held.id)).status).toBe("succeeded")
})

test("a team neither sets its budget nor sees another's, and dollars that nobody can count are refused", async () => {
  const rival = await keyOf(gateway, { name: "Rival", role: "admin", team: "rivals" })
  expect((await rival.call("PUT", "/v1/budget", { usd: 1 })).body).toMatchObject({ code: "forbidden" })
  expect((await rival.call("GET", "/v1/spend?team=default")).body).toMatchObject({ code: "forbidden" })
  expect((await rival.call("GET", "/v1/spend?team=*")).body).toMatchObject({ code: "forbidden" })
  expect((await rival.call("GET", "/v1/spend")).body).toMatchObject({ items: [] })
  expect((await spend("?team=*&by=team")).items).toMatchObject([{ team: "default" }])
  await using unpriced = await openGateway()
  const refused = await unpriced.call("PUT", "/v1/budget", { usd: 10 })
  expect(refused.body).toMatchObject({ status: 422, code: "price-unknown", errors: [{ path: "usd" }] })
  expect((await unpriced.call("PUT", "/v1/budget", { tokens: 10 })).status).toBe(200)
})
