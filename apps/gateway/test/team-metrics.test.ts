import { createMetrics } from "@twolane/common"
import { type BudgetView, endTurn, type NewEvent } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { expect, test } from "vitest"
import { measureTeams } from "../src/http/measure-teams.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

const spending: RunTurn = async attempt => {
  await attempt.write((state, at) => {
    const used: NewEvent = {
      type: "usage.reported",
      model: "thorough",
      inputTokens: 500,
      cachedTokens: 0,
      outputTokens: 100,
      costUsd: 0.25,
      ttftMs: null,
      durationMs: 1,
      turn: attempt.turn,
      at,
    }
    return [used, ...endTurn(state, attempt.turn, { status: "succeeded" }, at)]
  })
}

const linesOf = (text: string): string[] => text.split("\n").filter(line => line.startsWith("twolane_team_"))
const teamLines = async (gateway: OpenGateway) => linesOf((await gateway.call("GET", "/metrics")).text)

test("metrics tell what a team has spent this month and may, and no more once the budget is gone", async () => {
  await using gateway = await openGateway({ env: { TWOLANE_METRICS_TEAMS: "on" } })
  await gateway.work(spending)
  expect(await teamLines(gateway)).toEqual([])
  await gateway.submit()
  const spend = [
    'twolane_team_spend_usd{team="default"} 0.25',
    'twolane_team_spend_tokens{team="default"} 600',
  ]
  await expect.poll(() => teamLines(gateway)).toEqual(spend)
  await gateway.call("PUT", "/v1/budget", { tokens: 800, warnAt: 0.7 })
  expect(await teamLines(gateway)).toEqual([
    ...spend,
    'twolane_team_budget_tokens{team="default"} 800',
    'twolane_team_budget_used_ratio{team="default"} 0.75',
    'twolane_team_budget_warn_ratio{team="default"} 0.7',
  ])
  await gateway.call("PUT", "/v1/budget", { tokens: null })
  expect(await teamLines(gateway)).toEqual(spend)
})

test("metrics tell nothing of teams unless that is on: they are open to everybody", async () => {
  await using gateway = await openGateway()
  await gateway.work(spending)
  await gateway.call("PUT", "/v1/budget", { tokens: 800 })
  await gateway.submit()
  const spent = async () => ((await gateway.call("GET", "/v1/budget")).body as BudgetView).spent.tokens
  await expect.poll(spent).toBe(600)
  expect(await teamLines(gateway)).toEqual([])
})

test("of many teams those with a budget are told of, then the dearest", async () => {
  const metrics = createMetrics()
  const view = (team: string, tokens: number, limit: number | null = null): BudgetView => ({
    team,
    month: "2026-11",
    resetsAt: 1,
    usd: null,
    tokens: limit,
    warnAt: 0.8,
    spent: { usd: 0, tokens, unpricedTokens: tokens },
    state: limit === null ? "none" : "open",
    which: limit === null ? null : "tokens",
  })
  const many = Array.from({ length: 150 }, (_, index) => view(`t${index}`, index))
  measureTeams(metrics, [...many, view("frugal", 0, 10)])
  const told = linesOf(await metrics.registry.metrics()).filter(line => line.includes("spend_tokens"))
  expect(told).toHaveLength(100)
  expect(told.slice(0, 2)).toEqual([
    'twolane_team_spend_tokens{team="frugal"} 0',
    'twolane_team_spend_tokens{team="t149"} 149',
  ])
  measureTeams(metrics, [view("other", 7)])
  expect(linesOf(await metrics.registry.metrics())).toEqual([
    'twolane_team_spend_usd{team="other"} 0',
    'twolane_team_spend_tokens{team="other"} 7',
  ])
})
