import { openTurn, type Task, type TaskState, viewTask } from "@twolane/protocol"
import type { Gateway } from "./gateway.ts"

/** The task as a read shows it: with its place in the queue, and how many commits came after its base. */
export const presentTask = async (gateway: Gateway, state: TaskState): Promise<Task> => {
  const [queue, behind] = await Promise.all([
    openTurn(state)?.status === "queued" ? gateway.store.place(state) : null,
    gateway.repos.behind(state),
  ])
  return viewTask(state, {
    ...(queue === null ? {} : { queue }),
    ...(behind === null ? {} : { behind }),
  })
}

/** The answer to a write: only what the write itself knows, so that it costs no further question. */
export const writtenTask = (state: TaskState): Task => viewTask(state)
