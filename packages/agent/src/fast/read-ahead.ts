import type { Policy } from "@twolane/common/guardrails/policy"
import type { TaskState, TranscriptEntry } from "@twolane/protocol"
import { nextConversation } from "../loop/conversation.ts"
import { outputCap } from "../loop/output-cap.ts"
import type { ModelRequest } from "../model/port.ts"
import { fastInstructions } from "../prompt/fast.ts"
import { fastTools } from "../tools/specs.ts"

/** What there is to read before a task's next fast turn is asked for: all of it but its request. */
export const readAhead = (
  state: TaskState,
  model: string,
  policy: Policy,
  transcript: readonly TranscriptEntry[],
): ModelRequest => ({
  instructions: fastInstructions,
  context: nextConversation(state, "fast", model, transcript),
  tools: fastTools(policy.verdicts.commands !== "deny"),
  ...outputCap(model),
})
