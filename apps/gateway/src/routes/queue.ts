import { Fault, Lane, type Page, pageOf, QueueView, RepoName, Task, WorkerView } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf, operates } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { listOf, NoQuery, PageQuery, pageAsked, problems } from "../http/schemas.ts"

/** Which lane is paused or resumed, both without one; with a repo no more than its turns. */
const PauseRequest = z.strictObject({ lane: Lane.optional(), repo: RepoName.optional() })

/** The queue and the workers. */
export const queueRoutes = (app: App, gateway: Gateway): void => {
  const { store, known } = gateway
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
    request => viewQueue(gateway, callerOf(request)),
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
          summary: `${paused ? "Pause" : "Resume"} the starting of turns, of a lane or of one repo`,
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
            const caller = callerOf(request)
            const { lane: one, repo } = request.body
            if (repo !== undefined) await mustBeThere(gateway, caller.team, repo)
            for (const lane of one === undefined ? Lane.options : [one])
              await (repo === undefined
                ? store.pause(lane, paused)
                : store.pauseRepo(lane, { team: caller.team, repo }, paused))
            known.forgetLane()
            return { status: 200, body: await viewQueue(gateway, caller) }
          },
        }),
    )
  }
}

/** @throws Fault not-found */
export const mustBeThere = async ({ store }: Gateway, team: string, repo: string): Promise<void> => {
  if ((await store.repo(team, repo)) === null) throw new Fault("not-found", `There is no such repo: ${repo}.`)
}

/** Both lanes' figures as a team sees them; whoever may see to what all teams share sees all teams' limits. */
export const viewQueue = async ({ store }: Gateway, caller: Caller): Promise<QueueView> => {
  const view = async (lane: Lane) => {
    const [queue, limits] = await Promise.all([
      store.queue(caller.team, lane),
      operates(caller) ? store.limits(lane) : null,
    ])
    return limits === null ? queue : { ...queue, limits }
  }
  const [fast, deep] = await Promise.all([view("fast"), view("deep")])
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
