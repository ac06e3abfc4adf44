import type { Limits } from "@twolane/agent"
import type { Policy } from "@twolane/common/guardrails/policy"
import type { TurnState } from "@twolane/protocol"

/** A turn's caps by its policy. Each allowed budget gate of the turn allows as much money again. */
export const limitsOf = (policy: Policy, turn: TurnState): Limits => {
  const allowed = turn.decisions.filter(
    ({ kind, decision }) => kind === "budget" && decision === "allow",
  ).length
  return {
    seconds: policy.maxSeconds,
    steps: policy.maxSteps ?? Number.POSITIVE_INFINITY,
    cycles: policy.maxCycles,
    tokens: policy.maxTokens,
    costUsd: policy.maxCostUsd === null ? null : policy.maxCostUsd * (1 + allowed),
    costNamed: policy.costNamed,
  }
}
