import type { NewEvent } from "@twolane/protocol"
import { charsPerToken, userMessage } from "../items.ts"
import { inWords, isHandOff } from "../judge.ts"
import { say } from "../loop/conversation.ts"
import { cutEvents } from "../loop/cut.ts"
import { record, stamp, type Turn, tripEvents, trippedTooOften } from "../loop/turn.ts"
import { clip } from "../tools/clip.ts"
import type { Stopped } from "./listen.ts"
import type { FastEnd } from "./ports.ts"

/** How much of a stopped patch the model gets to see again. */
const maxShownChars = 6_000

/**
 * Records an answer that was stopped, and tells the model why. Half a call was never made: what was written of it comes back as text.
 * Null: the loop goes on with a model call.
 */
export const stopStep = async (turn: Turn, stopped: Stopped): Promise<FastEnd | null> => {
  const { trips, half } = stopped
  const text = stopped.text.trimStart()
  const tokens = Math.ceil((half?.text.length ?? 0) / charsPerToken)
  say(turn.conversation, ...stopped.messages)
  const partial =
    text === "" ? [] : [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }]
  say(turn.conversation, ...partial)
  const note = noteOf(stopped)
  if (note !== null) say(turn.conversation, userMessage(note))
  const told = trips.map(trip => ({
    ...trip,
    detail: `${trip.detail}; stopped after about ${tokens} tokens of the patch`,
  }))
  const call = half === null ? null : { call: half.call, tool: half.name }
  const begun: NewEvent[] =
    call === null ? [] : [stamp(turn, { type: "tool.started" as const, ...call, input: half?.text })]
  const output =
    stopped.by === "steer"
      ? "Not made: the person said something else meanwhile."
      : `Stopped while it was written; nothing was changed.\n${inWords(trips)}`
  const over: NewEvent[] =
    call === null
      ? []
      : [
          stamp(turn, {
            type: "tool.ended" as const,
            ...call,
            ok: false,
            output,
            truncated: false,
            durationMs: stopped.durationMs,
          }),
        ]
  await record(turn, [...cutEvents(turn, stopped), ...begun, ...tripEvents(turn, told), ...over])
  if (isHandOff(trips)) return { end: "hand_off", detail: inWords(trips) }
  return trippedTooOften(turn, trips)
}

const noteOf = ({ by, trips, half }: Stopped): string | null => {
  if (by === "steer" && half === null) return null
  const written = half === null ? "" : `\nWhat you had written:\n${clip(half.text, maxShownChars).output}`
  if (by === "steer")
    return `[You were interrupted while you wrote this ${half?.name} call. It was not made.]${written}`
  return `[Your patch was stopped while you wrote it: the repository's guardrails refuse it, and nothing was changed.]\n${inWords(trips)}${written}\n[Write a patch that keeps to the rules, or say in a sentence why that cannot be done.]`
}
