import {
  CancelRequest,
  EmptyRequest,
  Lane,
  newId,
  type Page,
  Task,
  TaskRequest,
  TurnStatus,
} from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { z } from "zod"
import { cancelTask, interruptTurn, wishOf } from "../decide/cancel.ts"
import { submitChoosing } from "../fast/submit.ts"
import { type Gateway, readTask } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { taskBodyBytes } from "../http/body.ts"
import { answerOnce } from "../http/idempotency.ts"
import {
  disconnectOf,
  FastQuery,
  fastAnswer,
  listOf,
  PageQuery,
  pageAsked,
  problems,
  TaskPath,
} from "../http/schemas.ts"
import { presentTask, submittedTask } from "../present.ts"
import { originOf, submitTask } from "../submit/submit.ts"
import { firstIdOf } from "../submit/submit-group.ts"
import { answerChange } from "./answer-change.ts"
import { answerGroup } from "./groups.ts"

const ListQuery = PageQuery.extend({
  lane: Lane.optional(),
  status: TurnStatus.optional(),
  repo: z.string().min(1).max(100).optional(),
  label: z.string().min(1).max(100).optional(),
  by: z.string().min(1).max(200).optional(),
  q: z.string().min(1).max(200).optional(),
})

/** A page of a team's tasks, those at work with what works on the same files. */
export const listTasks = async (
  { store, overlaps }: Gateway,
  ...wanted: Parameters<Store["list"]>
): Promise<Page<Task>> => {
  const { items, nextCursor } = await store.list(...wanted)
  return { items: await overlaps.addTo(items), nextCursor }
}

/** Submits, lists, shows and stops tasks. */
export const taskRoutes = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/tasks",
    {
      bodyLimit: taskBodyBytes,
      schema: {
        summary: "Submit a task",
        tags: ["tasks"],
        body: TaskRequest,
        querystring: FastQuery,
        response: { 200: fastAnswer, 202: Task, ...problems },
      },
    },
    (request, reply) => {
      const task = newId("task")
      const { body, query } = request
      if (body.candidates !== undefined) return answerGroup(gateway, request, reply, firstIdOf(task))
      if (body.lane !== "deep")
        return submitChoosing(gateway, { request, reply }, { request: body, task, ...disconnectOf(query) })
      return answerOnce(gateway, request, reply, {
        subject: task,
        repeatable: true,
        act: async task => {
          const by = { caller: callerOf(request), origin: originOf(request) }
          const state = await submitTask(gateway, { task, request: request.body, ...by })
          const body = await submittedTask(gateway, state)
          const headers = { location: `/v1/tasks/${task}` }
          return { status: 202, body, json: JSON.stringify(body), headers }
        },
      })
    },
  )
  app.get(
    "/v1/tasks",
    {
      schema: {
        summary: "Tasks, newest first",
        tags: ["tasks"],
        querystring: ListQuery,
        response: listOf(Task),
      },
    },
    request => {
      const { limit, cursor, ...wanted } = request.query
      const filter = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      return listTasks(gateway, callerOf(request).team, filter, pageAsked({ limit, cursor }))
    },
  )
  app.get(
    "/v1/tasks/:id",
    {
      schema: {
        summary: "One task",
        tags: ["tasks"],
        params: TaskPath,
        querystring: z.strictObject({}),
        response: { 200: Task, ...problems },
      },
    },
    async request => {
      const ref = { team: callerOf(request).team, task: request.params.id }
      return presentTask(gateway, await readTask(gateway, ref))
    },
  )
  app.post(
    "/v1/tasks/:id/cancel",
    {
      schema: {
        summary: "Cancel the running and all waiting turns",
        tags: ["tasks"],
        params: TaskPath,
        body: CancelRequest,
        response: { 202: Task, ...problems },
      },
    },
    (request, reply) =>
      answerChange(gateway, request, reply, {
        status: 202,
        decide: (state, by, now) => cancelTask(state, wishOf(by, request.body), now),
      }),
  )
  app.post(
    "/v1/tasks/:id/interrupt",
    {
      schema: {
        summary: "Cancel the running turn only",
        tags: ["tasks"],
        params: TaskPath,
        body: EmptyRequest,
        response: { 202: Task, ...problems },
      },
    },
    (request, reply) =>
      answerChange(gateway, request, reply, {
        status: 202,
        first: (ref, by) => gateway.knocker.stop(ref, by),
        decide: interruptTurn,
      }),
  )
}
