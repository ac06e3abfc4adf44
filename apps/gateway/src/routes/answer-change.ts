import type { Actor, NewEvent, TaskState } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { FastifyReply, FastifyRequest } from "fastify"
import { changeTask, type Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { writtenTask } from "../present.ts"

/** What a route changes of a task; `first` may have it done in another way: the task then, or null when it can't. */
export type RouteChange = {
  status: number
  first?: (ref: TaskRef, actor: Actor) => Promise<TaskState | null>
  decide: (state: TaskState, actor: Actor, now: number) => NewEvent[]
}

/** Answers with a task after a decision on it that may be repeated: the second time finds what the first one did. */
export const answerChange = (
  gateway: Gateway,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  { status, first, decide }: RouteChange,
): Promise<void> =>
  answerOnce(gateway, request, reply, {
    subject: "",
    repeatable: true,
    act: async () => {
      const { actor, team } = callerOf(request)
      const ref = { team, task: request.params.id }
      const done = await first?.(ref, actor)
      const state = done ?? (await changeTask(gateway, ref, (now, at) => decide(now, actor, at)))
      const body = writtenTask(state)
      // Whoever stops something waits for it: the answer is not looked at field by field again.
      return { status, body, json: JSON.stringify(body) }
    },
  })
