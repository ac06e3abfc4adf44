import { itemEvents, type Verdict } from "./item-events.ts"
import type { Planned } from "./planned.ts"
import type { ResponseRequest } from "./request.ts"
import type { Item, Reply, ReplyFault, ReplyUsage } from "./script.ts"

/** One answer about to be streamed. */
export type Answer = {
  id: string
  createdAt: number
  request: ResponseRequest
  reply: Reply
  planned: Planned[]
  usage: ReplyUsage
  /** Whether steering input waits for this answer; it then ends at the next safe place. */
  isSteered: () => boolean
}

/** How a stream of events ended: with a final response, or in the middle. */
export type Ending =
  | { type: "completed" | "incomplete" | "failed"; response: Item; output: Item[] }
  | { type: "drop" | "hang" }

/** All events of one answer in order, numbered; answers how it ended. */
export function* responseEvents(answer: Answer): Generator<Item, Ending> {
  let sequence = 0
  const numbered = (event: Item): Item => {
    event.sequence_number = sequence++
    return event
  }
  const output: Item[] = []
  const watch = watchFault(answer)
  const { onDelta = (text: string) => text } = answer.reply
  let deltas = 0
  const leave = (text: string): string => onDelta(text, deltas++)
  const started = responseObject(answer, "in_progress", output)
  yield numbered({ type: "response.created", response: started })
  yield numbered({ type: "response.in_progress", response: started })
  for (const [index, planned] of answer.planned.entries()) {
    const events = itemEvents(planned, index, watch.judge, leave)
    let step = events.next()
    for (; step.done !== true; step = events.next()) yield numbered(step.value)
    if (step.value === null) break
    output.push(step.value)
    if (step.value.status === "incomplete") break
  }
  const ending = endOf(answer, output, watch.atEnd())
  if ("response" in ending) yield numbered({ type: `response.${ending.type}`, response: ending.response })
  return ending
}

const isCallKind = (planned: Planned): boolean =>
  planned.kind === "function_call" || planned.kind === "custom_tool_call"

/** Counts deltas and says when the answer's fault is due, or steering ends it: never once it makes a call. */
const watchFault = (answer: Answer): { judge: () => Verdict; atEnd: () => Verdict } => {
  const { fault } = answer.reply
  const mayBeSteered = !answer.planned.some(isCallKind)
  const steered = () => mayBeSteered && answer.isSteered()
  let deltas = 0
  return {
    judge: () => {
      if (fault !== undefined && fault.type !== "status" && deltas >= fault.afterDeltas)
        return verdictOf(fault)
      if (steered()) return "close"
      deltas += 1
      return "on"
    },
    // A fault that no delta reached comes before the last event.
    atEnd: () => (fault === undefined ? (steered() ? "close" : "on") : verdictOf(fault)),
  }
}

const verdictOf = (fault: ReplyFault): Verdict => (fault.type === "incomplete" ? "close" : "stop")

const endOf = (answer: Answer, output: Item[], verdict: Verdict): Ending => {
  const { fault } = answer.reply
  if (verdict === "on") return final(answer, "completed", output, {})
  if (verdict === "close") {
    const reason = fault?.type === "incomplete" ? fault.reason : "steered"
    return final(answer, "incomplete", output, { incomplete_details: { reason } })
  }
  if (fault?.type === "failed")
    return final(answer, "failed", output, { error: { code: fault.code, message: fault.message } })
  return { type: fault?.type === "hang" ? "hang" : "drop" }
}

const final = (
  answer: Answer,
  type: "completed" | "incomplete" | "failed",
  output: Item[],
  rest: Item,
): Ending => ({
  type,
  output,
  response: { ...responseObject(answer, type, output), ...rest, usage: usageObject(answer.usage) },
})

const usageObject = (usage: ReplyUsage): Item => ({
  input_tokens: usage.inputTokens,
  input_tokens_details: { cached_tokens: usage.cachedTokens },
  output_tokens: usage.outputTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: usage.inputTokens + usage.outputTokens,
})

/** The response as the service echoes it. */
const responseObject = ({ id, createdAt, request }: Answer, status: string, output: Item[]): Item => ({
  id,
  object: "response",
  created_at: Math.floor(createdAt / 1000),
  status,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: request.instructions ?? null,
  max_output_tokens: request.max_output_tokens ?? null,
  metadata: {},
  model: request.model,
  output: [...output],
  parallel_tool_calls: true,
  previous_response_id: request.previous_response_id ?? null,
  reasoning: { effort: null, summary: null },
  store: request.store ?? true,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: request.tools,
  top_p: 1,
  truncation: "disabled",
  usage: null,
})
