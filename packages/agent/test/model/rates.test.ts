import type { RateBook, RateRow, SharedRate } from "@twolane/common/rates/share"
import type { Lane } from "@twolane/protocol"
import { inOrder, type ModelOptions, type Reply, say, startModel } from "@twolane/testkit"
import { expect, test } from "vitest"
import { keepRates } from "../../src/model/keep-rates.ts"
import type { RateTiming } from "../../src/model/make-gate.ts"
import { createModels } from "../../src/model/open-model.ts"
import type { ModelEvent, ModelTransport } from "../../src/model/port.ts"
import { asking, quick, user } from "./harness.ts"

const go = [user("Go.")]
const never = new AbortController().signal

/** A book in memory, as the store keeps it in Redis. */
const makeBook = () => {
  const rows = new Map<string, RateRow>()
  const told: string[] = []
  let known: SharedRate = { facts: {}, blockedUntil: 0, rows: [] }
  const bookOf = (worker: string): RateBook => ({
    sync: async (name, row, news) => {
      told.push(JSON.stringify([name, row, news]))
      rows.set(worker, row)
      known = {
        facts: { ...known.facts, ...news.facts },
        blockedUntil: Math.max(known.blockedUntil, news.blockedUntil),
        rows: [],
      }
      return { ...known, rows: [...rows].map(([of, its]) => ({ worker: of, row: its })) }
    },
  })
  return { bookOf, told }
}

/** A worker of a lane with a session at a simulated provider. */
const openWorker = (
  url: string,
  lane: Lane,
  bookOf: (worker: string) => RateBook,
  more: { transport?: ModelTransport; timing?: Partial<RateTiming> } = {},
) => {
  const { transport = "sse" } = more
  const endpoint = { model: "gpt-5.3-codex", baseUrl: url, apiKey: "sk-secret", transport }
  const rates = keepRates({
    lane,
    worker: `worker_${lane}`,
    now: Date.now,
    book: bookOf(`worker_${lane}`),
    onError: error => {
      throw error
    },
    timing: { syncMs: 10, tellAfterMs: 0, ...more.timing },
  })
  const session = createModels(quick).open(endpoint, rates.gateOf(endpoint))
  const events: ModelEvent[] = []
  return {
    rates,
    events,
    waits: () =>
      events.filter(({ type }) => type === "waiting" || type === "resumed").map(({ type }) => type),
    step: (signal = never, maxOutputTokens?: number) =>
      session.step(
        { ...asking(go), ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }) },
        event => events.push(event),
        signal,
      ),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await rates[Symbol.asyncDispose]()
    },
  }
}

const limited = (limits: ModelOptions["limits"]) =>
  startModel({ script: () => say("Hi."), ...(limits === undefined ? {} : { limits }) })

test("while there is room nothing waits, nobody is asked, and the key is told to nobody", async () => {
  const { bookOf, told } = makeBook()
  await using server = await limited({ requests: 1_000, tokens: 1_000_000 })
  await using worker = openWorker(server.url, "fast", bookOf)
  for (const _ of [1, 2, 3]) expect(await worker.step()).toMatchObject({ ok: true })
  expect(worker.waits()).toEqual([])
  await worker.rates.sync()
  expect(told.at(-1)).toContain('"limit":1000')
  expect(told.join()).not.toContain("sk-secret")
})

test("a book that cannot be reached holds nobody up", async () => {
  await using server = await limited(undefined)
  const errors: unknown[] = []
  const endpoint = { model: "m", baseUrl: server.url, apiKey: "", transport: "sse" } as const
  const book: RateBook = { sync: () => Promise.reject(new Error("Redis is gone")) }
  await using rates = keepRates({
    lane: "fast",
    worker: "w",
    now: Date.now,
    book,
    onError: error => errors.push(error),
  })
  await using session = createModels(quick).open(endpoint, rates.gateOf(endpoint))
  expect(await session.step(asking(go), () => undefined, never)).toMatchObject({ ok: true })
  await rates.sync()
  expect(errors).not.toEqual([])
})

