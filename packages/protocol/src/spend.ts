import { z } from "zod"
import { TeamName } from "./access.ts"
import { Lane } from "./terms.ts"

const usd = z.number().positive().max(1e9)
const tokens = z.number().int().positive().max(1e15)
const warnAt = z.number().min(0.01).max(1)

/** A calendar month in UTC, such as 2026-11. */
export const Month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "must be a month such as 2026-11")
export type Month = z.infer<typeof Month>

/** What a team may spend in each calendar month: US dollars, tokens (input and output), or both. */
export const Budget = z.object({ usd: usd.nullable(), tokens: tokens.nullable(), warnAt })
export type Budget = z.infer<typeof Budget>

/** `PUT /v1/budget`: what it does not name stays, and null takes a limit away. */
export const BudgetRequest = z
  .strictObject({ team: TeamName, usd: usd.nullable(), tokens: tokens.nullable(), warnAt })
  .partial()
export type BudgetRequest = z.infer<typeof BudgetRequest>

/** A team's budget and what it has spent of it this month. */
export const BudgetView = Budget.extend({
  team: z.string(),
  month: Month,
  /** When the next month begins. */
  resetsAt: z.number(),
  spent: z.object({
    usd: z.number(),
    tokens: z.number(),
    /** Tokens of models without a price: no dollars are counted for them. */
    unpricedTokens: z.number(),
  }),
  /** `warned` from `warnAt` on; `stopped`: no turn of the team starts. */
  state: z.enum(["none", "open", "warned", "stopped"]),
  /** The limit of which the larger share is used. */
  which: z.enum(["usd", "tokens"]).nullable(),
})
export type BudgetView = z.infer<typeof BudgetView>

/** What webhooks hear of a team's budget: the share from which on it warns was passed, or all of it is used. No events of a task. */
export const spendEventTypes = ["spend.warned", "spend.stopped"] as const
export type SpendEventType = (typeof spendEventTypes)[number]

/** A share of a limit that a team's spend of a month has passed. */
export const PassedShare = z.object({
  month: Month,
  which: z.enum(["usd", "tokens"]),
  /** As a part of the limit: `warnAt`, or 1. */
  share: z.number(),
  limit: z.number(),
  /** When it was seen: it may be more than the share, since a turn counts when it ends. */
  used: z.number(),
  /** When the next month begins. */
  resetsAt: z.number(),
})
export type PassedShare = z.infer<typeof PassedShare>

/** By what spend is told apart. */
export const SpendBy = z.enum(["team", "lane", "repo", "person", "model"])
export type SpendBy = z.infer<typeof SpendBy>

/** What turns that ended in a month have used; a field that is not told apart is null. */
export const SpendRow = z.object({
  team: z.string().nullable(),
  lane: Lane.nullable(),
  repo: z.string().nullable(),
  /** A key's id; `name` as it was when it last asked. */
  person: z.object({ key: z.string(), name: z.string() }).nullable(),
  model: z.string().nullable(),
  turns: z.number(),
  inputTokens: z.number(),
  cachedTokens: z.number(),
  outputTokens: z.number(),
  /** Null where a model without a price has a part in it. */
  costUsd: z.number().nullable(),
})
export type SpendRow = z.infer<typeof SpendRow>
