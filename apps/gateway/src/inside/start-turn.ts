import type { Problem, Task } from "@twolane/protocol"
import { readStream } from "../fast/pipe.ts"
import type { BegunTurn } from "../fast/taker.ts"
import { takingTurns } from "../fast/taker.ts"
import { type Asking, askForTask, askTo } from "./asking.ts"

/**
 * Sends a request that begins a turn, and answers as soon as the turn is recorded: a fast one runs on, and its route answers when it has
 * ended, which nobody waits for.
 * @throws Refused
 */
export const startTurn = async (
  asking: Asking,
  call: { url: string; body: unknown; idempotencyKey?: string | undefined },
): Promise<Task> => {
  const recorded = Promise.withResolvers<string>()
  const read = async ({ ref, begun }: BegunTurn): Promise<Problem | null> => {
    if (begun !== null) return readStream(begun.stream, () => recorded.resolve(ref.task))
    recorded.resolve(ref.task)
    return null
  }
  const answered = takingTurns(read, () => askTo<Task>(asking, call))
  const first = await Promise.race([recorded.promise, answered])
  return typeof first === "string" ? askForTask(asking, first) : first
}
