import { rm, stat } from "node:fs/promises"
import { resolve, sep } from "node:path"
import { sleep } from "@twolane/common"

/** After this time a lock file of git's was left behind by a killed git: who writes holds the mirror's lock, and only shortly. */
const staleAfterMs = 5_000
const tryEveryMs = 250

const lockedPath = (text: string): string | null =>
  /Unable to create '(.+?\.lock)': File exists/.exec(text)?.[1] ?? null

/**
 * Runs a write in a mirror; when git finds a lock file there, waits for its end, or removes it when a killed git left
 * it behind. Whoever calls this holds the mirror's lock for what is written.
 */
export const pastStaleLocks = async <Value>(
  dir: string,
  write: () => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> => {
  for (;;) {
    try {
      return await write()
    } catch (error) {
      const path = error instanceof Error ? lockedPath(error.message) : null
      if (path === null || !resolve(dir, path).startsWith(dir + sep)) throw error
      const found = await stat(resolve(dir, path)).catch(() => null)
      if (found !== null && Date.now() - found.mtimeMs > staleAfterMs)
        await rm(resolve(dir, path), { force: true })
      else await sleep(tryEveryMs, signal)
    }
  }
}
