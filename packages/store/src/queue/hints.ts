import type { TaskState } from "@twolane/protocol"
import { type Context, memberOf } from "../context.ts"
import type { TaskRef } from "../port.ts"

/** Folds that this process has just written, for the tickets that its picker sends: the claim need not read them. */
export type Hints = {
  keep: (state: TaskState) => void
  /** Gives a task's fold away; undefined when it is not kept. */
  take: (ref: TaskRef) => TaskState | undefined
}

/** Only an idle lane's ticket goes out before many others were written. */
const mostHints = 64
/** A ticket stays small. */
const mostPrompt = 8_192

/** Makes the hints of a process; a Redis that comes back may have lost what they say. */
export const makeHints = ({ client }: Pick<Context, "client">): Hints => {
  const kept = new Map<string, TaskState>()
  client.on("ready", () => kept.clear())
  return {
    keep: state => {
      if (state.prompt.length > mostPrompt) return
      kept.set(memberOf({ team: state.team, task: state.id }), state)
      const [oldest] = kept.keys()
      if (kept.size > mostHints && oldest !== undefined) kept.delete(oldest)
    },
    take: ref => {
      const member = memberOf(ref)
      const state = kept.get(member)
      kept.delete(member)
      return state
    },
  }
}
