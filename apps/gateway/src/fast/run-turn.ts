import type { IncomingMessage } from "node:http"
import { beforeFirst, type EventId, Fault, type NewEvent, type TaskState, turnOf } from "@twolane/protocol"
import { type DirectKnock, type Door, type Doors, stopWords, type TaskRef } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { orderDoors } from "./doors.ts"
import type { KnockAhead, Opened } from "./knock.ts"
import type { TurnRef } from "./replay.ts"

/** The events that bring a turn into its task, and the state that they were decided on (null: a new task), which may be old. */
export type Decided = { events: readonly NewEvent[]; state: TaskState | null; old?: true }

/** A fast turn on its way to a worker. */
export type FastWish = {
  ref: TurnRef
  repo: string
  /** Decides on the newest state, asked again when the task went on meanwhile; null when the turn is there already. */
  decide: () => Decided | null | Promise<Decided | null>
  /** The doors as they were read a moment ago, for a decision that is there at once; after one that takes time they are read again. */
  doors: Doors | null
  /** The head of the knock, where one is on its way already. */
  ahead?: KnockAhead | null
  requestId: string
  onDisconnect: "interrupt" | "continue"
}

/** A worker's stream of a turn, and the task's last event before it. */
export type Streaming = { stream: IncomingMessage; after: EventId }

/** A task that goes on under our hands each time is somebody else's just now. */
const mostTries = 5

/**
 * Finds a fast worker for a turn; null when the turn was there already, since an earlier try of the same request reached one.
 * @throws Fault no-worker, lane-full, budget-used-up, conflict, not-found, store-unavailable, and whatever `decide` throws: nothing was done then
 */
export const beginFast = async (
  gateway: Gateway,
  wish: FastWish,
  signal: AbortSignal,
): Promise<Streaming | null> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const deciding = wish.decide()
    const late = deciding instanceof Promise
    const decided = late ? await deciding : deciding
    if (decided === null) return null
    const opened = await tryDoors(gateway, late ? { ...wish, doors: null } : wish, decided, signal)
    if (opened.open) return { stream: opened.stream, after: decided.state?.lastEventId ?? beforeFirst }
    // Doors that were there at once may be old, as the task may be.
    const again = opened.why === "moved" || (!late && elsewhere.has(opened.why))
    if (!again) return refused(opened.why)
  }
  throw new Fault("conflict", "The task changed meanwhile.")
}

/** @throws Fault no-worker, budget-used-up */
const refusePaused = (paused: Doors["paused"], repo: string): void => {
  if (paused === null) return
  if (typeof paused === "object") throw new Fault("budget-used-up", `No turn starts: ${stopWords(paused)}.`)
  throw new Fault("no-worker", `The fast lane is paused${paused === "repo" ? ` for repo ${repo}` : ""}.`)
}
const noWorker = (): Fault =>
  new Fault("no-worker", "No fast worker is there; the deep lane takes it with lane deep or auto.")

/** Looks whether somebody could take a task's turn, before another one is ended for it. @throws Fault no-worker */
export const mustBeTakeable = async (
  { store, host }: Gateway,
  { team, task }: TaskRef,
  state: TaskState,
): Promise<void> => {
  const { doors, paused } = await store.doors("fast", { team, repo: state.repo, state })
  refusePaused(paused, state.repo)
  if (orderDoors(doors, task, host).length === 0) throw noWorker()
}

type Refusal = Extract<Opened, { open: false }>["why"]

const tryDoors = async (
  gateway: Gateway,
  { ref, repo, doors: asked, ahead, requestId, onDisconnect }: FastWish,
  { events, state, old }: Decided,
  signal: AbortSignal,
): Promise<Opened> => {
  const { doors, paused } = asked ?? (await gateway.store.doors("fast", { team: ref.team, repo, state }))
  const last = state?.lastEventId ?? null
  refusePaused(paused, repo)
  let best: Refusal = "gone"
  const knock: DirectKnock = { ...ref, events, last, requestId, onDisconnect, ...(old && { old }) }
  for (const door of orderDoors(doors, ref.task, gateway.host)) {
    const opened = await knockAgain(gateway, door, knock, signal, ahead)
    if (opened.open) return opened
    if (opened.why === "full") best = "full"
    else if (!elsewhere.has(opened.why)) return opened
  }
  return { open: false, why: best }
}

/**
 * `broken`: it died with the turn in its hands, or what died was a kept connection alone. The task itself says whether it was begun; if
 * not, who is still there takes it on a new connection.
 */
const knockAgain = async (
  gateway: Gateway,
  door: Door,
  knock: DirectKnock,
  signal: AbortSignal,
  ahead: KnockAhead | null = null,
): Promise<Opened> => {
  for (let tries = 0; tries < 2; tries += 1) {
    const opened = await gateway.knocker.at(door, knock, signal, ahead)
    if (opened.open || opened.why !== "broken") return opened
    if (await wasBegun(gateway, knock)) return { open: false, why: "exists" }
  }
  return { open: false, why: "broken" }
}

const elsewhere: ReadonlySet<Refusal> = new Set(["full", "holding", "gone", "broken"])

/** Whether a turn is in its task. */
export const wasBegun = async ({ store }: Gateway, { turn, ...ref }: TurnRef): Promise<boolean> => {
  const state = await store.read(ref)
  return state !== null && turnOf(state, turn) !== undefined
}

const refused = (why: Refusal): null => {
  switch (why) {
    case "exists":
      return null
    case "full":
      throw new Fault("lane-full", "Every fast worker is busy; the deep lane takes it with lane deep.")
    case "absent":
      throw new Fault("not-found", "There is no such task.")
    case "unavailable":
      throw new Fault("store-unavailable", "Redis did not answer; try again, with the same Idempotency-Key.")
    case "moved":
    case "holding":
    case "gone":
    case "broken":
      throw noWorker()
    default:
      return why satisfies never
  }
}
