import { type FastWorkspace, readAhead, type Saved } from "@twolane/agent"
import { openModel } from "@twolane/agent/model/open-model"
import type { ModelSession } from "@twolane/agent/model/port"
import { deadline, derive, neverAborted } from "@twolane/common"
import { type TranscriptEntry, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { findGround, type Ground, type Trail } from "@twolane/turns"
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
  /** Keeps it for the task's next turn, at once; a workspace that is still being made is kept when it is. */
  keep(transcript: readonly TranscriptEntry[]): void
  close(): Promise<void>
}

/** What a place is made for. */
export type PlaceWish = { attempt: Attempt; ground: Ground; trail: Trail; model: string; kept: Kept | null }

/** Takes what is kept warm for a turn's task when its tree is still the task's and its session speaks with the turn's model. */
export const takeKept = ({ warm }: FastDeps, attempt: Attempt, model: string): Kept | null => {
  const kept = warm.take(attempt.task)
  if (kept === null) return null
  const checkpoint = attempt.state().checkpoint?.sha
  if (kept.state.checkpoint?.sha === checkpoint && kept.model === model) return kept
  void closeKept(kept)
  return null
}

/** Goes on with what was kept, or begins to make a new workspace. */
export const openPlace = (deps: FastDeps, wish: PlaceWish, signal: AbortSignal): Place => {
  const { attempt, trail, model, kept } = wish
  const endpoint = { ...deps.model, model }
  const session = kept?.session ?? openModel(endpoint, deps.rates.gateOf(endpoint))
  // A turn may be over before its workspace is there: what ends the turn then no longer ends the making.
  const making = derive(signal)
  const opening = openWorkspace(deps, wish, making.signal)
  const own = opening.then(
    made => (made.ok ? made.workspace : null),
    () => null,
  )
  const workspace = ready(wish, opening)
  workspace.catch(() => undefined) // whoever waits for it hears of it
  return {
    session,
    known: kept === null ? null : { transcript: kept.transcript, attempt: kept.state.attempt },
    workspace,
    kill: async () => (await (await own)?.kill()) ?? { killed: 0, proof: "worker" },
    save: async within => {
      const found = await own
      return found === null ? { saved: null, refused: [] } : trail.save(found, within)
    },
    keep: transcript => {
      making[Symbol.dispose]()
      const state = attempt.state()
      const { repo, secrets } = wish.ground
      const kept = { workspace: own, session, model, repo: { repo, secrets }, state, transcript }
      deps.warm.put(attempt.task, kept)
      void letRead(wish, session, transcript)
    },
    close: async () => {
      making.abort({ by: "superseded" })
      making[Symbol.dispose]()
      await closeKept({ workspace: own, session })
    },
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

type Opening = Awaited<ReturnType<FastDeps["house"]["open"]>>

/** The workspace that was kept, or a new one where there is none, or that could not be made: by what is known of the repo now. */
const openWorkspace = async (
  deps: FastDeps,
  { attempt, ground, kept }: PlaceWish,
  signal: AbortSignal,
): Promise<
  Pick<Extract<Opening, { ok: true }>, "ok" | "workspace" | "setup"> | Extract<FastWorkspace, { ok: false }>
> => {
  if (kept === null) return deps.house.open(ground, signal)
  const workspace = await kept.workspace
  if (workspace !== null) return { ok: true, workspace, setup: "none" }
  const newest = await findGround(deps, attempt, null, signal)
  return "fault" in newest ? { ok: false, ...newest.fault } : deps.house.open(newest, signal)
}

const ready = async (
  { attempt, ground, trail }: PlaceWish,
  opening: ReturnType<typeof openWorkspace>,
): Promise<FastWorkspace> => {
  const startedAt = performance.now()
  const made = await opening
  if (!made.ok) return made
  const { workspace, setup } = made
  const durationMs = Math.round(performance.now() - startedAt)
  const { base, checkpoint } = ground
  await attempt.write((_state, at) => [
    { type: "workspace.ready", base, from: checkpoint ?? base, durationMs, setup, turn: attempt.turn, at },
  ])
  return { ok: true, workspace, checkpoint: within => trail.save(workspace, within) }
}
