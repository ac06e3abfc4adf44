import type { Config, Logger } from "@twolane/common"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import { Fault, type FileChange, type Repo, type RepoRequest, type TaskState } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { keepMirrors, type OperatorEnv } from "@twolane/workspace"
import { keepBases } from "./bases.ts"
import { diffOf } from "./diff.ts"
import { registerRepo } from "./register.ts"
import { keepRules } from "./rules.ts"

/** The gateway's side of the repositories: registration, bases, rules and diffs, all from mirrors of its own. */
export type Repos = AsyncDisposable & {
  /** @throws Fault invalid, already-exists, repo-unreachable, repo-auth, repo-not-git, repo-empty, base-not-found */
  register(team: string, request: RepoRequest): Promise<Repo>
  /** @throws Fault not-found */
  get(team: string, name: string): Promise<Repo>
  /** Lets go of what is held of a repo that was removed, or has another credential. */
  forget(team: string, name: string): Promise<void>
  /**
   * The commit that a base is now; null is the default branch.
   * @throws Fault base-not-found
   */
  resolve(repo: Repo, base: string | null): Promise<string>
  /** @throws Fault repo-file-invalid */
  rules(repo: Repo, commit: string): Promise<RepoFile | undefined>
  /** How many commits came after the task's base; null when that cannot be told here. */
  behind(state: TaskState): Promise<number | null>
  /** What the task changed since its base, or since its last turn began. */
  diff(state: TaskState, from: "base" | "turn"): Promise<(FileChange & { patch: string })[]>
}

/** What repos are made of. */
export type ReposOptions = {
  dataDir: string
  operatorEnv: OperatorEnv
  repoRoots: Config["repoRoots"]
  /** This machine's name. */
  host: string
  store: Store
  log: Logger
  /** Ends whatever git still does. */
  ending: AbortSignal
}

/** Opens the gateway's repos. */
export const openRepos = (options: ReposOptions): Repos => {
  const { dataDir, operatorEnv, store, log, ending } = options
  const mirrors = keepMirrors({
    dataDir,
    operatorEnv,
    credential: (team, name) => store.credential(team, name),
  })
  const bases = keepBases(log, ending)
  const rules = keepRules()
  const mirrorOf = (repo: Repo) => mirrors.open(repo, repo.defaultBranch, ending)
  const get = async (team: string, name: string): Promise<Repo> => {
    const repo = await store.repo(team, name)
    if (repo === null) throw new Fault("not-found", "There is no such repo.")
    return repo
  }
  return {
    register: (team, request) => registerRepo({ ...options, mirrors, team, request }, ending),
    get,
    forget: async (team, name) => {
      bases.forget(team, name)
      await mirrors.close(team, name)
    },
    resolve: async (repo, base) => bases.commitOf(repo, await mirrorOf(repo), base),
    rules: async (repo, commit) => rules.at(await mirrorOf(repo), commit, ending),
    behind: async state => {
      const base = state.base ?? state.baseAtSubmit
      const repo = base === null ? null : await store.repo(state.team, state.repo)
      if (repo === null || base === null) return null
      try {
        return await bases.behind(repo, await mirrorOf(repo), base)
      } catch (error) {
        // The task is worth showing without it: its source may be gone, or lie on another machine.
        log.debug({ task: state.id, error }, "behind is not known")
        return null
      }
    },
    diff: async (state, from) => {
      const repo = await get(state.team, state.repo)
      return await diffOf({ store, mirror: await mirrorOf(repo), state, from }, ending)
    },
    [Symbol.asyncDispose]: () => mirrors[Symbol.asyncDispose](),
  }
}
