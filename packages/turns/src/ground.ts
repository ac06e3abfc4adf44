import { type Policy, policyFor } from "@twolane/common/guardrails/policy"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import { Fault, isFault, type Repo, type TaskState, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { ensureCommit, fetchMirror, type Mirror, readRepoFile, resolveBase } from "@twolane/workspace"
import { bringCommit } from "./bring-commit.ts"
import type { TurnFailure } from "./leave-turn.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** What a turn stands on: the repo's mirror, the base and the checkpoint in it, the repo's rules at the base. */
export type Ground = {
  task: string
  repo: Repo
  mirror: Mirror
  base: string
  /** The tree to go on from; null is the base. */
  checkpoint: string | null
  /** What the model's own change is measured from: its caller's unfinished work, or the base. */
  from: string
  file: RepoFile | undefined
  policy: Policy
  secrets: Record<string, string>
}

/** What of a ground is the repo's own. */
export type KnownRepo = Pick<Ground, "repo" | "secrets">

/** Finds a turn's ground. `known` is what this worker's last turn of the task stood on, and its workspace still does. A source that is out of reach may come back (`workspace-failed`); a wrong rule file will not. */
export const findGround = async (
  deps: WorkerDeps,
  attempt: Attempt,
  known: KnownRepo | null,
  signal: AbortSignal,
): Promise<Ground | { fault: TurnFailure }> => {
  const state = attempt.state()
  const { repo, secrets } = known ?? (await readRepo(deps, attempt, state))
  if (repo === null) return fault("workspace-failed", `the repo ${state.repo} was removed`)
  try {
    const mirror = await deps.mirrors.open(repo, repo.defaultBranch, signal)
    const base = await baseOf(mirror, state, repo, attempt.now(), signal)
    const checkpoint = state.checkpoint?.sha ?? null
    const { team, task } = attempt
    const wanted =
      checkpoint === null ? null : { team, task, attempt: attempt.attempt, base, commit: checkpoint }
    if (wanted !== null && !(await attempt.insist(() => bringCommit(deps.store, mirror, wanted, signal))))
      return fault("workspace-failed", "the last checkpoint is on a worker that is gone")
    const file = await readRepoFile(mirror, base, signal)
    const policy = policyOf(state, attempt.turn, file)
    if ("fault" in policy) return policy
    const from = state.brought ?? base
    return { task: attempt.task, repo, mirror, base, checkpoint, from, file, policy, secrets }
  } catch (error) {
    signal.throwIfAborted()
    if (!isFault(error)) throw error
    return fault(error.code === "repo-file-invalid" ? "setup-failed" : "workspace-failed", error.message)
  }
}

const readRepo = async ({ store }: WorkerDeps, attempt: Attempt, { team, repo: name }: TaskState) => {
  const [repo, secrets] = await Promise.all([
    attempt.insist(() => store.repo(team, name)),
    attempt.insist(() => store.secrets(team, name)),
  ])
  return { repo, secrets }
}

const fault = (code: TurnFailure["code"], detail: string) => ({ fault: { code, detail } })

/** A new task's base is looked up after a fetch that began no earlier than the task; then it is fixed for good. */
const baseOf = async (
  mirror: Mirror,
  state: TaskState,
  repo: Repo,
  now: number,
  signal: AbortSignal,
): Promise<string> => {
  if (state.base !== null) {
    if (await ensureCommit(mirror, state.base, signal)) return state.base
    throw new Fault("base-not-found", `the source does not give the task's base ${state.base} any more`)
  }
  // The task's time is Redis', the mirror's this machine's.
  await fetchMirror(mirror, Date.now() - (now - state.createdAt), signal)
  return resolveBase(mirror, state.baseRef ?? `refs/heads/${repo.defaultBranch}`, signal)
}

/** A turn's rules: the lane's defaults, the repo's file, and what its request tightened. */
export const policyOf = (
  state: TaskState,
  turn: string,
  file: RepoFile | undefined,
): Policy | { fault: TurnFailure } => {
  const known = turnOf(state, turn)
  if (known === undefined) throw new Error(`the task has no turn ${turn}`)
  const { guardrails, scope, budget } = known.options
  const merged = policyFor({
    lane: known.lane,
    file,
    request: guardrails,
    ...(scope === undefined ? {} : { scope }),
    ...(budget === undefined ? {} : { budget }),
  })
  if (merged.ok) return merged.policy
  const [first] = merged.loosened
  return fault("guardrail-denied", `${first.path}: ${first.message}`)
}
