import type { Trip } from "@twolane/common/guardrails/trip"

/** The guardrails of one turn, asked at the three stages that the loop knows. An empty list means go on. */
export type Judge = {
  patch(patch: string, signal: AbortSignal): Promise<Trip[]>
  command(command: string): Trip[]
  /** The whole change since the base, as it was saved in `checkpoint` (null: nothing was ever saved). */
  change(checkpoint: string | null, signal: AbortSignal): Promise<Trip[]>
}

/** The gravest verdict of some trips: refuse, then ask a person, then tell the model. A deep turn's `hand_off` asks. */
export const gravest = (trips: readonly Trip[]): "deny" | "ask" | "steer" | null => {
  if (trips.length === 0) return null
  if (trips.some(trip => trip.verdict === "deny")) return "deny"
  if (trips.some(trip => trip.verdict === "ask" || trip.verdict === "hand_off")) return "ask"
  return "steer"
}

/** Whether what these trips ask for is the other lane, and nothing of a person. */
export const isHandOff = (trips: readonly Trip[]): boolean =>
  gravest(trips) === "ask" && trips.every(trip => trip.verdict !== "ask")

/** Trips in words, for the model or a person. */
export const inWords = (trips: readonly Trip[]): string =>
  trips
    .map(trip => `- ${trip.rule}${trip.path === undefined ? "" : ` (${trip.path})`}: ${trip.detail}`)
    .join("\n")
