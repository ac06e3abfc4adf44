import type { DeltaBody, TaskDelta } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"

/** Gathers live text and publishes it every 20 ms; nothing waits for it, and what Redis does not take is lost. */
export type DeltaSink = {
  put: (delta: DeltaBody) => void
  /** Sends what is there: before each write, so that text stays in front of the event that ends it. */
  flush: () => void
}

const gatherMs = 20
/** Text beyond this is dropped while Redis does not take it: the event that ends it has the whole. */
const mostOnTheWay = 50

/** Makes the sink of one attempt. */
export const makeDeltaSink = (
  context: Context,
  of: { ref: TaskRef; turn: string; attempt: number },
): DeltaSink => {
  const keys = taskKeys(of.ref)
  let gathered: TaskDelta[] = []
  let timer: NodeJS.Timeout | undefined
  let onTheWay = 0
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (gathered.length === 0) return
    const message = JSON.stringify({ d: gathered })
    gathered = []
    if (onTheWay >= mostOnTheWay) return
    onTheWay += 1
    withDeadline(context.run("task-deltas", [keys.state], [of.attempt, keys.live, message]))
      .catch(() => {
        // Ephemeral by contract.
      })
      .finally(() => {
        onTheWay -= 1
      })
  }
  const put = (delta: DeltaBody) => {
    const last = gathered.at(-1)
    if (last !== undefined && continues(last, delta)) {
      gathered[gathered.length - 1] = { ...last, text: last.text + delta.text }
    } else {
      gathered.push({ ...delta, task: of.ref.task, turn: of.turn, attempt: of.attempt, at: context.now() })
    }
    timer ??= setTimeout(flush, gatherMs)
  }
  return { put, flush }
}

const continues = (last: TaskDelta, next: DeltaBody): boolean =>
  last.type === "tool.delta"
    ? next.type === "tool.delta" && next.call === last.call
    : next.type === "message.delta"
