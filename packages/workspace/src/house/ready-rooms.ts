import { defaultDiskFloor, diskProblem, diskSpace } from "../git/disk.ts"
import { defaultBranchOf, fetchMirror } from "../git/fetch.ts"
import type { Mirror } from "../git/mirror.ts"
import { branchTip } from "../git/resolve.ts"
import type { BegunRoom, RoomWish } from "./begin-room.ts"
import type { Ground } from "./ground.ts"

/**
 * Rooms that stand ready for the next tasks of the repos that are used: checked out at the newest commit of the default branch, their keepers
 * started. Nothing has run in them, and each is given away once. Disposing it takes away those that are left.
 */
export type ReadyRooms = AsyncDisposable & {
  /** Gives one to whoever disposes it; null where none is to be had. It may still be in the making, or at another commit. */
  take(mirror: Mirror): BegunRoom | null
  /** Says that a repo is used: rooms are made for it, once nobody has asked for one for a moment. */
  want(mirror: Mirror): void
  /** Takes a repo's rooms away, until it is used again. */
  release(repo: { team: string; repo: string }): void
}

/** How many there may be, for a repo and in all; none are made with 0, or with less than `floor` free. */
export type ReadyLimits = {
  perRepo: number
  inAll: number
  floor?: { bytes: number; files: number }
  freshenEveryMs?: number
}

type Shelf = { mirror: Mirror; rooms: BegunRoom[]; usedAt: number }

/** A turn that has just begun is left alone with the machine for so long. */
const restMs = 500
/** How often rooms are taken on to the newest commit, which is fetched for them. */
const freshenMs = 60_000
/** Those of a repo that nobody has used for so long go. */
const unusedMs = 3_600_000

/** No room yet. The repos that were used last have theirs; a disk that is nearly full gets back those that there are. */
export const keepReadyRooms = (
  ground: Pick<Ground, "dataDir" | "removals">,
  begin: (wish: RoomWish) => BegunRoom,
  { floor = defaultDiskFloor, freshenEveryMs = freshenMs, ...limits }: ReadyLimits,
): ReadyRooms => {
  /** By mirror; the one that was used last stands last. */
  const shelves = new Map<string, Shelf>()
  const closing = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> = Promise.resolve()

  const remove = (rooms: readonly BegunRoom[]) => {
    for (const room of rooms) ground.removals.add(() => room[Symbol.asyncDispose]())
  }
  const removeBroken = ({ rooms }: Shelf) => remove(takeOut(rooms, room => !room.isSound()))
  const count = () => [...shelves.values()].reduce((sum, { rooms }) => sum + rooms.length, 0)
  /** Takes a room from the repo that was used longest ago; false where none was used before this one. */
  const takeFromOlder = (than: Shelf): boolean => {
    for (const shelf of shelves.values()) {
      if (shelf === than) return false
      const rooms = shelf.rooms.splice(0, 1)
      remove(rooms)
      if (rooms.length > 0) return true
    }
    return false
  }
  const fillOne = async (shelf: Shelf): Promise<boolean> => {
    removeBroken(shelf)
    if (closing.signal.aborted || shelf.rooms.length >= limits.perRepo) return false
    if (count() >= limits.inAll && !takeFromOlder(shelf)) return false
    if (await isShort()) return false
    const { mirror } = shelf
    const commit = await newestOf(mirror, closing.signal)
    if (commit === null || closing.signal.aborted) return false
    const room = begin({ owner: `ready/${mirror.team}/${mirror.repo}`, mirror, commit })
    shelf.rooms.push(room)
    await Promise.allSettled([room.at(commit, closing.signal), room.keeper])
    return room.isSound()
  }
  /** One after another, those of the repo that was used last first: they must not keep turns from the machine. */
  const fill = async (): Promise<void> => {
    for (const shelf of [...shelves.values()].toReversed())
      while (await fillOne(shelf).catch(() => false)) {
        // One more.
      }
  }
  const isShort = async () => diskProblem(await diskSpace(ground.dataDir), floor) !== null
  const releaseOf = (dir: string, { rooms }: Shelf) => {
    shelves.delete(dir)
    remove(rooms.splice(0))
  }
  const freshen = async (): Promise<void> => {
    const short = await isShort()
    for (const [dir, shelf] of shelves) {
      if (short || performance.now() - shelf.usedAt > unusedMs) releaseOf(dir, shelf)
      if (shelf.rooms.length > 0) await freshenOne(shelf).catch(() => undefined)
      removeBroken(shelf)
    }
  }
  const freshenOne = async ({ mirror, rooms }: Shelf): Promise<void> => {
    await fetchMirror(mirror, Date.now() - freshenEveryMs, closing.signal)
    const commit = await newestOf(mirror, closing.signal)
    if (commit !== null) await Promise.all(rooms.map(room => room.at(commit, closing.signal)))
  }
  // What cannot be made ready, or made newer, is made when it is needed; whoever needs it hears why not.
  const work = (job: () => Promise<void>) => {
    working = working.then(job).catch(() => undefined)
  }
  const fillSoon = () => {
    clearTimeout(timer)
    if (closing.signal.aborted) return
    timer = setTimeout(() => work(fill), restMs)
    timer.unref()
  }
  const freshening = setInterval(() => work(freshen), freshenEveryMs)
  freshening.unref()
  return {
    take: mirror => {
      const shelf = shelves.get(mirror.dir)
      if (shelf === undefined) return null
      removeBroken(shelf)
      const room = shelf.rooms.shift() ?? null
      if (room !== null) fillSoon()
      return room
    },
    want: mirror => {
      if (limits.perRepo === 0 || closing.signal.aborted) return
      const shelf = shelves.get(mirror.dir) ?? { mirror, rooms: [], usedAt: 0 }
      shelves.delete(mirror.dir)
      shelves.set(mirror.dir, Object.assign(shelf, { mirror, usedAt: performance.now() }))
      fillSoon()
    },
    // Behind a room that is just being made: else it would come when its shelf is gone.
    release: ({ team, repo }) =>
      work(async () => {
        for (const [dir, shelf] of shelves)
          if (shelf.mirror.team === team && shelf.mirror.repo === repo) releaseOf(dir, shelf)
      }),
    [Symbol.asyncDispose]: async () => {
      closing.abort({ by: "shutdown" })
      clearTimeout(timer)
      clearInterval(freshening)
      await working
      for (const { rooms } of shelves.values()) remove(rooms.splice(0))
    },
  }
}

const newestOf = async (mirror: Mirror, signal: AbortSignal): Promise<string | null> =>
  branchTip(mirror, await defaultBranchOf(mirror), signal)

/** Takes out of a list what is meant, and answers it. */
const takeOut = <Thing>(list: Thing[], isMeant: (thing: Thing) => boolean): Thing[] => {
  const out = list.filter(isMeant)
  list.splice(0, list.length, ...list.filter(thing => !out.includes(thing)))
  return out
}
