import { Fault, TaskEvent } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { problems } from "../http/schemas.ts"

const TeamEventsQuery = z.strictObject({ after: z.string().max(100).optional() })

/** Everything that happens in a team, as one stream. */
export const teamEventRoutes = (app: App, { store, streams }: Gateway): void => {
  app.get(
    "/v1/events",
    {
      exposeHeadRoute: false,
      schema: {
        summary: "Everything that happens in the team, as a stream",
        tags: ["events"],
        querystring: TeamEventsQuery,
        response: {
          200: {
            description:
              "Server-sent events; each `data` is an event, and each `id` a cursor of this stream.",
            content: { "text/event-stream": { schema: TaskEvent } },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { team } = callerOf(request)
      const cursor = cursorOf(request.headers["last-event-id"] ?? request.query.after)
      return streams.serve(reply, "team", async stream => {
        for await (const item of store.followTeam(team, cursor, stream.signal)) {
          if ("reset" in item) await stream.send({ event: "reset", data: {} })
          else if ("cursor" in item) await stream.send({ id: item.cursor, data: item.event })
          else await stream.send({ data: item })
        }
      })
    },
  )
}

/** A cursor names an entry of the stream, and at times how many of its events were seen; null begins now. */
const cursorOf = (given: string | string[] | undefined): string | null => {
  if (given === undefined || given === "") return null
  if (typeof given === "string" && /^\d{1,15}-\d{1,15}(?:\.\d{1,6})?$/.test(given)) return given
  throw new Fault("bad-cursor", "Use an id of this stream.")
}
