/** When finished tasks leave Redis, and when they are deleted at last. */
export type ArchivePolicy = {
  /** So long after its last turn a task goes to the archive. */
  keepMs: number
  /** So long after its last turn an archived task is deleted; null: never. */
  dropMs: number | null
}

/** What one sweep did. `failed`: tasks that stay where they are, until the next one. */
export type Swept = { archived: number; bytes: number; dropped: number; failed: number }

/** A task that was deleted by policy. `mark`: whoever has seen to it goes on behind that, in its team. */
export type Dropped = { team: string; repo: string; task: string; mark: number }

/** What the rest of Twolane may do with the archive of finished tasks. Reads and writes of tasks go through the store as ever. */
export type ArchiveStore = {
  /**
   * Whether this process has the archive of this Redis, and not another folder of the same name: null, or why it does not. `make` gives
   * a Redis that has none this one; `look` changes nothing.
   */
  join: (how: "make" | "look") => Promise<string | null>
  /** Goes through all tasks once, for as long as `mayGoOn` says so. @throws Fault store-unavailable when the archive cannot be reached. */
  sweep: (policy: ArchivePolicy, mayGoOn: () => Promise<boolean>) => Promise<Swept>
  /** Tasks that were deleted by policy in the last 30 days, of each team behind a mark and oldest first; many come in pieces. */
  dropped: (after: ReadonlyMap<string, number>) => Promise<Dropped[]>
}
