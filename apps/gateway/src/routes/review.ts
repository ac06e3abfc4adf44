import {
  AcceptRequest,
  EmptyRequest,
  Fault,
  type FaultCode,
  FileChange,
  faults,
  newId,
  Task,
} from "@twolane/protocol"
import type { EffectResult, TaskRef } from "@twolane/store"
import { z } from "zod"
import { refuseAuthor } from "../decide/approve.ts"
import { acceptableHead, discardTask } from "../decide/review.ts"
import { asksAnother, changeTask, type Gateway, readTask } from "../gateway.ts"
import { accepts } from "../http/accept.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { problems, TaskPath } from "../http/schemas.ts"
import { writtenTask } from "../present.ts"
import { checkPullRequest } from "../submit/check-publish.ts"
import { answerChange } from "./answer-change.ts"

const DiffQuery = z.strictObject({ from: z.enum(["base", "turn"]).default("base") })
const Diff = z.object({ files: z.array(FileChange.extend({ patch: z.string() })) })

/** How long an accept waits for the worker that delivers it: a merge may have to run tests, and GitHub may want to be left alone. */
const deliveryMs = 240_000

/** What a task changed, and a person's verdict on it. */
export const reviewRoutes = (app: App, gateway: Gateway): void => {
  app.get(
    "/v1/tasks/:id/diff",
    {
      schema: {
        summary: "What a task changed",
        tags: ["review"],
        params: TaskPath,
        querystring: DiffQuery,
        response: {
          200: {
            description: "The change since the base, or since the last turn began.",
            content: { "text/x-diff": { schema: z.string() }, "application/json": { schema: Diff } },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const ref = { team: callerOf(request).team, task: request.params.id }
      const state = await readTask(gateway, ref)
      const files = await gateway.repos.diff(state, request.query.from)
      if (accepts(request, "application/json")) return reply.type("application/json").send({ files })
      return reply.type("text/x-diff; charset=utf-8").send(files.map(file => file.patch).join(""))
    },
  )
  app.post(
    "/v1/tasks/:id/accept",
    {
      schema: {
        summary: "Deliver the change: push its branch, merge it, or open its pull request",
        tags: ["review"],
        params: TaskPath,
        body: AcceptRequest,
        response: { 200: Task, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: newId("op"),
        repeatable: true,
        act: async op => {
          const caller = callerOf(request)
          const ref = { team: caller.team, task: request.params.id }
          await deliver(gateway, ref, { op, ...request.body, caller })
          return { status: 200, body: writtenTask(await readTask(gateway, ref)) }
        },
      }),
  )
  app.post(
    "/v1/tasks/:id/discard",
    {
      schema: {
        summary: "Close the task without its change",
        tags: ["review"],
        params: TaskPath,
        body: EmptyRequest,
        response: { 200: Task, ...problems },
      },
    },
    (request, reply) => answerChange(gateway, request, reply, { status: 200, decide: discardTask }),
  )
}

type Delivery = AcceptRequest & { op: string; caller: Caller }

const authorOf = ({ actor, email }: Caller) => ({ ...actor, ...(email === null ? {} : { email }) })

/** Puts the effect into the task's outbox and waits until a worker has done it. */
const deliver = async (
  gateway: Gateway,
  ref: TaskRef,
  { op, how, head: seen, caller }: Delivery,
): Promise<void> => {
  const { store, stopping } = gateway
  // A repeated request meets the effect of the first one: it must not be judged by what that one has done since.
  if ((await store.effectResult(ref, op, 0, stopping)) === null) {
    const task = await readTask(gateway, ref)
    const head = acceptableHead(task)
    if (seen !== undefined && seen !== head) throw moved()
    // A pull request asks others for their review: whoever made the change may ask.
    const byAnother = how !== "pull_request" && (await asksAnother(gateway, task))
    refuseAuthor(task, caller.actor, byAnother)
    if (how === "pull_request")
      checkPullRequest(gateway, await gateway.repos.recent(ref.team, task.repo), "how")
    if (!(await store.workers()).some(worker => worker.lane === "deep"))
      throw new Fault("no-worker", "A deep worker delivers it, and none is there. Nothing was done.")
    const effect = { op, kind: "accept", how, by: authorOf(caller), head } as const
    const unchanged = (state: Parameters<typeof acceptableHead>[0]) => {
      if (acceptableHead(state) !== head) throw moved()
      refuseAuthor(state, caller.actor, byAnother)
      return []
    }
    await changeTask(gateway, ref, unchanged, effect)
  }
  const result = await store.effectResult(ref, op, deliveryMs, stopping)
  if (result === null)
    throw new Fault(
      "no-worker",
      "No worker has delivered it yet. It stays asked for; ask again to see how it ended.",
    )
  if (!result.ok) throw deliveryFault(result)
}

const moved = (): Fault =>
  new Fault("change-moved", "The task got another change meanwhile. Nothing was delivered; look at it again.")

const deliveryFault = ({ code, detail, extra }: Extract<EffectResult, { ok: false }>): Fault => {
  const known = code in faults ? (code as FaultCode) : "publish-failed"
  return new Fault(known, detail, extra === undefined ? {} : { extra })
}
