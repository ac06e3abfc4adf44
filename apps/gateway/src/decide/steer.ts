import { type Actor, Fault, type NewEvent, runningTurn, type TaskState } from "@twolane/protocol"

/** A note for the running turn; its id is chosen beforehand, so that a repeated request gives it once. */
export type Steer = { steer: string; turn: string; prompt: string; by: Actor }

/**
 * Gives a note to a running turn.
 * @throws Fault turn-not-running
 */
export const steerTurn = (state: TaskState, { turn, ...note }: Steer, now: number): NewEvent[] => {
  if (state.steers.some(open => open.steer === note.steer)) return []
  const running = runningTurn(state)
  if (running?.id !== turn || running.status !== "running")
    throw new Fault("turn-not-running", "Send a further turn instead.")
  return [{ type: "steer.accepted", ...note, turn, at: now }]
}
