import { abortReason } from "@twolane/common/lifetime"
import type { NewEvent } from "@twolane/protocol"
import { charsPerToken, estimateTokens } from "../items.ts"
import type { ModelEvent } from "../model/port.ts"
import { messageEvents, usageEvent } from "./answer-events.ts"
import type { Turn } from "./turn.ts"

/** A model call that did not come to its end, as far as it came: what it said, and how much came in all. */
export type CutCall = { said: string; chars: number; ttftMs: number | null; durationMs: number }

/**
 * What is recorded of a call that was cut: its words, which those who watched have seen, and what it used. The provider says that only at
 * a call's end, so it is estimated here, and caps still hold.
 */
export const cutEvents = (turn: Turn, { said, chars, ttftMs, durationMs }: CutCall): NewEvent[] => {
  const usage = {
    inputTokens: estimateTokens(turn.conversation.context),
    cachedTokens: 0,
    outputTokens: Math.ceil(chars / charsPerToken),
  }
  return [usageEvent(turn, { usage, ttftMs, durationMs }), ...messageEvents(turn, said)]
}

/** Listens to a model call, for what is to be said of it when it is cut short. */
export const beginCut = (): { hear: (event: ModelEvent) => void; end: () => CutCall } => {
  const startedAt = performance.now()
  let said = ""
  let chars = 0
  let ttftMs: number | null = null
  const since = () => Math.round((performance.now() - startedAt) * 10) / 10
  return {
    hear: event => {
      if (event.type === "retry") said = ""
      if (event.type !== "text" && event.type !== "tool") return
      ttftMs ??= since()
      chars += event.text.length
      if (event.type === "text") said += event.text
    },
    end: () => ({ said, chars, ttftMs, durationMs: since() }),
  }
}

/** An answer that a person cut short had begun and is paid for: it counts like any other. Nothing runs in the jail meanwhile. */
export const recordCut = async (turn: Turn, cut: CutCall): Promise<void> => {
  const by = abortReason(turn.signal)?.by
  if (cut.ttftMs === null || (by !== "user" && by !== "disconnect")) return
  await turn.ports.journal.write(cutEvents(turn, cut))
}
