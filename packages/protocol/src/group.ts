import { z } from "zod"
import { TaskId } from "./ids.ts"
import { Actor, ChangeSize, Lane, Outcome, Review, TestStatus, TurnStatus, Usage } from "./terms.ts"

const count = z.number().int().nonnegative()
const at = z.number().int()

/** The most candidates of one group. */
export const maxCandidates = 5

/** One candidate, as a request asks for it. */
export const CandidateAsked = z.strictObject({
  lane: Lane.default("deep"),
  /** Instead of the request's own. */
  model: z.string().min(1).max(200).optional(),
})

/** So many deep candidates; or each by itself, at most one of them in the fast lane: a race. */
export const CandidatesAsked = z.union(
  [
    z.number().int().min(2).max(maxCandidates),
    z
      .array(CandidateAsked)
      .min(2)
      .max(maxCandidates)
      .refine(all => all.filter(({ lane }) => lane === "fast").length <= 1, "at most one fast candidate"),
  ],
  `must be a number from 2 to ${maxCandidates}, or a list of candidates`,
)
export type CandidatesAsked = z.infer<typeof CandidatesAsked>

/** The group that a task belongs to: every candidate's task knows all of them. The first one's id is the group's. */
export const GroupOf = z.object({
  id: z.string(),
  candidates: z.array(z.object({ task: TaskId, lane: Lane, model: z.string().optional() })),
})
export type GroupOf = z.infer<typeof GroupOf>

/** One candidate beside the others. */
export const Candidate = z.object({
  task: z.string(),
  lane: Lane,
  /** The model that it was asked for by name; absent: the lane's own. */
  model: z.string().optional(),
  branch: z.string(),
  status: TurnStatus,
  outcome: Outcome.optional(),
  tests: z.object({ status: TestStatus, failedAtBase: count.optional() }).optional(),
  change: ChangeSize.optional(),
  /** How often each guardrail rule tripped. */
  trips: z.record(z.string(), count),
  /** How many gates wait for a person. */
  gates: count,
  usage: Usage,
  /** How long it has run so far, without queue and gates. */
  runningMs: z.number(),
  review: Review,
  reviewHead: z.string().optional(),
  /** 1 is the best. */
  rank: count,
  /** Why it stands there. */
  reason: z.string(),
})
export type Candidate = z.infer<typeof Candidate>

/** Several tasks that try the same, each for itself, best first. */
export const Group = z.object({
  id: z.string(),
  team: z.string(),
  repo: z.string(),
  title: z.string(),
  prompt: z.string(),
  by: Actor,
  base: z.string().nullable(),
  createdAt: at,
  race: z.boolean(),
  /** `open` while a candidate has a turn that has not ended. */
  status: z.enum(["open", "ended"]),
  /** The candidate that was accepted. */
  chosen: z.string().optional(),
  /** The candidate that stands first, where its tests passed. */
  best: z.string().optional(),
  candidates: z.array(Candidate),
})
export type Group = z.infer<typeof Group>
