import { z } from "zod"

/** What keeps a waiting turn from a slot, whoever else waits. */
export const QueueHold = z.enum([
  "after",
  "expired",
  "not-before",
  "paused",
  "repo-paused",
  "budget",
  "no-worker",
  "holding",
  "repo",
  "team",
  "person",
  "slots",
  "provider",
  "reserved",
])
export type QueueHold = z.infer<typeof QueueHold>
