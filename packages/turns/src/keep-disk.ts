import { createHash } from "node:crypto"
import { realpath } from "node:fs/promises"
import { type Logger, orAborted, sleep } from "@twolane/common"
import { newId, openTurn, type TaskState } from "@twolane/protocol"
import type { DiskReport, RepoReport, Store } from "@twolane/store"
import { measureDisk, removePrepared, repackMirror, tasksWithWorkspaces } from "@twolane/workspace"
import { dropTaskRefs } from "./drop-task-refs.ts"
import { forgetRefs } from "./forget-refs.ts"

/** What a process looks after a data folder with. */
export type DiskKeeping = {
  store: Pick<Store, "archive" | "disk" | "find" | "now" | "openTurns" | "readMany">
  dataDir: string
  host: string
  log: Logger
  /** Lets go of what this process keeps ready for a repo. */
  release?: (repo: { team: string; repo: string }) => void
}

const lookEveryMs = 5_000
/** Measuring takes a hundredth of the time at most, and comes once in this time at least. */
const measureMs = { least: 60_000, most: 600_000, share: 100 }
/** Longer than one look takes to come again; a measure or a packing that takes longer may be done by two, which does no harm. */
const holdMs = 30_000

/**
 * Reports what a data folder takes, at least every ten minutes and after each wish, and fulfils wishes to tidy a repo. The refs of tasks that were
 * discarded go, and its mirror is packed; when none of its tasks is at work or kept warm here, what its setups left goes, too, and what nothing
 * points at. Unasked, the refs of tasks that were deleted by policy go. Of the processes on one folder one does it; each lets go of what it keeps ready.
 */
export const keepDisk = (keeping: DiskKeeping): AsyncDisposable => {
  const stop = new AbortController()
  const running = look(keeping, stop.signal)
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort({ by: "shutdown" })
      await running
    },
  }
}

const look = async (keeping: DiskKeeping, signal: AbortSignal): Promise<void> => {
  const looking = { holder: newId("worker"), forgotten: new Map<string, number>() }
  const release = releasing(keeping)
  let dueAt = 0
  while (!signal.aborted) {
    try {
      await orAborted(release(), signal)
      // Nobody who ends waits for a Redis that is gone.
      dueAt = await orAborted(lookOnce(keeping, { ...looking, dueAt }, signal), signal)
    } catch (error) {
      if (!signal.aborted) keeping.log.warn({ error }, "the disk was not looked after")
    }
    // An abort ends the wait, and with it the loop.
    await sleep(lookEveryMs, signal).catch(() => {})
  }
}

/** Each call lets go of what is ready for repos that are to be tidied since the call before. */
const releasing = ({ store, release }: DiskKeeping): (() => Promise<void>) => {
  let heard: number | null = null
  return async () => {
    if (release === undefined) return
    const wishes = await store.disk.wishes()
    for (const { team, repo, at } of wishes) if (heard !== null && at > heard) release({ team, repo })
    heard = Math.max(heard ?? 0, ...wishes.map(({ at }) => at))
  }
}

/** Removes deleted tasks' refs, fulfils wishes, and reports when it is due; answers when it is due next. */
const lookOnce = async (
  keeping: DiskKeeping,
  { holder, forgotten, dueAt }: { holder: string; forgotten: Map<string, number>; dueAt: number },
  signal: AbortSignal,
): Promise<number> => {
  const { store, dataDir, host } = keeping
  const folder = folderOf(host, await realpath(dataDir))
  if (!(await store.disk.hold(folder, holder, holdMs))) return dueAt
  await forgetRefs(keeping, forgotten, signal)
  const before = (await store.disk.reports()).find(report => report.folder === folder)
  const tidied = await fulfil(keeping, before, signal)
  if (tidied.length === 0 && performance.now() < dueAt) return dueAt
  const startedAt = performance.now()
  await store.disk.report(await reportOf(keeping, { folder, before, tidied }, signal))
  const tookMs = performance.now() - startedAt
  return startedAt + Math.min(measureMs.most, Math.max(measureMs.least, tookMs * measureMs.share))
}

