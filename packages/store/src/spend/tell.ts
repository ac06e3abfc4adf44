import { hash } from "node:crypto"
import type { BudgetView, Delivery, PassedShare, SpendEventType } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"

/** A month's spend is looked at until the month after it has begun. */
const keepMs = 70 * 86_400_000

/** A share of a limit that was passed, and what webhooks hear of it. */
type Passed = PassedShare & { type: SpendEventType }

/** The shares of a budget that a team's spend has passed. Pure. */
export const passedOf = (view: BudgetView): Passed[] =>
  (["usd", "tokens"] as const).flatMap(which => {
    const limit = view[which]
    if (limit === null) return []
    const { month, resetsAt } = view
    const passed = { month, which, limit, used: view.spent[which], resetsAt }
    const shares: Passed[] = [
      // From 100 % on it stops: there is nothing to warn of before.
      ...(view.warnAt < 1 ? [{ ...passed, type: "spend.warned" as const, share: view.warnAt }] : []),
      { ...passed, type: "spend.stopped", share: 1 },
    ]
    return shares.filter(({ share }) => passed.used / limit >= share)
  })

/**
 * Tells webhooks of the shares of a team's budget that were passed: each once a month. A budget that is raised has shares of its own. What a
 * crash left untold the upkeep's next look tells.
 */
export const tellPassed = async (context: Context, view: BudgetView): Promise<void> => {
  const passed = passedOf(view)
  if (passed.length === 0) return
  const { team, month } = view
  const family = teamFamily(team)
  const told = await withDeadline(context.client.hmget(`${family}told:${month}`, ...passed.map(nameOf)))
  for (const [index, one] of passed.entries()) {
    if (typeof told[index] === "string") continue
    const now = context.now()
    const message = messageOf(team, one, now)
    const args = [month, nameOf(one), now, keepMs, one.type, message.id, JSON.stringify(message)]
    await withDeadline(context.run("budget-tell", [family], args))
  }
}

const nameOf = ({ which, share, limit }: Passed): string => `${which} ${share} ${limit}`

/** Its id is the same whoever makes it. */
const messageOf = (team: string, passed: Passed, now: number): Delivery => {
  const { type, ...budget } = passed
  const digest = hash("sha256", `${team} ${budget.month} ${nameOf(passed)}`).slice(0, 26)
  return { id: `msg_${digest}`, type, budget, createdAt: now, status: "waiting", tries: [] }
}
