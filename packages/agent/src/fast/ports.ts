/** What a fast turn is to do, and what it needs of the world. Nothing here has to be ready when the turn begins. */
import type { Policy } from "@twolane/common/guardrails/policy"
import type { DeltaBody, FailureCode, FileChange, TaskState, TranscriptEntry } from "@twolane/protocol"
import type { Journal } from "../journal.ts"
import type { Judge } from "../judge.ts"
import type { Limits } from "../loop/limits.ts"
import type { LoopEnd } from "../loop/turn.ts"
import type { ModelSession, ModelUsage } from "../model/port.ts"
import type { Saved, Workspace } from "../ports.ts"
import type { FastPrompt } from "../prompt/fast.ts"

/** What a fast turn is to do, settled before its first model call. */
export type FastPlan = {
  turn: string
  /** The task as it is folded from what the turn was given; the claim need not be written yet. */
  state: TaskState
  /** The task's Transcript so far, oldest first. Hand the same objects in again on the next turn: a warm session then sends news only. */
  transcript: readonly TranscriptEntry[]
  model: string
  /** The system prompt: `fastInstructions`. */
  instructions: string
  /** What the turn's request is made of. Its files, as they are now, are also what the judge in mid-stream knows of the tree. */
  request: FastPrompt
  windowTokens: number
  limits: Limits
  test: "targeted" | "all" | "none"
  /** The merged rules; also what decides whether the model may run commands. */
  policy: Policy
  /** What the model had changed when the turn began: since the base, or since its caller's own work. */
  changed: readonly FileChange[]
}

/** A workspace that is ready, or why there is none. `checkpoint` saves its tree and makes it portable. */
export type FastWorkspace =
  | { ok: true; workspace: Workspace; checkpoint: (signal: AbortSignal) => Promise<Saved> }
  | { ok: false; code: FailureCode; detail: string }

/** The world as a fast turn sees it. */
export type FastPorts = {
  /**
   * The claim, on its way. Until it resolves nothing but deltas of plain text has left the loop: no event, no patch, no end. When it
   * rejects, the model call is ended and `runFastTurn` rejects with the same error: nothing was done.
   */
  journal: Promise<Journal>
  /** The workspace, on its way; waited for when the first patch is whole, never before. */
  workspace: Promise<FastWorkspace>
  model: ModelSession
  judge: Judge
  /** What usage cost in USD, or null without a price. */
  price: (usage: ModelUsage) => number | null
  /** Live text for the caller, at once. */
  delta: (delta: DeltaBody) => void
  /** The store's clock, epoch ms. */
  now: () => number
}

/** How a fast turn ended: as in the deep loop, or a guardrail gives it to the deep lane (the worker writes the hand-off). */
export type FastEnd = LoopEnd | { end: "hand_off"; detail: string }
