import type { Task } from "@twolane/protocol"
import {
  foldEvent,
  lastTurn,
  type Outcome,
  type TaskDelta,
  type TaskEvent,
  type TaskState,
  viewTask,
} from "@twolane/protocol"
import type { EffectOptions } from "./api.ts"
import type { TaskInput } from "./calls-tasks.ts"
import type { FollowOptions } from "./follow.ts"

/** How a run is watched. */
export type RunOptions = EffectOptions & {
  /** Every event with the task as it is after it, and live text with the task as it is. */
  onEvent?: (event: TaskEvent | TaskDelta, state: TaskState | null) => void
}

/** How a run ended: the task, and its last turn's outcome. */
export type RunResult = { task: Task; outcome: Outcome }

type Calls = {
  submit(task: TaskInput, options?: EffectOptions): Promise<Task>
  follow(task: string, options?: FollowOptions): AsyncIterable<TaskEvent | TaskDelta>
}

/**
 * Submits a task and follows it to its end: a fold over `follow`.
 * @throws ClientProblem, Unreachable, and the signal's reason when it ends first (the task itself goes on)
 */
export const runTask = async (
  client: Calls,
  input: TaskInput,
  options: RunOptions = {},
): Promise<RunResult> => {
  const { onEvent, ...effect } = options
  const { id } = await client.submit(input, effect)
  const { signal } = options
  let state: TaskState | null = null
  for await (const event of client.follow(id, signal === undefined ? {} : { signal })) {
    if ("id" in event) state = foldEvent(state, event)
    onEvent?.(event, state)
  }
  signal?.throwIfAborted()
  const outcome = state === null ? undefined : lastTurn(state)?.outcome
  if (state === null || outcome === undefined) throw new Error(`the log of ${id} ended before its turn did`)
  return { task: viewTask(state), outcome }
}
