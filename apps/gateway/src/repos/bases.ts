import { deadline, type Logger } from "@twolane/common"
import { isFault, type Repo } from "@twolane/protocol"
import { behind, ensureCommit, fetchMirror, type Mirror, resolveBase } from "@twolane/workspace"

/** How old the mirror may be when a base is looked up in it. */
const freshForMs = 30_000
/** How old a count of what came after may be where asking the source costs next to nothing. */
const freshCountMs = 2_000
/** A submit waits this long for a source on this machine. */
const pathFetchMs = 10_000

/** What is known of one repo's bases since its mirror was last looked after. */
type Known = { at: number; commits: Map<string, string>; counts: Map<string, number> }

/** Answers which commit a base is now, from the mirror, without asking the source each time. */
export type Bases = {
  /** @throws Fault base-not-found */
  commitOf(repo: Repo, mirror: Mirror, base: string | null): Promise<string>
  /** How many commits of the default branch came after `base`. */
  behind(repo: Repo, mirror: Mirror, base: string): Promise<number>
  forget(team: string, name: string): void
}

/** Keeps what is known of bases; `ending` ends what runs. */
export const keepBases = (log: Logger, ending: AbortSignal): Bases => {
  const repos = new Map<string, Known>()
  const knownOf = async (repo: Repo, mirror: Mirror, maxAgeMs: number): Promise<Known> => {
    const key = `${repo.team}/${repo.name}`
    const known = repos.get(key)
    const now = Date.now()
    if (known !== undefined && now - known.at < maxAgeMs) return known
    const fresh: Known = { at: now, commits: new Map(), counts: new Map() }
    repos.set(key, fresh)
    await lookAfter(mirror, { known: fresh, maxAgeMs, log }, ending)
    return fresh
  }
  return {
    commitOf: async (repo, mirror, base) => {
      const { commits } = await knownOf(repo, mirror, freshForMs)
      const name = base ?? `refs/heads/${repo.defaultBranch}`
      const known = commits.get(name)
      if (known !== undefined) return known
      const commit = await findCommit(mirror, name, ending)
      commits.set(name, commit)
      return commit
    },
    behind: async (repo, mirror, base) => {
      const { counts } = await knownOf(repo, mirror, isLocal(mirror) ? freshCountMs : freshForMs)
      const count = counts.get(base) ?? (await behind(mirror, base, repo.defaultBranch, ending))
      counts.set(base, count)
      return count
    },
    forget: (team, name) => void repos.delete(`${team}/${name}`),
  }
}

/** A source on this machine is asked at once; another one behind the caller's back, since a worker fetches before it starts anyway. */
const lookAfter = async (
  mirror: Mirror,
  { known, maxAgeMs, log }: { known: Known; maxAgeMs: number; log: Logger },
  ending: AbortSignal,
): Promise<void> => {
  const freshAs = Date.now() - maxAgeMs
  const withinMs = isLocal(mirror) ? pathFetchMs : null
  const fetched = fetchQuietly(mirror, { freshAs, withinMs, log }, ending).then(() => {
    known.commits.clear()
    known.counts.clear()
  })
  if (isLocal(mirror)) await fetched
}

const isLocal = (mirror: Mirror): boolean => mirror.remote.source.kind === "path"

/** A source that is out of reach is no reason to refuse what the mirror has. */
const fetchQuietly = async (
  mirror: Mirror,
  { freshAs, withinMs, log }: { freshAs: number; withinMs: number | null; log: Logger },
  ending: AbortSignal,
): Promise<void> => {
  using limited = withinMs === null ? null : deadline(withinMs, ending)
  try {
    await fetchMirror(mirror, freshAs, limited?.signal ?? ending)
  } catch (error) {
    if (!ending.aborted) log.warn({ repo: mirror.repo, error }, "mirror could not be refreshed")
  }
}

const findCommit = async (mirror: Mirror, base: string, signal: AbortSignal): Promise<string> => {
  try {
    return await resolveBase(mirror, base, signal)
  } catch (error) {
    if (!isFault(error, "base-not-found")) throw error
    if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(base)) await ensureCommit(mirror, base, signal)
    else await fetchMirror(mirror, Date.now(), signal)
    return await resolveBase(mirror, base, signal)
  }
}
