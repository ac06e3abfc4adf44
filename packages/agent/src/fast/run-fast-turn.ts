import type { Policy } from "@twolane/common/guardrails/policy"
import { derive } from "@twolane/common/lifetime"
import { type FileChange, type TranscriptItem, turnOf } from "@twolane/protocol"
import { estimateTokens, type ToolCall, userMessage } from "../items.ts"
import { runCalls } from "../loop/calls.ts"
import { openConversation } from "../loop/conversation.ts"
import { whenDone, whenPatched } from "../loop/done.ts"
import { finish } from "../loop/finish.ts"
import { type LoopHands, resume } from "../loop/resume.ts"
import { isTooLong } from "../loop/shorten.ts"
import { isSteered } from "../loop/steering.ts"
import { beginStep, endStep } from "../loop/step.ts"
import { type LoopEnd, stateOf, type Turn } from "../loop/turn.ts"
import { fastRequest } from "../prompt/fast.ts"
import { shownIn } from "../prompt/shown-files.ts"
import type { KnownTree } from "./known-tree.ts"
import { lateJournal, lateWorkspace, NoWorkspace } from "./late.ts"
import { listen } from "./listen.ts"
import type { FastEnd, FastPlan, FastPorts } from "./ports.ts"
import { stopStep } from "./stop-step.ts"

/** A fast turn makes few model calls; one that makes more than this goes in circles. */
const maxSteps = 40

/**
 * Runs one fast turn to an end. The model call starts at once; the claim and the workspace come meanwhile, and are waited for only
 * where something is written or a file is touched. A patch is judged while it is written, applied, saved and tested; green ends the
 * turn, red goes back to the model. Rejects only with the signal's reason, the claim's refusal, and what the ports throw.
 */
export const runFastTurn = async (
  plan: FastPlan,
  ports: FastPorts,
  signal: AbortSignal,
): Promise<FastEnd> => {
  using running = derive(signal)
  const claim = watchClaim(ports.journal, () => running.abort({ by: "superseded" }))
  ports.workspace.catch(() => undefined) // told to whoever needs it
  try {
    const { turn, tree } = openTurn(plan, ports, running.signal)
    if (plan.test !== "none") turn.ports.workspace.expectTests()
    return asFastEnd((await resume(turn, hands)) ?? (await goOn(turn, tree)), plan.policy)
  } catch (error) {
    if (claim.refusal !== null) throw claim.refusal.error
    signal.throwIfAborted()
    if (error instanceof NoWorkspace) return { end: "failure", code: error.code, detail: error.detail }
    throw error
  }
}

/** A refused claim ends the turn's work at once. */
const watchClaim = (
  journal: FastPorts["journal"],
  onRefused: () => void,
): { refusal: { error: unknown } | null } => {
  const claim: { refusal: { error: unknown } | null } = { refusal: null }
  journal.catch((error: unknown) => {
    claim.refusal = { error }
    onRefused()
  })
  return claim
}

const openTurn = (plan: FastPlan, ports: FastPorts, signal: AbortSignal): { turn: Turn; tree: KnownTree } => {
  const changed: FileChange[] = [...plan.changed]
  const { model, instructions, windowTokens, limits, test, state } = plan
  const conversation = openConversation(state, plan.turn, model, plan.transcript)
  const turn: Turn = {
    plan: {
      model,
      instructions,
      request: requestAfter(conversation.context, plan),
      windowTokens,
      test,
      limits: { ...limits, steps: Math.min(limits.steps, maxSteps) },
      approvePlan: false,
    },
    ports: {
      model: ports.model,
      judge: ports.judge,
      price: ports.price,
      ...lateWorkspace(ports.workspace),
      journal: lateJournal(plan, ports, files => changed.push(...files)),
    },
    conversation,
    signal,
    lastRed: null,
    checkpoint: beginsAnew(plan) ? null : (state.checkpoint?.sha ?? null),
    leftOut: new Set(),
    warned: new Set(),
    owesAnswer: false,
    insisted: 0,
  }
  return { turn, tree: { policy: plan.policy, files: plan.request.files, changed } }
}

/** What the conversation shows as it is stands; one that is about to be shortened may lose it, and is shown all of it again. */
const requestAfter = (
  context: readonly TranscriptItem[],
  { request, windowTokens }: Pick<FastPlan, "request" | "windowTokens">,
): string => {
  const news = fastRequest(request, shownIn(context))
  const fits = !isTooLong(estimateTokens(context) + estimateTokens([userMessage(news)]), windowTokens)
  return fits ? news : fastRequest(request, () => false)
}

/** A first attempt that starts over from the base: its claim forgets the checkpoint. */
const beginsAnew = ({ state, turn }: FastPlan): boolean => {
  const found = turnOf(state, turn)
  return found?.from === "base" && found.attempts === 0
}

const goOn = async (turn: Turn, tree: KnownTree): Promise<FastEnd> => {
  for (;;) {
    turn.signal.throwIfAborted()
    const ended = (await beginStep(turn)) ?? (await oneStep(turn, tree))
    if (ended !== null) return ended
  }
}

const oneStep = async (turn: Turn, tree: KnownTree): Promise<FastEnd | null> => {
  const heard = await listen(turn, tree)
  if ("stopped" in heard) return stopStep(turn, heard.stopped)
  const said = await endStep(turn, heard)
  if ("end" in said) return said
  if (said.calls.length > 0) return callAndTest(turn, said.calls, new Set())
  return finish(turn, said, proseOnly)
}

/** Runs the calls of a step; when they changed the tree, the tests start at once, and green is the end. */
const callAndTest = async (
  turn: Turn,
  calls: readonly ToolCall[],
  allowed: ReadonlySet<string>,
): Promise<LoopEnd | null> => {
  const before = turn.checkpoint
  const ended = await runCalls(turn, calls, allowed)
  if (ended !== null || turn.checkpoint === before) return ended
  // What the person said meanwhile changes what is wanted: the tests then follow the patch that answers it.
  if (isSteered(turn)) return null
  const done = await whenPatched(turn, "")
  return done?.end === "done" && isSteered(turn) ? null : done
}

/** Words alone: a turn that changed nothing is over with them; one that did is judged as a whole. */
const proseOnly = async (turn: Turn, message: string): Promise<LoopEnd | null> =>
  turn.checkpoint === stateOf(turn).startCheckpoint
    ? { end: "done", checkpoint: turn.checkpoint, message }
    : whenDone(turn, message)

const hands: LoopHands = { runCalls: callAndTest, whenDone: proseOnly }

/** What the rules give to the deep lane waits for nobody. */
const asFastEnd = (end: FastEnd, { afterCycles }: Pick<Policy, "afterCycles">): FastEnd => {
  if (end.end === "gate" && end.handOff === true) return { end: "hand_off", detail: end.detail }
  if (end.end !== "outcome" || afterCycles === "limited") return end
  const { outcome } = end
  if (outcome.status !== "limited" || outcome.which !== "cycles") return end
  return { end: "hand_off", detail: outcome.detail ?? "the red test results are used up" }
}
