import { afterAll, beforeAll, expect, test } from "vitest"
import { keyOf, type OwnKey } from "./keys-of.ts"
import { callTool, connectMcp } from "./mcp/connect.ts"
import { type Answer, type OpenGateway, openGateway } from "./open-gateway.ts"
import { openLive } from "./open-live.ts"

/** One request a second, as a mean over ten. */
const allowed = 10
let gateway: OpenGateway
let keys: Record<"eager" | "calm" | "live" | "agent", OwnKey>
beforeAll(async () => {
  gateway = await openGateway({ env: { TWOLANE_KEY_RATE: "1" } })
  const key = (name: string) => keyOf(gateway, { name, role: "member" })
  keys = {
    eager: await key("Eager"),
    calm: await key("Calm"),
    live: await key("Live"),
    agent: await key("Agent"),
  }
})
afterAll(() => gateway[Symbol.asyncDispose]())

const refusal = { code: "rate-limited", status: 429, retryable: true }
const inTurn = async (times: number, send: () => Promise<Answer>): Promise<Answer[]> => {
  const answers = []
  for (let count = 0; count < times; count += 1) answers.push(await send())
  return answers
}

test("a key that asks for too much is refused on every route, told when to come back, and let in again then", async () => {
  const paths = ["/v1/me", "/v1/tasks", "/v1/repos", "/v1/queue"]
  let next = 0
  const answers = await inTurn(allowed, () => keys.eager.call("GET", paths[next++ % paths.length] ?? ""))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  const order = { repo: "shop", prompt: "x", lane: "deep" }
  for (const refused of [
    await keys.eager.call("GET", "/v1/me"),
    await keys.eager.call("POST", "/v1/tasks", order),
  ]) {
    expect([refused.status, refused.body]).toMatchObject([429, refusal])
    const seconds = Number(refused.headers.get("retry-after"))
    expect([seconds >= 1, seconds <= 10]).toEqual([true, true])
  }
  const { body } = await gateway.call("GET", "/v1/tasks")
  expect(body).toMatchObject({ items: [] })
  const again = async () => (await keys.eager.call("GET", "/v1/me")).status
  // No later than it was told.
  await expect.poll(again, { timeout: 15_000, interval: 500 }).toBe(200)
})

test("and nobody else is: another key comes in at the same address meanwhile", async () => {
  await inTurn(allowed + 1, () => keys.eager.call("GET", "/v1/me"))
  expect((await keys.eager.call("GET", "/v1/me")).status).toBe(429)
  expect((await keys.calm.call("GET", "/v1/me")).status).toBe(200)
})

test("a live socket is no way around it: each of its requests counts", async () => {
  const headers = { authorization: `Bearer ${keys.live.secret}` }
  await using live = await openLive(gateway.url, headers)
  const task = `task_${"0".repeat(26)}`
  const ask = (id: number) => live.ask({ id: String(id), type: "cancel", task })
  // The upgrade was the first request.
  for (let id = 2; id <= allowed; id += 1)
    expect(await ask(id)).toMatchObject({ problem: { code: "not-found" } })
  expect(await ask(allowed + 1)).toMatchObject({ problem: refusal, retryAfterSeconds: expect.any(Number) })
  expect((await keys.live.call("GET", "/v1/me")).status).toBe(429)
})

test("nor is MCP: its agent is told to wait", async () => {
  await using client = await connectMcp(gateway.url, keys.agent.secret)
  const said: string[] = []
  const list = async () => {
    const { text, refused } = await callTool(client, "list")
    if (refused) said.push(text)
  }
  await expect(
    (async () => {
      for (let count = 0; count < allowed; count += 1) await list()
    })(),
  ).rejects.toThrow(/429|rate-limited|Too many/i)
})

test("where no key is asked for, an address is limited", async () => {
  const signIn = () =>
    gateway.call("POST", "/v1/session", { token: "x".repeat(43) }, { authorization: "", origin: gateway.url })
  const answers = await inTurn(allowed + 1, signIn)
  expect(answers.slice(0, -1).map(({ status }) => status)).toEqual(Array.from({ length: allowed }, () => 401))
  expect([answers.at(-1)?.status, answers.at(-1)?.body]).toMatchObject([429, refusal])
})
