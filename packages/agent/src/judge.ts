import type { Trip } from "@twolane/common/guardrails/trip"
import type { GateDecision } from "@twolane/protocol"

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

/** What a gate asks about, kept in its subject: a person's leave is for these findings on these texts. */
export const askedOf = (trips: readonly Trip[]): Asked[] =>
  trips.map(({ rule, detail, path, content }) => ({
    rule,
    detail,
    ...(path === undefined ? {} : { path }),
    ...(content === undefined ? {} : { content }),
  }))

/** A finding as a gate's subject names it. */
export type Asked = Pick<Trip, "rule" | "detail" | "path" | "content">

/** Whether a person has allowed just this: the same finding, and on a path the same text. What can't be read is asked again. */
export const wasAllowed = (trip: Trip, decisions: readonly GateDecision[]): boolean =>
  (trip.verdict === "ask" || trip.verdict === "hand_off") &&
  (trip.path === undefined || trip.content !== undefined) &&
  decisions.some(
    ({ decision, subject }) =>
      decision === "allow" &&
      askedIn(subject).some(
        asked =>
          asked.rule === trip.rule &&
          asked.detail === trip.detail &&
          asked.path === trip.path &&
          asked.content === trip.content,
      ),
  )

const askedIn = (subject: unknown): Partial<Record<keyof Asked, unknown>>[] =>
  typeof subject === "object" && subject !== null && "asked" in subject && Array.isArray(subject.asked)
    ? subject.asked.filter((asked: unknown) => typeof asked === "object" && asked !== null)
    : []

/** Trips in words, for the model or a person. */
export const inWords = (trips: readonly Trip[]): string =>
  trips
    .map(trip => `- ${trip.rule}${trip.path === undefined ? "" : ` (${trip.path})`}: ${trip.detail}`)
    .join("\n")
