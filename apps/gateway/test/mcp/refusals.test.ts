import { newId } from "@twolane/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { keyOf, type OwnKey } from "../keys-of.ts"
import { apiKey, type OpenGateway, openGateway } from "../open-gateway.ts"
import { callTool, connectMcp } from "./connect.ts"

let gateway: OpenGateway
let viewer: OwnKey

beforeAll(async () => {
  gateway = await openGateway()
  viewer = await keyOf(gateway, { name: "Vera", role: "viewer" })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const order = { repo: "shop", prompt: "Mend the sum.", lane: "deep" }
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
}
const accept = { accept: "application/json, text/event-stream" }

describe.each(["auto", "legacy"] as const)("a client of the protocol (%s)", mode => {
  test("finds every tool with schemas and honest hints, and who it speaks to", async () => {
    await using client = await connectMcp(gateway.url, apiKey, mode)
    expect(client.getServerVersion()).toMatchObject({ name: "twolane" })
    expect(client.getInstructions()).toContain("deep lane")
    const { tools } = await client.listTools()
    const hints = tools.map(({ name, annotations: hint }) => [
      name,
      ["readOnly", "destructive", "idempotent"].filter(
        each => hint?.[`${each}Hint` as keyof typeof hint] === true,
      ),
    ])
    expect(Object.fromEntries(hints)).toEqual({
      submit: [],
      follow_up: [],
      watch: ["readOnly", "idempotent"],
      repos: ["readOnly", "idempotent"],
      get: ["readOnly", "idempotent"],
      list: ["readOnly", "idempotent"],
      gates: ["readOnly", "idempotent"],
      compare: ["readOnly", "idempotent"],
      diff: ["readOnly", "idempotent"],
      steer: [],
      interrupt: ["destructive"],
      cancel: ["destructive", "idempotent"],
      decide: ["destructive", "idempotent"],
      accept: ["destructive", "idempotent"],
      discard: ["destructive", "idempotent"],
    })
    for (const { inputSchema, description } of tools) {
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false })
      expect(description?.length).toBeGreaterThan(40)
    }
  })

  test("is told what was wrong, where, and that nothing was done", async () => {
    await using client = await connectMcp(gateway.url, apiKey, mode)
    const wrong = await callTool(client, "submit", {
      ...order,
      lane: "slow",
      budget: { tokens: -1, hours: 2 },
    })
    expect(wrong).toMatchObject({ refused: true, text: expect.stringContaining("(invalid)") })
    for (const place of ["- lane:", "- budget.tokens:", "- budget.hours: unknown field"])
      expect(wrong.text).toContain(place)
    const unknown = await callTool(client, "submit", { ...order, repository: "shop" })
    expect(unknown).toMatchObject({
      refused: true,
      text: expect.stringContaining("- repository: unknown field"),
    })
    const nowhere = await callTool(client, "submit", { ...order, repo: "nowhere" })
    expect(nowhere).toMatchObject({ refused: true, text: expect.stringContaining("(not-found)") })
    const long = await callTool(client, "submit", { ...order, prompt: "x".repeat(200_001) })
    expect(long).toMatchObject({ refused: true, text: expect.stringContaining("(prompt-too-long)") })
    expect((await callTool(client, "list")).value).toMatchObject({ items: [] })
  })

  test("that asks for what is not there gets an error", async () => {
    await using client = await connectMcp(gateway.url, apiKey, mode)
    await expect(client.callTool({ name: "shell", arguments: {} })).rejects.toThrow("There is no tool shell")
    for (const uri of [`twolane://tasks/${newId("task")}`, "twolane://tasks/x", "file:///etc/passwd"])
      await expect(client.readResource({ uri })).rejects.toThrow(/not found/i)
    const gone = await callTool(client, "get", { task: newId("task") })
    expect(gone).toMatchObject({
      refused: true,
      text: expect.stringContaining("There is no such task. (not-found)"),
    })
  })
})

test("a viewer looks, and orders nothing", async () => {
  const { id } = await gateway.submit()
  await using client = await connectMcp(gateway.url, viewer.secret)
  expect((await callTool(client, "get", { task: id })).value).toMatchObject({ id, status: "queued" })
  for (const [tool, args] of [
    ["submit", order],
    ["cancel", { task: id }],
    ["accept", { task: id }],
  ] as const)
    expect(await callTool(client, tool, args)).toMatchObject({
      refused: true,
      text: expect.stringContaining("This needs the role member"),
    })
  expect((await gateway.call("GET", `/v1/tasks/${id}`)).body).toMatchObject({ status: "queued" })
})

test("what was submitted names where it came from, and a key of the caller's makes it once", async () => {
  await using client = await connectMcp(gateway.url, apiKey)
  const wish = { ...order, labels: ["once"], idempotencyKey: "one-and-only" }
  const first = await callTool(client, "submit", wish)
  const again = await callTool(client, "submit", wish)
  expect(again.value.id).toBe(first.value.id)
  expect((await gateway.call("GET", `/v1/tasks/${String(first.value.id)}`)).body).toMatchObject({
    origin: "mcp",
  })
  expect((await gateway.call("GET", "/v1/tasks?label=once")).body).toMatchObject({
    items: [{ origin: "mcp" }],
  })
  const other = await callTool(client, "submit", { ...wish, prompt: "Something else." })
  expect(other).toMatchObject({ refused: true, text: expect.stringContaining("(idempotency-conflict)") })
  const { body } = await gateway.call("GET", "/v1/audit?action=task.submit")
  const { items } = body as { items: { object: { id: string }; from: unknown }[] }
  const recorded = items.filter(({ object }) => object.id === first.value.id)
  expect(recorded.map(({ from }) => from)).toEqual([
    { via: "key", origin: "mcp", address: "127.0.0.1", agent: "node" },
  ])
})

test("a page of another origin, or under a foreign name, reaches nothing", async () => {
  const from = (headers: Record<string, string>) =>
    gateway.call("POST", "/mcp", initialize, { ...accept, ...headers })
  expect((await from({ origin: "https://evil.example.com" })).body).toMatchObject({ code: "foreign-origin" })
  expect((await from({ origin: gateway.url })).status).toBe(200)
  expect((await from({})).status).toBe(200)
})

test("nobody gets in without a key, and is told how", async () => {
  const answer = await fetch(new URL("/mcp", gateway.url), { method: "POST" })
  expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="twolane"'])
  const discovery = await fetch(new URL("/.well-known/oauth-protected-resource", gateway.url))
  expect([discovery.status, await discovery.json()]).toMatchObject([404, { code: "not-found" }])
})

test("bytes that are no message, or too many, are refused, and there is no session to read or end", async () => {
  const shown = async (method: string, body?: unknown) => {
    const { status } = await gateway.call(method, "/mcp", body, accept)
    return status
  }
  expect(await shown("POST", { jsonrpc: "2.0" })).toBe(400)
  expect(await shown("POST", { ...initialize, padding: "x".repeat(5 * 1024 * 1024) })).toBe(413)
  expect([await shown("GET"), await shown("DELETE")]).toEqual([405, 405])
})
