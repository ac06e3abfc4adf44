import type { RateRow } from "@twolane/common/rates/share"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Store } from "../src/index.ts"
import { type Bench, startBench, team } from "./open-for-test.ts"

let bench: Bench
let store: Store
let other: Store

beforeAll(async () => {
  bench = await startBench()
  store = await bench.open()
  other = await bench.open()
})
afterAll(() => bench[Symbol.asyncDispose]())

const nameOf = (model: string) => ({ id: "digest-of-address-and-key", host: "api.example.com", model })
const row = (more: Partial<RateRow> = {}): RateRow => ({
  lane: "fast",
  spent: [],
  inFlight: 0,
  waiting: 0,
  waitingTokens: 0,
  ...more,
})
const nothing = { facts: {}, blockedUntil: 0 }

test("workers hear what the others do, the newest facts and the longest block", async () => {
  const name = nameOf("shared")
  const now = store.now()
  const requests = { at: now - 5, limit: 60, remaining: 3, resetMs: 57_000 }
  const [one, two] = [store.rateBook("worker_1"), other.rateBook("worker_2")]
  await one.sync(name, row({ inFlight: 2 }), { facts: { requests }, blockedUntil: now + 9_000 })
  const older = { facts: { requests: { ...requests, at: now - 9, remaining: 50 } }, blockedUntil: now + 10 }
  const busy = row({
    lane: "deep",
    waiting: 1,
    waitingTokens: 400,
    spent: [{ at: now, requests: 1, tokens: 7 }],
  })
  const known = await two.sync(name, busy, older)
  expect(known).toMatchObject({ facts: { requests }, blockedUntil: now + 9_000 })
  expect(Object.fromEntries(known.rows.map(({ worker, row: its }) => [worker, its]))).toEqual({
    worker_1: row({ inFlight: 2 }),
    worker_2: busy,
  })
})

test("models of one key are told apart", async () => {
  const book = store.rateBook("worker_1")
  await book.sync(nameOf("one"), row(), { facts: {}, blockedUntil: store.now() + 60_000 })
  expect(await book.sync(nameOf("two"), row(), nothing)).toMatchObject({ blockedUntil: 0 })
})

test("the queue shows each lane the providers that its workers call, by host and model", async () => {
  const now = store.now()
  const tokens = { at: now, limit: 1_000, remaining: 0, resetMs: 60_000 }
  const book = store.rateBook("worker_9")
  await book.sync(nameOf("spark"), row({ inFlight: 1 }), { facts: { tokens }, blockedUntil: now + 30_000 })
  const { providers } = await store.queue(team, "fast")
  expect(providers.find(({ model }) => model === "spark")).toEqual({
    host: "api.example.com",
    model: "spark",
    state: "blocked",
    reason: expect.stringMatching(/^the provider asked to be left alone for \d\d s$/),
    opensAt: now + 30_000,
    inFlight: 1,
    waiting: 0,
    requests: null,
    tokens: { limit: 1_000, remaining: expect.any(Number) },
  })
  expect(JSON.stringify(providers)).not.toContain("digest")
  const deep = await store.queue(team, "deep")
  expect(deep.providers.map(({ model }) => model)).not.toContain("spark")
})

test("a lane that waits is shown as short, and with what is missing", async () => {
  const now = store.now()
  const requests = { at: now, limit: 100, remaining: 10, resetMs: 60_000 }
  const facts = { facts: { requests }, blockedUntil: 0 }
  const name = nameOf("scarce")
  await store.rateBook("worker_3").sync(name, row({ lane: "deep", waiting: 2 }), facts)
  await store.rateBook("worker_4").sync(name, row(), nothing)
  const find = async (lane: "fast" | "deep") =>
    (await store.queue(team, lane)).providers.find(({ model }) => model === "scarce")
  expect(await find("deep")).toMatchObject({
    state: "short",
    waiting: 2,
    reason: expect.stringContaining("the provider's limit of requests is used up"),
  })
  // The fast lane takes the last of it.
  expect(await find("fast")).toMatchObject({ state: "open", reason: null, opensAt: null })
})
