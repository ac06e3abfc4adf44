import { beforeFirst, type TaskEvent } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { Gateway } from "../gateway.ts"

const pageSize = 500

/** The first event of a task's log that fits; for rare questions, since it reads the log from its start. */
export const findEvent = async (
  { store }: Gateway,
  ref: TaskRef,
  fits: (event: TaskEvent) => boolean,
): Promise<TaskEvent | undefined> => {
  for (let after = beforeFirst; ; ) {
    const page = await store.events(ref, after, pageSize)
    const found = page.find(fits)
    const last = page.at(-1)
    if (found !== undefined || last === undefined || page.length < pageSize) return found
    after = last.id
  }
}
