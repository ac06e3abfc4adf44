import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import type { Limits } from "./room.ts"

/** A place where groups with limits can be made: the folder of a cgroup (version 2) or of version 1's `pids`. */
export type CgroupParent = { version: 1 | 2; folder: string; controllers: string[] }

/** One command's group. */
export type Cgroup = Disposable & {
  /** An open `cgroup.procs`: a process that writes `0` to it joins the group, with all that it starts. */
  readonly join: number
  /** Whether the kernel ended a process of the group for memory. */
  ranOutOfMemory(): boolean
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
  try {
    makeCgroup(parent, `twolane-${process.pid}-probe`, {
      processes: 10,
      memoryBytes: 2 ** 30,
      cpuWeight: 100,
    })[Symbol.dispose]()
    return true
  } catch {
    // Read-only, or not ours.
    return false
  }
}

/** Makes a group with the limits; disposing it removes it (it must be empty). */
export const makeCgroup = (
  parent: CgroupParent,
  name: string,
  limits: Pick<Limits, "processes" | "memoryBytes" | "cpuWeight">,
): Cgroup => {
  const folder = join(parent.folder, name)
  mkdirSync(folder)
  try {
    const set = (file: string, value: string) => writeFileSync(join(folder, file), value)
    // A little more than the sampler allows, so that it sees the command reach its limit and says so.
    set("pids.max", String(limits.processes + 8))
    if (parent.controllers.includes("memory")) {
      set("memory.max", String(limits.memoryBytes))
      set("memory.oom.group", "1")
    }
    if (parent.controllers.includes("cpu")) set("cpu.weight", String(limits.cpuWeight))
    const joinFd = openSync(join(folder, "cgroup.procs"), "w")
    return {
      join: joinFd,
      ranOutOfMemory: () => ranOutOfMemory(folder),
      [Symbol.dispose]: () => {
        closeSync(joinFd)
        rmdirSync(folder)
      },
    }
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
}

const ranOutOfMemory = (folder: string): boolean => {
  try {
    return /^oom_kill [1-9]/m.test(readFileSync(join(folder, "memory.events"), "utf8"))
  } catch {
    // No memory controller here.
    return false
  }
}

/** Takes away the groups of keepers that are no more. */
const sweep = (parent: CgroupParent): void => {
  for (const name of readdirSync(parent.folder)) {
    const pid = /^twolane-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue
    try {
      rmdirSync(join(parent.folder, name))
    } catch {
      // Something still ends in it; the next start finds it again.
    }
  }
}
