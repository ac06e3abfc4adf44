import {
  type Actor,
  beforeFirst,
  EmptyRequest,
  Fault,
  newId,
  Task,
  type TaskEvent,
  type TaskState,
} from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import { planUndo, undoEvent } from "../decide/undo.ts"
import { changeTask, type Gateway, readTask } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { problems, TaskPath } from "../http/schemas.ts"
import { writtenTask } from "../present.ts"

/** Back one checkpoint. */
export const undoRoute = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/tasks/:id/undo",
    {
      schema: {
        summary: "Go back one checkpoint",
        description:
          "The next turn, the diff and an accept then start from the checkpoint before the newest.",
        tags: ["review"],
        params: TaskPath,
        body: EmptyRequest,
        response: { 200: Task, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: newId("op"),
        repeatable: false,
        act: async undo => {
          const { actor: by, team } = callerOf(request)
          const state = await undoLast(gateway, { team, task: request.params.id }, { undo, by })
          return { status: 200, body: writtenTask(state) }
        },
      }),
  )
}

/** A task that goes on under our hands each time is somebody else's just now. */
const mostTries = 5

/** What is undone is read off the log, and holds as long as nothing is added to it. */
const undoLast = async (
  gateway: Gateway,
  ref: TaskRef,
  wish: { undo: string; by: Actor },
): Promise<TaskState> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const state = await readTask(gateway, ref)
    const log = await readLog(gateway, ref)
    if (log.some(event => event.type === "checkpoint.undone" && event.undo === wish.undo)) return state
    const step = planUndo(state, log)
    const diff = await gateway.repos.stepBack(state, step.to)
    let undone = false
    const after = await changeTask(gateway, ref, (newest, at) => {
      undone = newest.lastEventId === log.at(-1)?.id
      return undone ? [undoEvent(newest, step, diff, wish, at)] : []
    })
    if (undone) return after
  }
  throw new Fault("conflict", "The task changed meanwhile.")
}

const pageSize = 500

const readLog = async ({ store }: Gateway, ref: TaskRef): Promise<TaskEvent[]> => {
  const log: TaskEvent[] = []
  for (;;) {
    const page = await store.events(ref, log.at(-1)?.id ?? beforeFirst, pageSize)
    log.push(...page)
    if (page.length < pageSize) return log
  }
}
