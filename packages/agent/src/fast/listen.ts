import type { Trip } from "@twolane/common/guardrails/trip"
import { derive } from "@twolane/common/lifetime"
import type { TranscriptItem } from "@twolane/protocol"
import { callsOf } from "../items.ts"
import { recordCut } from "../loop/cut.ts"
import { outputCap } from "../loop/output-cap.ts"
import { openNotes, whileSteering } from "../loop/steering.ts"
import type { Turn } from "../loop/turn.ts"
import { tellWait } from "../loop/waits.ts"
import type { ModelEvent, ModelResult } from "../model/port.ts"
import { fastTools } from "../tools/specs.ts"
import type { KnownTree } from "./known-tree.ts"
import { createStreamJudge, type StreamJudge } from "./stream-judge.ts"

/** A call as far as it was written. */
export type HalfCall = { call: string; name: string; text: string }

/** An answer that was stopped while it was written: by the guardrails, or since the person said something. */
export type Stopped = {
  by: "guardrail" | "steer"
  trips: Trip[]
  /** All that the answer has said. */
  said: string
  /** What of it is in no whole item. */
  text: string
  /** The call that was being written, if one was. */
  half: HalfCall | null
  /** Whole messages of the answer. */
  messages: TranscriptItem[]
  /** Characters that had come in all. */
  chars: number
  ttftMs: number | null
  durationMs: number
}

type Listening = Omit<Stopped, "by" | "trips" | "durationMs"> & {
  judges: Map<string, StreamJudge>
  /** Whether a whole call has come: a steering note then waits for its result. */
  called: boolean
}

/**
 * Makes one model call and judges it while it comes. It is stopped at the first part of a patch that the rules refuse (what a person
 * may allow is written to its end), and by a steering note that the model does not take in mid-answer, before there is a whole call.
 */
export const listen = async (turn: Turn, tree: KnownTree): Promise<ModelResult | { stopped: Stopped }> => {
  using stop = derive(turn.signal)
  const startedAt = performance.now()
  let heard = nothingHeard()
  let cause: Pick<Stopped, "by" | "trips"> | null = null
  const end = (why: Pick<Stopped, "by" | "trips">): void => {
    if (cause !== null || stop.signal.aborted) return
    cause = why
    stop.abort({ by: "superseded" })
  }
  const onEvent = (event: ModelEvent): void => {
    if (cause !== null) return
    if (event.type === "retry") {
      heard = nothingHeard()
      // What the broken call was told with it is lost: better to begin the next one with it.
      if (openNotes(turn).length > 0) end({ by: "steer", trips: [] })
    } else if (event.type === "waiting" || event.type === "resumed") tellWait(turn, event)
    else heard.ttftMs ??= performance.now() - startedAt
    const refused = take(turn, tree, heard, event).filter(({ verdict }) => verdict !== "ask")
    if (refused.length > 0) end({ by: "guardrail", trips: refused })
  }
  const onRefused = () => {
    if (!heard.called) end({ by: "steer", trips: [] })
  }
  try {
    const result = await whileSteering(turn, onRefused, stop.signal, () =>
      turn.ports.model.step(requestOf(turn, tree), onEvent, stop.signal),
    )
    return cause === null ? result : stopped(heard, cause, startedAt)
  } catch (error) {
    if (cause !== null && !turn.signal.aborted) return stopped(heard, cause, startedAt)
    const { said, chars, ttftMs } = heard
    await recordCut(turn, {
      said,
      chars,
      ttftMs: ttftMs === null ? null : round(ttftMs),
      durationMs: round(performance.now() - startedAt),
    })
    throw error
  }
}

const requestOf = (turn: Turn, { policy }: KnownTree) => ({
  instructions: turn.plan.instructions,
  context: turn.conversation.context,
  tools: fastTools(policy.verdicts.commands !== "deny"),
  ...outputCap(turn.plan.model),
})

const nothingHeard = (): Listening => ({
  said: "",
  text: "",
  half: null,
  messages: [],
  chars: 0,
  ttftMs: null,
  judges: new Map(),
  called: false,
})

/** Takes up what came, passes it on to whoever watches, and answers what it trips. */
const take = (turn: Turn, tree: KnownTree, heard: Listening, event: ModelEvent): Trip[] => {
  const { journal } = turn.ports
  switch (event.type) {
    case "text":
      heard.said += event.text
      heard.text += event.text
      heard.chars += event.text.length
      journal.delta({ type: "message.delta", text: event.text })
      return []
    case "tool": {
      const { call, name, text } = event
      if (heard.half?.call !== call) heard.half = { call, name, text: "" }
      heard.half.text += text
      heard.chars += text.length
      journal.delta({ type: "tool.delta", call, text })
      return name === "apply_patch" ? judgeOf(heard, tree, call).push(text) : []
    }
    case "item":
      if (callsOf([event.item]).length > 0) {
        heard.called = true
        heard.half = null
      } else if (event.item.type === "message") {
        heard.messages.push(event.item)
        heard.text = ""
      }
      return []
    case "retry":
    case "waiting":
    case "resumed":
      return []
    default:
      return event satisfies never
  }
}

const judgeOf = (heard: Listening, tree: KnownTree, call: string): StreamJudge => {
  const known = heard.judges.get(call)
  if (known !== undefined) return known
  const judge = createStreamJudge(tree)
  heard.judges.set(call, judge)
  return judge
}

const stopped = (
  { said, text, half, messages, chars, ttftMs }: Listening,
  cause: Pick<Stopped, "by" | "trips">,
  startedAt: number,
): { stopped: Stopped } => ({
  stopped: {
    ...cause,
    said,
    text,
    half,
    messages,
    chars,
    ttftMs: ttftMs === null ? null : round(ttftMs),
    durationMs: round(performance.now() - startedAt),
  },
})

const round = (ms: number): number => Math.round(ms * 10) / 10
