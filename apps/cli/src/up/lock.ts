import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"

/** The data folder is taken by a running `npm start`. */
export type Held = { pid: number }

/**
 * Takes the data folder for this process, or tells who has it. A file that a killed process left behind is taken over: it names the
 * process and its start time, so that a reused pid is not mistaken for it.
 */
export const takeDataFolder = (dataDir: string): Disposable | Held => {
  const path = join(dataDir, "up.lock")
  const mine = identity(process.pid)
  for (;;) {
    if (create(path, mine)) return { [Symbol.dispose]: () => release(path, mine) }
    const theirs = read(path)
    const pid = Number(theirs.split(" ")[0])
    if (pid > 0 && identity(pid) === theirs) return { pid }
    removeStale(path, theirs)
  }
}

const create = (path: string, content: string): boolean => {
  try {
    const file = openSync(path, "wx", 0o600)
    writeSync(file, content)
    closeSync(file)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return "" // just released: the next round creates it
  }
}

// Moved away first: of two who find the same stale file only one removes it, and a fresh one that was moved is put back.
const removeStale = (path: string, stale: string): void => {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return // another process was quicker
  }
  if (read(aside) === stale) rmSync(aside)
  else renameSync(aside, path)
}

const release = (path: string, mine: string): void => {
  if (read(path) === mine) rmSync(path, { force: true })
}

/** `<pid> <start time>`; without /proc the pid alone, while it lives; empty for a process that is gone. */
const identity = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in parentheses may hold blanks; the start time is the 20th field after it.
    return `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`
  } catch {
    return process.platform === "linux" || !isAlive(pid) ? "" : `${pid}`
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // no such process, or not ours: then it is no `npm start` of this user
  }
}
