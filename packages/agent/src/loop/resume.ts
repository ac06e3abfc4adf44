import type { GateDecision, NewEvent, TranscriptItem } from "@twolane/protocol"
import { isCall, messageText, outputFor, type ToolCall, unansweredCalls, userMessage } from "../items.ts"
import { say } from "./conversation.ts"
import { type LoopEnd, record, stamp, stateOf, type Turn } from "./turn.ts"

/** What a lane's loop does with calls, and with work that is called done. */
export type LoopHands = {
  runCalls: (turn: Turn, calls: readonly ToolCall[], allowed: ReadonlySet<string>) => Promise<LoopEnd | null>
  whenDone: (turn: Turn, message: string) => Promise<LoopEnd | null>
}

/**
 * Brings a turn that an earlier attempt began to the place where its next model call can be made: calls without a result get one,
 * a person's decision is acted on, and work that was called done is judged again. Null: the loop goes on with a model call.
 */
export const resume = async (turn: Turn, hands: LoopHands): Promise<LoopEnd | null> => {
  const own = turn.conversation.context.slice(turn.conversation.earlier)
  if (own.length === 0) {
    say(turn.conversation, userMessage(turn.plan.request))
    return null
  }
  turn.owesAnswer = endsInNote(own)
  const decisions = freshDecisions(turn, own)
  const open = unansweredCalls(own)
  if (open.length > 0) return answerCalls(turn, hands, open, decisions)
  for (const decision of decisions)
    if (isTold(decision)) say(turn.conversation, userMessage(decisionInWords(decision)))
  const said = lastSaid(turn.conversation.context)
  return said === null ? null : hands.whenDone(turn, said)
}

/** Whether something was said to the model after its last words (a steering note behind a call): its results alone are no end. */
const endsInNote = (items: readonly TranscriptItem[]): boolean => {
  const last = items.findLastIndex(item => isCall(item) || messageText(item, "assistant") !== "")
  return items.slice(last + 1).some(item => messageText(item, "user") !== "")
}

/** Decisions that the conversation does not speak of yet. */
const freshDecisions = (turn: Turn, own: readonly TranscriptItem[]): GateDecision[] => {
  const text = JSON.stringify(own)
  return stateOf(turn).decisions.filter(decision => !text.includes(decision.gate))
}

/** An allowed change is simply judged again; everything else is said to the model. */
const isTold = (decision: GateDecision): boolean =>
  decision.decision === "deny" || decision.kind === "plan" || decision.note !== undefined

const decisionInWords = ({ gate, kind, decision, note }: GateDecision): string => {
  const verdict = decision === "allow" ? "allowed" : "declined"
  const what = kind === "plan" ? "the plan" : "this"
  return `[A person ${verdict} ${what} (${gate}).]${note === undefined ? "" : ` ${note}`}`
}

/**
 * A gate stops a step at the call that it is about: that call is the first without a result, and those after it never began.
 * Without a decision (or when a worker was lost since), the calls were under way on a worker that is gone, unless it was lost before the
 * first of them began: then they are simply run.
 */
const answerCalls = async (
  turn: Turn,
  { runCalls }: LoopHands,
  open: readonly ToolCall[],
  decisions: readonly GateDecision[],
): Promise<LoopEnd | null> => {
  const [first, ...rest] = open
  const decision = decisions.find(candidate => callOf(candidate.subject) === first?.call)
  if (first === undefined || decision === undefined || stateOf(turn).lostInRow > 0) {
    if (!open.some(hasBegun(turn))) return runCalls(turn, open, new Set())
    await answer(turn, open, unknownOutcome)
    return null
  }
  if (decision.decision === "allow") return runCalls(turn, open, new Set([first.call]))
  await answer(turn, [first], decisionInWords(decision))
  return rest.length === 0 ? null : runCalls(turn, rest, new Set())
}

const answer = async (turn: Turn, calls: readonly ToolCall[], output: string): Promise<void> => {
  for (const call of calls) say(turn.conversation, outputFor(call, output))
  const ended = calls.filter(hasBegun(turn)).map(
    ({ call, name }): NewEvent =>
      stamp(turn, {
        type: "tool.ended" as const,
        call,
        tool: name,
        ok: false,
        output,
        truncated: false,
        durationMs: 0,
      }),
  )
  await record(turn, ended)
}

/** Whether a call began and has no end yet, by the log. */
const hasBegun = (turn: Turn): ((call: ToolCall) => boolean) => {
  const begun = new Set((turn.ports.journal.state().calls ?? []).map(({ call }) => call))
  return ({ call }) => begun.has(call)
}

const unknownOutcome =
  "The outcome of this call is unknown: the worker that ran it was lost. The workspace is back at the last checkpoint, so files that the call changed may not be changed now. Look before you repeat it."

const callOf = (subject: unknown): string | undefined =>
  typeof subject === "object" && subject !== null && "call" in subject && typeof subject.call === "string"
    ? subject.call
    : undefined

/** The assistant's closing message when the conversation ends with one. */
const lastSaid = (context: readonly TranscriptItem[]): string | null => {
  const last = context.at(-1)
  const text = last === undefined ? "" : messageText(last, "assistant")
  return text === "" ? null : text
}
