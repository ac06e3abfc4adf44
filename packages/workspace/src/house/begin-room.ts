import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { orAborted } from "@twolane/common"
import type { Mirror } from "../git/mirror.ts"
import { listTags } from "../git/resolve.ts"
import { addWorktree, moveWorktree, releaseWorktree, type Worktree } from "../git/worktree.ts"
import { type IdleKeeper, startIdleKeeper } from "../keeper/client.ts"
import { type Ground, keep } from "./ground.ts"

/**
 * A room before it is furnished: its checkout, and its keeper's process, which was told of no room. Nothing has run in it. Disposing it
 * takes both away.
 */
export type BegunRoom = AsyncDisposable & {
  /** A folder of ours that no jail sees. */
  folder: string
  keeper: Promise<IdleKeeper>
  /** The tags that its commands will see. */
  tags: Promise<Record<string, string>>
  /** Its checkout, once it is there, taken on to a commit. */
  at(commit: string, signal: AbortSignal): Promise<Worktree>
  /** Whether nothing has happened to it so far. */
  isSound(): boolean
}

/** Where the room's cell lies in its folder. */
export const cellOf = (folder: string): string => join(folder, "cell")

let begun = 0

/** Begins a room of a task at a commit; what fails is told to whoever furnishes it. */
export const beginRoom = (
  ground: Ground,
  { task, mirror, commit }: { task: string; mirror: Mirror; commit: string },
): BegunRoom => {
  begun += 1
  const folder = join(ground.folder, `${task}-${begun}`)
  const stop = new AbortController()
  const path = join(folder, "tree")
  const checkout = mkdir(folder, { recursive: true, mode: 0o700 }).then(() =>
    addWorktree(mirror, { path, commit, checkout: true }, stop.signal),
  )
  const { sandbox, etc, limits } = ground
  const keeper = startIdleKeeper({ sandbox, etc, limits, cell: cellOf(folder) })
  const tags = listTags(mirror, stop.signal)
  let tree = checkout
  let hasFailed = false
  let isLost = () => false
  const onFailed = () => {
    hasFailed = true
  }
  for (const each of [checkout, tags]) each.catch(onFailed)
  keeper.then(idle => {
    isLost = () => idle.lost()
  }, onFailed)
  return {
    folder,
    keeper,
    tags,
    at: (wanted, signal) => {
      tree = tree.then(found => moveWorktree(found, wanted, stop.signal))
      tree.catch(onFailed)
      return orAborted(tree, signal)
    },
    isSound: () => !hasFailed && !isLost(),
    [Symbol.asyncDispose]: async () => {
      stop.abort({ by: "superseded" })
      await (await keeper.catch(() => null))?.[Symbol.asyncDispose]()
      // No git may still write into what is taken away.
      await tree.catch(() => undefined)
      const made = await checkout.catch(() => null)
      const released = made === null ? null : await releaseWorktree(mirror, made)
      const gone = Promise.resolve(released?.removed)
      keep(
        ground.removals,
        gone.then(() => rm(folder, { recursive: true, force: true })),
      )
    },
  }
}
