import { type NewEvent, openTurn, type TaskState, type TurnState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { WorkerOptions } from "../port.ts"
import type { Ticket } from "../queue/tickets.ts"
import type { Settle } from "../settle/settle.ts"
import { prepare, type Write } from "../task/append.ts"
import { changeTask, writeThenSettle } from "../task/change.ts"
import { judgeLost } from "../task/lost.ts"
import { readTask } from "../task/read.ts"

/** A turn that is this worker's now; `settled` resolves when the queue knows it too. */
export type Claimed = { write: Write; turn: string; attempt: number; settled: Promise<void>; sentAt: number }

/** Claims the turn that a ticket points at. Null: the ticket is old, the turn is not open, or somebody else has it. */
export const claimTurn = async (
  context: Context,
  settle: Settle,
  worker: WorkerOptions,
  ticket: Ticket,
): Promise<Claimed | null> => {
  const ref = { team: ticket.team, task: ticket.task }
  for (let copy = ticket.state; ; copy = undefined) {
    const before = copy ?? (await readTask(context, ref))
    const turn = before === null ? undefined : openTurn(before)
    if (before === null || turn === undefined || !claimable(turn, worker)) return null
    const lost = judgeLost(before, context.now())
    if (lost.what === "end") {
      await changeTask(context, settle, { ...ref, mode: "over", decide: endIfLost })
      return null
    }
    const started = startEvent(before, turn, worker, context.now())
    const write = prepare({
      ref,
      before,
      events: lost.what === "again" ? [lost.event, started] : [started],
      claim: { worker: worker.id, host: worker.host, generation: ticket.generation },
    })
    const sentAt = performance.now()
    const { appended, settled } = await writeThenSettle(context, settle, write)
    if (appended.ok) return { write, turn: turn.id, attempt: write.after.attempt, settled, sentAt }
    if (appended.why !== "moved") return null
  }
}

const claimable = (turn: TurnState, worker: WorkerOptions): boolean =>
  turn.lane === worker.lane && turn.cancel === undefined && turn.status !== "waiting"

const endIfLost = (state: TaskState, now: number): readonly NewEvent[] => {
  const lost = judgeLost(state, now)
  return lost.what === "end" ? lost.events : []
}

/** The event with which a worker begins a turn. */
export const startEvent = (
  state: TaskState,
  turn: TurnState,
  worker: WorkerOptions,
  now: number,
): NewEvent => {
  const { model, engine, simulated } = worker.started(state)
  return {
    type: "turn.started",
    turn: turn.id,
    at: now,
    lane: worker.lane,
    worker: worker.id,
    model,
    engine,
    base: state.base ?? state.baseAtSubmit,
    branch: state.branch,
    ...(simulated === undefined ? {} : { simulated }),
  }
}
