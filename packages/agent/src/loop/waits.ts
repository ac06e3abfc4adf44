import type { NewEvent } from "@twolane/protocol"
import type { ModelEvent } from "../model/port.ts"
import { stamp, type Turn } from "./turn.ts"

/** Writes down that a call waits for its provider's limits, and that it goes on: the turn's running time stands still meanwhile. */
export const tellWait = (turn: Turn, event: ModelEvent): void => {
  const told = eventOf(turn, event)
  if (told === null) return
  // Whoever writes next learns that the attempt is over.
  turn.ports.journal.write([told]).catch(() => undefined)
}

const eventOf = (turn: Turn, event: ModelEvent): NewEvent | null => {
  if (event.type === "waiting") {
    const { detail, atMostMs } = event
    return stamp(turn, { type: "model.waiting" as const, detail, atMostMs })
  }
  if (event.type === "resumed")
    return stamp(turn, { type: "model.resumed" as const, waitedMs: event.waitedMs })
  return null
}
