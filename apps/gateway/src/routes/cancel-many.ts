import { CancelManyRequest, Problem, Task } from "@twolane/protocol"
import { z } from "zod"
import { cancelTask, wishOf } from "../decide/cancel.ts"
import { changeTask, type Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { itemProblem } from "../http/item-problem.ts"
import { problems } from "../http/schemas.ts"
import { writtenTask } from "../present.ts"

const Canceled = Task.pick({ id: true, status: true })
const CancelManyAnswer = z.object({ items: z.array(z.union([Canceled, Problem])) })
type Item = z.infer<typeof CancelManyAnswer>["items"][number]

/** Cancels many tasks at once: each is said as it stands then, or the problem that it alone has. */
export const cancelManyRoute = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/tasks/cancel",
    {
      schema: {
        summary: "Cancel the running and all waiting turns of many tasks",
        tags: ["tasks"],
        body: CancelManyRequest,
        response: { 200: CancelManyAnswer, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: "",
        repeatable: true,
        act: async () => {
          const { team, actor } = callerOf(request)
          const wish = wishOf(actor, request.body)
          const cancel = async (task: string): Promise<Item> => {
            try {
              const state = await changeTask(gateway, { team, task }, (before, now) =>
                cancelTask(before, wish, now),
              )
              const { id, status } = writtenTask(state)
              return { id, status }
            } catch (error) {
              return itemProblem(gateway, error, request.id)
            }
          }
          return { status: 200, body: { items: await Promise.all(request.body.tasks.map(cancel)) } }
        },
      }),
  )
}
