import { runCalls } from "./calls.ts"
import { openConversation } from "./conversation.ts"
import { whenDone } from "./done.ts"
import { finish } from "./finish.ts"
import { resume } from "./resume.ts"
import { takeStep } from "./step.ts"
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
    owesAnswer: false,
    insisted: 0,
  }
  if (plan.test !== "none") ports.workspace.expectTests()
  const ended = await resume(turn, { runCalls, whenDone })
  return ended ?? goOn(turn)
}

const goOn = async (turn: Turn): Promise<LoopEnd> => {
  for (;;) {
    turn.signal.throwIfAborted()
    const said = await takeStep(turn)
    if ("end" in said) return said
    const ended =
      said.calls.length > 0 ? await runCalls(turn, said.calls, new Set()) : await finish(turn, said, whenDone)
    if (ended !== null) return ended
  }
}
