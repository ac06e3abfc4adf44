import { gravest, inWords, wasAllowed } from "@twolane/agent/judge"
import { Fault, lastTurn, type NewEvent, type TaskState } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { diffTrees, exportPack, type Mirror, readRepoFile } from "@twolane/workspace"
import { commitWork } from "./commit-work.ts"
import { policyOf } from "./ground.ts"
import { createJudge } from "./judge.ts"

/** The event that says what a branch holds. */
export type ChangeReady = Extract<NewEvent, { type: "change.ready" }>

/**
 * Makes a commit of the work that a turn left when it did not finish, since a person accepts it as it is; null for work that a commit
 * holds already.
 * @throws Fault guardrail-denied
 */
export const takeWork = async (
  { store, mirror }: { store: Store; mirror: Mirror },
  state: TaskState,
  checkpoint: string,
  signal: AbortSignal,
): Promise<ChangeReady | null> => {
  const { team, id: task, base, branch, work, attempt } = state
  const turn = lastTurn(state)?.id
  if (work === undefined || base === null || turn === undefined) return null
  await refuseTripping({ mirror, state, base, turn, checkpoint }, signal)
  const head = await commitWork({ store, mirror, base }, state, checkpoint, signal)
  const { size } = await diffTrees(mirror, base, head, signal)
  const pack = await exportPack(mirror, { base, sha: head }, signal)
  const portable = pack !== null && (await store.savePack({ team, task }, attempt, head, pack))
  return { type: "change.ready", branch, base, head, ...size, portable, turn, at: store.now() }
}

type Work = { mirror: Mirror; state: TaskState; base: string; turn: string; checkpoint: string }

/** Nobody has judged it as a whole yet: what only asks for a person is answered by the accept, everything else refuses. */
const refuseTripping = async (work: Work, signal: AbortSignal): Promise<void> => {
  const { mirror, state, base, turn, checkpoint } = work
  const policy = policyOf(state, turn, await readRepoFile(mirror, base, signal))
  if ("fault" in policy) throw new Fault("guardrail-denied", policy.fault.detail)
  const judge = createJudge({ policy, mirror, base, from: state.brought ?? base, current: () => checkpoint })
  const allowed = state.turns.flatMap(({ decisions }) => decisions)
  const trips = (await judge.change(checkpoint, signal)).filter(trip => !wasAllowed(trip, allowed))
  const verdict = gravest(trips)
  if (verdict === "deny" || verdict === "steer") throw new Fault("guardrail-denied", inWords(trips))
}
