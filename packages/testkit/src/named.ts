import { readdirSync, readFileSync } from "node:fs"

/** A process of this machine, who started it (0: that one has ended), and its command line's words. */
export type Named = { pid: number; parent: number; words: string[] }

/** The processes of this machine whose command line fits; none where there is no `/proc`. */
export const processesWith = (fits: (words: readonly string[]) => boolean): Named[] =>
  pids().flatMap(pid => {
    const words = read(`/proc/${pid}/cmdline`).split("\0")
    return fits(words) ? [{ pid, parent: parentOf(pid), words }] : []
  })

/** The keepers that a worker's process started, itself or by its hand. */
export const keepersOf = (worker: number): number[] =>
  processesWith(words => words.some(word => word.endsWith("keeper/main.ts")))
    .filter(({ parent }) => parent === worker || parentOf(parent) === worker)
    .map(({ pid }) => pid)

/** The process that started another one; 0 when that has ended. */
const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)

const pids = (): number[] => {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger)
  } catch {
    return [] // not Linux
  }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return "" // it ended meanwhile
  }
}
