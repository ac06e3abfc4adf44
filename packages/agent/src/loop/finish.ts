import { userMessage } from "../items.ts"
import { say } from "./conversation.ts"
import { isSteered } from "./steering.ts"
import type { Said } from "./step.ts"
import type { LoopEnd, Turn } from "./turn.ts"

/** An answer without calls: it counts as done unless it was cut short, empty, or a steering note came meanwhile. */
export const finish = async (
  turn: Turn,
  said: Said,
  whenDone: (turn: Turn, message: string) => Promise<LoopEnd | null>,
): Promise<LoopEnd | null> => {
  if (turn.owesAnswer) return null // it was ended by a note, or is followed by the answer to one
  if (said.cut)
    return insist(turn, "[Your answer was cut off at its length limit. Go on from there, in smaller pieces.]")
  if (said.text === "")
    return insist(turn, "[Your answer was empty. Go on, or say in a sentence that you are done.]")
  turn.insisted = 0
  if (isSteered(turn)) return null
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
