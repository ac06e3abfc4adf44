import type { Metrics } from "@twolane/common"
import type { BudgetView } from "@twolane/protocol"

/** A label has few values: of more teams those without a budget, and those that have spent the least, are left out. */
const mostTeams = 100

/** Sets what teams have spent this month, and what they may. A team that has neither is not told of. */
export const measureTeams = ({ teams }: Pick<Metrics, "teams">, views: readonly BudgetView[]): void => {
  for (const gauge of Object.values(teams)) gauge.reset()
  for (const view of shownOf(views)) {
    const { team, usd, tokens, spent, which, warnAt } = view
    teams.spendUsd.set({ team }, spent.usd)
    teams.spendTokens.set({ team }, spent.tokens)
    if (usd !== null) teams.budgetUsd.set({ team }, usd)
    if (tokens !== null) teams.budgetTokens.set({ team }, tokens)
    const limit = which === null ? null : view[which]
    if (which === null || limit === null) continue
    teams.budgetUsed.set({ team }, spent[which] / limit)
    teams.budgetWarn.set({ team }, warnAt)
  }
}

const shownOf = (views: readonly BudgetView[]): BudgetView[] =>
  views
    .filter(({ state, spent }) => state !== "none" || spent.tokens > 0)
    .toSorted(
      (a, b) =>
        Number(a.state === "none") - Number(b.state === "none") ||
        b.spent.usd - a.spent.usd ||
        b.spent.tokens - a.spent.tokens,
    )
    .slice(0, mostTeams)
