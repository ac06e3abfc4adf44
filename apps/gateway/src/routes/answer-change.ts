import type { Actor, NewEvent, TaskState } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { changeTask, type Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { writtenTask } from "../present.ts"

/** Answers with a task after a decision on it that may be repeated: the second time finds what the first one did. */
export const answerChange = (
  gateway: Gateway,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  { status, decide }: { status: number; decide: (state: TaskState, actor: Actor, now: number) => NewEvent[] },
): Promise<void> =>
  answerOnce(gateway, request, reply, {
    subject: "",
    repeatable: true,
    act: async () => {
      const { actor, team } = callerOf(request)
      const ref = { team, task: request.params.id }
      const state = await changeTask(gateway, ref, (now, at) => decide(now, actor, at))
      return { status, body: writtenTask(state) }
    },
  })
