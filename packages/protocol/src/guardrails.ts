import { z } from "zod"

const count = z.number().int().positive()

/** The rules of one lane, by their names in `twolane.yaml`. A missing rule takes the lane's default. */
export const LaneRules = z.strictObject({
  maxFiles: count.optional(),
  maxChangedLines: count.optional(),
  /** What follows when a change has more files or lines than that. */
  overSize: z.enum(["deny", "steer", "ask", "hand_off"]).optional(),
  scope: z.array(z.string().min(1)).min(1).optional(),
  newDependencies: z.enum(["allow", "deny", "steer", "ask", "hand_off"]).optional(),
  testTampering: z.enum(["allow", "deny", "steer", "ask", "hand_off"]).optional(),
  commands: z.enum(["allow", "deny", "ask"]).optional(),
  maxCycles: count.optional(),
  /** What follows when the red results are used up: the turn ends `limited`, or goes to the deep lane (fast lane only). */
  afterCycles: z.enum(["limited", "hand_off"]).optional(),
  maxSteps: count.optional(),
  maxSeconds: count.optional(),
  maxTokens: count.optional(),
  maxCostUsd: z.number().positive().optional(),
  /** Adds to the protected paths. */
  protected: z.array(z.string().min(1)).optional(),
})
export type LaneRules = z.infer<typeof LaneRules>
