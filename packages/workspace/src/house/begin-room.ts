import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { orAborted } from "@twolane/common"
import type { Mirror } from "../git/mirror.ts"
import { listTags, tagsMark } from "../git/tags.ts"
import { addWorktree, listWorktrees, moveWorktree, releaseWorktree, type Worktree } from "../git/worktree.ts"
import { type IdleKeeper, startIdleKeeper } from "../keeper/client.ts"
import type { Ground } from "./ground.ts"

/**
 * A room before it is furnished: its checkout, and its keeper's process, which was told of no room. Nothing has run in it. Disposing it
 * takes both away.
 */
export type BegunRoom = AsyncDisposable & {
  owner: string
  /** A folder of ours that no jail sees. */
  folder: string
  keeper: Promise<IdleKeeper>
  /** The tags that its commands will see: those that the mirror has now. */
  tags(): Promise<Record<string, string>>
  /** Its checkout, once it is there, taken on to a commit. */
  at(commit: string, signal: AbortSignal): Promise<Worktree>
  /** Whether nothing has happened to it so far. */
  isSound(): boolean
}

/** Where the room's cell lies in its folder. */
export const cellOf = (folder: string): string => join(folder, "cell")

let begun = 0

/** Whose room it is, a task or a repo, and where it begins. */
export type RoomWish = { owner: string; mirror: Mirror; commit: string }

/** Begins a room at a commit, in a folder named by its owner; what fails is told to whoever furnishes it. */
export const beginRoom = (ground: Omit<Ground, "ready">, { owner, mirror, commit }: RoomWish): BegunRoom => {
  begun += 1
  const folder = join(ground.folder, `${owner}-${begun}`)
  const stop = new AbortController()
  const path = join(folder, "tree")
  const checkout = mkdir(folder, { recursive: true, mode: 0o700 }).then(() =>
    addWorktree(mirror, { path, commit, checkout: true }, stop.signal),
  )
  const { sandbox, etc, limits } = ground
  const keeper = startIdleKeeper({ sandbox, etc, limits, cell: cellOf(folder) })
  const tags = keepTags(mirror, stop.signal)
  let tree = checkout
  let hasFailed = false
  let isLost = () => false
  const onFailed = () => {
    hasFailed = true
  }
  for (const each of [checkout, tags()]) each.catch(onFailed)
  keeper.then(idle => {
    isLost = () => idle.lost()
  }, onFailed)
  return {
    owner,
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
      // Out of the way at once; where that fails, with its removal.
      const released = await release(mirror, made, path).catch(() => null)
      ground.removals.add(async () => {
        const { removed } = released ?? (await release(mirror, made, path))
        await removed
        await rm(folder, { recursive: true, force: true })
      })
    },
  }
}

/** Lists the tags at once, and again when they have changed since. */
const keepTags = (mirror: Mirror, signal: AbortSignal): BegunRoom["tags"] => {
  const list = async () => ({ mark: await tagsMark(mirror), tags: await listTags(mirror, signal) })
  let listed = list()
  listed.catch(() => undefined) // it is asked for
  return async () => {
    if ((await listed).mark !== (await tagsMark(mirror))) listed = list()
    return (await listed).tags
  }
}

/** One that failed may be registered all the same: the disk that broke it kept it from being taken back, too. */
const release = async (
  mirror: Mirror,
  made: Worktree | null,
  path: string,
): Promise<{ removed: Promise<void> }> => {
  const worktree = made ?? (await listWorktrees(mirror)).find(each => each.path === path)
  return worktree === undefined ? { removed: Promise.resolve() } : releaseWorktree(mirror, worktree)
}
