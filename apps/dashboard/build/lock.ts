import { readFile, rm, writeFile } from "node:fs/promises"
import { setTimeout as delay } from "node:timers/promises"

const lookEveryMs = 100
/** A build takes seconds: whoever holds the lock for longer is stuck. */
const patienceMs = 120_000

/** Runs an action while no other process runs one under the same lock file. One whose process is gone is taken over. */
export const underLock = async <Result>(path: string, action: () => Promise<Result>): Promise<Result> => {
  const until = Date.now() + patienceMs
  while (!(await take(path))) {
    if (Date.now() > until) throw new Error(`another build holds ${path}; remove it when none runs`)
    await delay(lookEveryMs)
  }
  try {
    return await action()
  } finally {
    await rm(path, { force: true })
  }
}

const take = async (path: string): Promise<boolean> => {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
  const holder = Number(await readFile(path, "utf8").catch(() => ""))
  // Empty: it is just being written.
  if (holder > 0 && !isAlive(holder)) await rm(path, { force: true })
  return false
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
