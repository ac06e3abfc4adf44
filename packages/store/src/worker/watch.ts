import { compareEventIds, type EventId, foldEvents, type TaskState, turnOf } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import { decodeMessage } from "../follow/message.ts"
import { taskKeys } from "../keys.ts"
import type { AbortCause } from "../port.ts"
import type { Write } from "../task/append.ts"
import { readTask } from "../task/read.ts"
import type { Hold } from "./hold.ts"

/** The newest fold of a task that an attempt knows. */
export type Watch = {
  state: () => TaskState
  /** Takes over a fold of a write of our own. */
  took: (write: Write) => void
  /** Names our write that is on its way: its echo is no news. */
  expect: (write: Write | null) => void
  refresh: () => Promise<void>
  /** Hears what the task's last event is, and reads when that is news. */
  follow: (last: EventId) => void
  /** The next change that somebody else made. */
  changed: () => Promise<void>
  stop: () => Promise<void>
}

/** Follows a claimed task by wake-ups; cancels of its turn and newer attempts end the hold. */
export const watchTask = (context: Context, hub: Hub, claim: Write, turn: string, hold: Hold): Watch => {
  const { ref } = claim
  const { attempt } = claim.after
  let state = claim.after
  let coming: EventId | null = null
  let changed = Promise.withResolvers<void>()

  const see = (next: TaskState): boolean => {
    if (compareEventIds(next.lastEventId, state.lastEventId) <= 0) return false
    state = next
    const cancel = turnOf(next, turn)?.cancel
    if (cancel !== undefined) hold.abort(userCause(cancel))
    if (next.attempt !== attempt) hold.abort({ by: "superseded" })
    return true
  }
  const seeOthers = (next: TaskState) => {
    if (!see(next)) return
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const refresh = async () => {
    const next = await readTask(context, ref)
    if (next !== null) seeOthers(next)
  }
  const refreshBeside = () => void refresh().catch(error => context.onError(error, "read a task again"))
  const follow = (last: EventId) => {
    if (last !== coming && compareEventIds(last, state.lastEventId) > 0) refreshBeside()
  }
  const hear = (text: string | null) => {
    if (text === null) return refreshBeside()
    const message = decodeMessage(ref.task, text)
    if (message.kind === "grown") return follow(message.last)
    if (message.kind !== "events" || message.last === coming) return
    if (message.after === state.lastEventId) seeOthers(foldEvents(state, message.events))
    else follow(message.last)
  }
  const listening = listen(context, hub, taskKeys(ref).live, hear, refreshBeside)
  return {
    state: () => state,
    took: write => void see(write.after),
    expect: write => {
      coming = write?.after.lastEventId ?? null
    },
    refresh,
    follow,
    changed: () => changed.promise,
    stop: async () => (await listening)(),
  }
}

/** Listens beside; what was said before the subscription stood is read once it does. */
const listen = async (
  context: Context,
  hub: Hub,
  channel: string,
  hear: (text: string | null) => void,
  onListening: () => void,
): Promise<() => void> => {
  try {
    const stop = await hub.listen([channel], hear)
    onListening()
    return stop
  } catch (error) {
    // The beat brings, a little later, what the wake-ups would have.
    context.onError(error, "listen to a task")
    return () => {}
  }
}

const userCause = (cancel: NonNullable<TaskState["turns"][number]["cancel"]>): AbortCause => ({
  by: "user",
  scope: cancel.scope,
  actor: cancel.by,
  requestedAt: cancel.at,
  ...(cancel.reason === undefined ? {} : { reason: cancel.reason }),
  ...(cancel.handOff === undefined ? {} : { handOff: cancel.handOff }),
})
