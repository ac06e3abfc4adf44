/** What one repo takes in a data folder. */
export type RepoReport = {
  team: string
  repo: string
  mirrorBytes: number
  preparedBytes: number
  cacheBytes: number
  /** When it was last tidied there, and why something was left. */
  reclaimedAt?: number
  kept?: string
}

/** What a process says of a data folder of its machine. */
export type DiskReport = {
  /** Names the folder among all machines'. */
  folder: string
  host: string
  at: number
  freeBytes: number
  totalBytes: number
  repos: RepoReport[]
  workspaces: { task: string; bytes: number }[]
}

/** A wish that a repo's folders be tidied everywhere. */
export type DiskWish = { team: string; repo: string; at: number }

/** What machines say of their disks, and what is wished of them. */
export type DiskStore = {
  /** Whether this process is the one that looks after a folder, for so long from now. */
  hold(folder: string, holder: string, lifeMs: number): Promise<boolean>
  report(report: DiskReport): Promise<void>
  /** Of the last hour. */
  reports(): Promise<DiskReport[]>
  /** Answers when it was wished, by Redis' clock. */
  wish(team: string, repo: string): Promise<number>
  /** Of the last day. */
  wishes(): Promise<DiskWish[]>
}
