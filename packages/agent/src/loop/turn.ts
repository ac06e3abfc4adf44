import type { Trip } from "@twolane/common/guardrails/trip"
import {
  type FailureCode,
  type GateKind,
  type NewEvent,
  type Outcome,
  type TurnState,
  tripLimit,
} from "@twolane/protocol"
import type { Journal } from "../journal.ts"
import type { Judge } from "../judge.ts"
import type { ModelSession, ModelUsage } from "../model/port.ts"
import type { Saved, Workspace } from "../ports.ts"
import { type Conversation, takeUnsaved } from "./conversation.ts"
import type { Limits } from "./limits.ts"

/** What a turn is to do, settled before the loop begins. */
export type TurnPlan = {
  model: string
  /** The system prompt, the same for the whole turn. */
  instructions: string
  /** The turn's request as the model reads it: rules of the repository, then the prompt. */
  request: string
  windowTokens: number
  limits: Limits
  test: "targeted" | "all" | "none"
  /** Whether a person allows the plan before anything is changed. */
  approvePlan: boolean
}

/** A workspace as the loop uses it; when it is there, and what becomes of it, is the worker's. */
export type LoopWorkspace = Omit<Workspace, "base" | typeof Symbol.asyncDispose>

/** The world as one turn's loop sees it. */
export type TurnPorts = {
  journal: Journal
  workspace: LoopWorkspace
  model: ModelSession
  judge: Judge
  /** What usage cost in USD, or null without a price. */
  price: (usage: ModelUsage) => number | null
  /** Saves the tree and makes it portable. */
  checkpoint: (signal: AbortSignal) => Promise<Saved>
}

/** How the loop ended; what is done about it is the worker's. */
export type LoopEnd =
  /** The model called it done and everything that judges agrees; `checkpoint` is the tree to deliver. */
  | { end: "done"; checkpoint: string | null; message: string }
  | { end: "outcome"; outcome: Outcome }
  /** `handOff`: the rules do not ask, they give the turn to the other lane; a deep turn, which has none, asks. */
  | { end: "gate"; kind: GateKind; detail: string; subject: unknown; handOff?: true }
  /** A failure that may pass: the turn is queued again when it has tries left. */
  | { end: "failure"; code: FailureCode; detail: string; retryAfterMs?: number }

/** A turn at work: its plan and ports, and what it keeps in mind between steps. */
export type Turn = {
  plan: TurnPlan
  ports: TurnPorts
  conversation: Conversation
  signal: AbortSignal
  /** The tree that was last found red, and whether every failure was there at the base. */
  lastRed: { checkpoint: string | null; allAtBase: boolean; summary: string } | null
  /** The newest saved tree: what tests and judges speak of. */
  checkpoint: string | null
  /** Paths of which the model was told that they can't be part of the change. */
  leftOut: Set<string>
  /** The caps of which the model was told that they are near. */
  warned: Set<string>
  /** Whether the conversation has a steering note that no model call has answered. */
  owesAnswer: boolean
  /** Empty or cut-off answers in a row. */
  insisted: number
}

/** The folded state of the turn at work. */
export const stateOf = (turn: Turn): TurnState => {
  const { journal } = turn.ports
  const found = journal.state().turns.find(candidate => candidate.id === journal.turn)
  if (found === undefined) throw new Error(`the task has no turn ${journal.turn}`)
  return found
}

/** Whether the turn may only look, since its plan has not been allowed yet. */
export const isPlanning = (turn: Turn): boolean => turn.plan.approvePlan && !stateOf(turn).planAllowed

/** An event of this turn, stamped. */
export const stamp = <Body extends object>(turn: Turn, body: Body): Body & { turn: string; at: number } => ({
  ...body,
  turn: turn.ports.journal.turn,
  at: turn.ports.journal.now(),
})

/** Stores events together with everything of the conversation that is not stored yet. */
export const record = async (turn: Turn, events: readonly NewEvent[]): Promise<void> => {
  const { journal } = turn.ports
  const transcript = takeUnsaved(turn.conversation, {
    turn: journal.turn,
    attempt: journal.attempt,
    model: turn.plan.model,
  })
  if (events.length === 0 && transcript.length === 0) return
  await journal.write(events, { transcript })
}

/** One event for each trip. */
export const tripEvents = (turn: Turn, trips: readonly Trip[]): NewEvent[] =>
  trips.map(({ path, content: _content, ...trip }) =>
    stamp(turn, { type: "guardrail.tripped" as const, ...trip, ...(path === undefined ? {} : { path }) }),
  )

/** The end of a turn that keeps tripping over the same rule, or null. Call it after the trips were recorded. */
export const trippedTooOften = (turn: Turn, trips: readonly Trip[]): LoopEnd | null => {
  const counts = stateOf(turn).trips
  const worst = trips.find(trip => (counts[trip.rule] ?? 0) >= tripLimit)
  if (worst === undefined) return null
  const detail = `the rule ${worst.rule} tripped ${tripLimit} times: ${worst.detail}`
  return { end: "outcome", outcome: { status: "failed", code: "guardrail-denied", detail } }
}
