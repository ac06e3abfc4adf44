import { statfsSync } from "node:fs"
import { lstat, readdir } from "node:fs/promises"
import { join } from "node:path"
import { type Limits, places, type Room } from "../jail/room.ts"
import { machineTasks, processTree, type TreeUsage, usageOf } from "./processes.ts"
import type { CommandEnd } from "./protocol.ts"

/** Watches what one command uses until it is stopped. */
export type Watch = { stop(): void; usage(): TreeUsage }

const everyMs = 250
const hurryMs = 25
const walkShare = 0.1
const reserveBytes = 256 * 1024 ** 2

/**
 * Ends a command that goes over its limits, with the reason. Where a cgroup holds them already this is the word for it;
 * elsewhere (`alone`) it is the only guard, and looks ten times as often whether processes multiply: a fork bomb makes
 * hundreds between two full looks. Who `writes` nothing to the tree, as our own git, is at work on a full disk, too.
 */
export const watchLimits = (
  room: Room,
  { root, alone, writes }: { root: number; alone: boolean; writes: boolean },
  onOver: (end: CommandEnd) => void,
): Watch => {
  let last: TreeUsage = { processes: 0, memoryBytes: 0, cpuMs: 0 }
  const disk = writes ? watchDisk(room) : () => null
  const look = () => {
    const pids = processTree(root, room.limits.processes + 1)
    const temporary = temporaryUse(root, room.limits)
    last = usageOf(pids)
    last.memoryBytes += temporary.bytes
    const end = over(room.limits, last, temporary.files) ?? disk()
    if (end !== null) onOver(end)
  }
  const timers = [setInterval(look, everyMs)]
  if (alone) {
    const atStart = machineTasks()
    const hurry = () => {
      if (machineTasks() - atStart < room.limits.processes / 2) return
      const processes = processTree(root, room.limits.processes + 1).length
      const end = over(room.limits, { processes, memoryBytes: 0, cpuMs: 0 }, 0)
      if (end !== null) onOver(end)
    }
    timers.push(setInterval(hurry, hurryMs))
  }
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer)
    },
    usage: () => last,
  }
}

const over = (limits: Limits, usage: TreeUsage, temporaryFiles: number): CommandEnd | null => {
  // A cgroup lets no more than the limit start, so a command that stands at it has gone over.
  if (usage.processes >= limits.processes)
    return { ended: "killed", reason: `it ran more than ${limits.processes} processes and threads` }
  if (usage.memoryBytes > limits.memoryBytes)
    return { ended: "memory", reason: `it used more than ${megabytes(limits.memoryBytes)} of memory` }
  if (temporaryFiles > limits.files)
    return { ended: "killed", reason: `it made more than ${limits.files} temporary files` }
  return null
}

/** The jail's own memory file systems, seen from outside; another size there means that the jail is not set up yet. */
const temporaryUse = (root: number, limits: Limits): { bytes: number; files: number } => {
  const sum = { bytes: 0, files: 0 }
  for (const place of ["/tmp", places.home, "/dev/shm"]) {
    try {
      const { bsize, blocks, bfree, files, ffree } = statfsSync(`/proc/${root}/root${place}`)
      if (Math.abs(blocks * bsize - limits.tmpBytes) > bsize) continue
      sum.bytes += (blocks - bfree) * bsize
      sum.files += files - ffree
    } catch {
      // The jail has ended, or there is none.
    }
  }
  return sum
}

/**
 * The tree lies on a disk that others write to as well: its free space only tells when to count the tree's own files, and
 * that count decides.
 */
const watchDisk = (room: Room): (() => CommandEnd | null) => {
  const { limits, tree } = room
  const atStart = statfsSync(tree)
  let found: CommandEnd | null = null
  let nextWalkAt = 0
  return () => {
    const now = statfsSync(tree)
    if (now.bavail * now.bsize < reserveBytes)
      return { ended: "killed", reason: "the disk of the workspace is nearly full" }
    const grew =
      (atStart.bfree - now.bfree) * now.bsize > limits.diskBytes / 2 ||
      atStart.ffree - now.ffree > limits.files / 2
    if (grew && performance.now() > nextWalkAt) {
      const startedAt = performance.now()
      nextWalkAt = Number.POSITIVE_INFINITY
      void countTree(tree, limits).then(reason => {
        // A large tree takes long to walk: most of the time none is walked.
        nextWalkAt = performance.now() + Math.max(everyMs, (performance.now() - startedAt) / walkShare)
        if (reason !== null) found = { ended: "killed", reason }
      })
    }
    return found
  }
}

const countTree = async (tree: string, limits: Limits): Promise<string | null> => {
  let files = 0
  let bytes = 0
  const folders = [tree]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name)
      files += 1
      if (entry.isDirectory()) folders.push(path)
      else
        bytes += await lstat(path).then(
          found => found.blocks * 512,
          () => 0,
        )
    }
    if (files > limits.files) return `the workspace holds more than ${limits.files} files`
    if (bytes > limits.diskBytes) return `the workspace holds more than ${megabytes(limits.diskBytes)}`
  }
  return null
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`
