import { abortReason } from "@twolane/common/lifetime"
import type { NewEvent } from "@twolane/protocol"
import { charsPerToken, estimateTokens } from "../items.ts"
import type { ModelEvent, ModelResult } from "../model/port.ts"
import { stamp, type Turn } from "./turn.ts"

/** A model call that did not come to its end, as far as it came. `ttftMs` is null when nothing had come. */
export type CutCall = { chars: number; ttftMs: number | null; durationMs: number }

/** What a model call used. */
export const usageEvent = (
  turn: Turn,
  { usage, ttftMs, durationMs }: Pick<Extract<ModelResult, { ok: true }>, "usage" | "ttftMs" | "durationMs">,
): NewEvent => {
  const costUsd = turn.ports.price(usage)
  const { model } = turn.plan
  return stamp(turn, { type: "usage.reported" as const, model, ...usage, costUsd, ttftMs, durationMs })
}

/** The provider says what a call used only at its end: of one that was stopped it is estimated, so that caps still hold. */
export const cutUsage = (turn: Turn, { chars, ttftMs, durationMs }: CutCall): NewEvent => {
  const usage = {
    inputTokens: estimateTokens(turn.conversation.context),
    cachedTokens: 0,
    outputTokens: Math.ceil(chars / charsPerToken),
  }
  return usageEvent(turn, { usage, ttftMs, durationMs })
}

/** Listens to a model call, for what is to be said of it when it is cut short. */
export const beginCut = (): { hear: (event: ModelEvent) => void; end: () => CutCall } => {
  const startedAt = performance.now()
  let chars = 0
  let ttftMs: number | null = null
  const since = () => Math.round((performance.now() - startedAt) * 10) / 10
  return {
    hear: event => {
      if (event.type !== "text" && event.type !== "tool") return
      ttftMs ??= since()
      chars += event.text.length
    },
    end: () => ({ chars, ttftMs, durationMs: since() }),
  }
}

/** An answer that a person cut short had begun and is paid for: it counts like any other. Nothing runs in the jail meanwhile. */
export const recordCut = async (turn: Turn, cut: CutCall): Promise<void> => {
  const by = abortReason(turn.signal)?.by
  if (cut.ttftMs === null || (by !== "user" && by !== "disconnect")) return
  await turn.ports.journal.write([cutUsage(turn, cut)])
}
