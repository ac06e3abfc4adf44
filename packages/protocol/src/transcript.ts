import { z } from "zod"

/** One item of the Responses API, exactly as it was sent or received. */
export const TranscriptItem = z.looseObject({ type: z.string().optional() })
export type TranscriptItem = z.infer<typeof TranscriptItem>

/** What one step added to the conversation with the model; private, never shown by any route. */
export const TranscriptEntry = z.strictObject({
  turn: z.string(),
  attempt: z.number().int(),
  /** The model that wrote it: its reasoning items are dropped when another one goes on. */
  model: z.string(),
  items: z.array(TranscriptItem),
})
export type TranscriptEntry = z.infer<typeof TranscriptEntry>
