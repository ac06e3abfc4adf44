import {
  beforeFirst,
  type HandoffPacket,
  type Lane,
  type NewEvent,
  packetOf,
  type TaskEvent,
  type TurnState,
} from "@twolane/protocol"
import type { Attempt, Store, TaskRef } from "@twolane/store"

/** What a turn takes over from the one before it in the other lane; `event` is what is still to be written of it, if anything. */
export type TakenOver = { from: Lane; packet: HandoffPacket; event: NewEvent | null }

/** Reads what a turn takes over; null when the turn before it was of the same lane, or is none. */
export const readHandoff = async (store: Store, attempt: Attempt): Promise<TakenOver | null> => {
  const { turns } = attempt.state()
  const at = turns.findIndex(turn => turn.id === attempt.turn)
  const [from, to] = [turns[at - 1], turns[at]]
  if (from === undefined || to === undefined || from.lane === to.lane) return null
  const log = await readLog(store, attempt)
  for (const event of log)
    if (event.type === "handoff.created" && event.to.turn === to.id)
      return { from: from.lane, packet: event.packet, event: null }
  const packet = packetOf(attempt.state(), log)
  return { from: from.lane, packet, event: handoffEvent(from, to, packet, attempt.now()) }
}

/** The event that says what goes from one turn to the next. */
export const handoffEvent = (
  from: Pick<TurnState, "id" | "lane">,
  to: Pick<TurnState, "id" | "lane">,
  packet: HandoffPacket,
  at: number,
): NewEvent => ({
  type: "handoff.created",
  from: { turn: from.id, lane: from.lane },
  to: { turn: to.id, lane: to.lane },
  packet,
  turn: from.id,
  at,
})

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
