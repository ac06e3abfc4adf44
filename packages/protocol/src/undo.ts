import type { TaskEvent } from "./events.ts"
import { sinceRestart } from "./packet.ts"

/** Where an undo goes back to: a checkpoint, or the base, which is null. */
export type StepBack = {
  to: string | null
  /** The commit of the task's branch that is no newer than that; null when there is none. */
  head: string | null
  /** Whether the newest pack has it, so that any worker can go on from it. */
  portable: boolean
}

type Kept = { sha: string; turn: string | null; committed: boolean; portable: boolean }

/**
 * What undoing the newest checkpoint of a task means, read off its whole log, oldest first; null when nothing is left to undo. A turn's
 * commit takes the place of the checkpoint whose tree it has.
 */
export const stepBackOf = (events: readonly TaskEvent[]): StepBack | null => {
  const kept: Kept[] = []
  let packed: string | null = null
  for (const event of sinceRestart(events)) {
    if (event.type === "checkpoint.undone") kept.pop()
    const made = madeBy(event)
    if (made === null) continue
    packed = event.turn
    if (made.committed || kept.at(-1)?.sha === made.sha) kept.pop()
    kept.push(made)
  }
  if (kept.length === 0) return null
  const left = kept.slice(0, -1)
  const to = left.at(-1)
  const head = left.findLast(({ committed }) => committed)?.sha ?? null
  if (to === undefined) return { to: null, head, portable: true }
  return { to: to.sha, head, portable: to.portable && (to.committed || to.turn === packed) }
}

const madeBy = (event: TaskEvent): Kept | null => {
  const { turn } = event
  if (event.type === "patch.applied" || event.type === "checkpoint.saved")
    return { sha: event.checkpoint, turn, committed: false, portable: event.portable ?? true }
  if (event.type === "change.ready" && event.head !== event.base)
    return { sha: event.head, turn, committed: true, portable: event.portable ?? true }
  return null
}
