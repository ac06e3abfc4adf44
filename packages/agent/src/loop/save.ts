import type { Trip } from "@twolane/common/guardrails/trip"
import type { FileChange, NewEvent } from "@twolane/protocol"
import { stamp, type Turn, tripEvents } from "./turn.ts"

/** What saving the tree told: the events of it, and what of the tree can't be part of a change. */
export type SaveReport = { files: FileChange[] | null; events: NewEvent[]; trips: Trip[] }

/**
 * Saves the tree as the turn's newest checkpoint. What can't be part of a change (a nested repository, a symlink that leaves) is a trip
 * of the rule `links`, for the model to mend: once when it first appears, and again when the work is called done (`again`). `by` says
 * whether a patch made the change or something else did.
 */
export const saveTree = async (
  turn: Turn,
  by: "patch.applied" | "checkpoint.saved",
  again = false,
): Promise<SaveReport> => {
  const { saved, refused } = await turn.ports.checkpoint(turn.signal)
  const told = refused.filter(({ path }) => again || !turn.leftOut.has(path))
  for (const { path } of told) turn.leftOut.add(path)
  const trips = told.map(
    ({ path, reason }): Trip => ({ rule: "links", stage: "change", verdict: "steer", detail: reason, path }),
  )
  if (saved === null) return { files: null, events: tripEvents(turn, trips), trips }
  turn.checkpoint = saved.sha
  const { sha, files, diff, portable, whole } = saved
  const event = stamp(turn, { type: by, files, diff, checkpoint: sha, portable, whole })
  return { files, events: [event, ...tripEvents(turn, trips)], trips }
}
