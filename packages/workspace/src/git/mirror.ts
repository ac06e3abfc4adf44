import { mkdir, realpath, stat } from "node:fs/promises"
import { join, sep } from "node:path"
import { Fault } from "@twolane/protocol"
import type { Credential, Remote } from "./credential.ts"
import { type Fetching, fetchInto } from "./fetch.ts"
import { type Lock, takeLock } from "./lock.ts"
import { createRepository, readState, scratchOf } from "./mirror-files.ts"
import { type Objects, openObjects } from "./objects.ts"
import { probeRemote } from "./remote.ts"

/**
 * The service's own bare copy of a repo. The source's branches are under `refs/remotes/origin/`, tasks' branches under
 * `refs/heads/twolane/`, checkpoints under `refs/twolane/`. It is never a place where an agent writes, and no object in
 * it is ever pruned.
 */
export type Mirror = AsyncDisposable & {
  readonly dir: string
  readonly team: string
  readonly repo: string
  /** The source as it was opened. */
  readonly remote: Remote
  /** The source with the credential of now, for whoever speaks to it: a person may have set another one since. */
  access(): Promise<Remote>
  readonly objects: Objects
  /** The fetch that runs now in this process, if one does. */
  readonly fetching: Fetching
}

const nameOf = (text: string): string => {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/.test(text) || text.includes(".."))
    throw new Error(`not a name for a folder: ${text.slice(0, 100)}`)
  return text
}

/** Where a repo's mirror lies. */
export const mirrorDir = (dataDir: string, team: string, repo: string): string =>
  join(dataDir, "mirrors", nameOf(team), `${nameOf(repo)}.git`)

/** Takes the lock for refs and worktrees of a mirror, across all processes of this machine. */
export const lockMirror = (dir: string, signal: AbortSignal): Promise<Lock> => takeLock(`${dir}.lock`, signal)

/** Which mirror to open. `credential` is asked each time that the source is spoken to; without it the remote's own serves. */
export type MirrorWish = {
  dataDir: string
  team: string
  repo: string
  remote: Remote
  defaultBranch?: string
  credential?: () => Promise<Credential | null>
}

/**
 * Opens a repo's mirror, making it at first: the source is asked, then fetched whole. An existing mirror opens without
 * the network, unless its source has changed. Raises `repo-unreachable`, `repo-auth`, `repo-not-git`, `repo-empty`,
 * and `base-not-found` for a `defaultBranch` that the source does not have.
 */
export const openMirror = async (wanted: MirrorWish, signal: AbortSignal): Promise<Mirror> => {
  const { team, repo, remote, credential } = wanted
  const dir = mirrorDir(wanted.dataDir, team, repo)
  await refuseOwnFolders(wanted.dataDir, remote)
  const state = await readState(dir)
  if (state?.source !== remote.source.url) await createMirror(dir, wanted, signal)
  const objects = openObjects(dir, scratchOf(dir))
  return {
    dir,
    team,
    repo,
    remote,
    access: async () => (credential === undefined ? remote : { ...remote, credential: await credential() }),
    objects,
    fetching: { current: null },
    [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose](),
  }
}

const createMirror = async (
  dir: string,
  { remote, defaultBranch: wanted }: { remote: Remote; defaultBranch?: string },
  signal: AbortSignal,
): Promise<void> => {
  const { defaultBranch, shaLength } = await probeRemote(remote, wanted, signal)
  await mkdir(join(dir, ".."), { recursive: true, mode: 0o700 })
  {
    await using _lock = await lockMirror(dir, signal)
    const exists = await stat(join(dir, "HEAD")).catch(() => null)
    if (exists === null) await createRepository(dir, shaLength, signal)
  }
  await fetchInto({ dir, remote, defaultBranch }, signal)
}

/** A path source within the mirrors would show one team's work to another. */
const refuseOwnFolders = async (dataDir: string, { source }: Remote): Promise<void> => {
  if (source.kind !== "path") return
  const real = await realpath(source.url).catch(() => source.url)
  const own = await realpath(join(dataDir, "mirrors")).catch(() => join(dataDir, "mirrors"))
  if (real === own || real.startsWith(own + sep))
    throw new Fault("repo-not-git", "the source lies in Twolane's own data folder")
}
