import { type Group, openTurn, type Task, type TaskState, viewGroup, viewTask } from "@twolane/protocol"
import type { Gateway } from "./gateway.ts"

/** The task as a read shows it: with its place in the queue, and how many commits came after its base. */
export const presentTask = async (gateway: Gateway, state: TaskState): Promise<Task> => {
  const [queue, behind, overlaps] = await Promise.all([
    openTurn(state)?.status === "queued" ? gateway.store.place(state) : null,
    gateway.repos.behind(state),
    gateway.overlaps.of(state),
  ])
  return viewTask(state, {
    ...(queue === null ? {} : { queue }),
    ...(behind === null ? {} : { behind }),
    overlaps,
  })
}

/** The answer to a submit: the written task, with a warning of what works on the same files. */
export const submittedTask = async (gateway: Gateway, state: TaskState): Promise<Task> => {
  // What cannot be told now is no reason to refuse what is done.
  const overlaps = await gateway.overlaps.of(state).catch((error: unknown) => {
    gateway.log.debug({ task: state.id, error }, "overlaps are not known")
    return []
  })
  return viewTask(state, { overlaps })
}

/** The answer to a write: only what the write itself knows, so that it costs no further question. */
export const writtenTask = (state: TaskState): Task => viewTask(state)

/** All candidates of a task's group beside each other, best first. */
export const presentGroup = async (
  { store }: Pick<Gateway, "store">,
  { team, group }: TaskState,
): Promise<Group> => {
  const states = await store.readMany(team, group?.candidates.map(({ task }) => task) ?? [])
  return viewGroup(
    states.filter(state => state !== null),
    store.now(),
  )
}
