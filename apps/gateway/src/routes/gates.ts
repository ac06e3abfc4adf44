import { Fault, Gate, GateRequest, isFault, type NewEvent, Task, type TaskState } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import { refuseAuthor } from "../decide/approve.ts"
import { decideGate, type GateAnswer } from "../decide/gate.ts"
import { asksAnother, changeTask, type Gateway, readTask } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { GatePath, listOf, PageQuery, pageAsked, problems } from "../http/schemas.ts"
import { findEvent } from "../log/find-event.ts"
import { writtenTask } from "../present.ts"
import { checkPrompt } from "../submit/check-prompt.ts"

/** What waits for a person, and a person's answers. */
export const gateRoutes = (app: App, gateway: Gateway): void => {
  app.get(
    "/v1/gates",
    {
      schema: {
        summary: "What waits for a person",
        tags: ["gates"],
        querystring: PageQuery,
        response: listOf(Gate),
      },
    },
    request => gateway.store.gates(callerOf(request).team, pageAsked(request.query)),
  )
  app.post(
    "/v1/tasks/:id/gates/:gate",
    {
      schema: {
        summary: "Decide a gate",
        tags: ["gates"],
        params: GatePath,
        body: GateRequest,
        response: { 200: Task, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: request.params.gate,
        repeatable: false,
        act: async gate => {
          const { actor, team } = callerOf(request)
          const { decision, note } = request.body
          if (note !== undefined) await checkPrompt(note, "note")
          const said = { gate, decision, by: actor, ...(note === undefined ? {} : { note }) }
          const state = await decide(gateway, { team, task: request.params.id }, said)
          return { status: 200, body: writtenTask(state) }
        },
      }),
  )
}

const decide = async (gateway: Gateway, ref: TaskRef, answer: GateAnswer): Promise<TaskState> => {
  const byAnother = answer.decision === "allow" && (await asksAnother(gateway, await readTask(gateway, ref)))
  try {
    return await changeTask(gateway, ref, (state, now): NewEvent[] => {
      const events = decideGate(state, answer, now)
      refuseAuthor(state, answer.by, byAnother)
      return events
    })
  } catch (error) {
    // The state forgets the gates that an ended turn closed; the log does not.
    if (isFault(error, "not-found") && (await wasOpened(gateway, ref, answer.gate)))
      throw new Fault("gate-decided", "The gate was closed.")
    throw error
  }
}

const wasOpened = async (gateway: Gateway, ref: TaskRef, gate: string): Promise<boolean> =>
  (await findEvent(gateway, ref, event => event.type === "gate.opened" && event.gate === gate)) !== undefined
