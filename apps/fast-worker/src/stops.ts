import type { IncomingMessage, ServerResponse } from "node:http"
import { json } from "node:stream/consumers"
import { Actor, type NewEvent, TaskId, turnOf } from "@twolane/protocol"
import type { Attempt, DirectTurn, TaskRef } from "@twolane/store"
import { z } from "zod"
import { refuse } from "./refuse.ts"

/** The direct turns that run here, by their tasks: a gateway whose caller interrupts one need not go by Redis. */
export type Stops = {
  /** A claimed turn runs until it is disposed. `attempt` is what its caller's stream follows. */
  running(turn: DirectTurn, attempt: Attempt): Disposable
  /**
   * Answers `POST /stops`: the turn's generation is stopped in this very tick, and the answer, the task's fold, comes once the request is
   * written down. 404 when no such turn runs here.
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const Wish = z.strictObject({ team: z.string(), task: TaskId, by: Actor })

/** No turns yet. */
export const keepStops = (): Stops => {
  const running = new Map<string, { turn: DirectTurn; attempt: Attempt }>()
  return {
    running: (turn, attempt) => {
      const key = keyOf(attempt)
      running.set(key, { turn, attempt })
      return { [Symbol.dispose]: () => void running.delete(key) }
    },
    answer: async (request, response) => {
      const wish = Wish.safeParse(await json(request).catch(() => null))
      if (!wish.success) return refuse(response, 400, {})
      const found = running.get(keyOf(wish.data))
      if (found === undefined || (await found.turn.claimed) !== null) return refuse(response, 404, {})
      if (turnOf(found.attempt.state(), found.attempt.turn)?.endedAt !== undefined)
        return refuse(response, 404, {})
      await stop(found.turn, found.attempt, wish.data.by)
      response.writeHead(200, { "content-type": "application/json" })
      response.end(JSON.stringify(found.attempt.state()))
    },
  }
}

const keyOf = ({ team, task }: TaskRef): string => `${team} ${task}`

/** Its write is asked for first, so that it stands before whatever the stopped turn says; the generation ends before it is stored. */
const stop = async (turn: DirectTurn, attempt: Attempt, by: Actor): Promise<void> => {
  const requestedAt = attempt.now()
  const written = attempt.write((state, at): NewEvent[] => {
    const known = turnOf(state, attempt.turn)
    const told = known === undefined || known.endedAt !== undefined || known.cancel !== undefined
    return told ? [] : [{ type: "cancel.requested", by, scope: "turn", turn: attempt.turn, at }]
  })
  turn.abort({ by: "user", scope: "turn", actor: by, requestedAt })
  await written
}
