import { readdirSync, readFileSync } from "node:fs"

/** What a tree of processes uses. `memoryBytes` is what is theirs alone; shared libraries are not counted again and again. */
export type TreeUsage = { processes: number; memoryBytes: number; cpuMs: number }

const pageBytes = 4096
const msPerTick = 10

/** The process and all below it, at most `limit`. In a jail this is everything: orphans become children of its process 1. */
export const processTree = (root: number, limit: number): number[] => {
  const found = [root]
  for (let index = 0; index < found.length && found.length < limit; index += 1)
    found.push(...childrenOf(found[index] ?? 0))
  return found.slice(0, limit)
}

/** The direct children of a process; none when it has gone. */
export const childrenOf = (pid: number): number[] => {
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    // It has ended.
    return []
  }
  return threads.flatMap(thread =>
    read(`/proc/${pid}/task/${thread}/children`).trim().split(" ").filter(Boolean).map(Number),
  )
}

/** Adds up what the processes use now. */
export const usageOf = (pids: number[]): TreeUsage => {
  let memoryBytes = 0
  let cpuMs = 0
  for (const pid of pids) {
    const [, resident = 0, shared = 0] = read(`/proc/${pid}/statm`).split(" ").map(Number)
    memoryBytes += (resident - shared) * pageBytes
    // The name in parentheses may hold spaces; what follows it does not.
    const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? []
    cpuMs += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * msPerTick
  }
  return { processes: pids.length, memoryBytes, cpuMs }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It ended between two looks, or this kernel lacks the file.
    return ""
  }
}
