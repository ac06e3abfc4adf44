import { derive } from "@twolane/common/lifetime"
import type { NewEvent, OpenSteer } from "@twolane/protocol"
import { userMessage } from "../items.ts"
import { say } from "./conversation.ts"
import { stamp, type Turn } from "./turn.ts"

/** The steering notes of the turn that the model has not been given. */
export const openNotes = (turn: Turn): OpenSteer[] => {
  const { journal } = turn.ports
  return journal.state().steers.filter(steer => steer.turn === journal.turn)
}

/** Whether the person said something that the model has not answered: the turn can't be over yet. */
export const isSteered = (turn: Turn): boolean => turn.owesAnswer || openNotes(turn).length > 0

/** Waits for a note that the model has not been given: true at once when there is one, false when the signal ends first. */
export const whenSteered = async (turn: Turn, signal: AbortSignal): Promise<boolean> => {
  try {
    while (openNotes(turn).length === 0) await turn.ports.journal.changed(signal)
    return !signal.aborted
  } catch {
    return false // the wait was ended, or the attempt is over: what waits for the tests learns it from them
  }
}

/** Makes notes a part of the conversation, where it stands now. The events are to be stored in the same write. */
export const applyNotes = (turn: Turn, notes: readonly OpenSteer[]): NewEvent[] => {
  for (const note of notes) say(turn.conversation, userMessage(note.prompt))
  if (notes.length > 0) turn.owesAnswer = true
  return notes.map(note => stamp(turn, { type: "steer.applied" as const, steer: note.steer }))
}

/**
 * Makes a model call, and hands steering notes to its answer as they come. `onRefused` hears of each that the model does not take in
 * mid-answer: such a note stays open until the next step.
 */
export const whileSteering = async <Value>(
  turn: Turn,
  onRefused: () => void,
  signal: AbortSignal,
  call: () => Promise<Value>,
): Promise<Value> => {
  using over = derive(signal)
  turn.owesAnswer = false
  const handing = handNotes(turn, onRefused, over.signal)
  try {
    return await call()
  } finally {
    over.abort({ by: "superseded" })
    await handing
  }
}

const handNotes = async (turn: Turn, onRefused: () => void, signal: AbortSignal): Promise<void> => {
  const { journal, model } = turn.ports
  const handed = new Set<string>()
  try {
    while (!signal.aborted) {
      for (const { steer, prompt } of openNotes(turn)) {
        if (handed.has(steer)) continue
        handed.add(steer)
        void model.steer({ key: steer, item: userMessage(prompt) }).then(isHeld => {
          if (!isHeld && !signal.aborted) onRefused()
        })
      }
      await journal.changed(signal)
    }
  } catch {
    // The wait was ended, or the attempt is over: the model call itself says so.
  }
}
