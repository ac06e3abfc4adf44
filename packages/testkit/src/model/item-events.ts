import { contentPart, type Planned, pieces, wireItem } from "./planned.ts"
import type { Item } from "./script.ts"

/** How the deltas of each kind of item are called, where they point, and which field holds the whole at the end. */
const shapes = {
  message: {
    delta: "response.output_text.delta",
    done: "response.output_text.done",
    whole: "text",
    part: "response.content_part",
    at: { content_index: 0 },
  },
  refusal: {
    delta: "response.refusal.delta",
    done: "response.refusal.done",
    whole: "refusal",
    part: "response.content_part",
    at: { content_index: 0 },
  },
  reasoning: {
    delta: "response.reasoning_summary_text.delta",
    done: "response.reasoning_summary_text.done",
    whole: "text",
    part: "response.reasoning_summary_part",
    at: { summary_index: 0 },
  },
  function_call: {
    delta: "response.function_call_arguments.delta",
    done: "response.function_call_arguments.done",
    whole: "arguments",
    part: null,
    at: {},
  },
  custom_tool_call: {
    delta: "response.custom_tool_call_input.delta",
    done: "response.custom_tool_call_input.done",
    whole: "input",
    part: null,
    at: {},
  },
} as const

/** What a stream of item events is asked before each delta: may it go on, must it close the item, or stop dead. */
export type Verdict = "on" | "close" | "stop"

/**
 * The events of one output item, from `output_item.added` to `output_item.done`; answers the item as it ended, or null when it
 * was stopped dead. `judge` is asked before each delta, and `onDelta` what is sent in its place.
 */
export function* itemEvents(
  planned: Planned,
  index: number,
  judge: () => Verdict,
  onDelta: (text: string) => string,
): Generator<Item, Item | null> {
  const shape = shapes[planned.kind]
  const place = { item_id: planned.id, output_index: index, ...shape.at }
  const isMessage = planned.kind === "message"
  const silent = planned.kind === "reasoning" && planned.text === ""
  yield {
    type: "response.output_item.added",
    output_index: index,
    item: wireItem(planned, "", "in_progress"),
  }
  if (shape.part !== null && !silent)
    yield { type: `${shape.part}.added`, ...place, part: partOf(planned, "") }
  let said = ""
  let status = "completed"
  for (const piece of pieces(planned.text)) {
    const verdict = judge()
    if (verdict === "stop") return null
    if (verdict === "close") {
      status = "incomplete"
      break
    }
    const delta = onDelta(piece)
    said += delta
    yield isMessage
      ? { type: shape.delta, ...place, delta, logprobs: noLogprobs }
      : { type: shape.delta, ...place, delta }
  }
  if (!silent) {
    yield { type: shape.done, ...place, [shape.whole]: said }
    if (shape.part !== null) yield { type: `${shape.part}.done`, ...place, part: partOf(planned, said) }
  }
  const item = wireItem(planned, said, status)
  yield { type: "response.output_item.done", output_index: index, item }
  return item
}

const noLogprobs: readonly never[] = []

const partOf = (planned: Planned, text: string): Item => {
  const { kind } = planned
  return kind === "function_call" || kind === "custom_tool_call" ? {} : contentPart(kind, text)
}
