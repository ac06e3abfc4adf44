import { userMessage } from "../items.ts"
import { runCalls } from "./calls.ts"
import { openConversation, say } from "./conversation.ts"
import { whenDone } from "./done.ts"
import { resume } from "./resume.ts"
import { type Said, takeStep } from "./step.ts"
import type { LoopEnd, Turn, TurnPlan, TurnPorts } from "./turn.ts"

/**
 * Runs one turn of the built-in engine from wherever its Transcript stands to an end. Rejects only with the signal's reason, and
 * with what the ports throw; everything else is a value.
 */
export const runTurn = async (plan: TurnPlan, ports: TurnPorts, signal: AbortSignal): Promise<LoopEnd> => {
  const { journal } = ports
  const state = journal.state()
  const turn: Turn = {
    plan,
    ports,
    conversation: openConversation(state, journal.turn, plan.model, await journal.transcript()),
    signal,
    lastRed: null,
    checkpoint: state.checkpoint?.sha ?? null,
    leftOut: new Set(),
    warned: new Set(),
    insisted: 0,
  }
  const ended = await resume(turn)
  return ended ?? goOn(turn)
}

const goOn = async (turn: Turn): Promise<LoopEnd> => {
  for (;;) {
    turn.signal.throwIfAborted()
    const said = await takeStep(turn)
    if ("end" in said) return said
    const ended =
      said.calls.length > 0 ? await runCalls(turn, said.calls, new Set()) : await finish(turn, said)
    if (ended !== null) return ended
  }
}

/** An answer without calls: it counts as done unless it was cut short, empty, or a steering note came meanwhile. */
const finish = async (turn: Turn, said: Said): Promise<LoopEnd | null> => {
  const { journal } = turn.ports
  if (said.cut)
    return insist(turn, "[Your answer was cut off at its length limit. Go on from there, in smaller pieces.]")
  if (said.text === "")
    return insist(turn, "[Your answer was empty. Go on, or say in a sentence that you are done.]")
  turn.insisted = 0
  if (journal.state().steers.some(steer => steer.turn === journal.turn)) return null
  return whenDone(turn, said.text)
}

/** How many answers in a row may be of no use before the model counts as out of order. */
const patience = 3

const insist = (turn: Turn, text: string): LoopEnd | null => {
  turn.insisted += 1
  if (turn.insisted >= patience)
    return {
      end: "failure",
      code: "model-unavailable",
      detail: `the model gave ${patience} empty or cut-off answers in a row`,
    }
  say(turn.conversation, userMessage(text))
  return null
}
