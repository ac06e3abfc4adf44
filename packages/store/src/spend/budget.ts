import { type Budget, type BudgetRequest, type BudgetView, Lane } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { queueFamily, teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { sumFields } from "./cells.ts"
import { monthOf, nextMonthAt } from "./month.ts"
import { tellPassed } from "./tell.ts"

/** Why no turn of a team starts: what it has used of which limit, until when. */
export type Stop = { which: "usd" | "tokens"; used: number; limit: number; month: string; resetsAt: number }

const usualWarnAt = 0.8
/** What was spent at the end of a month may be counted when the next one has begun. */
const lateMs = 3_600_000
const noBudget: Budget = { usd: null, tokens: null, warnAt: usualWarnAt }

const budgetKey = (team: string): string => `${teamFamily(team)}budget`
/** A month's spend of a team: cells and sums. */
export const spendKey = (team: string, month: string): string => `${teamFamily(team)}spend:${month}`

/** What a budget makes of what was spent. Pure. */
export const weigh = (
  { usd, tokens, warnAt }: Budget,
  spent: BudgetView["spent"],
): Pick<BudgetView, "state" | "which"> => {
  const shares = [
    { which: "usd" as const, share: usd === null ? 0 : spent.usd / usd },
    { which: "tokens" as const, share: tokens === null ? 0 : spent.tokens / tokens },
  ].filter(({ which }) => (which === "usd" ? usd : tokens) !== null)
  const [most] = shares.toSorted((a, b) => b.share - a.share)
  if (most === undefined) return { state: "none", which: null }
  return { state: most.share >= 1 ? "stopped" : most.share >= warnAt ? "warned" : "open", which: most.which }
}

/** A team's budget, and how far it is used in a month: this one, or that of `at`. */
export const readBudget = async (context: Context, team: string, at = context.now()): Promise<BudgetView> => {
  const month = monthOf(at)
  const [json, sums] = await Promise.all([
    withDeadline(context.client.get(budgetKey(team))),
    withDeadline(context.client.hmget(spendKey(team, month), ...sumFields)),
  ])
  const [micros = 0, tokens = 0, unpricedTokens = 0] = sums.map(Number)
  const budget = json === null ? noBudget : fromJson<Budget>(json)
  const spent = { usd: micros / 1e6, tokens, unpricedTokens }
  return { team, month, resetsAt: nextMonthAt(at), ...budget, spent, ...weigh(budget, spent) }
}

/** Changes a team's budget; it counts at once. */
export const setBudget = async (
  context: Context,
  team: string,
  change: Omit<BudgetRequest, "team">,
): Promise<BudgetView> => {
  const { usd, tokens, warnAt } = await readBudget(context, team)
  const budget: Budget = {
    usd: change.usd === undefined ? usd : change.usd,
    tokens: change.tokens === undefined ? tokens : change.tokens,
    warnAt: change.warnAt ?? warnAt,
  }
  if (budget.usd === null && budget.tokens === null) await withDeadline(context.client.del(budgetKey(team)))
  else await withDeadline(context.client.set(budgetKey(team), JSON.stringify(budget)))
  return await keepBudget(context, team)
}

/**
 * Tells both lanes whether a team may start turns, and webhooks what was passed. What a crash leaves out of date, and a month that begins, the
 * upkeep's next look mends.
 */
export const keepBudget = async (context: Context, team: string): Promise<BudgetView> => {
  const now = context.now()
  const view = await readBudget(context, team, now)
  await Promise.all(Lane.options.map(lane => tellLane(context, lane, view)))
  if (monthOf(now - lateMs) !== view.month)
    await tellPassed(context, await readBudget(context, team, now - lateMs))
  await tellPassed(context, view)
  return view
}

const tellLane = async ({ client }: Context, lane: Lane, view: BudgetView): Promise<void> => {
  const { team, month, resetsAt, state, which, spent } = view
  const key = stopsKey(lane)
  const limit = which === null ? null : view[which]
  const stop: Stop | null =
    state === "stopped" && which !== null && limit !== null
      ? { which, used: spent[which], limit, month, resetsAt }
      : null
  const before = await withDeadline(client.hget(key, team))
  const json = stop === null ? null : JSON.stringify(stop)
  if (json === before) return
  await withDeadline(json === null ? client.hdel(key, team) : client.hset(key, team, json))
  await withDeadline(client.publish(`${queueFamily(lane)}wake`, ""))
}

/** The teams of which a lane starts no turn. */
export const stopsKey = (lane: Lane): string => `${queueFamily(lane)}stops`

/** Whether a stop still holds: it ends with its month, whether somebody has looked or not. */
export const holds = (stop: Stop | undefined, now: number): stop is Stop =>
  stop !== undefined && stop.resetsAt > now

/** Says of a used-up budget which one it is and when it begins anew. */
export const stopWords = ({ which, used, limit, month, resetsAt }: Stop): string => {
  const amount = (value: number) => (which === "usd" ? `$${value.toFixed(2)}` : value)
  const unit = which === "usd" ? "" : " tokens"
  return `the team's budget for ${month} is used up, ${amount(used)} of ${amount(limit)}${unit}; it resets ${new Date(resetsAt).toISOString()}`
}
