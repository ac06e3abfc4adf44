import { estimateTokens } from "../items.ts"
import type { CallResult } from "./failure.ts"
import type { ModelEvent, ModelRequest } from "./port.ts"
import type { RateGate } from "./rate-gate.ts"
import { tellWaits } from "./tell-waits.ts"
import type { ModelTiming } from "./timing.ts"

/** What a call is admitted with. */
type Admission = {
  gate: RateGate
  request: ModelRequest
  timing: ModelTiming
  onEvent: (event: ModelEvent) => void
}

/** Makes a call once its gate lets it through; what a refusal says of the provider's limits is learnt. */
export const admit = async (
  { gate, request, timing, onEvent }: Admission,
  call: () => Promise<CallResult>,
  signal: AbortSignal,
): Promise<CallResult> => {
  const waits = tellWaits(onEvent)
  const pass = await gate.enter({ tokens: () => tokensOf(request) }, waits.begin, signal)
  waits.end()
  if (!pass.ok) return { ...pass, retryable: false }
  try {
    const result = await call()
    if (result.ok || result.code !== "model-rate-limited") return result
    if (result.said !== undefined) gate.learn(result.said.limits)
    // Waiting does not bring money back: such a refusal says nothing about the next moment.
    if (result.retryable) gate.block(result.retryAfterMs ?? timing.baseWaitMs)
    return result
  } finally {
    pass.leave()
  }
}

/** As the provider counts: what is read, and the most that may be written. */
export const tokensOf = ({ instructions, context, maxOutputTokens = 0 }: ModelRequest): number =>
  estimateTokens(context) + Math.ceil(instructions.length / 4) + maxOutputTokens
