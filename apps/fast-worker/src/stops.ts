import type { Duplex } from "node:stream"
import { readMessages, sendMessage } from "@twolane/common/json-lines"
import { Actor, type NewEvent, TaskId, type TaskState, turnOf } from "@twolane/protocol"
import type { Attempt, DirectTurn, TaskRef } from "@twolane/store"
import { z } from "zod"

/** The direct turns that run here, by their tasks: a gateway whose caller interrupts one need not go by Redis. */
export type Stops = Disposable & {
  /** A claimed turn runs until it is disposed. `attempt` is what its caller's stream follows. */
  running(turn: DirectTurn, attempt: Attempt): Disposable
  /**
   * Serves a gateway's line, `{ id, team, task, by }` each: the turn's generation is stopped in this very tick, and the answer,
   * `{ id, task }` with the task's fold, comes once the request is written down. `task` is null when no such turn runs here. What is
   * no wish ends the line.
   */
  serve(line: Duplex): void
}

const Wish = z.strictObject({ id: z.int(), team: z.string(), task: TaskId, by: Actor })

/** No turns yet; disposing it ends the lines. */
export const keepStops = (): Stops => {
  const running = new Map<string, { turn: DirectTurn; attempt: Attempt }>()
  const lines = new Set<Duplex>()
  const answer = async ({ by, ...ref }: z.infer<typeof Wish>): Promise<TaskState | null> => {
    const found = running.get(keyOf(ref))
    if (found === undefined || (await found.turn.claimed) !== null) return null
    if (turnOf(found.attempt.state(), found.attempt.turn)?.endedAt !== undefined) return null
    await stop(found.turn, found.attempt, by)
    return found.attempt.state()
  }
  return {
    running: (turn, attempt) => {
      const key = keyOf(attempt)
      running.set(key, { turn, attempt })
      return { [Symbol.dispose]: () => void running.delete(key) }
    },
    serve: line => {
      lines.add(line)
      line.on("error", () => undefined) // the gateway sees it closed
      line.once("close", () => lines.delete(line))
      readMessages<unknown>(line, message => {
        const wish = Wish.safeParse(message)
        if (!wish.success) return void line.destroy()
        answer(wish.data).then(
          task => sendMessage(line, { id: wish.data.id, task }),
          () => line.destroy(), // the interrupt goes by Redis
        )
      })
    },
    [Symbol.dispose]: () => {
      for (const line of lines) line.destroy()
    },
  }
}

const keyOf = ({ team, task }: TaskRef): string => `${team} ${task}`

/** The generation ends in this tick, and the write that tells of it leaves in the same one: neither waits for the other. */
const stop = async (turn: DirectTurn, attempt: Attempt, by: Actor): Promise<void> => {
  turn.abort({ by: "user", scope: "turn", actor: by, requestedAt: attempt.now() })
  const request = (state: TaskState, at: number): NewEvent[] => {
    const known = turnOf(state, attempt.turn)
    const told = known === undefined || known.endedAt !== undefined || known.cancel !== undefined
    return told ? [] : [{ type: "cancel.requested", by, scope: "turn", turn: attempt.turn, at }]
  }
  await attempt.write(request, { atOnce: true })
}
