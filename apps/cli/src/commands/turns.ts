import type { Task, Turn } from "@twolane/protocol"
import { isFinal } from "@twolane/protocol"
import { CommandError } from "../exit.ts"

/** A task's last turn; every task has one. */
export const lastTurn = (task: Task): Turn => {
  const turn = task.turns.at(-1)
  if (turn === undefined) throw new Error(`${task.id} has no turn`)
  return turn
}

/**
 * The turn that a steering note is for: the first that has not ended.
 * @throws CommandError when all have.
 */
export const openTurnOf = (task: Task): Turn => {
  const turn = task.turns.find(each => !isFinal(each.status))
  if (turn === undefined)
    throw new CommandError(`${task.id} has no open turn: go on with twolane run --task ${task.id} "…"`)
  return turn
}
