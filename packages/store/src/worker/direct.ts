import { setImmediate as afterThisTick } from "node:timers/promises"
import { type EventId, endTurn, isFault, type NewEvent, openTurn, type TaskState } from "@twolane/protocol"
import { bringBack } from "../archive/bring-back.ts"
import type { Context } from "../context.ts"
import type { AbortCause, Attempt, RunTurn, TaskRef } from "../port.ts"
import { prepare, type Write } from "../task/append.ts"
import { changeTask, writeThenSettle } from "../task/change.ts"
import { withHandoff } from "../task/handoffs.ts"
import { readTask } from "../task/read.ts"
import { type OwnAttempt, openAttempt } from "./attempt.ts"
import { startEvent } from "./claim.ts"
import { backInLine, holdTurn, type ServeParts } from "./serve.ts"

/** A turn that reaches its worker in one hop, with the events that bring it into its task. */
export type DirectWish = TaskRef & {
  turn: string
  events: readonly NewEvent[]
  /** The task's last event when they were decided on; null for a new task. */
  last: EventId | null
  /** Whether a turn that was stored goes on though its caller was told that this is not known; else it ends. */
  goesOn?: boolean
}

/** As it goes from a gateway to its worker: for whose request, and what becomes of it when the caller leaves. */
export type DirectKnock = Omit<DirectWish, "goesOn"> & {
  /** Of the caller's request, for the problem document. */
  requestId: string
  onDisconnect: "interrupt" | "continue"
  /** It was decided on what its gateway knew of the task: its caller sees nothing before the claim is stored, so that it can be decided again. */
  old?: true | undefined
}

/**
 * Why a turn was not taken; nothing was done then. `moved`: the task went on meanwhile, so that whoever decided on the events must
 * decide again. `unavailable`: Redis did not answer.
 */
export type DirectRefusal = "full" | "holding" | "exists" | "absent" | "moved" | "unavailable"

/** A turn whose claim goes to Redis behind what its work does at once: the work may begin, and its first write waits for the claim. */
export type DirectTurn = {
  attempt: Attempt
  /** The events of the claim, with the ids that they have once it is stored. */
  events: Write["events"]
  /** Null once the claim is stored; else why it was not, and the attempt is lost. */
  claimed: Promise<DirectRefusal | null>
  /** Stops the work with a cause of the worker's own. */
  abort: (cause: AbortCause) => void
  /** Runs the turn as one that came by a ticket, and resolves when nothing of it is left. */
  run: (work: RunTurn) => Promise<void>
}

/** What taking turns directly needs: as serving tickets, and a slot. */
export type DirectParts = ServeParts & {
  /** Takes a slot until it is given back; null when there is none. */
  takeSlot: () => Disposable | null
}

/** Appends a turn's events and claims it, in one write; see `WorkerHandle.claim`. */
export const claimDirect = async (
  context: Context,
  parts: DirectParts,
  wish: DirectWish,
  known: TaskState | null,
): Promise<DirectTurn | { refused: DirectRefusal }> => {
  if (parts.refuses()) return { refused: "holding" }
  const slot = parts.takeSlot()
  if (slot === null) return { refused: "full" }
  try {
    const before = await taskBefore(context, wish, known)
    if (wish.last !== null && before === null) return giveBack(slot, "absent")
    if (before !== null && before.lastEventId !== wish.last) return giveBack(slot, "moved")
    const events = before === null ? wish.events : await withHandoff(context, wish, before, wish.events)
    const write = writeOf(context, parts, { ...wish, events }, before)
    return begin(context, parts, write, wish, slot)
  } catch (error) {
    slot[Symbol.dispose]()
    if (isFault(error, "store-unavailable")) return { refused: "unavailable" }
    throw error
  }
}

/** The task's last event tells which fold it is: the same one need not be read. */
const taskBefore = async (
  context: Context,
  wish: DirectWish,
  known: TaskState | null,
): Promise<TaskState | null> => {
  if (wish.last === null) return null
  return known?.lastEventId === wish.last ? known : readTask(context, wish)
}

const giveBack = (slot: Disposable, refused: DirectRefusal): { refused: DirectRefusal } => {
  slot[Symbol.dispose]()
  return { refused }
}

