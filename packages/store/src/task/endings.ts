import { closeTurn, foldEvents, isFinal, type NewEvent, type TaskState, turnOf } from "@twolane/protocol"
import { nameEvents } from "./log.ts"

/**
 * Completes what a writer wants to say: whatever ends a turn also rejects its open steers and closes its open gates.
 * @throws Error when a turn would end twice: final is final.
 */
export const withEndings = (state: TaskState | null, events: readonly NewEvent[]): NewEvent[] => {
  if (!events.some(event => event.type === "turn.ended")) return [...events]
  const whole: NewEvent[] = []
  for (const event of events) {
    if (event.type === "turn.ended") {
      const soFar = foldSoFar(state, whole)
      const turn = turnOf(soFar, event.turn ?? "")
      if (turn !== undefined && isFinal(turn.status))
        throw new Error(`turn ${turn.id} ended ${turn.status} before`)
      whole.push(...closeTurn(soFar, event.turn, event.at))
    }
    whole.push(event)
  }
  return whole
}

const foldSoFar = (state: TaskState | null, events: readonly NewEvent[]): TaskState => {
  if (events.length === 0 && state !== null) return state
  const last = state?.lastEventId ?? "0-0"
  return foldEvents(state, nameEvents(state?.id ?? "", last, state?.attempt ?? 0, events))
}
