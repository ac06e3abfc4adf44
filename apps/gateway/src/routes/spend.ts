import { BudgetRequest, BudgetView, Fault, Month, SpendBy, SpendRow, TeamName } from "@twolane/protocol"
import { monthOf } from "@twolane/store"
import { z } from "zod"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import { accepts } from "../http/accept.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf, operates } from "../http/auth.ts"
import { problems } from "../http/schemas.ts"
import { spendCsv } from "../spend/csv.ts"

const BudgetQuery = z.strictObject({ team: TeamName.optional() })

/** `by=repo,person`: what is told apart; nothing is one sum. */
const By = z
  .string()
  .transform(text => (text === "" ? [] : text.split(",")))
  .pipe(z.array(SpendBy))
const SpendQuery = z.strictObject({
  month: Month.optional(),
  by: By.default([...SpendBy.options]),
  /** Another team, or `*` for all, for whoever sees to what all teams share. */
  team: z.union([TeamName, z.literal("*")]).optional(),
})
const SpendAnswer = z.object({
  month: Month,
  total: SpendRow,
  items: z.array(SpendRow),
  nextCursor: z.string().nullable(),
})

/** What teams spend, and what they may spend in a month. */
export const spendRoutes = (app: App, gateway: Gateway): void => {
  const { store } = gateway
  app.get(
    "/v1/budget",
    {
      schema: {
        summary: "A team's budget for the month, and how far it is used",
        tags: ["queue"],
        querystring: BudgetQuery,
        response: { 200: BudgetView, ...problems },
      },
    },
    request => store.budget(teamOf(callerOf(request), request.query.team)),
  )
  app.put(
    "/v1/budget",
    {
      schema: {
        summary: "Set what a team may spend in each month: what is not named stays, null takes a limit away",
        description:
          "For the key of the settings and the admins of the team default. From `warnAt` on it is told; at 100 % no further turn of the team starts until the month is over or the budget is raised. What runs goes on.",
        tags: ["queue"],
        body: BudgetRequest,
        response: { 200: BudgetView, ...problems },
      },
    },
    request => {
      const caller = callerOf(request)
      if (!operates(caller))
        throw new Fault("forbidden", "Whoever runs Twolane sets budgets: a team cannot change its own.")
      const { team = caller.team, ...change } = request.body
      if (change.usd !== undefined && change.usd !== null) mustBePriced(gateway)
      return audited(gateway, request, "", async () => {
        const view = await store.setBudget(team, change)
        gateway.known.forgetLane()
        return view
      })
    },
  )
  app.get(
    "/v1/spend",
    {
      schema: {
        summary: "What turns that ended in a month have used",
        tags: ["queue"],
        querystring: SpendQuery,
        response: {
          200: {
            description: "Told apart by `by` (team, lane, repo, person, model), the dearest first.",
            content: { "application/json": { schema: SpendAnswer }, "text/csv": { schema: z.string() } },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { month = monthOf(store.now()), by, team: asked } = request.query
      const team = teamOf(callerOf(request), asked)
      const teams = team === "*" ? await store.teams() : [team]
      const [items, sums] = await Promise.all([
        store.spend({ teams, month, by }),
        store.spend({ teams, month, by: [] }),
      ])
      if (accepts(request, "text/csv"))
        return reply
          .type("text/csv; charset=utf-8")
          .header("content-disposition", `attachment; filename="spend-${month}.csv"`)
          .send(spendCsv(month, by, items))
      return reply
        .type("application/json")
        .send({ month, total: sums[0] ?? nothing, items, nextCursor: null })
    },
  )
}

const nothing: z.infer<typeof SpendRow> = {
  team: null,
  lane: null,
  repo: null,
  person: null,
  model: null,
  turns: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd: 0,
}

/** @throws Fault forbidden */
const teamOf = (caller: Caller, asked: string = caller.team): string => {
  if (asked === caller.team || operates(caller)) return asked
  throw new Fault("forbidden", "A team sees its own spend alone.")
}

/** Dollars that nobody can count would never be used up. @throws Fault price-unknown */
const mustBePriced = ({ config, prices }: Gateway): void => {
  const unpriced = Object.values(config.models).find(({ model }) => prices[model] === undefined)
  if (unpriced === undefined) return
  const message = `there is no price for ${unpriced.model}`
  throw new Fault(
    "price-unknown",
    `A budget in dollars is set and ${message}; add it to the price table (TWOLANE_PRICES), or set one in tokens.`,
    { errors: [{ path: "usd", message }] },
  )
}
