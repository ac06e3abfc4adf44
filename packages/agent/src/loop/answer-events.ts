import type { NewEvent } from "@twolane/protocol"
import type { ModelResult } from "../model/port.ts"
import { stamp, type Turn } from "./turn.ts"

/** What a model call used. */
export const usageEvent = (
  turn: Turn,
  { usage, ttftMs, durationMs }: Pick<Extract<ModelResult, { ok: true }>, "usage" | "ttftMs" | "durationMs">,
): NewEvent => {
  const costUsd = turn.ports.price(usage)
  const { model } = turn.plan
  return stamp(turn, { type: "usage.reported" as const, model, ...usage, costUsd, ttftMs, durationMs })
}

/** The event that ends a message's deltas; none for an empty one. */
export const messageEvents = (turn: Turn, text: string): NewEvent[] =>
  text === "" ? [] : [stamp(turn, { type: "message.done" as const, text })]
