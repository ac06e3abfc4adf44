import { thrownFirst } from "@twolane/common"
import { isFinal, type NewEvent, type TaskState, type TurnState, turnOf } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import type { AbortCause, WorkerOptions } from "../port.ts"
import { revive } from "../queue/lane.ts"
import type { Ticket } from "../queue/tickets.ts"
import { forgetQueued } from "../settle/ahead.ts"
import type { Settle } from "../settle/settle.ts"
import { readTask } from "../task/read.ts"
import { type RepairParts, requeue } from "../upkeep/repair.ts"
import { type OwnAttempt, openAttempt } from "./attempt.ts"
import { claimTurn } from "./claim.ts"
import type { LiveText } from "./deltas.ts"

/** What serving a ticket needs. */
export type ServeParts = RepairParts & {
  hub: Hub
  settle: Settle
  worker: WorkerOptions
  /** The attempts that run in this process now. */
  running: Set<OwnAttempt>
  /** Their live text. */
  liveText: LiveText
  /** Whether it takes no turns now: its tickets go back. */
  refuses: () => boolean
  /** Whether its time to drain is over: a turn that was claimed just now goes back, too. */
  stopped: () => boolean
}

/** Serves one ticket from claim to end. It rejects for nothing that a ticket can bring. */
export const serveTicket = async (context: Context, parts: ServeParts, ticket: Ticket): Promise<void> => {
  const ref = { team: ticket.team, task: ticket.task }
  if (parts.refuses()) {
    await revive(context, parts.worker.lane, ref, { state: "ticketed", fence: String(ticket.generation) })
    return
  }
  const claimed = await claimTurn(context, parts.settle, parts.worker, ticket)
  if (claimed === null) {
    // The queue may know less than the task: put right what led to this ticket.
    const state = await readTask(context, ref)
    await (state === null ? forgetQueued(context, ref) : requeue(context, parts, state))
    return
  }
  await holdTurn(context, parts, openAttempt(context, parts, claimed))
}

/** Runs a turn that is this worker's to its end, and lets go of it. */
export const holdTurn = async (context: Context, parts: ServeParts, attempt: OwnAttempt): Promise<void> => {
  parts.running.add(attempt)
  if (parts.stopped()) attempt.abort({ by: "shutdown" })
  try {
    await runTurn(context, parts.worker, attempt)
  } finally {
    parts.running.delete(attempt)
    await attempt.close()
    parts.worker.left?.(attempt)
  }
}

const runTurn = async (context: Context, worker: WorkerOptions, attempt: OwnAttempt): Promise<void> => {
  let failure = "the turn's run ended without saying how"
  try {
    await worker.run(attempt)
  } catch (thrown) {
    const error = thrownFirst(thrown)
    const expected = attempt.signal.aborted && error === attempt.signal.reason
    if (!expected) context.onError(thrown, "run a turn")
    failure =
      error instanceof Error ? error.message : "the turn's run was aborted and did not say how it ended"
  }
  if (attempt.lost() || !isOpen(attempt.state(), attempt)) return
  try {
    await attempt.write((state, now) =>
      isOpen(state, attempt) ? [lastWord(attempt, state, now, failure)] : [],
    )
  } catch (error) {
    if (!attempt.lost()) throw error
  }
}

/** Whether a turn is still an attempt's to run: it has not ended, waits for nobody, and went nowhere else. */
export const isOpen = (state: TaskState, { turn, attempt }: OwnAttempt): boolean => {
  const status = turnOf(state, turn)?.status
  return state.attempt === attempt && state.attemptOpen && status !== undefined && !isFinal(status)
}

/** The safety net: a turn whose run said nothing ends, or on shutdown goes back in line without spending a retry. */
const lastWord = (attempt: OwnAttempt, state: TaskState, now: number, failure: string): NewEvent => {
  const turn = turnOf(state, attempt.turn)
  if (turn === undefined) throw new Error(`task ${state.id} lost its turn ${attempt.turn}`)
  const cause = attempt.signal.aborted ? (attempt.signal.reason as AbortCause) : null
  if (cause?.by === "shutdown") return backInLine(turn, now, "its worker shut down")
  const outcome = { status: "failed" as const, code: "internal" as const, detail: failure }
  return { turn: turn.id, at: now, type: "turn.ended", outcome, usage: turn.usage }
}

/** Puts a turn that its worker lets go of back in line; that spends no retry. */
export const backInLine = (
  { id, lane, prompt, by, options }: TurnState,
  now: number,
  reason: string,
): NewEvent => ({
  turn: id,
  at: now,
  type: "turn.queued",
  lane,
  prompt,
  by,
  options,
  position: null,
  reason,
  again: { why: "shutdown" },
})
