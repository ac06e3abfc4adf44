import type { Client, StreamOptions, TaskInput, TurnInput } from "@twolane/client"
import type { Lane, TaskDelta, TaskEvent } from "@twolane/protocol"

/** What the command line says of the turns to come. */
export type Asking = {
  repo: string
  /** What belongs to the task alone: where it begins. */
  start: Pick<TaskInput, "base" | "changes">
  /** What holds for every turn of this session. */
  options: Pick<TaskInput, "scope" | "test" | "model">
}

/** A task that was there before; `takeOver` ends the turn that runs on it. */
export type Known = { task: string; after: string; lane: Lane; takeOver: boolean }

/** How `ask` begins: with a prompt, on a task that is there or (null) a new one. */
export type Opening<Prompt extends string | null> = { prompt: Prompt; known: Known | null }

/** A prompt for a lane, and the task it goes to; null for a new one. */
export type NextTurn = { prompt: string; lane: Lane; task: string | null; interrupt?: boolean }

/** Asks for a turn and gives its events, and those of what it is handed to. */
export const streamNext = (
  client: Client,
  { repo, start, options }: Asking,
  { prompt, lane, task, interrupt }: NextTurn,
  wish: StreamOptions,
): AsyncIterable<TaskEvent | TaskDelta> => {
  if (task === null) return client.streamTask({ repo, prompt, lane, ...start, ...options }, wish)
  const turn: TurnInput = { prompt, lane, ...options, ...(interrupt === undefined ? {} : { interrupt }) }
  return client.streamTurn(task, turn, wish)
}
