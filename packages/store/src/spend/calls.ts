import type { Context } from "../context.ts"
import { readTeams } from "../team/teams.ts"
import { readBudget, setBudget } from "./budget.ts"
import type { SpendStore } from "./port.ts"
import { readSpend } from "./report.ts"

/** The store's calls about what teams spend. */
export const spendCalls = (context: Context): SpendStore => ({
  teams: async () => (await readTeams(context)).toSorted(),
  budget: team => readBudget(context, team),
  budgets: async () => {
    const teams = await readTeams(context)
    return await Promise.all(teams.map(team => readBudget(context, team)))
  },
  setBudget: (team, change) => setBudget(context, team, change),
  spend: query => readSpend(context, query),
})
