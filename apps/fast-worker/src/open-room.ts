import {
  type FastPlan,
  type FastPorts,
  fastInstructions,
  type Journal,
  packetInWords,
  scopeFiles,
} from "@twolane/agent"
import { type DerivedSignal, derive } from "@twolane/common"
import { rulesInWords } from "@twolane/common/guardrails/judge"
import { type TranscriptEntry, type TurnState, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import {
  createJudge,
  findGround,
  type Ground,
  limitsOf,
  listenToCalls,
  priceOf,
  type Room,
  readAgentsFile,
  readHandoff,
  readLog,
  startTrail,
  type TurnFailure,
  watchStall,
} from "@twolane/turns"
import type { Arrival, FastDeps } from "./fast-deps.ts"
import { openPlace, type Place, takeKept } from "./place.ts"
import { closeKept, type Kept } from "./warm.ts"

/** A fast turn's plan and world. */
export type FastRoom = Room & {
  plan: FastPlan
  ports: FastPorts
  /** Ends with `stalled` when nothing has happened for too long. */
  stallWatch(parent: AbortSignal): DerivedSignal
  /** Keeps workspace and session for the task's next turn. */
  keep(): void
  close(): Promise<void>
}

/** Finds a turn's ground and sets out on everything else; nothing is waited for that the model call does not need. */
export const openRoom = async (
  deps: FastDeps,
  attempt: Attempt,
  arrival: Arrival,
  signal: AbortSignal,
): Promise<FastRoom | { fault: TurnFailure }> => {
  const turn = turnOf(attempt.state(), attempt.turn)
  if (turn === undefined) throw new Error(`the task has no turn ${attempt.turn}`)
  const model = turn.options.model ?? deps.model.model
  const kept = takeKept(deps, attempt, model)
  const ground = await groundOf(deps, attempt, kept, signal)
  if ("fault" in ground) return ground
  const trail = startTrail(deps, attempt, ground)
  const place = openPlace(deps, { attempt, ground, trail, model, kept }, signal)
  try {
    const transcript = await readTranscript(attempt, place)
    const plan = await planOf(deps, attempt, { ground, turn, model, transcript }, signal)
    return roomOf(deps, attempt, arrival, { ground, place, plan, current: trail.current })
  } catch (error) {
    await place.close()
    throw error
  }
}

/** The ground of a turn; what was kept for it goes when there is none. */
const groundOf = async (
  deps: FastDeps,
  attempt: Attempt,
  kept: Kept | null,
  signal: AbortSignal,
): Promise<Ground | { fault: TurnFailure }> => {
  let found: Ground | { fault: TurnFailure } | null = null
  try {
    found = await findGround(deps, attempt, kept?.repo ?? null, signal)
    return found
  } finally {
    if (kept !== null && (found === null || "fault" in found)) await closeKept(kept)
  }
}

type Parts = { ground: Ground; place: Place; plan: FastPlan; current: () => string }

const roomOf = (deps: FastDeps, attempt: Attempt, arrival: Arrival, parts: Parts): FastRoom => {
  const { ground, place, plan, current } = parts
  const activity = watchStall()
  const hearing = listenToCalls()
  const written: TranscriptEntry[] = []
  const journal = keepEntries(
    hearing.journal({ ...activity.journal(attempt), delta: arrival.delta }),
    written,
  )
  const claimed = arrival.claimed.then(() => journal)
  claimed.catch(() => undefined) // the loop hears of it
  return {
    plan,
    ports: {
      journal: claimed,
      workspace: place.workspace,
      model: place.session,
      judge: createJudge({ ...ground, current }),
      price: usage => priceOf(deps.prices, plan.model, usage),
      delta: delta => journal.delta(delta),
      now: () => attempt.now(),
    },
    repo: ground.repo,
    mirror: ground.mirror,
    base: ground.base,
    log: deps.log,
    kill: () => place.kill(),
    heard: () => hearing.heard(),
    checkpoint: within => place.save(within),
    stallWatch: parent => activity.watch(derive(parent)),
    keep: () => {
      deps.trees.readAhead(ground.mirror, { from: ground.from, current: current() })
      place.keep([...plan.transcript, ...written])
    },
    close: () => place.close(),
  }
}

/**
 * The session is given the objects that it knows again, so that it sends news alone. Only attempts add to a Transcript: where there was
 * none since, there is nothing to read.
 */
const readTranscript = async (attempt: Attempt, { known }: Place): Promise<readonly TranscriptEntry[]> => {
  const since = known?.attempt ?? 0
  const transcript = known?.transcript ?? []
  return attempt.attempt === since + 1 ? transcript : goOn(attempt, transcript)
}

/** Remembers what is stored of the Transcript by this attempt: with what was there before, all of it. */
const keepEntries = (journal: Journal, entries: TranscriptEntry[]): Journal => ({
  ...journal,
  write: async (events, more) => {
    const stored = await journal.write(events, more)
    entries.push(...(more?.transcript ?? []))
    return stored
  },
})

/** A transcript as it is now, of which the beginning is known: only what came since is read. */
const goOn = async (attempt: Attempt, known: readonly TranscriptEntry[]): Promise<TranscriptEntry[]> => [
  ...known,
  ...(await attempt.transcript(known.length)),
]

type PlanParts = { ground: Ground; turn: TurnState; model: string; transcript: readonly TranscriptEntry[] }

/** How much of the window the scoped files may take. */
const filesShare = 0.25
const maxFileTokens = 24_000

const planOf = async (
  deps: FastDeps,
  attempt: Attempt,
  { ground, turn, model, transcript }: PlanParts,
  signal: AbortSignal,
): Promise<FastPlan> => {
  const { mirror, base, from, policy } = ground
  const current = ground.checkpoint ?? base
  const windowTokens = deps.model.contextTokens
  const source = deps.trees.source(mirror, current)
  const scope = turn.options.scope ?? []
  const maxTokens = Math.min(maxFileTokens, Math.floor(windowTokens * filesShare))
  const [scoped, agentsFile, changed, handoff, red] = await Promise.all([
    scopeFiles({ prompt: turn.prompt, scope, maxTokens }, source, signal),
    readAgentsFile(mirror, base, signal),
    current === from ? [] : deps.trees.changes(mirror, { from, current }, signal),
    takeOver(deps, attempt),
    stillRed(deps, attempt),
  ])
  const state = attempt.state()
  return {
    turn: turn.id,
    state,
    transcript,
    model,
    instructions: fastInstructions,
    request: {
      repo: ground.repo.name,
      prompt: turn.prompt,
      agentsFile,
      scope,
      files: scoped.files,
      left: scoped.left,
      rules: rulesInWords(policy),
      red,
      handoff,
    },
    windowTokens,
    limits: limitsOf(policy, turn),
    test: deps.sandbox === "none" ? "none" : (turn.options.test ?? "targeted"),
    policy,
    changed,
  }
}

/** What the other lane hands over, in words. */
const takeOver = async ({ store }: FastDeps, attempt: Attempt): Promise<string | null> => {
  const taken = await readHandoff(store, attempt)
  return taken === null ? null : packetInWords(taken.packet, taken.from)
}

const redStatuses: ReadonlySet<string> = new Set(["failed", "timed_out", "error"])

/** What the task's tests said last, when they were not green; null otherwise. */
const stillRed = async ({ store }: FastDeps, attempt: Attempt): Promise<string | null> => {
  const { tests, attempt: number } = attempt.state()
  if (number === 1 || !redStatuses.has(tests?.status ?? "")) return null
  const ended = (await readLog(store, attempt)).findLast(event => event.type === "tests.ended")
  return ended?.type === "tests.ended" ? `${ended.command}: ${ended.status}\n${ended.output}` : null
}
