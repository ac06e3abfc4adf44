import { type Candidate, type Group, GroupId, Lane, Review, TestStatus, TurnStatus } from "@twolane/protocol"
import { z } from "zod"
import { askFor } from "../../inside/asking.ts"
import { reads, tool } from "../tool.ts"

const CandidateLine = z.object({
  task: z.string(),
  lane: Lane,
  model: z.string().optional(),
  status: TurnStatus,
  tests: TestStatus.optional().describe("none_selected means that no test ran: it is not green."),
  files: z.number().int(),
  lines: z.number().int().describe("Added and removed."),
  trips: z.number().int().describe("How often a guardrail tripped."),
  gates: z.number().int().describe("How many wait for a person's decision."),
  costUsd: z.number().nullable(),
  review: Review,
  reviewHead: z.string().optional().describe("What accept delivers now; send it as head."),
  reason: z.string().describe("Why it stands in this place."),
})

/** Shows the candidates of one request, the best first. */
export const compareTool = tool({
  name: "compare",
  title: "Compare candidates",
  description:
    "The tasks that try the same request, the best first: tests, guardrails, size of the change, cost, and why each stands where it does. Show them to the user; accept on one chooses it, and the others are discarded.",
  annotations: reads,
  input: z.strictObject({ group: GroupId }),
  output: z.object({
    race: z.boolean().describe("A fast one against deep ones: when it is green, the others are canceled."),
    status: z.enum(["open", "ended"]),
    chosen: z.string().optional().describe("The task that was accepted."),
    candidates: z.array(CandidateLine),
  }),
  act: async (asking, { group }) => {
    const { race, status, chosen, candidates } = await askFor<Group>(asking, `/v1/groups/${group}`)
    return {
      value: {
        race,
        status,
        ...(chosen === undefined ? {} : { chosen }),
        candidates: candidates.map(lineOf),
      },
    }
  },
})

const lineOf = (candidate: Candidate): z.infer<typeof CandidateLine> => {
  const { task, lane, model, status, tests, change, trips, gates, usage, review, reviewHead, reason } =
    candidate
  return {
    task,
    lane,
    ...(model === undefined ? {} : { model }),
    status,
    ...(tests === undefined ? {} : { tests: tests.status }),
    files: change?.files ?? 0,
    lines: (change?.added ?? 0) + (change?.removed ?? 0),
    trips: Object.values(trips).reduce((sum, times) => sum + times, 0),
    gates,
    costUsd: usage.costUsd,
    review,
    ...(reviewHead === undefined ? {} : { reviewHead }),
    reason,
  }
}
