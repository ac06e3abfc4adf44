import type { BudgetRequest, BudgetView, SpendBy, SpendRow } from "@twolane/protocol"

/** What teams spend, by the usage of turns that have ended, and what they may spend in a month. */
export type SpendStore = {
  /** All teams that ever wrote. */
  teams(): Promise<string[]>
  budget(team: string): Promise<BudgetView>
  /** Those of all teams. */
  budgets(): Promise<BudgetView[]>
  /** What the change does not name stays. Both lanes know it when this resolves. */
  setBudget(team: string, change: Omit<BudgetRequest, "team">): Promise<BudgetView>
  /** What teams spent in a month (kept for 400 days), told apart by `by`, the dearest first. */
  spend(query: { teams: readonly string[]; month: string; by: readonly SpendBy[] }): Promise<SpendRow[]>
}
