import { type LimitName, retriedFailures } from "@twolane/protocol"
import { assistantText, callsOf, estimateTokens, type ToolCall, userMessage } from "../items.ts"
import type { ModelEvent, ModelResult } from "../model/port.ts"
import { deepTools } from "../tools/specs.ts"
import { messageEvents, usageEvent } from "./answer-events.ts"
import { say } from "./conversation.ts"
import { beginCut, recordCut } from "./cut.ts"
import { type LimitUse, limitUse, softLanding } from "./limits.ts"
import { outputCap } from "./output-cap.ts"
import { shorten } from "./shorten.ts"
import { applyNotes, openNotes, whileSteering } from "./steering.ts"
import { isPlanning, type LoopEnd, record, stamp, stateOf, type Turn } from "./turn.ts"
import { tellWait } from "./waits.ts"

/** What the model said in one step: text, and the calls that it asks for. */
export type Said = { text: string; calls: ToolCall[]; cut: boolean }

/** One model call with what belongs before and after it: steers, caps, the window, and the record of it all. */
export const takeStep = async (turn: Turn): Promise<Said | LoopEnd> =>
  (await beginStep(turn)) ?? endStep(turn, await callModel(turn))

/** What comes before a model call: steers, caps, the window. Null: it may be made. */
export const beginStep = async (turn: Turn): Promise<LoopEnd | null> => {
  await takeSteers(turn)
  await warnUnpriced(turn)
  const capped = await checkLimits(turn)
  if (capped !== null) return capped
  await fitContext(turn, estimateTokens(turn.conversation.context))
  return null
}

/** What comes after a model call: what it said is taken up and recorded. */
export const endStep = async (turn: Turn, result: ModelResult): Promise<Said | LoopEnd> => {
  if (!result.ok) return failed(turn, result)
  say(turn.conversation, ...result.items)
  const text = assistantText(result.items)
  const calls = callsOf(result.items)
  // Where the model's side holds notes, they come next: before the results of the calls.
  const taken = openNotes(turn).filter(({ steer }) => result.taken?.includes(steer))
  await record(turn, [usageEvent(turn, result), ...messageEvents(turn, text), ...applyNotes(turn, taken)])
  if (result.incomplete === "content_filter")
    return {
      end: "outcome",
      outcome: { status: "failed", code: "model-refused", detail: "the provider's filter ended the answer" },
    }
  return { text, calls, cut: result.incomplete === "max_output_tokens" }
}

/** Steering notes that came since the last step become messages; each is applied once the step that carries it is recorded. */
const takeSteers = async (turn: Turn): Promise<void> => {
  const notes = openNotes(turn)
  if (notes.length > 0) await record(turn, applyNotes(turn, notes))
}

/** A default cost cap can't be kept without the model's price; that is said once, before anything is spent. */
const warnUnpriced = async (turn: Turn): Promise<void> => {
  const { model, limits } = turn.plan
  if (limits.costUsd === null || stateOf(turn).attempts > 1 || turn.warned.has("cost")) return
  if (turn.ports.price({ inputTokens: 0, cachedTokens: 0, outputTokens: 0 }) !== null) return
  turn.warned.add("cost")
  const skipped = `there is no price for ${model}`
  const warning = { type: "budget.warning" as const, which: "cost", used: 0, limit: limits.costUsd, skipped }
  await record(turn, [stamp(turn, warning)])
}

const checkLimits = async (turn: Turn): Promise<LoopEnd | null> => {
  const use = limitUse(stateOf(turn), turn.plan.limits, turn.ports.journal.now())
  const over = use.find(row => row.used >= row.limit)
  if (over !== undefined) return capReached(turn, over)
  const near = use.find(row => row.used >= row.limit * softLanding && !turn.warned.has(row.which))
  if (near === undefined) return null
  turn.warned.add(near.which)
  const advice =
    "Wrap up now: bring what you have into a state that is worth keeping, then say what is left to do."
  say(turn.conversation, userMessage(`[${inUnits(near)} of this turn's limit are used. ${advice}]`))
  const { which, used, limit } = near
  await record(turn, [stamp(turn, { type: "budget.warning" as const, which, used, limit })])
  return null
}

const capReached = (turn: Turn, over: LimitUse): LoopEnd => {
  if (over.which === "cost" && !turn.plan.limits.costNamed) {
    const detail = `${inUnits(over)} are spent, the default limit of a turn. Allow as much again?`
    return { end: "gate", kind: "budget", detail, subject: { which: "cost", used: over.used } }
  }
  return {
    end: "outcome",
    outcome: { status: "limited", which: over.which, detail: `${inUnits(over)} were used` },
  }
}

const units: Record<LimitName, string> = {
  seconds: "seconds",
  tokens: "tokens",
  cost: "USD",
  steps: "steps",
  cycles: "red test results",
  context: "tokens of context",
}

const inUnits = ({ which, used, limit }: LimitUse): string =>
  `${round(used)} of ${round(limit)} ${units[which]}`
const round = (value: number): number => Math.round(value * 100) / 100

/** Shortens the context when it nears the window; the Transcript keeps the whole of it. */
const fitContext = async (turn: Turn, tokens: number): Promise<void> => {
  const shorter = shorten(turn.conversation.context, tokens, turn.plan.windowTokens)
  if (shorter === null) return
  turn.conversation.context = shorter.context
  const { beforeTokens, afterTokens, dropped } = shorter
  await record(turn, [
    stamp(turn, { type: "context.shortened" as const, beforeTokens, afterTokens, dropped }),
  ])
}

const callModel = async (turn: Turn): Promise<ModelResult> => {
  const request = {
    instructions: turn.plan.instructions,
    context: turn.conversation.context,
    tools: deepTools(isPlanning(turn)),
    ...outputCap(turn.plan.model),
  }
  const { model } = turn.ports
  // A note that is not taken waits: hours of work are not thrown away for it.
  const wait = () => undefined
  const cut = beginCut()
  const onEvent = (event: ModelEvent) => {
    cut.hear(event)
    pass(turn, event)
  }
  try {
    return await whileSteering(turn, wait, turn.signal, () => model.step(request, onEvent, turn.signal))
  } catch (error) {
    await recordCut(turn, cut.end())
    throw error
  }
}

const pass = (turn: Turn, event: ModelEvent): void => {
  tellWait(turn, event)
  if (event.type === "text") turn.ports.journal.delta({ type: "message.delta", text: event.text })
  if (event.type === "tool")
    turn.ports.journal.delta({ type: "tool.delta", call: event.call, text: event.text })
}

const failed = (turn: Turn, result: Extract<ModelResult, { ok: false }>): LoopEnd => {
  const { code, detail, retryAfterMs } = result
  if (code === "context-overflow" && stateOf(turn).usage.steps > 0)
    return { end: "outcome", outcome: { status: "limited", which: "context", detail } }
  if (retriedFailures.has(code))
    return { end: "failure", code, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  return { end: "outcome", outcome: { status: "failed", code, detail } }
}
