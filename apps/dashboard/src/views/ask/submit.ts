import { client } from "../../client.ts"
import { type Draft, requestOf } from "./draft.ts"

/**
 * Asks, and answers the task's id as soon as there is one. A fast turn's own stream is left to the task's view: the turn goes on without
 * this reader.
 * @throws ClientProblem, Unreachable
 */
export const submitDraft = async (draft: Draft, idempotencyKey: string): Promise<string> => {
  const request = requestOf(draft)
  if (draft.lane === "deep") return (await client.submit(request, { idempotencyKey })).id
  for await (const event of client.streamTask(request, { idempotencyKey, onDisconnect: "continue" }))
    return event.task
  throw new Error("the gateway ended its answer before it named the task")
}
