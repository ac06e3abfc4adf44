import type { IncomingMessage } from "node:http"
import { beforeFirst, type EventId, Fault, type NewEvent, turnOf } from "@twolane/protocol"
import type { DirectWish } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { orderDoors } from "./doors.ts"
import type { Opened } from "./knock.ts"
import type { TurnRef } from "./replay.ts"

/** The events that bring a turn into its task, and what they were decided on. */
export type Decided = { events: readonly NewEvent[]; last: DirectWish["last"] }

/** A fast turn on its way to a worker. */
export type FastWish = {
  ref: TurnRef
  /** Decides on the newest state, asked again when the task went on meanwhile; null when the turn is there already. */
  decide: () => Promise<Decided | null>
  requestId: string
  onDisconnect: "interrupt" | "continue"
}

/** A worker's stream of a turn, and the task's last event before it. */
export type Streaming = { stream: IncomingMessage; after: EventId }

/** A task that goes on under our hands each time is somebody else's just now. */
const mostTries = 5

/**
 * Finds a fast worker for a turn; null when the turn was there already, since an earlier try of the same request reached one.
 * @throws Fault no-worker, lane-full, conflict, not-found, store-unavailable, and whatever `decide` throws: nothing was done then
 */
export const beginFast = async (
  gateway: Gateway,
  wish: FastWish,
  signal: AbortSignal,
): Promise<Streaming | null> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const decided = await wish.decide()
    if (decided === null) return null
    const opened = await tryDoors(gateway, wish, decided, signal)
    if (opened.open) return { stream: opened.stream, after: decided.last ?? beforeFirst }
    if (opened.why !== "moved") return refused(opened.why)
  }
  throw new Fault("conflict", "The task changed meanwhile.")
}

type Refusal = Extract<Opened, { open: false }>["why"]

/** `broken`: the worker died with the turn in its hands, so the task itself says whether it was begun. */
const tryDoors = async (
  gateway: Gateway,
  { ref, requestId, onDisconnect }: FastWish,
  decided: Decided,
  signal: AbortSignal,
): Promise<Opened> => {
  const { doors, paused } = await gateway.store.doors("fast")
  if (paused) throw new Fault("no-worker", "The fast lane is paused.")
  let best: Refusal = "gone"
  for (const door of orderDoors(doors, ref.task, gateway.host)) {
    const opened = await gateway.knocker.at(door, { ...ref, ...decided, requestId, onDisconnect }, signal)
    if (opened.open) return opened
    if (opened.why === "broken" && (await wasBegun(gateway, ref))) return { open: false, why: "exists" }
    if (opened.why === "full") best = "full"
    else if (!elsewhere.has(opened.why)) return opened
  }
  return { open: false, why: best }
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
      throw new Fault("store-unavailable", "Nothing was done; try again.")
    case "moved":
    case "holding":
    case "gone":
    case "broken":
      throw new Fault("no-worker", "No fast worker is there; the deep lane takes it with lane deep or auto.")
    default:
      return why satisfies never
  }
}
