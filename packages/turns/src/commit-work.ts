import type { TaskState } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { commitChange, type Mirror } from "@twolane/workspace"
import { authorOf } from "./author.ts"

/** Commits a task's checkpoint to its branch, in the name of who asked for it; answers the branch's head. */
export const commitWork = async (
  { store, mirror, base }: { store: Pick<Store, "access">; mirror: Mirror; base: string },
  { id, title, prompt, by, head, endedAt }: TaskState,
  checkpoint: string,
  signal: AbortSignal,
): Promise<string> => {
  const email = (await store.access.key(by.key))?.email
  const body = prompt.trim() === title ? "" : `\n\n${prompt.trim().slice(0, 4_000)}`
  const wanted = {
    task: id,
    base,
    head,
    checkpoint,
    author: authorOf({ ...by, ...(email === undefined ? {} : { email }) }),
    message: `${title}${body}`,
    // Of a task that has ended: the same commit, however often it is made.
    ...(endedAt === undefined ? {} : { at: endedAt }),
  }
  return commitChange(mirror, wanted, signal)
}
