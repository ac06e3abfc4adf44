import { endTurn, type NewEvent, newId, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { refuseCanceled } from "@twolane/turns"

/** Gives a turn to the deep lane, as the policy says: its end and the next turn in one write, to which the store adds what goes with it. */
export const handOff = async (attempt: Attempt, detail: string): Promise<void> => {
  const id = newId("turn")
  await attempt.write((state, at): NewEvent[] => {
    refuseCanceled(state, attempt.turn)
    const turn = turnOf(state, attempt.turn)
    if (turn === undefined) throw new Error(`the task has no turn ${attempt.turn}`)
    const { prompt, by, options } = turn
    const { test, publish } = options
    const kept = { ...(test === undefined ? {} : { test }), ...(publish === undefined ? {} : { publish }) }
    return [
      ...endTurn(state, turn.id, { status: "handed_off", detail }, at),
      {
        type: "turn.queued",
        lane: "deep",
        position: null,
        reason: `handed over by the fast lane: ${detail}`,
        prompt,
        by,
        // The fast lane's limits were the reason; the deep lane has its own.
        options: kept,
        turn: id,
        at,
      },
    ]
  })
}
