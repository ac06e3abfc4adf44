import { Lane, type Page, pageOf, QueueView, Task, WorkerView } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { listOf, NoQuery, PageQuery, pageAsked, problems } from "../http/schemas.ts"

/** Which lane is paused or resumed; both without one. */
const PauseRequest = z.strictObject({ lane: Lane.optional() })

/** The queue and the workers. */
export const queueRoutes = (app: App, gateway: Gateway): void => {
  const { store } = gateway
  app.get(
    "/v1/queue",
    {
      schema: {
        summary: "What each lane's queue does now",
        tags: ["queue"],
        querystring: NoQuery,
        response: { 200: QueueView, ...problems },
      },
    },
    request => viewQueue(gateway, callerOf(request).team),
  )
  app.get(
    "/v1/queue/:lane/waiting",
    {
      schema: {
        summary: "The tasks that wait in a lane, in the order in which they are picked",
        tags: ["queue"],
        params: z.strictObject({ lane: Lane }),
        querystring: PageQuery,
        response: listOf(Task),
      },
    },
    request => store.waiting(callerOf(request).team, request.params.lane, pageAsked(request.query)),
  )
  app.get(
    "/v1/workers",
    {
      schema: {
        summary: "The workers that are there",
        tags: ["queue"],
        querystring: NoQuery,
        response: { 200: pageOf(WorkerView), ...problems },
      },
    },
    request => viewWorkers(gateway, callerOf(request).team),
  )
  for (const [verb, paused] of [
    ["pause", true],
    ["resume", false],
  ] as const) {
    app.post(
      `/v1/queue/${verb}`,
      {
        schema: {
          summary: `${paused ? "Pause" : "Resume"} the picking of turns`,
          tags: ["queue"],
          body: PauseRequest,
          response: { 200: QueueView, ...problems },
        },
      },
      (request, reply) =>
        answerOnce(gateway, request, reply, {
          subject: "",
          repeatable: true,
          act: async () => {
            const lanes = request.body.lane === undefined ? Lane.options : [request.body.lane]
            for (const lane of lanes) await store.pause(lane, paused)
            return { status: 200, body: await viewQueue(gateway, callerOf(request).team) }
          },
        }),
    )
  }
}

/** Both lanes' figures as a team sees them. */
export const viewQueue = async ({ store }: Gateway, team: string): Promise<QueueView> => {
  const [fast, deep] = await Promise.all([store.queue(team, "fast"), store.queue(team, "deep")])
  return { lanes: { fast, deep } }
}

/** The workers that are there, with a team's turns alone. */
export const viewWorkers = async ({ store }: Gateway, team: string): Promise<Page<WorkerView>> => {
  const workers = await store.workers()
  const items = workers.map(worker => ({
    ...worker,
    turns: worker.turns.filter(turn => turn.team === team),
  }))
  return { items, nextCursor: null }
}