const writeOf = (
  context: Context,
  { worker }: DirectParts,
  { team, task, turn, events }: DirectWish,
  before: TaskState | null,
): Write => {
  const ref = { team, task }
  const now = context.now()
  const arrived = prepare({ ref, before, events }).after
  const open = openTurn(arrived)
  if (open?.id !== turn || open.lane !== worker.lane)
    throw new Error(`the events of a direct claim do not lead to the turn ${turn} of the lane ${worker.lane}`)
  // By the clock, as tickets': every ticket that is still out is older.
  const claim = { worker: worker.id, host: worker.host, generation: now }
  return prepare({ ref, before, lead: events, events: [startEvent(arrived, open, worker, now)], claim })
}

const begin = (
  context: Context,
  parts: DirectParts,
  write: Write,
  { turn, goesOn = false }: DirectWish,
  slot: Disposable,
): DirectTurn => {
  const sentAt = performance.now()
  const settled = Promise.withResolvers<void>()
  const attempt = openAttempt(context, parts, {
    write,
    turn,
    attempt: write.after.attempt,
    settled: settled.promise,
    sentAt,
  })
  const claimed = afterThisTick()
    .then(() => storeClaim(context, parts, write, attempt, goesOn))
    .then(({ refused, later }) => {
      if (refused !== null) attempt.abort({ by: "superseded" })
      settled.resolve(later)
      return refused
    })
  return {
    attempt,
    events: write.events,
    claimed,
    abort: attempt.abort,
    run: async work => {
      const held = holdTurn(context, { ...parts, worker: { ...parts.worker, run: work } }, attempt)
      slot[Symbol.dispose]()
      await held
    },
  }
}

type Stored = { refused: DirectRefusal | null; later: Promise<void> | undefined }

const storeClaim = async (
  context: Context,
  parts: DirectParts,
  write: Write,
  attempt: OwnAttempt,
  goesOn: boolean,
): Promise<Stored> => {
  try {
    const { appended, settled } = await writeWhereverItIs(context, parts, write)
    if (appended.ok) return { refused: null, later: settled }
    const refused = appended.why === "exists" || appended.why === "absent" ? appended.why : "moved"
    return { refused, later: undefined }
  } catch (error) {
    if (!isFault(error, "store-unavailable")) context.onError(error, "claim a turn directly")
    void takeBack(context, parts, write, attempt.turn, goesOn)
    return { refused: "unavailable", later: undefined }
  }
}

/** A task that was archived after the claim was decided on is brought back as it was: the claim still fits. */
const writeWhereverItIs = async (context: Context, parts: DirectParts, write: Write) => {
  const written = await writeThenSettle(context, parts.settle, write)
  if (written.appended.ok || written.appended.why !== "absent") return written
  if (!(await bringBack(context, write.ref))) return written
  return await writeThenSettle(context, parts.settle, write)
}

const takeBackEveryMs = 500
/** After this the lease is over, and the turn would run again. */
const takeBackTries = 40

const unanswered = "Redis did not answer when it was admitted"

/**
 * A claim whose answer was lost may be stored all the same. Where its caller goes on without it, the turn is put in line again: whoever
 * repeats the request by its key meets it. Else the caller was told that nothing was done, and it is ended.
 */
const takeBack = async (
  context: Context,
  parts: DirectParts,
  write: Write,
  turn: string,
  goesOn: boolean,
): Promise<void> => {
  const { attempt } = write.after
  const outcome = { status: "failed", code: "internal", detail: unanswered } as const
  for (let tries = 0; tries < takeBackTries; tries++) {
    await new Promise(resolve => setTimeout(resolve, takeBackEveryMs))
    try {
      await changeTask(context, parts.settle, {
        ...write.ref,
        attempt,
        decide: (state, now) => {
          const open = openTurn(state)
          if (state.attempt !== attempt || open?.id !== turn) return []
          return goesOn ? [backInLine(open, now, unanswered)] : endTurn(state, turn, outcome, now)
        },
      })
      return
    } catch (error) {
      if (!isFault(error, "store-unavailable")) return context.onError(error, "take a claim back")
    }
  }
}
