import { z } from "zod"

export const Lane = z.enum(["fast", "deep"])
export type Lane = z.infer<typeof Lane>

export const Priority = z.enum(["urgent", "high", "normal", "low"])
export type Priority = z.infer<typeof Priority>

/** The last time that a request may name (epoch ms): the end of the year 9999. Beyond the year 275760 there is no date to show. */
export const lastMoment = 253_402_300_799_999

export const TurnStatus = z.enum([
  "queued",
  "running",
  "waiting",
  "canceling",
  "succeeded",
  "failed",
  "canceled",
  "limited",
  "handed_off",
])
export type TurnStatus = z.infer<typeof TurnStatus>

/** Why a turn failed. */
export const FailureCode = z.enum([
  "model-auth",
  "model-unknown",
  "model-rate-limited",
  "model-unavailable",
  "model-refused",
  "context-overflow",
  "tests-red",
  "guardrail-denied",
  "setup-failed",
  "workspace-failed",
  "publish-failed",
  "dependency-failed",
  "expired",
  "worker-lost",
  "stalled",
  "internal",
])
export type FailureCode = z.infer<typeof FailureCode>

/** The failures that are retried by themselves, at most `maxRetries` times, with backoff. */
export const retriedFailures: ReadonlySet<FailureCode> = new Set([
  "model-rate-limited",
  "model-unavailable",
  "workspace-failed",
  "worker-lost",
])

/** How often one turn is retried by itself, or loses its worker without a new checkpoint, before it fails for good. */
export const maxRetries = 3

/** Which cap a turn reached. */
export const LimitName = z.enum(["seconds", "tokens", "cost", "steps", "cycles", "context"])
export type LimitName = z.infer<typeof LimitName>

/** Who did something: an API key's id and its owner's name, or a part of Twolane itself (`key` is then `system`). */
export const Actor = z.strictObject({ key: z.string(), name: z.string() })
export type Actor = z.infer<typeof Actor>

/** How a turn ended. A value, never an exception. */
export const Outcome = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("succeeded"), detail: z.string().optional() }),
  z.strictObject({ status: z.literal("failed"), code: FailureCode, detail: z.string().optional() }),
  z.strictObject({ status: z.literal("canceled"), by: Actor, detail: z.string().optional() }),
  z.strictObject({ status: z.literal("limited"), which: LimitName, detail: z.string().optional() }),
  z.strictObject({ status: z.literal("handed_off"), detail: z.string().optional() }),
])
export type Outcome = z.infer<typeof Outcome>

/** Tokens and money; `costUsd` is null while any model used has no price. */
export const Usage = z.strictObject({
  inputTokens: z.number().int().nonnegative(),
  cachedTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  costUsd: z.number().nonnegative().nullable(),
  steps: z.number().int().nonnegative(),
})
export type Usage = z.infer<typeof Usage>

/** One changed file; `added` and `removed` count lines (0 for a binary file). */
export const FileChange = z.strictObject({
  path: z.string(),
  change: z.enum(["added", "modified", "deleted", "renamed"]),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
  /** Where a renamed file was before. */
  from: z.string().optional(),
  binary: z.boolean().optional(),
})
export type FileChange = z.infer<typeof FileChange>

/** The size of a change in files and lines. */
export const ChangeSize = z.strictObject({
  files: z.number().int().nonnegative(),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
})
export type ChangeSize = z.infer<typeof ChangeSize>

export const TestStatus = z.enum(["passed", "failed", "none_selected", "flaky", "timed_out", "error"])
export type TestStatus = z.infer<typeof TestStatus>

export const GateKind = z.enum(["plan", "command", "patch", "dependency", "budget"])
export type GateKind = z.infer<typeof GateKind>

export const Review = z.enum(["none", "open", "accepted", "discarded"])
export type Review = z.infer<typeof Review>

/** What a guardrail says: go on, refuse, tell the model and let it try again, ask a person, hand off to the other lane. */
export const Verdict = z.enum(["allow", "deny", "steer", "ask", "hand_off"])
export type Verdict = z.infer<typeof Verdict>

export const Stage = z.enum(["prompt", "stream", "patch", "command", "change"])
export type Stage = z.infer<typeof Stage>
