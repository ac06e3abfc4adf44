import { type FastWorkspace, readAhead, type Saved, type Workspace } from "@twolane/agent"
import { openModel } from "@twolane/agent/model/open-model"
import type { ModelSession } from "@twolane/agent/model/port"
import { deadline, neverAborted } from "@twolane/common"
import { type TranscriptEntry, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import type { Ground, Trail } from "@twolane/turns"
import type { FastDeps } from "./fast-deps.ts"
import { closeKept, type Kept } from "./warm.ts"

/** Where a fast turn works: a workspace that is on its way, and a session with the model. */
export type Place = {
  session: ModelSession
  /** What the session knows already, and the attempt that it knows all of; null for a new one. */
  known: { transcript: readonly TranscriptEntry[]; attempt: number } | null
  workspace: Promise<FastWorkspace>
  kill(): Promise<{ killed: number; proof: "worker" | "group" }>
  save(signal: AbortSignal): Promise<Saved>
  /** Keeps it for the task's next turn. */
  keep(transcript: readonly TranscriptEntry[]): Promise<void>
  close(): Promise<void>
}

/** What a place is made for. */
export type PlaceWish = { attempt: Attempt; ground: Ground; trail: Trail; model: string }

/** Takes what is kept warm for the task when its tree is still the task's, or begins to make a new workspace. */
export const openPlace = (deps: FastDeps, wish: PlaceWish, signal: AbortSignal): Place => {
  const { attempt, trail, model } = wish
  const kept = usable(deps.warm.take(attempt.task), wish)
  const endpoint = { ...deps.model, model }
  const session = kept?.session ?? openModel(endpoint, deps.rates.gateOf(endpoint))
  const opened: { workspace: Workspace | null } = { workspace: kept?.workspace ?? null }
  const workspace = ready(deps, wish, opened, signal)
  workspace.catch(() => undefined) // whoever waits for it hears of it
  const settled = async (): Promise<Workspace | null> => {
    await workspace.catch(() => undefined)
    return opened.workspace
  }
  const close = async () => {
    await Promise.allSettled([
      session[Symbol.asyncDispose](),
      settled().then(found => found?.[Symbol.asyncDispose]()),
    ])
  }
  return {
    session,
    known: kept === null ? null : { transcript: kept.transcript, attempt: kept.state.attempt },
    workspace,
    kill: async () => (await (await settled())?.kill()) ?? { killed: 0, proof: "worker" },
    save: async within => {
      const found = await settled()
      return found === null ? { saved: null, refused: [] } : trail.save(found, within)
    },
    keep: async transcript => {
      const found = await settled()
      if (found === null) return close()
      const state = attempt.state()
      deps.warm.put(attempt.task, { workspace: found, session, model, state, transcript })
      void letRead(wish, session, transcript)
    },
    close,
  }
}

/** Reading is of use before the next turn comes; one that waits for it must not wait for long. */
const readWithinMs = 10_000

/** The model reads what the next turn begins with while a person reads the diff. */
const letRead = async (
  { attempt, ground, model }: PlaceWish,
  session: ModelSession,
  transcript: readonly TranscriptEntry[],
): Promise<void> => {
  const state = attempt.state()
  if (turnOf(state, attempt.turn)?.endedAt === undefined) return // it goes on from where it stands
  using limited = deadline(readWithinMs, neverAborted())
  await session
    .warm(readAhead(state, model, ground.policy, transcript), limited.signal)
    .catch(() => undefined) // the next turn sends all of it
}

const usable = (kept: Kept | null, { ground, model }: PlaceWish): Kept | null => {
  if (kept === null) return null
  const checkpoint = kept.state.checkpoint?.sha ?? null
  if (checkpoint === ground.checkpoint && kept.model === model) return kept
  void closeKept(kept)
  return null
}

const ready = async (
  deps: FastDeps,
  { attempt, ground, trail }: PlaceWish,
  opened: { workspace: Workspace | null },
  signal: AbortSignal,
): Promise<FastWorkspace> => {
  const startedAt = performance.now()
  let setup: "none" | "cached" | "ran" = "none"
  if (opened.workspace === null) {
    const made = await deps.house.open(ground, signal)
    if (!made.ok) return made
    opened.workspace = made.workspace
    setup = made.setup
  }
  const { workspace } = opened
  const durationMs = Math.round(performance.now() - startedAt)
  const { base, checkpoint } = ground
  await attempt.write((_state, at) => [
    { type: "workspace.ready", base, from: checkpoint ?? base, durationMs, setup, turn: attempt.turn, at },
  ])
  return { ok: true, workspace, checkpoint: within => trail.save(workspace, within) }
}
