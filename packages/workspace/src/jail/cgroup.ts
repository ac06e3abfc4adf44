import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Limits } from "./room.ts"

/** A place where groups with limits can be made: the folder of a cgroup (version 2) or of version 1's `pids`. */
export type CgroupParent = { version: 1 | 2; folder: string; controllers: string[] }

/** The group of one workspace: its keeper and all that this starts. */
export type Cgroup = {
  /** How often the kernel ended a process of the group for memory. */
  memoryKills(): number
}

/**
 * Where this process may make groups, or null. In version 2 that is beside its own group (systemd's `Delegate=yes`, a
 * user session) or below the root. Of version 1 only `pids` is used: a container's runtime owns its memory group.
 */
export const findCgroupParent = (root = "/sys/fs/cgroup"): CgroupParent | null => {
  let own: string
  try {
    own = readFileSync("/proc/self/cgroup", "utf8")
  } catch {
    // No cgroups in this kernel.
    return null
  }
  const unified = /^0::(\/.*)$/m.exec(own)?.[1]
  const candidates: CgroupParent[] = []
  if (unified !== undefined)
    for (const folder of [join(root, unified), join(root, unified, "..")]) {
      const controllers = delegated(folder)
      if (controllers.includes("pids")) candidates.push({ version: 2, folder, controllers })
    }
  const pids = /^\d+:pids:(\/.*)$/m.exec(own)?.[1]
  if (pids !== undefined)
    candidates.push({ version: 1, folder: join(root, "pids", pids), controllers: ["pids"] })
  const parent = candidates.find(worksWith) ?? null
  if (parent !== null) sweep(parent)
  return parent
}

const delegated = (folder: string): string[] => {
  try {
    return readFileSync(join(folder, "cgroup.subtree_control"), "utf8").trim().split(" ")
  } catch {
    // Not a cgroup of version 2.
    return []
  }
}

const worksWith = (parent: CgroupParent): boolean => {
  const folder = join(parent.folder, `twolane-${process.pid}-probe`)
  try {
    mkdirSync(folder)
    try {
      setLimits(parent, folder, { processes: 10, memoryBytes: 2 ** 30, cpuWeight: 100 })
    } finally {
      rmdirSync(folder)
    }
    return true
  } catch {
    // Read-only, or not ours.
    return false
  }
}

const groupOf = (parent: CgroupParent, pid: number): string => join(parent.folder, `twolane-${pid}`)

/**
 * Makes a group with the limits and puts this process into it. What it starts is in it from its first moment; moving each
 * command would cost it 10 ms. The limits leave room for this process, and for several commands at once.
 */
export const joinCgroup = (parent: CgroupParent, limits: GroupLimits): Cgroup => {
  const folder = groupOf(parent, process.pid)
  mkdirSync(folder)
  setLimits(parent, folder, limits)
  writeFileSync(join(folder, "cgroup.procs"), "0")
  const counts = parent.controllers.includes("memory")
  return { memoryKills: () => (counts ? memoryKills(folder) : 0) }
}

/** Removes the group of a keeper that has ended. */
export const removeCgroup = (parent: CgroupParent, pid: number): void => {
  try {
    rmdirSync(groupOf(parent, pid))
  } catch {
    // It was never made, or the kernel has not let go of it: then the sweep of the next start takes it away.
  }
}

type GroupLimits = Pick<Limits, "processes" | "memoryBytes" | "cpuWeight">

const reserve = { processes: 64, memoryBytes: 256 * 1024 ** 2 }

const setLimits = (parent: CgroupParent, folder: string, limits: GroupLimits): void => {
  const set = (file: string, value: number) => writeFileSync(join(folder, file), String(value))
  set("pids.max", 2 * limits.processes + reserve.processes)
  if (parent.controllers.includes("memory")) set("memory.max", limits.memoryBytes + reserve.memoryBytes)
  if (parent.controllers.includes("cpu")) set("cpu.weight", limits.cpuWeight)
}

const memoryKills = (folder: string): number => {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, "memory.events"), "utf8"))?.[1] ?? 0)
  } catch {
    // A kernel without the file.
    return 0
  }
}

/** Takes away the groups of keepers that are no more. */
const sweep = (parent: CgroupParent): void => {
  for (const name of readdirSync(parent.folder)) {
    const pid = /^twolane-(\d+)/.exec(name)?.[1]
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue
    try {
      rmdirSync(join(parent.folder, name))
    } catch {
      // Something still ends in it; the next start finds it again.
    }
  }
}
