import { mkdir, readdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { type Config, neverAborted, partEnvironment, readHost } from "@twolane/common"
import type { Lane } from "@twolane/protocol"
import { type Lock, tryLock } from "../git/lock.ts"
import { removeFolder } from "../git/remove-folder.ts"
import { releaseTreeless } from "../git/worktree.ts"
import { cpuWeights } from "../jail/cpu-weight.ts"
import { makeEtc } from "../jail/etc.ts"
import type { Sandbox } from "../jail/probe.ts"
import { defaultLimits, type Limits } from "../jail/room.ts"
import { findTools, type Tools } from "../jail/tools.ts"
import { prunePrepared } from "../prepare/prepare.ts"
import { beginRoom } from "./begin-room.ts"
import { keepReadyRooms, type ReadyRooms } from "./ready-rooms.ts"
import { keepRemovals, type Removals } from "./removals.ts"

/** What all workspaces of one worker process share. */
export type Ground = {
  dataDir: string
  sandbox: Sandbox
  /** The folder of this worker's workspaces. */
  folder: string
  etc: string
  tools: Tools
  /** What every command of this worker is held to. */
  limits: Limits
  /** How long each repo's whole suite took when it last ran, in ms, by `team/repo`. */
  suiteMs: Map<string, number>
  /** Mirrors in which the leftovers of dead workers were taken away. */
  swept: Set<string>
  removals: Removals
  /** The rooms that stand ready for tests, each as what drops it; those that were asked for last stand last. */
  spares: Set<() => void>
  mostSpares: number
  /** For each task at work, when its lease was last proved (monotonic, ms): its keepers end what runs too long without. */
  proofs: Map<string, () => number>
  ready: ReadyRooms
}

/** Whatever is set, a worker keeps no more rooms ready: each has a process of its own, of about 45 MB. */
const mostReady = 8

/** Lays the ground for a worker's workspaces, and takes away those of workers of this machine that are no more. */
export const layGround = async (options: {
  config: Pick<Config, "dataDir" | "jailPaths" | "concurrency" | "warmWorkspaces">
  sandbox: Sandbox
  worker: string
  lane: Lane
}): Promise<{ ground: Ground; lock: Lock }> => {
  const { dataDir, jailPaths, warmWorkspaces } = options.config
  const all = join(dataDir, "workspaces")
  const folder = join(all, options.worker)
  await mkdir(all, { recursive: true, mode: 0o700 })
  // The lock comes first: a folder without one is a dead worker's to whoever starts at the same time.
  const lock = await tryLock(lockOf(all, options.worker), neverAborted())
  if (lock === null) throw new Error(`another process is the worker ${options.worker}`)
  await mkdir(folder, { mode: 0o700, recursive: true })
  const env = partEnvironment({})
  const removals = keepRemovals()
  const dead = await sweepDead(all, options.worker)
  for (const gone of dead)
    removals.add(async () => {
      await removeFolder(gone)
      // What could not be taken away is told, and tried again.
      await rm(gone, { recursive: true, force: true })
    })
  if (dead.length > 0) removals.add(() => sweepMirrors(dataDir))
  removals.add(() => prunePreparedOf(dataDir))
  const bare = {
    dataDir,
    sandbox: options.sandbox,
    folder,
    etc: await makeEtc(join(dataDir, "jail"), env.NODE_EXTRA_CA_CERTS),
    tools: await findTools({
      env,
      home: readHost().home,
      dataDir,
      execPath: process.execPath,
      jailPaths: [...jailPaths],
    }),
    limits: { ...defaultLimits, cpuWeight: cpuWeights[options.lane] },
    suiteMs: new Map(),
    swept: new Set<string>(),
    removals,
    spares: new Set<() => void>(),
    mostSpares: options.config.concurrency[options.lane],
    proofs: new Map(),
  }
  const limits = { perRepo: warmWorkspaces, inAll: mostReady }
  return { ground: { ...bare, ready: keepReadyRooms(bare, wish => beginRoom(bare, wish), limits) }, lock }
}

/** A prepared workspace that nobody wanted for so long goes. */
const preparedUnusedMs = 14 * 86_400_000

/** Takes away what the setups of all repos left and nobody wants any more. */
const prunePreparedOf = async (dataDir: string): Promise<void> => {
  const all = join(dataDir, "prepared")
  for (const team of await readdir(all).catch(() => []))
    for (const repo of await readdir(join(all, team)).catch(() => []))
      await prunePrepared(join(all, team, repo), preparedUnusedMs)
}

/** A dead worker's trees may be registered in any mirror, and nobody may want that one again. */
const sweepMirrors = async (dataDir: string): Promise<void> => {
  const all = join(dataDir, "mirrors")
  for (const team of await readdir(all).catch(() => []))
    for (const name of await readdir(join(all, team)).catch(() => []))
      if (name.endsWith(".git")) await releaseTreeless({ dir: join(all, team, name) })
}

const lockOf = (all: string, worker: string): string => join(all, `${worker}.lock`)

/** Moves away what dead workers left, and says where to. A worker holds its lock as long as it lives: whoever can take it knows that it is dead. */
const sweepDead = async (all: string, self: string): Promise<string[]> => {
  const moved: string[] = []
  for (const name of await readdir(all)) {
    if (name.startsWith(`${self}.`) || name === self || name.endsWith(".lock")) continue
    const worker = name.split(".gone-")[0] ?? name
    await using lock = await tryLock(lockOf(all, worker), neverAborted())
    if (lock === null) continue
    const gone = join(all, `${worker}.gone-${crypto.randomUUID()}`)
    await rename(join(all, name), gone)
    await rm(lockOf(all, worker), { force: true })
    moved.push(gone)
  }
  return moved
}
