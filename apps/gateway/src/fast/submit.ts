import type { TaskRequest, TaskState } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { send } from "../http/idempotency.ts"
import { writtenTask } from "../present.ts"
import { chooseFor } from "../submit/choose.ts"
import { firstTurnOf, originOf, planTask, submitTask } from "../submit/submit.ts"
import { answerAgain, answerFast } from "./answer.ts"
import { reserveTurn } from "./once.ts"

/** A request for a task whose lane may be the fast one. */
export type TaskWish = { request: TaskRequest; task: string; onDisconnect: "interrupt" | "continue" }

/**
 * Answers a request for a task of the fast lane, or of whichever lane fits it: with the turn's stream, with the finished task, or, in the
 * deep lane, with the task as it was accepted.
 */
export const submitChoosing = (
  gateway: Gateway,
  http: { request: FastifyRequest; reply: FastifyReply },
  { request, task: chosen, onDisconnect }: TaskWish,
): Promise<undefined> => {
  const caller = callerOf(http.request)
  const read = (task: string): Promise<TaskState | null> => gateway.store.read({ team: caller.team, task })
  const isMade = async (task: string) => (await read(task)) !== null
  return reserveTurn(gateway, http.request, { subject: chosen, isMade }, async once => {
    if (once.state === "answered") {
      http.reply.header("idempotent-replay", "true")
      return send(http.reply, once.answer)
    }
    const task = once.subject
    const ref = { team: caller.team, task, turn: firstTurnOf(task) }
    if (once.state === "made") {
      const state = await read(task)
      if (state !== null && state.turns[0]?.lane === "deep") {
        http.reply.header("idempotent-replay", "true")
        return send(http.reply, accepted(state))
      }
      return answerAgain(gateway, http.request, http.reply, { ref })
    }
    const to = await chooseFor(gateway, request)
    const submission = { task, request, caller, origin: originOf(http.request), to }
    if (to.lane === "deep") {
      const answer = accepted(await submitTask(gateway, submission))
      await once.settle(answer)
      return send(http.reply, answer)
    }
    const { events } = await planTask(gateway, submission)
    const decide = async () => ({ events, last: null })
    const wish = { ref, decide, requestId: http.request.id, onDisconnect }
    return answerFast(gateway, http.request, http.reply, wish)
  })
}

const accepted = (state: TaskState) => ({
  status: 202,
  body: writtenTask(state),
  headers: { location: `/v1/tasks/${state.id}` },
})
