import { BatchRequest, Fault, newId, Problem, Task, TaskRequest } from "@twolane/protocol"
import type { NewTask } from "@twolane/store"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf, keyOwner } from "../http/auth.ts"
import { batchBodyBytes } from "../http/body.ts"
import { type Answer, answerOnce, hashOf, runOnce } from "../http/idempotency.ts"
import { itemProblem } from "../http/item-problem.ts"
import { schemaPlaces } from "../http/problem.ts"
import { problems } from "../http/schemas.ts"
import { submittedTask, writtenTask } from "../present.ts"
import { originOf, planTask, submitTask } from "../submit/submit.ts"
import { firstIdOf, makeGroup } from "../submit/submit-group.ts"

/** An item with `candidates` is answered with the first one's task, as a single request is. */
const BatchItem = TaskRequest.extend({
  lane: z.enum(["deep", "auto"], "a batch takes deep tasks").default("deep"),
  idempotencyKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters")
    .optional(),
})
type BatchItem = z.infer<typeof BatchItem>

const BatchAnswer = z.object({ items: z.array(z.union([Task, Problem])) })

/** Many deep tasks at once: each item is a task, or the problem that it alone has. */
export const batchRoutes = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/tasks/batch",
    {
      bodyLimit: batchBodyBytes,
      schema: {
        summary: "Submit many deep tasks at once",
        tags: ["tasks"],
        body: BatchRequest,
        response: { 200: BatchAnswer, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: request.body.tasks.map(() => newId("task")).join(" "),
        repeatable: true,
        act: async subject => {
          const from = { caller: callerOf(request), origin: originOf(request), requestId: request.id }
          const items = await submitAll(gateway, from, request.body.tasks, subject.split(" "))
          const body: z.infer<typeof BatchAnswer> = { items }
          return { status: 200, body, json: JSON.stringify(body) }
        },
      }),
  )
}

type From = { caller: Caller; origin: string; requestId: string }
type Item = Task | Problem

const submitAll = async (
  gateway: Gateway,
  from: From,
  requests: readonly unknown[],
  ids: readonly string[],
): Promise<Item[]> => {
  const plain: { index: number; task: NewTask }[] = []
  const items = await Promise.all(
    requests.map(async (raw, index): Promise<Item | null> => {
      const task = ids[index] ?? newId("task")
      try {
        const { idempotencyKey, ...request } = parseItem(raw)
        if (idempotencyKey !== undefined)
          return await submitKeyed(gateway, from, { key: idempotencyKey, task, request })
        if (request.candidates !== undefined) {
          const submission = { task: firstIdOf(task), request, ...from }
          return await submittedTask(gateway, await makeGroup(gateway, submission, { again: true }))
        }
        plain.push({ index, task: await planTask(gateway, { task, request, ...from }) })
        return null
      } catch (error) {
        return itemProblem(gateway, error, from.requestId)
      }
    }),
  )
  const created = await gateway.store.createMany(plain.map(({ task }) => task))
  const byIndex = new Map(plain.map(({ index }, position) => [index, created[position]]))
  const answers = items.map(async (item, index) => {
    const result = byIndex.get(index)
    if (item !== null) return item
    if (result === undefined) throw new Error(`item ${index} of the batch has no result`)
    return submittedTask(gateway, result.state)
  })
  return Promise.all(answers)
}

const parseItem = (raw: unknown): BatchItem => {
  const parsed = BatchItem.safeParse(raw)
  if (parsed.success) return parsed.data
  throw new Fault("invalid", "Some fields are wrong; see errors.", { errors: schemaPlaces(parsed.error) })
}

type Keyed = { key: string; task: string; request: Omit<BatchItem, "idempotencyKey"> }

const submitKeyed = async (gateway: Gateway, from: From, { key, task, request }: Keyed): Promise<Item> => {
  const ours = request.candidates === undefined ? task : firstIdOf(task)
  const { answer } = await runOnce(gateway, {
    caller: keyOwner(from.caller),
    key,
    // The same key serves a single POST of the same task.
    hash: hashOf("POST", "/v1/tasks", request),
    subject: ours,
    repeatable: true,
    act: async (subject): Promise<Answer> => {
      const submission = { task: subject, request, ...from }
      const state =
        request.candidates === undefined
          ? await submitTask(gateway, submission)
          : await makeGroup(gateway, submission, { again: subject !== ours })
      return { status: 202, body: writtenTask(state), headers: { location: `/v1/tasks/${subject}` } }
    },
  })
  return Task.parse(answer.body)
}
