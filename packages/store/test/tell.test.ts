import type { BudgetView, Delivery, Webhook } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Context } from "../src/context.ts"
import type { Store } from "../src/index.ts"
import { loadScripts, scriptRunner } from "../src/redis/script.ts"
import { keepBudget, spendKey } from "../src/spend/budget.ts"
import { monthOf, nextMonthAt } from "../src/spend/month.ts"
import { passedOf } from "../src/spend/tell.ts"
import { alice, type Bench, startBench, team, until } from "./open-for-test.ts"

let bench: Bench
let redis: Redis
let store: Store
beforeEach(async () => {
  bench = await startBench()
  redis = new Redis(bench.url)
  store = await bench.open()
})
afterEach(async () => {
  redis.disconnect()
  await bench[Symbol.asyncDispose]()
  bench.expectNoErrors()
})

const makeHook = async (id: string, more: Partial<Webhook> = {}): Promise<void> => {
  const hook = { id, team, url: "https://hooks.example.com", createdAt: 1, createdBy: alice, ...more }
  await store.webhooks.create(hook, "whsec_c2VjcmV0")
}
const toldTo = async (id: string): Promise<Delivery[]> =>
  (await store.webhooks.deliveries(team, id, { limit: 50 })).items
const typesTo = async (id: string) => (await toldTo(id)).map(({ type }) => type).toSorted()

/** Counts spend as a process that dies before it says so to anybody. */
const countAndDie = async (tokens: number, at = store.now()) => {
  await redis.sadd("tl:{upkeep}:teams", team)
  await redis.hincrby(spendKey(team, monthOf(at)), "tokens", tokens)
}

/** A process at another time. */
const contextAt = (at: number): Context =>
  ({
    client: redis,
    run: scriptRunner(redis, loadScripts()),
    now: () => at,
  }) satisfies Partial<Context> as unknown as Context

test("each share of each limit is passed by itself, and what warns at all of it only stops", () => {
  const view: BudgetView = {
    team,
    month: "2026-11",
    resetsAt: 9,
    usd: 10,
    tokens: 1_000,
    warnAt: 0.8,
    spent: { usd: 8, tokens: 999, unpricedTokens: 0 },
    state: "warned",
    which: "tokens",
  }
  const passed = { month: "2026-11", resetsAt: 9 }
  expect(passedOf(view)).toEqual([
    { ...passed, type: "spend.warned", which: "usd", share: 0.8, limit: 10, used: 8 },
    { ...passed, type: "spend.warned", which: "tokens", share: 0.8, limit: 1_000, used: 999 },
  ])
  const spent = { usd: 10.5, tokens: 0, unpricedTokens: 0 }
  expect(passedOf({ ...view, spent }).map(({ type, which }) => [type, which])).toEqual([
    ["spend.warned", "usd"],
    ["spend.stopped", "usd"],
  ])
  expect(passedOf({ ...view, warnAt: 1, spent }).map(({ type }) => type)).toEqual(["spend.stopped"])
  expect(passedOf({ ...view, usd: null, spent })).toEqual([])
})

test("many processes see it at once, and each webhook that asked hears of it once", async () => {
  await makeHook("hook_all")
  await makeHook("hook_warned", { events: ["spend.warned", "turn.ended"] })
  await makeHook("hook_turns", { events: ["turn.ended"] })
  await makeHook("hook_repo", { events: ["spend.warned"], repos: ["shop"] })
  await makeHook("hook_labels", { labels: ["x"] })
  await makeHook("hook_off", { disabledAt: 1 })
  await store.setBudget(team, { tokens: 1_000, warnAt: 0.5 })
  expect(await toldTo("hook_all")).toEqual([])
  await countAndDie(600)
  const others = await Promise.all([bench.open(), bench.open(), bench.open()])
  await Promise.all([store, ...others, ...others].map(each => each.setBudget(team, {})))
  expect(await toldTo("hook_all")).toMatchObject([
    {
      id: expect.stringMatching(/^msg_[0-9a-f]{26}$/),
      type: "spend.warned",
      status: "waiting",
      budget: { month: monthOf(store.now()), which: "tokens", share: 0.5, limit: 1_000, used: 600 },
    },
  ])
  await countAndDie(400)
  await Promise.all([store, ...others].map(each => each.setBudget(team, {})))
  expect(await typesTo("hook_all")).toEqual(["spend.stopped", "spend.warned"])
  expect(await typesTo("hook_warned")).toEqual(["spend.warned"])
  for (const hook of ["hook_turns", "hook_repo", "hook_labels", "hook_off"])
    expect(await toldTo(hook), hook).toEqual([])
})

test("what a process counted that died before it told anybody, another one tells", async () => {
  await makeHook("hook_a")
  await store.setBudget(team, { tokens: 1_000 })
  await countAndDie(1_500)
  await using _upkeep = store.startUpkeep()
  await until(async () => (await toldTo("hook_a")).length === 2)
  expect(await typesTo("hook_a")).toEqual(["spend.stopped", "spend.warned"])
})

test("a raised budget has shares of its own, and one that is lowered again says nothing twice", async () => {
  await makeHook("hook_a")
  await store.setBudget(team, { tokens: 1_000 })
  await countAndDie(1_000)
  await store.setBudget(team, {})
  expect(await typesTo("hook_a")).toEqual(["spend.stopped", "spend.warned"])
  await store.setBudget(team, { tokens: 2_000 })
  await countAndDie(600)
  await store.setBudget(team, {})
  const limits = async () =>
    (await toldTo("hook_a")).map(({ type, budget }) => `${type} ${budget?.limit}`).toSorted()
  const all = ["spend.stopped 1000", "spend.warned 1000", "spend.warned 2000"]
  expect(await limits()).toEqual(all)
  await store.setBudget(team, { tokens: 1_000 })
  expect(await limits()).toEqual(all)
})

test("what ended a month is told when it is counted in the next one, and that one begins anew", async () => {
  await makeHook("hook_a")
  await store.setBudget(team, { tokens: 1_000 })
  const turnOfMonth = nextMonthAt(store.now())
  await countAndDie(2_000, turnOfMonth - 1)
  await keepBudget(contextAt(turnOfMonth + 60_000), team)
  const told = async () =>
    (await toldTo("hook_a")).map(({ type, budget }) => `${budget?.month} ${type}`).toSorted()
  const [before, after] = [monthOf(turnOfMonth - 1), monthOf(turnOfMonth)]
  const last = [`${before} spend.stopped`, `${before} spend.warned`]
  expect(await told()).toEqual(last)
  await countAndDie(1_000, turnOfMonth)
  await keepBudget(contextAt(turnOfMonth + 61_000), team)
  expect(await told()).toEqual([...last, `${after} spend.stopped`, `${after} spend.warned`])
})
