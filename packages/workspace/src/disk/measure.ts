import { lstat, opendir, readFile, statfs } from "node:fs/promises"
import { join } from "node:path"

/** What one repo takes in a data folder, in bytes as the disk counts them. */
export type RepoUse = {
  team: string
  repo: string
  mirrorBytes: number
  /** What setups left for its tasks, and the checkouts that stand ready for them. */
  preparedBytes: number
  /** What its package managers downloaded. */
  cacheBytes: number
}

/** What a data folder takes, and what is free beside it. */
export type DiskUse = {
  freeBytes: number
  totalBytes: number
  repos: RepoUse[]
  /** Checked-out trees, by task: those at work, and those that are kept warm. */
  workspaces: { task: string; bytes: number }[]
}

/** Measures a data folder, one file after another, so that nobody at work notices. */
export const measureDisk = async (dataDir: string, signal: AbortSignal): Promise<DiskUse> => {
  const { bavail, blocks, bsize } = await statfs(dataDir)
  const size = (...path: string[]) => sizeOf(join(dataDir, ...path), signal)
  const repos = new Map<string, RepoUse>()
  const useOf = (team: string, repo: string): RepoUse => {
    const key = `${team}/${repo}`
    const use = repos.get(key) ?? { team, repo, mirrorBytes: 0, preparedBytes: 0, cacheBytes: 0 }
    repos.set(key, use)
    return use
  }
  for (const team of await namesIn(join(dataDir, "mirrors")))
    for (const name of await namesIn(join(dataDir, "mirrors", team))) {
      const repo = /^(.+)\.git$/.exec(name)?.[1]
      if (repo !== undefined) useOf(team, repo).mirrorBytes = await size("mirrors", team, name)
    }
  for (const team of await namesIn(join(dataDir, "prepared")))
    for (const repo of await namesIn(join(dataDir, "prepared", team))) {
      if (repo.includes(".gone-")) continue
      const use = useOf(team, repo)
      use.cacheBytes = await size("prepared", team, repo, "cache")
      use.preparedBytes = (await size("prepared", team, repo)) - use.cacheBytes
    }
  const { owned, ready } = await roomsIn(dataDir)
  for (const { team, repo, folder } of ready) useOf(team, repo).preparedBytes += await sizeOf(folder, signal)
  const workspaces = new Map<string, number>()
  for (const { task, folder } of owned)
    workspaces.set(task, (workspaces.get(task) ?? 0) + (await sizeOf(folder, signal)))
  return {
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    repos: [...repos.values()],
    workspaces: [...workspaces].map(([task, bytes]) => ({ task, bytes })),
  }
}

/** The tasks that have a workspace in a data folder now. */
export const tasksWithWorkspaces = async (dataDir: string): Promise<string[]> => [
  ...new Set((await roomsIn(dataDir)).owned.map(({ task }) => task)),
]

type OwnedRoom = { task: string; folder: string }
type ReadyRoom = { team: string; repo: string; folder: string }

/** In the folder of a room that stood ready: which task has it now. */
export const taskFile = "task"

/** The rooms of all workers. A room's folder is named by its task and a number, or by its repo, below `ready/<team>`. */
const roomsIn = async (dataDir: string): Promise<{ owned: OwnedRoom[]; ready: ReadyRoom[] }> => {
  const all = join(dataDir, "workspaces")
  const owned: OwnedRoom[] = []
  const ready: ReadyRoom[] = []
  for (const worker of await namesIn(all)) {
    for (const name of await namesIn(join(all, worker))) {
      const task = /^(task_[0-9a-z]{26})-\d+$/.exec(name)?.[1]
      if (task !== undefined) owned.push({ task, folder: join(all, worker, name) })
    }
    for (const team of await namesIn(join(all, worker, "ready")))
      for (const name of await namesIn(join(all, worker, "ready", team))) {
        const folder = join(all, worker, "ready", team, name)
        const task = await readFile(join(folder, taskFile), "utf8").catch(() => null)
        if (task === null) ready.push({ team, repo: name.replace(/-\d+$/, ""), folder })
        else owned.push({ task, folder })
      }
  }
  return { owned, ready }
}

const namesIn = async (folder: string): Promise<string[]> => {
  const names: string[] = []
  try {
    for await (const entry of await opendir(folder)) if (entry.isDirectory()) names.push(entry.name)
  } catch {
    return [] // not there, or just taken away
  }
  return names.toSorted()
}

/** The blocks of a folder and all below it; a file with many names counts once, and no link is followed. */
const sizeOf = async (folder: string, signal: AbortSignal): Promise<number> => {
  const seen = new Set<string>()
  const folders = [folder]
  let bytes = 0
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    signal.throwIfAborted()
    try {
      for await (const entry of await opendir(next)) {
        const path = join(next, entry.name)
        if (entry.isDirectory()) folders.push(path)
        const { blocks, nlink, dev, ino } = await lstat(path)
        const isOther = nlink > 1 && !entry.isDirectory()
        if (isOther && seen.has(`${dev}:${ino}`)) continue
        if (isOther) seen.add(`${dev}:${ino}`)
        bytes += blocks * 512
      }
    } catch (error) {
      signal.throwIfAborted()
      // It goes while we look; anything else is a bug of the disk's that its owner will see.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    }
  }
  return bytes
}
