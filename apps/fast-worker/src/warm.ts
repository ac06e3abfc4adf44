import type { Workspace } from "@twolane/agent"
import type { ModelSession } from "@twolane/agent/model/port"
import type { TaskState, TranscriptEntry } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { KnownRepo } from "@twolane/turns"

/** What a task's next turn finds ready: its workspace, and the session with its model. */
export type Kept = {
  /** It may still be being made; null when it could not be. */
  workspace: Promise<Workspace | null>
  session: ModelSession
  model: string
  /** The repo as its workspace stands on it. */
  repo: KnownRepo
  /** The task as its turn left it; the workspace's tree is at its checkpoint. */
  state: TaskState
  /** The Transcript that the session knows, as of `state`: its objects are given to it again, so that it sends news alone. */
  transcript: readonly TranscriptEntry[]
}

/** The tasks that are kept warm, for so long and so many. */
export type Warm = AsyncDisposable & {
  /**
   * A turn works on the task until this is disposed. `before` resolves when the turn before has put aside what it keeps: its end is told
   * earlier, and a follow-up may be there at once.
   */
  enter(task: string): Disposable & { before: Promise<void> }
  /** Takes what is kept of a task out; null when nothing is. */
  take(task: string): Kept | null
  put(task: string, kept: Kept): void
  /** A task as it was when it was kept, perhaps no more as it is; null when nothing is kept of it. */
  known(ref: TaskRef): TaskState | null
  tasks(): string[]
}

/** Keeps at most `most` tasks for `idleMs` each; the longest kept goes first. `onChange` hears when the list changed. */
export const keepWarm = (idleMs: number, most: number, onChange: () => void): Warm => {
  const all = new Map<string, { kept: Kept; timer: NodeJS.Timeout }>()
  const closing = new Set<Promise<void>>()
  const working = new Map<string, Promise<void>>()
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
    enter: task => {
      const before = working.get(task) ?? Promise.resolve()
      const { promise: left, resolve: leave } = Promise.withResolvers<void>()
      const last = before.then(() => left)
      working.set(task, last)
      return {
        before,
        [Symbol.dispose]: () => {
          leave()
          if (working.get(task) === last) working.delete(task)
        },
      }
    },
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
    known: ({ team, task }) => {
      const state = all.get(task)?.kept.state
      return state?.team === team ? state : null
    },
    tasks: () => [...all.keys()],
    [Symbol.asyncDispose]: async () => {
      for (const task of all.keys()) drop(task)
      await Promise.all(closing)
    },
  }
}

/** Lets go of what was kept. */
export const closeKept = async ({
  workspace,
  session,
}: Pick<Kept, "workspace" | "session">): Promise<void> => {
  const release = async () => (await workspace)?.[Symbol.asyncDispose]()
  await Promise.allSettled([session[Symbol.asyncDispose](), release()])
}
