import type { Workspace } from "@twolane/agent"
import type { ModelSession } from "@twolane/agent/model/port"
import type { TranscriptEntry } from "@twolane/protocol"

/** What a task's next turn finds ready: its workspace, and the session with its model. */
export type Kept = {
  workspace: Workspace
  session: ModelSession
  model: string
  /** The checkpoint that the workspace's tree is at; null is the base. */
  checkpoint: string | null
  /** The Transcript that the session knows: its objects are given to it again, so that it sends news alone. */
  transcript: readonly TranscriptEntry[]
}

/** The tasks that are kept warm, for so long and so many. */
export type Warm = AsyncDisposable & {
  /** Takes what is kept of a task out; null when nothing is. */
  take(task: string): Kept | null
  put(task: string, kept: Kept): void
  tasks(): string[]
}

/** Keeps at most `most` tasks for `idleMs` each; the longest kept goes first. `onChange` hears when the list changed. */
export const keepWarm = (idleMs: number, most: number, onChange: () => void): Warm => {
  const all = new Map<string, { kept: Kept; timer: NodeJS.Timeout }>()
  const closing = new Set<Promise<void>>()
  const take = (task: string): Kept | null => {
    const found = all.get(task)
    if (found === undefined) return null
    clearTimeout(found.timer)
    all.delete(task)
    return found.kept
  }
  const drop = (task: string) => {
    const kept = take(task)
    if (kept === null) return
    const closed = closeKept(kept).finally(() => closing.delete(closed))
    closing.add(closed)
  }
  return {
    take,
    put: (task, kept) => {
      const timer = setTimeout(() => {
        drop(task)
        onChange()
      }, idleMs)
      timer.unref()
      all.set(task, { kept, timer })
      const [oldest] = all.keys()
      if (all.size > most && oldest !== undefined) drop(oldest)
      onChange()
    },
    tasks: () => [...all.keys()],
    [Symbol.asyncDispose]: async () => {
      for (const task of all.keys()) drop(task)
      await Promise.all(closing)
    },
  }
}

/** Lets go of what was kept. */
export const closeKept = async ({ workspace, session }: Kept): Promise<void> => {
  await Promise.allSettled([session[Symbol.asyncDispose](), workspace[Symbol.asyncDispose]()])
}
