import { createHmac } from "node:crypto"
import { Postponed } from "@twolane/common"
import { Fault } from "@twolane/protocol"
import type { Received } from "@twolane/store"
import { afterEach, expect, test } from "vitest"
import type { Platform } from "../../src/inbox/platform.ts"
import { isFresh, isSignedBy } from "../../src/inbox/signature.ts"
import { type OpenGateway, openGateway } from "../open-gateway.ts"

const secret = "of-both"
const maxBodyBytes = 2_000

/** A platform as others are: HMAC over time and body, the newest of which the test decides what becomes of. */
const bells = (handle: (delivery: Received, signal: AbortSignal) => Promise<void>): Platform => ({
  name: "bells",
  maxBodyBytes,
  verify: (headers, raw, now) => {
    const { "x-bell-time": time, "x-bell-signature": signature, "x-bell-id": id } = headers
    const parts = { prefix: "v0=", secret, signed: [String(time), ":", raw] }
    if (!isFresh(time, now) || !isSignedBy(signature, parts)) throw new Fault("unauthorized", "Not a bell.")
    if (raw.toString() === "ping") return { answer: { status: 200, body: { pong: true } } }
    return { keep: { id: String(id), conversation: raw.toString().split(" ")[0] ?? "" } }
  },
  handle,
})

const ring = async (
  url: string,
  body: string,
  more: Record<string, string | undefined> = {},
): Promise<Response> => {
  const time = more["x-bell-time"] ?? String(Math.floor(Date.now() / 1_000))
  const digits = createHmac("sha256", secret).update(`${time}:${body}`).digest("hex")
  const headers = { "x-bell-id": body, "x-bell-time": time, "x-bell-signature": `v0=${digits}`, ...more }
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return await fetch(`${url}/integrations/bells`, { method: "POST", headers: sent, body })
}

let gateway: OpenGateway | undefined
afterEach(() => gateway?.[Symbol.asyncDispose]())

const open = async (handle: (delivery: Received, signal: AbortSignal) => Promise<void>) => {
  gateway = await openGateway({ platforms: () => [bells(handle)] })
  return gateway
}

test("what a platform sends is acknowledged and worked once, as it came, however often it is sent", async () => {
  const worked: string[] = []
  const { url } = await open(async ({ raw }) => void worked.push(raw.toString()))
  const answers = await Promise.all(Array.from({ length: 20 }, () => ring(url, "door {bell:  1}\n")))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  await ring(url, "door last")
  await expect.poll(() => worked).toContain("door last")
  expect(worked).toEqual(["door {bell:  1}\n", "door last"])
})

test("a ping is answered, and nothing is kept of it", async () => {
  const worked: string[] = []
  const { url, store } = await open(async ({ raw }) => void worked.push(raw.toString()))
  const answer = await ring(url, "ping")
  expect([answer.status, await answer.json()]).toEqual([200, { pong: true }])
  expect(await store.inbox.take("bells", { most: 1, hideMs: 1 })).toEqual([])
})

const ago = (ms: number): string => String(Math.floor((Date.now() - ms) / 1_000))

test.each([
  ["no signature", { "x-bell-signature": undefined }],
  ["an empty one", { "x-bell-signature": "" }],
  ["one that is too short", { "x-bell-signature": "v0=abc" }],
  ["one that is not hex", { "x-bell-signature": `v0=${"g".repeat(64)}` }],
  ["one in capitals", { "x-bell-signature": `v0=${"A".repeat(64)}` }],
  ["another version", { "x-bell-signature": `v1=${"a".repeat(64)}` }],
  ["one of another secret", { "x-bell-signature": `v0=${"a".repeat(64)}` }],
  ["a time of six minutes ago", { "x-bell-time": ago(360_000) }],
  ["a time that is to come", { "x-bell-time": ago(-360_000) }],
  ["a time that is no number", { "x-bell-time": "1.7e9" }],
  ["a time with a blank", { "x-bell-time": ` ${ago(0)}x` }],
])("a request with %s is refused, and does nothing", async (_what, more) => {
  const worked: string[] = []
  const { url, store } = await open(async ({ raw }) => void worked.push(raw.toString()))
  const answer = await ring(url, "door bell", more)
  expect([answer.status, await answer.json()]).toMatchObject([401, { code: "unauthorized" }])
  expect(await store.inbox.take("bells", { most: 1, hideMs: 1 })).toEqual([])
  expect(worked).toEqual([])
})

test("a signature holds for the bytes that were signed alone, and a body that is too large is not read", async () => {
  const { url } = await open(async () => {})
  const time = ago(0)
  const digits = createHmac("sha256", secret).update(`${time}:{"a":1}`).digest("hex")
  const signed = { "x-bell-time": time, "x-bell-signature": `v0=${digits}` }
  expect((await ring(url, '{"a": 1}', signed)).status).toBe(401)
  expect((await ring(url, '{"a":1}', signed)).status).toBe(202)
  const large = await ring(url, "x".repeat(maxBodyBytes + 1))
  expect([large.status, await large.json()]).toMatchObject([413, { code: "body-too-large" }])
})

test("what was acknowledged and not worked is worked by the next gateway", async () => {
  const taken = Promise.withResolvers<void>()
  const worked: string[] = []
  let stuck = true
  const opened = await open(async ({ raw }, signal) => {
    if (!stuck) return void worked.push(raw.toString())
    taken.resolve()
    // As a gateway that dies in the middle: it never says what became of it.
    await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
  })
  expect((await ring(opened.url, "door first")).status).toBe(202)
  expect((await ring(opened.url, "door second")).status).toBe(202)
  await taken.promise
  await opened.stop()
  stuck = false
  await using _next = await opened.start()
  await expect.poll(() => worked).toEqual(["door first", "door second"])
})

test("a platform that cannot be asked delays its own conversation alone, and nothing is lost", async () => {
  const worked: string[] = []
  let away = 2
  const { url } = await open(async ({ raw }) => {
    const text = raw.toString()
    if (text === "slow one" && away-- > 0) throw new Postponed("429", 50)
    worked.push(text)
  })
  for (const text of ["slow one", "slow two", "quick one"]) expect((await ring(url, text)).status).toBe(202)
  await expect.poll(() => worked).toContain("slow two")
  expect(worked).toEqual(["quick one", "slow one", "slow two"])
})

test("a delivery that breaks its worker comes again, and does not stop those behind it", async () => {
  let broken = 1
  const worked: string[] = []
  const { url, log } = await open(async ({ raw, failures }) => {
    if (broken-- > 0) throw new Error("a bug")
    worked.push(`${raw.toString()} after ${failures}`)
  })
  expect((await ring(url, "door bell")).status).toBe(202)
  await expect.poll(() => worked).toEqual(["door bell after 1"])
  expect(log.some(line => line.includes("a delivery comes again"))).toBe(true)
})

test("while Redis is away nothing is acknowledged", async () => {
  const { url, redis } = await open(async () => {})
  await redis.stop()
  const answer = await ring(url, "door bell")
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: "store-unavailable" }])
})
