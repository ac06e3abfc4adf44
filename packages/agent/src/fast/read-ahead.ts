import type { Policy } from "@twolane/common/guardrails/policy"
import type { TaskState, TranscriptEntry } from "@twolane/protocol"
import { estimateTokens, goOnFrom } from "../items.ts"
import { nextConversation } from "../loop/conversation.ts"
import { outputCap } from "../loop/output-cap.ts"
import type { ModelRequest } from "../model/port.ts"
import { fastInstructions } from "../prompt/fast.ts"
import { shownIn } from "../prompt/shown-files.ts"
import { fastTools } from "../tools/specs.ts"

/** What there is to read before a task's next fast turn is asked for: all of it but its request. */
export const readAhead = (
  state: TaskState,
  model: string,
  policy: Policy,
  transcript: readonly TranscriptEntry[],
): ModelRequest => {
  const context = nextConversation(state, "fast", model, transcript)
  // So is what the next turn asks of it before it can be sent on.
  estimateTokens(context)
  shownIn(goOnFrom(context))
  return {
    instructions: fastInstructions,
    context,
    tools: fastTools(policy.verdicts.commands !== "deny"),
    ...outputCap(model),
  }
}
