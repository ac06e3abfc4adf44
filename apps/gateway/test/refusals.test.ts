import type { Logger } from "@twolane/common"
import type { AuditRecord } from "@twolane/protocol"
import type { NewAuditRecord } from "@twolane/store"
import type { FastifyRequest } from "fastify"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { keepRefusals } from "../src/audit/refusals.ts"
import { openBrowser } from "./browser.ts"
import { keyOf } from "./keys-of.ts"
import { openGateway } from "./open-gateway.ts"

test("attempts that are refused are in the log of whoever made them, or in the operator's, once and then by their number", async () => {
  await using gateway = await openGateway()
  const eve = await keyOf(gateway, { name: "Eve", role: "viewer" })
  const stranger = await keyOf(gateway, { name: "Stranger", role: "admin", team: "other" })
  const { id } = await gateway.submit()
  const nobody = { authorization: "Bearer nobody" }
  for (let tries = 0; tries < 50; tries += 1)
    expect((await gateway.call("GET", "/v1/tasks", undefined, nobody)).status).toBe(401)
  const forbidden = await eve.call("POST", "/v1/queue/pause", {})
  expect(forbidden.status).toBe(403)
  expect((await stranger.call("GET", `/v1/tasks/${id}`)).status).toBe(404)
  expect((await openBrowser(gateway).send("POST", "/v1/session", { token: "x".repeat(43) })).status).toBe(401)
  // This one has a record of its own, with what was asked for.
  expect((await gateway.call("DELETE", "/v1/repos/absent")).status).toBe(404)
  await gateway.stop()

  const refusals = async (team: string) => {
    const { items } = await gateway.store.audit.list(team, { limit: 200, action: "access.refuse" })
    return items.toReversed()
  }
  const unknown = { key: "none", name: "unknown" }
  expect(await refusals("default")).toMatchObject([
    {
      by: unknown,
      from: { via: "key", address: "127.0.0.1" },
      object: { kind: "route", id: "GET /v1/tasks" },
      detail: { refused: "unauthorized" },
    },
    {
      by: { key: eve.id, name: "Eve" },
      object: { id: "POST /v1/queue/pause" },
      detail: { refused: "forbidden" },
      request: forbidden.headers.get("x-request-id"),
    },
    {
      by: unknown,
      from: { via: "none" },
      object: { id: "POST /v1/session" },
      detail: { refused: "link-not-valid" },
    },
    {
      by: unknown,
      from: { via: "system" },
      object: { id: "any" },
      detail: { refused: "unauthorized", times: 49, addresses: ["127.0.0.1"] },
    },
  ] satisfies Partial<Record<keyof AuditRecord, unknown>>[])
  expect(await refusals("other")).toMatchObject([
    {
      by: { key: stranger.id },
      object: { id: "GET /v1/tasks/:id" },
      detail: { refused: "not-found", id },
    },
  ])
  expect((await gateway.store.audit.verify("default")).ok).toBe(true)
})

describe("in the long run", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const request = (ip: string) =>
    ({
      caller: null,
      headers: {},
      ip,
      id: "req_1",
      method: "GET",
      routeOptions: { url: "/v1/tasks" },
    }) as FastifyRequest
  const silent = { error: () => {} } as unknown as Logger

  test("a flood of a day costs some tens of records, and one that stops is told anew when it begins again", async () => {
    const records: NewAuditRecord[] = []
    const append = async (_team: string, given: readonly NewAuditRecord[]) => records.push(...given)
    await using refusals = keepRefusals(append, silent)
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      for (let host = 0; host < 250; host += 1) refusals.note(request(`192.0.2.${host}`), "unauthorized")
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(records.length).toBeLessThan(32)
    const [first, ...more] = records
    expect(first?.detail).toEqual({ refused: "unauthorized" })
    for (const { detail } of more) expect(detail?.addresses).toHaveLength(10)
    const told = more.reduce((sum, { detail }) => sum + Number(detail?.times), 1)
    expect(told).toBeGreaterThan(23 * 60 * 250)

    await vi.advanceTimersByTimeAsync(3 * 3_600_000)
    const before = records.length
    refusals.note(request("192.0.2.1"), "unauthorized")
    expect(records.slice(before)).toMatchObject([{ from: { address: "192.0.2.1" } }])
  })
})
