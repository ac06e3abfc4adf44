import type { BudgetView, SpendBy, SpendRow } from "@twolane/protocol"
import { type Api, type BodyOf, bodyOf, type CallOptions, read } from "./api.ts"

/** What changes of a team's budget. */
export type BudgetInput = BodyOf<"/v1/budget", "put">
/** Whose spend of which month (this one), told apart by what (by all). */
export type SpendQuery = { month?: string; team?: string; by?: readonly SpendBy[] }
/** What was spent in a month. */
export type Spend = { month: string; total: SpendRow; items: SpendRow[]; nextCursor: string | null }

/** Calls about what teams spend. All throw `ClientProblem` and `Unreachable`. */
export const spendCalls = (api: Api) => ({
  /** The team's budget; another team's for whoever runs Twolane. */
  budget: (query: { team?: string } = {}, options?: CallOptions): Promise<BudgetView> =>
    bodyOf(api.GET("/v1/budget", { params: { query }, ...read(options) })),
  /** What the change does not name stays, and null takes a limit away. */
  setBudget: (change: BudgetInput, options?: CallOptions): Promise<BudgetView> =>
    bodyOf(api.PUT("/v1/budget", { body: change, ...read(options) })),
  spend: (query: SpendQuery = {}, options?: CallOptions): Promise<Spend> =>
    bodyOf(api.GET("/v1/spend", { params: { query: asSent(query) }, ...read(options) })) as Promise<Spend>,
  /** The same as CSV, for a spreadsheet. */
  spendCsv: (query: SpendQuery = {}, options?: CallOptions): Promise<string> =>
    bodyOf(
      api.GET("/v1/spend", {
        params: { query: asSent(query) },
        headers: { accept: "text/csv" },
        parseAs: "text",
        ...read(options),
      }),
    ) as Promise<string>,
})

const asSent = ({ by, ...query }: SpendQuery) => ({
  ...query,
  ...(by === undefined ? {} : { by: by.join(",") }),
})
