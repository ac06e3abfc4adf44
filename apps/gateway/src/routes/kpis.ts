import { Kpi, Lane } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { problems } from "../http/schemas.ts"

const Window = z.enum(["1h", "24h", "7d", "30d"])
const KpiQuery = z.strictObject({
  window: Window.default("24h"),
  lane: Lane.optional(),
  repo: z.string().min(1).max(100).optional(),
  model: z.string().min(1).max(200).optional(),
})
const KpiAnswer = z.object({ window: Window, items: z.array(Kpi), nextCursor: z.string().nullable() })

/** How fast people get correct changes. */
export const kpiRoutes = (app: App, { store }: Gateway): void => {
  app.get(
    "/v1/kpis",
    {
      schema: {
        summary: "How fast people get correct changes",
        tags: ["queue"],
        querystring: KpiQuery,
        response: { 200: KpiAnswer, ...problems },
      },
    },
    async request => {
      const { window, lane, repo, model } = request.query
      const items = await store.kpis(callerOf(request).team, {
        window,
        ...(lane === undefined ? {} : { lane }),
        ...(repo === undefined ? {} : { repo }),
        ...(model === undefined ? {} : { model }),
      })
      return { window, items, nextCursor: null }
    },
  )
}
