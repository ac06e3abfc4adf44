import { z } from "zod"
import { TeamName } from "./access.ts"
import { CandidatesAsked } from "./group.ts"
import { LaneRules } from "./guardrails.ts"
import { TaskId, TurnId } from "./ids.ts"
import { Lane, lastMoment, Priority } from "./terms.ts"

/** The longest prompt, in characters (UTF-16 code units). A longer one is 413 `prompt-too-long`. */
export const maxPromptChars = 200_000

/** The largest patch that a task may begin with, in characters (UTF-16 code units). */
export const maxChangesChars = 900_000

/** A prompt; its upper bound is checked apart, since it has a code of its own. */
export const Prompt = z.string().refine(text => text.trim().length > 0, "must not be empty")

const Budget = z.strictObject({
  seconds: z.number().int().positive().max(604_800).optional(),
  tokens: z.number().int().positive().optional(),
  costUsd: z.number().positive().optional(),
  steps: z.number().int().positive().max(10_000).optional(),
})

/** What a request may say of one turn beside its prompt. */
export const TurnOptions = z.strictObject({
  scope: z.array(z.string().min(1).max(1_000)).min(1).max(100).optional(),
  test: z.enum(["targeted", "all", "none"]).optional(),
  guardrails: LaneRules.optional(),
  budget: Budget.optional(),
  model: z.string().min(1).max(200).optional(),
  engine: z.string().min(1).max(100).optional(),
  plan: z.enum(["none", "approve"]).optional(),
  publish: z.enum(["none", "branch", "pull_request"]).optional(),
})
export type TurnOptions = z.infer<typeof TurnOptions>

/** `POST /v1/tasks`. */
export const TaskRequest = TurnOptions.extend({
  repo: z.string().min(1).max(100),
  prompt: Prompt,
  lane: z.enum(["fast", "deep", "auto"]).default("auto"),
  base: z.string().min(1).max(250).optional(),
  priority: Priority.default("normal"),
  labels: z.array(z.string().min(1).max(100)).max(20).default([]),
  notBefore: z.number().int().nonnegative().max(lastMoment).optional(),
  /** Later than this it is not worth beginning: what waits then ends `failed{expired}`. */
  startBy: z.number().int().nonnegative().max(lastMoment).optional(),
  after: z.array(TaskId).max(20).optional(),
  /** An unfinished change to begin from: a git patch against `base` (`twolane run --with-changes`). */
  changes: z.string().min(1).max(maxChangesChars).optional(),
  /** Several tasks try the same, each for itself, and are compared; see `Group`. */
  candidates: CandidatesAsked.optional(),
})
export type TaskRequest = z.infer<typeof TaskRequest>

/** `POST /v1/tasks/batch`: the items are parsed one by one, so that one bad item does not lose the others. */
export const BatchRequest = z.strictObject({
  tasks: z.array(z.record(z.string(), z.unknown())).min(1).max(500),
})

/** `POST /v1/tasks/:id/turns`. */
export const TurnRequest = TurnOptions.extend({
  prompt: Prompt,
  lane: Lane.optional(),
  interrupt: z.boolean().optional(),
})
export type TurnRequest = z.infer<typeof TurnRequest>

/** `POST /v1/tasks/:id/steer`. */
export const SteerRequest = z.strictObject({ prompt: Prompt, turn: TurnId })
/** `POST /v1/tasks/:id/cancel`. */
export const CancelRequest = z.strictObject({ reason: z.string().max(2_000).optional() })

/** `POST /v1/tasks/cancel`: many tasks by their ids. */
export const CancelManyRequest = CancelRequest.extend({ tasks: z.array(TaskId).min(1).max(500) })
/** `POST /v1/tasks/:id/retry`. */
export const RetryRequest = z.strictObject({ from: z.enum(["checkpoint", "base"]).default("checkpoint") })
/** `POST /v1/tasks/:id/accept`. */
export const AcceptRequest = z.strictObject({
  how: z.enum(["push", "merge", "pull_request"]).default("push"),
  /** The task's `reviewHead` that was looked at: nothing else is delivered then. */
  head: z
    .string()
    .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, "must be a whole commit id")
    .optional(),
})
export type AcceptRequest = z.infer<typeof AcceptRequest>
/** `POST /v1/tasks/:id/gates/:gate`. */
export const GateRequest = z.strictObject({
  decision: z.enum(["allow", "deny"]),
  note: z.string().max(20_000).optional(),
})
/** A request that says nothing. */
export const EmptyRequest = z.strictObject({})

/** The name of a repo: it stands in URLs, Redis keys and folder names. */
export const RepoName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/, "use a-z, 0-9, dot, dash, underscore; at most 100")
  .refine(name => !name.includes(".."), "must not contain two dots in a row")

/** `POST /v1/repos`. */
export const RepoRequest = z.strictObject({
  name: RepoName,
  source: z.string().min(1).max(2_000),
  defaultBranch: z.string().min(1).max(250).optional(),
})
export type RepoRequest = z.infer<typeof RepoRequest>

/** `PUT /v1/repos/:name/credential`. */
export const CredentialRequest = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("token"),
    user: z.string().min(1).max(200).optional(),
    token: z.string().min(1).max(10_000),
  }),
  z.strictObject({
    kind: z.literal("ssh"),
    privateKey: z.string().min(1).max(20_000),
    knownHosts: z.string().max(20_000).optional(),
  }),
])
export type CredentialRequest = z.infer<typeof CredentialRequest>
/** `PUT /v1/repos/:name/github`: the repository is the one that the repo's source is. */
export const GithubLinkRequest = z.strictObject({
  /** A label that starts a task when an issue gets it; by default none does. */
  label: z.string().trim().min(1).max(50).optional(),
  /** How many turns in a row failing checks may start. */
  fixTurns: z.number().int().min(0).max(5).default(1),
  /** Another team than the caller's own: only for the key of the settings. */
  team: TeamName.optional(),
})
export type GithubLinkRequest = z.infer<typeof GithubLinkRequest>

/** `PUT /v1/repos/:name/secrets/:key`. */
export const SecretRequest = z.strictObject({ value: z.string().min(1).max(60_000) })
