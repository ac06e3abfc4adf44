import type { Trip } from "@twolane/common/guardrails/trip"
import { strikeSecrets } from "@twolane/common/strike-secrets"
import type { NewEvent } from "@twolane/protocol"
import { outputFor, type ToolCall } from "../items.ts"
import { type CallResult, runCall } from "../tools/run-call.ts"
import { isReading } from "../tools/specs.ts"
import { say } from "./conversation.ts"
import { type LoopEnd, record, stamp, type Turn, trippedTooOften } from "./turn.ts"

/**
 * Runs the calls of one step. Reads that stand together run side by side; everything else one after another, in the order asked.
 * The intent is recorded before a call runs and its result after, so that a lost worker leaves no call run twice in silence.
 */
export const runCalls = async (
  turn: Turn,
  calls: readonly ToolCall[],
  allowed: ReadonlySet<string>,
): Promise<LoopEnd | null> => {
  let finished: NewEvent[] = []
  const trips: Trip[] = []
  for (const batch of batches(calls)) {
    await record(turn, [...finished, ...batch.map(call => started(turn, call))])
    const results = await Promise.all(batch.map(call => timed(turn, call, allowed.has(call.call))))
    const gate = results.find(({ result }) => result.gate !== undefined)?.result.gate
    if (gate !== undefined) {
      await record(
        turn,
        results.flatMap(({ result }) => result.events),
      )
      return gate
    }
    for (const { call, result } of results) say(turn.conversation, outputFor(call, result.output))
    trips.push(...results.flatMap(({ result }) => result.trips))
    finished = results.flatMap(({ call, result, durationMs }) => [
      ...result.events,
      ended(turn, call, result, durationMs),
    ])
  }
  await record(turn, finished)
  return trippedTooOften(turn, trips)
}

const batches = (calls: readonly ToolCall[]): ToolCall[][] => {
  const grouped: ToolCall[][] = []
  for (const call of calls) {
    const last = grouped.at(-1)
    if (last !== undefined && isReading(call.name) && last.every(other => isReading(other.name)))
      last.push(call)
    else grouped.push([call])
  }
  return grouped
}

type Timed = { call: ToolCall; result: CallResult; durationMs: number }

const timed = async (turn: Turn, call: ToolCall, allowed: boolean): Promise<Timed> => {
  const before = performance.now()
  const said = await runCall(turn, call, allowed)
  // Before anybody sees it: the log, those who watch, the model.
  const result = { ...said, output: strikeSecrets(said.output) }
  return { call, result, durationMs: Math.round((performance.now() - before) * 10) / 10 }
}

const started = (turn: Turn, call: ToolCall): NewEvent =>
  stamp(turn, { type: "tool.started" as const, call: call.call, tool: call.name, input: shownInput(call) })

/** What surfaces show of a call: its arguments when they are JSON, else the text; without what looks like a secret. */
const shownInput = (call: ToolCall): unknown => {
  if (call.custom) return strikeSecrets(call.input)
  try {
    return JSON.parse(call.input, (_, value: unknown) =>
      typeof value === "string" ? strikeSecrets(value) : value,
    )
  } catch {
    return strikeSecrets(call.input) // the model is told so by the call's result
  }
}

const ended = (turn: Turn, call: ToolCall, result: CallResult, durationMs: number): NewEvent =>
  stamp(turn, {
    type: "tool.ended" as const,
    call: call.call,
    tool: call.name,
    ok: result.ok,
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    output: result.output,
    truncated: result.truncated,
    durationMs,
  })