test("when it runs short a deep call waits, and says so, while a fast one goes", async () => {
  const { bookOf } = makeBook()
  await using server = await limited({ requests: 4, windowMs: 4_000 })
  await using deep = openWorker(server.url, "deep", bookOf)
  await using fast = openWorker(server.url, "fast", bookOf)
  for (const _ of [1, 2, 3]) expect(await deep.step()).toMatchObject({ ok: true })
  expect(deep.waits()).toEqual([])
  await fast.rates.sync()
  const waiting = deep.step()
  expect(await fast.step()).toMatchObject({ ok: true })
  expect(fast.waits()).toEqual([])
  expect(deep.waits()).toEqual(["waiting"])
  expect(await waiting).toMatchObject({ ok: true })
  expect(deep.waits()).toEqual(["waiting", "resumed"])
  expect(deep.events.find(({ type }) => type === "waiting")).toMatchObject({
    detail: `the limit of requests of gpt-5.3-codex at ${new URL(server.url).host} is nearly used up`,
  })
  // The provider refused nobody.
  expect(deep.events.filter(({ type }) => type === "retry")).toEqual([])
})

test("the output that a call asks for counts, as the provider counts it", async () => {
  const { bookOf } = makeBook()
  await using server = await limited({ tokens: 10_000, windowMs: 3_000 })
  await using worker = openWorker(server.url, "fast", bookOf)
  expect(await worker.step(never, 8_000)).toMatchObject({ ok: true })
  expect(worker.waits()).toEqual([])
  expect(await worker.step(never, 8_000)).toMatchObject({ ok: true })
  expect(worker.waits()).toEqual(["waiting", "resumed"])
  expect(worker.events.filter(({ type }) => type === "retry")).toEqual([])
})

test.each<ModelTransport>(["sse", "chat", "websocket"])(
  "a refusal over %s blocks every worker of the key until the provider wants to be asked again",
  async transport => {
    const { bookOf } = makeBook()
    const refused: Reply = {
      items: [],
      fault: { type: "status", status: 429, code: "rate_limit_exceeded", retryAfterSeconds: 2 },
    }
    await using server = await startModel({ script: inOrder(refused, say("Hi."), say("Ho.")) })
    await using fast = openWorker(server.url, "fast", bookOf, { transport })
    await using deep = openWorker(server.url, "deep", bookOf, { transport })
    const first = fast.step()
    await expect.poll(() => fast.events.length, { interval: 5 }).toBeGreaterThan(0)
    await deep.rates.sync()
    const second = deep.step()
    expect(await Promise.all([first, second])).toMatchObject([{ ok: true }, { ok: true }])
    expect(fast.waits()).toEqual(["waiting", "resumed"])
    expect(deep.waits()).toEqual(["waiting", "resumed"])
    expect(server.requests).toHaveLength(3)
  },
)

test("on a socket, where there are no headers, the refusal's words tell the limit", async () => {
  const { bookOf, told } = makeBook()
  await using server = await limited({ requests: 1, windowMs: 600 })
  await using worker = openWorker(server.url, "fast", bookOf, { transport: "websocket" })
  expect(await worker.step()).toMatchObject({ ok: true })
  expect(await worker.step()).toMatchObject({ ok: true })
  await worker.rates.sync()
  expect(told.at(-1)).toContain('"limit":1,')
})

test("a fast call does not wait for a long block: it fails over with the time to come back at", async () => {
  const { bookOf } = makeBook()
  await using server = await startModel({ script: () => say("Hi.") })
  await using worker = openWorker(server.url, "fast", bookOf)
  const endpoint = {
    model: "gpt-5.3-codex",
    baseUrl: server.url,
    apiKey: "sk-secret",
    transport: "sse",
  } as const
  worker.rates.gateOf(endpoint).block(60_000)
  const result = await worker.step()
  expect(result).toMatchObject({ ok: false, code: "model-rate-limited", retryAfterMs: expect.any(Number) })
  expect(server.requests).toEqual([])
})

test("a wait is bounded: when nothing but an estimate stands in the way, the provider has the last word", async () => {
  const { bookOf } = makeBook()
  await using server = await limited({ requests: 1, windowMs: 60_000 })
  await using worker = openWorker(server.url, "fast", bookOf, {
    timing: { patienceMs: { fast: 50, deep: 50 } },
  })
  await worker.step()
  const stop = new AbortController()
  const second = worker.step(stop.signal)
  await server.nextRequest()
  stop.abort({ by: "user" })
  await expect(second).rejects.toEqual({ by: "user" })
})

test("a cancel ends a wait at once", async () => {
  const { bookOf } = makeBook()
  await using server = await limited({ requests: 1, windowMs: 600_000 })
  await using worker = openWorker(server.url, "deep", bookOf)
  await worker.step()
  const stop = new AbortController()
  const waiting = worker.step(stop.signal)
  await expect.poll(() => worker.waits(), { interval: 5 }).toEqual(["waiting"])
  stop.abort({ by: "user" })
  await expect(waiting).rejects.toEqual({ by: "user" })
})
