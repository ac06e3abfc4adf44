import type { Client } from "@twolane/client"
import type { Lane, Task } from "@twolane/protocol"

/** A further turn of a task. */
export type Next = { prompt: string; lane: Lane; interrupt?: boolean }

/**
 * Adds a turn. A deep one is answered when it stands in the queue; of a fast one the answer is its stream, of which the first event
 * suffices here: the view follows the task itself, and leaving must not stop the turn.
 * @throws ClientProblem, Unreachable
 */
export const askNext = async (
  client: Client,
  task: Task,
  { prompt, lane, interrupt = false }: Next,
): Promise<void> => {
  const turn = { prompt, lane, ...(interrupt && { interrupt }) }
  if (lane === "deep") return void (await client.addTurn(task.id, turn))
  for await (const _first of client.streamTurn(task.id, turn, { onDisconnect: "continue" })) return
}
