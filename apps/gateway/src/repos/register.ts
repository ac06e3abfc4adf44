import { Fault, isFault, type Repo, type RepoRequest } from "@twolane/protocol"
import {
  branchTip,
  defaultBranchOf,
  fetchMirror,
  isSourceDirty,
  isUnderRoots,
  type Mirror,
  type Mirrors,
  parseSource,
  type Source,
} from "@twolane/workspace"
import { defaultTeam } from "../http/auth.ts"
import type { ReposOptions } from "./repos.ts"

/** A repo to register. */
export type Registration = ReposOptions & { mirrors: Mirrors; team: string; request: RepoRequest }

/** Registers a repo: its mirror is made first, so that a repo that exists is one that works. */
export const registerRepo = async (registration: Registration, signal: AbortSignal): Promise<Repo> => {
  const { store, mirrors, team, request, host } = registration
  const { name, defaultBranch: wanted } = request
  const source = parseSource(request.source)
  await refuseForeignPath(source, registration)
  const startedAt = Date.now()
  if ((await store.repo(team, name)) !== null) throw taken(name)
  // A mirror of a repo that was removed may still be open, with what it knew then.
  await mirrors.close(team, name)
  const mirror = await openNew(registration, source, signal)
  await fetchMirror(mirror, startedAt, signal)
  if (wanted !== undefined && (await branchTip(mirror, wanted, signal)) === null)
    throw new Fault("base-not-found", `The source has no branch ${wanted}.`)
  const repo: Repo = {
    name,
    team,
    source: source.url,
    defaultBranch: wanted ?? (await defaultBranchOf(mirror)),
    createdAt: store.now(),
    ...(source.kind === "path" ? { host } : {}),
    credential: mirror.remote.credential?.kind ?? "none",
    secrets: Object.keys(await store.secrets(team, name)),
  }
  if (!(await store.createRepo(repo))) throw taken(name)
  return { ...repo, notices: await noticesOf(source, signal) }
}

const taken = (name: string): Fault => new Fault("already-exists", `There is a repo ${name} already.`)

const openNew = async (
  { mirrors, team, request }: Registration,
  source: Source,
  signal: AbortSignal,
): Promise<Mirror> => {
  const { name, defaultBranch } = request
  try {
    return await mirrors.open({ team, name, source: source.url }, defaultBranch, signal)
  } catch (error) {
    if (!isFault(error, "repo-auth")) throw error
    const hint = `Set one with PUT /v1/repos/${name}/credential, then register it again.`
    throw new Fault("repo-auth", `${error.message}. ${hint}`, { cause: error })
  }
}

/** Null allows every path; a list only what lies under one of its folders. */
const refuseForeignPath = async (
  source: Source,
  { team, repoRoots: roots }: Pick<Registration, "team" | "repoRoots">,
): Promise<void> => {
  if (source.kind !== "path") return
  // Another team could name a folder that is somebody else's source.
  if (team !== defaultTeam)
    throw new Fault("forbidden", `Paths of this machine are for the team ${defaultTeam}; give a URL.`)
  if (roots === null) return
  if (roots.length > 0 && (await isUnderRoots(source, roots))) return
  const message = "lies under none of the folders of TWOLANE_REPO_ROOTS"
  throw new Fault("invalid", "Some fields are wrong; see errors.", { errors: [{ path: "source", message }] })
}

const noticesOf = async (source: Source, signal: AbortSignal): Promise<string[]> =>
  (await isSourceDirty(source, signal)) ? ["source-dirty"] : []
