import { readdirSync, readFileSync } from "node:fs"

/** What a tree of processes uses: its processes with their threads, and memory that no file stands behind. */
export type TreeUsage = { processes: number; memoryBytes: number; cpuMs: number }

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
  const sum = { processes: 0, memoryBytes: 0, cpuMs: 0 }
  for (const pid of pids) {
    const status = read(`/proc/${pid}/status`)
    const number = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0)
    sum.processes += number("Threads")
    sum.memoryBytes += (number("RssAnon") + number("RssShmem")) * 1024
    // The name in parentheses may hold spaces; what follows it does not.
    const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? []
    sum.cpuMs += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * msPerTick
  }
  return sum
}

/** How many processes and threads the whole machine has: one cheap look, where counting a tree costs a look at each. */
export const machineTasks = (): number => Number(/\/(\d+)/.exec(read("/proc/loadavg"))?.[1] ?? 0)

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It ended between two looks, or this kernel lacks the file.
    return ""
  }
}
