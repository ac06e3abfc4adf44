import type { TaskRequest, TaskState } from "@twolane/protocol"
import { beforeCreation } from "@twolane/store"
import type { FastifyReply, FastifyRequest } from "fastify"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { type Answer, send } from "../http/idempotency.ts"
import { submittedTask } from "../present.ts"
import { chooseFor } from "../submit/choose.ts"
import { firstTurnOf, originOf, planTask, submitTask } from "../submit/submit.ts"
import { answerAgain, answerFast } from "./answer.ts"
import { actOnce } from "./once.ts"

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
  const sent = (answer: Answer) => send(http.reply, answer)
  return actOnce(
    gateway,
    http,
    chosen,
    async once => {
      const task = once.subject
      const ref = { team: caller.team, task, turn: firstTurnOf(task) }
      const made = task === chosen ? null : await gateway.store.read(ref)
      if (made !== null)
        return made.turns[0]?.lane === "deep"
          ? sent(await accepted(gateway, made))
          : answerAgain(gateway, http, { ref })
      const to = await chooseFor(gateway, caller.team, request)
      const submission = { task, request, caller, origin: originOf(http.request), to }
      if (to.lane === "deep") {
        const submit = () => submitTask(gateway, submission)
        const answer = await accepted(gateway, await audited(gateway, http.request, task, submit))
        await once.settle(answer)
        return sent(answer)
      }
      const { events, pack } = await planTask(gateway, submission)
      // Kept before the task is there: its worker may have to begin from it.
      if (pack !== undefined) await gateway.store.savePack(ref, beforeCreation, pack.checkpoint, pack.pack)
      const decide = async () => ({ events, state: null })
      return answerFast(gateway, http, {
        doors: null,
        ref,
        repo: request.repo,
        decide,
        requestId: http.request.id,
        onDisconnect,
      })
    },
    sent,
  )
}

const accepted = async (gateway: Gateway, state: TaskState) => ({
  status: 202,
  body: await submittedTask(gateway, state),
  headers: { location: `/v1/tasks/${state.id}` },
})
