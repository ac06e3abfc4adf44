import {
  CancelRequest,
  Fault,
  firstOfGroup,
  Group,
  openTurn,
  type TaskRequest,
  type TaskState,
} from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { z } from "zod"
import { cancelTask, wishOf } from "../decide/cancel.ts"
import { changeTask, type Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { GroupPath, problems } from "../http/schemas.ts"
import { presentGroup, submittedTask } from "../present.ts"
import { originOf } from "../submit/submit.ts"
import { makeGroup } from "../submit/submit-group.ts"

/** Answers a request for candidates with the first one's task, which names all of them. */
export const answerGroup = (
  gateway: Gateway,
  request: FastifyRequest<{ Body: TaskRequest }>,
  reply: FastifyReply,
  first: string,
): Promise<void> =>
  answerOnce(gateway, request, reply, {
    subject: first,
    repeatable: true,
    act: async task => {
      const by = { caller: callerOf(request), origin: originOf(request) }
      const submission = { task, request: request.body, ...by }
      const state = await makeGroup(gateway, submission, { again: task !== first })
      return {
        status: 202,
        body: await submittedTask(gateway, state),
        headers: { location: `/v1/tasks/${task}` },
      }
    },
  })

/** Compares the candidates of a group, and stops all of them. */
export const groupRoutes = (app: App, gateway: Gateway): void => {
  app.get(
    "/v1/groups/:id",
    {
      schema: {
        summary: "The candidates of one request beside each other, best first",
        tags: ["groups"],
        params: GroupPath,
        querystring: z.strictObject({}),
        response: { 200: Group, ...problems },
      },
    },
    async request => {
      const first = await readFirst(gateway, callerOf(request).team, request.params.id)
      return presentGroup(gateway, first)
    },
  )
  app.post(
    "/v1/groups/:id/cancel",
    {
      schema: {
        summary: "Cancel all candidates of a group",
        tags: ["groups"],
        params: GroupPath,
        body: CancelRequest,
        response: { 202: Group, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: "",
        repeatable: true,
        act: async () => {
          const { team, actor } = callerOf(request)
          const first = await readFirst(gateway, team, request.params.id)
          await cancelAll(gateway, first, wishOf(actor, request.body))
          return { status: 202, body: await presentGroup(gateway, first) }
        },
      }),
  )
}

/**
 * The first candidate of a group; all others follow from it.
 * @throws Fault not-found
 */
const readFirst = async ({ store }: Gateway, team: string, id: string): Promise<TaskState> => {
  const first = await store.read({ team, task: firstOfGroup(id) })
  if (first?.group?.id !== id) throw new Fault("not-found", "There is no such group.")
  return first
}

/**
 * Cancels every candidate that is open, also those that a crash left to be made: none begins later.
 * @throws Fault task-ended
 */
const cancelAll = async (
  gateway: Gateway,
  first: TaskState,
  wish: Parameters<typeof cancelTask>[1],
): Promise<void> => {
  const open = (await gateway.store.completeGroup(first)).filter(state => openTurn(state) !== undefined)
  if (open.length === 0) throw new Fault("task-ended", "All its candidates have ended.")
  await Promise.all(
    open.map(({ team, id }) =>
      changeTask(gateway, { team, task: id }, (state, now) =>
        openTurn(state) === undefined ? [] : cancelTask(state, wish, now),
      ),
    ),
  )
}
