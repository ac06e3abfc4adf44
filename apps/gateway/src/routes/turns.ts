import { lastTurn, newId, RetryRequest, SteerRequest, Task, TurnRequest } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import { z } from "zod"
import { addTurn, retryTurn } from "../decide/follow-up.ts"
import { steerTurn } from "../decide/steer.ts"
import { addFastTurn, laneOfNext } from "../fast/add-turn.ts"
import { earlyOf, readEarly } from "../fast/read-early.ts"
import { baseOf, changeTask, type Gateway, readTask } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { promptBodyBytes } from "../http/body.ts"
import { answerOnce } from "../http/idempotency.ts"
import { disconnectOf, FastQuery, fastAnswer, problems, TaskPath } from "../http/schemas.ts"
import { findEvent } from "../log/find-event.ts"
import { writtenTask } from "../present.ts"
import { checkPrompt } from "../submit/check-prompt.ts"
import { checkPublish } from "../submit/check-publish.ts"
import { checkTurn } from "../submit/submit.ts"

/** Further turns of a task, and notes for the running one. */
export const turnRoutes = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/tasks/:id/turns",
    {
      bodyLimit: promptBodyBytes,
      preParsing: readEarly(gateway),
      schema: {
        summary: "Add a turn",
        tags: ["turns"],
        params: TaskPath,
        body: TurnRequest,
        querystring: FastQuery,
        response: { 200: fastAnswer, 202: Task, ...problems },
      },
    },
    async (request, reply) => {
      const { actor, team } = callerOf(request)
      const ref = { team, task: request.params.id }
      const { prompt, lane: asked, interrupt = false, ...options } = request.body
      // Which lane a task's next turn goes to is told by the task as it is.
      const early = earlyOf(gateway, request, asked === undefined)
      const prompted = checkPrompt(prompt)
      prompted.catch(() => undefined) // told to whoever asks for the turn's check
      const task = await early.task
      const lane = laneOfNext(task, asked)
      const check = () => checkTurn(gateway, task, { prompted, lane, options })
      const id = newId("turn")
      if (lane === "fast") {
        const next = { prompt, options, interrupt }
        const wish = {
          task,
          old: early.old,
          turn: id,
          next,
          check,
          doors: early.doors,
          ahead: early.ahead,
          ...disconnectOf(request.query),
        }
        return addFastTurn(gateway, { request, reply }, wish)
      }
      return answerOnce(gateway, request, reply, {
        subject: id,
        repeatable: true,
        act: async turn => {
          await check()
          const next = { turn, prompt, options, by: actor, interrupt }
          const state = await changeTask(gateway, ref, (newest, now) => addTurn(newest, next, now))
          return { status: 202, body: writtenTask(state), headers: { location: `/v1/tasks/${state.id}` } }
        },
      })
    },
  )
  app.post(
    "/v1/tasks/:id/retry",
    {
      schema: {
        summary: "Ask for the last turn again",
        tags: ["turns"],
        params: TaskPath,
        body: RetryRequest,
        response: { 202: Task, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: newId("turn"),
        repeatable: true,
        act: async turn => {
          const { actor, team } = callerOf(request)
          const ref = { team, task: request.params.id }
          const retry = { turn, from: request.body.from, by: actor }
          const before = await readTask(gateway, ref)
          const repo = await gateway.repos.recent(team, before.repo)
          const base = await baseOf(gateway.repos, repo, before)
          await checkPublish(gateway, repo, base, lastTurn(before)?.options.publish)
          const state = await changeTask(gateway, ref, (task, now) => retryTurn(task, retry, now))
          return { status: 202, body: writtenTask(state), headers: { location: `/v1/tasks/${state.id}` } }
        },
      }),
  )
  app.post(
    "/v1/tasks/:id/steer",
    {
      bodyLimit: promptBodyBytes,
      schema: {
        summary: "Give the running turn a note",
        tags: ["turns"],
        params: TaskPath,
        body: SteerRequest,
        response: { 202: z.object({ steer: z.string() }), ...problems },
      },
    },
    (request, reply) => {
      const chosen = newId("steer")
      return answerOnce(gateway, request, reply, {
        subject: chosen,
        repeatable: false,
        act: async steer => {
          const { actor, team } = callerOf(request)
          const ref = { team, task: request.params.id }
          const { turn, prompt } = request.body
          await checkPrompt(prompt)
          const note = { steer, turn, prompt, by: actor }
          // A note of an earlier, lost request may have been applied already: then the log alone knows it.
          if (steer === chosen || !(await wasGiven(gateway, ref, steer)))
            await changeTask(gateway, ref, (task, now) => steerTurn(task, note, now))
          return { status: 202, body: { steer } }
        },
      })
    },
  )
}

const wasGiven = async (gateway: Gateway, ref: TaskRef, steer: string): Promise<boolean> =>
  (await findEvent(gateway, ref, event => event.type === "steer.accepted" && event.steer === steer)) !==
  undefined