const folderOf = (host: string, dataDir: string): string =>
  createHash("sha256").update(`${host}\n${dataDir}`).digest("base64url").slice(0, 16)

type Tidied = Pick<RepoReport, "team" | "repo" | "reclaimedAt" | "kept">

/** Fulfils the wishes that came after the repo was last tidied here. */
const fulfil = async (
  keeping: DiskKeeping,
  before: DiskReport | undefined,
  signal: AbortSignal,
): Promise<Tidied[]> => {
  const { store, dataDir, log } = keeping
  const tidied: Tidied[] = []
  for (const { team, repo, at } of await store.disk.wishes()) {
    const last = before?.repos.find(known => known.team === team && known.repo === repo)?.reclaimedAt ?? 0
    if (last >= at) continue
    const kept = await whyKept({ store, dataDir }, { team, repo })
    if (kept === null) await removePrepared(dataDir, { team, repo })
    const discarded = await dropDiscarded(keeping, { team, repo }, signal)
    await repackMirror(dataDir, { team, repo, quiet: kept === null }, signal)
    tidied.push({ team, repo, reclaimedAt: store.now(), ...(kept === null ? {} : { kept }) })
    log.info({ team, repo, kept, discarded }, "a repo's folders were tidied")
  }
  return tidied
}

/** Takes the refs of tasks that were discarded, as the candidates are that were not chosen; answers of how many. */
const dropDiscarded = async (
  { store, dataDir, log }: DiskKeeping,
  { team, repo }: { team: string; repo: string },
  signal: AbortSignal,
): Promise<number> => {
  const atWork = new Set(await tasksWithWorkspaces(dataDir))
  const read = (tasks: readonly string[]) =>
    store.readMany(team, tasks).catch((error: unknown) => {
      // Those of an archive that this process does not have stay.
      log.debug({ team, repo, error }, "tasks were not read, and their refs stay")
      return []
    })
  const which = { among: (task: string) => !atWork.has(task), isGone: isOver }
  return await dropTaskRefs({ dataDir, read }, { team, repo }, which, signal)
}

/** A task that was discarded goes on no more. */
const isOver = (state: TaskState | null): boolean =>
  state?.review === "discarded" && openTurn(state) === undefined

/** Why what a repo's setups left must stay; null when nobody here needs it. */
const whyKept = async (
  { store, dataDir }: Pick<DiskKeeping, "store" | "dataDir">,
  { team, repo }: { team: string; repo: string },
): Promise<string | null> => {
  if ((await store.openTurns(team, repo)) > 0) return "a turn is open"
  for (const task of await tasksWithWorkspaces(dataDir)) {
    const state = await store.find(task)
    if (state?.team === team && state.repo === repo) return "a workspace is kept warm"
  }
  return null
}

const reportOf = async (
  { store, dataDir, host }: DiskKeeping,
  { folder, before, tidied }: { folder: string; before: DiskReport | undefined; tidied: readonly Tidied[] },
  signal: AbortSignal,
): Promise<DiskReport> => {
  const { repos, ...use } = await measureDisk(dataDir, signal)
  // A wish for a repo that has nothing here is fulfilled as well.
  const empty = { mirrorBytes: 0, preparedBytes: 0, cacheBytes: 0 }
  const bare = tidied
    .filter(({ team, repo }) => !repos.some(known => known.team === team && known.repo === repo))
    .map(({ team, repo }) => ({ team, repo, ...empty }))
  const reported = [...repos, ...bare].map((repo): RepoReport => {
    const same = ({ team, repo: name }: Tidied) => team === repo.team && name === repo.repo
    const { reclaimedAt, kept } = tidied.find(same) ?? before?.repos.find(same) ?? {}
    return {
      ...repo,
      ...(reclaimedAt === undefined ? {} : { reclaimedAt }),
      ...(kept === undefined ? {} : { kept }),
    }
  })
  return { folder, host, at: store.now(), ...use, repos: reported }
}
