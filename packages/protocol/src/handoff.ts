import { z } from "zod"
import { Lane, TestStatus } from "./terms.ts"

/** What goes with a task from one lane to the other; lists are in the order things happened. */
export const HandoffPacket = z.strictObject({
  base: z.string().nullable(),
  checkpoint: z.string().nullable(),
  diff: z.string(),
  filesRead: z.array(z.string()),
  tried: z.array(z.strictObject({ what: z.string(), result: z.string() })),
  tests: z.strictObject({ status: TestStatus, command: z.string(), output: z.string() }).nullable(),
  trips: z.array(z.strictObject({ rule: z.string(), detail: z.string() })),
  steering: z.array(z.string()),
  openQuestions: z.array(z.string()),
  /** What could not be carried, each with the reason. */
  missing: z.array(z.string()),
})
export type HandoffPacket = z.infer<typeof HandoffPacket>

/** From which turn, and lane, to which. */
export const HandoffEnd = z.strictObject({ turn: z.string(), lane: Lane })
