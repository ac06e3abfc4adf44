import { type Config, deadline, type Logger, orAborted } from "@twolane/common"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import type { Github } from "@twolane/github"
import {
  Fault,
  type FileChange,
  type Repo,
  type RepoRequest,
  type TaskState,
  timeOfId,
} from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { applyChange, type FirstCheckpoint, keepMirrors, type OperatorEnv } from "@twolane/workspace"
import { atMost } from "./at-most.ts"
import { keepBases } from "./bases.ts"
import { diffOf, type StepDiff, stepDiffOf } from "./diff.ts"
import { registerRepo } from "./register.ts"
import { keepRules } from "./rules.ts"

/** The gateway's side of the repositories: registration, bases, rules and diffs, all from mirrors of its own. */
export type Repos = AsyncDisposable & {
  /** @throws Fault invalid, already-exists, repo-unreachable, repo-auth, repo-not-git, repo-empty, base-not-found */
  register(team: string, request: RepoRequest): Promise<Repo>
  /** @throws Fault not-found */
  get(team: string, name: string): Promise<Repo>
  /**
   * As `get`, up to a second old: what submits ask, many at once.
   * @throws Fault not-found
   */
  recent(team: string, name: string): Promise<Repo>
  /** Lets go of what is held of a repo that was removed, or has another credential. */
  forget(team: string, name: string): Promise<void>
  /**
   * The commit that a base is now; null is the default branch.
   * @throws Fault base-not-found
   */
  resolve(repo: Repo, base: string | null): Promise<string>
  /** @throws Fault repo-file-invalid */
  rules(repo: Repo, commit: string): Promise<RepoFile | undefined>
  /**
   * Whether nobody may approve what their own words made: by the rules at a task's base, or by those of the default branch now, so that an
   * old base is no way around them.
   * @throws Fault repo-file-invalid
   */
  asksAnother(repo: Repo, base: string): Promise<boolean>
  /**
   * Makes a person's unfinished change the first checkpoint of a task that is about to be created; the same again gives the same.
   * @throws Fault changes-not-applicable, body-too-large
   */
  begin(repo: Repo, change: { task: string; base: string; patch: string }): Promise<FirstCheckpoint>
  /** How many commits came after the task's base; null when that cannot be told here. */
  behind(state: TaskState): Promise<number | null>
  /** What the task changed since its base, or since its last turn began. */
  diff(state: TaskState, from: "base" | "turn"): Promise<(FileChange & { patch: string })[]>
  /**
   * What going back to an earlier checkpoint, or the base, changes.
   * @throws Fault not-found when that one is on another machine
   */
  stepBack(state: TaskState, to: string | null): Promise<StepDiff>
}

/** What repos are made of. */
export type ReposOptions = {
  dataDir: string
  operatorEnv: OperatorEnv
  repoRoots: Config["repoRoots"]
  /** This machine's name. */
  host: string
  store: Store
  github: Github
  log: Logger
  /** Ends whatever git still does. */
  ending: AbortSignal
}

/** Opens the gateway's repos. */
export const openRepos = (options: ReposOptions): Repos => {
  const { dataDir, operatorEnv, store, github, log, ending } = options
  const mirrors = keepMirrors({
    dataDir,
    operatorEnv,
    credential: async (team, name) =>
      (await store.credential(team, name)) ?? (await github.credentialOf(await store.repo(team, name))),
  })
  const bases = keepBases(log, ending)
  const rules = keepRules()
  const fewAtOnce = atMost(appliedAtOnce)
  const mirrorOf = (repo: Repo) => mirrors.open(repo, repo.defaultBranch, ending)
  const get = async (team: string, name: string): Promise<Repo> => {
    const repo = await store.repo(team, name)
    if (repo === null) throw new Fault("not-found", "There is no such repo.")
    return repo
  }
  const { recent, forgetRecent } = keepRecent(get)
  return {
    register: (team, request) => registerRepo({ ...options, mirrors, team, request }, ending),
    get,
    recent,
    forget: async (team, name) => {
      forgetRecent(team, name)
      bases.forget(team, name)
      await mirrors.close(team, name)
    },
    resolve: async (repo, base) => bases.commitOf(repo, await mirrorOf(repo), base),
    rules: async (repo, commit) => rules.at(await mirrorOf(repo), commit, ending),
    asksAnother: async (repo, base) => {
      const mirror = await mirrorOf(repo)
      const commits = [base, await bases.commitOf(repo, mirror, null)]
      const files = await Promise.all(commits.map(commit => rules.at(mirror, commit, ending)))
      return files.some(file => file?.approvals.by === "another")
    },
    begin: async (repo, change) => {
      const mirror = await mirrorOf(repo)
      return await fewAtOnce(() => applyChange(mirror, { ...change, at: timeOfId(change.task) }, ending))
    },
    behind: async state => {
      const base = state.base ?? state.baseAtSubmit
      if (base === null) return null
      // A mirror that has to be made first, or a source that is gone, must not hold up a look at the task.
      using limited = deadline(behindMs, ending)
      const counting = async () => {
        const repo = await recent(state.team, state.repo)
        return await bases.behind(repo, await mirrorOf(repo), base)
      }
      return await orAborted(counting(), limited.signal).catch((error: unknown) => {
        log.debug({ task: state.id, error }, "behind is not known")
        return null
      })
    },
    diff: async (state, from) => {
      const repo = await get(state.team, state.repo)
      return await diffOf({ store, mirror: await mirrorOf(repo), state, from }, ending)
    },
    stepBack: async (state, to) => {
      const repo = await get(state.team, state.repo)
      return await stepDiffOf({ store, mirror: await mirrorOf(repo), state, to }, ending)
    },
    [Symbol.asyncDispose]: () => mirrors[Symbol.asyncDispose](),
  }
}

/** A batch may bring hundreds of patches, and each one costs a look at the whole index. */
const appliedAtOnce = 4
/** How long a look at a task waits for its `behind`. */
const behindMs = 1_000
const recentMs = 1_000

type Get = (team: string, name: string) => Promise<Repo>

/** Asks once a second for each repo, however many want to know. */
const keepRecent = (get: Get): { recent: Get; forgetRecent: (team: string, name: string) => void } => {
  const kept = new Map<string, { until: number; repo: Promise<Repo> }>()
  return {
    recent: (team, name) => {
      const key = `${team}/${name}`
      const known = kept.get(key)
      if (known !== undefined && known.until > performance.now()) return known.repo
      const repo = get(team, name)
      if (kept.size >= 1_000) kept.clear()
      kept.set(key, { until: performance.now() + recentMs, repo })
      // One that is not there, or could not be asked for, is asked for again.
      repo.catch(() => kept.delete(key))
      return repo
    },
    forgetRecent: (team, name) => void kept.delete(`${team}/${name}`),
  }
}
