import type { TurnState } from "@twolane/protocol"
import { expect, test } from "vitest"
import { limitUse } from "../../src/loop/limits.ts"

const turn: TurnState = {
  id: "turn_1",
  lane: "deep",
  status: "running",
  prompt: "p",
  by: { key: "k", name: "n" },
  options: {},
  from: "checkpoint",
  attempts: 1,
  queuedAt: 0,
  queueReason: "",
  usage: { inputTokens: 900, cachedTokens: 0, outputTokens: 100, costUsd: 0.5, steps: 3 },
  runningMs: 4_000,
  runningSince: 10_000,
  lostInRow: 0,
  retries: 0,
  trips: {},
  cycles: 0,
  startCheckpoint: null,
  decisions: [],
  planAllowed: false,
}
const limits = { seconds: 10, steps: 100, cycles: 8, tokens: 2_000, costUsd: 5, costNamed: true }

test("the fullest cap comes first, and running time counts what earlier attempts took", () => {
  expect(limitUse(turn, limits, 14_000)).toEqual([
    { which: "seconds", used: 8, limit: 10 },
    { which: "tokens", used: 1_000, limit: 2_000 },
    { which: "cost", used: 0.5, limit: 5 },
    { which: "steps", used: 3, limit: 100 },
  ])
})

test("a cap that nobody set, and a cost without a price, are not counted", () => {
  const unpriced = { ...turn, usage: { ...turn.usage, costUsd: null } }
  const use = limitUse(unpriced, { ...limits, tokens: null }, 14_000)
  expect(use.map(({ which }) => which)).toEqual(["seconds", "steps"])
})
