import {
  beforeFirst,
  type HandoffPacket,
  type Lane,
  packetOf,
  type TaskEvent,
  takesOver,
} from "@twolane/protocol"
import type { Attempt, Store, TaskRef } from "@twolane/store"

/** What a turn takes over from the one before it in the other lane. */
export type TakenOver = { from: Lane; packet: HandoffPacket }

/** Reads what a turn takes over, as its `handoff.created` says; null when the work before it was of its own lane, or is none. */
export const readHandoff = async (store: Store, attempt: Attempt): Promise<TakenOver | null> => {
  const from = takesOver(attempt.state(), attempt.turn)
  if (from === null) return null
  const log = await attempt.insist(() => readLog(store, attempt))
  const created = log.findLast(event => event.type === "handoff.created" && event.to.turn === attempt.turn)
  // A turn that comes directly reads it beside its own claim, which brings the event: then it is said here once more.
  const packet = created?.type === "handoff.created" ? created.packet : packetOf(attempt.state(), log)
  return { from: from.lane, packet }
}

const pageSize = 1_000

/** A task's whole log. */
export const readLog = async (store: Store, ref: TaskRef): Promise<TaskEvent[]> => {
  const log: TaskEvent[] = []
  for (;;) {
    const page = await store.events(ref, log.at(-1)?.id ?? beforeFirst, pageSize)
    log.push(...page)
    if (page.length < pageSize) return log
  }
}
