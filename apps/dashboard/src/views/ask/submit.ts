import type { Overlap } from "@twolane/protocol"
import { client } from "../../client.ts"
import { type Draft, requestOf } from "./draft.ts"

/** A task that was asked for, and the open tasks that work on the same files. */
export type Submitted = { task: string; overlaps: readonly Overlap[] }

/**
 * Asks, and answers the task as soon as there is one. A fast turn's own stream is left to the task's view: the turn goes on without
 * this reader.
 * @throws ClientProblem, Unreachable
 */
export const submitDraft = async (draft: Draft, idempotencyKey: string): Promise<Submitted> => {
  const request = requestOf(draft)
  if (draft.lane === "deep" || request.candidates !== undefined) {
    const { id, overlaps = [] } = await client.submit(request, { idempotencyKey })
    return { task: id, overlaps }
  }
  for await (const event of client.streamTask(request, { idempotencyKey, onDisconnect: "continue" }))
    return { task: event.task, overlaps: (await client.task(event.task)).overlaps ?? [] }
  throw new Error("the gateway ended its answer before it named the task")
}
