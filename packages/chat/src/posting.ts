import type { Card } from "./card/card.ts"
import type { Aside, Place } from "./incoming.ts"

/** One message: `key` names its effect, so that it can be found again; `again` says that it may be there twice. */
export type Post = { key: string; card: Card; again?: boolean }

/**
 * What came of a call. `limited`: it was not done now. `unsure`: it may have been done, or, when the answer is `late`, may yet be. `refused`: it
 * was not done, and would not be another time.
 */
export type Posted =
  | { ok: true; sentAs: string }
  | { ok: false; why: "limited"; retryAfterMs: number }
  | { ok: false; why: "unsure"; error: string; late?: true }
  | { ok: false; why: "refused"; error: string }

/** What came of looking for a message: its name on the platform, or null when it is not there. */
export type Found = { ok: true; sentAs: string | null } | Extract<Posted, { ok: false }>

/** How messages of ours get onto a platform. No call rejects but by its signal. */
export type Poster = {
  post(place: Place, post: Post, signal: AbortSignal): Promise<Posted>
  edit(place: Place, sentAs: string, post: Post, signal: AbortSignal): Promise<Posted>
  /** Looks for a message that an earlier try, at `sinceMs` or later, may have left. */
  find(place: Place, key: string, sinceMs: number, signal: AbortSignal): Promise<Found>
  /** Answers one person alone. */
  answer(aside: Aside, post: Post, signal: AbortSignal): Promise<Posted>
}
