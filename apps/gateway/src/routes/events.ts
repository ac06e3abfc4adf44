import { beforeFirst, compareEventIds, EventId, Fault, pageOf, TaskEvent } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { FastifyReply, FastifyRequest } from "fastify"
import { z } from "zod"
import { type Gateway, readTask } from "../gateway.ts"
import { accepts } from "../http/accept.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { problems, TaskPath } from "../http/schemas.ts"
import { endOfLog, followTurns } from "../log/follow-turns.ts"

const EventsQuery = z.strictObject({
  after: z.string().max(100).optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  follow: z.enum(["always"]).optional(),
})

/** The log of a task: a page of it, or the stream. */
export const eventRoutes = (app: App, gateway: Gateway): void => {
  app.get(
    "/v1/tasks/:id/events",
    {
      exposeHeadRoute: false,
      schema: {
        summary: "A task's log, as a page or as a stream",
        tags: ["events"],
        params: TaskPath,
        querystring: EventsQuery,
        response: {
          200: {
            description:
              "A page of the log, or with `Accept: text/event-stream` the log and then what happens.",
            content: {
              "application/json": { schema: pageOf(TaskEvent) },
              "text/event-stream": { schema: z.string() },
            },
          },
          204: z.undefined().describe("A stream that would have nothing more to say."),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const ref = { team: callerOf(request).team, task: request.params.id }
      const { limit, follow } = request.query
      const after = startOf(request, request.query)
      if (accepts(request, "text/event-stream"))
        return streamTask(gateway, reply, { ref, after, forever: follow === "always" })
      await readTask(gateway, ref)
      const items = await gateway.store.events(ref, after, limit)
      return reply.code(200).send({ items, nextCursor: items.at(-1)?.id ?? null })
    },
  )
}

/** Where the reader left off; a reconnecting reader's header wins over the address that it first asked. */
const startOf = (
  request: FastifyRequest,
  { after, cursor }: { after?: string | undefined; cursor?: string | undefined },
): EventId => {
  if (after !== undefined && cursor !== undefined) {
    const errors = [{ path: "cursor", message: "give after or cursor, not both" }]
    throw new Fault("invalid", "Some fields are wrong; see errors.", { errors })
  }
  const given = request.headers["last-event-id"] ?? after ?? cursor
  if (given === undefined || given === "") return beforeFirst
  const id = EventId.safeParse(given)
  if (!id.success) throw new Fault("bad-cursor", "An event id looks like 2-17.")
  return id.data
}

type Wish = { ref: TaskRef; after: EventId; forever: boolean }

const streamTask = async (
  gateway: Gateway,
  reply: FastifyReply,
  { ref, after, forever }: Wish,
): Promise<void> => {
  const { store, streams } = gateway
  const end = endOfLog(await readTask(gateway, ref))
  // 204 is how an EventSource is told not to come back.
  if (!forever && end !== null && compareEventIds(after, end) >= 0)
    return reply.code(204).send() as unknown as undefined
  return streams.serve(reply, "task", async stream => {
    const { signal } = stream
    const events = forever
      ? store.follow(ref, after, signal)
      : followTurns(gateway, ref, { after, end }, signal)
    for await (const event of events)
      await stream.send({ ...("id" in event ? { id: event.id } : {}), data: event })
  })
}
