import { orAborted, sleep } from "@twolane/common"
import { isFault } from "@twolane/protocol"
import type { Remote } from "./credential.ts"
import { GitFailure, gitText } from "./git.ts"
import { takeLock } from "./lock.ts"
import type { Mirror } from "./mirror.ts"
import { readState, writeState } from "./mirror-files.ts"
import { isSha, sourceBranchRef } from "./refs.ts"
import { callRemote, probeRemote, remoteFault } from "./remote.ts"
import { pastStaleLocks } from "./stale-locks.ts"

/** The fetch that runs in this process, shared by all who wait for one; `startedAt` is epoch ms. */
export type Fetching = {
  current: { startedAt: number; waiting: number; stop: () => void; done: Promise<number> } | null
}

/** A first fetch of a large repository may take long; a server that stalls is given up much earlier (`http.lowSpeedTime`). */
const fetchTimeoutMs = 1_800_000

/** When the mirror was last fetched whole, in epoch ms; 0 when never, or when that was noted by a clock that was ahead. */
export const fetchedAt = async (mirror: Mirror): Promise<number> => pastTime(await readState(mirror.dir))

const pastTime = (state: { fetchedAt: number } | null): number =>
  state === null || state.fetchedAt > Date.now() ? 0 : state.fetchedAt

/** The source's default branch, as it was when the mirror was made. */
export const defaultBranchOf = async (mirror: Mirror): Promise<string> => {
  const state = await readState(mirror.dir)
  if (state === null) throw new Error(`the mirror ${mirror.dir} was never fetched`)
  return state.defaultBranch
}

/**
 * Makes sure that the mirror is as new as `freshAs` (epoch ms), fetching when it is not; answers when its fetch began.
 * Callers at the same time share one fetch, also across processes. Raises `repo-unreachable`, `repo-auth`,
 * `repo-not-git`, `repo-empty`.
 */
export const fetchMirror = async (mirror: Mirror, freshAs: number, signal: AbortSignal): Promise<number> => {
  for (;;) {
    signal.throwIfAborted()
    const at = await fetchedAt(mirror)
    if (at >= freshAs) return at
    const running = mirror.fetching.current
    if (running === null || running.startedAt >= freshAs)
      return await join(mirror, running ?? start(mirror), signal)
    // It began too early for us: a push may have come after it. The next one is for everybody who waits here.
    await join(mirror, running, signal).catch(() => signal.throwIfAborted())
  }
}

type Running = NonNullable<Fetching["current"]>

const start = (mirror: Mirror): Running => {
  const abort = new AbortController()
  const startedAt = Date.now()
  const running: Running = {
    startedAt,
    waiting: 0,
    stop: () => abort.abort(new Error("nobody waits for this fetch any more")),
    done: refresh(mirror, startedAt, abort.signal).finally(() => {
      if (mirror.fetching.current === running) mirror.fetching.current = null
    }),
  }
  running.done.catch(() => undefined)
  mirror.fetching.current = running
  return running
}

/** Waits for a shared fetch; the last one to leave stops it. */
const join = async (mirror: Mirror, running: Running, signal: AbortSignal): Promise<number> => {
  running.waiting += 1
  try {
    return await orAborted(running.done, signal)
  } finally {
    running.waiting -= 1
    if (running.waiting === 0 && mirror.fetching.current === running) {
      mirror.fetching.current = null
      running.stop()
    }
  }
}

const refresh = async (mirror: Mirror, freshAs: number, signal: AbortSignal): Promise<number> => {
  const state = await readState(mirror.dir)
  const remote = await mirror.access()
  const defaultBranch = state?.defaultBranch ?? (await probeRemote(remote, undefined, signal)).defaultBranch
  return await fetchInto({ dir: mirror.dir, remote, defaultBranch, freshAs }, signal)
}

/**
 * Fetches every branch and tag of the source, under the mirror's fetch lock (checkpoints and worktrees go on
 * meanwhile), unless another process has done so since `freshAs`.
 */
export const fetchInto = async (
  wanted: { dir: string; remote: Remote; defaultBranch: string; freshAs?: number },
  signal: AbortSignal,
): Promise<number> => {
  const { dir, remote } = wanted
  await using _lock = await takeLock(`${dir}.fetch-lock`, signal)
  const state = await readState(dir)
  const sameSource = state?.source === remote.source.url
  if (state && sameSource && wanted.freshAs !== undefined && pastTime(state) >= wanted.freshAs)
    return state.fetchedAt
  const startedAt = Date.now()
  const everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
  await pastStaleLocks(dir, () => fetchRefs(wanted, ["--prune", ...fixed], everything, signal), signal)
  await pointHead(wanted, signal)
  await writeState(dir, {
    source: remote.source.url,
    defaultBranch: wanted.defaultBranch,
    fetchedAt: startedAt,
  })
  return startedAt
}

const fixed = [
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  "--no-recurse-submodules",
  "--no-show-forced-updates",
]

const refWentOn = /^error: cannot lock ref '[^']+': is at [\da-f]+ but expected [\da-f]+/m
const againMs = 250

const fetchRefs = async (
  { dir, remote }: { dir: string; remote: Remote },
  options: readonly string[],
  refspecs: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const end = await callRemote(
    remote,
    {
      command: "fetch",
      gitDir: dir,
      args: [...options, "--", remote.source.url, ...refspecs],
      timeoutMs: fetchTimeoutMs,
    },
    signal,
  )
  if (end.code === 0) return
  // The git of a killed process, which held this lock before, was still at work.
  if (refWentOn.test(end.stderr)) {
    await sleep(againMs, signal)
    return fetchRefs({ dir, remote }, options, refspecs, signal)
  }
  if (/Unable to create '.+\.lock': File exists/.test(end.stderr))
    throw new GitFailure("fetch", end.code, end.stderr)
  throw remoteFault(remote, end)
}

/** `origin/HEAD` names the default branch, as in any clone. */
const pointHead = ({ dir, defaultBranch }: { dir: string; defaultBranch: string }, signal: AbortSignal) =>
  gitText(
    {
      gitDir: dir,
      command: "symbolic-ref",
      args: ["refs/remotes/origin/HEAD", sourceBranchRef(defaultBranch)],
    },
    signal,
  )

/**
 * Makes sure that a commit is in the mirror, asking the source for it by its name when no branch holds it any more; false when it does not
 * give it. @throws GitFailure for what the source has no part in
 */
export const ensureCommit = async (mirror: Mirror, sha: string, signal: AbortSignal): Promise<boolean> => {
  if (!isSha(sha)) return false
  const has = async () => (await mirror.objects.info(sha, signal))?.type === "commit"
  if (await has()) return true
  await using _lock = await takeLock(`${mirror.dir}.fetch-lock`, signal)
  const from = { dir: mirror.dir, remote: await mirror.access() }
  await fetchRefs(from, fixed, [sha], signal).catch((error: unknown) => {
    signal.throwIfAborted()
    if (!isFault(error)) throw error
  })
  return await has()
}
