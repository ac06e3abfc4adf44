import type { Usage } from "./terms.ts"

/** No usage yet: nothing says what it would cost. */
export const noUsage: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: null, steps: 0 }

/** One model call's tokens and cost. */
type CallUsage = Omit<Usage, "steps">

/** A sum with one more model call in it. */
export const addUsage = (sum: Usage, call: CallUsage): Usage => ({
  inputTokens: sum.inputTokens + call.inputTokens,
  cachedTokens: sum.cachedTokens + call.cachedTokens,
  outputTokens: sum.outputTokens + call.outputTokens,
  costUsd: addCost(sum, call.costUsd),
  steps: sum.steps + 1,
})

/** Null as soon as one call has no price; before the first call there is nothing to add to. */
const addCost = ({ steps, costUsd }: Usage, more: number | null): number | null => {
  if (steps === 0) return more
  return costUsd === null || more === null ? null : costUsd + more
}
