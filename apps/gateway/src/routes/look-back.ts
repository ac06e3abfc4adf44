import { Hindsight, hindsight, Lane, pageOf, TurnStatus } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { PageQuery, pageAsked, problems } from "../http/schemas.ts"

const CountsQuery = z.strictObject({
  lane: Lane.optional(),
  repo: z.string().min(1).max(100).optional(),
  label: z.string().min(1).max(100).optional(),
  by: z.string().min(1).max(200).optional(),
})
const Counts = z.object({ statuses: z.record(TurnStatus, z.number().int()) })

const HindsightQuery = PageQuery.extend({
  status: z.enum(["succeeded", "failed", "canceled", "limited", "handed_off"]).default("succeeded"),
  lane: Lane.optional(),
  repo: z.string().min(1).max(100).optional(),
})

/** How many tasks stand where, and which lane past ones should have taken. */
export const lookBackRoutes = (app: App, { store }: Gateway): void => {
  app.get(
    "/v1/tasks/counts",
    {
      schema: {
        summary: "How many tasks stand in each status",
        tags: ["tasks"],
        querystring: CountsQuery,
        response: { 200: Counts, ...problems },
      },
    },
    async request => {
      const { team } = callerOf(request)
      return { statuses: await store.counts(team, given(request.query)) }
    },
  )
  app.get(
    "/v1/hindsight",
    {
      schema: {
        summary: "Which lane past tasks should have taken, and why, newest first",
        tags: ["tasks"],
        querystring: HindsightQuery,
        response: { 200: pageOf(Hindsight), ...problems },
      },
    },
    async request => {
      const { team } = callerOf(request)
      const { limit, cursor, ...wanted } = request.query
      const page = pageAsked({ limit, cursor })
      const { items, nextCursor } = await store.list(team, given(wanted), page)
      const states = await store.readMany(
        team,
        items.map(({ id }) => id),
      )
      const seen = states.map(state => state && hindsight(state)).filter(found => found !== null)
      return { items: seen, nextCursor }
    },
  )
}

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** The filters that a query names. */
const given = <Fields extends Record<string, unknown>>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>
